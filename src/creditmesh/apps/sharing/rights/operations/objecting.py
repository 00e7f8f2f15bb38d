"""What an enterprise does: contest a record, take it back, accept the decision, ask for a review."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Who
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.operations import marking
from creditmesh.apps.ground.records.rules import MarkKind, RecordRef
from creditmesh.apps.sharing.rights.models import Objection
from creditmesh.apps.sharing.rights.operations import walking
from creditmesh.apps.sharing.rights.queries import held
from creditmesh.apps.sharing.rights.rules import clocks
from creditmesh.apps.sharing.rights.rules.objections import Ground, State, require_reason, require_step
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.workdays import Calendar

PROGRAM = Who(label="worker", role="program")


class AlreadyContested(CreditmeshError):
    """The record is contested already and not decided."""

    code = "already-contested"


class TooLate(CreditmeshError):
    """The days to ask for a review have passed."""

    code = "too-late"


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """What an enterprise says of a record: which one (by item and the name answers give it), what is wrong, and why."""

    item: str
    record: str
    ground: Ground
    text: str


def raise_objection(*, complaint: Complaint, by: Actor, node: ThisNode, at: datetime) -> UUID:
    """Receive an objection to a record of one's own enterprise and mark the record in the same act.

    Everybody the record is shown to sees the mark from now on; where the rules of the place say so it is not
    shown at all meanwhile. Raises `NotPermitted`, `UnknownRecord`, `ReasonMissing`, `AlreadyContested`.
    """
    by.demand(Permission.OBJECT)
    text = require_reason(complaint.text)
    record = held.find(subject=by.subject, item=complaint.item, name=complaint.record, node=node)
    clock = clocks.regime(pack=rule_packs.load(), place=node.region, on=timezone.localdate(at))
    row = Objection(
        uuid=uuid4(),
        subject=by.subject,
        item=record.ref.item,
        key=record.ref.key,
        source=record.source,
        held=record.values,
        ground=complaint.ground,
        text=text,
        raised_by=by.label[:200],
        raised_by_id=by.user_id,
        place=node.region,
        pack=clock.pack,
        state=State.RECEIVED,
        received_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            row.due = walking.next_day(row)
            walking.tell(row, what=State.RECEIVED, by=by.who(), at=at, note=complaint.ground)
            _mark(row, suspends=clock.suspends, at=at)
            walking.step(row, to=State.MARKED, by=PROGRAM, at=at)
            audit.announce(event="objection.received", key=str(row.uuid), at=at)
    except IntegrityError as error:
        raise AlreadyContested(
            "This record is contested already: follow that objection, or wait until it is decided."
        ) from error
    return row.uuid


def take_back(uuid: UUID, *, by: Actor, at: datetime) -> None:
    """End one's own objection before it is decided. Raises `NotPermitted`, `UnknownObjection`, `WrongStep`."""
    by.demand(Permission.OBJECT)
    with transaction.atomic():
        row = walking.locked(uuid, subject=by.subject)
        row.closed_at = at
        walking.step(row, to=State.CLOSED, by=by.who(), at=at, note="taken back")
        marking.lift(record=ref(row), case=case_of(row), by=by.who(), at=at, why="taken back")


def accept(uuid: UUID, *, by: Actor, at: datetime) -> None:
    """Close one's own objection because the decision is accepted. Raises as `take_back`."""
    by.demand(Permission.OBJECT)
    with transaction.atomic():
        row = walking.locked(uuid, subject=by.subject)
        if row.decided_at is None:
            require_step(state=State(row.state), to=State.NOTIFIED)
        row.closed_at = at
        walking.step(row, to=State.CLOSED, by=by.who(), at=at, note="accepted")


def request_review(uuid: UUID, *, text: str, by: Actor, at: datetime) -> None:
    """Ask that another person looks at a decision on one's own objection.

    Raises `NotPermitted`, `UnknownObjection`, `WrongStep`, `ReasonMissing`, `TooLate`.
    """
    by.demand(Permission.OBJECT)
    said = require_reason(text)
    with transaction.atomic():
        row = walking.locked(uuid, subject=by.subject)
        require_step(state=State(row.state), to=State.REVIEW_REQUESTED)
        last = last_day_for_review(row)
        if last is not None and timezone.localdate(at) > last:
            raise TooLate(
                f"A review could be asked for until {last}. Raise a new objection with new evidence."
            )
        row.review_text, row.review_asked_at = said, at
        walking.step(row, to=State.REVIEW_REQUESTED, by=by.who(), at=at, note=said[:200])
        audit.announce(event="objection.received", key=str(row.uuid), at=at)


def last_day_for_review(row: Objection) -> date | None:
    """Return until when a review can be asked for; None before the enterprise was told."""
    if row.notified_at is None:
        return None
    start = timezone.localdate(row.notified_at)
    return clocks.ends(walking.regime_of(row).review_ask, start=start, calendar=Calendar.shipped())


def ref(row: Objection) -> RecordRef:
    """Return the record an objection is about."""
    return RecordRef(subject=row.subject, item=row.item, key=row.key)


def case_of(row: Objection) -> str:
    """Return what marks of this objection are filed under."""
    return f"objection/{row.uuid}"


def _mark(row: Objection, *, suspends: bool, at: datetime) -> None:
    kind = MarkKind.SUSPENDED if suspends else MarkKind.DISPUTED
    marking.mark(record=ref(row), kind=kind, case=case_of(row), by=PROGRAM, at=at, why=row.ground)
