"""Objections: the states they go through, what may be decided, and what a decision does to the record."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from creditmesh.apps.sharing.rights.rules.clocks import Deadlines
from creditmesh.catalogue.model import Item
from creditmesh.kernel.errors import CreditmeshError

LONGEST_TEXT = 4000


class WrongStep(CreditmeshError):
    """An objection cannot make this step from where it stands."""

    code = "wrong-step"


class NoExtension(CreditmeshError):
    """The clock of this place cannot be extended, or was already."""

    code = "no-extension"


class NoPause(CreditmeshError):
    """The clock of this place does not stand still for this cause."""

    code = "no-pause"


class ReasonMissing(CreditmeshError):
    """A decision or an objection without a reason."""

    code = "reason-missing"


class SamePerson(CreditmeshError):
    """Whoever decided may not review the decision."""

    code = "same-person"


class OutcomeNotPossible(CreditmeshError):
    """This record cannot be changed that way."""

    code = "outcome-not-possible"


class State(StrEnum):
    """Where an objection stands."""

    RECEIVED = "received"
    MARKED = "marked"
    OWN_CHECK = "own_check"
    FORWARDED = "forwarded"
    DECIDED = "decided"
    NOTIFIED = "notified"
    REVIEW_REQUESTED = "review_requested"
    REVIEWED = "reviewed"
    CLOSED = "closed"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.MARKED}),
    State.MARKED: frozenset({State.OWN_CHECK, State.FORWARDED, State.CLOSED}),
    State.OWN_CHECK: frozenset({State.FORWARDED, State.DECIDED, State.CLOSED}),
    State.FORWARDED: frozenset({State.DECIDED, State.CLOSED}),
    State.DECIDED: frozenset({State.NOTIFIED}),
    State.NOTIFIED: frozenset({State.REVIEW_REQUESTED, State.CLOSED}),
    State.REVIEW_REQUESTED: frozenset({State.REVIEWED}),
    State.REVIEWED: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
}
"""The steps of domain notes 5.4. Closed before a decision is an objection its enterprise took back."""

UNDECIDED = frozenset({State.RECEIVED, State.MARKED, State.OWN_CHECK, State.FORWARDED})
OPEN = UNDECIDED | {State.DECIDED, State.REVIEW_REQUESTED}


class Ground(StrEnum):
    """What an enterprise says is wrong."""

    WRONG = "wrong"
    NOT_OURS = "not_ours"
    INCOMPLETE = "incomplete"
    OUTDATED = "outdated"
    ANNULLED = "annulled"
    OTHER = "other"


class Outcome(StrEnum):
    """What may be decided."""

    CORRECT = "correct"
    SUPPLEMENT = "supplement"
    DELETE = "delete"
    STOP_DISCLOSURE = "stop_disclosure"
    REMOVE_FROM_LIST = "remove_from_list"
    REJECT = "reject"
    UNCONFIRMED = "unconfirmed"


class Effect(StrEnum):
    """What a decision does to the record."""

    NEW_VERSION = "new_version"  # lands through the ordinary way of batches; stopped until then
    STOP = "stop"  # neither shared nor used
    LIFT = "lift"  # as it was, without the mark
    KEEP_BOTH = "keep_both"  # what both say stays beside the record, which stays marked


EFFECTS: dict[Outcome, Effect] = {
    Outcome.CORRECT: Effect.NEW_VERSION,
    Outcome.SUPPLEMENT: Effect.NEW_VERSION,
    Outcome.DELETE: Effect.STOP,
    Outcome.STOP_DISCLOSURE: Effect.STOP,
    Outcome.REMOVE_FROM_LIST: Effect.STOP,
    Outcome.REJECT: Effect.LIFT,
    Outcome.UNCONFIRMED: Effect.KEEP_BOTH,
}

CHANGES_VALUE = frozenset({Effect.NEW_VERSION, Effect.STOP})
"""Effects after which what was handed out before is stale, and evaluations are made again."""


def require_step(*, state: State, to: State) -> None:
    """Let an objection step from one state to another, or raise `WrongStep`."""
    if to not in TRANSITIONS[state]:
        raise WrongStep(
            f"An objection that is {state} cannot become {to}. Load the page again to see where it stands."
        )


def require_reason(text: str) -> str:
    """Return the reason, bounded, or raise `ReasonMissing`."""
    said = text.strip()
    if not said:
        raise ReasonMissing("Say why: the reason is kept and shown to the other side.")
    return said[:LONGEST_TEXT]


def require_other_person(*, decider: int | None, reviewer: int | None) -> None:
    """Refuse with `SamePerson` when whoever decided wants to review it, or nobody knows who reviews."""
    if reviewer is None or reviewer == decider:
        raise SamePerson("A review is made by another person than the decision: ask a colleague to take it.")


def open_fields(item: Item) -> tuple[str, ...]:
    """Return the fields that can be corrected: all but those that identify the record or the enterprise."""
    by = item.subject
    fixed = {*item.record_key, by.code, by.registration_number, by.pseudonym}
    return tuple(one.name for one in item.fields if one.name not in fixed)


def possible_outcomes(item: Item) -> tuple[Outcome, ...]:
    """Return what may be decided on a record of an item; what has nothing to correct is deleted."""
    on_list = item.publicity is not None and item.publicity.endswith("-list")
    left_out = set() if open_fields(item) else {Outcome.CORRECT, Outcome.SUPPLEMENT}
    left_out |= set() if on_list else {Outcome.REMOVE_FROM_LIST}
    return tuple(one for one in Outcome if one not in left_out)


def require_possible(*, outcome: Outcome, item: Item) -> None:
    """Let only outcomes pass that a record of the item can have, or raise `OutcomeNotPossible`."""
    if outcome not in possible_outcomes(item):
        raise OutcomeNotPossible(
            f"'{outcome}' is not possible for records of {item.code}. Choose one of: "
            f"{', '.join(possible_outcomes(item))}."
        )


@dataclass(frozen=True, kw_only=True)
class Due:
    """The next day that must be kept; None while the clock stands still or nothing is due."""

    on: date | None

    def is_breached(self, today: date) -> bool:
        """Return whether the day has passed."""
        return self.on is not None and today > self.on


def due(*, state: State, days: Deadlines, review: date | None = None) -> Due:
    """Return what must be kept next in a state: marking, forwarding or deciding, or the review."""
    match state:
        case State.RECEIVED:
            return Due(on=days.mark)
        case State.MARKED:
            known = [one for one in (days.forward, days.own) if one is not None]
            return Due(on=min(known, default=None))
        case State.OWN_CHECK:
            return Due(on=days.own)
        case State.FORWARDED:
            return Due(on=days.provider)
        case State.DECIDED | State.REVIEW_REQUESTED:
            return Due(on=review)
        case _:
            return Due(on=None)
