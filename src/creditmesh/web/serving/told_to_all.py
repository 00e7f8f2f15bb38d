"""What a node tells everyone: whether it can answer, and the keys its signatures are checked with."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from creditmesh.apps.ground.audit.evidence import heads
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.web.access import open_to_all


@open_to_all
@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Return 200 when the database answers, 503 when it does not.

    `warnings` name what somebody should look after in the ledger; nothing else is said to strangers.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        wanted = bool(this_node().tsa_url)
        alerts = heads.alerts(at=timezone.now(), stamps_wanted=wanted)
    except DatabaseError:
        return JsonResponse({"status": "database away"}, status=503)
    return JsonResponse({"status": "ok", "warnings": [one.value for one in alerts]})


@open_to_all
@cache_control(public=True, max_age=300)
@require_safe
def keys(_request: HttpRequest) -> JsonResponse:
    """Return the node's keys as a JWK set (RFC 7517); those with `retired_at` only check old signatures."""
    return JsonResponse({"keys": this_node().signer.jwks()})
