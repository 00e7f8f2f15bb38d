"""Open a report that was issued: the enterprise its own, an institution the ones made for it while they stand."""

from datetime import datetime

from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.sharing.authorisations import queries as authorisations
from creditmesh.apps.sharing.authorisations.rules import State as Life
from creditmesh.apps.sharing.authorisations.rules import state_at
from creditmesh.apps.sharing.credit_reports.models import Report
from creditmesh.apps.sharing.credit_reports.queries import reports
from creditmesh.apps.sharing.credit_reports.queries.reports import IssuedReport
from creditmesh.apps.sharing.credit_reports.rules.standing import Kind, ReportClosed, State

# An authorisation that is used up was not taken back: what it gave may be read again while it would have lasted.
_READABLE = frozenset({Life.ACTIVE, Life.EXHAUSTED})


def open_report(serial: str, *, by: Actor, at: datetime) -> IssuedReport:
    """Return a report and write down who opened it.

    Raises `UnknownReport` for what is not among one's own, `ReportClosed`, `ReportChanged`.
    """
    found = reports.stored(serial, viewer=by)
    require_open(found, at=at)
    issued = reports.issued(found)
    audit.append(
        who=by.who(), act="report.open", thing=Thing("report", found.serial), at=at, subject=found.subject
    )
    return issued


def require_open(report: Report, *, at: datetime) -> None:
    """Refuse a report that may be opened no more; raise `ReportClosed`.

    An institution reads on while the authorisation stands, nothing in the report was corrected, and every
    adverse record in it is still within its publicity: a report must not be a way around the door.
    """
    if report.state == State.REVOKED:
        raise ReportClosed("This report was revoked and is shown to nobody any more: have a new one issued.")
    if report.kind == Kind.OWN:
        return
    standing = authorisations.standing(report.authorisation) if report.authorisation else None
    over = standing is None or standing.terms.day(at) > standing.last_day
    if standing is None or over or state_at(standing, at=at) not in _READABLE:
        raise ReportClosed(
            "The authorisation behind this report has ended: ask the enterprise for a new one."
        )
    if report.state == State.OUTDATED:
        raise ReportClosed("A record in this report was corrected since: have a new one issued.")
    if report.shown_until is not None and report.shown_until < timezone.localdate(at):
        raise ReportClosed("The publicity of a record in this report has ended: have a new one issued.")
