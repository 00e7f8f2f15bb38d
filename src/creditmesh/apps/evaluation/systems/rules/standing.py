"""What a version may become, which one is valid on a day, and whose eyes must see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.kernel.errors import CreditmeshError

SHIPPED = 0
"""The number of the version that comes with the program."""
LONGEST_WHY = 2_000
FOREVER = date.max


class DraftState(StrEnum):
    """Where a draft stands."""

    OPEN = "open"
    PROPOSED = "proposed"
    DISCARDED = "discarded"


class State(StrEnum):
    """What people have decided on a version."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Standing(StrEnum):
    """What a version is on a day: what was decided, and what the calendar makes of it."""

    PROPOSED = "proposed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    SCHEDULED = "scheduled"
    LIVE = "live"
    SHADOW = "shadow"
    RETIRED = "retired"


class SameEyes(CreditmeshError):
    """Somebody would approve what they wrote, changed or proposed themselves."""

    code = "same-eyes"


class NoLongerOpen(CreditmeshError):
    """A draft or a proposal has been decided on already."""

    code = "no-longer-open"


class ChangedMeanwhile(CreditmeshError):
    """Somebody else saved the draft after it was opened."""

    code = "draft-changed-meanwhile"


class ReasonMissing(CreditmeshError):
    """An act that has to be accounted for was given no reason."""

    code = "reason-missing"


class DaysRefused(CreditmeshError):
    """The days a version shall be valid on cannot be."""

    code = "validity-refused"


class TwoValidAtOnce(CreditmeshError):
    """Two versions of one system would be valid on the same day."""

    code = "two-valid-at-once"


class NotSimulated(CreditmeshError):
    """Exactly these bytes have not been simulated."""

    code = "not-simulated"


class NotSound(CreditmeshError):
    """The file is refused by the loader, or a case beside it does not come out."""

    code = "system-not-sound"


class SameVersionName(CreditmeshError):
    """Another file of the system carries the same version name."""

    code = "version-name-taken"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A finished simulation: its id, and the hash of the bytes it simulated."""

    simulation: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Validity:
    """The days a version is valid on: from one, up to but without another; None is without an end."""

    number: int
    starts: date
    ends: date | None

    def holds_on(self, on: date) -> bool:
        """Return whether the version is valid on a day."""
        return self.starts <= on < (self.ends or FOREVER)


def identity(actor: Actor) -> str:
    """Return who acts, as a word that two acts of one person share."""
    return f"user:{actor.user_id}" if actor.user_id is not None else actor.label


def require_editor(by: Actor) -> None:
    """Let those go on who may write drafts, or raise `NotPermitted`."""
    by.demand(Permission.EDIT_SYSTEMS)


def require_approver(by: Actor) -> None:
    """Let those go on who may approve, or raise `NotPermitted`."""
    by.demand(Permission.APPROVE_SYSTEMS)


def require_other_eyes(*, approver: str, hands: Iterable[str]) -> None:
    """Let nobody approve what passed through their own hands, or raise `SameEyes`."""
    if approver in set(hands):
        raise SameEyes(
            "You wrote, changed or proposed this version yourself; somebody else with the right to approve must"
            " look at it."
        )


def require_open(*, open_: bool, what: str) -> None:
    """Let an act on something open go on, or raise `NoLongerOpen`."""
    if not open_:
        raise NoLongerOpen(f"This {what} is no longer open; load the page again to see what became of it.")


def require_revision(*, seen: int, found: int, by: str) -> None:
    """Refuse to overwrite what somebody else saved after this person looked: `ChangedMeanwhile`."""
    if seen != found:
        raise ChangedMeanwhile(
            f"{by} saved this draft after you opened it, so yours was not saved over it. Your text is still on"
            " this page: copy what you need, load the draft again and put it in."
        )


def require_reason(why: str) -> str:
    """Return the reason without blanks around it; raise `ReasonMissing` when nothing is left."""
    said = why.strip()
    if not said:
        raise ReasonMissing("Say why, in a sentence: it stands in the ledger for whoever asks later.")
    return said[:LONGEST_WHY]


def require_evidence(*, sha256: str, evidence: Evidence | None) -> Evidence:
    """Return the simulation of exactly these bytes, or raise `NotSimulated`."""
    if evidence is None or evidence.sha256 != sha256:
        raise NotSimulated(
            "There is no finished simulation of exactly this file. Simulate it as it stands, look at the result,"
            " then propose it."
        )
    return evidence


def require_days(*, starts: date, ends: date | None, own: Validity, today: date) -> None:
    """Refuse days in the past, out of order, or outside those the file itself states: `DaysRefused`."""
    if starts < today:
        raise DaysRefused(f"A version cannot become valid in the past: choose {today} or later.")
    require_time_left(starts=starts, ends=ends)
    if starts < own.starts or (own.ends is not None and (ends is None or ends > own.ends)):
        until = f" until {own.ends}" if own.ends is not None else ""
        raise DaysRefused(
            f"The file itself says it is in force from {own.starts}{until}; keep inside those days or change"
            " `effective_from` and `effective_until` in the file."
        )


def require_time_left(*, starts: date, ends: date | None) -> None:
    """Refuse a version that would end before it starts, or on that day: `DaysRefused`."""
    if ends is not None and ends <= starts:
        raise DaysRefused(f"A version that starts on {starts} must end after that day, not on {ends}.")


def ended_by(*, new: Validity, approved: Iterable[Validity]) -> tuple[int, ...]:
    """Return the numbers of the versions that end when the new one starts.

    Raises `TwoValidAtOnce` when one that starts later is approved already and the new one does not end by then.
    """
    overlapping = [
        one for one in approved if one.starts < (new.ends or FOREVER) and new.starts < (one.ends or FOREVER)
    ]
    later = sorted((one.starts, one.number) for one in overlapping if one.starts > new.starts)
    if later:
        starts, number = later[0]
        raise TwoValidAtOnce(
            f"Version {number} is approved to start on {starts}: two versions of one system are never valid at"
            f" once. Let this one end by {starts}."
        )
    return tuple(one.number for one in overlapping)


def standing(*, state: State, shadow: bool, validity: Validity | None, on: date) -> Standing:
    """Return what a version is on a day."""
    if state is not State.APPROVED or validity is None:
        return Standing(state.value)
    if on < validity.starts:
        return Standing.SCHEDULED
    if not validity.holds_on(on):
        return Standing.RETIRED
    return Standing.SHADOW if shadow else Standing.LIVE
