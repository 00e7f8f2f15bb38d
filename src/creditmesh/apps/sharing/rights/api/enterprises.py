"""An enterprise's rights by program: see what is held, object, follow the case, ask for a review, ask for repair."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.access import may
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.queries.items import item as item_of
from creditmesh.apps.sharing.disclosure.operations import own_record
from creditmesh.apps.sharing.disclosure.operations.own_record import OwnLine
from creditmesh.apps.sharing.disclosure.rules.bodies import reference
from creditmesh.apps.sharing.rights.models import Objection, Repair, Step
from creditmesh.apps.sharing.rights.operations import objecting, repairing
from creditmesh.apps.sharing.rights.queries import cases, held
from creditmesh.apps.sharing.rights.rules.objections import LONGEST_TEXT, Ground, State
from creditmesh.apps.sharing.rights.rules.repairs import State as RepairState
from creditmesh.catalogue.model import Mode

router = Router(tags=["own record"])
SEE = may(Permission.SEE_OWN_RECORD)
OBJECT = may(Permission.OBJECT)

ItemCode = Annotated[str, Field(min_length=1, max_length=60)]
Said = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class MarkOut(Schema):
    """What stands against a record: since when, and by which case."""

    kind: str
    since: datetime
    case: str


class SeenByOut(Schema):
    """Who received a record, by which inquiry, when and how."""

    inquiry: UUID
    institution: str
    at: datetime
    mode: Mode


class OwnRecordOut(Schema):
    """One record held: its values as a department would deliver them, and who received it, newest first."""

    record: str
    """The name under which answers and objections speak of it."""
    event_date: date | None
    source: str
    landed_at: datetime | None
    values: dict[str, str]
    mark: MarkOut | None
    modes: list[Mode]
    """In which it could leave today."""
    seen_by: list[SeenByOut]


class OwnItemOut(Schema):
    """All records of one item."""

    item: str
    records: list[OwnRecordOut]


class OwnRecordsOut(Schema):
    """Everything held on the enterprise, or all of the item asked for."""

    subject: str
    at: datetime
    items: list[OwnItemOut]


class OwnCaseLineOut(Schema):
    """A case of the enterprise in a list; `due` is the next day that must be kept."""

    kind: str
    uuid: UUID
    item: str
    state: str
    received_at: datetime
    due: date | None
    breached: bool
    is_open: bool
    outcome: str


class OwnCasesOut(Schema):
    """The objections, repairs and questions of an enterprise, newest first."""

    cases: list[OwnCaseLineOut]


class StepOut(Schema):
    """One step of an objection."""

    what: str
    at: datetime
    due: date | None
    why: str = ""
    """Why the last day was moved, where this is that step."""

    @staticmethod
    def resolve_why(step: Step) -> str:
        """Return what the operator told the enterprise; what it noted for others stays with it."""
        return step.note if step.what == "extended" else ""


class ToldOut(Schema):
    """Who had received the record and was told that it is stale."""

    institution: str
    at: datetime
    acknowledged_at: datetime | None


class OwnObjectionOut(Schema):
    """An objection: what was contested, where it stands, what was decided, and who was told."""

    uuid: UUID
    item: str
    record: str
    ground: Ground
    text: str
    held: dict[str, str]
    state: State
    received_at: datetime
    due: date | None
    breached: bool
    answer: str
    outcome: str
    reason: str
    decided_at: datetime | None
    review_until: date | None
    review_reason: str
    steps: list[StepOut]
    told: list[ToldOut]


class ObjectionIn(Schema):
    """Which record is wrong, by the name its item's list of one's own record gives it, and why."""

    model_config = ConfigDict(extra="forbid")

    item: ItemCode
    record: Annotated[str, Field(min_length=1, max_length=80)]
    ground: Ground
    text: Said


class ReviewIn(Schema):
    """Why one does not agree with a decision."""

    model_config = ConfigDict(extra="forbid")

    text: Said


class OwnRepairOut(Schema):
    """An application for repair: where it stands, and from which day it can be granted."""

    uuid: UUID
    item: str
    record: str
    state: RepairState
    received_at: datetime
    due: date | None
    seriousness: str
    shortest: date | None
    longest: date | None
    reason: str
    decided_at: datetime | None
    told: list[ToldOut]


class RepairIn(Schema):
    """Which record is to be shown and used no more, and the public commitment."""

    model_config = ConfigDict(extra="forbid")

    item: ItemCode
    record: Annotated[str, Field(min_length=1, max_length=80)]
    commitment: Said


@router.get("me/record", auth=SEE, response=OwnRecordsOut, summary="What is held on my enterprise")
def own(request: HttpRequest, item: Annotated[str, Query(max_length=60)] = "") -> dict[str, Any]:
    """Return everything held, or what is held of one item; that it was looked at is written to the ledger."""
    by, at = _actor(request), timezone.now()
    items = (item_of(code=item, catalogue=this_node().catalogue).code,) if item else ()
    seen = own_record.view(by, at, on=timezone.localdate(at), items=items)
    return {
        "subject": seen.subject,
        "at": seen.at,
        "items": [
            {"item": block.item.code, "records": [_record(block, line) for line in block.lines]}
            for block in seen.blocks
        ],
    }


@router.get("me/cases", auth=SEE, response=OwnCasesOut, summary="My enterprise's objections and repairs")
def listing(request: HttpRequest) -> dict[str, Any]:
    """Return every case of the enterprise, newest first."""
    return {"cases": cases.of_enterprise(_actor(request))}


@router.post("me/objections", auth=OBJECT, response={201: OwnObjectionOut}, summary="Object to a record")
def contest(request: HttpRequest, said: ObjectionIn) -> Status[dict[str, Any]]:
    """Contest a record: it is marked in the same moment, and the clock of the place runs."""
    complaint = objecting.Complaint(item=said.item, record=said.record, ground=said.ground, text=said.text)
    by = _actor(request)
    uuid = objecting.raise_objection(complaint=complaint, by=by, node=this_node(), at=timezone.now())
    return Status(201, _objection(uuid, by))


@router.get("me/objections/{uuid}", auth=SEE, response=OwnObjectionOut, summary="See one's objection")
def one(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Return where an objection stands, what was decided and who was told."""
    return _objection(uuid, _actor(request))


