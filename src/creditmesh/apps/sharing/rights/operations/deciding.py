"""Decide an objection, and carry the decision into the records: mark, correction, notices, new evaluation."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import WORKER
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.operations import marking
from creditmesh.apps.ground.records.queries import batches
from creditmesh.apps.ground.records.rules import MarkKind, RecordRef
from creditmesh.apps.sharing.rights.models import Objection
from creditmesh.apps.sharing.rights.operations import correcting, telling, walking
from creditmesh.apps.sharing.rights.operations.objecting import case_of, ref
from creditmesh.apps.sharing.rights.queries import cases, held
from creditmesh.apps.sharing.rights.rules.objections import (
    EFFECTS,
    Effect,
    Outcome,
    State,
    WrongStep,
    require_other_person,
    require_possible,
    require_reason,
    require_step,
)
from creditmesh.lake.comparing import Answer

ANSWERS = {
    Answer.REPEATED: cases.REPEATS,
    Answer.REPLACED: f"{cases.SOURCE}replaced",
    Answer.DROPPED: f"{cases.SOURCE}dropped",
    Answer.AGREED: f"{cases.SOURCE}agrees",
}
"""Steps after a correction: what its source delivers later."""

ENDED = frozenset({ANSWERS[Answer.REPLACED], ANSWERS[Answer.DROPPED]})

RESTORES = frozenset({Effect.LIFT, Effect.KEEP_BOTH})
"""Effects after which a record that a decision before had changed or stopped is again what it was."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was decided, why, and for a correction what the record should say, as delivered, by field."""

    outcome: Outcome
    reason: str
    values: dict[str, str] = field(default_factory=dict)


def decide(uuid: UUID, *, decision: Decision, by: Actor, node: ThisNode, at: datetime) -> None:
    """Decide an objection and have the decision take effect.

    Raises `NotPermitted`, `UnknownObjection`, `WrongStep`, `ReasonMissing`, `OutcomeNotPossible`,
    `NothingToCorrect`.
    """
    by.demand(Permission.HANDLE_OBJECTIONS)
    with transaction.atomic():
        row = walking.locked(uuid)
        require_step(state=State(row.state), to=State.DECIDED)
        _take(row, decision, node=node)
        row.decided_by, row.decided_by_id, row.decided_at = by.label[:200], by.user_id, at
        walking.step(row, to=State.DECIDED, by=by.who(), at=at, note=decision.outcome)
        _effect(row, by=by, node=node, at=at)
        audit.announce(event="objection.decided", key=str(row.uuid), at=at)


def review(
    uuid: UUID, *, reason: str, instead: Decision | None, by: Actor, node: ThisNode, at: datetime
) -> None:
    """Answer a request for review: the decision stands, or another one takes its place; by another person.

    Raises as `decide`, and `SamePerson`.
    """
    by.demand(Permission.HANDLE_OBJECTIONS)
    said = require_reason(reason)
    with transaction.atomic():
        row = walking.locked(uuid)
        require_step(state=State(row.state), to=State.REVIEWED)
        require_other_person(decider=row.decided_by_id, reviewer=by.user_id)
        row.review_reason, row.review_upheld = said, instead is None
        row.reviewed_by, row.reviewed_at = by.label[:200], at
        if instead is not None:
            former = _former(row, instead, node=node)
            _take(row, instead, node=node)
            row.new_values = row.new_values or former
        walking.step(row, to=State.REVIEWED, by=by.who(), at=at, note="changed" if instead else "upheld")
        if instead is not None:
            _effect(row, by=by, node=node, at=at)
        audit.announce(event="objection.decided", key=str(row.uuid), at=at)


def correct_again(uuid: UUID, *, values: dict[str, str], by: Actor, node: ThisNode, at: datetime) -> None:
    """Hand in a decided correction once more, after the first one was refused by the checks.

    Raises as `decide`; `WrongStep` when none was decided, or the first one was taken.
    """
    by.demand(Permission.HANDLE_OBJECTIONS)
    with transaction.atomic():
        row = walking.locked(uuid)
        landed = row.batch and _took_effect(batches.progress(uuid=row.batch, viewer=telling.NODE))
        if landed or not row.outcome or EFFECTS[Outcome(row.outcome)] is not Effect.NEW_VERSION:
            raise WrongStep(
                "No correction waits to be handed in again. Load the page to see where it stands."
            )
        row.new_values = correcting.wanted(ref(row), values, node=node)
        _effect(row, by=by, node=node, at=at)
        walking.tell(row, what="corrected_again", by=by.who(), at=at)


