"""An institution says what followed its inquiries: one by one, or many in a file."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.disclosure.rules.questions import Outcome, UnknownInquiry
from creditmesh.apps.sharing.oversight.models import Declaration, Followed
from creditmesh.apps.sharing.oversight.rules import MODES, Kind, Rest, Said, WrongOutcome, said
from creditmesh.kernel.errors import CreditmeshError

MOST_ROWS = 5_000
LARGEST_FILE = 2 * 1024 * 1024
MOST_DECLARATIONS = 20  # of one inquiry: an application becomes a loan, a mistake is mended

COLUMNS = {
    "inquiry": ("inquiry", "查询编号"),
    "kind": ("outcome", "kind", "结果"),
    "reference": ("reference", "业务编号"),
}
WORDS = {
    "已申请": Kind.APPLIED,
    "已放款": Kind.GRANTED,
    "机构未批准": Kind.DECLINED_BY_INSTITUTION,
    "企业放弃": Kind.DECLINED_BY_ENTERPRISE,
    "已担保": Kind.GUARANTEED,
    "已承保": Kind.INSURED,
    "贷后监测": Kind.MONITORED,
    "未发生业务": Kind.NO_BUSINESS,
    "误查": Kind.ERROR,
}
"""How a file may say an outcome in Chinese."""


class UnreadableOutcomes(CreditmeshError):
    """A file of outcomes cannot be read, is too large, or lacks its columns."""

    code = "unreadable-outcomes"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a file, as it was read."""

    number: int
    inquiry: str
    kind: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A row that was not taken, and why."""

    number: int
    inquiry: str
    refusal: CreditmeshError


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of a file: each row stands or falls for itself."""

    taken: int
    failed: tuple[Failed, ...]


@transaction.atomic
def declare(inquiry: UUID, told: Said, *, by: Actor, at: datetime) -> None:
    """Write down what followed an inquiry of the actor's institution; the latest word counts.

    Saying the same again changes nothing. Raises `NotPermitted`, `UnknownInquiry` for those of others too,
    and `WrongOutcome` when nothing can follow it or it was declared too often.
    """
    by.demand(Permission.DECLARE_OUTCOMES)
    row = (
        Inquiry.objects.select_for_update()
        .filter(uuid=inquiry, institution=by.organisation or " ")
        .order_by("id")
        .first()
    )
    if row is None:
        raise UnknownInquiry("There is no such inquiry among those you may see.")
    if row.outcome != Outcome.ANSWERED or row.mode not in MODES:
        raise WrongOutcome("Only an answered inquiry on an authorisation has an outcome to declare.")
    earlier = list(Declaration.objects.filter(inquiry=inquiry).order_by("-id")[:MOST_DECLARATIONS])
    if earlier and (earlier[0].kind, earlier[0].reference) == (told.kind.value, told.reference):
        return
    if len(earlier) >= MOST_DECLARATIONS:
        raise WrongOutcome("The outcome of this inquiry was changed too often: ask the operator of the node.")
    Declaration.objects.create(
        inquiry=inquiry,
        institution=by.organisation,
        kind=told.kind.value,
        reference=told.reference,
        at=at,
        by=by.label[:200],
        client=by.client,
    )
    _follow(inquiry, told, at=at)
    audit.append(
        who=by.who(),
        act="outcome.declare",
        thing=Thing("inquiry", str(inquiry)),
        at=at,
        why=told.kind.value,
        subject=row.subject,
    )


def declare_file(content: bytes, *, by: Actor, at: datetime) -> Taken:
    """Declare every row of a CSV file; a row that does not hold is named and the others count.

    Raises `UnreadableOutcomes`.
    """
    by.demand(Permission.DECLARE_OUTCOMES)
    taken, failed = 0, []
    for row in read(content):
        try:
            uuid = _uuid(row.inquiry)
            kind = WORDS.get(row.kind.strip(), row.kind)
            declare(uuid, said(str(kind), row.reference), by=by, at=at)
        except (UnknownInquiry, WrongOutcome) as refusal:
            failed.append(Failed(number=row.number, inquiry=row.inquiry[:40], refusal=refusal))
        else:
            taken += 1
    return Taken(taken=taken, failed=tuple(failed))


def read(content: bytes) -> tuple[Row, ...]:
    """Return the rows of a CSV file in UTF-8 or GB18030; rows without an outcome are left out.

    Raises `UnreadableOutcomes`.
    """
    if len(content) > LARGEST_FILE:
        raise UnreadableOutcomes(f"The file is larger than {LARGEST_FILE // 1024**2} MB: split it.")
    text = _text(content)
    try:
        lines = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise UnreadableOutcomes("The file is no CSV: save it as CSV and send it again.") from None
    if len(lines) > MOST_ROWS:
        raise UnreadableOutcomes(f"The file has more than {MOST_ROWS} rows: split it.")
    names = _names(lines[0] if lines else {})
    return tuple(
        Row(
            number=number,
            inquiry=str(line.get(names["inquiry"]) or ""),
            kind=str(line.get(names["kind"]) or ""),
            reference=str(line.get(names.get("reference", "")) or ""),
        )
        for number, line in enumerate(lines, start=2)
        if str(line.get(names["kind"]) or "").strip()
    )


def _follow(inquiry: UUID, told: Said, *, at: datetime) -> None:
    held, _ = Followed.objects.select_for_update().get_or_create(
        inquiry=inquiry,
        defaults={
            "kind": told.kind.value,
            "reference": told.reference,
            "rest": Rest.DECLARATION.value,
            "at": at,
        },
    )
    # What happened on the platform stands above what an institution says.
    if held.rest == Rest.DECLARATION:
        held.kind, held.reference, held.at = told.kind.value, told.reference, at
        held.save(update_fields=["kind", "reference", "at"])


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableOutcomes("The file is neither UTF-8 nor GB18030 text: save it as CSV and send it again.")


def _names(line: Mapping[str, object]) -> dict[str, str]:
    given: Iterable[str] = [name for name in line if isinstance(name, str)]
    found = {
        column: name for name in given for column, known in COLUMNS.items() if name.strip().lower() in known
    }
    if not {"inquiry", "kind"} <= set(found):
        raise UnreadableOutcomes(
            "The file needs a header with the columns inquiry (查询编号) and outcome (结果), and rows below it."
        )
    return found


def _uuid(text: str) -> UUID:
    try:
        return UUID(text.strip())
    except ValueError:
        raise UnknownInquiry("There is no such inquiry among those you may see.") from None
