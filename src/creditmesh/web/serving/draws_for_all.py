"""Double random, one disclosure: what everyone may fetch without signing in, as JSON."""

import json
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from creditmesh.apps.evaluation.supervision.queries import lists, published
from creditmesh.drawing.standalone import verify_draw
from creditmesh.web.access import open_to_all

LONGEST = 100


@open_to_all
@require_safe
def check_items(request: HttpRequest) -> JsonResponse:
    """Return the item lists in force, of all departments or of `unit`."""
    return _json({"items": [vars(one) for one in lists.items(unit=_text(request, "unit"))]})


@open_to_all
@require_safe
def draws(request: HttpRequest) -> JsonResponse:
    """Return the announced draws, newest first; `text` narrows to a number or title."""
    return _json({"draws": [vars(one) for one in published.draws(text=_text(request, "text"))]})


@open_to_all
@require_safe
def announcement(_request: HttpRequest, number: str) -> JsonResponse:
    """Return what was published before the draw: pool digests, commitment, terms."""
    return _json(published.announcement(number))


@open_to_all
@require_safe
def draw_file(_request: HttpRequest, number: str) -> HttpResponse:
    """Return the file of a draw for `verify_draw.py`."""
    answer = HttpResponse(
        json.dumps(published.draw_file(number), ensure_ascii=False), content_type="application/json"
    )
    answer["Content-Disposition"] = 'attachment; filename="draw.json"'
    return answer


@open_to_all
@require_safe
def results(request: HttpRequest) -> JsonResponse:
    """Return published results, newest first: of a `draw`, of a `text` (code or part of a name), from `after` on."""
    after = _text(request, "after")
    page = published.results(
        text=_text(request, "text"),
        number=_text(request, "draw"),
        after=int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0,
    )
    return _json({"results": [vars(one) for one in page.rows], "following": page.following})


@open_to_all
@cache_control(public=True, max_age=300)
@require_safe
def verifier(_request: HttpRequest) -> HttpResponse:
    """Return the one file that recomputes a draw with nothing but Python."""
    content = Path(verify_draw.__file__).read_bytes()
    answer = HttpResponse(content, content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify_draw.py"'
    return answer


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "")[:LONGEST]


def _json(value: dict[str, Any]) -> JsonResponse:
    return JsonResponse(value, encoder=DjangoJSONEncoder, json_dumps_params={"ensure_ascii": False})
