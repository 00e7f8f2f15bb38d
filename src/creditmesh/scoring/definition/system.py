"""One index-system file as a whole."""

from typing import Literal, Self

from pydantic import Field, model_validator

from creditmesh.catalogue.model import Status, Text
from creditmesh.scoring.definition.basing import BasedOn
from creditmesh.scoring.definition.combination import Adjustments, Combination
from creditmesh.scoring.definition.features import Counting, Feature, Population, Relation, Take
from creditmesh.scoring.definition.indicators import (
    Cap,
    Exclusion,
    GradeBand,
    Group,
    Indicator,
    Insufficient,
    Trigger,
)
from creditmesh.scoring.definition.parts import (
    BasisPoints,
    Day,
    Direction,
    Expression,
    Identifier,
    Integer,
    Lifecycle,
    Purpose,
    Sourced,
    WeightsFrom,
    WhenAbsent,
)
from creditmesh.scoring.definition.units import Unit


class Definition(Sourced):
    """An index system as its file states it, checked for shape but not yet for sense."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")
    version: str
    based_on: BasedOn | None = None  # what the file does not say stands in that one
    label: Text
    owner: Text
    purpose: Purpose
    lifecycle: Lifecycle
    status: Status
    source: str
    effective_from: Day
    effective_until: Day | None = None
    direction: Direction
    scale: Integer = Field(default=1_000, ge=1, le=100_000)
    rounding: Literal["half_up"]
    cut_offs: Literal["upper_inclusive", "lower_inclusive"]
    unit: Unit | None = None  # none: the enterprise
    population: Population = Field(default_factory=Population)
    records: dict[str, Counting] = Field(default_factory=dict)
    relations: dict[Identifier, Relation] = Field(default_factory=dict)
    features: dict[Identifier, Feature] = Field(min_length=1)
    applies_when: Expression | None = None
    exclusions: tuple[Exclusion, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    caps: tuple[Cap, ...] = ()
    groups: tuple[Group, ...] = Field(min_length=1)
    weights_from: WeightsFrom | None = None  # of the groups
    grades: tuple[GradeBand, ...] = Field(min_length=2)
    not_collected: WhenAbsent
    minimum_coverage: BasisPoints = 0
    insufficient: Insufficient
    reasons: int = Field(default=3, ge=0, le=10)
    combination: Combination | None = None
    adjustments: Adjustments | None = None  # none: nobody may move a result

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.effective_until is not None and self.effective_until <= self.effective_from:
            raise ValueError("effective_until must be later than effective_from")
        return self

    @model_validator(mode="after")
    def _records_or_a_table(self) -> Self:
        if self.of_a_table and self.population != Population():
            raise ValueError("a system that reads the columns of a table has no `population`")
        if not self.of_a_table and not self.population.items:
            raise ValueError("name the items whose subjects are evaluated in `population: {items: [...]}`")
        if self.of_a_table and any(one.take is not Take.COLUMN for one in self.features.values()):
            raise ValueError("features are either columns of a table or made from records, not both")
        return self

    @property
    def of_a_table(self) -> bool:
        """Return whether the system reads the columns of any table rather than the records of a node."""
        return any(one.take is Take.COLUMN for one in self.features.values())

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """Return every indicator, in the order of the file."""
        return tuple(one for group in self.groups for one in group.every_indicator)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return the grades, best first."""
        return tuple(grade.symbol for grade in self.grades)
