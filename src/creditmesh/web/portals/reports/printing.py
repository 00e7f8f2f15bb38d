"""The PDF of a report: the same templates as the page, complete in themselves, and our own style sheets."""

from functools import cache
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import translation

from creditmesh.apps.sharing.credit_reports.operations import printing
from creditmesh.apps.sharing.credit_reports.operations.printing import Printed
from creditmesh.apps.sharing.credit_reports.queries.reports import IssuedReport
from creditmesh.apps.sharing.credit_reports.rules.standing import Form
from creditmesh.web.portals.reports.document import document

STYLES = Path(__file__).parents[2] / "static" / "css"
LANGUAGES = {"zh": "zh-hans", "en": "en"}


def printed(issued: IssuedReport, *, form: Form, language: str) -> Printed:
    """Return the PDF of a report in "zh" or "en"; raises `CannotPrint`."""
    with translation.override(LANGUAGES[language]):
        html = render_to_string("reports/print.html", {"doc": document(issued, form=form)})
    identifier = f"{issued.line.serial} {form} {language} {issued.content_digest}"
    return printing.pdf(html, styles=_styles(), identifier=identifier)


def file_name(issued: IssuedReport, *, form: Form, language: str) -> str:
    """Return the name a PDF is kept under."""
    return f"{issued.line.serial}-{form}-{language}.pdf"


@cache
def _styles() -> tuple[str, ...]:
    return tuple((STYLES / name).read_text(encoding="utf-8") for name in ("report.css", "report-print.css"))
