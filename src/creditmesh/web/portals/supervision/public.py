"""What everyone may see: item lists, draws, results; and a way to compute a draw again in the browser."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from creditmesh.apps.evaluation.supervision.queries import lists, published
from creditmesh.apps.evaluation.supervision.rules.codes import TaskState
from creditmesh.apps.evaluation.supervision.rules.states import DRAWN_STATES
from creditmesh.drawing.standalone import verify_draw
from creditmesh.web.access import open_to_all
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.supervision.stepping import item_names, unit_names
from creditmesh.web.portals.supervision.tasks import drawn_chart

LONGEST = 100


@open_to_all
@require_GET
def draws(request: HttpRequest) -> HttpResponse:
    """Show announced and conducted draws, newest first."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    found = published.draws(text=text)
    context = {
        "rows": found,
        "names": unit_names(*(one.unit for one in found)),
        "text": text,
        "here": "draws",
    }
    return show(request, "supervision/public_draws.html", context)


@open_to_all
@require_GET
def draw(request: HttpRequest, number: str) -> HttpResponse:
    """Show one draw: what was announced before, what came of it, and how to check it."""
    found = published.draw(number)
    is_drawn = found.state in {one.value for one in DRAWN_STATES}
    file = published.draw_file(number) if is_drawn else None
    context = {
        "draw": found,
        "names": unit_names(found.unit, *found.joint_units),
        "item_names": item_names(unit=found.unit),
        "told": published.announcement(number)["announcement"],
        "file": file,
        "drawn": drawn_chart(file["counts"]) if file else None,
        "abandoned": found.state == TaskState.ABANDONED.value,
        "results": published.results(number=number).rows,
        "words": _words() if file else None,
        "here": "draws",
    }
    return show(request, "supervision/public_draw.html", context)


@open_to_all
@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """Compute a draw file again in the reader's own browser; the file is sent nowhere."""
    return show(request, "supervision/public_check.html", {"words": _words(), "here": "check"})


@open_to_all
@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """Show published results, newest first."""
    text, after = request.GET.get("q", "").strip()[:LONGEST], request.GET.get("after", "")
    page = published.results(
        text=text, after=int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
    )
    context = {
        "page_of": page,
        "names": unit_names(*(one.unit for one in page.rows)),
        "text": text,
        "here": "results",
    }
    return show(request, "supervision/public_results.html", context)


@open_to_all
@require_GET
def items(request: HttpRequest) -> HttpResponse:
    """Show what may be inspected at all, by whom and on which grounds."""
    found = lists.items()
    language = get_language() or "zh-hans"
    context = {
        "rows": [(one, one.name(language)) for one in found],
        "names": unit_names(*(one.unit for one in found)),
        "here": "items",
    }
    return show(request, "supervision/public_items.html", context)


def _words() -> dict[str, str]:
    """Return the sentences of `verify_draw.py` in the language of the page, for the script of the page."""
    chosen = 0 if (get_language() or "zh").startswith("zh") else 1
    return {name: both.split(" // ")[chosen] for name, both in verify_draw.WORDS.items()}
