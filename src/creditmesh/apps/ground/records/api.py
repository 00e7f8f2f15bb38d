"""Records for programs: deliver a file, follow it, fetch its refused rows, decide unclear rows, see quality."""

from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Field, Header, Query, Router, Schema, Status
from pydantic import ConfigDict

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.access import may
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.operations import advancing, handing_back, receiving, reviewing
from creditmesh.apps.ground.records.queries import batches, items, quality, reviews
from creditmesh.apps.ground.records.rules import BadDelivery, CaseState, Delivery
from creditmesh.collecting import template

router = Router(tags=["records"])
Code = Annotated[str, Field(min_length=1, max_length=60)]
Page = Annotated[int, Field(ge=1, le=1_000_000)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BatchOut(Schema):
    """A batch: where it stands and what was counted."""

    uuid: UUID
    item: str
    source: str
    filename: str
    size: int
    state: str
    stage: str
    progress: int
    received_at: datetime
    finished_at: datetime | None
    received: int | None
    accepted: int | None
    added: int | None
    updated: int | None
    unchanged: int | None
    duplicates: int | None
    quarantined: int | None
    unresolved: int | None
    warned: int | None
    refusal: str
    trouble: str


class BatchPageOut(Schema):
    """One page of batches, newest first."""

    batches: list[BatchOut]
    total: int
    page: int
    pages: int


class ReceivedOut(Schema):
    """The answer to a delivery; `links` say where to follow it."""

    uuid: UUID
    again: bool
    sentence: str
    batch: BatchOut
    links: dict[str, str]


class ReasonOut(Schema):
    """Why rows were refused (`refused`) or accepted with a warning."""

    field: str
    rule: str
    sentence_zh: str
    sentence_en: str
    rows: int
    example: str
    row: int | None
    refused: bool


class MeasuresOut(Schema):
    """Quality in basis points."""

    accuracy_bp: int | None
    completeness_bp: int | None
    continuity_bp: int | None
    timeliness_bp: int | None


class ReceiptOut(Schema):
    """Everything a batch's receipt says."""

    batch: BatchOut
    list_version: str
    sha256: str
    seq: int | None
    lake_version: int | None
    earliest_event: date | None
    latest_event: date | None
    open_cases: int
    reasons: list[ReasonOut]
    quality: MeasuresOut | None
    links: dict[str, str]


class ItemOut(Schema):
    """An item of the sharing lists, with what has come of it."""

    code: str
    label_zh: str
    label_en: str
    list_id: str
    list_version: str
    list_status: str
    status: str
    sources: list[str]
    batches: int
    records: int
    last_landed_at: datetime | None
    latest_event: date | None


class PointOut(MeasuresOut):
    """The quality of a month."""

    month: date
    batches: int
    received: int


class CellOut(Schema):
    """The quality of one source and item, month by month."""

    source: str
    item: str
    last_received_at: datetime
    latest: PointOut
    trend: list[PointOut]


class CandidateOut(Schema):
    """A subject a row may be about."""

    subject: str
    name: str
    sureness: int


class CaseOut(Schema):
    """A row that could not be tied to a subject."""

    id: int
    batch: UUID
    row: int
    item: str
    source: str
    name: str
    registration_number: str
    values: dict[str, Any]
    state: str
    subject: str
    decided_by: str
    decided_at: datetime | None
    why: str
    candidates: list[CandidateOut]


class CasePageOut(Schema):
    """One page of rows that wait for a decision, or were decided."""

    cases: list[CaseOut]
    total: int
    page: int
    pages: int


class DecisionIn(Schema):
    """Tie the row to `subject`, or refuse it with null; `why` is kept."""

    model_config = ConfigDict(extra="forbid")

    subject: Annotated[str, Field(min_length=1, max_length=80)] | None
    why: Annotated[str, Field(min_length=1, max_length=2000)]


class DecidedOut(Schema):
    """What became of a decision: the small batch by which a tied row lands."""

    follow_up: UUID | None


class SubjectOut(Schema):
    """An enterprise on the register."""

    key: str
    scheme: str
    name: str
    registration_number: str | None
    region: str
    industry: str
    established_date: date | None
    status: str


class SentAs(Schema):
    """What a delivery says of itself."""

    item: Code
    source: Code
    filename: Annotated[str, Field(max_length=300)] = "delivery.csv"
    wait: bool = False


@router.post("/batches", auth=may(Permission.DELIVER), response={200: ReceivedOut, 202: ReceivedOut})
def deliver(
    request: HttpRequest,
    sent: Query[SentAs],
    idempotency_key: Annotated[str, Header(min_length=1, max_length=200)],
) -> Status[dict[str, Any]]:
    """Deliver a file: as the body itself, however large, or as `file` of a form. `wait` answers when it landed."""
    upload = request.FILES.get("file") if (request.content_type or "").startswith("multipart/") else None
    if upload is None and (request.content_type or "").startswith("multipart/"):
        raise BadDelivery("The form holds no part called 'file'.")
    received = receiving.receive(
        delivery=Delivery(
            item=sent.item,
            source=sent.source,
            filename=(upload.name or sent.filename) if upload else sent.filename,
            idempotency_key=idempotency_key,
        ),
        content=request if upload is None else upload,
        by=_actor(request),
        node=this_node(),
        at=timezone.now(),
    )
    if sent.wait:
        advancing.advance(batch=received.uuid, node=this_node(), clock=_clock)
    line = batches.progress(uuid=received.uuid, viewer=_actor(request))
    answer = {
        "uuid": received.uuid,
        "again": received.again,
        "sentence": received.sentence,
        "batch": line,
        "links": _links(received.uuid, refused=False),
    }
    return Status(200 if line.finished else 202, answer)


@router.get("/batches", auth=may(Permission.SEE_BATCHES), response=BatchPageOut)
def list_batches(
    request: HttpRequest,
    item: Annotated[str, Field(max_length=60)] = "",
    source: Annotated[str, Field(max_length=60)] = "",
    state: Annotated[str, Field(max_length=12)] = "",
    q: Annotated[str, Field(max_length=100)] = "",
    page: Page = 1,
) -> batches.BatchPage:
    """List batches of one's own sources, newest first."""
    narrowed = batches.Filter(item=item, source=source, state=state, text=q)
    return batches.batches(viewer=_actor(request), filter_by=narrowed, page=page)


@router.get("/batches/{uuid}", auth=may(Permission.SEE_BATCHES), response=ReceiptOut)
def batch(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Return the receipt of a batch."""
    found = batches.batch(uuid=uuid, viewer=_actor(request))
    return {
        "batch": found.line,
        **{name: getattr(found, name) for name in ReceiptOut.model_fields if name not in ("batch", "links")},
        "links": _links(uuid, refused=found.has_refused_file),
    }


@router.get("/batches/{uuid}/refused", auth=may(Permission.SEE_BATCHES), response={200: Any})
def refused_rows(request: HttpRequest, uuid: UUID) -> FileResponse:
    """Return the refused rows as CSV with a reason beside each, to mend and deliver again."""
    taken = handing_back.hand_back(batch=uuid, by=_actor(request), node=this_node(), at=timezone.now())
    return FileResponse(
        taken.file.open("rb"), as_attachment=True, filename=taken.name, content_type="text/csv"
    )


@router.post("/batches/{uuid}/continue", auth=may(Permission.DELIVER), response=BatchOut)
def continue_batch(request: HttpRequest, uuid: UUID) -> batches.BatchLine:
    """Ask for a waiting batch to be taken up again, such as after a full disk was cleared."""
    advancing.continue_batch(batch=uuid, by=_actor(request), at=timezone.now())
    return batches.progress(uuid=uuid, viewer=_actor(request))


@router.get("/items", auth=may(Permission.SEE_CATALOGUE), response=list[ItemOut])
def list_items(request: HttpRequest) -> list[dict[str, Any]]:
    """List the items of the sharing lists, with what has come of each."""
    return [
        {
            "label_zh": line.label.zh,
            "label_en": line.label.en,
            **{name: getattr(line, name) for name in ItemOut.model_fields if not name.startswith("label_")},
        }
        for line in items.overview(viewer=_actor(request), catalogue=this_node().catalogue)
    ]


@router.get("/items/{code}", auth=may(Permission.SEE_CATALOGUE), response=dict[str, Any])
def item(request: HttpRequest, code: Code) -> dict[str, Any]:
    """Return the whole definition of an item: fields, record key, update kind, aliases, modes."""
    return items.item(code=code, catalogue=this_node().catalogue).model_dump(mode="json")


@router.get("/items/{code}/template", auth=may(Permission.SEE_CATALOGUE), response={200: Any})
def item_template(request: HttpRequest, code: Code) -> HttpResponse:
    """Return the Excel workbook a department fills in for an item."""
    found = items.item(code=code, catalogue=this_node().catalogue)
    answer = HttpResponse(template.workbook(found), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{found.code}.xlsx"'
    return answer


@router.get("/quality", auth=may(Permission.SEE_BATCHES), response=list[CellOut])
def list_quality(
    request: HttpRequest,
    source: Annotated[str, Field(max_length=60)] = "",
    item: Annotated[str, Field(max_length=60)] = "",
) -> list[quality.QualityCell]:
    """Return the quality of one's own sources by item, with the months behind it."""
    # A list: the API would take a tuple of two for a status and a body.
    return list(quality.matrix(viewer=_actor(request), source=source, item=item))


@router.get("/reviews", auth=may(Permission.DECIDE_REVIEWS), response=CasePageOut)
def list_reviews(request: HttpRequest, state: CaseState = CaseState.OPEN, page: Page = 1) -> reviews.CasePage:
    """List rows that wait for a decision on whom they are about, or were decided."""
    return reviews.review_cases(viewer=_actor(request), state=state, page=page)


@router.post("/reviews/{case}", auth=may(Permission.DECIDE_REVIEWS), response=DecidedOut)
def decide(request: HttpRequest, case: int, decision: DecisionIn) -> dict[str, UUID | None]:
    """Tie a row to a subject, or refuse it."""
    received = reviewing.decide_review(
        decision=reviewing.Decision(case=case, subject=decision.subject, why=decision.why),
        by=_actor(request),
        node=this_node(),
        at=timezone.now(),
    )
    return {"follow_up": received.uuid if received else None}


@router.get("/subjects", auth=may(Permission.SEARCH_SUBJECTS), response=list[SubjectOut])
def search_subjects(
    request: HttpRequest,
    q: Annotated[str, Field(min_length=1, max_length=100)],
    limit: Annotated[int, Field(ge=1, le=100)] = 20,
    offset: Annotated[int, Field(ge=0, le=10_000)] = 0,
) -> list[parties.SubjectLine]:
    """Search the register by the beginning of a code or a part of a name."""
    return list(parties.subjects_named(text=q, limit=limit, offset=offset))


def _actor(request: HttpRequest) -> Actor:
    actor = request.auth  # type: ignore[attr-defined]
    if not isinstance(actor, Actor):
        raise TypeError("An operation without `auth` has no actor.")
    return actor


def _clock() -> datetime:
    return datetime.now(UTC)


def _links(uuid: UUID, *, refused: bool) -> dict[str, str]:
    links = {"batch": reverse("api:batch", args=[uuid])}
    if refused:
        links["refused_rows"] = reverse("api:refused_rows", args=[uuid])
    return links
