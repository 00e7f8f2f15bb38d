"""What is asked of the door and what it answers; how a refusal is told without telling too much."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.sharing.authorisations.rules import Refusal
from creditmesh.catalogue.model import Mode
from creditmesh.kernel.errors import CreditmeshError

MOST_ITEMS = 50
MOST_CLAIMS = 50
AUTHORISED = frozenset({Mode.AUTH, Mode.VERIFY, Mode.RAW})
EVALUATION = "EVALUATION"
"""What stands among the items of an inquiry that handed out the public credit evaluation."""


class Outcome(StrEnum):
    """How an inquiry ended."""

    ANSWERED = "answered"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why the door itself refuses; what an authorisation refuses is a `Refusal`."""

    NO_RIGHT = "no-right-to-inquire"
    UNKNOWN_ITEM = "unknown-item"
    ITEM_NOT_IN_MODE = "item-not-in-mode"
    NO_LEGAL_BASIS = "no-legal-basis"
    TOO_MANY_CLAIMS = "too-many-claims"
    CHANGED_MEANWHILE = "changed-meanwhile"


NOT_AUTHORISED = "not-authorised"
# Whether an enterprise is held here, and what others were authorised to, is told to nobody.
_ALIKE = frozenset({Refusal.NO_AUTHORISATION, Refusal.OTHER_GRANTEE, Refusal.OTHER_SUBJECT})
_SENTENCES: dict[str, str] = {
    NOT_AUTHORISED: "No authorisation in force lets you ask this about this enterprise: ask the enterprise for one.",
    Refusal.NOT_YET_VALID: "The authorisation is not valid yet: ask again from its first day on.",
    Refusal.EXPIRED: "The authorisation has ended: ask the enterprise for a new one.",
    Refusal.WITHDRAWN: "The enterprise has withdrawn the authorisation: ask it for a new one.",
    Refusal.EXHAUSTED: "All inquiries of the authorisation are used up: ask the enterprise for a new one.",
    Refusal.SUPERSEDED: "A later authorisation took the place of this one: use that.",
    Refusal.ITEM_NOT_COVERED: "The authorisation does not cover all the items: leave out those it does not name.",
    Refusal.MODE_NOT_COVERED: "The authorisation does not cover this mode: ask in a mode it names.",
    Refusal.RAW_NOT_EXPLICIT: "Raw detail needs the enterprise's explicit consent, which this authorisation lacks.",
    Refusal.PURPOSE_MISMATCH: "The authorisation was given for another purpose: state that one.",
    Refusal.PERIOD_EXCEEDED: "The period goes beyond what the authorisation covers: narrow it.",
    Refusal.TOO_FREQUENT: "The authorisation allows no more inquiries today: ask again tomorrow.",
    Reason.NO_RIGHT: "Who handed this in may not inquire any more: have it handed in by someone who may.",
    Reason.UNKNOWN_ITEM: "The catalogue has no such item. Look up its code on the page of the catalogue.",
    Reason.ITEM_NOT_IN_MODE: "An item may not be shared in this mode: see the modes of each item in the catalogue.",
    Reason.NO_LEGAL_BASIS: "State the legal basis and the duty for which your department asks.",
    Reason.CHANGED_MEANWHILE: (
        "A record of the enterprise was corrected or contested, or a person's consent withdrawn, just now: ask again."
    ),
    Reason.TOO_MANY_CLAIMS: "Too many different claims on an item in 24 hours: repeat earlier ones or wait.",
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What an institution or department wants to see of an enterprise."""

    subject: str
    items: tuple[str, ...]
    mode: Mode
    purpose: str = ""
    authorisation: UUID | None = None
    data_from: date | None = None
    data_to: date | None = None
    basis: str = ""  # the law a department asks under
    duty: str = ""  # the duty it asks for, such as a case number
    request_digest: str = ""  # SHA-256 of the request as it came


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One statement about an enterprise to be compared with what is held.

    `where` narrows which records are meant, by their keys; `total` compares the sum of a number over them.
    An amount is stated as a number, within the tolerance, or as a band [from, to] of the rule pack.
    """

    item: str
    field: str
    value: str | int | bool | tuple[int | None, int | None]
    where: Mapping[str, str | int] = dataclasses.field(default_factory=dict)
    total: bool = False


@dataclass(frozen=True, kw_only=True)
class VerifyQuestion:
    """Claims about one enterprise."""

    subject: str
    claims: tuple[Claim, ...]
    purpose: str
    authorisation: UUID | None = None
    data_from: date | None = None
    data_to: date | None = None
    request_digest: str = ""


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """Where in the ledger an inquiry stands."""

    position: int
    entry: str
    leaf: str

    def told(self) -> dict[str, str | int]:
        """Return it as answers carry it."""
        return {"entry": self.entry, "leaf": self.leaf, "position": self.position}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What leaves the node: `content` says what was asked, `body` is the whole as canonical JSON."""

    inquiry: UUID
    at: datetime
    content: Mapping[str, Any]
    answer_digest: str
    request_digest: str
    ledger: Sealed
    body: bytes


class InquiryRefused(CreditmeshError):
    """The door stays shut. `code` says why as far as the asker may know; `members` go into the problem."""

    code = NOT_AUTHORISED

    def __init__(self, why: str, *, inquiry: UUID | None = None, ledger: Sealed | None = None) -> None:
        told = told_reason(why)
        super().__init__(_SENTENCES[told], code=told)
        self.members: dict[str, Any] = {}
        if inquiry is not None and ledger is not None:
            self.members = {"inquiry": str(inquiry), "ledger": ledger.told()}


class AskAgain(InquiryRefused):
    """What is held changed while the answer was worked out; the next answer says how it stands."""


class TooManyClaims(InquiryRefused):
    """Someone tries values one after the other: a guard against guessing."""

    headers: Mapping[str, str] = {"Retry-After": "3600"}


class QuestionTooLong(CreditmeshError):
    """A question names more items or claims than one may."""

    code = "question-too-long"


class UnknownInquiry(CreditmeshError):
    """No inquiry of that identity is among those one may see."""

    code = "unknown-inquiry"


def told_reason(why: str) -> str:
    """Return the reason as the asker may know it: whose authorisation it is, or whether there is one, is not told."""
    return NOT_AUTHORISED if why in _ALIKE else why


def reasons() -> tuple[str, ...]:
    """Return every code a refusal can be told with."""
    return tuple(_SENTENCES)


def querier(by: Actor) -> str:
    """Return who asks within an institution: its program, or the person."""
    return f"program:{by.client}" if by.client else f"user:{by.user_id}"


def require_bounds(*, items: int = 0, claims: int = 0) -> None:
    """Refuse a question that names too much; raise `QuestionTooLong`."""
    if items > MOST_ITEMS or claims > MOST_CLAIMS:
        raise QuestionTooLong(
            f"One question names at most {MOST_ITEMS} items and {MOST_CLAIMS} claims: ask in parts."
        )
