"""What a result may say, and by when it is published, corrected, checked again."""

from dataclasses import dataclass
from datetime import date

from creditmesh.apps.evaluation.supervision.rules.codes import FollowUpKind, Found
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.workdays import Calendar


class BadResult(CreditmeshError):
    """A result that cannot be kept as it is stated."""

    code = "bad-inspection-result"


class TooFewOfficers(CreditmeshError):
    """Fewer officers than the law asks for."""

    code = "too-few-officers"


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What inspectors say they found about one item."""

    item: str
    code: Found
    inspected_on: date
    findings: str = ""
    rectify_by: date | None = None


LONGEST = 2000  # characters of findings, as item PEN-02 takes them


def require_result(stated: Stated, *, items: tuple[str, ...], drawn_on: date, today: date) -> None:
    """Refuse with `BadResult` another item, a day before the draw or to come, a finding without words.

    A code that orders correction needs a last day, no other code has one.
    """
    if stated.item not in items:
        raise BadResult(f"'{stated.item}' is no item of this task: {', '.join(items)}.")
    if not drawn_on <= stated.inspected_on <= today:
        raise BadResult(f"The day of the inspection must lie from {drawn_on}, the draw, to today, {today}.")
    if stated.code is not Found.NOTHING and not stated.findings.strip():
        raise BadResult("Say what was found: every code but 1 needs words.")
    if len(stated.findings) > LONGEST:
        raise BadResult(f"The findings are longer than {LONGEST} characters; attach the record instead.")
    if (stated.code is Found.ORDERED_TO_CORRECT) != (stated.rectify_by is not None):
        raise BadResult("State the last day of correction with code 5, and only there.")
    if stated.rectify_by is not None and stated.rectify_by < stated.inspected_on:
        raise BadResult("The last day of correction lies before the inspection.")


def require_officers(*, officers: int, least: int) -> None:
    """Refuse with `TooFewOfficers` a visit of fewer officers than the law asks for."""
    if officers < least:
        raise TooFewOfficers(f"The team has {officers} officers and needs {least}: find a whole team first.")


def disclose_by(*, inspected_on: date, days: int) -> date:
    """Return the last day of publication: so many working days after the inspection."""
    return Calendar.shipped().add(inspected_on, days)


def follow_up_due(
    *, kind: FollowUpKind, stated: date | None, special_equipment: bool, inspected_on: date, recheck_days: int
) -> date | None:
    """Return by when a follow-up is due; correction of special equipment is checked within days of its own.

    Source: 特种设备安全监督检查办法: re-check within 10 working days of the end of correction.
    """
    if kind is FollowUpKind.RECTIFICATION and special_equipment:
        return Calendar.shipped().add(stated or inspected_on, recheck_days)
    return stated
