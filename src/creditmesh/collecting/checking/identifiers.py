"""The checks of codes: credit codes, registration numbers, regions, industries."""

import re
import unicodedata
from functools import lru_cache

from creditmesh.catalogue.model import Check, FieldDefinition
from creditmesh.collecting.checking.verdict import Verdict, Words, refused
from creditmesh.kernel import industries, regions, registration_number, uscc

_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_REGION = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}")
_REGISTRATION = re.compile(r"[0-9]{13}|[0-9]{15}")
MOST_NAMED = 2  # problems told of one code; the rest follows from them
_SPELLING = frozenset({"lower-case", "spaces"})


def uscc_code(field: FieldDefinition, value: str) -> Verdict:
    """Return a code in its one spelling.

    In warn mode a wrong check character is a warning, and so is an old registration number in place of
    the code (13 or 15 digits). Remarks on region and category are left out: real codes give rise to them,
    and nobody can act on them.
    """
    if _SCIENTIFIC.fullmatch(value):
        return _spoilt(field)
    code = uscc.normalise(value)
    problems = uscc.problems(value)
    warn = field.check is Check.WARN
    if warn and _REGISTRATION.fullmatch(code):
        return Verdict(code, warning=_old_number(code))
    broken = [one for one in problems if ("warn" if warn else "strict") in one.refused_in]
    explained = [one for one in problems if not one.refused_in and one.code.endswith("suspect")]
    if broken:
        return Verdict(refused=_words(field, broken[:MOST_NAMED] + explained))
    odd = [one for one in problems if one.refused_in or one.code in _SPELLING]
    return Verdict(code, warning=_words(field, odd) if odd else None)


def _words(field: FieldDefinition, problems: list[uscc.Problem]) -> Words:
    rule = "uscc-spelling" if problems[0].code in _SPELLING else f"uscc-{problems[0].code}"
    return Words(
        rule,
        f"“{field.label.zh}”：{''.join(one.zh for one in problems)}",
        f"{field.label.en!r}: {' '.join(one.en for one in problems)}",
    )


def _old_number(number: str) -> Words:
    if len(number) == 15 and not registration_number.is_valid(number):
        return Words(
            "registration-number-check",
            "填的是15位工商注册号，且校验位错误；请核对并改填统一社会信用代码。",
            "This is a 15-digit registration number with a wrong check digit; check it and state the credit code.",
        )
    return Words(
        "registration-number-for-code",
        f"填的是{len(number)}位旧注册号；请改填18位统一社会信用代码。",
        f"This is an old registration number of {len(number)} digits; state the 18-character credit code.",
    )


def _spoilt(field: FieldDefinition) -> Verdict:
    return refused(
        "scientific-notation",
        f"“{field.label.zh}”已被Excel变成科学计数法，后几位已丢失；请将该列设为文本格式后重新填写。",
        f"{field.label.en!r} was turned into scientific notation by Excel and lost its last digits; "
        "format the column as text and fill it in again.",
    )


def registration(field: FieldDefinition, value: str) -> Verdict:
    """Return a registration number of 15 digits; in warn mode a wrong one is kept with a warning."""
    if _SCIENTIFIC.fullmatch(value):
        return _spoilt(field)
    number = uscc.normalise(value)
    if registration_number.is_valid(number):
        return Verdict(number)
    shape = re.fullmatch("[0-9]{15}", number) is not None
    words = Words(
        "registration-number-check" if shape else "registration-number",
        f"“{field.label.zh}”{'的校验位错误' if shape else '应为15位数字'}，请核对。",
        f"{field.label.en!r} {'has a wrong check digit' if shape else 'must be 15 digits'}; check it.",
    )
    if field.check is Check.WARN:
        return Verdict(number, warning=words)
    return Verdict(refused=words)


def region(field: FieldDefinition, value: str) -> Verdict:
    """Return a region code of 6 digits, or 9 or 12 for towns and villages; 2 and 4 are filled up with zeros."""
    code = uscc.normalise(value)
    if _REGION.fullmatch(code):
        code = code.ljust(6, "0")
        if regions.is_known(code) or regions.is_known(code[:6]):
            return Verdict(code)
    words = Words(
        "region",
        f"“{field.label.zh}”不在行政区划代码表中；请填6位代码，如630100。",
        f"{field.label.en!r} is no region code; write six digits such as 630100.",
    )
    if field.check is Check.WARN and _REGION.fullmatch(code):
        return Verdict(code, warning=words)
    return Verdict(refused=words)


def industry(field: FieldDefinition, value: str) -> Verdict:
    """Return an industry code with its section letter; a name of the standard is understood too."""
    text = unicodedata.normalize("NFKC", value)
    found = industries.canonical(text) or industry_names().get(text)
    if found is None:
        return refused(
            "industry",
            f"“{field.label.zh}”不在《国民经济行业分类》（GB/T 4754-2017）中；请填代码，如C1391。",
            f"{field.label.en!r} is not in GB/T 4754-2017; write a code such as C1391.",
        )
    return Verdict(found)


@lru_cache(maxsize=1)
def industry_names() -> dict[str, str]:
    """Return the code of an industry by its name; where levels share a name, the widest."""
    names: dict[str, str] = {}
    for level in industries.LEVELS.values():
        for code in industries.codes(level):
            names.setdefault(industries.name(code) or code, code)
    return names
