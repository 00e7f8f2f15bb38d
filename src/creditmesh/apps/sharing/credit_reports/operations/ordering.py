"""PDFs that take longer than a request may: ordered, made by the worker, fetched."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.sharing.credit_reports.models import Order
from creditmesh.apps.sharing.credit_reports.operations import opening
from creditmesh.apps.sharing.credit_reports.operations.printing import Printed
from creditmesh.apps.sharing.credit_reports.queries import reports
from creditmesh.apps.sharing.credit_reports.queries.reports import IssuedReport
from creditmesh.apps.sharing.credit_reports.rules.standing import CannotPrint, Form

KEPT = timedelta(days=1)
Draw = Callable[[IssuedReport, Form, str], Printed]


def fetch(serial: str, *, form: Form, language: str, by: Actor, at: datetime) -> Printed | None:
    """Return a PDF the worker has made; None, and it is ordered, when it has not yet.

    Raises `UnknownReport`, `ReportClosed`, and `CannotPrint` when the worker could not make it.
    """
    report = reports.stored(serial, viewer=by)
    opening.require_open(report, at=at)
    Order.objects.filter(ordered_at__lt=at - KEPT).delete()
    found = Order.objects.filter(report=report, form=form.value, language=language).first()
    if found is None:
        try:
            with transaction.atomic():
                found = Order.objects.create(report=report, form=form.value, language=language, ordered_at=at)
                audit.announce(event="report.ordered", key=str(found.pk), at=at)
        except IntegrityError:  # another tab was quicker
            return None
    if found.failure:
        found.delete()
        raise CannotPrint(found.failure)
    if found.data is None:
        return None
    return Printed(data=bytes(found.data), sha256=found.sha256, pages=found.pages)


def fulfil(order: int, *, draw: Draw, at: datetime) -> bool:
    """Make an ordered PDF, and return whether there was anything to make."""
    found = Order.objects.select_related("report").filter(pk=order, made_at=None).first()
    if found is None:
        return False
    try:
        printed = draw(reports.issued(found.report), Form(found.form), found.language)
    except CannotPrint as refusal:
        Order.objects.filter(pk=order).update(made_at=at, failure=refusal.sentence)
        return True
    Order.objects.filter(pk=order).update(
        made_at=at, data=printed.data, sha256=printed.sha256, pages=printed.pages
    )
    return True
