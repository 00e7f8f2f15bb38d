"""The small words of an index-system file: numbers with their source, windows, policies."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from creditmesh.catalogue.model import Part, Status

Integer = Annotated[int, Field(strict=True)]  # no floats, no booleans, no '3' for 3
BasisPoints = Annotated[int, Field(strict=True, ge=0, le=10_000)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,50}$")]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


def _written_day(found: object) -> object:
    if isinstance(found, str | int) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(found)) is None:
        raise ValueError("write a day as 2026-12-31")  # numbers would be read as seconds since 1970
    return found


Day = Annotated[date, BeforeValidator(_written_day)]


class Purpose(StrEnum):
    """Which of the five results a system makes; they never mix (design.md §1, rule 4)."""

    RISK_CLASSIFICATION = "risk_classification"
    PUBLIC_CREDIT_EVALUATION = "public_credit_evaluation"
    QUALITY_SCORE = "quality_score"
    MERCHANT_RATING = "merchant_rating"
    BANK_RATING = "bank_rating"

    @property
    def regulators_only(self) -> bool:
        """Return whether nobody but regulators may see results of this purpose (domain.md §2.1)."""
        return self is Purpose.RISK_CLASSIFICATION


class Direction(StrEnum):
    """What a higher score says about the enterprise."""

    HIGHER_IS_WORSE = "higher_is_worse"
    HIGHER_IS_BETTER = "higher_is_better"


class Lifecycle(StrEnum):
    """How far a version has come."""

    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"
    RETIRED = "retired"


class State(StrEnum):
    """Why an indicator has the points it has."""

    PRESENT = "present"
    MISSING = "missing"  # collected, and nothing on record
    NOT_COLLECTED = "not_collected"
    NOT_APPLICABLE = "not_applicable"


class Sourced(Part):
    """Carry where the numbers of this block come from; a block without says what its parent says."""

    status: Status | None = None
    source: str | None = None


class WeightsFrom(Sourced):
    """Say how the weights of one list were found; they stand beside it as basis points and must agree with it.

    `ahp` is the judgement matrix itself; `entropy` and `critic` are basis points found from data once and frozen;
    of more than one kind, `shares` says how they are mixed.
    """

    ahp: tuple[tuple[Integer | str | None, ...], ...] | None = None
    overruled: str | None = None  # why judgements that contradict each other are kept
    entropy: tuple[BasisPoints, ...] | None = None
    critic: tuple[BasisPoints, ...] | None = None
    shares: dict[Literal["ahp", "entropy", "critic"], BasisPoints] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _mixed_as_stated(self) -> "WeightsFrom":
        kinds = {kind for kind in ("ahp", "entropy", "critic") if getattr(self, kind) is not None}
        if not kinds or ((len(kinds) > 1 or self.shares) and set(self.shares) != kinds):
            raise ValueError(
                "give `ahp`, `entropy` or `critic`; of several, `shares` says how much each counts"
            )
        return self


class Policy(Part):
    """Say what an indicator scores when its value is not there."""

    act: Literal["score", "skip", "worst", "refuse"]
    score: Integer | None = None

    @model_validator(mode="after")
    def _points_belong_to_score(self) -> "Policy":
        if (self.act == "score") != (self.score is not None):
            raise ValueError("write 'skip', 'worst', 'refuse' or 'score: POINTS'")
        return self


def _spelled_out(value: object) -> object:
    if isinstance(value, str):
        return {"act": value}
    if isinstance(value, dict) and set(value) == {"score"}:
        return {"act": "score", "score": value["score"]}
    return value


WhenAbsent = Annotated[Policy, BeforeValidator(_spelled_out)]


class Window(Part):
    """A rolling length of time that ends with the day of evaluation."""

    number: int = Field(ge=1, le=1_200)
    unit: Literal["days", "months", "years"]


def _split(value: object) -> object:
    number, _, unit = str(value).partition(" ")
    return {"number": int(number) if number.isdecimal() else number, "unit": unit.rstrip("s") + "s"}


RollingWindow = Annotated[Window, BeforeValidator(_split)]
