"""An institution asks an enterprise for an authorisation, without learning whether the enterprise is known here."""

import json
import re
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, OrganisationKind, Permission
from creditmesh.apps.members.institutions import sandbox
from creditmesh.apps.sharing.authorisations.letters.drafting import BeyondBounds, Wish, check_wish
from creditmesh.apps.sharing.authorisations.models import Request
from creditmesh.catalogue import purposes, rule_packs
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.uscc import normalise

SUBJECT = re.compile(r"[0-9A-Z]{8,30}")
MOST_OPEN = 5  # of one institution to one enterprise, so that nobody is worn down by asking


class WrongSubjectCode(CreditmeshError):
    """What was given as the enterprise's code cannot be one."""

    code = "wrong-subject-code"


class TooManyRequests(CreditmeshError):
    """The institution has several open requests to this enterprise already."""

    code = "too-many-open-requests"


class UnknownRequest(CreditmeshError):
    """There is no such request among one's own."""

    code = "unknown-request"

    def __init__(self) -> None:
        super().__init__("There is no such request among yours, or it has lapsed: look it up in the list.")


@transaction.atomic
def ask(*, by: Actor, subject: str, purpose: str, wish: Wish, node: ThisNode, at: datetime) -> Request:
    """Ask an enterprise for an authorisation and return the request, with the token of its link.

    The answer is the same for enterprises nobody knows: a request that nobody will ever open. An open request
    with the same purpose and reference is taken back. Raises `WrongSubjectCode`, `TooManyRequests`,
    `BeyondBounds`, and `UnknownPurpose`.
    """
    by.demand(Permission.REQUEST_AUTHORISATIONS)
    code = normalise(subject)
    if not SUBJECT.fullmatch(code):
        raise WrongSubjectCode("Give the enterprise's unified social credit code: letters and digits only.")
    template = purposes.purpose(purpose, on=timezone.localdate(at))
    wish = replace(wish, reference=wish.reference.strip())
    home = parties.organisation(code=by.organisation)
    check_wish(wish, purpose=template, kind=home.kind, catalogue=node.catalogue)
    if wish.branches:
        _check_branches(wish.branches, kind=home.kind)
    _make_room(institution=home.code, subject=code, purpose=purpose, reference=wish.reference, at=at)
    days = int(rule_packs.load().rule("authorisation.request.life", on=timezone.localdate(at)).value)
    made = Request.objects.create(
        token=secrets.token_urlsafe(24),
        institution=home.code,
        institution_name=home.name,
        subject=code,
        sandbox=by.sandbox,
        purpose=template.code,
        purpose_version=template.version,
        requested_by=by.who().label[:200],
        requested_at=at,
        lapses_at=at + timedelta(days=days),
        **_kept(wish),
    )
    audit.append(
        who=by.who(),
        act="authorisation.request",
        thing=Thing("authorisation-request", str(made.uuid)),
        at=at,
        why=f"{template.code}@{template.version}",
    )
    return made


@transaction.atomic
def cancel(uuid: UUID, *, by: Actor, at: datetime) -> None:
    """Take back an open request of one's institution. Raises `UnknownRequest`."""
    by.demand(Permission.REQUEST_AUTHORISATIONS)
    done = Request.objects.filter(uuid=uuid, institution=by.organisation, state="open").update(
        state="cancelled", answered_at=at
    )
    if not done:
        raise UnknownRequest
    thing = Thing("authorisation-request", str(uuid))
    audit.append(who=by.who(), act="authorisation.request.cancel", thing=thing, at=at)


@transaction.atomic
def decline(uuid: UUID, *, by: Actor, at: datetime, why: str = "") -> None:
    """Say no to a request to the enterprise the actor speaks for. Raises `UnknownRequest`."""
    by.demand(Permission.PREPARE_AUTHORISATIONS)
    row = open_request(uuid, subject=by.subject, at=at)
    row.state, row.answered_at, row.decline_reason = "declined", at, why[:300]
    row.save(update_fields=["state", "answered_at", "decline_reason"])
    row.authorisations.filter(state="draft").delete()
    thing = Thing("authorisation-request", str(uuid))
    audit.append(who=by.who(), act="authorisation.decline", thing=thing, at=at, why=why)
    audit.announce(event="authorisation.declined", key=str(uuid), at=at)


def open_request(uuid: UUID, *, subject: str, at: datetime) -> Request:
    """Return an open request to an enterprise, locked; raise `UnknownRequest` for any other."""
    row = (
        Request.objects.select_for_update()
        # A sandbox's request reaches the sandbox's enterprises alone, and only those it reaches.
        .filter(uuid=uuid, subject=subject, state="open", lapses_at__gt=at, sandbox=sandbox.holds(subject))
        .order_by("id")
        .first()
    )
    if row is None or not subject:
        raise UnknownRequest
    return row


def _make_room(*, institution: str, subject: str, purpose: str, reference: str, at: datetime) -> None:
    waiting = Request.objects.filter(institution=institution, subject=subject, state="open", lapses_at__gt=at)
    waiting.filter(purpose=purpose, reference=reference).update(state="cancelled", answered_at=at)
    if waiting.count() >= MOST_OPEN:
        raise TooManyRequests(
            "Your institution has several open requests to this enterprise: wait, or cancel one."
        )


def _check_branches(codes: tuple[str, ...], *, kind: str) -> None:
    known = {one.code for one in parties.organisations(kinds=[OrganisationKind(kind)])} if codes else set()
    unknown = sorted(set(codes) - known)
    if unknown:
        raise BeyondBounds(f"No institution of your kind has the code {', '.join(unknown)}: leave it out.")


def _kept(wish: Wish) -> dict[str, object]:
    return {
        "items": json.dumps(wish.items),
        "modes": json.dumps([str(one) for one in wish.modes]),
        "raw_detail": wish.raw_detail,
        "reference": wish.reference,
        "product": wish.product,
        "purpose_text": wish.purpose_text,
        "data_months": wish.data_months,
        "life_days": wish.life_days,
        "max_queries": wish.max_queries,
        "per_day": wish.per_day,
        "retention_months": wish.retention_months,
        "onward_to": json.dumps(wish.onward_to, ensure_ascii=False),
        "joint_modelling": wish.joint_modelling,
        "branches": json.dumps(wish.branches),
    }
