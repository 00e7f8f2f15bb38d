"""Issue a report: freeze what it says, give it a serial, end the one it replaces, write it into the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.sharing.credit_reports.models import Report
from creditmesh.apps.sharing.credit_reports.operations import ending, gathering
from creditmesh.apps.sharing.credit_reports.operations.gathering import Gathered
from creditmesh.apps.sharing.credit_reports.rules import content, serials
from creditmesh.apps.sharing.credit_reports.rules.standing import Kind, NothingHeld, State
from creditmesh.catalogue import rule_packs
from creditmesh.exchange.canonical import canonical, sha256
from creditmesh.kernel import regions


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a report is issued: by which node, and under which address anybody can check it."""

    node: ThisNode
    verify_at: str  # the page of verification, without the serial


def issue_own(by: Actor, *, place: Place, at: datetime) -> str:
    """Issue an enterprise's report on itself and return its serial.

    Raises `NotPermitted`, `NothingHeld`.
    """
    return issue(gathering.own(by, at=at), kind=Kind.OWN, by=by, place=place, at=at)


def issue_for_institution(
    by: Actor, *, subject: str, authorisation: UUID, purpose: str, place: Place, at: datetime
) -> str:
    """Issue a report for an institution on an authorisation and return its serial.

    Raises `NotPermitted`, `InquiryRefused` when the authorisation does not carry it, `NothingHeld`.
    """
    made = gathering.for_institution(by, subject=subject, authorisation=authorisation, purpose=purpose, at=at)
    return issue(made, kind=Kind.INSTITUTION, by=by, place=place, at=at)


@transaction.atomic
def issue(made: Gathered, *, kind: Kind, by: Actor, place: Place, at: datetime) -> str:
    """Write down a report of what was gathered and return its serial; raises `NothingHeld`."""
    if not any(one.lines for one in made.blocks):
        raise NothingHeld(
            "Nothing is held on this enterprise that a report could say: check the code, or come back"
            " when its registration has been delivered."
        )
    today = timezone.localdate(at)
    serial = serials.new(on=today)
    said = content.composed(
        made.blocks,
        grounds=content.Grounds(
            catalogue=place.node.catalogue, pack=rule_packs.load(), place=place.node.region, on=today
        ),
        head=_head(made, serial=serial, kind=kind, place=place, at=at),
        evaluation=made.evaluation,
        withheld=made.withheld,
    )
    written = canonical(said)
    digest = sha256(written)
    report = Report(
        serial=serial,
        kind=kind.value,
        subject=made.subject,
        name=made.name[:300],
        institution=made.institution,
        reader=made.reader[:300],
        authorisation=made.authorisation,
        purpose=made.purpose,
        issuer=place.node.name[:200],
        issued_by=by.who().label[:200],
        issued_at=at,
        content=written.decode(),
        content_digest=digest,
        shown_until=shown_until(said),
    )
    ending.supersede(subject=made.subject, institution=made.institution, kind=kind, by=serial, at=at)
    entry = audit.append(
        who=by.who(),
        act="report.issue",
        thing=Thing("report", serial),
        at=at,
        why=made.purpose,
        details={"content_digest": digest, "kind": kind.value, "inquiries": list(made.inquiries)},
        subject=made.subject,
    )
    report.ledger_entry = str(entry.uuid)
    report.state = State.VALID.value
    report.save(force_insert=True)
    return serial


def shown_until(said: dict[str, Any]) -> date | None:
    """Return the last day on which every adverse record of a report may still be shown, None without any."""
    adverse: Sequence[dict[str, Any]] = said["sections"][0]["blocks"]
    days = [line["publicity"]["until"] for block in adverse for line in block["lines"]]
    return min((date.fromisoformat(one) for one in days if one), default=None)


def _head(made: Gathered, *, serial: str, kind: Kind, place: Place, at: datetime) -> dict[str, Any]:
    node = place.node
    return {
        "serial": serial,
        "kind": kind.value,
        "issued_at": timezone.localtime(at).isoformat(timespec="seconds"),
        "issuer": {"name": node.name, "region": regions.name(node.region) or node.region},
        "fictitious": node.fictitious,
        "subject": {"code": made.subject, "name": made.name},
        "reader": {"code": made.institution, "name": made.reader},
        "purpose": made.purpose,
        "purpose_label": made.purpose_label,
        "authorisation": str(made.authorisation) if made.authorisation else "",
        "inquiries": list(made.inquiries),
        "verify_at": place.verify_at + serial,
    }
