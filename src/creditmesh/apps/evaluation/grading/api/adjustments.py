"""Adjustments of grades for programs: propose with a file, decide, withdraw, list; totals of devices."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from ninja import Field, File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import ConfigDict

from creditmesh.apps.evaluation.grading.operations import adjusting
from creditmesh.apps.evaluation.grading.queries import adjustments, units
from creditmesh.apps.evaluation.grading.rules import AdjustmentState
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.access import may
from creditmesh.apps.ground.parties.rules import Actor, Permission

router = Router(tags=["grading"])
SEE = may(Permission.SEE_RISK_CLASSES)
PROPOSE = may(Permission.PROPOSE_ADJUSTMENTS)
DECIDE = may(Permission.DECIDE_ADJUSTMENTS)
Name = Annotated[str, Field(min_length=1, max_length=80)]


class Proposal(Schema):
    """What is to be moved, by how many grades (above zero is worse), why and until when."""

    model_config = ConfigDict(extra="forbid")

    system: Name
    subject: Name
    steps: Annotated[int, Field(ge=-3, le=3)]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    expires_on: date


class Why(Schema):
    """Why something was decided."""

    model_config = ConfigDict(extra="forbid")

    why: Annotated[str, Field(max_length=2000)] = ""


class AdjustmentOut(Schema):
    """An adjustment."""

    uuid: UUID
    system: str
    subject: str
    name: str
    steps: int
    reason: str
    run: UUID
    file_name: str
    file_size: int
    file_sha256: str
    state: AdjustmentState
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision: str
    starts_on: date | None
    expires_on: date
    ended_on: date | None
    ended_by: str
    ended_why: str


class TotalOut(Schema):
    """What the devices tied to one enterprise got."""

    run: UUID
    tie: str
    enterprise: str
    units: int
    scored: int
    worst_score: int | None
    mean_score: int | None
    worst_grade: str


def _actor(request: HttpRequest) -> Actor:
    return request.auth  # type: ignore[attr-defined, no-any-return]


@router.get("/adjustments", response=list[AdjustmentOut], auth=SEE)
def list_adjustments(
    request: HttpRequest,
    system: Annotated[str | None, Query(max_length=80)] = None,
    subject: Annotated[str | None, Query(max_length=80)] = None,
    state: AdjustmentState | None = None,
    limit: Annotated[int, Query(ge=1, le=adjustments.MOST)] = 50,
) -> list[adjustments.AdjustmentRow]:
    """List adjustments, newest first."""
    return adjustments.listing(
        viewer=_actor(request), system=system, subject=subject, state=state, limit=limit
    )


@router.post("/adjustments", response={201: AdjustmentOut}, auth=PROPOSE)
def propose_adjustment(
    request: HttpRequest, asked: Form[Proposal], evidence: File[UploadedFile]
) -> Status[adjustments.AdjustmentRow]:
    """Propose to move a grade, with a PDF, JPEG or PNG as evidence."""
    made = adjusting.propose(
        asked=adjustments.Asked(**asked.dict()),
        content=evidence,
        filename=evidence.name or "",
        by=_actor(request),
        node=this_node(),
        at=timezone.now(),
    )
    return Status(201, made)


@router.get("/adjustments/{uuid}", response=AdjustmentOut, auth=SEE)
def show_adjustment(request: HttpRequest, uuid: UUID) -> adjustments.AdjustmentRow:
    """Show an adjustment."""
    return adjustments.one(uuid, viewer=_actor(request))


@router.get("/adjustments/{uuid}/evidence", auth=SEE)
def open_evidence(request: HttpRequest, uuid: UUID) -> FileResponse:
    """Hand out the file of an adjustment; written to the ledger."""
    found = adjusting.open_evidence(uuid, by=_actor(request), node=this_node(), at=timezone.now())
    return FileResponse(
        found.path.open("rb"),
        as_attachment=True,
        filename=found.filename,
        content_type=found.media_type.value,
    )


@router.post("/adjustments/{uuid}/approve", response=AdjustmentOut, auth=DECIDE)
def approve_adjustment(request: HttpRequest, uuid: UUID, said: Why) -> adjustments.AdjustmentRow:
    """Approve what somebody else proposed."""
    return adjusting.approve(adjustment=uuid, by=_actor(request), at=timezone.now(), why=said.why)


@router.post("/adjustments/{uuid}/refuse", response=AdjustmentOut, auth=DECIDE)
def refuse_adjustment(request: HttpRequest, uuid: UUID, said: Why) -> adjustments.AdjustmentRow:
    """Refuse what somebody else proposed."""
    return adjusting.refuse(adjustment=uuid, by=_actor(request), at=timezone.now(), why=said.why)


@router.post("/adjustments/{uuid}/withdraw", response=AdjustmentOut, auth=PROPOSE)
def withdraw_adjustment(request: HttpRequest, uuid: UUID, said: Why) -> adjustments.AdjustmentRow:
    """End a proposal, or an adjustment in force."""
    return adjusting.withdraw(adjustment=uuid, by=_actor(request), at=timezone.now(), why=said.why)


@router.get("/systems/{system}/units", response=list[TotalOut], auth=SEE)
def list_totals(
    request: HttpRequest,
    system: str,
    run: UUID | None = None,
    tie: Annotated[str | None, Query(max_length=51)] = None,
    enterprise: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=units.LARGEST_PAGE)] = 50,
) -> list[units.TotalRow]:
    """List what the devices tied to each enterprise got, worst first."""
    return units.totals(
        viewer=_actor(request), system=system, run=run, tie=tie, enterprise=enterprise, limit=limit
    )
