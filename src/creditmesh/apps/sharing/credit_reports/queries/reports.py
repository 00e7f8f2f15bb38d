"""The reports somebody may see, and what stands in them."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.authorisations import overview
from creditmesh.apps.sharing.credit_reports.models import Report
from creditmesh.apps.sharing.credit_reports.rules import serials
from creditmesh.apps.sharing.credit_reports.rules.standing import Kind, ReportChanged, State, UnknownReport
from creditmesh.catalogue.model import Text
from creditmesh.exchange.canonical import sha256

MOST = 100


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """A report in a list."""

    serial: str
    kind: Kind
    subject: str
    name: str
    reader: str
    purpose: str
    purpose_label: Text
    issued_at: datetime
    issued_by: str
    state: State
    state_at: datetime | None
    state_why: str
    shown_until: date | None
    authorisation: UUID | None


@dataclass(frozen=True, kw_only=True)
class IssuedReport:
    """A report with what it says."""

    line: ReportLine
    content: dict[str, Any]
    content_digest: str
    ledger_entry: str


def listing(*, viewer: Actor, subject: str = "") -> list[ReportLine]:
    """Return the newest reports somebody may see, at most a hundred; an institution's may be narrowed."""
    found = seen_by(viewer)
    if subject:
        found = found.filter(subject=subject)
    return [line(one) for one in found.defer("content").order_by("-id")[:MOST]]


def issued_here(by: Actor, *, text: str = "") -> list[ReportLine]:
    """Return the newest reports issued here, at most a hundred, or the one of a serial as somebody typed it.

    For whoever may revoke them: never what they say. Raises `NotPermitted`.
    """
    by.demand(Permission.HANDLE_OBJECTIONS)
    found = Report.objects.defer("content").order_by("-id")
    if text:
        found = found.filter(serial=serials.read(text) or "")
    return [line(one) for one in found[:MOST]]


def seen_by(viewer: Actor) -> QuerySet[Report]:
    """Return the reports somebody may see: one's own enterprise's, or those issued to one's institution."""
    if viewer.subject and viewer.may(Permission.SEE_OWN_RECORD):
        return Report.objects.filter(kind=Kind.OWN.value, subject=viewer.subject)
    if viewer.organisation and viewer.may(Permission.INQUIRE):
        return Report.objects.filter(kind=Kind.INSTITUTION.value, institution=viewer.organisation)
    return Report.objects.none()


def stored(serial: str, *, viewer: Actor) -> Report:
    """Return the row of a report somebody may see; raises `UnknownReport`."""
    kept = serials.read(serial)
    found = seen_by(viewer).filter(serial=kept).first() if kept else None
    if found is None:
        raise UnknownReport("There is no such report among yours: look it up in your list of reports.")
    return found


def issued(report: Report) -> IssuedReport:
    """Return a report with its content; raises `ReportChanged` when it is not what its digest says."""
    if sha256(report.content.encode()) != report.content_digest:
        raise ReportChanged(
            "The content of this report was changed after it was issued. Do not rely on it; tell the operator."
        )
    return IssuedReport(
        line=line(report),
        content=json.loads(report.content),
        content_digest=report.content_digest,
        ledger_entry=report.ledger_entry,
    )


def line(report: Report) -> ReportLine:
    """Return a report as lists show it."""
    return ReportLine(
        serial=report.serial,
        kind=Kind(report.kind),
        subject=report.subject,
        name=report.name,
        reader=report.reader,
        purpose=report.purpose,
        purpose_label=overview.purpose_label(report.purpose),
        issued_at=report.issued_at,
        issued_by=report.issued_by,
        state=State(report.state),
        state_at=report.state_at,
        state_why=report.state_why,
        shown_until=report.shown_until,
        authorisation=report.authorisation,
    )
