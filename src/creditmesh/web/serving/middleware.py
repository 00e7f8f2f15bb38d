"""What happens to every request: it gets a number and, when it is short, its turn; a body that is too large is
refused unread.
"""

import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from creditmesh.apps.ground.audit.turns import TURNS
from creditmesh.apps.members.institutions.rules.signing import LARGEST_BODY
from creditmesh.web.serving import errors

Answer = Callable[[HttpRequest], HttpResponseBase]


class RequestNumber:
    """Number every request, for the ledger and the log."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request and say its number."""
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class Turns:
    """Let only a few of the short questions of programs be computed at once, so that each is answered sooner.

    The body is read before: who sends slowly keeps nobody waiting.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.paths = frozenset(settings.CREDITMESH_SHORT)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, in its turn when it is short."""
        if request.path not in self.paths or not _is_small(request):
            return self.get_response(request)
        request.body  # noqa: B018 (reads it)
        with TURNS.turn():
            return self.get_response(request)


def _is_small(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or ""
    return length.isascii() and length.isdigit() and int(length) <= LARGEST_BODY


class UploadLimit:
    """Refuse a body larger than the node takes before any of it is read."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.limit_mb: int = settings.CREDITMESH.upload_limit_mb

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, or refuse it with 413."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isascii() and length.isdigit() and int(length) > self.limit_mb * 1024 * 1024:
            sentence = _("The file is larger than the %(limit)s MB this node takes: split it.") % {
                "limit": self.limit_mb
            }
            return errors.error_page(request, status=413, code="too-large", sentence=sentence)
        return self.get_response(request)
