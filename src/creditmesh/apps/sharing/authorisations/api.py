"""Authorisations for programs: institutions ask and see theirs, enterprises prepare, sign outside, withdraw."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.access import may
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions.access import program_or_person
from creditmesh.apps.sharing.authorisations import overview
from creditmesh.apps.sharing.authorisations.letters.drafting import Choice, Wish
from creditmesh.apps.sharing.authorisations.operations import (
    preparing,
    requesting,
    settling,
    signing,
    trying_out,
    withdrawing,
)
from creditmesh.catalogue import purposes
from creditmesh.catalogue.model import Mode

router = Router(tags=["authorisations"])
ASK = program_or_person(Permission.REQUEST_AUTHORISATIONS)
OWN = may(Permission.SEE_OWN_AUTHORISATIONS)
PREPARE = may(Permission.PREPARE_AUTHORISATIONS)
Code = Annotated[str, Field(min_length=1, max_length=40)]
Codes = Annotated[list[Code], Field(max_length=100)]
Count = Annotated[int, Field(ge=1, le=100_000)]
Short = Annotated[str, Field(max_length=80)]


class _In(Schema):
    model_config = ConfigDict(extra="forbid")  # what is not offered cannot be set


class RequestIn(_In):
    """What an institution asks an enterprise for; bounds of the purpose apply."""

    subject: Annotated[str, Field(min_length=8, max_length=40)]
    purpose: Code
    items: Codes
    modes: Annotated[list[Literal["AUTH", "VERIFY", "RAW"]], Field(min_length=1, max_length=3)]
    raw_detail: bool = False
    data_months: Count
    life_days: Count
    max_queries: Count
    per_day: Count = 1
    retention_months: Annotated[int, Field(ge=0, le=120)] = 0
    reference: Short = ""
    product: Annotated[str, Field(max_length=120)] = ""
    purpose_text: Annotated[str, Field(max_length=500)] = ""
    onward_to: Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=10)] = (
        Field(default_factory=list)
    )
    joint_modelling: bool = False
    branches: Annotated[list[Code], Field(max_length=50)] = Field(default_factory=list)


class RequestOut(Schema):
    """A request; `link` is what the enterprise opens."""

    uuid: UUID
    link: str
    subject: str
    purpose: str
    purpose_version: str
    items: list[str]
    modes: list[str]
    reference: str
    state: str
    requested_at: datetime
    lapses_at: datetime
    answered_at: datetime | None
    decline_reason: str
    authorisation: UUID | None


class AskedOut(Schema):
    """A request to one's enterprise."""

    uuid: UUID
    institution: str
    institution_name: str
    purpose: str
    items: list[str]
    modes: list[str]
    data_months: int
    life_days: int
    max_queries: int
    per_day: int
    reference: str
    requested_at: datetime
    lapses_at: datetime


class AuthorisationOut(Schema):
    """An authorisation as it stands; `document` is what was signed."""

    uuid: UUID
    state: str
    sound: bool
    used: int
    left: int
    last_day: date
    signed_at: datetime | None
    ended_at: datetime | None
    document: dict[str, Any]


class SignedOut(AuthorisationOut):
    """An authorisation with its signature; `body` is the exact text that was signed."""

    body: str
    digest: str
    jws: str
    method: str
    algorithm: str
    kid: str


class PrepareIn(_In):
    """What an enterprise is willing to give: of a request, or unasked to an institution for a purpose."""

    request: UUID | None = None
    institution: Annotated[str, Field(max_length=40)] = ""
    purpose: Annotated[str, Field(max_length=40)] = ""
    reference: Short = ""
    items: Codes
    raw_detail: bool = False
    data_months: Count
    life_days: Count
    max_queries: Count
    per_day: Count = 1
    starts_on: date | None = None
    clause_confirmed: bool = False


class SignatureIn(_In):
    """A detached JWS over the body, made outside; with a certificate unless the key is registered."""

    jws: Annotated[str, Field(min_length=1, max_length=signing.LONGEST)]
    certificate: Annotated[str, Field(max_length=70_000)] = ""


class WhyIn(_In):
    """A reason, for the ledger and the other side."""

    why: Annotated[str, Field(max_length=300)] = ""


class SettlementIn(_In):
    """A loan that was settled."""

    reference: Annotated[str, Field(min_length=1, max_length=80)]
    settled_on: date


