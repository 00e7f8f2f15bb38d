"""Batches as lists, receipts and progress bars show them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.db.models import QuerySet

from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.models import Batch
from creditmesh.apps.ground.records.queries import folders
from creditmesh.apps.ground.records.rules import (
    ATTEMPTS,
    UNFINISHED,
    RecordRef,
    Stage,
    State,
    may_take,
    require_permission,
)
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.lake.comparing import Answer

PAGE = 50


class UnknownBatch(CreditmeshError):
    """No batch has that identity, or the asker may not know of it."""

    code = "unknown-batch"


class NoRefusedRows(CreditmeshError):
    """A batch has no refused rows to hand out."""

    code = "no-refused-rows"


@dataclass(frozen=True, kw_only=True)
class BatchLine:
    """A batch as a list shows it, with what its receipt counts; None where it is not known yet."""

    uuid: UUID
    item: str
    source: str
    filename: str
    size: int
    state: State
    stage: Stage
    progress: int
    received_at: datetime
    finished_at: datetime | None
    delivered_by: str
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

    @property
    def finished(self) -> bool:
        """Tell whether nothing more will happen to the batch."""
        return self.state not in UNFINISHED


@dataclass(frozen=True, kw_only=True)
class ReasonLine:
    """Why rows were refused or warned about."""

    field: str
    rule: str
    sentence_zh: str
    sentence_en: str
    rows: int
    example: str
    row: int | None
    refused: bool

    def sentence(self, language: str) -> str:
        """Return the words for a language code such as `zh-hans` or `en`."""
        return self.sentence_zh if language.lower().startswith("zh") else self.sentence_en


@dataclass(frozen=True, kw_only=True)
class QualityLine:
    """The four measures of one batch in basis points; None where nothing can be measured."""

    accuracy_bp: int | None
    completeness_bp: int | None
    continuity_bp: int | None
    timeliness_bp: int | None


@dataclass(frozen=True, kw_only=True)
class BatchDetail:
    """A batch with everything its receipt says."""

    line: BatchLine
    list_version: str
    sha256: str
    idempotency_key: str
    seq: int | None
    lake_version: int | None
    validated_at: datetime | None
    earliest_event: date | None
    latest_event: date | None
    has_refused_file: bool
    open_cases: int
    tied_subject: str
    reasons: tuple[ReasonLine, ...]
    quality: QualityLine | None


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a list of batches is narrowed to; empty means everything."""

    item: str = ""
    source: str = ""
    state: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchPage:
    """One page of a list of batches, newest first."""

    batches: tuple[BatchLine, ...]
    total: int
    page: int
    pages: int


def batches(*, viewer: Actor, filter_by: Filter | None = None, page: int = 1, size: int = PAGE) -> BatchPage:
    """Return the batches a viewer may see, newest first.

    Raises `NotPermitted` for those who may see no batch at all.
    """
    require_permission(actor=viewer, permission=Permission.SEE_BATCHES)
    rows = _narrowed(_seen_by(viewer), filter_by or Filter())
    size = min(max(size, 1), 500)
    total = rows.count()
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    chosen = rows.order_by("-id")[(page - 1) * size : page * size]
    return BatchPage(batches=tuple(line(row) for row in chosen), total=total, page=page, pages=pages)


def batch(*, uuid: UUID, viewer: Actor) -> BatchDetail:
    """Return one batch with its receipt; raise `UnknownBatch`, also for batches of others' sources."""
    row = _row(uuid=uuid, viewer=viewer)
    measured = getattr(row, "quality", None)
    return BatchDetail(
        line=line(row),
        list_version=row.list_version,
        sha256=row.sha256,
        idempotency_key=row.idempotency_key,
        seq=row.seq,
        lake_version=row.lake_version,
        validated_at=row.validated_at,
        earliest_event=row.earliest_event,
        latest_event=row.latest_event,
        has_refused_file=row.has_refused_file,
        open_cases=row.cases.filter(state="open").count(),
        tied_subject=row.tied_subject,
        reasons=tuple(
            ReasonLine(**{name: getattr(reason, name) for name in ReasonLine.__dataclass_fields__})
            for reason in row.reasons.order_by("-rows", "id")[:500]
        ),
        quality=None
        if measured is None
        else QualityLine(**{name: getattr(measured, name) for name in QualityLine.__dataclass_fields__}),
    )


def progress(*, uuid: UUID, viewer: Actor) -> BatchLine:
    """Return a batch's line alone, cheap enough to ask every second; raise `UnknownBatch`."""
    return line(_row(uuid=uuid, viewer=viewer))


def refused_file(*, uuid: UUID, viewer: Actor, home: Path) -> Path:
    """Return the file of refused rows, each with its reason, to mend and send again.

    Raises `UnknownBatch` or `NoRefusedRows`.
    """
    row = _row(uuid=uuid, viewer=viewer)
    file = folders.refused(home=home, batch=row.uuid)
    if not row.has_refused_file or not file.is_file():
        raise NoRefusedRows("No row of this batch was refused.")
    return file


def unfinished(*, at: datetime, is_dead: Callable[[str], bool]) -> tuple[UUID, ...]:
    """Return batches nobody alive works on that are not finished, oldest first; those tried often are left out."""
    rows = Batch.objects.filter(state__in=UNFINISHED, tries__lt=ATTEMPTS).order_by("id")
    return tuple(
        row.uuid
        for row in rows
        if may_take(lease_until=row.lease_until, holder_is_dead=is_dead(row.worker), at=at)
    )


def answers(uuid: UUID) -> tuple[tuple[RecordRef, Answer], ...]:
    """Return what a landed batch says of records of its item that were corrected before it."""
    found = Batch.objects.filter(uuid=uuid).values_list("item", "answers")
    return tuple(
        (RecordRef(subject=subject, item=item, key=key), Answer(answer))
        for item, answers in found
        for subject, key, answer in answers
    )


def line(row: Batch) -> BatchLine:
    """Return a batch as lists show it."""
    values = {name: getattr(row, name) for name in BatchLine.__dataclass_fields__}
    return BatchLine(**{**values, "state": State(row.state), "stage": Stage(row.stage)})


def _row(*, uuid: UUID, viewer: Actor) -> Batch:
    row = Batch.objects.select_related("quality").filter(uuid=uuid).order_by("id").first()
    # Who may not see a batch shall not learn that it exists.
    if row is None or not viewer.may_see_batches_of(row.source):
        raise UnknownBatch("There is no such batch among those you may see.")
    return row


def _seen_by(viewer: Actor) -> QuerySet[Batch]:
    rows = Batch.objects.all()
    return rows if viewer.may(Permission.SEE_ALL_BATCHES) else rows.filter(source__in=viewer.sources)


def _narrowed(rows: QuerySet[Batch], by: Filter) -> QuerySet[Batch]:
    for name in ("item", "source", "state"):
        if value := getattr(by, name):
            rows = rows.filter(**{name: value})
    return rows.filter(filename__icontains=by.text[:100]) if by.text else rows
