"""What a node tells everyone: the public keys that its signatures are checked with."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from creditmesh.apps.nodes.queries import this_node
from creditmesh.web.access import open_to_all


@open_to_all
@cache_control(public=True, max_age=300)
@require_safe
def keys(_request: HttpRequest) -> JsonResponse:
    """Return the node's keys as a JWK set (RFC 7517); those with `retired_at` only check old signatures."""
    return JsonResponse({"keys": this_node().signer.jwks()})
