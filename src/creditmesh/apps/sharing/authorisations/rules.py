"""When an authorisation carries an inquiry: its terms, its states, and the one decision. Nothing here reads
a clock or a database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from creditmesh.catalogue.model import Mode
from creditmesh.kernel.errors import CreditmeshError

TYPE = "creditmesh/authorisation/1"


class State(StrEnum):
    """Where an authorisation stands in its life."""

    DRAFT = "draft"
    SIGNED = "signed"  # signed, its first day not yet come
    ACTIVE = "active"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


class Move(StrEnum):
    """What can happen to an authorisation."""

    SIGN = "sign"
    BEGIN = "begin"
    EXHAUST = "exhaust"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"


_ENDS = {
    Move.EXPIRE: State.EXPIRED,
    Move.WITHDRAW: State.REVOKED,
    Move.SUPERSEDE: State.SUPERSEDED,
}
TRANSITIONS: dict[State, dict[Move, State]] = {
    State.DRAFT: {Move.SIGN: State.SIGNED},
    State.SIGNED: {Move.BEGIN: State.ACTIVE, **_ENDS},
    State.ACTIVE: {Move.EXHAUST: State.EXHAUSTED, **_ENDS},
    State.EXHAUSTED: {},
    State.EXPIRED: {},
    State.REVOKED: {},
    State.SUPERSEDED: {},
}
"""What may happen in which state, and where it leads. From an end there is no way back."""

LIVE = frozenset({State.SIGNED, State.ACTIVE})


class WrongMove(CreditmeshError):
    """This cannot happen to an authorisation that stands where it stands."""

    code = "authorisation-wrong-state"


def after(state: State, move: Move) -> State:
    """Return where a move leads; raise `WrongMove` when the state does not allow it."""
    leads = TRANSITIONS[state]
    if move not in leads:
        raise WrongMove(f"An authorisation that is {state} cannot {move}: load it again to see its state.")
    return leads[move]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Authoriser(_Part):
    """The enterprise that authorises."""

    code: str  # unified social credit code, as the register has it
    name: str


class Handler(_Part):
    """The person who signs for the enterprise."""

    name: str
    capacity: str  # the role in which the platform admitted the person
    account: str  # the account the second factor belongs to


class Grantee(_Part):
    """The institution that may ask, with the branches that may ask in its name."""

    code: str
    name: str
    branches: tuple[str, ...] = ()  # codes of organisations


class Onward(StrEnum):
    """Whether the data may be passed on."""

    NONE = "none"
    NAMED = "named"


class Terms(_Part):
    """What is signed: the authorisation letter of domain.md section 7.2. Days are days in `time_zone`."""

    type: str = TYPE
    uuid: UUID
    node: str  # the node of record
    purpose: str
    purpose_version: str  # changing a template never changes what was signed
    purpose_text: str = ""
    authoriser: Authoriser
    handler: Handler
    grantee: Grantee
    items: tuple[str, ...]
    modes: tuple[Mode, ...]
    raw_detail_explicit: bool = False
    reference: str = ""  # the application or contract at the grantee
    product: str = ""
    data_from: date
    data_to: date | None = None  # None: until the day of each inquiry
    valid_from: date
    valid_to: date  # the last day
    time_zone: str
    max_queries: int = Field(ge=1)
    per_day: int = Field(ge=1)
    needs_loan: bool = False  # ends when the loan is settled
    onward_transfer: Onward = Onward.NONE
    onward_to: tuple[str, ...] = ()
    joint_modelling: bool = False
    retention_after_end_months: int = Field(ge=0)
    revocation_channel: str = ""
    notice_text_hash: str = ""  # SHA-256 of the notice shown, in Chinese
    conspicuous_clause_confirmed: bool = False
    channel: str = ""  # page, api
    prepared_at: str = ""

    @property
    def subject(self) -> str:
        """Return the key of the enterprise it is about."""
        return self.authoriser.code

    @property
    def institution(self) -> str:
        """Return the code of the institution that may ask."""
        return self.grantee.code

    def day(self, at: datetime) -> date:
        """Return which day it is where the authorisation was given."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True)
class Standing:
    """An authorisation with what has happened to it since it was signed."""

    terms: Terms
    state: State
    used: int = 0
    used_today: int = 0  # on `used_day`
    digest: str = ""  # SHA-256 of the signed bytes
    used_day: date | None = None
    ends_on: date | None = None  # the last day, when the loan was settled before `valid_to`

    @property
    def last_day(self) -> date:
        """Return the last day on which it can be used."""
        return min(self.terms.valid_to, self.ends_on) if self.ends_on else self.terms.valid_to

    def used_on(self, day: date) -> int:
        """Return how often it was used on a day, today or later."""
        return self.used_today if day == self.used_day else 0

    def left(self) -> int:
        """Return how many inquiries are left in its whole life."""
        return max(0, self.terms.max_queries - self.used)


@dataclass(frozen=True)
class Ask:
    """What an institution wants to see now. A day that is not stated is no limit: `data_from` None asks for
    everything there ever was, which no authorisation covers; take `window` to ask for what is covered.
    """

    subject: str
    institution: str
    items: tuple[str, ...]
    mode: Mode
    purpose: str
    data_from: date | None = None
    data_to: date | None = None