def finish_decision(uuid: UUID, *, node: ThisNode, at: datetime) -> None:
    """After a decision: tell the enterprise and every holder, and evaluate again; safe to repeat.

    A correction, or what takes one back, tells holders only once its new version has landed (`finish_correction`).
    """
    with transaction.atomic():
        row = walking.locked(uuid)
        if row.state == State.DECIDED:
            row.notified_at = at
            walking.step(row, to=State.NOTIFIED, by=WORKER, at=at)
        elif row.state == State.REVIEWED:
            row.closed_at = at
            walking.step(row, to=State.CLOSED, by=WORKER, at=at)
        effect = EFFECTS[Outcome(row.outcome)] if row.outcome else None
        restored = row.review_upheld is False and effect in RESTORES and not row.new_values
    if effect is Effect.STOP:
        telling.tell_holders(
            record=ref(row), case=row.uuid, kind="record.stopped", at=at, since=_taken_at(row)
        )
        telling.evaluate_again(node=node, at=at)
    elif restored:
        telling.tell_holders(
            record=ref(row),
            case=row.uuid,
            kind="record.restored",
            at=at,
            since=_taken_at(row),
            only_told=True,
        )
        telling.evaluate_again(node=node, at=at)


def finish_correction(batch: UUID, *, node: ThisNode, at: datetime) -> bool:
    """After a batch has landed: if it carries a correction or takes one back, lift the mark, tell, evaluate again.

    Of what cannot be confirmed the mark stays. A batch lands without the rows that its checks refused, or whose record
    is not held any more: then nothing is corrected, and that is told.
    Return whether it does; safe to repeat.
    """
    row = Objection.objects.filter(batch=batch).order_by("id").first()
    if row is None:
        return False
    carried = batches.progress(uuid=batch, viewer=telling.NODE)
    if not _took_effect(carried):
        return note_refused_correction(batch, node=node, at=at)
    with transaction.atomic():
        row = walking.locked(row.uuid)
        effect = EFFECTS[Outcome(row.outcome)]
        if effect is Effect.NEW_VERSION:
            lifted = marking.lift(record=ref(row), case=case_of(row), by=WORKER, at=at, why=row.outcome)
            if lifted is not None:
                walking.tell(row, what="corrected", by=WORKER, at=at)
        # An evaluation asked for before it landed was made without the record.
        since = carried.finished_at
        telling.want_evaluation(item=row.item, case=row.uuid, node=node, at=at, since=since)
    kind = "record.corrected" if effect is Effect.NEW_VERSION else "record.restored"
    telling.tell_holders(record=ref(row), case=row.uuid, kind=kind, at=at, since=_taken_at(row))
    telling.evaluate_again(node=node, at=at)
    return True


def note_refused_correction(batch: UUID, *, node: ThisNode, at: datetime) -> bool:
    """After a batch was refused: if it carries a correction, say so where the objection is handled.

    The record was found wrong and stays stopped until a correction lands: evaluations are made without it.
    """
    row = Objection.objects.filter(batch=batch).order_by("id").first()
    if row is None:
        return False
    with transaction.atomic():
        row = walking.locked(row.uuid)
        walking.tell(row, what=cases.REFUSED, by=WORKER, at=at, note=str(batch))
        telling.want_evaluation(item=row.item, case=row.uuid, node=node, at=at, since=_taken_at(row))
    telling.evaluate_again(node=node, at=at)
    return True


def note_answers(batch: UUID, *, at: datetime) -> int:
    """After a delivery has landed: say at each correction before it what the source says now; return how many.

    Said when that changes, not with every delivery: `repeated` while the source goes on delivering what was
    corrected, which then stands; `agreed` once it has stopped; `replaced` or `dropped` when the newer delivery counts.
    Safe to repeat.
    """
    return sum(_note(record, answer, batch=batch, at=at) for record, answer in batches.answers(batch))


