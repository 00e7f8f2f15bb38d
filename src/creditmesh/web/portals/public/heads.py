"""What the node signed about its ledger, for everybody: who keeps a copy sees when it is changed."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from creditmesh.apps.ground.audit.evidence import heads, proofs
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.web.access import open_to_all
from creditmesh.web.portals.frame.rendering import show

SIZE = 50
LARGEST = 2**62
NOT_CACHED = {"Cache-Control": "no-cache"}


@open_to_all
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the published tree heads, newest first."""
    found = heads.heads(before=_number(request, "before"), size=SIZE + 1)
    context = {
        "heads": found[:SIZE],
        "older": found[SIZE - 1].number if len(found) > SIZE else None,
        "latest": heads.latest_head(),
        "late": heads.Alert.HEAD_LATE in heads.alerts(at=timezone.now(), stamps_wanted=False),
        "stamped": any(one.stamp for one in found),
    }
    return show(request, "public/ledger_heads.html", context)


@open_to_all
@require_GET
def as_json(request: HttpRequest) -> JsonResponse:
    """Hand out heads as JSON: `?before=NUMBER&size=COUNT`, newest first."""
    size = min(_number(request, "size") or SIZE, 1000)
    found = heads.heads(before=_number(request, "before"), size=size)
    keys = this_node().signer.jwks()
    return JsonResponse({"heads": [heads.published(one) for one in found], "keys": keys}, headers=NOT_CACHED)


@open_to_all
@require_GET
def consistency(request: HttpRequest) -> JsonResponse:
    """Prove that one size of the ledger has grown out of another: `?first=SIZE&second=SIZE`."""
    first, second = _number(request, "first"), _number(request, "second")
    last = heads.latest_head()
    if first is None or second is None or last is None or second > last.size:
        raise proofs.NoSuchTree  # what no head has signed yet is nobody's business
    path = proofs.consistency(first=first, second=second)
    told = {"first": first, "second": second, "consistency": [one.hex() for one in path]}
    return JsonResponse(told, headers=NOT_CACHED)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(LARGEST)) else None
