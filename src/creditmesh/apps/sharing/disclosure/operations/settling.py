"""The one transaction of an answer: nonces, limits, authorisations, guesses, inquiries, and their ledger entries.

Whatever is refused here is refused for good, and written too. Only what this returns as settled is answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from creditmesh.apps.ground.audit.committing import GroupCommit, Settled
from creditmesh.apps.ground.audit.rules import Draft, Outcome, Thing
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.ground.records.queries import marks
from creditmesh.apps.members.institutions.operations import settling as passages
from creditmesh.apps.members.institutions.rules.counting import Passage
from creditmesh.apps.sharing.authorisations.operations.spending import Shown, spend, still_agreed
from creditmesh.apps.sharing.authorisations.rules import Ask
from creditmesh.apps.sharing.disclosure.models import InquiryLine
from creditmesh.apps.sharing.disclosure.operations import guessing, rows
from creditmesh.apps.sharing.disclosure.operations.rows import Asked
from creditmesh.apps.sharing.disclosure.rules.batches import LineState, LineTaken
from creditmesh.apps.sharing.disclosure.rules.questions import Outcome as Ended
from creditmesh.apps.sharing.disclosure.rules.questions import Reason, told_reason
from creditmesh.kernel.errors import CreditmeshError


@dataclass(frozen=True, kw_only=True)
class Line:
    """The line of a list an inquiry answers, and the answer to keep for it."""

    id: int
    answer: str


@dataclass(frozen=True, kw_only=True)
class Intent:
    """An inquiry that was checked and worked out, and waits to be settled."""

    by: Actor
    inquiry: Asked  # not saved yet; refused already when it has a refusal
    ask: Ask | None = None  # what the authorisation must carry; None where none is needed
    authorisation_digest: str = ""
    passage: Passage | None = None
    claims: tuple[guessing.Counted, ...] = ()
    marks_seen: int | None = None  # the last mark there was before the records were read
    consents: frozenset[UUID] = frozenset()  # of the persons themselves, whose names it shows or compares
    line: Line | None = None
    refused_digest: str = ""  # of what is answered when it is refused: verifications have one shape for all


def settle(intents: Sequence[Intent]) -> list[Settled]:
    """Settle inquiries in the transaction of their entries; the result of each is its refusal, or None."""
    for one in intents:
        _as_asked(one.inquiry)
    at = max(one.inquiry.at for one in intents)
    refusals: list[CreditmeshError | str | None] = [one.inquiry.refusal or None for one in intents]
    _pass(intents, refusals, at=at)
    _look_at_marks(intents, refusals)
    # Guesses before uses: a question that is not compared spends nothing. And always in this order, for the locks.
    _count_claims(intents, refusals, at=at)
    _look_at_consents(intents, refusals, at=at)
    _spend(intents, refusals, at=at)
    for one, refusal in zip(intents, refusals, strict=True):
        _close(one, refusal)
    rows.insert([one.inquiry for one in intents])
    _keep_lines(intents)
    return [
        Settled(draft(one), result=refusal if isinstance(refusal, CreditmeshError) else one.inquiry.refusal)
        for one, refusal in zip(intents, refusals, strict=True)
    ]


DOOR: GroupCommit[Intent] = GroupCommit(settle)
"""The one door: no record leaves this process but through it."""


def draft(one: Intent) -> Draft:
    """Return the ledger's entry of an inquiry: codes and digests, never a value of a record."""
    row = one.inquiry
    details: dict[str, str | int | list[str]] = {"mode": row.mode, "items": row.items.split()}
    stated = {
        "purpose": row.purpose,
        "authorisation": str(row.authorisation or ""),
        "authorisation_digest": one.authorisation_digest,
        "request_digest": row.request_digest,
        "answer_digest": row.answer_digest,
        "basis": row.basis,
        "duty": row.duty,
    }
    details.update({name: value for name, value in stated.items() if value})
    details["records"] = row.records.count(" ") + 1 if row.records else 0
    return Draft(
        who=one.by.who(),
        act=f"inquiry.{row.mode.lower()}",
        thing=Thing("inquiry", str(row.uuid)),
        at=row.at,
        why=row.refusal,
        outcome=Outcome.REFUSED if row.refusal else Outcome.ALLOWED,
        details=details,
        subject=row.subject,
    )


def _as_asked(row: Asked) -> None:
    # A group that failed is settled again one by one: what the first try wrote onto its rows must not count.
    kept = row.__dict__.setdefault("_asked", (row.refusal, row.records, row.answer_digest))
    row.refusal, row.records, row.answer_digest = kept


