"""What the worker does for PDFs: the one call that needs the templates."""

from datetime import UTC, datetime

from django_tasks import task

from creditmesh.apps.sharing.credit_reports.operations import ordering
from creditmesh.apps.sharing.credit_reports.operations.printing import Printed
from creditmesh.apps.sharing.credit_reports.queries.reports import IssuedReport
from creditmesh.apps.sharing.credit_reports.rules.standing import Form
from creditmesh.web.portals.reports import printing


@task()
def make_ordered(order: str) -> bool:
    """After `report.ordered`: make the PDF."""
    return ordering.fulfil(int(order), draw=_draw, at=datetime.now(UTC))


def _draw(issued: IssuedReport, form: Form, language: str) -> Printed:
    return printing.printed(issued, form=form, language=language)
