"""Purpose proved afterwards: inquiries with nothing behind them, by institution and by user."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.sharing.oversight.operations import exporting, judging
from creditmesh.apps.sharing.oversight.queries import counting, lines
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import paging, refusals
from creditmesh.web.portals.frame.charts import Chart, Kind, Series
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.institution.outcomes import ages

MOST_BARS = 12
SIZE = 50


@requires(Permission.SEE_OVERSIGHT)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show where every institution stands."""
    at = timezone.now()
    found = counting.standings(node=this_node(), at=at)
    context = {
        "standings": found,
        "chart": _by_institution(found),
        "limits": counting.limits_of(this_node(), at=at),
        "asked": sum(one.tally.asked for one in found),
        "nothing": sum(one.tally.nothing for one in found),
        "waiting": sum(one.tally.waiting for one in found),
        "suspended": sum(not one.institution.active for one in found),
    }
    return show(request, "operator/oversight.html", context)


@requires(Permission.SEE_OVERSIGHT)
@require_GET
def institution(request: HttpRequest, code: str) -> HttpResponse:
    """Show one institution: its people, how long inquiries wait, those with nothing behind them."""
    at = timezone.now()
    home = institutions.institution(code)
    limits = counting.limits_of(this_node(), at=at)
    now = counting.standing(home, limits=limits, at=at)
    of_home = partial(lines.nothing_behind, code, limits=limits, since=now.since, at=at)
    pages = paging.asked(request.GET, total=of_home(limit=0).total, size=SIZE)
    found = of_home(offset=pages.offset, limit=SIZE).lines
    context = {
        "now": now,
        "limits": limits,
        "users": counting.by_user(code, limits=limits, since=now.since, at=at),
        "ages": ages(code, limits=limits, now=now),
        "lines": found,
        "names": {
            key: one.name for key, one in parties.subjects(keys=[one.subject for one in found]).items()
        },
        "pages": pages,
        "measures": counting.measures(code),
        "may_resume": actor_of(request).may(Permission.MANAGE_INSTITUTIONS) and not home.active,
    }
    return show(request, "operator/oversight_institution.html", context)


@requires(Permission.SEE_OVERSIGHT)
@require_POST
def export(request: HttpRequest, code: str) -> HttpResponse:
    """Hand out the inquiries with nothing behind them, and write down who took them and why."""
    at = timezone.now()
    home = institutions.institution(code)
    limits = counting.limits_of(this_node(), at=at)
    try:
        text = exporting.nothing_behind(
            home.code, by=actor_of(request), why=request.POST.get("why", ""), limits=limits, at=at
        )
    except exporting.WhyMissing as refusal:
        messages.error(request, refusals.sentence(refusal))
        return redirect("oversight-institution", code)
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="nothing-behind-{at:%Y-%m-%d}.csv"'
    return answer


@requires(Permission.MANAGE_INSTITUTIONS)
@require_POST
def resume(request: HttpRequest, code: str) -> HttpResponse:
    """Let a suspended institution ask again, with a reason."""
    home = institutions.institution(code)
    try:
        judging.resume(
            home.code, why=request.POST.get("why", "")[:500], by=actor_of(request), at=timezone.now()
        )
    except CreditmeshError as refusal:
        messages.error(request, refusals.sentence(refusal))
    else:
        messages.success(request, _("The institution may ask again. It was told, with your reason."))
    return redirect("oversight-institution", code)


def _by_institution(found: tuple[counting.Standing, ...]) -> Chart | None:
    shown = [one for one in found if one.tally.asked][:MOST_BARS]
    if not shown:
        return None
    parts = (
        (_("something followed"), "behind", "a"),
        (_("still time"), "waiting", "1"),
        (_("said to be empty"), "empty", "c"),
        (_("overdue"), "overdue", "d"),
    )
    return Chart(
        key="oversight",
        title=_("What followed the inquiries"),
        note=_("As declared by the institutions, or as it happened on the platform."),
        category_label=_("Institution"),
        categories=tuple(one.institution.name for one in shown),
        series=tuple(
            Series(name=name, values=tuple(getattr(one.tally, part) for one in shown), tone=tone)
            for name, part, tone in parts
        ),
        kind=Kind.STACKED,
        across=True,
        with_shares=True,
        hrefs=tuple(reverse("oversight-institution", args=[one.institution.code]) for one in shown),
    )