def _pass(intents: Sequence[Intent], refusals: list[CreditmeshError | str | None], *, at: datetime) -> None:
    # What is refused already still spends its nonce and counts, or refusals could be had without limit.
    owing = [(number, one.passage) for number, one in enumerate(intents) if one.passage is not None]
    if not owing:
        return
    for (number, _), refusal in zip(owing, passages.settle([one for _, one in owing], at=at), strict=True):
        refusals[number] = refusal or refusals[number]


def _look_at_marks(intents: Sequence[Intent], refusals: list[CreditmeshError | str | None]) -> None:
    # Whoever tells the holders of a stopped record looks for them after the mark: none may come to hold it later.
    reading = [
        (number, one.inquiry.subject, one.marks_seen)
        for number, one in enumerate(intents)
        if one.marks_seen is not None and refusals[number] is None
    ]
    if not reading:
        return
    now = marks.order(hold=True)
    seen: dict[str, int] = {}
    for _, subject, place in reading:
        if place < now:
            seen[subject] = min(place, seen.get(subject, place))
    changed = marks.marked_since(seen) if seen else frozenset()
    for number, subject, place in reading:
        if place < now and subject in changed:
            refusals[number] = Reason.CHANGED_MEANWHILE


def _look_at_consents(
    intents: Sequence[Intent], refusals: list[CreditmeshError | str | None], *, at: datetime
) -> None:
    shown = [
        (
            number,
            Shown(
                authorisation=one.inquiry.authorisation,
                consents=one.consents,
                subject=one.inquiry.subject,
                institution=one.inquiry.institution,
                spends=one.ask is not None,
            ),
        )
        for number, one in enumerate(intents)
        if one.consents and refusals[number] is None and one.inquiry.authorisation is not None
    ]
    if not shown:
        return
    # What is refused spends nothing: rows locked for it could be those a signer holds while waiting for ours.
    spent = {uuid for _, uuid, _ in _asking(intents, refusals)}
    agreed = still_agreed([one for _, one in shown], at=at, spent=spent)
    for (number, _), still in zip(shown, agreed, strict=True):
        if not still:
            refusals[number] = Reason.CHANGED_MEANWHILE


def _spend(intents: Sequence[Intent], refusals: list[CreditmeshError | str | None], *, at: datetime) -> None:
    asking = _asking(intents, refusals)
    if not asking:
        return
    decided = spend([(uuid, ask) for _, uuid, ask in asking], at=at)
    for (number, _, _), refusal in zip(asking, decided, strict=True):
        refusals[number] = refusal


def _asking(
    intents: Sequence[Intent], refusals: Sequence[CreditmeshError | str | None]
) -> list[tuple[int, UUID, Ask]]:
    """Return the number, authorisation and ask of each question that still needs its authorisation decided on."""
    return [
        (number, one.inquiry.authorisation, one.ask)
        for number, one in enumerate(intents)
        if refusals[number] is None and one.ask is not None and one.inquiry.authorisation is not None
    ]


def _count_claims(
    intents: Sequence[Intent], refusals: list[CreditmeshError | str | None], *, at: datetime
) -> None:
    counted = [number for number, one in enumerate(intents) if one.claims and refusals[number] is None]
    if not counted:
        return
    fits = guessing.count([intents[number].claims for number in counted], at=at)
    for number, fit in zip(counted, fits, strict=True):
        if not fit:
            refusals[number] = Reason.TOO_MANY_CLAIMS


def _close(one: Intent, refusal: CreditmeshError | str | None) -> None:
    row = one.inquiry
    if refusal is None:
        row.outcome = Ended.ANSWERED
        return
    row.outcome = Ended.REFUSED
    row.refusal = (refusal.code if isinstance(refusal, CreditmeshError) else str(refusal))[:40]
    row.records = ""
    row.answer_digest = one.refused_digest


def _keep_lines(intents: Sequence[Intent]) -> None:
    for line, row in [(one.line, one.inquiry) for one in intents]:
        if line is None:
            continue
        waiting = InquiryLine.objects.filter(id=line.id, state=LineState.WAITING)
        kept = waiting.update(
            state=LineState.REFUSED if row.refusal else LineState.ANSWERED,
            inquiry=row.uuid,
            refusal=told_reason(row.refusal) if row.refusal else "",
            answer="" if row.refusal else line.answer,
        )
        if not kept:
            # Another worker answered it meanwhile: nothing of this group is written, each line has one answer.
            raise LineTaken("This line was answered already by another worker; go on with the next.")
