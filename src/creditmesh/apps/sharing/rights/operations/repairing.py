"""Credit repair: applied for, accepted, decided; a granted one stops sharing and use. Publicity ends by itself too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import WORKER, Thing, Who
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.operations import marking
from creditmesh.apps.ground.records.rules import MarkKind, RecordRef
from creditmesh.apps.sharing.rights.models import Repair
from creditmesh.apps.sharing.rights.operations import telling
from creditmesh.apps.sharing.rights.queries import held
from creditmesh.apps.sharing.rights.rules import clocks, repairs
from creditmesh.apps.sharing.rights.rules.objections import require_reason
from creditmesh.apps.sharing.rights.rules.repairs import Condition, State
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.workdays import Calendar

MOST_A_ROUND = 200


class AlreadyApplied(CreditmeshError):
    """An application for this record is not decided yet."""

    code = "already-applied"


class ConditionsUnmet(CreditmeshError):
    """A repair cannot be granted while a condition is not met."""

    code = "conditions-unmet"


class UnknownRepair(CreditmeshError):
    """There is no such application among those one may see."""

    code = "unknown-repair"


class WrongRepairStep(CreditmeshError):
    """An application cannot make this step from where it stands."""

    code = "wrong-step"


@dataclass(frozen=True, kw_only=True)
class Application:
    """What an enterprise asks for: which record (by item and the name answers give it), and its public commitment."""

    item: str
    record: str
    commitment: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was decided on an application: granted or not, what was found of duties and other laws, and why."""

    grant: bool
    duties_done: bool
    law_allows: bool  # no other law excludes the repair of such a record
    reason: str


def apply_for(*, application: Application, by: Actor, node: ThisNode, at: datetime) -> UUID:
    """Receive an application for the repair of a record of one's own enterprise.

    It is received even before the shortest publicity is reached: what is missing is told, and it waits.
    Raises `NotPermitted`, `UnknownRecord`, `NotRepairable`, `ReasonMissing`, `AlreadyApplied`.
    """
    by.demand(Permission.OBJECT)
    record = held.find(subject=by.subject, item=application.item, name=application.record, node=node)
    row = _row(record, node=node, at=at)
    row.commitment = require_reason(application.commitment)
    row.applied_by, row.applied_by_id = by.label[:200], by.user_id
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            _write_down(row, act="repair.apply", by=by.who(), at=at)
            audit.announce(event="repair.received", key=str(row.uuid), at=at)
    except IntegrityError as error:
        raise AlreadyApplied(
            "An application for this record is under way: follow that one in the list of your cases."
        ) from error
    return row.uuid


def take_back(uuid: UUID, *, by: Actor, at: datetime) -> None:
    """Withdraw one's own application. Raises `NotPermitted`, `UnknownRepair`, `WrongRepairStep`."""
    by.demand(Permission.OBJECT)
    with transaction.atomic():
        row = _locked(uuid, subject=by.subject)
        _step(row, to=State.WITHDRAWN)
        _write_down(row, act="repair.withdraw", by=by.who(), at=at)


def accept(uuid: UUID, *, by: Actor, at: datetime) -> None:
    """Accept an application for handling. Raises `NotPermitted`, `UnknownRepair`, `WrongRepairStep`."""
    by.demand(Permission.HANDLE_OBJECTIONS)
    with transaction.atomic():
        row = _locked(uuid)
        row.accepted_at = at
        _step(row, to=State.ACCEPTED)
        _write_down(row, act="repair.accept", by=by.who(), at=at)


def decide(uuid: UUID, *, verdict: Verdict, by: Actor, node: ThisNode, at: datetime) -> None:
    """Grant an application, whose conditions are checked once more, or refuse it with a reason.

    A granted repair stops sharing and use of the record at once; holders are told and evaluations made again by
    `finish`. Raises `NotPermitted`, `UnknownRepair`, `WrongRepairStep`, `ReasonMissing`, `ConditionsUnmet`.
    """
    by.demand(Permission.HANDLE_OBJECTIONS)
    said, grant = require_reason(verdict.reason), verdict.grant
    with transaction.atomic():
        row = _locked(uuid)
        row.duties_done = verdict.duties_done
        if grant:
            missing = unmet(row, law_allows=verdict.law_allows, on=timezone.localdate(at))
            if missing:
                raise ConditionsUnmet(
                    f"Not yet: {', '.join(missing)}. Refuse with the reason, or wait until every condition is met."
                )
        row.reason, row.decided_by, row.decided_by_id, row.decided_at = said, by.label[:200], by.user_id, at
        _step(row, to=State.GRANTED if grant else State.REFUSED)
        if grant:
            _stop(row, by=by.who(), node=node, at=at)
        # What the person confirmed stands in the ledger: no date tells it.
        confirmed = [name for name in ("duties_done", "law_allows") if getattr(verdict, name)]
        act = "repair.grant" if grant else "repair.refuse"
        _write_down(row, act=act, by=by.who(), at=at, confirmed=confirmed)
        audit.announce(event="repair.decided", key=str(row.uuid), at=at)


