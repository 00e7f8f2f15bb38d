"""Whether the node can answer, for whatever watches it from outside."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from creditmesh.web.access import open_to_all


@open_to_all
@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Return 200 when the database answers, 503 when it does not; nothing else is said to strangers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database away"}, status=503)
    return JsonResponse({"status": "ok"})
