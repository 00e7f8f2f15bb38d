"""What becomes of reports that were issued: replaced, outdated by a correction, revoked."""

from datetime import datetime

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import WORKER, Thing
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.rules import RecordRef
from creditmesh.apps.members.institutions.operations import noticing
from creditmesh.apps.sharing.credit_reports.models import Report
from creditmesh.apps.sharing.credit_reports.rules import serials
from creditmesh.apps.sharing.credit_reports.rules.standing import Kind, State, UnknownReport, require_end
from creditmesh.apps.sharing.disclosure.rules import bodies
from creditmesh.apps.sharing.rights.rules.objections import require_reason

# One that was replaced is still opened by its reader.
_READ = frozenset({State.VALID.value, State.SUPERSEDED.value})


def supersede(*, subject: str, institution: str, kind: Kind, by: str, at: datetime) -> int:
    """Let a new report take the place of the earlier ones for the same reader, and return how many."""
    earlier = Report.objects.filter(
        subject=subject, institution=institution, kind=kind.value, state=State.VALID.value
    )
    return earlier.update(state=State.SUPERSEDED.value, state_at=at, state_why=by)


@transaction.atomic
def outdate(record: RecordRef, *, seq: int, at: datetime) -> int:
    """Mark the reports that show a record as outdated, for it was contested or corrected; return how many.

    `seq` is the place of the mark: what was issued with the mark in it stands.

    What is printed cannot be called back: whoever checks the serial learns it, and no reader opens it again.
    """
    reference = bodies.reference(record.item, record.key)
    standing = list(
        Report.objects.select_for_update()
        .filter(
            subject=record.subject,
            state__in=sorted(_READ),
            marks_seen__lt=seq,
            content__contains=f'"reference":"{reference}"',
        )
        .order_by("id")
    )
    for one in standing:
        _end(one, to=State.OUTDATED, why=f"{record.item} {reference}", at=at)
        audit.append(
            who=WORKER,
            act="report.outdate",
            thing=Thing("report", one.serial),
            at=at,
            why=f"{record.item} {reference}",
            subject=one.subject,
        )
    return len(standing)


@transaction.atomic
def revoke(serial: str, *, by: Actor, why: str, at: datetime) -> None:
    """Declare a report void, and say why; whoever checks it is told, and so is the institution that had it issued.

    Raises `NotPermitted`, `ReasonMissing`, `UnknownReport`, `ReportStands`.
    """
    by.demand(Permission.HANDLE_OBJECTIONS)
    why = require_reason(why)
    found = Report.objects.select_for_update().filter(serial=serials.read(serial) or "").first()
    if found is None:
        raise UnknownReport("No report has this serial: check it against the paper.")
    _end(found, to=State.REVOKED, why=why, at=at)
    audit.append(
        who=by.who(),
        act="report.revoke",
        thing=Thing("report", found.serial),
        at=at,
        why=why,
        subject=found.subject,
    )
    if found.institution:
        about = {"report": found.serial, "subject": found.subject, "why": found.state_why}
        noticing.notify(institution=found.institution, kind="report.revoked", about=about, at=at)


def _end(report: Report, *, to: State, why: str, at: datetime) -> None:
    require_end(state=State(report.state), to=to)
    report.state, report.state_at, report.state_why = to.value, at, why[:300]
    report.save(update_fields=["state", "state_at", "state_why"])
