"""How a claim to act for an enterprise moves, what is checked about it, and who can do what for one."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from creditmesh.apps.ground.parties.rules import Role
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.names import normalise_name

PLACES = (Role.ENTERPRISE_OWNER, Role.ENTERPRISE_USER, Role.ENTERPRISE_VIEWER)
"""The roles of an enterprise, the strongest first."""

INDIVIDUAL_BUSINESS = "individual_business"
"""The entity type whose data is the data of one person: 个体工商户."""


class State(StrEnum):
    """Where a claim stands."""

    DRAFT = "draft"  # being filled in; nothing is checked yet
    SUBMITTED = "submitted"  # waits for the check
    MATCHED = "matched"  # agrees with the register
    REVIEW = "review"  # a person decides
    ACTIVE = "active"  # the claimant acts for the enterprise
    REJECTED = "rejected"
    ENDED = "ended"  # taken back, or the membership has ended


MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.ENDED}),
    State.SUBMITTED: frozenset({State.MATCHED, State.REVIEW, State.ENDED}),
    State.MATCHED: frozenset({State.ACTIVE, State.REVIEW, State.REJECTED, State.ENDED}),
    State.REVIEW: frozenset({State.ACTIVE, State.REJECTED, State.ENDED}),
    State.ACTIVE: frozenset({State.ENDED}),
    State.REJECTED: frozenset(),
    State.ENDED: frozenset(),
}
OPEN = frozenset({State.DRAFT, State.SUBMITTED, State.MATCHED, State.REVIEW})
WAITING = frozenset({State.SUBMITTED, State.MATCHED, State.REVIEW})


class Capacity(StrEnum):
    """As whom somebody claims an enterprise."""

    LEGAL_REPRESENTATIVE = "legal_representative"
    HANDLER = "handler"  # with a letter of agency


class Part(StrEnum):
    """What a check compares."""

    NAME = "name"  # the enterprise's name
    REPRESENTATIVE = "representative"  # the name of the legal representative
    CLAIMANT = "claimant"  # who says to be the legal representative bears that name
    STATUS = "status"  # the enterprise exists and is neither deregistered nor cancelled


class Verdict(StrEnum):
    """What a check says about a claim."""

    MATCH = "match"
    MISMATCH = "mismatch"
    CANNOT_BE_CHECKED = "cannot-be-checked"


class Review(StrEnum):
    """Which claims of a first owner a person looks at (rule `enterprise.claim.first-owner`)."""

    ALWAYS = "always"
    DOUBTFUL = "doubtful"  # only those that do not match


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What a claimant says about the enterprise and about himself or herself."""

    subject: str  # unified social credit code
    name: str
    representative: str
    capacity: Capacity
    claimant: str  # the claimant's real name


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check found: per part True, False, or None where it cannot tell."""

    findings: tuple[tuple[Part, bool | None], ...]
    by: str  # name of the check
    entity_type: str = ""

    @property
    def verdict(self) -> Verdict:
        """Return one word for all findings: one that disagrees is a mismatch."""
        said = [agrees for _, agrees in self.findings]
        if False in said:
            return Verdict.MISMATCH
        return Verdict.CANNOT_BE_CHECKED if None in said or not said else Verdict.MATCH


class Check(Protocol):
    """Whatever can compare a claim with a register; an owner may plug in a service of its own."""

    name: str

    def __call__(self, stated: Statement) -> Checked:
        """Return what agrees; a register that cannot be asked answers None, it does not raise."""
        ...


@dataclass(frozen=True, kw_only=True)
class Registered:
    """What a register says about an enterprise, as far as it says anything."""

    name: str = ""
    representative: str = ""
    status: str = ""
    entity_type: str = ""


GONE = frozenset({"deregistered", "cancelled"})
"""States of a registration (ENT-01) in which there is no enterprise to act for."""


class WrongClaimState(CreditmeshError):
    """A claim cannot make this step from where it stands."""

    code = "wrong-claim-state"


class LastOwner(CreditmeshError):
    """The last owner of an enterprise was to be removed."""

    code = "last-owner"


def move(now: State, then: State) -> State:
    """Return the new state; raise `WrongClaimState` when it cannot follow."""
    if then not in MOVES[now]:
        raise WrongClaimState(
            f"A claim that is “{now}” cannot become “{then}”: load the page again to see how it stands."
        )
    return then


def compare(stated: Statement, held: Registered | None, *, by: str) -> Checked:
    """Return which parts of a statement agree with what a register holds."""
    known = held or Registered()
    findings = [
        (Part.NAME, _same(stated.name, known.name)),
        (Part.REPRESENTATIVE, _same(stated.representative, known.representative)),
        (Part.STATUS, known.status not in GONE if known.status else None),
    ]
    if stated.capacity is Capacity.LEGAL_REPRESENTATIVE:
        findings.append((Part.CLAIMANT, _same(stated.claimant, stated.representative)))
    return Checked(findings=tuple(findings), by=by, entity_type=known.entity_type)


def after_check(verdict: Verdict, *, contested: bool) -> State:
    """Return where a checked claim stands: what does not match or is contested goes to a person."""
    if verdict is Verdict.MATCH and not contested:
        return State.MATCHED
    return State.REVIEW


def activates_itself(state: State, *, review: Review, capacity: Capacity, demonstration: bool) -> bool:
    """Return whether a checked claim becomes active without a person.

    A name that matches is no proof: the name of a legal representative is public. A letter of agency must be
    read by somebody. Only a demonstration lets both pass, and says so.
    """
    if state is not State.MATCHED:
        return False
    if demonstration:
        return True
    return review is Review.DOUBTFUL and capacity is Capacity.LEGAL_REPRESENTATIVE


def strongest(roles: Iterable[Role]) -> Role | None:
    """Return the strongest role of an enterprise among the roles, None when there is none."""
    held = frozenset(roles)
    return next((one for one in PLACES if one in held), None)


def keep_an_owner(*, owners: int, removed: Role) -> None:
    """Refuse with `LastOwner` to remove the last owner."""
    if removed is Role.ENTERPRISE_OWNER and owners <= 1:
        raise LastOwner(
            "An enterprise keeps at least one owner: admit another owner first, then end this one."
        )


def _same(stated: str, held: str) -> bool | None:
    if not held:
        return None
    return normalise_name(stated) == normalise_name(held)
