"""Sign the answers programs get: bound to the very request, so that no answer can be moved to another question."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.nodes.signing import Signer
from creditmesh.apps.members.institutions.access import sent
from creditmesh.exchange import messages


class SignedAnswers:
    """Sign (RFC 9421) every answer to a request whose signature was found good, refusals too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, and sign the answer when the request was signed."""
        answer = self.get_response(request)
        owed = getattr(request, "creditmesh_passage", None)
        if owed is not None and owed.nonce and isinstance(answer, HttpResponse):
            _sign(request, answer)
        return answer


_FRESH_SECONDS = 1.0
_kept: list[tuple[float, ThisNode, Signer]] = []


def _signer() -> Signer:
    """Return what the node signs with; a new key is seen within a second, without a look at the disk each time."""
    node, now = this_node(), time.monotonic()
    kept = _kept[0] if _kept else None
    if kept is not None and kept[1] is node and now - kept[0] < _FRESH_SECONDS:
        return kept[2]
    signer = node.signer
    _kept[:] = [(now, node, signer)]
    return signer


def _sign(request: HttpRequest, answer: HttpResponse) -> None:
    signer = _signer()
    asked = sent(request)
    said = messages.Response(status=answer.status_code, headers=dict(answer.items()), body=answer.content)
    now = int(datetime.now(UTC).timestamp())
    added = messages.sign_response(said, asked, key=signer.key, keyid=signer.key_id, created=now)
    for name, value in added.items():
        answer[name] = value
