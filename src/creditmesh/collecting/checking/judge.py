"""The checks of one text, field by field: the reference that the vectorised checks must agree with.

Only texts that the vectorised checks of `clean` do not take for clean come here, each distinct text once.
"""

from collections.abc import Callable
from datetime import date

from creditmesh.catalogue.model import Check, FieldDefinition, Kind
from creditmesh.collecting.checking import identifiers, scalars
from creditmesh.collecting.checking.verdict import Value, Verdict, refused
from creditmesh.kernel import money

SPACES = " \t\r\n\u3000\u00a0"
LONGEST_EXAMPLE = 40

READERS: dict[Kind, Callable[[FieldDefinition, str], Verdict]] = {
    Kind.TEXT: scalars.text,
    Kind.INTEGER: scalars.integer,
    Kind.MONEY: scalars.amount,
    Kind.PERCENT: scalars.percent,
    Kind.DATE: scalars.day,
    Kind.BOOLEAN: scalars.boolean,
    Kind.CHOICE: scalars.choice,
    Kind.USCC: identifiers.uscc_code,
    Kind.REGISTRATION_NUMBER: identifiers.registration,
    Kind.REGION: identifiers.region,
    Kind.INDUSTRY: identifiers.industry,
}
# With a warning these keep the text as delivered; other kinds are taken as not stated.
IDENTIFIERS = frozenset({Kind.USCC, Kind.REGISTRATION_NUMBER, Kind.REGION})


def judge(field: FieldDefinition, text: str | None, *, on: date) -> Verdict:
    """Return the typed value of a text, a warning that goes with it, or why it is refused.

    A field with `check: warn` takes what it cannot read as not stated and warns, unless it is required;
    identifiers then keep the text where it can be one. `on` is the day of delivery.
    """
    stripped = (text or "").strip(SPACES)
    if not stripped or stripped in field.empty_values:
        return _not_stated(field)
    verdict = _limited(field, READERS[field.kind](field, stripped), stripped, on)
    if (
        verdict.refused
        and field.check is Check.WARN
        and not field.required
        and not _too_long(field, stripped)
    ):
        return Verdict(warning=verdict.refused)
    return verdict


def _not_stated(field: FieldDefinition) -> Verdict:
    if not field.required:
        return Verdict()
    return refused(
        "required",
        f"“{field.label.zh}”为必填项，请补充。",
        f"{field.label.en!r} must be stated; fill it in.",
    )


def _too_long(field: FieldDefinition, text: str) -> bool:
    return len(text) > field.max_length


def _limited(field: FieldDefinition, verdict: Verdict, text: str, on: date) -> Verdict:
    if _too_long(field, text):
        return refused(
            "too-long",
            f"“{field.label.zh}”有{len(text)}个字符，最多{field.max_length}个；请缩短。",
            f"{field.label.en!r} has {len(text)} characters, {field.max_length} at most; shorten it.",
        )
    if isinstance(verdict.value, date):
        return _dated(field, verdict.value, on) or verdict
    if isinstance(verdict.value, int) and not isinstance(verdict.value, bool):
        return _bounded(field, verdict.value) or verdict
    return verdict


def _dated(field: FieldDefinition, value: date, on: date) -> Verdict | None:
    if field.earliest and value < field.earliest:
        return refused(
            "date-early",
            f"“{field.label.zh}”早于{field.earliest}，请核对年份。",
            f"{field.label.en!r} is before {field.earliest}; check the year.",
        )
    if field.not_in_future and value > on:
        return refused(
            "date-future",
            f"“{field.label.zh}”晚于报送日，请核对。",
            f"{field.label.en!r} is after the day of delivery; check it.",
        )
    return None


def _bounded(field: FieldDefinition, value: int) -> Verdict | None:
    low, high = field.minimum, field.maximum
    if (low is None or value >= low) and (high is None or value <= high):
        return None
    bounds_zh = f"{'' if low is None else shown(field, low)}～{'' if high is None else shown(field, high)}"
    return refused(
        "range",
        f"“{field.label.zh}”为{shown(field, value)}，应在{bounds_zh}之间；请核对数值和单位。",
        f"{field.label.en!r} is {shown(field, value)}, outside {bounds_zh}; check number and unit.",
    )


def shown(field: FieldDefinition, value: Value) -> str:
    """Return a stored value as a person writes it: yuan for fen, percent for basis points."""
    if field.kind is Kind.MONEY and isinstance(value, int):
        return money.format(value, language="zh-hans")
    if field.kind is Kind.PERCENT and isinstance(value, int):
        return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}%"
    return str(value)
