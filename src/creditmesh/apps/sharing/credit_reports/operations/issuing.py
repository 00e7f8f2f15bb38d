"""Issue a report: freeze what it says, give it a serial, end the one it replaces, write it into the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.ground.records.queries import marks
from creditmesh.apps.members.institutions.rules.counting import Passage
from creditmesh.apps.sharing.credit_reports.models import Report
from creditmesh.apps.sharing.credit_reports.operations import ending, gathering
from creditmesh.apps.sharing.credit_reports.operations.gathering import Gathered
from creditmesh.apps.sharing.credit_reports.rules import content, serials
from creditmesh.apps.sharing.credit_reports.rules.standing import Kind, NothingHeld, RecordsChanging, State
from creditmesh.apps.sharing.disclosure.operations import inquiring
from creditmesh.apps.sharing.disclosure.operations.inquiring import Worked
from creditmesh.apps.sharing.disclosure.operations.settling import DOOR, Intent
from creditmesh.apps.sharing.disclosure.rules.questions import (
    AskAgain,
    InquiryRefused,
    Question,
    Reason,
    Sealed,
)
from creditmesh.catalogue import rule_packs
from creditmesh.catalogue.model import Mode
from creditmesh.exchange.canonical import canonical, sha256
from creditmesh.kernel import regions
from creditmesh.kernel.errors import CreditmeshError

TRIES = 3
"""How often a report is gathered when records are contested or corrected while it is."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a report is issued: by which node, and under which address anybody can check it."""

    node: ThisNode
    verify_at: str  # the page of verification, without the serial


def issue_own(by: Actor, *, place: Place, at: datetime) -> str:
    """Issue an enterprise's report on itself and return its serial.

    Raises `NotPermitted`, `NothingHeld`, `RecordsChanging` when marks came and went at every try.
    """
    for _ in range(TRIES):
        seen = marks.order()
        made = gathering.own(by, at=at)
        report = drawn_up(made, kind=Kind.OWN, by=by, place=place, at=at)
        with transaction.atomic():
            # No mark comes between what was read and what is written here: it waits, and then outdates the report.
            if marks.order(hold=True) == seen or not marks.marked_since({by.subject: seen}):
                report.marks_seen = seen
                return _kept(report, made, by=by)
    raise RecordsChanging


def issue_for_institution(
    by: Actor, *, subject: str, authorisation: UUID, purpose: str, place: Place, at: datetime
) -> str:
    """Issue a report for an institution on an authorisation, of which it is one use, and return its serial.

    Questions, uses and report stand in one transaction: a report that is refused uses nothing but the limits of
    the institution, and its refusal is written down. When a record was contested or corrected meanwhile, all is
    asked anew. Raises `NotPermitted`, `InquiryRefused` when the authorisation does not carry it, `NothingHeld`,
    `TooManyRequests`, `InstitutionSuspended`.
    """
    refusal: object = None
    for _ in range(TRIES):
        made, asked = gathering.for_institution(
            by, subject=subject, authorisation=authorisation, purpose=purpose, at=at
        )
        refusal = asked[0].intent.inquiry.refusal
        if not refusal:
            try:
                report = drawn_up(made, kind=Kind.INSTITUTION, by=by, place=place, at=at)
                report.marks_seen = asked[0].intent.marks_seen or 0
                refusal = _settled(report, made, asked, by=by)
            except NothingHeld as nothing:
                refusal = nothing
            if not refusal:
                return report.serial
        if refusal != Reason.CHANGED_MEANWHILE:
            break
    raise _refused(asked[0], refusal, by=by, at=at)


def drawn_up(made: Gathered, *, kind: Kind, by: Actor, place: Place, at: datetime) -> Report:
    """Return a report of what was gathered, not saved yet; raises `NothingHeld`."""
    if not any(one.lines for one in made.blocks):
        raise NothingHeld(
            "Nothing is held on this enterprise that a report could say: check the code, or come back"
            " when its registration has been delivered."
        )
    today = timezone.localdate(at)
    serial = serials.new(on=today)
    said = content.composed(
        made.blocks,
        grounds=content.Grounds(
            catalogue=place.node.catalogue, pack=rule_packs.load(), place=place.node.region, on=today
        ),
        head=_head(made, serial=serial, kind=kind, place=place, at=at),
        evaluation=made.evaluation,
        withheld=made.withheld,
    )
    written = canonical(said)
    return Report(
        serial=serial,
        kind=kind.value,
        subject=made.subject,
        name=made.name[:300],
        institution=made.institution,
        reader=made.reader[:300],
        authorisation=made.authorisation,
        purpose=made.purpose,
        issuer=place.node.name[:200],
        issued_by=by.who().label[:200],
        issued_at=at,
        content=written.decode(),
        content_digest=sha256(written),
        shown_until=shown_until(said),
        state=State.VALID.value,
    )