class SettledOut(Schema):
    """How many authorisations end earlier because of it."""

    shortened: int


class PurposeOut(Schema):
    """A purpose with its bounds, in force today."""

    code: str
    version: str
    label_zh: str
    label_en: str
    status: str
    items: list[str]
    modes: list[str]
    institution_kinds: list[str]
    needs_loan: bool
    bounds: dict[str, int | bool]


@router.get("/purposes", auth=ASK, response=list[PurposeOut])
def list_purposes(request: HttpRequest) -> list[dict[str, Any]]:
    """List what an authorisation can be asked for today, with the bounds of each."""
    from_catalogue = this_node().catalogue
    return [
        {
            "code": one.code,
            "version": one.version,
            "label_zh": one.label.zh,
            "label_en": one.label.en,
            "status": one.status,
            "items": [item.code for item in one.items_of(from_catalogue)],
            "modes": list(one.modes),
            "institution_kinds": list(one.institution_kinds),
            "needs_loan": one.needs_loan,
            "bounds": one.bounds.model_dump(),
        }
        for one in purposes.load().in_force(on=timezone.localdate())
    ]


@router.post("/authorisation-requests", auth=ASK, response={201: RequestOut})
def ask(request: HttpRequest, body: RequestIn) -> Status[dict[str, Any]]:
    """Ask an enterprise for an authorisation.

    The answer is the same whether or not the enterprise is known here; hand its link to the enterprise.
    """
    by, at = _actor(request), timezone.now()
    stated = body.dict(exclude={"subject", "purpose"})
    wish = Wish(
        **{
            **stated,
            "items": tuple(dict.fromkeys(body.items)),
            "modes": tuple(Mode(one) for one in dict.fromkeys(body.modes)),
            "onward_to": tuple(body.onward_to),
            "branches": tuple(body.branches),
        }
    )
    made = trying_out.ask(
        by=by, subject=body.subject, purpose=body.purpose, wish=wish, node=this_node(), at=at
    )
    line = overview.request_by(made.uuid, institution=by.organisation, at=at)
    return Status(201, _request_out(request, line))


@router.get("/authorisation-requests", auth=ASK, response=list[RequestOut])
def list_requests(request: HttpRequest) -> list[dict[str, Any]]:
    """List the requests of one's institution, newest first, at most 200."""
    found = overview.asked_by(_actor(request).organisation, at=timezone.now())
    return [_request_out(request, one) for one in found]


