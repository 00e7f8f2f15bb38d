"""What followed one's inquiries: those that wait for an outcome, declared one by one or in a file."""

import itertools
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.sharing.oversight.operations import declaring, exporting
from creditmesh.apps.sharing.oversight.operations.declaring import Taken, UnreadableOutcomes
from creditmesh.apps.sharing.oversight.queries import counting, lines
from creditmesh.apps.sharing.oversight.rules import Kind, Thresholds, WrongOutcome, said
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import paging, refusals
from creditmesh.web.portals.frame.charts import Chart, Series
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.institution.home import institution_of

SIZE = 25


@requires(Permission.DECLARE_OUTCOMES)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the inquiries that wait for an outcome, and how the institution stands."""
    return _page(request)


@requires(Permission.DECLARE_OUTCOMES)
@require_POST
def declare(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say what followed one inquiry."""
    try:
        told = said(request.POST.get("kind", ""), request.POST.get("reference", ""))
        declaring.declare(uuid, told, by=actor_of(request), at=timezone.now())
    except WrongOutcome as refusal:
        messages.error(request, refusals.sentence(refusal))
    else:
        messages.success(request, _("The outcome is kept."))
    return redirect("outcomes")


@requires(Permission.DECLARE_OUTCOMES)
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file of outcomes; rows that do not hold are named."""
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose a file first."))
        return redirect("outcomes")
    try:
        content = file.read(declaring.LARGEST_FILE + 1)
        taken = declaring.declare_file(content, by=actor_of(request), at=timezone.now())
    except UnreadableOutcomes as refusal:
        messages.error(request, refusals.sentence(refusal))
        return redirect("outcomes")
    told = ngettext("%(n)s outcome is kept.", "%(n)s outcomes are kept.", taken.taken) % {"n": taken.taken}
    messages.success(request, told)
    return _page(request, taken=taken) if taken.failed else redirect("outcomes")


@requires(Permission.DECLARE_OUTCOMES)
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """Hand out the inquiries that wait for an outcome, to fill in and send back."""
    at = timezone.now()
    limits = counting.limits_of(this_node(), at=at)
    text = exporting.to_fill_in(by=actor_of(request), limits=limits, at=at)
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="outcomes.csv"'
    return answer


def ages(home: str, *, limits: Thresholds, now: counting.Standing) -> Chart | None:
    """Return how long inquiries without an outcome have waited as a figure, None when none waits."""
    numbers = counting.ages(home, since=now.since, at=timezone.now())
    if not any(numbers):
        return None
    ends = counting.AGES
    names = [_("up to %(n)s days") % {"n": ends[0]}]
    names += [
        _("%(first)s to %(last)s days") % {"first": first + 1, "last": last}
        for first, last in itertools.pairwise(ends)
    ]
    names.append(_("longer than %(n)s days") % {"n": ends[-1]})
    return Chart(
        key="ages",
        title=_("Inquiries without an outcome, by age"),
        note=_("An outcome is due after %(n)s days.") % {"n": limits.days},
        category_label=_("Asked"),
        categories=tuple(names),
        series=(
            Series(
                name=_("Inquiries"),
                values=numbers,
                tones=tuple("d" if end > limits.days else "1" for end in (*ends, limits.days + 1)),
            ),
        ),
        across=True,
    )


def _page(request: HttpRequest, *, taken: Taken | None = None) -> HttpResponse:
    actor, at = actor_of(request), timezone.now()
    home = institution_of(actor.organisation)
    if home is None:
        return show(request, "institution/outcomes.html", {"institution": None})
    limits = counting.limits_of(this_node(), at=at)
    now = counting.standing(home, limits=limits, at=at)
    of_home = partial(lines.waiting, home.code, limits=limits, since=now.since, at=at)
    pages = paging.asked(request.GET, total=of_home(limit=0).total, size=SIZE)
    found = of_home(offset=pages.offset, limit=SIZE).lines
    context = {
        "institution": home,
        "now": now,
        "limits": limits,
        "lines": found,
        "names": {
            key: one.name for key, one in parties.subjects(keys=[one.subject for one in found]).items()
        },
        "pages": pages,
        "kinds": tuple(Kind),
        "ages": ages(home.code, limits=limits, now=now),
        "taken": taken,
    }
    return show(request, "institution/outcomes.html", context, status=422 if taken else 200)
