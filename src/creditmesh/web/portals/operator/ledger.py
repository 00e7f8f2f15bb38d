"""The ledger as a page: who did what and why, newest first."""

from datetime import datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from creditmesh.apps.ground.audit import queries as audit
from creditmesh.apps.ground.audit.rules import Outcome
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.web.access import requires
from creditmesh.web.portals.frame.rendering import show

SIZE = 50


@requires(Permission.SEE_LEDGER)
@require_GET
def ledger(request: HttpRequest) -> HttpResponse:
    """Show a page of the ledger, narrowed by filters."""
    query = request.GET
    narrowed = audit.Filter(
        act=query.get("act", "")[:100],
        user=query.get("user", "").strip()[:100],
        object_key=query.get("key", "").strip()[:300],
        outcome=_outcome(query.get("outcome", "")),
        starts_at=_moment(query.get("from", "")),
        ends_at=_moment(query.get("to", ""), days=1),
    )
    before = query.get("before", "")
    found = audit.ledger_page(
        narrowed=narrowed,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None,
        size=SIZE,
    )
    context = {
        "found": found,
        "filters": narrowed,
        "from": query.get("from", "")[:10],
        "to": query.get("to", "")[:10],
        "acts": audit.acts(),
        "outcomes": tuple(Outcome),
        "is_narrowed": narrowed != audit.Filter(),
    }
    return show(request, "operator/ledger.html", context, part="results")


def _outcome(text: str) -> Outcome | None:
    return {one.value: one for one in Outcome}.get(text)


def _moment(text: str, *, days: int = 0) -> datetime | None:
    """Return the start of a day in the node's time zone, so many days later; None for anything else."""
    try:
        day = parse_date(text[:10])
    except ValueError:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=days), time())) if day else None
