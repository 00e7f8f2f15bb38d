"""Lists that officers bring as files: item lists, inspectors, objects. Every row is checked before any is kept."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from creditmesh.apps.evaluation.supervision.rules.codes import ItemKind, Method, ObjectKind
from creditmesh.drawing.pools import Duty
from creditmesh.kernel.errors import CreditmeshError

MOST_ROWS = 1_000_000


class ListRefused(CreditmeshError):
    """A list with a row that cannot be kept; nothing of it was."""

    code = "list-refused"


def _several(value: object) -> object:
    """Return the parts of a cell that holds several codes, parted by commas, semicolons or blanks."""
    if not isinstance(value, str):
        return value
    for mark in ("，", ",", "；", ";", "、", "\n"):
        value = value.replace(mark, " ")
    return tuple(value.split())


Several = Annotated[tuple[Annotated[str, Field(max_length=60)], ...], BeforeValidator(_several)]


class Row(BaseModel):
    """Refuse unknown columns; trim what stands in a cell."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, coerce_numbers_to_str=True
    )


class ItemRow(Row):
    """One line of an item list."""

    code: str = Field(min_length=1, max_length=40, pattern=r"^[^|\s]+$")
    name_zh: str = Field(min_length=1, max_length=200)
    name_en: str = Field(default="", max_length=200)
    basis: str = Field(default="", max_length=4000)
    kind: ItemKind = ItemKind.GENERAL
    object_kind: ObjectKind = ObjectKind.ENTERPRISE
    method: Method = Method.ON_SITE
    joint_units: Several = ()
    specialties: Several = ()
    default_ratio: Annotated[int, Field(ge=1, le=10_000)] | None = None
    special_equipment: bool = False
    withheld: bool = False


class ObjectRow(Row):
    """One line of an object list."""

    object: str = Field(min_length=1, max_length=64, pattern=r"^[^|]+$")
    name: str = Field(min_length=1, max_length=300)
    grade: str = Field(default="", max_length=16)
    subject: str = Field(default="", max_length=80)
    region: str = Field(default="", max_length=12, pattern=r"^[0-9]*$")


class InspectorRow(Row):
    """One line of an inspector pool."""

    code: str = Field(min_length=1, max_length=40, pattern=r"^[^|\s]+$")
    name: str = Field(min_length=1, max_length=100)
    unit: str = Field(default="", max_length=60)
    region: str = Field(default="", max_length=12, pattern=r"^[0-9]*$")
    certificate: str = Field(default="", max_length=60)
    valid_to: date
    specialties: Several = ()
    duty: Duty = Duty.OFFICER
    username: str = Field(default="", max_length=150)


R = TypeVar("R", bound=Row)


def rows_of(values: Sequence[Mapping[str, Any]], kind: type[R], *, key: str) -> list[R]:
    """Return checked rows; raise `ListRefused` with the first row that is wrong, or twice there."""
    if not values or len(values) > MOST_ROWS:
        raise ListRefused(f"The list must have 1 to {MOST_ROWS} rows; it has {len(values)}.")
    found = []
    seen: set[str] = set()
    for number, one in enumerate(values, start=1):
        try:
            row = kind.model_validate(
                {name: value for name, value in one.items() if value is not None and value != ""}
            )
        except ValidationError as wrong:
            first = wrong.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ListRefused(
                f"Row {number}, column '{where}': {first['msg']}. Mend it; nothing was kept."
            ) from wrong
        name = getattr(row, key)
        if name in seen:
            raise ListRefused(f"Row {number}: '{name}' stands twice in the list. Nothing was kept.")
        seen.add(name)
        found.append(row)
    return found
