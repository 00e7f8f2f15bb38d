"""A system together with the items it reads, and the names its expressions may use."""

from collections.abc import Mapping
from dataclasses import dataclass

from creditmesh.catalogue.model import FieldDefinition, Item, Kind
from creditmesh.scoring.definition.features import ColumnType, Feature, Take
from creditmesh.scoring.definition.system import Definition
from creditmesh.scoring.language.tree import Bounds, Name, Type

LARGE = 10**14  # fen: a million million yuan; times 10000 still fits 64 bits
MANY = 10**9
LONGEST_DAYS = 3_652_059
NUMBERS = {Kind.INTEGER, Kind.MONEY, Kind.PERCENT}
COLUMNS = {
    ColumnType.INTEGER: Type.INTEGER,
    ColumnType.TEXT: Type.TEXT,
    ColumnType.DATE: Type.DATE,
    ColumnType.TRUTH: Type.TRUTH,
}
WIDEST = (-LARGE, LARGE)
AS_OF = Name("as_of", Type.DATE)
ABOUT = {"as_of": AS_OF, "region": Name("region", Type.TEXT), "industry": Name("industry", Type.TEXT)}
PREVIOUS_GRADE = "previous_grade"


@dataclass(frozen=True)
class System:
    """An index system that was read, with the definitions of the items it names."""

    definition: Definition
    items: Mapping[str, Item]
    file: str = ""

    @property
    def id(self) -> str:
        """Return the id of the system."""
        return self.definition.id

    @property
    def version(self) -> str:
        """Return the version of the system."""
        return self.definition.version


def table(item_code: str) -> str:
    """Return the name of an item's table and view: PEN-01 is pen_01."""
    return item_code.lower().replace("-", "_")


def collected_column(item_code: str) -> str:
    """Return the name of the input that says whether an item was ever delivered for the subject's region."""
    return f"{table(item_code)}_collected"


def fields(item: Item) -> dict[str, Name]:
    """Return the names a `where` over an item may use: its fields, the day of the event, the day of evaluation."""
    known = {one.name: named(one) for one in item.fields}
    return known | {"event_date": Name("event_date", Type.DATE), "as_of": AS_OF}


def named(field: FieldDefinition) -> Name:
    """Return a field as a typed name."""
    if field.kind in NUMBERS:
        low = -LARGE if field.minimum is None else field.minimum
        high = LARGE if field.maximum is None else field.maximum
        return Name(field.name, Type.INTEGER, (low, high))
    if field.kind is Kind.CHOICE:
        return Name(field.name, Type.TEXT, choices=frozenset(field.choices))
    kinds = {Kind.DATE: Type.DATE, Kind.BOOLEAN: Type.TRUTH}
    return Name(field.name, kinds.get(field.kind, Type.TEXT))


def inputs(system: System) -> dict[str, Name]:
    """Return every feature of a system as a typed name, in the order of the file."""
    return {name: input_of(system, name, one) for name, one in system.definition.features.items()}


def input_of(system: System, name: str, feature: Feature) -> Name:
    """Return one feature as a typed name with its bounds."""
    if feature.type is not None:
        kind = COLUMNS[feature.type]
        return Name(name, kind, (declared(feature) or WIDEST) if kind is Type.INTEGER else None)
    if feature.take is Take.EXISTS:
        return Name(name, Type.TRUTH)
    if feature.take in {Take.LATEST, Take.MAX, Take.MIN} and feature.item and feature.of:
        field = named(system.items[feature.item].field(feature.of))
        if field.type is not Type.INTEGER:
            return Name(name, field.type, choices=field.choices)
        return Name(name, Type.INTEGER, declared(feature) or field.bounds)
    return Name(name, Type.INTEGER, declared(feature) or _natural(system, feature))


def declared(feature: Feature) -> Bounds | None:
    """Return the bounds a feature states, if it does."""
    return (feature.bounds.lowest, feature.bounds.highest) if feature.bounds else None


def _natural(system: System, feature: Feature) -> Bounds:
    if feature.take in {Take.SHARE, Take.RELATED_SHARE}:
        return (0, 10_000)
    if feature.take is Take.DAYS_SINCE:
        return (0, LONGEST_DAYS)
    negative = feature.weigh is not None and min(*feature.weigh.as_.values(), feature.weigh.otherwise) < 0
    if feature.take is not Take.SUM:
        return (-MANY if negative else 0, MANY)
    minimum = system.items[str(feature.item)].field(str(feature.of)).minimum
    return (0 if minimum is not None and minimum >= 0 and not negative else -LARGE, LARGE)


def items_of(system: System, feature: Feature) -> tuple[str, ...]:
    """Return the codes of the items a feature is made from."""
    if feature.item:
        return (feature.item,)
    relations = system.definition.relations
    return tuple(dict.fromkeys(relations[one].item for one in feature.relations))


def items_read(system: System) -> tuple[str, ...]:
    """Return the codes of all items the features of a system are made from, sorted."""
    return tuple(
        sorted({code for one in system.definition.features.values() for code in items_of(system, one)})
    )
