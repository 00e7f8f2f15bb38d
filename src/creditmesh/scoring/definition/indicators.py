"""Groups, sub-groups and indicators: what is measured, what it scores, and what to say about it."""

from typing import Literal, Self

from pydantic import Field, model_validator

from creditmesh.catalogue.model import Part, Text
from creditmesh.scoring.definition.features import Measure
from creditmesh.scoring.definition.parts import (
    BasisPoints,
    Expression,
    Identifier,
    Integer,
    Sourced,
    WeightsFrom,
    WhenAbsent,
)

WAYS = ("bands", "lookup", "boolean", "linear", "per_event", "formula")


class Band(Sourced):
    """Score every value up to and including `up_to`; the last band has none and takes the rest."""

    up_to: Integer | None = None
    points: Integer


class Lookup(Sourced):
    """Score a text by a table; `otherwise` is for values that are not in it."""

    points: dict[str, Integer] = Field(min_length=1)
    otherwise: Integer | None = None


class YesNo(Sourced):
    """Score a condition."""

    yes: Integer
    no: Integer


class Knot(Sourced):
    """One corner of a broken line; before the first and after the last the line is level."""

    at: Integer
    points: Integer


class PerEvent(Sourced):
    """Score so many points for every `per` of the value, up to `cap`."""

    points: Integer
    cap: Integer
    per: Integer = Field(default=1, ge=1)


class Indicator(Sourced):
    """One thing that is measured, its weight, its points, and its words."""

    id: Identifier
    label: Text
    weight: BasisPoints
    role: Literal["weighted", "adjustment"] = "weighted"
    value: Expression | None = None
    applies_when: Expression | None = None
    bands: tuple[Band, ...] | None = Field(default=None, min_length=1)
    lookup: Lookup | None = None
    boolean: YesNo | None = None
    linear: tuple[Knot, ...] | None = Field(default=None, min_length=2)
    per_event: PerEvent | None = None
    formula: Expression | None = None
    missing: WhenAbsent
    not_collected: WhenAbsent | None = None  # as the system says when not said here
    reason: Text
    improve: Text | None = None
    actionable: bool = True
    unit: Measure | None = None  # for which its points are written; checked against the value
    shown_as: Literal["number", "money", "percent", "days", "thousandths", "text"] = "number"

    @property
    def way(self) -> str:
        """Return which of the six ways of scoring this indicator uses."""
        return next(way for way in WAYS if getattr(self, way) is not None)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(getattr(self, way) is not None for way in WAYS) != 1:
            raise ValueError(f"an indicator is scored in exactly one way: {', '.join(WAYS)}")
        if (self.formula is None) == (self.value is None):
            raise ValueError("say what is measured in `value`; a `formula` is its own value")
        return self


class SubGroup(Sourced):
    """Indicators that belong together inside a group."""

    id: Identifier
    label: Text
    weight: BasisPoints
    indicators: tuple[Indicator, ...] = Field(min_length=1)
    weights_from: WeightsFrom | None = None  # of the indicators


class Group(Sourced):
    """A first-level part of the system, of sub-groups or directly of indicators."""

    id: Identifier
    label: Text
    weight: BasisPoints
    minimum_coverage: BasisPoints = 0
    sub_groups: tuple[SubGroup, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    weights_from: WeightsFrom | None = None  # of the sub-groups or the indicators

    @model_validator(mode="after")
    def _one_level(self) -> Self:
        if bool(self.sub_groups) == bool(self.indicators):
            raise ValueError("a group holds either `sub_groups` or `indicators`")
        return self

    @property
    def every_indicator(self) -> tuple[Indicator, ...]:
        """Return the indicators of the group in order, whatever the level they stand on."""
        return self.indicators or tuple(one for sub in self.sub_groups for one in sub.indicators)


class Exclusion(Sourced):
    """Leave a subject out of the evaluation, and say why."""

    id: Identifier
    label: Text
    when: Expression


class Trigger(Sourced):
    """Give a grade directly, whatever the points say; never a better one than they say."""

    id: Identifier
    label: Text
    when: Expression
    grade: str
    repair: Text | None = None


class Cap(Sourced):
    """Forbid grades better than one."""

    id: Identifier
    label: Text
    when: Expression
    not_better_than: str
    repair: Text | None = None


class GradeBand(Sourced):
    """One grade and where it ends on the scale; the worst grade has no bound."""

    symbol: str = Field(min_length=1, max_length=16)
    label: Text
    up_to: Integer | None = None
    at_least: Integer | None = None


class Insufficient(Part):
    """Say what an enterprise with too little data gets."""

    not_better_than: str | None = None  # none: no grade at all
