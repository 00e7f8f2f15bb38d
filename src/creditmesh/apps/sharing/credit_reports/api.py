"""Credit reports by API: signed JSON for institutions on an authorisation, and for an enterprise on itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.access import may
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions.access import program_or_person
from creditmesh.apps.members.institutions.rules.scopes import Scope
from creditmesh.apps.sharing.credit_reports.operations import issuing, opening
from creditmesh.apps.sharing.credit_reports.queries import reports
from creditmesh.apps.sharing.credit_reports.queries.reports import IssuedReport
from creditmesh.apps.sharing.credit_reports.rules.standing import Kind, State
from creditmesh.exchange import jws
from creditmesh.exchange.canonical import canonical

router = Router(tags=["credit reports"])
INSTITUTION = program_or_person(Permission.INQUIRE, scope=Scope.REPORTS)
ENTERPRISE = may(Permission.SEE_OWN_RECORD)
CHECK_PATH = "/check/"


class ReportIn(Schema):
    """For which enterprise, on which authorisation, for which purpose."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(min_length=1, max_length=80)
    authorisation: UUID
    purpose: str = Field(min_length=1, max_length=40)


class ReportLineOut(Schema):
    """A report in a list."""

    serial: str
    kind: Kind
    subject: str
    name: str
    purpose: str
    issued_at: datetime
    state: State


class ReportOut(Schema):
    """A report: what it says, the digest of that as canonical JSON (RFC 8785), and the node's signature over it.

    `signature` is a detached JWS (RFC 7797) whose payload is the canonical JSON of `report`; the keys are at
    /.well-known/creditmesh/keys.json.
    """

    serial: str
    state: State
    content_digest: str
    ledger_entry: str
    signature: str
    report: dict[str, Any]


@router.post("reports", auth=INSTITUTION, response={201: ReportOut}, summary="Have a report issued")
def issue(request: HttpRequest, asked: ReportIn) -> Status[dict[str, Any]]:
    """Issue a report on an enterprise that authorised it; it is one use of the authorisation."""
    by, at = _actor(request), timezone.now()
    serial = issuing.issue_for_institution(
        by,
        subject=asked.subject,
        authorisation=asked.authorisation,
        purpose=asked.purpose,
        place=_place(request),
        at=at,
    )
    return Status(201, _told(opening.open_report(serial, by=by, at=at)))


@router.get("reports", auth=INSTITUTION, response=list[ReportLineOut], summary="List one's reports")
def listing(request: HttpRequest, subject: str = "") -> list[ReportLineOut]:
    """Return the newest hundred reports issued to the institution."""
    return [_line(one) for one in reports.listing(viewer=_actor(request), subject=subject[:80])]


@router.post(
    "own-reports", auth=ENTERPRISE, response={201: ReportOut}, summary="Have one's own report issued"
)
def issue_own(request: HttpRequest) -> Status[dict[str, Any]]:
    """Issue the enterprise's report on itself, free of charge."""
    by, at = _actor(request), timezone.now()
    serial = issuing.issue_own(by, place=_place(request), at=at)
    return Status(201, _told(opening.open_report(serial, by=by, at=at)))


@router.get("own-reports", auth=ENTERPRISE, response=list[ReportLineOut], summary="List one's own reports")
def own_listing(request: HttpRequest) -> list[ReportLineOut]:
    """Return the newest hundred reports of the enterprise on itself."""
    return [_line(one) for one in reports.listing(viewer=_actor(request))]


@router.get("own-reports/{serial}", auth=ENTERPRISE, response=ReportOut, summary="Open one's own report")
def open_own(request: HttpRequest, serial: str) -> dict[str, Any]:
    """Return a report exactly as it was issued."""
    return _told(opening.open_report(serial, by=_actor(request), at=timezone.now()))


@router.get("reports/{serial}", auth=INSTITUTION, response=ReportOut, summary="Open a report again")
def open_again(request: HttpRequest, serial: str) -> dict[str, Any]:
    """Return a report exactly as it was issued, while its authorisation and its records stand."""
    return _told(opening.open_report(serial, by=_actor(request), at=timezone.now()))


def _told(issued: IssuedReport) -> dict[str, Any]:
    signer = this_node().signer
    return {
        "serial": issued.line.serial,
        "state": issued.line.state,
        "content_digest": issued.content_digest,
        "ledger_entry": issued.ledger_entry,
        "signature": jws.sign_detached(canonical(issued.content), key=signer.key, kid=signer.key_id),
        "report": issued.content,
    }


def _line(one: reports.ReportLine) -> ReportLineOut:
    return ReportLineOut(
        serial=one.serial,
        kind=one.kind,
        subject=one.subject,
        name=one.name,
        purpose=one.purpose,
        issued_at=one.issued_at,
        state=one.state,
    )


def _place(request: HttpRequest) -> issuing.Place:
    return issuing.Place(node=this_node(), verify_at=request.build_absolute_uri(CHECK_PATH))


def _actor(request: HttpRequest) -> Actor:
    return request.auth  # type: ignore[attr-defined,no-any-return]
