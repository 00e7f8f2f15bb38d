"""Ask, verify and hand in lists, by programs and people of institutions and by departments."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from creditmesh.apps.ground.parties.access import may
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions.access import passage, program_or_person
from creditmesh.apps.members.institutions.rules.scopes import Scope
from creditmesh.apps.members.institutions.rules.signing import ScopeMissing
from creditmesh.apps.sharing.disclosure.api.shapes import (
    AnswerOut,
    BandIn,
    BatchIn,
    BatchResultOut,
    ClaimIn,
    DutyIn,
    InquiryBatchOut,
    InquiryIn,
    RawIn,
    VerificationIn,
)
from creditmesh.apps.sharing.disclosure.operations import batches, inquiring, verifying
from creditmesh.apps.sharing.disclosure.queries import lists, places
from creditmesh.apps.sharing.disclosure.rules.bodies import digest
from creditmesh.apps.sharing.disclosure.rules.questions import Answer, Claim, Question, VerifyQuestion
from creditmesh.catalogue.model import Mode

router = Router(tags=["inquiries"])
# The nonce is spent and the request counted with the answer, in one transaction.
INQUIRE = program_or_person(Permission.INQUIRE, scope=Scope.INQUIRE, settles=False)
VERIFY = program_or_person(Permission.INQUIRE, scope=Scope.VERIFY, settles=False)
RAW = program_or_person(Permission.INQUIRE, scope=Scope.RAW, settles=False)
BATCH = program_or_person(Permission.INQUIRE, scope=Scope.BATCH)
DUTY = may(Permission.INQUIRE_FOR_DUTY)


@router.post(
    "inquiries", auth=INQUIRE, response=AnswerOut, summary="Ask about an enterprise, open or authorised"
)
def inquire(request: HttpRequest, asked: InquiryIn) -> HttpResponse:
    """Answer with masked values; the answer is signed, and stands in the ledger before it is sent."""
    question = Question(mode=Mode(asked.mode), **_question(request, asked))
    return _answered(inquiring.inquire(_actor(request), question, timezone.now(), passage=passage(request)))


@router.post(
    "raw", auth=RAW, response=AnswerOut, summary="Ask for raw detail the enterprise allowed explicitly"
)
def raw(request: HttpRequest, asked: RawIn) -> HttpResponse:
    """Answer with values as they are held; names of persons only with their own consent."""
    question = Question(mode=Mode.RAW, **_question(request, asked))
    return _answered(inquiring.inquire(_actor(request), question, timezone.now(), passage=passage(request)))


@router.post("duty-inquiries", auth=DUTY, response=AnswerOut, summary="Ask for a department's duty")
def for_duty(request: HttpRequest, asked: DutyIn) -> HttpResponse:
    """Answer a department, which states the law and the duty it asks for; never a risk class."""
    question = Question(
        mode=Mode.GOV,
        subject=asked.subject,
        items=_once(asked.items),
        basis=asked.basis,
        duty=asked.duty,
        data_from=asked.data_from,
        data_to=asked.data_to,
        request_digest=digest(request.body),
    )
    return _answered(inquiring.inquire(_actor(request), question, timezone.now()))


@router.post("verifications", auth=VERIFY, response=AnswerOut, summary="Compare claims; no value leaves")
def verify(request: HttpRequest, asked: VerificationIn) -> HttpResponse:
    """Answer each claim MATCH, MISMATCH, PARTIAL, NO_DATA or NOT_AUTHORISED; all answers look alike."""
    question = VerifyQuestion(
        subject=asked.subject,
        claims=tuple(_claim(one) for one in asked.claims),
        purpose=asked.purpose,
        authorisation=asked.authorisation,
        data_from=asked.data_from,
        data_to=asked.data_to,
        request_digest=digest(request.body),
    )
    return _answered(verifying.verify(_actor(request), question, timezone.now(), passage=passage(request)))


@router.post(
    "batch-inquiries", auth=BATCH, response={202: InquiryBatchOut}, summary="Hand in a list of inquiries"
)
def hand_in(request: HttpRequest, asked: BatchIn) -> Status[Any]:
    """Take a list; each line is checked and written down by itself, some may be refused."""
    by = _actor(request)
    if asked.mode == Mode.RAW and by.client and Scope.RAW not in passage(request).scopes:
        raise ScopeMissing(Scope.RAW)  # a list is no way around what a program may ask one by one
    batch = batches.AskedBatch(
        mode=Mode(asked.mode),
        purpose=asked.purpose,
        lines=tuple(
            batches.AskedLine(subject=one.subject, authorisation=one.authorisation, items=_once(one.items))
            for one in asked.lines
        ),
        request_digest=digest(request.body),
    )
    uuid = batches.hand_in(by, batch, at=timezone.now())
    return Status(202, lists.batch(uuid=uuid, institution=by.organisation))


@router.get("batch-inquiries/{uuid}", auth=BATCH, response=InquiryBatchOut, summary="How far a list is")
def batch(request: HttpRequest, uuid: UUID) -> lists.BatchLine:
    """Return the state of a list of one's own institution."""
    return lists.batch(uuid=uuid, institution=_actor(request).organisation)


@router.get(
    "batch-inquiries/{uuid}/result", auth=BATCH, response=BatchResultOut, summary="What became of each line"
)
def result(
    request: HttpRequest, uuid: UUID, after: Annotated[int, Query(ge=0, le=1_000_000)] = 0
) -> dict[str, Any]:
    """Return up to 100 lines after a number, with the answer or the refusal of each."""
    by = _actor(request)
    known = lists.batch(uuid=uuid, institution=by.organisation)
    if known.mode == Mode.RAW and by.client and Scope.RAW not in passage(request).scopes:
        raise ScopeMissing(Scope.RAW)
    lines = lists.results(uuid=uuid, by=by, at=timezone.now(), after=after)
    return {"lines": places.with_places(lines), "after": lines[-1].number if lines else None}


@dataclass(frozen=True)
class Short:
    """A question of a program that takes a few milliseconds: who may ask it, what is sent, and its operation."""

    auth: Callable[[HttpRequest], object]
    model: type[Schema]
    answer: Callable[[HttpRequest, Any], HttpResponse]


SHORT = {
    "/api/v1/inquiries": Short(INQUIRE[0], InquiryIn, inquire),
    "/api/v1/raw": Short(RAW[0], RawIn, raw),
    "/api/v1/verifications": Short(VERIFY[0], VerificationIn, verify),
}
"""The same operations for whoever serves them without the machinery around (`web/serving/frames/programs.py`)."""


def _question(request: HttpRequest, asked: InquiryIn | RawIn) -> dict[str, Any]:
    return {
        "subject": asked.subject,
        "items": _once(asked.items),
        "purpose": asked.purpose,
        "authorisation": asked.authorisation,
        "data_from": asked.data_from,
        "data_to": asked.data_to,
        "request_digest": digest(request.body),
    }


def _claim(one: ClaimIn) -> Claim:
    value = (one.value.low, one.value.high) if isinstance(one.value, BandIn) else one.value
    return Claim(item=one.item, field=one.field, value=value, where=one.where, total=one.total)


def _once(items: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _answered(answer: Answer) -> HttpResponse:
    return HttpResponse(answer.body, content_type="application/json")


def _actor(request: HttpRequest) -> Actor:
    return request.auth  # type: ignore[attr-defined,no-any-return]
