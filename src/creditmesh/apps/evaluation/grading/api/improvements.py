"""What would improve a result, for programs: of a risk class for regulators, of its own evaluation for an enterprise."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from creditmesh.apps.evaluation.grading.operations import viewing
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.access import may
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.scoring.improving.trying import LONGEST

router = Router(tags=["grading"])
SEE = may(Permission.SEE_RISK_CLASSES)
OWN = may(Permission.SEE_OWN_RECORD)
MOST_WRITTEN = 300
Name = Annotated[str, Field(min_length=1, max_length=80)]


class Looking(Schema):
    """Which run (the latest without one), in which language, and whether the course of time is wanted too."""

    run: UUID | None = None
    language: Literal["zh", "en"] = "zh"
    time: bool = True


class OwnLooking(Schema):
    """In which language, and whether the course of time is wanted too."""

    language: Literal["zh", "en"] = "zh"
    time: bool = True


class Trying(Schema):
    """Inputs as a form would hold them; those left out stay as they are, an empty one counts as missing."""

    model_config = ConfigDict(extra="forbid")

    inputs: dict[Name, Annotated[str, Field(max_length=LONGEST)]] = Field(
        default_factory=dict, max_length=MOST_WRITTEN
    )


@router.get("/systems/{system}/subjects/{subject}/improvements", response=dict[str, Any], auth=SEE)
def show_improvements(
    request: HttpRequest, system: str, subject: str, looking: Query[Looking]
) -> dict[str, Any]:
    """Show which smallest feasible changes reach the next class and what time alone does; written to the ledger."""
    return _of(request, system, subject, looking, None)


@router.post("/systems/{system}/subjects/{subject}/improvements", response=dict[str, Any], auth=SEE)
def try_inputs(
    request: HttpRequest, system: str, subject: str, looking: Query[Looking], asked: Trying
) -> dict[str, Any]:
    """Show the same, and under `tried` what other inputs would give; nothing is kept."""
    return _of(request, system, subject, looking, asked.inputs)


@router.get("/own-evaluations/{subject}/improvements", response=dict[str, Any], auth=OWN)
def show_own_improvements(request: HttpRequest, subject: str, looking: Query[OwnLooking]) -> dict[str, Any]:
    """Show what would improve the public credit evaluation of one's own enterprise, never a risk class."""
    return _own(request, subject, looking, None)


@router.post("/own-evaluations/{subject}/improvements", response=dict[str, Any], auth=OWN)
def try_own_inputs(
    request: HttpRequest, subject: str, looking: Query[OwnLooking], asked: Trying
) -> dict[str, Any]:
    """Show the same, and under `tried` what other inputs would give; nothing is kept."""
    return _own(request, subject, looking, asked.inputs)


def _of(
    request: HttpRequest, system: str, subject: str, looking: Looking, written: Mapping[str, str] | None
) -> dict[str, Any]:
    seen = viewing.view_improvement(
        viewer=_actor(request),
        subject=subject,
        node=this_node(),
        at=_now(),
        system=system,
        run=looking.run,
        written=written,
        with_time=looking.time,
    )
    return viewing.improvement_as_plain_data(seen, language=looking.language)


def _own(
    request: HttpRequest, subject: str, looking: OwnLooking, written: Mapping[str, str] | None
) -> dict[str, Any]:
    seen = viewing.view_own_improvement_of(
        by=_actor(request),
        subject=subject,
        node=this_node(),
        at=_now(),
        written=written,
        with_time=looking.time,
    )
    return viewing.improvement_as_plain_data(seen, language=looking.language)


def _now() -> datetime:
    return timezone.now()


def _actor(request: HttpRequest) -> Actor:
    return request.auth  # type: ignore[attr-defined,no-any-return]
