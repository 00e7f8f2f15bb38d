"""What was asked: by one's institution, about one's enterprise; each with a proof anyone can check."""

import json
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query

from creditmesh.apps.ground.parties.access import may
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions.access import program_or_person
from creditmesh.apps.sharing.disclosure.api import asking
from creditmesh.apps.sharing.disclosure.api.shapes import AboutPageOut, LineOut, PageOut
from creditmesh.apps.sharing.disclosure.operations import proving
from creditmesh.apps.sharing.disclosure.queries import inquiries
from creditmesh.exchange.standalone import verify_proof

OWN = program_or_person(Permission.SEE_OWN_INQUIRIES)
ASKED = may(Permission.SEE_WHO_ASKED)
router = asking.router  # the same one, so that one address takes POST and GET
Before = Annotated[int | None, Query(ge=1, le=2**62)]
Size = Annotated[int, Query(ge=1, le=inquiries.MOST)]


@router.get("inquiries", auth=OWN, response=PageOut, summary="What my institution asked")
def own(
    request: HttpRequest,
    before: Before = None,
    size: Size = inquiries.PAGE,
    subject: Annotated[str, Query(max_length=80)] = "",
) -> inquiries.InquiryPage:
    """Return a page of inquiries, answered and refused, newest first."""
    return inquiries.own_inquiries(_actor(request).organisation, before=before, size=size, subject=subject)


@router.get("inquiries/{uuid}", auth=OWN, response=LineOut, summary="One inquiry of my institution")
def one(request: HttpRequest, uuid: UUID) -> inquiries.InquiryLine:
    """Return what was asked and how it ended, never the answer again."""
    return inquiries.inquiry(uuid=uuid, institution=_actor(request).organisation)


@router.get("inquiries/{uuid}/proof", auth=OWN, summary="Proof that an inquiry stands in the ledger")
def proof(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Return a proof file for the stand-alone verifier."""
    inquiries.inquiry(uuid=uuid, institution=_actor(request).organisation)
    return _proof(uuid)


@router.get("me/inquiries", auth=ASKED, response=AboutPageOut, summary="Who asked about my enterprise")
def about(request: HttpRequest, before: Before = None, size: Size = inquiries.PAGE) -> dict[str, Any]:
    """Return a page of the inquiries about one's enterprise, the refused ones too, newest first."""
    return proving.about(_actor(request), before=before, size=size)


@router.get("me/inquiries/{uuid}/proof", auth=ASKED, summary="Proof of an inquiry about my enterprise")
def about_proof(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Return a proof file for the stand-alone verifier; it shows who asked, when, for what, not which person."""
    inquiries.inquiry(uuid=uuid, subject=_actor(request).subject)
    return _proof(uuid)


@router.get("proof-verifier", auth=ASKED, summary="The stand-alone verifier of proofs")
def verifier(request: HttpRequest) -> HttpResponse:
    """Return one Python file that needs the standard library and `cryptography` only."""
    answer = HttpResponse(Path(verify_proof.__file__).read_bytes(), content_type="text/x-python")
    answer["Content-Disposition"] = 'attachment; filename="verify_proof.py"'
    return answer


def _proof(uuid: UUID) -> HttpResponse:
    told = json.dumps(proving.proof(uuid, at=timezone.now()), ensure_ascii=False, indent=1)
    answer = HttpResponse(told, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="proof-{uuid}.json"'
    return answer


def _actor(request: HttpRequest) -> Actor:
    return request.auth  # type: ignore[attr-defined,no-any-return]
