"""Outcomes for programs of institutions: which inquiries wait for one, declare it, see how one stands."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.members.institutions.access import program_or_person
from creditmesh.apps.sharing.oversight.operations import declaring
from creditmesh.apps.sharing.oversight.queries import counting, lines
from creditmesh.apps.sharing.oversight.rules import LONGEST_REFERENCE, Kind, said

router = Router(tags=["outcomes"])
OWN = program_or_person(Permission.DECLARE_OUTCOMES)


class OutcomeIn(Schema):
    """What followed an inquiry."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    reference: Annotated[str, Field(max_length=LONGEST_REFERENCE)] = ""


class OutcomeOut(Schema):
    """What was declared."""

    inquiry: UUID
    kind: Kind
    reference: str


class WaitingOut(Schema):
    """An inquiry that waits for an outcome."""

    inquiry: UUID
    asked_at: datetime
    due: datetime
    overdue: bool
    subject: str
    purpose: str
    mode: str
    person: str
    client: str


class WaitingPageOut(Schema):
    """A part of the list, oldest first."""

    inquiries: list[WaitingOut]
    total: int


class OutcomeStandingOut(Schema):
    """How the inquiries of one's institution stand; shares in basis points, with the rules behind them."""

    since: datetime
    asked: int
    something_behind: int
    nothing_declared_in_time: int
    declared_empty: int
    waiting: int
    share_bp: int | None
    level: str
    days: int
    warn_bp: int
    suspend_bp: int
    rules: str


@router.post(
    "inquiries/{uuid}/outcome", auth=OWN, response=OutcomeOut, summary="Say what followed an inquiry"
)
def declare(request: HttpRequest, uuid: UUID, told: OutcomeIn) -> dict[str, object]:
    """Declare what followed an inquiry of one's institution; the latest word counts."""
    outcome = said(told.kind.value, told.reference)
    declaring.declare(uuid, outcome, by=_actor(request), at=timezone.now())
    return {"inquiry": uuid, "kind": outcome.kind, "reference": outcome.reference}


@router.get("outcomes/waiting", auth=OWN, response=WaitingPageOut, summary="Inquiries without an outcome")
def waiting(
    request: HttpRequest,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    size: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, object]:
    """Return the inquiries of one's institution of which nothing is known to have followed."""
    at = timezone.now()
    home = _actor(request).organisation
    limits = counting.limits_of(this_node(), at=at)
    since = counting.start(home, limits=limits, at=at)
    page = lines.waiting(home, limits=limits, since=since, at=at, offset=offset, limit=size)
    told = [
        {
            "inquiry": one.uuid,
            "asked_at": one.at,
            "due": one.due,
            "overdue": one.overdue,
            "subject": one.subject,
            "purpose": one.purpose,
            "mode": one.mode,
            "person": one.person,
            "client": one.client,
        }
        for one in page.lines
    ]
    return {"inquiries": told, "total": page.total}


@router.get("outcomes/standing", auth=OWN, response=OutcomeStandingOut, summary="How my institution stands")
def standing(request: HttpRequest) -> dict[str, object]:
    """Return the share of inquiries with nothing behind them, and what it leads to."""
    at = timezone.now()
    limits = counting.limits_of(this_node(), at=at)
    home = institutions.institution(_actor(request).organisation)
    now = counting.standing(home, limits=limits, at=at)
    return {
        "since": now.since,
        "asked": now.tally.asked,
        "something_behind": now.tally.behind,
        "nothing_declared_in_time": now.tally.overdue,
        "declared_empty": now.tally.empty,
        "waiting": now.tally.waiting,
        "share_bp": now.tally.share_bp,
        "level": now.level.value,
        "days": limits.days,
        "warn_bp": limits.warn_bp,
        "suspend_bp": limits.suspend_bp,
        "rules": limits.version,
    }


def _actor(request: HttpRequest) -> Actor:
    return request.auth  # type: ignore[attr-defined,no-any-return]
