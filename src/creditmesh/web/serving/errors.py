"""Every refusal in one shape: problem details (RFC 9457) for programs, a page for people."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.db import DataError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from creditmesh.apps.evaluation.supervision.rules.importing import ListRefused
from creditmesh.apps.evaluation.supervision.rules.results import BadResult
from creditmesh.apps.evaluation.supervision.rules.terms import BadTaskTerms
from creditmesh.apps.ground.audit.models import LedgerOnlyGrows
from creditmesh.apps.ground.parties.rules import NotPermitted
from creditmesh.apps.ground.records.operations.holding import DiskFull
from creditmesh.apps.ground.records.operations.receiving import DeliveryTooLarge, NoRoom
from creditmesh.apps.members.institutions.operations import settling
from creditmesh.apps.members.institutions.rules.counting import TooManyRequests
from creditmesh.apps.members.institutions.rules.signing import (
    BodyTooLarge,
    NonceTooShort,
    Replayed,
    RequestRefused,
    ScopeMissing,
    SigningKeyEnded,
    TokenRefused,
)
from creditmesh.apps.members.institutions.rules.standing import InstitutionSuspended, NotAdmitted
from creditmesh.apps.sharing.credit_reports.rules.standing import CannotPrint, ReportClosed, TooManyChecks
from creditmesh.apps.sharing.disclosure.rules.batches import ListOfAnother, ListTooLong, ResultsExpired
from creditmesh.apps.sharing.disclosure.rules.comparing import BadClaim
from creditmesh.apps.sharing.disclosure.rules.questions import (
    AskAgain,
    InquiryRefused,
    QuestionTooLong,
    TooManyClaims,
)
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.portals.frame import refusals

API = "/api/"
PROBLEM = "application/problem+json"
TYPE = "urn:creditmesh:problem:"

DESCRIBED: dict[str, Any] = {
    "description": "Refused; `type` ends in the code of the reason, `title` says what to do.",
    "content": {
        PROBLEM: {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "instance"],
                "properties": {
                    "type": {"type": "string", "pattern": f"^{TYPE}"},
                    "title": {"type": "string"},
                    "status": {"type": "integer", "minimum": 400, "maximum": 599},
                    "instance": {"type": "string"},
                    "errors": {"type": "array", "items": {"type": "object"}},
                },
            }
        }
    },
}
"""How a refusal is described in the OpenAPI document."""

# Whatever is not named here is a conflict with the state of things (409), except that errors called
# Unknown... mean that what was named does not exist (404).
STATUSES: dict[type[CreditmeshError], int] = {
    CannotPrint: 503,
    ListRefused: 422,
    BadResult: 422,
    BadTaskTerms: 422,
    ReportClosed: 410,
    TooManyChecks: 429,
    NotPermitted: 403,
    LedgerOnlyGrows: 409,
    DeliveryTooLarge: 413,
    TooManyClaims: 429,
    AskAgain: 409,
    InquiryRefused: 403,
    BadClaim: 422,
    QuestionTooLong: 422,
    ListTooLong: 422,
    ListOfAnother: 403,
    ResultsExpired: 410,
    NoRoom: 507,
    DiskFull: 507,
    TokenRefused: 401,
    RequestRefused: 401,
    Replayed: 401,
    NonceTooShort: 401,
    SigningKeyEnded: 401,
    ScopeMissing: 403,
    NotAdmitted: 403,
    InstitutionSuspended: 403,
    TooManyRequests: 429,
    BodyTooLarge: 413,
}

REFUSED = {
    400: gettext_noop("The request cannot be read."),
    403: gettext_noop("This may not be done from here: a page of another site asked, or the sign-in ended."),
    404: gettext_noop("There is nothing at this address."),
    405: gettext_noop("This address does not take that method."),
}
UNKEEPABLE = gettext_noop(
    "A value cannot be kept as it was sent, such as text with a null character: mend it."
)
OTHERWISE = gettext_noop("That did not work.")
AWAY = gettext_noop("The database is busy or away: nothing was changed. Try again in a minute.")

logger = logging.getLogger(__name__)


def status_of(error: CreditmeshError) -> int:
    """Return the HTTP status of a refusal."""
    for kind, status in STATUSES.items():
        if isinstance(error, kind):
            return status
    return 404 if type(error).__name__.startswith("Unknown") else 409


def problem(request: HttpRequest, *, status: int, code: str, title: str, **members: object) -> JsonResponse:
    """Return a refusal as problem details; `members` such as `errors` say more, and are left out when empty."""
    body: dict[str, Any] = {"type": TYPE + code, "title": title, "status": status, "instance": request.path}
    body.update({name: value for name, value in members.items() if value})
    return JsonResponse(body, status=status, content_type=PROBLEM, json_dumps_params={"ensure_ascii": False})


def refusal(request: HttpRequest, error: CreditmeshError) -> HttpResponse:
    """Return a refusal of ours as problem details, with the facts and headers it brings."""
    members: Mapping[str, object] = getattr(error, "members", {})
    title = refusals.sentence(error)
    # The words of the page are of the kind; ours name the very claim, field or line.
    exact = {} if error.sentence == title else {"detail": error.sentence}
    answer = problem(request, status=status_of(error), code=error.code, title=title, **{**exact, **members})
    for name, value in getattr(error, "headers", {}).items():
        answer[name] = value
    return answer


class ErrorPages:
    """Turn domain errors raised by pages into pages with the right status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request; what a library refused under /api/ becomes problem details too."""
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            # PostgreSQL keeps no such text, and no code or name holds one.
            return error_page(request, status=400, code="unkeepable", sentence=_(UNKEEPABLE))
        answer = self.get_response(request)
        if (
            answer.status_code < 400
            or not request.path.startswith(API)
            or answer.get("Content-Type") == PROBLEM
        ):
            return answer
        title = _(REFUSED.get(answer.status_code, OTHERWISE))
        told = problem(request, status=answer.status_code, code="request", title=title)
        for name in ("Allow", "Retry-After"):
            if name in answer:
                told[name] = answer[name]
        return told

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page that says what is wrong, None for errors that are bugs."""
        if isinstance(error, CreditmeshError):
            return error_page(
                request, status=status_of(error), code=error.code, sentence=refusals.sentence(error)
            )
        if isinstance(error, DataError):
            return error_page(request, status=400, code="unkeepable", sentence=_(UNKEEPABLE))
        if isinstance(error, OperationalError):
            logger.error("The database cannot answer: %s", type(error).__name__)
            return error_page(request, status=503, code="database-away", sentence=_(AWAY))
        return None


