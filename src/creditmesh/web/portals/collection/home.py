"""A data officer's first page: what was handed in, what came back, what is due."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.ground.records.queries import batches
from creditmesh.apps.sharing.rights.queries import duty_notices
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.collection import quality
from creditmesh.web.portals.frame.rendering import show


@requires(Permission.DELIVER)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the latest batches of one's own sources, what is overdue, and what may be handed in."""
    viewer = actor_of(request)
    catalogue = this_node().catalogue
    latest = batches.batches(viewer=viewer, size=8)
    cells = quality.cells(viewer=viewer, today=timezone.localdate())
    asks = viewer.may(Permission.INQUIRE_FOR_DUTY)
    context = {
        "news": duty_notices.inbox(viewer, size=1).waiting if asks else 0,
        "batches": latest.batches,
        "total": latest.total,
        "to_mend": [one for one in latest.batches if one.quarantined],
        "late": [one for one in cells if one.late_days],
        "sources": [catalogue.sources[code] for code in sorted(viewer.sources) if code in catalogue.sources],
        "items": [one for one in catalogue.items.values() if viewer.sources & set(one.sources)],
        "labels": {code: one.label for code, one in catalogue.items.items()},
    }
    return show(request, "collection/home.html", context)