class Refusal(StrEnum):
    """Why an authorisation does not carry an inquiry."""

    NO_AUTHORISATION = "no-authorisation"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    EXHAUSTED = "exhausted"
    SUPERSEDED = "superseded"
    OTHER_GRANTEE = "other-grantee"
    OTHER_SUBJECT = "other-subject"
    ITEM_NOT_COVERED = "item-not-covered"
    MODE_NOT_COVERED = "mode-not-covered"
    RAW_NOT_EXPLICIT = "raw-not-explicit"
    PURPOSE_MISMATCH = "purpose-mismatch"
    PERIOD_EXCEEDED = "period-exceeded"
    TOO_FREQUENT = "too-frequent"


_ENDED: dict[State, Refusal] = {
    State.DRAFT: Refusal.NO_AUTHORISATION,
    State.REVOKED: Refusal.WITHDRAWN,
    State.EXHAUSTED: Refusal.EXHAUSTED,
    State.SUPERSEDED: Refusal.SUPERSEDED,
    State.EXPIRED: Refusal.EXPIRED,
}


def decide(standing: Standing | None, ask: Ask, *, at: datetime) -> Refusal | None:
    """Return why the authorisation does not carry the inquiry at that moment, None when it does.

    Whose authorisation it is comes first, so that nobody learns the state of one that is not theirs.
    """
    if standing is None:
        return Refusal.NO_AUTHORISATION
    return (
        _of_parties(standing.terms, ask)
        or _of_life(standing, standing.terms.day(at))
        or _of_scope(standing.terms, ask)
        or _of_period(standing.terms, ask, at)
        or _of_use(standing, standing.terms.day(at))
    )


def is_between(standing: Standing, *, subject: str, institution: str, at: datetime) -> bool:
    """Return whether an authorisation is of an enterprise for an institution and in its life, whatever is asked."""
    ask = Ask(subject=subject, institution=institution, items=(), mode=Mode.OPEN, purpose="")
    refusal = _of_parties(standing.terms, ask) or _of_life(standing, standing.terms.day(at))
    return refusal is None


def window(terms: Terms, *, at: datetime) -> tuple[date, date]:
    """Return the first and last day of the data an authorisation covers now."""
    today = terms.day(at)
    return terms.data_from, min(terms.data_to, today) if terms.data_to else today


def state_at(standing: Standing, *, at: datetime) -> State:
    """Return where an authorisation stands at a moment: days begin and end without anybody doing anything."""
    if standing.state not in LIVE:
        return standing.state
    today = standing.terms.day(at)
    if today > standing.last_day:
        return State.EXPIRED
    return State.ACTIVE if today >= standing.terms.valid_from else State.SIGNED


def one_family(one: Terms, other: Terms) -> bool:
    """Return whether the later of two authorisations takes the place of the earlier: same enterprise,
    grantee, purpose and reference.
    """
    return _family(one) == _family(other)


def _family(terms: Terms) -> tuple[str, str, str, str]:
    return terms.subject, terms.institution, terms.purpose, terms.reference


def _of_parties(terms: Terms, ask: Ask) -> Refusal | None:
    if ask.institution not in (terms.institution, *terms.grantee.branches):
        return Refusal.OTHER_GRANTEE
    return Refusal.OTHER_SUBJECT if ask.subject != terms.subject else None


def _of_life(standing: Standing, today: date) -> Refusal | None:
    if standing.state in _ENDED:
        return _ENDED[standing.state]
    if today < standing.terms.valid_from:
        return Refusal.NOT_YET_VALID
    return Refusal.EXPIRED if today > standing.last_day else None


def _of_scope(terms: Terms, ask: Ask) -> Refusal | None:
    if ask.purpose != terms.purpose:
        return Refusal.PURPOSE_MISMATCH
    if not ask.items or not set(ask.items) <= set(terms.items):
        return Refusal.ITEM_NOT_COVERED
    if ask.mode not in terms.modes or ask.mode in (Mode.OPEN, Mode.GOV):
        return Refusal.MODE_NOT_COVERED
    if ask.mode == Mode.RAW and not terms.raw_detail_explicit:
        return Refusal.RAW_NOT_EXPLICIT
    return None


def _of_period(terms: Terms, ask: Ask, at: datetime) -> Refusal | None:
    first, last = window(terms, at=at)
    if ask.data_from is None or ask.data_from < first:
        return Refusal.PERIOD_EXCEEDED
    # Nothing is dated after today, so an open end asks for no more than today.
    return Refusal.PERIOD_EXCEEDED if (ask.data_to or terms.day(at)) > last else None


def _of_use(standing: Standing, today: date) -> Refusal | None:
    if not standing.left():
        return Refusal.EXHAUSTED
    return Refusal.TOO_FREQUENT if standing.used_on(today) >= standing.terms.per_day else None


@dataclass(frozen=True)
class Use:
    """What one more use makes of the counts; `state` is EXHAUSTED after the last."""

    used: int
    used_day: date
    used_today: int
    state: State


def use(standing: Standing, *, at: datetime) -> Use:
    """Return the counts after one more use of an authorisation that `decide` let pass."""
    today = standing.terms.day(at)
    used = standing.used + 1
    now = state_at(standing, at=at)
    state = after(now, Move.EXHAUST) if used >= standing.terms.max_queries else now
    return Use(used=used, used_day=today, used_today=standing.used_on(today) + 1, state=state)


def narrowed(items: Sequence[str], chosen: Sequence[str]) -> tuple[str, ...]:
    """Return what was chosen of what was asked for, in order: nobody gives more than was asked for."""
    return tuple(one for one in items if one in set(chosen))
