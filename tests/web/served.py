"""A client that goes the way the server goes: short questions of programs the short way, all others the whole."""

from functools import lru_cache
from typing import Any, cast

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponse
from django.test import Client

from creditmesh.web.serving.frames import programs

_WHOLE: list[bytes] = []


class AsServed(Client):
    """Django's test client, before the node's own application."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._whole = self.handler
        self.handler = self._served

    def _served(self, environ: dict[str, Any]) -> Any:
        said: list[Any] = []
        body = _application()(environ, lambda status, headers: said.extend((status, headers)))
        if body is _WHOLE:
            return self._whole(environ)
        status, headers = said
        answer = HttpResponse(b"".join(body), status=int(status[:3]), headers=dict(headers))
        answer.wsgi_request = WSGIRequest(environ)
        return answer


def close() -> None:
    """Let go of the connections of whoever worked out questions: a database in use cannot be dropped."""
    if _application.cache_info().currsize:
        _application().close()
        _application.cache_clear()


@lru_cache(maxsize=1)
def _application() -> programs.ForPrograms:
    return programs.ForPrograms(cast("WSGIHandler", lambda _environ, _start: _WHOLE))