def error_page(request: HttpRequest, *, status: int, code: str, sentence: str) -> HttpResponse:
    """Return a refusal: problem details under /api/, else a page that says what to do."""
    if request.path.startswith(API):
        return problem(request, status=status, code=code, title=sentence)
    template = "403.html" if status == 403 else "trouble.html"
    words = {"heading": _("That did not work"), "sentence": sentence}
    return render(request, template, words, status=status)


def mount_on(api: NinjaAPI) -> None:
    """Make an API answer every error as problem details."""

    @api.exception_handler(CreditmeshError)
    def refused(request: HttpRequest, error: CreditmeshError) -> HttpResponse:
        return refusal(request, error)

    @api.exception_handler(AuthenticationError)
    def unknown(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
        title = _("Sign in, or send an API key that is in force: Authorization: Bearer <key>.")
        answer = problem(request, status=401, code="not-signed-in", title=title)
        answer["WWW-Authenticate"] = 'Bearer realm="creditmesh"'
        return answer

    @api.exception_handler(ValidationError)
    def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
        ended = settling.ended_since(getattr(request, "creditmesh_passage", None), at=timezone.now())
        # Not even what is wrong with it is told to whoever was revoked.
        return refusal(request, ended) if ended else _malformed(request, error)

    @api.exception_handler(HttpError)
    def other(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(request, status=error.status_code, code="request", title=str(error))

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, _error: Http404) -> HttpResponse:
        return problem(request, status=404, code="not-found", title=_("There is nothing at this address."))

    @api.exception_handler(DataError)
    def unkeepable(request: HttpRequest, _error: DataError) -> HttpResponse:
        return problem(request, status=400, code="unkeepable", title=_(UNKEEPABLE))

    @api.exception_handler(OperationalError)
    def away(request: HttpRequest, error: OperationalError) -> HttpResponse:
        logger.error("The database cannot answer: %s", type(error).__name__)
        return problem(request, status=503, code="database-away", title=_(AWAY))


def _malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {
            "field": ".".join(str(part) for part in one["loc"][1:]),
            "in": str(one["loc"][0]),
            "rule": one["type"],
            "sentence": one["msg"],
        }
        for one in error.errors
    ]
    title = _("The request does not fit what this operation takes; see `errors`.")
    return problem(request, status=422, code="malformed", title=title, errors=errors)
