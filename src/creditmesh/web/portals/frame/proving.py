"""Proof files and the script that checks them, as downloads of any portal."""

import json
from pathlib import Path
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from creditmesh.apps.sharing.disclosure.operations import proving
from creditmesh.exchange.standalone import verify_proof
from creditmesh.web.access import open_to_all


def proof_file(uuid: UUID) -> HttpResponse:
    """Return the proof of an inquiry the caller has looked up among those the asker may see."""
    told = json.dumps(proving.proof(uuid, at=timezone.now()), ensure_ascii=False, indent=1)
    return _download(told.encode(), name=f"{uuid}.json", content_type="application/json")


@open_to_all
@require_GET
def verifier(request: HttpRequest) -> HttpResponse:
    """Hand out the stand-alone verifier: whoever is shown a proof may check it."""
    script = Path(verify_proof.__file__).read_bytes()
    return _download(script, name="verify_proof.py", content_type="text/x-python; charset=utf-8")


def _download(data: bytes, *, name: str, content_type: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
