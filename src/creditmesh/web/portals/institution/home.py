"""The first page of an institution's people: what waits for them, and how much of the limits is used."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.members.institutions import queries
from creditmesh.apps.members.institutions.rules.counting import Measure, limit_of, window
from creditmesh.apps.members.institutions.rules.standing import Institution
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.cards import cards_for
from creditmesh.web.portals.frame.charts import Chart, Kind, Series
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.frame.vocabulary.institutions import MEASURED
from creditmesh.web.portals.institution.cards import CARDS

DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """How much of a limit is used now."""

    label: str
    used: int
    limit: int
    tone: str

    @property
    def width(self) -> float:
        """Return the filled part in hundredths, at most all of it."""
        return round(min(100.0, 100 * self.used / self.limit), 1)


@requires(Permission.SEE_OWN_INQUIRIES)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the institution, and what it used of its limits."""
    actor, at = actor_of(request), timezone.now()
    found = institution_of(actor.organisation)
    context = {
        "institution": found,
        "cards": cards_for(actor, CARDS, at=at) if found else (),
        "gauges": gauges(found, at=at) if found else (),
        "may_ask": actor.may(Permission.INQUIRE) and actor.may(Permission.REQUEST_AUTHORISATIONS),
    }
    return show(request, "institution/home.html", context)


def institution_of(code: str) -> Institution | None:
    """Return the institution of that code, None when it was not admitted yet."""
    try:
        return queries.institution(code)
    except queries.UnknownInstitution:
        return None


def gauges(institution: Institution, *, at: datetime) -> tuple[Gauge, ...]:
    """Return how much of each limit is used in this minute and on this day."""
    zone = timezone.get_default_timezone()
    made = []
    for measure in Measure:
        now = window(measure, at=at, zone=zone).name
        used = queries.used(institution=institution.code, measure=measure, period=now)
        limit = limit_of(measure, limits=institution.limits)
        tone = "bad" if used >= limit else "warn" if used * 10 >= limit * 8 else "good"
        made.append(Gauge(label=str(MEASURED[measure]), used=used, limit=limit, tone=tone))
    return tuple(made)


def history(institution: str) -> Chart | None:
    """Return the inquiries of each of the last days as a figure, None when there were none."""
    days = queries.usage(institution=institution, measure=Measure.INQUIRIES, periods=DAYS)
    if not days:
        return None
    raw = queries.usage(institution=institution, measure=Measure.RAW, periods=DAYS)
    return Chart(
        key="usage",
        title=_("Inquiries of the last %(n)s days with any") % {"n": DAYS},
        category_label=_("Day"),
        categories=tuple(days),
        series=(
            Series(name=_("all inquiries"), values=tuple(days.values())),
            Series(name=_("for raw detail"), values=tuple(raw.get(day, 0) for day in days), tone="3"),
        ),
        kind=Kind.LINE,
    )
