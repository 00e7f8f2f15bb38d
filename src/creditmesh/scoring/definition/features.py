"""How records become the inputs of a system: counts, sums, last values, shares, relations."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from creditmesh.catalogue.model import Part, Text
from creditmesh.scoring.definition.parts import (
    Expression,
    Identifier,
    Integer,
    RollingWindow,
    Sourced,
)


class Take(StrEnum):
    """What is taken from the rows of an item, or from the enterprises related to this one."""

    COUNT = "count"
    SUM = "sum"
    LATEST = "latest"
    EXISTS = "exists"
    DAYS_SINCE = "days_since"
    SHARE = "share"
    MAX = "max"
    MIN = "min"
    DISTINCT = "distinct"
    PEERS = "peers"
    RELATED_COUNT = "related_count"
    RELATED_SHARE = "related_share"
    COLUMN = "column"

    @property
    def needs_field(self) -> bool:
        """Return whether `of:` must name a field."""
        return self in {Take.SUM, Take.LATEST, Take.MAX, Take.MIN, Take.DISTINCT}

    @property
    def of_relations(self) -> bool:
        """Return whether this counts related enterprises rather than rows of one item."""
        return self in {Take.PEERS, Take.RELATED_COUNT, Take.RELATED_SHARE}


class ColumnType(StrEnum):
    """What stands in a column of a table."""

    INTEGER = "integer"
    TEXT = "text"
    DATE = "date"
    TRUTH = "truth"


class Measure(StrEnum):
    """In what a value is measured."""

    COUNT = "count"
    DAYS = "days"
    FEN = "fen"
    BASIS_POINTS = "basis_points"
    THOUSANDTHS = "thousandths"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    TRUTH = "truth"


LARGEST_SCALE = 1_000_000


Weight = Annotated[int, Field(strict=True, ge=-10_000, le=10_000)]


class Decay(Part):
    """Let a row count less with every whole month of age: 1000 today, 500 after one half-life."""

    half_life: RollingWindow


class Weigh(Part):
    """Let a row count more or less by the value of one of its fields."""

    by: Identifier
    as_: dict[str, Weight] = Field(alias="as", min_length=1)
    otherwise: Weight = 1


class Bounds(Part):
    """Hold an input inside limits; a value outside counts as the limit it passed."""

    lowest: Integer
    highest: Integer

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.lowest > self.highest:
            raise ValueError("the lowest bound is above the highest")
        return self


class Feature(Sourced):
    """One input of a system and the records it is made from."""

    label: Text
    take: Take
    item: str | None = None
    of: Identifier | None = None
    where: Expression | None = None
    among: Expression | None = None  # for `share`: the rows that make up the whole
    within: RollingWindow | None = None
    decay: Decay | None = None
    weigh: Weigh | None = None
    relations: tuple[Identifier, ...] = ()
    depth: Literal[1, 2] = 1
    bounds: Bounds | None = None
    worse: Literal["more", "less"] | None = None  # which way this input speaks against the enterprise
    unit: Measure | None = None  # as the records give it when not said
    column: str | None = Field(default=None, min_length=1, max_length=500)  # of a table, instead of an item
    type: ColumnType | None = None
    scale: Integer = Field(
        default=1, ge=1, le=LARGEST_SCALE
    )  # a number counts so many times, rounded half up

    @model_validator(mode="before")
    @classmethod
    def _taken_from_a_column(cls, data: object) -> object:
        if isinstance(data, dict) and "column" in data and "take" not in data:
            return {**data, "take": Take.COLUMN}
        return data

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.take is Take.COLUMN:
            return self._whole_column()
        if self.column is not None or self.type is not None or self.scale != 1:
            raise ValueError("`column`, `type` and `scale` belong to a feature that is a column of a table")
        if self.take.of_relations != bool(self.relations) or self.take.of_relations == bool(self.item):
            raise ValueError("name an `item`, or for peers and related_* the `relations`, and not both")
        if self.take.needs_field and self.of is None:
            raise ValueError(f"`take: {self.take}` needs `of: FIELD`")
        if self.of is not None and not (self.take.needs_field or self.take is Take.DAYS_SINCE):
            raise ValueError(f"`take: {self.take}` takes no `of`")
        return self._weighed_and_shared()

    def _weighed_and_shared(self) -> Self:
        if (self.decay or self.weigh) and self.take not in {Take.COUNT, Take.SUM}:
            raise ValueError("only `count` and `sum` can be weighed or decay")
        if self.take is Take.SUM and self.decay and self.weigh:
            raise ValueError("a sum is either weighed or decays; take a count for both")
        if (self.take is Take.SHARE) != (self.among is not None):
            raise ValueError(
                "`share` needs `among` (the whole) and `where` (the part); nothing else takes `among`"
            )
        return self

    def _whole_column(self) -> Self:
        others = (self.item, self.of, self.where, self.among, self.within, self.decay, self.weigh)
        if self.column is None or self.type is None:
            raise ValueError("a feature that is a column of a table names its `column` and its `type`")
        if any(one is not None for one in others) or self.relations or self.depth != 1:
            raise ValueError("a column of a table is taken as it is: only scale, bounds and worse go with it")
        if self.type is not ColumnType.INTEGER and (self.scale != 1 or self.bounds):
            raise ValueError("only a column of numbers has a scale and bounds")
        return self


class Counting(Sourced):
    """Say which rows of an item count at all: not repaired, not past their publicity period."""

    counts_when: Expression


class Relation(Sourced):
    """Tie enterprises that share a value: a legal representative, a holder, an address."""

    label: Text
    item: str
    field: Identifier
    where: Expression | None = None
    names_subject: bool = False  # the value may itself be the code of an enterprise, tied too
    at_most: Integer = Field(default=100, ge=2, le=1_000)  # a value shared by more is a hub, not a tie


class Population(Part):
    """Whom a run evaluates: every subject with a current row in one of these items."""

    items: tuple[str, ...] = ()  # none where the system reads the columns of a table
    subjects: Literal["any", "code", "registration", "pseudonym"] = "any"
    where: Expression | None = None  # over the fields of the first item
