"""The checks of texts that are words, numbers, amounts, shares, days, yes or no, or one of a list."""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from creditmesh.catalogue.model import FieldDefinition
from creditmesh.collecting.checking import dates
from creditmesh.collecting.checking.verdict import Verdict, Words, refused
from creditmesh.kernel import money

YES = ("是", "有", "真", "y", "yes", "true", "t", "1", "√", "1.0")
NO = ("否", "无", "假", "n", "no", "false", "f", "0", "×", "0.0")
# What a bare number of a share means, in basis points; '%' when the field does not say.
SHARES = {"%": 100, "％": 100, "百分比": 100, "‰": 10, "比例": 10_000, "ratio": 10_000, "1": 10_000, "bp": 1}
_WHOLE = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0*)?")
_DECIMAL = re.compile(r"([+-]?(?:[0-9]{1,12}(?:\.[0-9]*)?|\.[0-9]+))(%|‰)?")
_FLOATING = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,20})?(?:E[+-]?[0-9]{1,2})?", re.IGNORECASE)
# One fen in the unit of the column.
_FEN = {"元": Decimal("0.01"), "万元": Decimal("0.000001")}
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LARGEST = 2**63 - 1


def text(field: FieldDefinition, value: str) -> Verdict:
    """Return the text itself; NUL and other control characters are refused."""
    if _UNPRINTABLE.search(value):
        return refused(
            "control-character",
            f"“{field.label.zh}”含不可见的控制字符，请删除。",
            f"{field.label.en!r} holds invisible control characters; delete them.",
        )
    return Verdict(value)


def integer(field: FieldDefinition, value: str) -> Verdict:
    """Return a whole number; thousands commas, `.0` and the field's own unit are understood."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", value)).removesuffix(field.unit or "")
    if _WHOLE.fullmatch(plain):
        number = int(plain.replace(",", "").partition(".")[0])
        if abs(number) <= LARGEST:
            return Verdict(number)
    return refused(
        "integer",
        f"“{field.label.zh}”应为整数，请只填数字。",
        f"{field.label.en!r} must be a whole number; write digits only.",
    )


def amount(field: FieldDefinition, value: str) -> Verdict:
    """Return an amount in fen; a bare number is in the field's unit."""
    try:
        return Verdict(money.parse(value, unit=field.unit or "元"))
    except money.ForeignCurrency as error:
        return refused(
            "amount-currency",
            f"“{field.label.zh}”不是人民币（{error.money.currency}），请按当日汇率折算为人民币填报。",
            f"{field.label.en!r}: {error.sentence}",
        )
    except money.UnreadableAmount as error:
        return _exported(field, value) or refused(
            "amount",
            f"“{field.label.zh}”无法识别为金额；请填数字，如1,234.50或100万元。",
            f"{field.label.en!r}: {error.sentence}",
        )


def _exported(field: FieldDefinition, value: str) -> Verdict | None:
    """Read a number as programs write floating point: 1.325976586E7, 150.62236000000001.

    What lies within a thousandth of a fen of a whole number of fen is taken for it, with a warning.
    """
    unit = field.unit or "元"
    if _FLOATING.fullmatch(value) is None or unit not in _FEN:
        return None
    number = Decimal(value)
    rounded = number.quantize(_FEN[unit])
    if abs(number - rounded) * 1000 > _FEN[unit]:
        return None
    warning = Words(
        "amount-rounded",
        f"“{field.label.zh}”带有浮点误差，已四舍五入到分；请在导出时保留两位小数。",
        f"{field.label.en!r} carries floating-point noise and was rounded to the fen; export exact amounts.",
    )
    return Verdict(
        money.parse(format(rounded, "f"), unit=unit), warning=None if number == rounded else warning
    )


def percent(field: FieldDefinition, value: str) -> Verdict:
    """Return a share in basis points, rounded half up; a bare number is in the field's unit."""
    found = _DECIMAL.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", value)))
    if found is None:
        return refused(
            "percent",
            f"“{field.label.zh}”应为百分比，如12.5%。",
            f"{field.label.en!r} must be a percentage such as 12.5%.",
        )
    points = Decimal(found[1]) * SHARES[found[2] or field.unit or "%"]
    return Verdict(int(points.quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def day(field: FieldDefinition, value: str) -> Verdict:
    """Return a day."""
    found = dates.parse(value)
    if found is None:
        return refused(
            "date",
            f"“{field.label.zh}”不是有效日期；请写成2026-01-05。",
            f"{field.label.en!r} is no day of the calendar; write it like 2026-01-05.",
        )
    return Verdict(found)


def boolean(field: FieldDefinition, value: str) -> Verdict:
    """Return yes or no."""
    plain = unicodedata.normalize("NFKC", value).lower()
    if plain in YES or plain in NO:
        return Verdict(plain in YES)
    return refused(
        "boolean",
        f"“{field.label.zh}”应填“是”或“否”。",
        f"{field.label.en!r} must be yes or no (是 or 否).",
    )


def choice(field: FieldDefinition, value: str) -> Verdict:
    """Return the code of a choice, found by its code, its words or a spelling in the wild."""
    names = choices(field)
    found = names.get(value) or {plain(one): code for one, code in names.items()}.get(plain(value))
    if found is None:
        words = field.choices.values()
        return refused(
            "choice",
            f"“{field.label.zh}”应为其中之一：{'、'.join(one.zh for one in words)}。",
            f"{field.label.en!r} must be one of {', '.join(one.en for one in words)}.",
        )
    return Verdict(found)


def choices(field: FieldDefinition) -> dict[str, str]:
    """Return the code of a choice by every text that names it; a code itself beats words and aliases."""
    names: dict[str, str] = {code: code for code in field.choices}
    for code, words in field.choices.items():
        names.setdefault(words.zh, code)
        names.setdefault(words.en, code)
    for alias, code in field.choice_aliases.items():
        names.setdefault(alias, code)
    return names


def plain(value: str) -> str:
    """Return a text as choices are compared when they do not match letter by letter."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", value)).lower()
