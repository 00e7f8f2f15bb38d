"""A short way for the short questions of programs: the same answers without what only pages need.

A program brings its token and signature and no cookie: no session, no form token, no message to a person. So its
short questions pass three steps instead of sixteen (number, signature of the answer, shape of refusals), are read by
the operation's own model, and are worked out many at a time (`audit.desk`). Whatever is unusual about a request, and
whatever does not fit the model, goes the whole way, which says what is wrong; tests hold both ways equal, header by
header.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, cast

from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import get_resolver, resolve
from django.utils import translation
from django.utils.log import log_response
from pydantic import BaseModel, ValidationError

from creditmesh.apps.ground.audit.desk import Desks
from creditmesh.apps.members.institutions.rules.signing import LARGEST_BODY
from creditmesh.apps.sharing.disclosure.api import asking
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.serving import errors, middleware
from creditmesh.web.serving.frames.signing import SignedAnswers

View = Callable[[HttpRequest], HttpResponseBase]
Environ = dict[str, Any]
StartResponse = Callable[..., Any]

OF_BENCHMARKS: dict[str, View] = {}
"""Further addresses served the short way; whoever measures puts one here, to measure it in the same frame."""


class ForPrograms:
    """The node's application: short questions of programs go the short way, everything else the whole way."""

    def __init__(self, whole: WSGIHandler) -> None:
        self._whole = whole
        get_resolver().url_patterns  # noqa: B018 (read at the start, not with the first question)
        self._desks = Desks()
        self._steps: dict[str, View] = {}
        for path in () if settings.DEBUG else settings.CREDITMESH_SHORT:
            one = asking.SHORT.get(path)
            view = _direct(one, otherwise=resolve(path).func) if one else OF_BENCHMARKS.get(path)
            if view is not None:
                self._steps[path] = self._at_a_desk(_framed(view))
        self._headers = _headers()
        self._headers_of_https = self._headers + _strict_transport()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        step = self._steps.get(environ["PATH_INFO"])
        if step is None or not _is_usual(environ):
            return self._whole(environ, start_response)
        request = WSGIRequest(environ)
        if not _is_well_addressed(request):
            return self._whole(environ, start_response)
        language = _language(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        translation.activate(language)
        answer = cast("HttpResponse", step(request))
        if answer.status_code >= 400:
            log_response("%s: %s", answer.reason_phrase, request.path, response=answer, request=request)
        body = answer.content
        told = [
            *answer.items(),
            ("Content-Length", str(len(body))),
            ("Content-Language", language),
            *(self._headers_of_https if request.is_secure() else self._headers),
        ]
        start_response(f"{answer.status_code} {answer.reason_phrase}", told)
        return [body]

    def close(self) -> None:
        """Let go of the threads and connections that work questions out; the next question opens them again."""
        self._desks.close()

    def _at_a_desk(self, view: View) -> View:
        def answer(request: HttpRequest) -> HttpResponseBase:
            request.body  # noqa: B018 (reads it: who sends slowly keeps nobody waiting)
            language = translation.get_language()

            def worked_out() -> HttpResponseBase:
                translation.activate(language)
                return view(request)

            return self._desks.ask(worked_out)

        return _whatever_happens(_told(answer))


def _is_usual(environ: Environ) -> bool:
    length = environ.get("CONTENT_LENGTH") or ""
    return (
        environ["REQUEST_METHOD"] == "POST"
        and "HTTP_AUTHORIZATION" in environ
        and not environ.get("HTTP_COOKIE")
        and not environ.get("QUERY_STRING")
        and not environ.get("SCRIPT_NAME")
        and length.isascii()
        and length.isdigit()
        and int(length) <= LARGEST_BODY
    )


def _is_well_addressed(request: WSGIRequest) -> bool:
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return request.is_secure() or not settings.SECURE_SSL_REDIRECT


def _direct(one: asking.Short, *, otherwise: View) -> View:
    """Return the operation without the machinery around it, which is asked only what does not fit the model."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        try:
            request.auth = one.auth(request)  # type: ignore[attr-defined]
            asked = _read(one.model, request.body)
            return otherwise(request) if asked is None else one.answer(request, asked)
        except CreditmeshError as refused:
            return errors.refusal(request, refused)

    return answer


def _read(model: type[BaseModel], body: bytes) -> BaseModel | None:
    try:
        return model.model_validate_json(body)
    except ValidationError:
        return None


def _framed(view: View) -> View:
    framed: View = _told(view)
    for step in (errors.ErrorPages, SignedAnswers, middleware.RequestNumber):
        framed = step(_whatever_happens(framed))
    return framed


def _told(view: View) -> View:
    """Return a view whose errors are told as pages' errors are, as far as anybody knows them."""
    pages = errors.ErrorPages(view)

    def answer(request: HttpRequest) -> HttpResponseBase:
        try:
            return view(request)
        except Exception as error:
            told = pages.process_exception(request, error)
            if told is None:
                raise
            return told

    return answer


def _whatever_happens(view: View) -> View:
    answered: View = convert_exception_to_response(view)  # type: ignore[assignment]
    return answered


def _headers() -> list[tuple[str, str]]:
    """Return what the whole way adds to every answer, whatever it is."""
    told = {
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "Vary": "Accept-Language",
        "Content-Security-Policy": build_policy(),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    }
    return list(told.items())


def _strict_transport() -> list[tuple[str, str]]:
    seconds = settings.SECURE_HSTS_SECONDS
    return [("Strict-Transport-Security", f"max-age={seconds}")] if seconds else []


@lru_cache(maxsize=256)
def _language(accepted: str) -> str:
    asked = HttpRequest()
    asked.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    return translation.get_language_from_request(asked)
