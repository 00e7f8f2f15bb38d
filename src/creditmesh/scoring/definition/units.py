"""What is scored when it is not the enterprise: a device, known by its code, that belongs to enterprises."""

from typing import Self

from pydantic import Field, model_validator

from creditmesh.catalogue.model import Part, Text
from creditmesh.scoring.definition.parts import Identifier

DEVICE = (
    "D:"  # docs/decisions/0022: before the code of a device, so that no key is both device and enterprise
)


class Tie(Part):
    """An enterprise a unit belongs to, to which its results are told: the field holds that enterprise's key.

    Without a field it is the enterprise that the unit's own record is about.
    """

    label: Text
    field: Identifier | None = None


class Reach(Part):
    """How rows of an item find their unit: by its code, or through the enterprise they are about."""

    key: Identifier | None = None
    through: Identifier | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.key is None) == (self.through is None):
            raise ValueError(
                "write `key: FIELD` (the unit's code) or `through: TIE` (the enterprise), not both"
            )
        return self


class Unit(Part):
    """The unit of scoring: rows of the population's first item, named by a field of it."""

    label: Text
    key: Identifier
    name: Identifier | None = None
    region: Identifier | None = None
    belongs_to: dict[Identifier, Tie] = Field(default_factory=dict)
    items: dict[str, Reach] = Field(default_factory=dict)  # all items but the first of the population
