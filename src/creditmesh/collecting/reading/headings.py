"""Which heading is which field: names, labels and aliases; what is unknown is refused, not dropped."""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from creditmesh.catalogue.headers import ignored_by, normalise_header
from creditmesh.catalogue.model import FieldDefinition, Item, Kind
from creditmesh.collecting.reading.rows import UnreadableFile

OWN_PREFIX = "_"  # columns of our own refused-rows file, and of the sender's own bookkeeping
REASON_COLUMN = "_reason"
_MARKS = re.compile(r"[*＊]|\((?:必填|选填|required|optional)\)")
_UNIT = re.compile(r"^(.*?)\((元|万元|亿元|%|‰)\)$")


@dataclass(frozen=True)
class Column:
    """A field, the place of its column in the file, and the unit its heading names if it does."""

    field: FieldDefinition
    place: int


def columns(item: Item, headings: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of the file that are fields of the item, in the item's order.

    Raises `UnreadableFile` for headings that are unknown or repeated, for two columns of one field, and
    when the column of a required field, of the record key or of any subject is missing.
    """
    known = _known_names(item)
    dropped = ignored_by(item)
    found: dict[str, int] = {}
    units: dict[str, str] = {}
    unknown = []
    _refuse_repeated(headings)
    for place, heading in enumerate(headings):
        if heading.startswith(OWN_PREFIX) or normalise_header(heading) in dropped:
            continue
        name, unit = _looked_up(known, heading, item)
        if name is None:
            unknown.append(heading)
            continue
        if name in found:
            raise _two_columns(item.field(name), headings[found[name]], heading)
        found[name] = place
        units |= {name: unit} if unit else {}
    if unknown:
        raise _unknown(item, unknown, known)
    _refuse_missing(item, set(found))
    return tuple(
        Column(field.model_copy(update={"unit": units.get(field.name, field.unit)}), found[field.name])
        for field in item.fields
        if field.name in found
    )


def is_refused_file(headings: Sequence[str]) -> bool:
    """Return whether the file is one of our refused-rows files come back."""
    return REASON_COLUMN in headings


def plain(heading: str) -> str:
    """Return the heading in the one spelling in which headings are compared.

    >>> plain(" 行政相对人名称（必填）* "), plain("CF_Xdr_MC")
    ('行政相对人名称', 'cf_xdr_mc')
    """
    text = unicodedata.normalize("NFKC", heading).lower()
    return re.sub(r"\s+", "", _MARKS.sub("", text))


def _known_names(item: Item) -> dict[str, str]:
    """Return field names by every name they go by; a field's own name beats another's label or alias."""
    names: dict[str, str] = {}
    for spell in (
        lambda field: (field.name,),
        lambda field: (field.label.zh, field.label.en),
        lambda field: field.aliases,
    ):
        for field in item.fields:
            for name in spell(field):
                names.setdefault(plain(name), field.name)
    return names


def _looked_up(known: dict[str, str], heading: str, item: Item) -> tuple[str | None, str | None]:
    text = plain(heading)
    if text in known:
        return known[text], None
    with_unit = _UNIT.match(text)
    name = known.get(with_unit[1]) if with_unit else None
    if with_unit and name and item.field(name).kind in {Kind.MONEY, Kind.PERCENT}:
        return name, with_unit[2]
    return None, None


def _refuse_repeated(headings: Sequence[str]) -> None:
    repeated = sorted({one for one in headings if one and headings.count(one) > 1})
    if repeated:
        raise UnreadableFile(
            f"栏目名称重复：{'、'.join(repeated)}；每个栏目只能出现一次。",
            f"Headings are repeated: {', '.join(repeated)}; each may stand only once.",
            code="repeated-heading",
        )
    blank = [str(place) for place, one in enumerate(headings, start=1) if not one]
    if blank:
        raise UnreadableFile(
            f"第{'、'.join(blank)}列没有栏目名称；请补上名称或删除该列。",
            f"Column {', '.join(blank)} has no heading; name it or delete it.",
            code="blank-heading",
        )


def _two_columns(field: FieldDefinition, first: str, second: str) -> UnreadableFile:
    return UnreadableFile(
        f"“{first}”和“{second}”两栏都是“{field.label.zh}”；请只保留一栏。",
        f"Columns {first!r} and {second!r} are both {field.label.en!r}; keep one of them.",
        code="repeated-heading",
    )


def _unknown(item: Item, unknown: Sequence[str], known: dict[str, str]) -> UnreadableFile:
    hints_zh, hints_en = [], []
    for heading in unknown:
        near = difflib.get_close_matches(plain(heading), known, n=1, cutoff=0.5)
        label = item.field(known[near[0]]).label if near else None
        hints_zh.append(f"“{heading}”（是否为“{label.zh}”？）" if label else f"“{heading}”")
        hints_en.append(f"{heading!r} (did you mean {label.en!r}?)" if label else repr(heading))
    return UnreadableFile(
        f"信息项{item.code}没有这些栏目：{'、'.join(hints_zh)}；请改用模板中的名称，自用栏目请以下划线“_”开头。",
        f"Item {item.code} has no columns {', '.join(hints_en)}; use the names of the template, "
        "and start columns of your own with an underscore.",
        code="unknown-columns",
    )


def _refuse_missing(item: Item, found: set[str]) -> None:
    wanted = [field.name for field in item.fields if field.required or field.name in item.record_key]
    missing = [item.field(name) for name in wanted if name not in found]
    if missing:
        raise UnreadableFile(
            f"缺少必需的栏目：{'、'.join(one.label.zh for one in missing)}。",
            f"Columns that are needed are missing: {', '.join(one.label.en for one in missing)}.",
            code="missing-columns",
        )
    by = item.subject
    subject = [one for one in (by.code, by.name, by.registration_number, by.pseudonym) if one]
    if not found.intersection(subject):
        labels = [item.field(one).label for one in subject]
        raise UnreadableFile(
            f"没有说明主体的栏目，至少需要其一：{'、'.join(one.zh for one in labels)}。",
            f"No column says whom the rows are about; one of these is needed: {', '.join(one.en for one in labels)}.",
            code="missing-columns",
        )
