"""What the operator does with an objection before it is decided, and what a department answers."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.rights.models import ClockPause, Objection
from creditmesh.apps.sharing.rights.operations import walking
from creditmesh.apps.sharing.rights.rules.clocks import Cause
from creditmesh.apps.sharing.rights.rules.objections import (
    LONGEST_TEXT,
    UNDECIDED,
    NoExtension,
    NoPause,
    Outcome,
    State,
    WrongStep,
    require_reason,
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a department says of a record of its own: in words, what it thinks right, and which values."""

    text: str
    proposed: Outcome | None = None
    values: dict[str, str] = field(default_factory=dict)


def check_oneself(uuid: UUID, *, by: Actor, at: datetime) -> None:
    """Take an objection up without asking the source. Raises `NotPermitted`, `UnknownObjection`, `WrongStep`."""
    by.demand(Permission.HANDLE_OBJECTIONS)
    with transaction.atomic():
        walking.step(walking.locked(uuid), to=State.OWN_CHECK, by=by.who(), at=at)


def forward(uuid: UUID, *, by: Actor, at: datetime, note: str = "") -> None:
    """Hand an objection on to the department that delivered the record. Raises as `check_oneself`."""
    by.demand(Permission.HANDLE_OBJECTIONS)
    with transaction.atomic():
        row = walking.locked(uuid)
        row.forwarded_at = at
        walking.step(row, to=State.FORWARDED, by=by.who(), at=at, note=note[:500])
        audit.announce(event="objection.forwarded", key=str(row.uuid), at=at)


def answer(uuid: UUID, *, said: Answer, by: Actor, at: datetime) -> None:
    """Answer what was forwarded to a source of one's own department; a later answer takes the place of an earlier.

    Raises `NotPermitted`, `UnknownObjection`, `ReasonMissing`, `WrongStep` when it waits for no answer.
    """
    by.demand(Permission.ANSWER_OBJECTIONS)
    text = require_reason(said.text)
    with transaction.atomic():
        row = walking.locked(uuid, sources=by.sources)
        if row.forwarded_at is None:
            raise walking.unknown()
        if row.state != State.FORWARDED:
            raise WrongStep("This objection waits for no answer of yours. Load the page again.")
        row.answer, row.answered_by, row.answered_at = text, by.label[:200], at
        row.proposed = said.proposed or ""
        row.proposed_values = {
            name: value.strip()[:LONGEST_TEXT] for name, value in said.values.items() if value.strip()
        }
        row.save()
        walking.tell(row, what="answered", by=by.who(), at=at, note=row.proposed)
        audit.announce(event="objection.answered", key=str(row.uuid), at=at)


def pause(uuid: UUID, *, cause: Cause, by: Actor, at: datetime) -> None:
    """Stop the clock, where the rules of the place exclude the cause. Raises `NoPause`, and as `check_oneself`."""
    by.demand(Permission.HANDLE_OBJECTIONS)
    with transaction.atomic():
        row = _undecided(uuid)
        if cause not in walking.regime_of(row).excluded:
            raise NoPause(
                f"The rules of this place do not stop the clock for '{cause}'. Ask for an extension."
            )
        if row.pauses.filter(ended=None).exists():
            raise NoPause("The clock stands still already.")
        ClockPause.objects.create(objection=row, cause=cause, began=timezone.localdate(at))
        _moved(row, what="paused", by=by, at=at, note=cause)


def resume(uuid: UUID, *, by: Actor, at: datetime) -> None:
    """Let the clock go on. Raises `NoPause` when it does, and as `check_oneself`."""
    by.demand(Permission.HANDLE_OBJECTIONS)
    with transaction.atomic():
        row = _undecided(uuid)
        if not row.pauses.filter(ended=None).update(ended=timezone.localdate(at)):
            raise NoPause("The clock is not standing still.")
        _moved(row, what="resumed", by=by, at=at)


def extend(uuid: UUID, *, why: str, by: Actor, at: datetime) -> None:
    """Move the last day, once, as far as the rules of the place let it, and say why.

    Raises `NoExtension`, `ReasonMissing`, and as `check_oneself`.
    """
    by.demand(Permission.HANDLE_OBJECTIONS)
    said = require_reason(why)
    with transaction.atomic():
        row = _undecided(uuid)
        if not may_extend(row, on=timezone.localdate(at)):
            raise NoExtension(
                "The rules of this place allow no extension, it was used, or the last day has passed. Decide now."
            )
        row.extended = True
        _moved(row, what="extended", by=by, at=at, note=said)


def may_extend(row: Objection, *, on: date) -> bool:
    """Return whether the last day of an objection can be moved: once, and not when it was missed already."""
    if row.extended or not walking.regime_of(row).may_extend:
        return False
    days = walking.days_of(row)
    last = days.own if row.forwarded_at is None else days.provider
    return last is None or on <= last


def _undecided(uuid: UUID) -> Objection:
    row = walking.locked(uuid)
    if row.state not in UNDECIDED:
        raise WrongStep("This objection is decided: its clock has ended. Load the page again.")
    return row


def _moved(row: Objection, *, what: str, by: Actor, at: datetime, note: str = "") -> None:
    row.due = walking.next_day(row)
    row.save()
    walking.tell(row, what=what, by=by.who(), at=at, note=note)
