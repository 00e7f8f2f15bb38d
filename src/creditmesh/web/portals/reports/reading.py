"""One report on its page and as a file: the same for the enterprise and for an institution, each sees its own."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.sharing.credit_reports.operations import issuing, opening, ordering
from creditmesh.apps.sharing.credit_reports.operations import printing as papers
from creditmesh.apps.sharing.credit_reports.queries.reports import IssuedReport
from creditmesh.apps.sharing.credit_reports.rules.standing import Form
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.reports import printing
from creditmesh.web.portals.reports.document import document

# A full report of more records takes longer than a page may be waited for: it is made by the worker.
MOST_AT_ONCE = 12


def place(request: HttpRequest) -> issuing.Place:
    """Return where a report is issued: this node, and the page that checks it."""
    return issuing.Place(node=this_node(), verify_at=request.build_absolute_uri(reverse("check")))


def page(request: HttpRequest, serial: str, *, by: Actor, home: str) -> HttpResponse:
    """Show a report; the look is written down."""
    issued = opening.open_report(serial, by=by, at=timezone.now())
    form = _form(request)
    context = {
        "doc": document(issued, form=form),
        "line": issued.line,
        "form": form.value,
        "home": home,
        "languages": (("zh", "中文"), ("en", "English")),
        "here": "zh" if (get_language() or "zh").startswith("zh") else "en",
        "can_print": papers.can_print(),
    }
    return show(request, "reports/report.html", context)


def file(request: HttpRequest, serial: str, *, by: Actor, home: str) -> HttpResponse:
    """Hand out a report as PDF; one that takes long is ordered and waited for on a page."""
    form, language, at = _form(request), _language(request), timezone.now()
    if "waiting" not in request.GET:
        issued = opening.open_report(serial, by=by, at=at)
        if form is Form.SUMMARY or _lines(issued) <= MOST_AT_ONCE:
            return _handed_out(
                printing.printed(issued, form=form, language=language), issued.line.serial, form, language, by
            )
    made = ordering.fetch(serial, form=form, language=language, by=by, at=at)
    if made is None:
        query = f"?form={form}&language={language}&waiting=1"
        context = {"serial": serial, "again": request.path + query, "home": home}
        answer = show(request, "reports/waiting.html", context, status=202)
        answer["Refresh"] = f"2; url={request.path}{query}"
        return answer
    return _handed_out(made, serial, form, language, by)


def _handed_out(made: papers.Printed, serial: str, form: Form, language: str, by: Actor) -> HttpResponse:
    papers.keep_printing(made, serial=serial, form=form, language=language, by=by, at=timezone.now())
    answer = HttpResponse(made.data, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{serial}-{form}-{language}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


def _lines(issued: IssuedReport) -> int:
    blocks = (block for section in issued.content["sections"] for block in section["blocks"])
    return sum(len(block["lines"]) for block in blocks)


def _form(request: HttpRequest) -> Form:
    return Form.SUMMARY if request.GET.get("form") == Form.SUMMARY else Form.FULL


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("language", "")
    if asked in printing.LANGUAGES:
        return asked
    return "zh" if (get_language() or "zh").startswith("zh") else "en"
