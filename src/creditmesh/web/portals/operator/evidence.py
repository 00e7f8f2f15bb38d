"""The ledger as evidence: how it stands, what it signed, one entry with its proof."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditmesh.apps.ground.audit import queries as audit
from creditmesh.apps.ground.audit.evidence import heads, proofs
from creditmesh.apps.ground.nodes import jobs, ledger
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.charts import Chart, Series
from creditmesh.web.portals.frame.rendering import show

LATEST = 12
DAYS = 30
FEWEST = 14


@requires(Permission.SEE_LEDGER)
@require_GET
def state(request: HttpRequest) -> HttpResponse:
    """Show how the ledger stands, what needs attention, and how it grew."""
    now = timezone.now()
    wanted = bool(this_node().tsa_url)
    context = {
        "state": heads.state(),
        "alerts": heads.alerts(at=now, stamps_wanted=wanted),
        "stamps_wanted": wanted,
        "verification": heads.last_verification(),
        "heads": heads.heads(size=LATEST),
        "picture": _growth(timezone.localdate(), heads.sizes(since=now - timedelta(days=DAYS + 1))),
    }
    return show(request, "operator/ledger_state.html", context)


@requires(Permission.SEE_LEDGER)
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Have the worker verify the whole ledger."""
    actor = actor_of(request)
    jobs.verify_ledger.enqueue(actor.who().label, actor.organisation)
    messages.success(request, _("The ledger is being verified. Load this page again in a minute."))
    return redirect("ledger-state")


@requires(Permission.SEE_LEDGER)
@require_GET
def entry(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one entry, where it stands, and what proves it."""
    place = proofs.place_of(uuid)
    last = heads.latest_head()
    context = {
        "uuid": uuid,
        "place": place,
        "number": None if place.position is None else place.position + 1,
        "leaf": None if place.position is None else proofs.leaf(place.position).hex(),
        "line": audit.line(uuid),
        "withheld": sorted(proofs.WITHHELD),
        "head": last if last and place.position is not None and last.size > place.position else None,
    }
    return show(request, "operator/ledger_entry.html", context)


@requires(Permission.SEE_LEDGER)
@require_GET
def proof(_request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand out the proof file of an entry."""
    made = ledger.prove(node=this_node(), entry=uuid, at=timezone.now())
    name = f'attachment; filename="proof-{uuid}.json"'
    options = {"ensure_ascii": False, "indent": 1}
    return JsonResponse(made, headers={"Content-Disposition": name}, json_dumps_params=options)


def _growth(today: date, sizes: list[tuple[datetime, int]]) -> Chart | None:
    """Return entries per day, as far as heads tell: the sizes they signed."""
    grown: Counter[date] = Counter()
    for (_before, earlier), (at, size) in pairwise(sizes):
        grown[timezone.localtime(at).date()] += size - earlier
    if not grown:
        return None
    first = min(max(min(grown), today - timedelta(days=DAYS - 1)), today - timedelta(days=FEWEST - 1))
    days = [first + timedelta(days=number) for number in range((today - first).days + 1)]
    return Chart(
        key="ledger-growth",
        title=_("Entries per day, as signed"),
        category_label=_("Day"),
        categories=tuple(f"{one:%m-%d}" for one in days),
        series=(Series(name=_("Entries"), values=tuple(grown[one] for one in days)),),
    )
