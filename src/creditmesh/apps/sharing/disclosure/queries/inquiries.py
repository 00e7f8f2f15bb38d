"""Which inquiries were made: for the institution that asked, the enterprise asked about, and the overseers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.disclosure.queries.standing import standing_of
from creditmesh.apps.sharing.disclosure.rules.bodies import reference
from creditmesh.apps.sharing.disclosure.rules.questions import Outcome, UnknownInquiry
from creditmesh.catalogue.model import Mode

PAGE = 50
MOST = 200
MOST_RECEIPTS = 5_000


@dataclass(frozen=True, kw_only=True)
class InquiryLine:
    """An inquiry as lists show it; never a value of a record."""

    number: int  # grows with time, for paging
    uuid: UUID
    at: datetime
    institution: str
    person: str
    user_id: int | None
    client: str
    subject: str
    authorisation: UUID | None
    purpose: str
    mode: Mode
    items: tuple[str, ...]
    records: int
    outcome: Outcome
    refusal: str
    basis: str
    duty: str
    request_digest: str
    answer_digest: str


@dataclass(frozen=True, kw_only=True)
class InquiryPage:
    """A page of inquiries, newest first; `older` is what to pass as `before` for the next page."""

    lines: tuple[InquiryLine, ...]
    older: int | None


@dataclass(frozen=True, kw_only=True)
class Holder:
    """An institution that received something on a subject, with what it received it by."""

    institution: str
    inquiries: tuple[UUID, ...]
    last_at: datetime
    modes: frozenset[Mode]


def own_inquiries(
    institution: str,
    *,
    before: int | None = None,
    size: int = PAGE,
    subject: str = "",
    user_id: int | None = None,
    since: datetime | None = None,
) -> InquiryPage:
    """Return a page of what an institution asked, answered or refused, newest first."""
    rows = Inquiry.objects.filter(institution=institution)
    if subject:
        rows = rows.filter(subject=subject)
    if user_id is not None:
        rows = rows.filter(user_id=user_id)
    if since is not None:
        rows = rows.filter(at__gte=since)
    return _page(rows, before=before, size=size)


def about(
    subject: str, *, before: int | None = None, size: int = PAGE, answered_only: bool = False
) -> InquiryPage:
    """Return a page of the inquiries about a subject, the refused ones too, newest first."""
    rows = Inquiry.objects.filter(subject=subject)
    if answered_only:
        rows = rows.filter(outcome=Outcome.ANSWERED)
    return _page(rows, before=before, size=size)


def inquiry(*, uuid: UUID, institution: str = "", subject: str = "") -> InquiryLine:
    """Return one inquiry of an institution, or about a subject; raise `UnknownInquiry` for any other."""
    rows = Inquiry.objects.filter(uuid=uuid)
    rows = rows.filter(institution=institution) if institution else rows.filter(subject=subject)
    found = rows.order_by("id").first()
    if found is None or not (institution or subject):
        raise UnknownInquiry("There is no such inquiry among those you may see.")
    return line(found)


def holders(subject: str, *, item: str, key: str = "", since: datetime | None = None) -> tuple[Holder, ...]:
    """Return the institutions that received an item of a subject since a moment, by code.

    With `key` only those that received that very record, or had claims on the item compared: what was not
    handed out by value is counted too, because the answer rested on it. A claim on what the authorisation does
    not cover was compared with nothing: whoever made it must not learn that there is something.
    """
    rows = Inquiry.objects.filter(subject=subject, outcome=Outcome.ANSWERED)
    if since is not None:
        rows = rows.filter(at__gte=since)
    wanted = reference(item, key) if key else ""
    found: dict[str, list[Inquiry]] = {}
    few = rows.only("uuid", "institution", "at", "mode", "items", "records", "authorisation").order_by("id")
    for row in few.iterator(chunk_size=1000):
        if item not in row.items.split():
            continue
        if row.mode == Mode.VERIFY:
            received = _compared(row, item)
        else:
            received = not wanted or wanted in row.records.split()
        if received:
            found.setdefault(row.institution, []).append(row)
    return tuple(
        Holder(
            institution=code,
            inquiries=tuple(one.uuid for one in held),
            last_at=held[-1].at,
            modes=frozenset(Mode(one.mode) for one in held),
        )
        for code, held in sorted(found.items())
    )


def _compared(row: Inquiry, item: str) -> bool:
    """Return whether claims on an item were compared in a verification: its authorisation names the item."""
    standing = standing_of(row.authorisation) if row.authorisation else None
    return standing is None or item in standing.terms.items


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """That an institution received a record: by which inquiry, when, how."""

    inquiry: UUID
    institution: str
    at: datetime
    mode: Mode


def comparisons(subject: str) -> dict[str, tuple[Receipt, ...]]:
    """Return who had claims on which item of a subject compared, by the item's code, newest first."""
    rows = Inquiry.objects.filter(subject=subject, outcome=Outcome.ANSWERED, mode=Mode.VERIFY.value)
    found: dict[str, list[Receipt]] = {}
    few = rows.only("uuid", "institution", "at", "items", "authorisation").order_by("-id")[:MOST_RECEIPTS]
    for row in few:
        one = Receipt(inquiry=row.uuid, institution=row.institution, at=row.at, mode=Mode.VERIFY)
        for item in row.items.split():
            if _compared(row, item):
                found.setdefault(item, []).append(one)
    return {item: tuple(compared) for item, compared in found.items()}


def receipts(subject: str) -> dict[str, tuple[Receipt, ...]]:
    """Return who received which record of a subject, by the record's reference, newest first."""
    found: dict[str, list[Receipt]] = {}
    for row in Inquiry.objects.filter(subject=subject, outcome=Outcome.ANSWERED).order_by("-id")[
        :MOST_RECEIPTS
    ]:
        one = Receipt(inquiry=row.uuid, institution=row.institution, at=row.at, mode=Mode(row.mode))
        for ref in row.records.split():
            found.setdefault(ref, []).append(one)
    return {ref: tuple(received) for ref, received in found.items()}


def by_uuids(uuids: Iterable[UUID]) -> Mapping[UUID, InquiryLine]:
    """Return the inquiries of those identities, as far as they exist."""
    return {row.uuid: line(row) for row in Inquiry.objects.filter(uuid__in=list(uuids)).order_by("id")}


def line(row: Inquiry) -> InquiryLine:
    """Return a row as lists show it."""
    return InquiryLine(
        number=row.id,
        uuid=row.uuid,
        at=row.at,
        institution=row.institution,
        person=row.person,
        user_id=row.user_id,
        client=row.client,
        subject=row.subject,
        authorisation=row.authorisation,
        purpose=row.purpose,
        mode=Mode(row.mode),
        items=tuple(row.items.split()),
        records=len(row.records.split()),
        outcome=Outcome(row.outcome),
        refusal=row.refusal,
        basis=row.basis,
        duty=row.duty,
        request_digest=row.request_digest,
        answer_digest=row.answer_digest,
    )


def _page(rows: QuerySet[Inquiry], *, before: int | None, size: int) -> InquiryPage:
    size = min(max(size, 1), MOST)
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: size + 1])
    return InquiryPage(
        lines=tuple(line(row) for row in found[:size]),
        older=found[size - 1].id if len(found) > size else None,
    )
