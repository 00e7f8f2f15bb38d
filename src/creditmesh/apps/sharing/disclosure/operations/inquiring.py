"""Ask the door about an enterprise: check, read, mask, write down, and only then answer."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from creditmesh.apps.ground.audit.rules import timed_id
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions.rules.counting import Measure, Passage
from creditmesh.apps.sharing.authorisations import queries as authorisations
from creditmesh.apps.sharing.authorisations.rules import Ask, Refusal, Standing, decide, is_between, window
from creditmesh.apps.sharing.disclosure.operations.rows import Asked
from creditmesh.apps.sharing.disclosure.operations.settling import DOOR, Intent
from creditmesh.apps.sharing.disclosure.queries.blocks import blocks
from creditmesh.apps.sharing.disclosure.queries.standing import in_sight, is_kept, shelf, standing_of
from creditmesh.apps.sharing.disclosure.rules.bodies import digest, moment, ordered, whole
from creditmesh.apps.sharing.disclosure.rules.plans import Consent
from creditmesh.apps.sharing.disclosure.rules.questions import (
    AUTHORISED,
    Answer,
    AskAgain,
    InquiryRefused,
    Question,
    Reason,
    Sealed,
    require_bounds,
)
from creditmesh.catalogue.model import Mode
from creditmesh.kernel.errors import CreditmeshError


def inquire(by: Actor, question: Question, at: datetime, *, passage: Passage | None = None) -> Answer:
    """Answer a question of an institution (OPEN, AUTH, RAW) or a department (GOV), and write it down first.

    `passage` is what the request owes (nonce, limits); it is paid with the answer. Raises `InquiryRefused`,
    which is written down as well, `NotPermitted`, `QuestionTooLong`, and what settling the passage refuses.
    """
    by.demand(permission(question.mode))
    require_bounds(items=len(question.items))
    worked = work_out(by, question, at=at)
    owed = passage and replace(passage, measures=measures(question.mode))
    place = DOOR.submit(replace(worked.intent, passage=owed))
    return answer_of(
        worked,
        sealed=place.result,
        ledger=Sealed(position=place.position, entry=place.entry, leaf=place.leaf),
    )


Asking = Callable[[Actor, Question, Standing | None, "tuple[date, date] | None"], Ask]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at the authorisation gave."""

    standing: Standing | None
    period: tuple[date, date] | None
    ask: Ask | None
    refusal: Refusal | None


class Worked:
    """A question worked out: the answer is ready, and nobody has it yet."""

    __slots__ = ("content", "data", "intent")

    def __init__(self, intent: Intent, content: dict[str, Any], data: bytes) -> None:
        self.intent = intent
        self.content = content
        self.data = data


def work_out(by: Actor, question: Question, *, at: datetime) -> Worked:
    """Return a question checked and, if nothing is against it, its answer; nothing is written yet."""
    row = row_of(by, question, at=at)
    look = checked(by, question, asking=ask_of, at=at)
    row.refusal = gate(by, question) or look.refusal or ""
    if row.refusal:
        return Worked(Intent(by=by, inquiry=row, ask=look.ask), {}, b"")
    agreed = _agreed(by, question, row, at=at)
    content, seen = _content(by, question, row, look.period, agreed=agreed, at=at)
    data = ordered(content)
    row.answer_digest = digest(data)
    carried = look.standing.digest if look.standing else ""
    intent = Intent(
        by=by,
        inquiry=row,
        ask=look.ask,
        authorisation_digest=carried,
        marks_seen=seen,
        consents=frozenset(one.uuid for one in agreed),
    )
    return Worked(intent, content, data)


def answer_of(worked: Worked, *, sealed: object, ledger: Sealed) -> Answer:
    """Return the answer of a settled question; raise its refusal."""
    row = worked.intent.inquiry
    if isinstance(sealed, CreditmeshError):
        raise sealed
    if sealed == Reason.CHANGED_MEANWHILE:
        raise AskAgain(Reason.CHANGED_MEANWHILE, inquiry=row.uuid, ledger=ledger)
    if sealed:
        raise InquiryRefused(str(sealed), inquiry=row.uuid, ledger=ledger)
    return complete(row, worked.content, worked.data, ledger=ledger)


def complete(row: Asked, content: Mapping[str, Any], data: bytes, *, ledger: Sealed) -> Answer:
    """Return the answer around its content, now that its place in the ledger is known."""
    body = whole(
        data,
        answer_digest=row.answer_digest,
        at=moment(row.at),
        inquiry=str(row.uuid),
        ledger=ledger.told(),
        request_digest=row.request_digest,
    )
    return Answer(
        inquiry=row.uuid,
        at=row.at,
        content=content,
        answer_digest=row.answer_digest,
        request_digest=row.request_digest,
        ledger=ledger,
        body=body,
    )


def measures(mode: Mode) -> tuple[Measure, ...]:
    """Return what an inquiry in a mode counts as."""
    counted = (Measure.REQUESTS, Measure.INQUIRIES)
    return (*counted, Measure.RAW) if mode is Mode.RAW else counted


def today(at: datetime) -> date:
    """Return which day a moment falls on where the node stands."""
    return at.astimezone(timezone.get_default_timezone()).date()


def permission(mode: Mode) -> Permission:
    """Return what one must be permitted to ask in a mode."""
    return Permission.INQUIRE_FOR_DUTY if mode is Mode.GOV else Permission.INQUIRE