def _settled(report: Report, made: Gathered, asked: Sequence[Worked], *, by: Actor) -> object:
    """Settle the questions of a report and keep it; return the refusal of the first refused, and keep nothing then."""
    with transaction.atomic():
        places = DOOR.submit_all([one.intent for one in asked])
        refusal = next((one.result for one in places if one.result), None)
        if refusal:
            transaction.set_rollback(True)
        else:
            _kept(report, made, by=by)
    return refusal


def _kept(report: Report, made: Gathered, *, by: Actor) -> str:
    """Keep a report in the caller's transaction, in the place of earlier ones, and write it into the ledger."""
    at, kind = report.issued_at, Kind(report.kind)
    ending.supersede(
        subject=report.subject, institution=report.institution, kind=kind, by=report.serial, at=at
    )
    entry = audit.append(
        who=by.who(),
        act="report.issue",
        thing=Thing("report", report.serial),
        at=at,
        why=report.purpose,
        details={
            "content_digest": report.content_digest,
            "kind": kind.value,
            "inquiries": list(made.inquiries),
        },
        subject=report.subject,
    )
    report.ledger_entry = str(entry.uuid)
    report.save(force_insert=True)
    return report.serial


def _refused(one: Worked, refusal: object, *, by: Actor, at: datetime) -> CreditmeshError:
    """Write down that a report was refused, and return what to raise; it counts against the institution's limits."""
    asked = one.intent.inquiry
    row = inquiring.row_of(
        by,
        Question(
            subject=asked.subject,
            items=tuple(asked.items.split()),
            mode=Mode(asked.mode),
            purpose=asked.purpose,
            authorisation=asked.authorisation,
        ),
        at=at,
    )
    row.refusal = (refusal.code if isinstance(refusal, CreditmeshError) else str(refusal))[:40]
    owed = Passage(institution=by.organisation, measures=inquiring.measures(Mode(asked.mode)))
    place = DOOR.submit(Intent(by=by, inquiry=row, passage=owed))
    if isinstance(place.result, CreditmeshError):
        return place.result
    if isinstance(refusal, CreditmeshError):
        return refusal
    ledger = Sealed(position=place.position, entry=place.entry, leaf=place.leaf)
    if refusal == Reason.CHANGED_MEANWHILE:
        return AskAgain(Reason.CHANGED_MEANWHILE, inquiry=row.uuid, ledger=ledger)
    return InquiryRefused(str(refusal), inquiry=row.uuid, ledger=ledger)


def shown_until(said: dict[str, Any]) -> date | None:
    """Return the last day on which every adverse record of a report may still be shown, None without any."""
    adverse: Sequence[dict[str, Any]] = said["sections"][0]["blocks"]
    days = [line["publicity"]["until"] for block in adverse for line in block["lines"]]
    return min((date.fromisoformat(one) for one in days if one), default=None)


def _head(made: Gathered, *, serial: str, kind: Kind, place: Place, at: datetime) -> dict[str, Any]:
    node = place.node
    return {
        "serial": serial,
        "kind": kind.value,
        "issued_at": timezone.localtime(at).isoformat(timespec="seconds"),
        "issuer": {"name": node.name, "region": regions.name(node.region) or node.region},
        "fictitious": node.fictitious,
        "subject": {"code": made.subject, "name": made.name},
        "reader": {"code": made.institution, "name": made.reader},
        "purpose": made.purpose,
        "purpose_label": made.purpose_label,
        "authorisation": str(made.authorisation) if made.authorisation else "",
        "inquiries": list(made.inquiries),
        "verify_at": place.verify_at + serial,
    }
