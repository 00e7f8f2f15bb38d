"""Take an objection one step further: the lock, the table of steps, the line of progress, the next day."""

from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing, Who
from creditmesh.apps.sharing.rights.models import ClockPause, Objection, Step
from creditmesh.apps.sharing.rights.rules import clocks
from creditmesh.apps.sharing.rights.rules.objections import State, due, require_step
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.workdays import Calendar


class UnknownObjection(CreditmeshError):
    """There is no such objection among those one may see."""

    code = "unknown-objection"


def locked(uuid: UUID, *, subject: str | None = None, sources: frozenset[str] | None = None) -> Objection:
    """Return an objection, locked until the transaction ends, among those of a subject or of sources.

    Raises `UnknownObjection`, the same for one that is not there and one that is not yours.
    """
    found = Objection.objects.select_for_update().filter(uuid=uuid)
    if subject is not None:
        found = found.filter(subject=subject)
    if sources is not None:
        found = found.filter(source__in=sources)
    row = found.order_by("id").first()
    if row is None or subject == "":
        raise unknown()
    return row


def unknown() -> UnknownObjection:
    """Return the refusal of an objection that is not there, or not for whoever asks."""
    return UnknownObjection("There is no such objection. Look it up in the list of objections.")


def regime_of(row: Objection) -> clocks.Regime:
    """Return the clock an objection goes by: that of its place on the day it was received."""
    return clocks.regime(pack=rule_packs.load(), place=row.place, on=timezone.localdate(row.received_at))


def days_of(row: Objection) -> clocks.Deadlines:
    """Return the last days of each step of an objection as they stand now."""
    pauses = tuple(
        clocks.Pause(began=one.began, ended=one.ended)
        for one in ClockPause.objects.filter(objection=row).order_by("began", "id")
    )
    course = clocks.Course(
        received=timezone.localdate(row.received_at),
        forwarded=None if row.forwarded_at is None else timezone.localdate(row.forwarded_at),
        extended=row.extended,
        pauses=pauses,
    )
    return clocks.deadlines(regime_of(row), course, calendar=Calendar.shipped())


def next_day(row: Objection) -> date | None:
    """Return the day that must be kept next."""
    review = None
    if row.review_asked_at is not None:
        asked = timezone.localdate(row.review_asked_at)
        review = clocks.ends(regime_of(row).review_decide, start=asked, calendar=Calendar.shipped())
    elif row.decided_at is not None:
        review = timezone.localdate(row.decided_at)
    return due(state=State(row.state), days=days_of(row), review=review).on


def step(row: Objection, *, to: State, by: Who, at: datetime, note: str = "") -> None:
    """Take the objection to a state and save it, with everything the caller changed. Raises `WrongStep`."""
    require_step(state=State(row.state), to=to)
    row.state = to
    row.due = next_day(row)
    row.save()
    tell(row, what=to, by=by, at=at, note=note)


def tell(row: Objection, *, what: str, by: Who, at: datetime, note: str = "") -> None:
    """Add a line to the progress of an objection and to the ledger."""
    Step.objects.create(objection=row, at=at, what=what, by=by.label[:200], note=note, due=row.due)
    audit.append(
        who=by,
        act=f"objection.{what}",
        thing=Thing("objection", str(row.uuid)),
        at=at,
        why=note[:500],
        subject=row.subject,
        details={"item": row.item, "outcome": row.outcome},
    )
