"""Features of related enterprises: who shares a legal representative, a holder, an address, one or two steps away."""

from datetime import date

from sqlglot import exp

from creditmesh.scoring.definition.checks.features import previous_grade
from creditmesh.scoring.definition.features import Feature, Take
from creditmesh.scoring.definition.loaded import (
    PREVIOUS_GRADE,
    System,
    collected_column,
    inputs,
    items_of,
    table,
)
from creditmesh.scoring.language.building import absent, case, column, every, named, number, than, wide
from creditmesh.scoring.language.parsing import parse
from creditmesh.scoring.language.sql import Writer
from creditmesh.scoring.language.tree import Type
from creditmesh.scoring.records.rows import Rows

Pairs = tuple[tuple[str, ...], int]
Ids = tuple[int, int]  # from the first, to before the second
Steps = dict[str, exp.Query]


def steps(system: System, as_of: date) -> Steps:
    """Return the steps that find ties and pairs, and what is asked of each subject when it is related to another."""
    features = _features(system)
    pairs = _pairs(system)
    found: Steps = {"people": _people()} if pairs else {}
    for name in dict.fromkeys(relation for one in features.values() for relation in one.relations):
        found[f"ties_{name}"] = _ties(system, name, as_of)
        found[f"sizes_{name}"] = _sizes(name)
    for name, one in features.items():
        if one.take is Take.PEERS:
            found[f"peers_{name}"] = _peers(one)
    for name in dict.fromkeys(relation for relations, _ in pairs for relation in relations):
        found[f"members_{name}"] = _members(system, name)
    for nth, (relations, _) in enumerate(pairs):
        found[f"near_{nth}"] = _near(relations)
        found[f"judged_{nth}"] = _judged(system, pairs[nth])
    return found


def related(system: System, *, ids: Ids | None = None) -> Steps:
    """Return the steps that count the related of every subject, or of those numbered between two ids."""
    return {f"related_{nth}": _related(system, nth, pairs, ids) for nth, pairs in enumerate(_pairs(system))}


def joins(system: System) -> list[tuple[str, exp.Expr]]:
    """Return the tables to join to each subject, and on what."""
    sources = [f"peers_{name}" for name, one in _features(system).items() if one.take is Take.PEERS]
    sources += [f"related_{nth}" for nth, _ in enumerate(_pairs(system))]
    return [
        (source, exp.EQ(this=_of("own", "subject"), expression=_of(source, "subject"))) for source in sources
    ]


def values(system: System) -> dict[str, exp.Expr]:
    """Return the value of every feature of related enterprises in the joined row."""
    found: dict[str, exp.Expr] = {}
    pairs = _pairs(system)
    for name, one in _features(system).items():
        collected = every(*(_of("own", collected_column(code)) for code in items_of(system, one)))
        if one.take is Take.PEERS:
            value: exp.Expr = exp.Coalesce(this=_of(f"peers_{name}", "number"), expressions=[number(0)])
            found[name] = case((collected, wide(value)))
            continue
        source = f"related_{pairs.index((one.relations, one.depth))}"
        counted = _of(source, name)
        if one.take is Take.RELATED_COUNT:
            value = exp.Coalesce(this=counted, expressions=[number(0)])
            found[name] = case((collected, wide(value)))
        else:
            share = exp.paren(exp.Mul(this=counted, expression=number(10_000, wide=True))) // _of(
                source, "number"
            )
            some_there = every(collected, than(exp.GT, _of(source, "number"), 0))
            found[name] = case((some_there, wide(share)))
    return found


def _features(system: System) -> dict[str, Feature]:
    return {name: one for name, one in system.definition.features.items() if one.item is None}


def _pairs(system: System) -> list[Pairs]:
    asked = [(one.relations, one.depth) for one in _features(system).values() if one.take is not Take.PEERS]
    return list(dict.fromkeys(asked))


def _of(source: str, name: str) -> exp.Expr:
    return exp.column(name, source, quoted=True)


def _ties(system: System, name: str, as_of: date) -> exp.Query:
    relation = system.definition.relations[name]
    rows = Rows(system, relation.item, as_of)
    value = column(relation.field)
    where = [rows.counting(), exp.not_(absent(value))]
    if relation.where is not None:
        where.append(rows.condition(relation.where))
    text = exp.cast(value, "TEXT")

    def tied(subject: exp.Expr) -> exp.Select:
        columns = [named(subject, "subject"), named(text.copy(), "value")]
        return exp.select(*columns).from_(table(relation.item)).where(*(one.copy() for one in where))

    ties = tied(column("_subject"))
    return exp.union(ties, tied(text.copy())) if relation.names_subject else ties.distinct()


def _sizes(name: str) -> exp.Query:
    size = named(exp.Count(this=exp.Star()), "size")
    return exp.select(column("value"), size).from_(f"ties_{name}").group_by(column("value"))


