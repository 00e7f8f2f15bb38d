"""The list of enterprises: searched, filtered, sorted, paged, exported."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditmesh.apps.evaluation.grading.operations import exporting
from creditmesh.apps.evaluation.grading.queries import distribution, standings
from creditmesh.apps.evaluation.grading.rules import Outcome
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.regulator.choosing import chosen, grade_labels

SIZE = 50


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice of a drop-down."""

    value: str
    label: str
    picked: bool


@requires(Permission.SEE_RISK_CLASSES)
@require_GET
def enterprises(request: HttpRequest) -> HttpResponse:
    """Show one page of who stands where."""
    choice = chosen(request.GET.get("system", ""))
    context: dict[str, object] = {"choice": choice, "grade_labels": grade_labels(choice.system)}
    if choice.latest is not None:
        run = choice.latest.uuid
        viewer = actor_of(request)
        filters = asked(request)
        sort = _sort(request.GET.get("sort", ""))
        context |= {
            "found": standings.listing(
                viewer=viewer,
                run=run,
                filters=filters,
                sort=sort,
                after=request.GET.get("after"),
                size=SIZE,
                language=get_language() or "zh",
            ),
            "filters": filters,
            "sort": sort.value,
            "is_narrowed": filters != standings.Filters(),
            "regions": _regions(request, run, picked=filters.region),
            "sections": _sections(picked=filters.section),
            "outcomes": tuple(one.value for one in Outcome),
        }
    return show(request, "regulator/enterprises.html", context, part="results")


@requires(Permission.SEE_RISK_CLASSES)
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """Hand out the list as it is narrowed, and write to the ledger who took it and why."""
    why = request.POST.get("why", "").strip()[:500]
    if not why:
        messages.error(request, _("Say what the list is for: the ledger keeps the reason."))
        return redirect(f"{reverse('enterprises')}?{request.GET.urlencode()}")
    choice = chosen(request.GET.get("system", ""))
    made = exporting.export_list(
        viewer=actor_of(request),
        system=choice.system,
        run=choice.latest.uuid if choice.latest else None,
        filters=asked(request),
        form=exporting.Format.EXCEL if request.POST.get("form") == "xlsx" else exporting.Format.CSV,
        why=why,
        at=timezone.now(),
        language=get_language() or "zh",
    )
    answer = StreamingHttpResponse(made.pieces, content_type=made.content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    return answer


def asked(request: HttpRequest) -> standings.Filters:
    """Return the filters a query string asks for."""
    query = request.GET
    return standings.Filters(
        text=query.get("q", "").strip()[:100],
        grade=query.get("grade", "")[:12],
        region=query.get("region", "")[:12],
        section=query.get("section", "")[:8],
        outcome=query.get("outcome", "")[:12],
        moved=query.get("moved", "")[:12],
    )


def _sort(text: str) -> standings.Sort:
    known = {one.value: one for one in standings.Sort}
    return known.get(text, standings.Sort.WORST_FIRST)


def _regions(request: HttpRequest, run: UUID, *, picked: str) -> tuple[Option, ...]:
    table = distribution.by_region(viewer=actor_of(request), run=run, language=get_language() or "zh")
    return tuple(
        Option(value=one.key, label=one.label, picked=one.key == picked)
        for one in sorted(table.rows, key=lambda one: one.key)
    )


def _sections(*, picked: str) -> tuple[Option, ...]:
    letters = "ABCDEFGHIJKLMNOPQRST"
    language = get_language() or "zh"
    return tuple(
        Option(
            value=one,
            label=f"{one} {distribution.section_label(one, language=language)}",
            picked=one == picked,
        )
        for one in letters
    )