def finish(uuid: UUID, *, node: ThisNode, at: datetime) -> None:
    """After a granted repair: tell every holder, and evaluate again; safe to repeat."""
    row = Repair.objects.filter(uuid=uuid, state=State.GRANTED).order_by("id").first()
    if row is None:
        return
    telling.tell_holders(record=ref(row), case=row.uuid, kind="record.stopped", at=at)
    telling.evaluate_again(node=node, at=at)


def end_publicity(*, record: held.Held, node: ThisNode, at: datetime) -> UUID | None:
    """Stop sharing and use of a record whose publicity has ended by itself; None when it has not.

    That is: its own last day is past, or the longest publicity is and the source says the duties are done.
    """
    row = _row(record, node=node, at=at)
    publicity = _publicity(row, node=node, on=timezone.localdate(at))
    if not publicity.is_over(timezone.localdate(at), fulfilled=repairs.says_fulfilled(record.values)):
        return None
    with transaction.atomic():
        row.automatic, row.duties_done = True, True
        row.applied_by, row.decided_by, row.decided_at = WORKER.label, WORKER.label, at
        row.state, row.due, row.reason = State.GRANTED, None, "publicity-over"
        row.save(force_insert=True)
        _stop(row, by=WORKER, node=node, at=at)
        _write_down(row, act="repair.end_publicity", by=WORKER, at=at)
        audit.announce(event="repair.decided", key=str(row.uuid), at=at)
    return row.uuid


def unmet(row: Repair, *, law_allows: bool, on: date) -> tuple[Condition, ...]:
    """Return the conditions of an application that are not met on a day."""
    publicity = repairs.Publicity(
        seriousness=None, since=None, shortest=row.shortest, longest=row.longest, stated_end=None, rules=()
    )
    facts = repairs.Facts(
        publicity=publicity,
        duties_done=row.duties_done,
        committed=bool(row.commitment.strip()),
        excluded_by_law=not law_allows,
    )
    return repairs.unmet(facts, on=on)


def ref(row: Repair) -> RecordRef:
    """Return the record an application is about."""
    return RecordRef(subject=row.subject, item=row.item, key=row.key)


def _row(record: held.Held, *, node: ThisNode, at: datetime) -> Repair:
    """Return an application for a record, with the publicity and the clock of today's rules."""
    pack, today = rule_packs.load(), timezone.localdate(at)
    row = Repair(
        uuid=uuid4(),
        subject=record.ref.subject,
        item=record.ref.item,
        key=record.ref.key,
        source=record.source,
        held=record.values,
        place=node.region,
        pack=pack.version,
        state=State.RECEIVED,
        received_at=at,
    )
    publicity = repairs.publicity(
        record.values,
        item=node.catalogue.items[row.item],
        event_date=record.event_date,
        pack=pack,
        place=node.region,
        on=today,
    )
    row.seriousness = publicity.seriousness or ""
    row.shortest, row.longest = publicity.shortest, publicity.longest
    row.due = _due(row)
    return row


def _publicity(row: Repair, *, node: ThisNode, on: date) -> repairs.Publicity:
    found = held.now(ref(row), node=node)
    return repairs.publicity(
        row.held,
        item=node.catalogue.items[row.item],
        event_date=None if found is None else found.event_date,
        pack=rule_packs.load(),
        place=row.place,
        on=on,
    )


def _due(row: Repair) -> date | None:
    received = timezone.localdate(row.received_at)
    accept_in, decide_in = repairs.handling(pack=rule_packs.load(), place=row.place, on=received)
    calendar = Calendar.shipped()
    if row.state == State.RECEIVED:
        return clocks.ends(accept_in, start=received, calendar=calendar)
    if row.state == State.ACCEPTED and row.accepted_at is not None:
        return clocks.ends(decide_in, start=timezone.localdate(row.accepted_at), calendar=calendar)
    return None


def _stop(row: Repair, *, by: Who, node: ThisNode, at: datetime) -> None:
    case = f"repair/{row.uuid}"
    marking.mark(record=ref(row), kind=MarkKind.STOPPED, case=case, by=by, at=at, why="repaired")
    telling.want_evaluation(item=row.item, case=row.uuid, node=node, at=at)


def _step(row: Repair, *, to: State) -> None:
    if to not in repairs.TRANSITIONS[State(row.state)]:
        raise WrongRepairStep(f"An application that is {row.state} cannot become {to}. Load the page again.")
    row.state = to
    row.due = _due(row)
    row.save()


def _locked(uuid: UUID, *, subject: str | None = None) -> Repair:
    found = Repair.objects.select_for_update().filter(uuid=uuid)
    if subject is not None:
        found = found.filter(subject=subject)
    row = found.order_by("id").first()
    if row is None or subject == "":
        raise UnknownRepair("There is no such application. Look it up in the list of cases.")
    return row


def _write_down(row: Repair, *, act: str, by: Who, at: datetime, confirmed: Sequence[str] = ()) -> None:
    audit.append(
        who=by,
        act=act,
        thing=Thing("repair", str(row.uuid)),
        at=at,
        why=row.reason[:500],
        subject=row.subject,
        details={"item": row.item, "state": row.state, "confirmed": list(confirmed)},
    )
