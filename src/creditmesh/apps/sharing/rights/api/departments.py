"""Departments by API: objections that were forwarded to them, and news about what they were given for their duties."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.access import may
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.disclosure.rules.bodies import reference
from creditmesh.apps.sharing.rights.models import DutyNotice, Objection
from creditmesh.apps.sharing.rights.operations import acknowledging, handling
from creditmesh.apps.sharing.rights.operations.correcting import NothingToCorrect
from creditmesh.apps.sharing.rights.queries import cases, duty_notices, held
from creditmesh.apps.sharing.rights.rules.objections import (
    LONGEST_TEXT,
    Ground,
    Outcome,
    State,
    open_fields,
    possible_outcomes,
)

router = Router(tags=["objections"])
ANSWER = may(Permission.ANSWER_OBJECTIONS)
DUTY = may(Permission.INQUIRE_FOR_DUTY)
MOST_FIELDS = 200

FieldName = Annotated[str, Field(min_length=1, max_length=60)]
FieldText = Annotated[str, Field(max_length=LONGEST_TEXT)]


class ObjectionLineOut(Schema):
    """An objection in the list of the department it was forwarded to."""

    uuid: UUID
    subject: str
    item: str
    state: State
    received_at: datetime
    due: date | None
    breached: bool


class ObjectionsOut(Schema):
    """The objections of a department, by the day they are due; at most three hundred."""

    objections: list[ObjectionLineOut]


class ObjectionOut(ObjectionLineOut):
    """An objection with what it is about: the record as it was when it was contested, as delivered."""

    record: str
    ground: Ground
    text: str
    held: dict[str, str]
    fields: list[str]
    """What a correction may change."""
    outcomes: list[Outcome]
    """What may be proposed."""
    forwarded_at: datetime
    answer: str
    answered_at: datetime | None
    answered_by: str
    proposed: str
    proposed_values: dict[str, str]


class AnswerIn(Schema):
    """What the department found; what it proposes, and the fields the record should say otherwise."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    proposed: Outcome | None = None
    values: dict[FieldName, FieldText] = Field(default_factory=dict, max_length=MOST_FIELDS)


class DutyNoticeOut(Schema):
    """News about a record that was given to the department: never a value."""

    uuid: UUID
    kind: str
    about: dict[str, Any]
    made_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str


class DutyInboxOut(Schema):
    """A page of news, newest first; `older` is what to pass as `before` for the next page."""

    notices: list[DutyNoticeOut]
    older: int | None
    waiting: int


@router.get("objections", auth=ANSWER, response=ObjectionsOut, summary="List objections to one's records")
def listing(request: HttpRequest, *, answered: bool = False) -> dict[str, Any]:
    """Return the objections that wait for the department's answer, or those it has answered."""
    return {"objections": cases.forwarded(_actor(request), answered=answered)}


@router.get("objections/{uuid}", auth=ANSWER, response=ObjectionOut, summary="See one objection")
def one(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Return an objection that was forwarded to a source of the department."""
    return _objection(cases.objection(uuid, by=_actor(request)))


@router.post("objections/{uuid}/answer", auth=ANSWER, response=ObjectionOut, summary="Answer an objection")
def answer(request: HttpRequest, uuid: UUID, said: AnswerIn) -> dict[str, Any]:
    """Answer what was forwarded; a later answer takes the place of an earlier until the operator decides."""
    by = _actor(request)
    row = cases.objection(uuid, by=by)
    item = this_node().catalogue.items.get(row.item)
    closed = sorted(set(said.values) - set(open_fields(item) if item else ()))
    if closed:
        raise NothingToCorrect(f"{', '.join(closed)} cannot be corrected: see `fields` of the objection.")
    handling.answer(
        row.uuid,
        said=handling.Answer(text=said.text, proposed=said.proposed, values=said.values),
        by=by,
        at=timezone.now(),
    )
    return _objection(cases.objection(uuid, by=by))


@router.get("duty-notices", auth=DUTY, response=DutyInboxOut, summary="News about what was given for duties")
def news(
    request: HttpRequest,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    size: Annotated[int, Query(ge=1, le=duty_notices.MOST)] = 30,
) -> dict[str, Any]:
    """Return records that were corrected, stopped or restored since the department was given them."""
    page = duty_notices.inbox(_actor(request), before=before, size=size)
    return {
        "notices": [_notice(row) for row in page.notices],
        "older": page.older,
        "waiting": page.waiting,
    }


@router.post(
    "duty-notices/{uuid}/acknowledge", auth=DUTY, response=DutyNoticeOut, summary="Say that news was read"
)
def acknowledge(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Note who of the department read a notice, and when; the enterprise sees that it was read."""
    return _notice(acknowledging.acknowledge(uuid, by=_actor(request), at=timezone.now()))


def _objection(row: Objection) -> dict[str, Any]:
    item = this_node().catalogue.items.get(row.item)
    return {
        "uuid": row.uuid,
        "subject": row.subject,
        "item": row.item,
        "state": row.state,
        "received_at": row.received_at,
        "due": row.due,
        "breached": row.breached,
        "record": reference(row.item, row.key),
        "ground": row.ground,
        "text": row.text,
        "held": held.as_delivered(item, row.held) if item else {},
        "fields": open_fields(item) if item else (),
        "outcomes": possible_outcomes(item) if item else (),
        "forwarded_at": row.forwarded_at,
        "answer": row.answer,
        "answered_at": row.answered_at,
        "answered_by": row.answered_by,
        "proposed": row.proposed,
        "proposed_values": row.proposed_values,
    }


def _notice(row: DutyNotice) -> dict[str, Any]:
    return {name: getattr(row, name) for name in DutyNoticeOut.model_fields}


def _actor(request: HttpRequest) -> Actor:
    return request.auth  # type: ignore[attr-defined,no-any-return]
