"""The first page of the workshop, and everything there is of one system."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditmesh.apps.evaluation.systems.queries import drafts, versions
from creditmesh.apps.evaluation.systems.queries.versions import LiveSystem, VersionRow
from creditmesh.apps.evaluation.systems.rules.standing import Standing, State
from creditmesh.apps.evaluation.trials.queries import trials
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.catalogue.model import Text
from creditmesh.catalogue.reading import CatalogueRefused, parse
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.rendering import show


@dataclass(frozen=True, kw_only=True)
class Line:
    """One system with what is valid today."""

    system: str
    label: Text | None
    live: LiveSystem | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A version with what it is today."""

    version: VersionRow
    standing: Standing


@requires(Permission.SEE_TRIALS)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for approval, what is being worked on, and what is valid."""
    today = timezone.localdate()
    live = [(name, versions.live(name, today)) for name in versions.names()]
    context = {
        "proposals": versions.versions(states=[State.PROPOSED]),
        "drafts": drafts.open_drafts(),
        "lines": [Line(system=name, label=label_of(one), live=one) for name, one in live],
        "trials": trials.latest()[:8],
        "may_edit": actor_of(request).may(Permission.EDIT_SYSTEMS),
    }
    return show(request, "systems/home.html", context)


@requires(Permission.SEE_TRIALS)
@require_GET
def versions_of(request: HttpRequest, system: str) -> HttpResponse:
    """Show every version of one system, what is valid when, and its trials."""
    if system not in versions.names() and not versions.versions(system=system):
        raise Http404(_("There is no index system %(name)s.") % {"name": system})
    today = timezone.localdate()
    live = versions.live(system, today)
    known = versions.versions(system=system)
    shipped = versions.shipped_version(system)
    context = {
        "system": system,
        "label": label_of(live or shipped),
        "live": live,
        "shipped": shipped,
        "entries": [Entry(version=one, standing=one.standing(today)) for one in known],
        "earlier": [one for one in known if one.state is State.APPROVED and not one.shadow],
        "trials": trials.latest(system=system)[:20],
        "may_edit": actor_of(request).may(Permission.EDIT_SYSTEMS),
    }
    return show(request, "systems/versions.html", context)


def label_of(found: LiveSystem | None) -> Text | None:
    """Return what a file calls its system, None where it does not say."""
    if found is None:
        return None
    try:
        told = parse(found.content.decode("utf-8", errors="replace"), file=found.system).data
    except CatalogueRefused:
        return None
    label = told.get("label") if isinstance(told, dict) else None
    return Text(zh=str(label.get("zh", "")), en=str(label.get("en", ""))) if isinstance(label, dict) else None