@router.post(
    "me/objections/{uuid}/take-back", auth=OBJECT, response=OwnObjectionOut, summary="Take an objection back"
)
def take_back(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """End an objection before it is decided."""
    objecting.take_back(uuid, by=_actor(request), at=timezone.now())
    return _objection(uuid, _actor(request))


@router.post(
    "me/objections/{uuid}/accept", auth=OBJECT, response=OwnObjectionOut, summary="Accept a decision"
)
def accept(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Close an objection because the decision is accepted."""
    objecting.accept(uuid, by=_actor(request), at=timezone.now())
    return _objection(uuid, _actor(request))


@router.post("me/objections/{uuid}/review", auth=OBJECT, response=OwnObjectionOut, summary="Ask for a review")
def review(request: HttpRequest, uuid: UUID, said: ReviewIn) -> dict[str, Any]:
    """Ask that another person than the one who decided looks at the decision."""
    objecting.request_review(uuid, text=said.text, by=_actor(request), at=timezone.now())
    return _objection(uuid, _actor(request))


@router.post("me/repairs", auth=OBJECT, response={201: OwnRepairOut}, summary="Ask for repair of a record")
def ask_repair(request: HttpRequest, said: RepairIn) -> Status[dict[str, Any]]:
    """Apply for repair; it is received before the shortest publicity is over, and waits for it."""
    wish = repairing.Application(item=said.item, record=said.record, commitment=said.commitment)
    by = _actor(request)
    uuid = repairing.apply_for(application=wish, by=by, node=this_node(), at=timezone.now())
    return Status(201, _repair(uuid, by))


@router.get("me/repairs/{uuid}", auth=SEE, response=OwnRepairOut, summary="See one's application for repair")
def one_repair(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Return where an application stands and who was told."""
    return _repair(uuid, _actor(request))


@router.post(
    "me/repairs/{uuid}/take-back", auth=OBJECT, response=OwnRepairOut, summary="Withdraw an application"
)
def take_repair_back(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Withdraw one's own application before it is decided."""
    repairing.take_back(uuid, by=_actor(request), at=timezone.now())
    return _repair(uuid, _actor(request))


def _record(block: own_record.OwnBlock, line: OwnLine) -> dict[str, Any]:
    told = {
        name: getattr(line, name)
        for name in ("event_date", "source", "landed_at", "mark", "modes", "seen_by")
    }
    return {**told, "record": line.ref, "values": held.as_delivered(block.item, dict(line.values))}


def _objection(uuid: UUID, by: Actor) -> dict[str, Any]:
    row = cases.objection(uuid, by=by)
    item = this_node().catalogue.items.get(row.item)
    return {
        **_columns(row, of=OwnObjectionOut),
        "record": reference(row.item, row.key),
        "held": held.as_delivered(item, row.held) if item else {},
        "review_until": objecting.last_day_for_review(row),
        "steps": cases.steps(row),
        "told": cases.followed(row.uuid).told,
    }


def _repair(uuid: UUID, by: Actor) -> dict[str, Any]:
    row = cases.repair(uuid, by=by)
    return {
        **_columns(row, of=OwnRepairOut),
        "record": reference(row.item, row.key),
        "told": cases.followed(row.uuid).told,
    }


def _columns(row: Objection | Repair, *, of: type[Schema]) -> dict[str, Any]:
    names = set(of.model_fields) & {one.name for one in row._meta.fields}
    return {name: getattr(row, name) for name in names}


def _actor(request: HttpRequest) -> Actor:
    return request.auth  # type: ignore[attr-defined,no-any-return]