def _note(record: RecordRef, answer: Answer, *, batch: UUID, at: datetime) -> bool:
    found = Objection.objects.filter(
        subject=record.subject, item=record.item, key=record.key, batch__isnull=False
    )
    last = found.order_by("-decided_at", "-id").first()
    if last is None or EFFECTS[Outcome(last.outcome)] is not Effect.NEW_VERSION:
        return False
    with transaction.atomic():
        row = walking.locked(last.uuid)
        before = row.steps.filter(what__in=ANSWERS.values()).order_by("-id").first()
        said = "" if before is None else before.what
        if said in {ANSWERS[answer], *ENDED} or (
            answer is Answer.AGREED and said != ANSWERS[Answer.REPEATED]
        ):
            return False
        walking.tell(row, what=ANSWERS[answer], by=WORKER, at=at, note=str(batch))
    return True


def _took_effect(carried: batches.BatchLine) -> bool:
    """Return whether a landed correction holds: its row stands, or the source says the same by now."""
    return bool(carried.updated or carried.unchanged)


def _taken_at(row: Objection) -> datetime | None:
    """Return when the decision that holds was made: in the review if that decided otherwise."""
    return row.reviewed_at if row.review_upheld is False else row.decided_at


def _take(row: Objection, decision: Decision, *, node: ThisNode) -> None:
    """Write a decision into the row once it is one that can be carried out."""
    require_possible(outcome=decision.outcome, item=node.catalogue.items[row.item])
    row.outcome, row.reason = decision.outcome, require_reason(decision.reason)
    row.new_values = {}
    if EFFECTS[decision.outcome] is Effect.NEW_VERSION:
        row.new_values = correcting.wanted(ref(row), decision.values, node=node)


def _former(row: Objection, instead: Decision, *, node: ThisNode) -> dict[str, str]:
    """Return what a record is to say again when a review takes a correction back; nothing where none was made.

    Raises `WrongStep` while the correction is on its way.
    """
    corrected = bool(row.outcome) and EFFECTS[Outcome(row.outcome)] is Effect.NEW_VERSION
    if not corrected or row.batch is None or EFFECTS[instead.outcome] not in RESTORES:
        return {}
    carried = batches.progress(uuid=row.batch, viewer=telling.NODE)
    if carried.finished_at is None:
        raise WrongStep("The correction is still on its way into the records. Try again in a minute.")
    if not _took_effect(carried):
        return {}
    before = held.as_delivered(node.catalogue.items[row.item], row.held)
    return {name: before.get(name, "") for name in row.new_values}


def _effect(row: Objection, *, by: Actor, node: ThisNode, at: datetime) -> None:
    """Carry the decision into the records, in the caller's transaction."""
    record, case, why = ref(row), case_of(row), row.outcome
    if EFFECTS[Outcome(row.outcome)] in RESTORES and row.new_values:
        row.batch = correcting.deliver(record, row.new_values, case=row.uuid, by=by, node=node, at=at)
        row.save(update_fields=["batch", "new_values"])
    match EFFECTS[Outcome(row.outcome)]:
        case Effect.NEW_VERSION:
            # What was found wrong is neither shown nor used any more, however long the new version takes to land.
            marking.mark(record=record, kind=MarkKind.STOPPED, case=case, by=by.who(), at=at, why=why)
            row.batch = correcting.deliver(record, row.new_values, case=row.uuid, by=by, node=node, at=at)
            row.save(update_fields=["batch", "new_values"])
        case Effect.STOP:
            marking.mark(record=record, kind=MarkKind.STOPPED, case=case, by=by.who(), at=at, why=why)
            telling.want_evaluation(item=row.item, case=row.uuid, node=node, at=at, since=_taken_at(row))
        case Effect.LIFT:
            lifted = marking.lift(record=record, case=case, by=by.who(), at=at, why=why)
            # After a review that turns a deletion down the record counts again.
            if lifted is not None and row.reviewed_at is not None:
                telling.want_evaluation(item=row.item, case=row.uuid, node=node, at=at, since=_taken_at(row))
        case Effect.KEEP_BOTH:
            marking.mark(record=record, kind=MarkKind.DISPUTED, case=case, by=by.who(), at=at, why=why)
            if row.reviewed_at is not None:
                telling.want_evaluation(item=row.item, case=row.uuid, node=node, at=at, since=_taken_at(row))
