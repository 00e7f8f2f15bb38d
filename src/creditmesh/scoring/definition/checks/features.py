"""What can be wrong in the population, the records, the relations and the features of a system."""

from collections.abc import Iterator, Mapping

from creditmesh.catalogue.model import Item
from creditmesh.scoring.definition.checks.problems import Expressions, Path, Problem, alike, bad_names
from creditmesh.scoring.definition.features import Feature, Take, Weigh
from creditmesh.scoring.definition.loaded import PREVIOUS_GRADE, System, fields, input_of, named
from creditmesh.scoring.language.tree import Name, Type

FITTING: Mapping[Take, frozenset[Type]] = {
    Take.SUM: frozenset({Type.INTEGER}),
    Take.MAX: frozenset({Type.INTEGER, Type.DATE}),
    Take.MIN: frozenset({Type.INTEGER, Type.DATE}),
    Take.DAYS_SINCE: frozenset({Type.DATE}),
}


def unknown_items(system: System) -> Iterator[Problem]:
    """Yield every item that no sharing list has."""
    definition = system.definition
    places: list[tuple[Path, str | None]] = [
        *((("population", "items", n), code) for n, code in enumerate(definition.population.items)),
        *((("records", code), code) for code in definition.records),
        *((("relations", name, "item"), one.item) for name, one in definition.relations.items()),
        *((("features", name, "item"), one.item) for name, one in definition.features.items()),
    ]
    for path, code in places:
        if code is not None and code not in system.items:
            yield Problem(
                path, "unknown-item", f"No sharing list has an item {code}.{alike(code, system.items)}"
            )
    for name, feature in definition.features.items():
        for n, relation in enumerate(feature.relations):
            if relation not in definition.relations:
                path = ("features", name, "relations", n)
                near = alike(relation, definition.relations)
                sentence = f"There is no relation {relation}; see `relations`.{near}"
                yield Problem(path, "unknown-relation", sentence)


def in_features(system: System) -> Iterator[Problem]:
    """Yield what is wrong in everything that reads records; every item named must be known."""
    definition, items = system.definition, system.items
    expressions = Expressions()
    population = definition.population
    about = fields(items[population.items[0]]) if population.items else {}
    expressions.condition(("population", "where"), population.where, about)
    for code, counting in definition.records.items():
        expressions.condition(("records", code, "counts_when"), counting.counts_when, fields(items[code]))
    for name, relation in definition.relations.items():
        yield from _field(("relations", name, "field"), items[relation.item], relation.field)
        expressions.condition(("relations", name, "where"), relation.where, fields(items[relation.item]))
    for name, feature in definition.features.items():
        path: Path = ("features", name)
        yield from bad_names(path, name)
        if feature.take is Take.COLUMN:
            continue
        if feature.item is None:
            yield from _related(path, system, feature, expressions)
        else:
            yield from _from_item(path, items[feature.item], feature, expressions)
    yield from expressions.problems


def _from_item(path: Path, item: Item, feature: Feature, expressions: Expressions) -> Iterator[Problem]:
    names = fields(item)
    expressions.condition((*path, "where"), feature.where, names)
    expressions.condition((*path, "among"), feature.among, names)
    kind = Type.INTEGER
    if feature.of is not None:
        problems = list(_field((*path, "of"), item, feature.of))
        yield from problems
        if problems:
            return
        kind = named(item.field(feature.of)).type
        if kind not in FITTING.get(feature.take, frozenset(Type)):
            yield Problem(
                (*path, "of"),
                "type",
                f"`{feature.take}` cannot be taken of {feature.of}, which is {kind.value}.",
            )
    needs_date = feature.within or feature.decay or (feature.take is Take.DAYS_SINCE and feature.of is None)
    if needs_date and item.event_date is None:
        yield Problem(
            path, "no-event-date", f"{item.code} has no event date, so no window, decay or days since it."
        )
    if feature.bounds and (feature.take is Take.EXISTS or kind is not Type.INTEGER):
        yield Problem((*path, "bounds"), "type", "Only numbers have bounds.")
    if feature.decay is not None and feature.decay.half_life.unit == "days":
        yield Problem(
            (*path, "decay"), "half-life", "A half-life is in months or years; rows fade month by month."
        )
    if feature.weigh is not None:
        yield from _weigh((*path, "weigh"), item, feature.weigh)


def _weigh(path: Path, item: Item, weigh: Weigh) -> Iterator[Problem]:
    yield from _field((*path, "by"), item, weigh.by)
    choices = fields(item)[weigh.by].choices if weigh.by in fields(item) else None
    for key in weigh.as_:
        if choices and key not in choices:
            yield Problem((*path, "as", key), "unknown-choice", f"'{key}' is no choice of {weigh.by}.")


def _related(path: Path, system: System, feature: Feature, expressions: Expressions) -> Iterator[Problem]:
    for part in ("within", "decay", "weigh", "of", "among"):
        if getattr(feature, part) is not None:
            yield Problem((*path, part), "shape", f"`{part}` belongs to features that read one item.")
    if feature.take is Take.PEERS and (feature.where is not None or feature.depth != 1):
        yield Problem(
            path, "shape", "`peers` counts everyone with the same value; it takes no `where` and no `depth`."
        )
    if feature.take is Take.RELATED_SHARE and feature.where is None:
        yield Problem(path, "shape", "`related_share` needs `where`: the share of which related enterprises?")
    others = _of_records(system)
    expressions.condition((*path, "where"), feature.where, others | {PREVIOUS_GRADE: previous_grade(system)})


def _of_records(system: System) -> dict[str, Name]:
    known: dict[str, Name] = {}
    for name, one in system.definition.features.items():
        if one.item is not None and (one.of is None or _has(system.items[one.item], one.of)):
            known[name] = input_of(system, name, one)
    return known


def previous_grade(system: System) -> Name:
    """Return the grade of the last completed run as a name."""
    return Name(PREVIOUS_GRADE, Type.TEXT, choices=frozenset(system.definition.symbols))


def _field(path: Path, item: Item, field: str) -> Iterator[Problem]:
    if not _has(item, field):
        known = ", ".join(one.name for one in item.fields)
        near = alike(field, (one.name for one in item.fields))
        yield Problem(path, "unknown-field", f"{item.code} has no field {field}; it has: {known}.{near}")


def _has(item: Item, field: str) -> bool:
    return any(one.name == field for one in item.fields)
