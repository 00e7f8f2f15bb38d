"""Hand out lists of inquiries as CSV: for the overseer with a reason, for an institution to fill in."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from creditmesh.apps.evaluation.grading.rules import plain_cell
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.oversight.queries import counting, lines
from creditmesh.apps.sharing.oversight.queries.lines import Line
from creditmesh.apps.sharing.oversight.rules import Thresholds
from creditmesh.kernel.errors import CreditmeshError

_BOM = "\ufeff"  # without it Excel reads UTF-8 as the machine's own encoding
TO_FILL_IN = ("inquiry", "outcome", "reference", "asked_at", "due", "subject", "purpose", "mode", "person")
TO_LOOK_AT = (
    "institution",
    "inquiry",
    "asked_at",
    "due",
    "person",
    "program",
    "subject",
    "purpose",
    "mode",
    "outcome",
    "reference",
)


class WhyMissing(CreditmeshError):
    """A list was to be taken along without a reason."""

    code = "why-missing"


def to_fill_in(*, by: Actor, limits: Thresholds, at: datetime) -> str:
    """Return the inquiries of the actor's institution that wait for an outcome, to fill in and send back."""
    by.demand(Permission.DECLARE_OUTCOMES)
    since = counting.start(by.organisation, limits=limits, at=at)
    page = lines.waiting(by.organisation, limits=limits, since=since, at=at, limit=5_000)
    return _csv(
        TO_FILL_IN,
        (
            (one.uuid, "", "", one.at, one.due, one.subject, one.purpose, one.mode, one.person)
            for one in page.lines
        ),
    )


def nothing_behind(institution: str, *, by: Actor, why: str, limits: Thresholds, at: datetime) -> str:
    """Return an institution's inquiries with nothing behind them; who took them and why is written down.

    Raises `NotPermitted`, `WhyMissing`.
    """
    by.demand(Permission.SEE_OVERSIGHT)
    if not why.strip():
        raise WhyMissing("Say what the list is for: the ledger keeps the reason.")
    since = counting.start(institution, limits=limits, at=at)
    page = lines.nothing_behind(institution, limits=limits, since=since, at=at, limit=lines.MOST_EXPORTED)
    audit.append(
        who=by.who(),
        act="oversight.export",
        thing=Thing("institution", institution),
        at=at,
        why=why.strip()[:500],
        details={"lines": len(page.lines)},
    )
    return _csv(TO_LOOK_AT, (_told(institution, one) for one in page.lines))


def _told(institution: str, one: Line) -> Sequence[object]:
    return (
        institution,
        one.uuid,
        one.at,
        one.due,
        one.person,
        one.client,
        one.subject,
        one.purpose,
        one.mode,
        one.kind or "",
        one.reference,
    )


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return _BOM + out.getvalue()


def _cell(value: object) -> str:
    text = value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
    return str(plain_cell(text))
