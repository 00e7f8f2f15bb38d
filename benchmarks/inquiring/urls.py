"""The node's addresses and, for the benchmark alone, one that only verifies the signature of a request."""

import json
import os
import time
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from creditmesh.exchange import messages
from creditmesh.exchange.fields import Request
from creditmesh.exchange.keys import PublicKey
from creditmesh.web.access import open_to_all
from creditmesh.web.serving.frames import programs
from creditmesh.web.urls import urlpatterns as of_the_node

_FOLDER = Path(os.environ["CREDITMESH_HOME"])
_KEY = PublicKey.from_jwk(json.loads((_FOLDER / "bench-key.json").read_text()))
_SAID = (_FOLDER / "bench-answer.json").read_bytes()


@csrf_exempt
@open_to_all
def bare(request: HttpRequest) -> HttpResponse:
    """Verify the signature and return the bytes of a usual answer."""
    asked = Request(
        method=request.method or "",
        url=request.build_absolute_uri(request.get_full_path()),
        headers=request.headers,
        body=request.body,
    )
    messages.verify_request(asked, resolve=lambda _: _KEY, now=int(time.time()))
    return HttpResponse(_SAID, content_type="application/json")


programs.OF_BENCHMARKS["/api/v1/bare"] = bare
urlpatterns = [path("api/v1/bare", bare), *of_the_node]