@router.get("/authorisation-requests/{uuid}", auth=ASK, response=RequestOut)
def one_request(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Return a request of one's institution."""
    line = overview.request_by(uuid, institution=_actor(request).organisation, at=timezone.now())
    return _request_out(request, line)


@router.post("/authorisation-requests/{uuid}/cancel", auth=ASK, response=RequestOut)
def cancel(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Take back an open request of one's institution."""
    requesting.cancel(uuid, by=_actor(request), at=timezone.now())
    return one_request(request, uuid)


@router.get("/authorisations", auth=ASK, response=list[AuthorisationOut])
def list_authorisations(request: HttpRequest, subject: str = "") -> list[dict[str, Any]]:
    """List what one's institution was given, newest first, at most 200; of one enterprise if it is named."""
    lines = overview.received(_actor(request).organisation, subject=subject[:80], at=timezone.now())
    return [_authorisation_out(one) for one in lines]


@router.get("/authorisations/{uuid}", auth=ASK, response=SignedOut)
def one_authorisation(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Return an authorisation that was given to one's institution, with the text that was signed."""
    return _signed_out(overview.detail(uuid, institution=_actor(request).organisation, at=timezone.now()))


@router.post("/settlements", auth=ASK, response=SettledOut)
def settle(request: HttpRequest, body: SettlementIn) -> dict[str, int]:
    """Declare that a loan was settled: authorisations for its care end some days later."""
    by, region = _actor(request), this_node().region
    ended = settling.settle(body.reference, on=body.settled_on, by=by, region=region, at=timezone.now())
    return {"shortened": ended}


@router.get("/own-authorisations", auth=OWN, response=list[AuthorisationOut])
def list_own(request: HttpRequest) -> list[dict[str, Any]]:
    """List what one's enterprise gave, newest first, at most 200."""
    return [_authorisation_out(one) for one in overview.given(_actor(request).subject, at=timezone.now())]


@router.get("/own-authorisations/requests", auth=OWN, response=list[AskedOut])
def list_asked(request: HttpRequest) -> list[dict[str, Any]]:
    """List the open requests to one's enterprise, newest first."""
    found = overview.asked_of(_actor(request).subject, at=timezone.now())
    return [{name: getattr(one, name) for name in AskedOut.model_fields} for one in found]


@router.post("/own-authorisations/requests/{uuid}/decline", auth=PREPARE, response={204: None})
def decline(request: HttpRequest, uuid: UUID, body: WhyIn) -> Status[None]:
    """Decline a request to one's enterprise."""
    requesting.decline(uuid, by=_actor(request), at=timezone.now(), why=body.why)
    return Status(204, None)


@router.post("/own-authorisations", auth=PREPARE, response={201: SignedOut})
def prepare(request: HttpRequest, body: PrepareIn) -> Status[dict[str, Any]]:
    """Prepare an authorisation of one's enterprise: the document to sign, narrower than what was asked for."""
    by, at, node = _actor(request), timezone.now(), this_node()
    if body.request is not None:
        offer = preparing.from_request(body.request, by=by, node=node, at=at)
    else:
        offer = preparing.unasked(
            body.institution, purpose=body.purpose, reference=body.reference, node=node, at=at
        )
    stated = body.dict(exclude={"request", "institution", "purpose", "reference", "items"})
    choice = Choice(**stated, items=tuple(body.items))
    made = preparing.prepare(offer, choice=choice, by=by, node=node, at=at, channel="api")
    return Status(201, _signed_out(overview.detail(made.uuid, subject=by.subject, at=at)))


@router.get("/own-authorisations/{uuid}", auth=OWN, response=SignedOut)
def one_own(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Return an authorisation or draft of one's enterprise, with the text that is signed."""
    return _signed_out(overview.detail(uuid, subject=_actor(request).subject, at=timezone.now()))


@router.post(
    "/own-authorisations/{uuid}/signature", auth=may(Permission.SIGN_AUTHORISATIONS), response=SignedOut
)
def sign(request: HttpRequest, uuid: UUID, body: SignatureIn) -> dict[str, Any]:
    """Sign a draft with a key of one's enterprise: the detached JWS (RFC 7797) over its body, made outside."""
    by, at = _actor(request), timezone.now()
    upload = signing.Upload(jws=body.jws, certificate=body.certificate)
    place = signing.Place(
        address=request.META.get("REMOTE_ADDR", ""), device=request.headers.get("User-Agent", "")
    )
    signing.sign_outside(uuid, upload=upload, by=by, node=this_node(), at=at, place=place)
    return _signed_out(overview.detail(uuid, subject=by.subject, at=at))


@router.post(
    "/own-authorisations/{uuid}/withdraw",
    auth=may(Permission.WITHDRAW_AUTHORISATIONS),
    response=SignedOut,
)
def withdraw(request: HttpRequest, uuid: UUID, body: WhyIn) -> dict[str, Any]:
    """Withdraw an authorisation of one's enterprise: at once, also for inquiries under way."""
    by, at = _actor(request), timezone.now()
    withdrawing.withdraw(uuid, by=by, at=at, why=body.why)
    return _signed_out(overview.detail(uuid, subject=by.subject, at=at))


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


def _request_out(request: HttpRequest, line: overview.RequestLine) -> dict[str, Any]:
    named = {name: getattr(line, name) for name in RequestOut.model_fields if name != "link"}
    return {**named, "link": request.build_absolute_uri(f"/a/{line.token}/")}


def _authorisation_out(line: overview.Line) -> dict[str, Any]:
    return {
        "uuid": line.uuid,
        "state": line.state,
        "sound": line.sound,
        "used": line.used,
        "left": line.left,
        "last_day": line.last_day,
        "signed_at": line.signed_at,
        "ended_at": line.ended_at,
        "document": line.terms.model_dump(mode="json"),
    }


def _signed_out(found: overview.Detail) -> dict[str, Any]:
    named = ("digest", "jws", "method", "algorithm", "kid")
    return {
        **_authorisation_out(found.line),
        "body": found.body.decode(),
        **{name: getattr(found, name) for name in named},
    }
