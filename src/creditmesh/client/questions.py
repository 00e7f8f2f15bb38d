"""What a program sends; each class has the members of the request's schema in the node's OpenAPI document."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What to ask an enterprise for, within the bounds of the purpose; days and months from its signature on."""

    subject: str
    purpose: str
    items: Sequence[str]
    modes: Sequence[str]
    data_months: int
    life_days: int
    max_queries: int
    per_day: int = 1
    raw_detail: bool = False
    retention_months: int = 0
    reference: str = ""
    product: str = ""
    purpose_text: str = ""
    onward_to: Sequence[str] = ()
    joint_modelling: bool = False
    branches: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Question:
    """What to ask about an enterprise: mode OPEN, or AUTH with purpose and authorisation."""

    subject: str
    items: Sequence[str]
    mode: str = "AUTH"
    purpose: str = ""
    authorisation: UUID | None = None
    data_from: date | None = None
    data_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class RawQuestion:
    """What to ask for in raw detail, which the enterprise must have allowed explicitly."""

    subject: str
    items: Sequence[str]
    purpose: str
    authorisation: UUID
    data_from: date | None = None
    data_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class ReportQuestion:
    """For which enterprise, on which authorisation and for which purpose a credit report is issued."""

    subject: str
    authorisation: UUID
    purpose: str


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One statement to compare: amounts in fen, shares in basis points, a band as {"from": ..., "to": ...}."""

    item: str
    field: str
    value: bool | int | str | Mapping[str, int | None]
    where: Mapping[str, int | str] = dataclasses.field(default_factory=dict)
    total: bool = False


@dataclass(frozen=True, kw_only=True)
class Verification:
    """Claims about one enterprise."""

    subject: str
    claims: Sequence[Claim]
    purpose: str
    authorisation: UUID
    data_from: date | None = None
    data_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class BatchLine:
    """One line of a list."""

    subject: str
    authorisation: UUID
    items: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ListOfQuestions:
    """A list of inquiries for one purpose, as for loans under way."""

    purpose: str
    lines: Sequence[BatchLine]
    mode: str = "AUTH"