def gate(by: Actor, question: Question) -> Reason | None:
    """Return why rights or catalogue do not allow the items in the mode, None when they do."""
    if not by.may(permission(question.mode)):
        return Reason.NO_RIGHT
    items = shelf().catalogue.items
    if not question.items or not set(question.items) <= items.keys():
        return Reason.UNKNOWN_ITEM
    # Claims have an operation of their own: nothing is shown in that mode.
    if question.mode is Mode.VERIFY or any(question.mode not in items[one].modes for one in question.items):
        return Reason.ITEM_NOT_IN_MODE
    if question.mode is Mode.GOV and not (question.basis.strip() and question.duty.strip()):
        return Reason.NO_LEGAL_BASIS
    return None


def row_of(by: Actor, question: Question, *, at: datetime) -> Asked:
    """Return the row of a question, neither answered nor refused yet, nor saved."""
    return Asked(
        uuid=UUID(timed_id(at, os.urandom(10))),
        at=at,
        institution=by.organisation,
        user_id=by.user_id,
        person=by.who().label[:200],
        client=by.client,
        sandbox=by.sandbox,
        subject=question.subject,
        authorisation=question.authorisation,
        purpose=question.purpose,
        mode=question.mode.value,
        items=" ".join(question.items),
        basis=question.basis[:300],
        duty=question.duty[:300],
        request_digest=question.request_digest,
    )


def checked(by: Actor, question: Question, *, asking: Asking, at: datetime) -> Checked:
    """Return how the authorisation a question names stands, and what is against the question.

    What was read of it before serves for the first look. Whatever that refuses is looked at once more, fresh;
    what it lets pass is decided again when it is settled.
    """
    kept = is_kept(question.authorisation)
    first = _looked(by, question, asking=asking, at=at, fresh=not kept)
    if first.refusal is None or not kept:
        return first  # read just now: to read it again would tell what exists from what does not
    return _looked(by, question, asking=asking, at=at, fresh=True)


def _looked(by: Actor, question: Question, *, asking: Asking, at: datetime, fresh: bool) -> Checked:
    named = question.mode in AUTHORISED and question.authorisation is not None
    standing = standing_of(question.authorisation, fresh=fresh) if named and question.authorisation else None
    period = period_of(question, standing, at=at)
    if question.mode not in AUTHORISED:
        return Checked(None, period, None, None)
    ask = asking(by, question, standing, period)
    refusal = Refusal.NO_AUTHORISATION if not in_sight(by, question.subject) else decide(standing, ask, at=at)
    return Checked(standing, period, ask, refusal)


def period_of(question: Question, standing: Standing | None, *, at: datetime) -> tuple[date, date] | None:
    """Return the days the records must fall in: as asked, or all the authorisation covers now."""
    first, last = question.data_from, question.data_to
    if question.mode in AUTHORISED and standing is not None:
        covered = window(standing.terms, at=at)
        return first or covered[0], last or covered[1]
    return (first or date.min, last or date.max) if first or last else None


def ask_of(by: Actor, question: Question, standing: Standing | None, period: tuple[date, date] | None) -> Ask:
    """Return what the authorisation a question names must carry."""
    del standing
    return Ask(
        subject=question.subject,
        institution=by.organisation,
        items=question.items,
        mode=question.mode,
        purpose=question.purpose,
        data_from=period[0] if period else None,
        data_to=period[1] if period else None,
    )


def _agreed(by: Actor, question: Question, row: Asked, *, at: datetime) -> Sequence[Consent]:
    if question.mode not in AUTHORISED and not _is_own(by, question, at=at):
        # What nobody checks must neither open names of persons nor stand in the list of another's authorisation.
        row.authorisation = None
    return consents(row.authorisation, question.items)


def _content(
    by: Actor,
    question: Question,
    row: Asked,
    period: tuple[date, date] | None,
    *,
    agreed: Sequence[Consent],
    at: datetime,
) -> tuple[dict[str, Any], int | None]:
    told, references, seen = blocks(
        # Nobody has this key: in the sandbox real enterprises look like ones that are not held.
        subject=question.subject if in_sight(by, question.subject) else "",
        items=question.items,
        mode=question.mode,
        window=period,
        consents=agreed,
        on=today(at),
    )
    row.records = " ".join(references)
    content = {
        "authorisation": str(row.authorisation) if row.authorisation else None,
        "basis": question.basis,
        "blocks": told,
        "data_from": period[0].isoformat() if period else None,
        "data_to": period[1].isoformat() if period else None,
        "duty": question.duty,
        "mode": question.mode.value,
        "purpose": question.purpose,
        "rule_pack": shelf().pack.version,
        "subject": question.subject,
    }
    return content, seen


def _is_own(by: Actor, question: Question, *, at: datetime) -> bool:
    """Return whether the authorisation named beside an open question is the asker's, on the enterprise, in force."""
    standing = standing_of(question.authorisation, fresh=True) if question.authorisation else None
    return standing is not None and is_between(
        standing, subject=question.subject, institution=by.organisation, at=at
    )


def consents(authorisation: UUID | None, items: Sequence[str]) -> Sequence[Consent]:
    """Return the persons' own consents that go with an authorisation, as far as the items name persons."""
    if authorisation is None or not shelf().has_personal(items):
        return ()
    return authorisations.personal_consents(authorisation)