def _peers(feature: Feature) -> exp.Query:
    parts: list[exp.Query] = []
    for name in feature.relations:
        ties, sizes = f"ties_{name}", f"sizes_{name}"
        others = named(_of(sizes, "size") - number(1), "others")
        same = exp.EQ(this=_of(ties, "value"), expression=_of(sizes, "value"))
        parts.append(exp.select(_of(ties, "subject"), others).from_(ties).join(sizes, on=same))
    all_ = exp.union(*parts, distinct=False) if parts[1:] else parts[0]
    most = named(exp.Max(this=column("others")), "number")
    return exp.select(column("subject"), most).from_(all_.subquery("tied")).group_by(column("subject"))


def _people() -> exp.Query:
    """Number the subjects: pairs of numbers take a quarter of the room of pairs of keys."""
    place = exp.Window(
        this=exp.RowNumber(), order=exp.Order(expressions=[exp.Ordered(this=column("subject"))])
    )
    return exp.select(column("subject"), named(place, "id")).from_("own")


def _members(system: System, name: str) -> exp.Query:
    """Say which subjects share a value that few enough have."""
    ties, sizes = f"ties_{name}", f"sizes_{name}"
    few = every(
        exp.EQ(this=_of(ties, "value"), expression=_of(sizes, "value")),
        than(exp.GT, _of(sizes, "size"), 1),
        than(exp.LTE, _of(sizes, "size"), system.definition.relations[name].at_most),
    )
    known = exp.EQ(this=_of(ties, "subject"), expression=_of("people", "subject"))
    return (
        exp.select(_of("people", "id"), _of(ties, "value"))
        .from_(ties)
        .join(sizes, on=few)
        .join("people", on=known)
    )


def _near(relations: tuple[str, ...]) -> exp.Query:
    """Pair the subjects that share a value."""
    parts: list[exp.Select] = []
    for name in relations:
        one, other = (
            exp.alias_(exp.to_table(f"members_{name}"), alias, table=True) for alias in ("one", "other")
        )
        shared = every(
            exp.EQ(this=_of("one", "value"), expression=_of("other", "value")),
            exp.NEQ(this=_of("one", "id"), expression=_of("other", "id")),
        )
        columns = [_of("one", "id"), named(_of("other", "id"), "related")]
        parts.append(exp.select(*columns).from_(one).join(other, on=shared))
    return exp.union(*parts) if parts[1:] else parts[0].distinct()


def _judged(system: System, pairs: Pairs) -> exp.Query:
    """Say of every subject what is asked of it as a related one."""
    names = inputs(system) | {PREVIOUS_GRADE: previous_grade(system)}
    write = Writer(lambda name: _of("_previous", "grade") if name == PREVIOUS_GRADE else _of("own", name))
    found: list[exp.Expr] = [_of("people", "id")]
    for name, one in _asked(system, pairs).items():
        holds = (
            exp.true()
            if one.where is None
            else write.surely(parse(one.where, names=names, wanted=Type.TRUTH))
        )
        found.append(named(holds, name))
    numbered = exp.EQ(this=_of("own", "subject"), expression=_of("people", "subject"))
    graded = exp.EQ(this=_of("_previous", "subject"), expression=_of("own", "subject"))
    return (
        exp.select(*found)
        .from_("own")
        .join("people", on=numbered)
        .join("_previous", on=graded, join_type="left")
    )


def _related(system: System, nth: int, pairs: Pairs, ids: Ids | None) -> exp.Query:
    """Count the related of each subject, one or two steps away, each once."""
    within = (
        []
        if ids is None
        else [than(exp.GTE, _of("near", "id"), ids[0]), than(exp.LT, _of("near", "id"), ids[1])]
    )
    near = exp.alias_(exp.to_table(f"near_{nth}"), "near", table=True)
    found: exp.Query = exp.select(_of("near", "id"), _of("near", "related")).from_(near).where(*within)
    if pairs[1] == 2:
        further = exp.alias_(exp.to_table(f"near_{nth}"), "further", table=True)
        on = exp.EQ(this=_of("near", "related"), expression=_of("further", "id"))
        others = exp.NEQ(this=_of("near", "id"), expression=_of("further", "related"))
        second = (
            exp.select(_of("near", "id"), _of("further", "related")).from_(near.copy()).join(further, on=on)
        )
        found = exp.union(found, second.where(others, *(one.copy() for one in within)))
    judged = f"judged_{nth}"
    counts = [named(exp.Count(this=exp.Star()), "number")]
    for name in _asked(system, pairs):
        counted = exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=_of(judged, name)))
        counts.append(named(counted, name))
    known = exp.EQ(this=_of("pairs", "related"), expression=_of(judged, "id"))
    told = exp.EQ(this=_of("pairs", "id"), expression=_of("people", "id"))
    joined = (
        exp.select(_of("people", "subject"), *counts).from_(found.subquery("pairs")).join(judged, on=known)
    )
    return joined.join("people", on=told).group_by(_of("people", "subject"))


def _asked(system: System, pairs: Pairs) -> dict[str, Feature]:
    return {
        name: one
        for name, one in _features(system).items()
        if one.take is not Take.PEERS and (one.relations, one.depth) == pairs
    }
