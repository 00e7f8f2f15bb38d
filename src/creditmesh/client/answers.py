"""What a node answers; each class has the members of the answer's schema in the node's OpenAPI document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Use:
    """How much of a limit is used now."""

    measure: str
    used: int
    limit: int
    seconds_left: int


@dataclass(frozen=True)
class Institution:
    """Who one is at the node."""

    code: str
    name: str
    kind: str
    state: str
    sandbox: bool
    limits: tuple[Use, ...]


@dataclass(frozen=True)
class Purpose:
    """What an authorisation can be asked for, with its bounds."""

    code: str
    version: str
    label_zh: str
    label_en: str
    status: str
    items: tuple[str, ...]
    modes: tuple[str, ...]
    institution_kinds: tuple[str, ...]
    needs_loan: bool
    bounds: Mapping[str, Any]


@dataclass(frozen=True)
class AuthorisationRequest:
    """A request to an enterprise; give it the link."""

    uuid: UUID
    link: str
    subject: str
    purpose: str
    purpose_version: str
    items: tuple[str, ...]
    modes: tuple[str, ...]
    reference: str
    state: str
    requested_at: datetime
    lapses_at: datetime
    answered_at: datetime | None
    decline_reason: str
    authorisation: UUID | None


@dataclass(frozen=True)
class Authorisation:
    """An authorisation as it stands; `document` is what was signed."""

    uuid: UUID
    state: str
    sound: bool
    used: int
    left: int
    last_day: date
    signed_at: datetime | None
    ended_at: datetime | None
    document: Mapping[str, Any]


@dataclass(frozen=True)
class SignedAuthorisation(Authorisation):
    """An authorisation with the exact text that was signed, and the signature."""

    body: str
    digest: str
    jws: str
    method: str
    algorithm: str
    kid: str


@dataclass(frozen=True)
class Settled:
    """How many authorisations end earlier because a loan was settled."""

    shortened: int


@dataclass(frozen=True)
class Ledger:
    """Where in the node's ledger an act stands."""

    position: int
    entry: str
    leaf: str


@dataclass(frozen=True)
class Answer:
    """An answer to an inquiry; that its digests and signature hold was checked before it was handed out."""

    answer: Mapping[str, Any]
    answer_digest: str
    at: datetime
    inquiry: UUID
    ledger: Ledger
    request_digest: str


@dataclass(frozen=True)
class Inquiry:
    """An inquiry of one's institution, without its answer."""

    number: int
    uuid: UUID
    at: datetime
    institution: str
    person: str
    client: str
    subject: str
    authorisation: UUID | None
    purpose: str
    mode: str
    items: tuple[str, ...]
    records: int
    outcome: str
    refusal: str
    request_digest: str
    answer_digest: str


@dataclass(frozen=True)
class Inquiries:
    """A page of inquiries, newest first; `older` is `before` of the next page."""

    lines: tuple[Inquiry, ...]
    older: int | None


@dataclass(frozen=True)
class Batch:
    """A list of inquiries and how far it is."""

    uuid: UUID
    mode: str
    purpose: str
    person: str
    state: str
    total: int
    answered: int
    refused: int
    progress: int
    received_at: datetime
    finished_at: datetime | None
    kept_until: datetime


@dataclass(frozen=True)
class BatchResult:
    """Lines of a list in order; `after` is `after` of the next page."""

    lines: tuple[Mapping[str, Any], ...]
    after: int | None


@dataclass(frozen=True)
class ReportLine:
    """A credit report in a list."""

    serial: str
    kind: str
    subject: str
    name: str
    purpose: str
    issued_at: datetime
    state: str


@dataclass(frozen=True)
class Report:
    """A credit report; digest and the node's signature over it were checked before it was handed out.

    Keep `report` and `signature` together: they prove what the node issued, without the node.
    """

    serial: str
    state: str
    content_digest: str
    ledger_entry: str
    signature: str
    report: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What followed an inquiry, as declared."""

    inquiry: UUID
    kind: str
    reference: str


@dataclass(frozen=True)
class Waiting:
    """An inquiry that waits for an outcome."""

    inquiry: UUID
    asked_at: datetime
    due: datetime
    overdue: bool
    subject: str
    purpose: str
    mode: str
    person: str
    client: str


@dataclass(frozen=True)
class WaitingPage:
    """Inquiries that wait for an outcome, oldest first."""

    inquiries: tuple[Waiting, ...]
    total: int


@dataclass(frozen=True)
class Standing:
    """How one's inquiries stand; shares in basis points."""

    since: datetime
    asked: int
    something_behind: int
    nothing_declared_in_time: int
    declared_empty: int
    waiting: int
    share_bp: int | None
    level: str
    days: int
    warn_bp: int
    suspend_bp: int
    rules: str


@dataclass(frozen=True)
class Notice:
    """News for the institution."""

    uuid: UUID
    kind: str
    about: Mapping[str, Any]
    made_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str


@dataclass(frozen=True)
class Notices:
    """A page of notices, newest first; `older` is `before` of the next page."""

    notices: tuple[Notice, ...]
    older: int | None
    waiting: int


@dataclass(frozen=True)
class SigningKey:
    """A signing key of this program."""

    uuid: UUID
    keyid: str
    algorithm: str
    state: str
    challenge: str
    registered_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
