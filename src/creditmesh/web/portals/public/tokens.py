"""The one address of OAuth2 that is mounted: where programs of institutions get their tokens."""

import base64
import binascii
import hashlib
from datetime import timedelta
from urllib.parse import unquote_plus

from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from oauth2_provider.views import TokenView

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import NOBODY, Outcome, Thing
from creditmesh.web.access import open_to_all

MOST_A_MINUTE = 30  # of one program, and of one address, whether they succeed or not
LARGEST = 10_000  # bytes of a form that asks for a token
_library = TokenView.as_view()


@open_to_all
@csrf_exempt
@never_cache
@require_POST
def token(request: HttpRequest) -> HttpResponseBase:
    """Give a program a token for its secret (RFC 6749, section 4.4); refuse who tries too often."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST:
        return _error("invalid_request", "The form is too large.", status=413)
    if request.POST.get("grant_type") != "client_credentials":
        return _error("unsupported_grant_type", "Only grant_type=client_credentials is known.", status=400)
    client = _client_of(request).replace("\0", "")
    address = request.META.get("REMOTE_ADDR", "")
    if any(_too_often(who) for who in (f"client:{client}", f"address:{address}")):
        refused = _error("slow_down", "Too many requests for tokens: use a token until it ends.", status=429)
        refused["Retry-After"] = str(60 - timezone.now().second)
        return refused
    answer: HttpResponseBase = _library(request)
    if answer.status_code != 200:
        _write_down(client=client, address=address)
    return answer


def _client_of(request: HttpRequest) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return unquote_plus(base64.b64decode(value).decode().split(":", 1)[0])[:100]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return request.POST.get("client_id", "")[:100]


def _too_often(who: str) -> bool:
    key = f"token:{timezone.now():%H%M}:{hashlib.sha256(who.encode()).hexdigest()}"
    if cache.add(key, 1, timeout=120):
        return False
    try:
        return int(cache.incr(key)) > MOST_A_MINUTE
    except ValueError:  # it ended between the two
        return False


def _write_down(*, client: str, address: str) -> None:
    # One entry a minute for each address, or anyone could fill the ledger.
    if cache.add(f"token-refused:{address}", value=True, timeout=int(timedelta(minutes=1).total_seconds())):
        audit.append(
            who=NOBODY,
            act="token.refuse",
            thing=Thing("program", client),
            at=timezone.now(),
            outcome=Outcome.REFUSED,
        )


def _error(code: str, description: str, *, status: int) -> JsonResponse:
    return JsonResponse({"error": code, "error_description": description}, status=status)
