"""What happens to every request: it gets a number; a body that is too large is refused unread."""

import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

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
