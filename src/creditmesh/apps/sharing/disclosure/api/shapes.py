"""What the operations of disclosure take and give. What is not offered cannot be sent; fractions are refused."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import (
    ConfigDict,
    ModelWrapValidatorHandler,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationInfo,
    model_validator,
)

from creditmesh.apps.sharing.disclosure.rules.questions import MOST_CLAIMS, MOST_ITEMS
from creditmesh.exchange.canonical import LARGEST

Subject = Annotated[str, Field(min_length=2, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
Code = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9-]+$")]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9_]+$")]
Purpose = Annotated[str, Field(max_length=40, pattern=r"^[a-z-]*$")]
Words = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$")]
Items = Annotated[list[Code], Field(min_length=1, max_length=MOST_ITEMS)]
Whole = Annotated[StrictInt, Field(ge=-LARGEST, le=LARGEST)]
Value = Annotated[StrictStr, Field(max_length=500, pattern=r"^[^\x00]*$")]


class _In(Schema):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="wrap")
    @classmethod
    def _run_root_validator(
        cls, values: Any, handler: ModelWrapValidatorHandler[Any], info: ValidationInfo
    ) -> Any:
        # Ninja's own looks twice, for what is read from rows of the database; here it is always JSON.
        return handler(values)


class InquiryIn(_In):
    """A question about one enterprise; without days all the authorisation covers."""

    subject: Subject
    items: Items
    mode: Literal["OPEN", "AUTH"]
    purpose: Purpose = ""
    authorisation: UUID | None = None
    data_from: date | None = None
    data_to: date | None = None


class RawIn(_In):
    """A question for raw detail, which the enterprise must have allowed explicitly."""

    subject: Subject
    items: Items
    purpose: Purpose
    authorisation: UUID
    data_from: date | None = None
    data_to: date | None = None


class DutyIn(_In):
    """A question of a department for its duties, with the law it asks under."""

    subject: Subject
    items: Items
    basis: Words
    duty: Words
    data_from: date | None = None
    data_to: date | None = None


class BandIn(_In):
    """A band of the rule pack, both ends included; null at an open end."""

    low: Whole | None = Field(alias="from")
    high: Whole | None = Field(alias="to")


class ClaimIn(_In):
    """One statement to be compared; amounts in fen, shares in basis points, dates like 2026-03-31."""

    item: Code
    field: Name
    value: StrictBool | Whole | Value | BandIn
    where: Annotated[dict[Name, Whole | Value], Field(max_length=8)] = Field(default_factory=dict)
    total: StrictBool = False


class VerificationIn(_In):
    """Claims about one enterprise."""

    subject: Subject
    claims: Annotated[list[ClaimIn], Field(min_length=1, max_length=MOST_CLAIMS)]
    purpose: Purpose
    authorisation: UUID
    data_from: date | None = None
    data_to: date | None = None


class BatchLineIn(_In):
    """One line of a list."""

    subject: Subject
    authorisation: UUID
    items: Items


class BatchIn(_In):
    """A list of inquiries for one purpose."""

    mode: Literal["AUTH", "RAW"]
    purpose: Purpose
    lines: Annotated[list[BatchLineIn], Field(min_length=1, max_length=5_000)]


class LedgerOut(Schema):
    """Where in the ledger an act stands."""

    position: int
    entry: str
    leaf: str


class AnswerOut(Schema):
    """An answer; `answer_digest` is the SHA-256 of `answer` in canonical JSON (RFC 8785)."""

    answer: dict[str, Any]
    answer_digest: str
    at: datetime
    inquiry: UUID
    ledger: LedgerOut
    request_digest: str


class LineOut(Schema):
    """An inquiry as lists show it."""

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
    items: list[str]
    records: int
    outcome: str
    refusal: str
    request_digest: str
    answer_digest: str


class PageOut(Schema):
    """A page of inquiries, newest first; `older` is the next request's `before`."""

    lines: list[LineOut]
    older: int | None


class AboutLineOut(Schema):
    """An inquiry as the enterprise it was about sees it: which institution, not which of its people."""

    number: int
    uuid: UUID
    at: datetime
    institution: str
    institution_name: str
    by_program: bool
    authorisation: UUID | None
    purpose: str
    mode: str
    items: list[str]
    records: int
    outcome: str
    refusal: str
    basis: str
    duty: str
    answer_digest: str


class AboutPageOut(Schema):
    """Who asked about an enterprise, newest first."""

    lines: list[AboutLineOut]
    older: int | None


class InquiryBatchOut(Schema):
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


class BatchResultOut(Schema):
    """Lines of a list in order; the next request's `after` is the last number."""

    lines: list[dict[str, Any]]
    after: int | None
