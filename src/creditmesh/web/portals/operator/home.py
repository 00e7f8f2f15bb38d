"""The operator's first page: what needs attention now."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditmesh.apps.evaluation.grading.queries import runs
from creditmesh.apps.evaluation.grading.rules import State as RunState
from creditmesh.apps.ground.audit import queries as audit
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.queries import batches, items, reviews
from creditmesh.apps.members.enterprises.queries import claims
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.collection import quality
from creditmesh.web.portals.frame.rendering import show

LATEST = 8
LATEST_RUNS = 20


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One thing to look after: how many there are, whether it presses, and where to go; '' leads nowhere."""

    label: str
    value: int
    note: str
    tone: str
    href: str
    symbol: str


@requires(Permission.SEE_NODE)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what needs attention and what happened last."""
    viewer = actor_of(request)
    latest = batches.batches(viewer=viewer, size=LATEST)
    catalogue = this_node().catalogue
    lists = items.overview(viewer=viewer, catalogue=catalogue)
    context = {
        "tiles": _tiles(viewer, latest),
        "batches": latest.batches,
        "total": latest.total,
        "labels": {code: one.label for code, one in catalogue.items.items()},
        "ledger": audit.ledger_page(size=LATEST).lines if viewer.may(Permission.SEE_LEDGER) else (),
        "delivered": sum(one.delivered for one in lists),
        "asked_for": len(lists),
        "records": sum(one.records for one in lists),
        "subjects": parties.subject_count(),
        "may_deliver": viewer.may(Permission.DELIVER),
    }
    return show(request, "operator/home.html", context)


def _tiles(viewer: Actor, latest: batches.BatchPage) -> tuple[Tile, ...]:
    quarantined = sum(one.quarantined or 0 for one in latest.batches)
    late = sum(1 for one in quality.cells(viewer=viewer, today=timezone.localdate()) if one.late_days)
    waiting, claimed = reviews.open_count(), claims.waiting_for_a_person()
    known_runs = runs.runs(limit=LATEST_RUNS)
    failed = sum(one.state is RunState.FAILED for one in known_runs)
    working = sum(one.is_unfinished for one in known_runs)
    troubled = sum(bool(one.trouble) for one in latest.batches)
    decides, runs_too = viewer.may(Permission.DECIDE_REVIEWS), viewer.may(Permission.REQUEST_RUNS)
    return (
        Tile(
            label=_("Refused rows"),
            value=quarantined,
            note=_("in the latest %(n)d batches") % {"n": len(latest.batches)},
            tone="needs" if quarantined else "fine",
            href=reverse("batches"),
            symbol="warning",
        ),
        Tile(
            label=_("Late deliveries"),
            value=late,
            note=_("sources that are overdue"),
            tone="needs" if late else "fine",
            href=f"{reverse('quality')}?late=1",
            symbol="clock",
        ),
        Tile(
            label=_("Unclear subjects"),
            value=waiting,
            note=_("rows wait for a decision"),
            tone="needs" if waiting else "fine",
            href=reverse("reviews") if decides else "",
            symbol="review",
        ),
        Tile(
            label=_("Registrations"),
            value=claimed,
            note=_("enterprises claimed by somebody"),
            tone="needs" if claimed else "fine",
            href=reverse("claims") if viewer.may(Permission.REVIEW_CLAIMS) else "",
            symbol="shield",
        ),
        Tile(
            label=_("Failed runs"),
            value=failed,
            note=_("%(n)d under way") % {"n": working},
            tone="needs-now" if failed else "fine",
            href=reverse("runs") if runs_too else "",
            symbol="play",
        ),
        Tile(
            label=_("Batches in trouble"),
            value=troubled,
            note=_("wait for room or for a worker"),
            tone="needs-now" if troubled else "fine",
            href=reverse("batches"),
            symbol="inbox",
        ),
    )
