"""Features of related enterprises: who shares a legal representative, a holder, an address, one or two steps away."""

from datetime import date

from sqlglot import exp

from creditmesh.scoring.definition.feature_checks import previous_grade
from creditmesh.scoring.definition.features import Feature, Take
from creditmesh.scoring.definition.loaded import (
    PREVIOUS_GRADE,
    System,
    collected_column,
    inputs,
    items_of,
    table,
)
from creditmesh.scoring.language.building import absent, column, number, than
from creditmesh.scoring.language.parsing import parse
from creditmesh.scoring.language.sql import Writer
from creditmesh.scoring.language.tree import Type
from creditmesh.scoring.records.rows import Rows

Pairs = tuple[tuple[str, ...], int]


def steps(system: System, as_of: date) -> dict[str, exp.Query]:
    """Return the steps that find ties, pairs, and what is asked of each subject's related enterprises."""
    features = _features(system)
    found: dict[str, exp.Query] = {}
    for name in dict.fromkeys(relation for one in features.values() for relation in one.relations):
        found[f"ties_{name}"] = _ties(system, name, as_of)
        found[f"sizes_{name}"] = _sizes(name)
    for name, one in features.items():
        if one.take is Take.PEERS:
            found[f"peers_{name}"] = _peers(one)
    for nth, (relations, depth) in enumerate(_pairs(system)):
        found[f"near_{nth}"] = _near(system, relations)
        if depth == 2:
            found[f"far_{nth}"] = _far(nth)
        found[f"related_{nth}"] = _related(system, nth, (relations, depth))
    return found


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
        collected = exp.and_(*(_of("own", collected_column(code)) for code in items_of(system, one)))
        if one.take is Take.PEERS:
            value: exp.Expr = exp.Coalesce(this=_of(f"peers_{name}", "number"), expressions=[number(0)])
            found[name] = exp.case().when(collected, exp.cast(value, "BIGINT"))
            continue
        source = f"related_{pairs.index((one.relations, one.depth))}"
        counted = _of(source, name)
        if one.take is Take.RELATED_COUNT:
            value = exp.Coalesce(this=counted, expressions=[number(0)])
            found[name] = exp.case().when(collected, exp.cast(value, "BIGINT"))
        else:
            share = exp.paren(exp.Mul(this=counted, expression=number(10_000, wide=True))) // _of(
                source, "number"
            )
            found[name] = exp.case().when(
                exp.and_(collected, than(exp.GT, _of(source, "number"), 0)), exp.cast(share, "BIGINT")
            )
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
        columns = [exp.alias_(subject, "subject", quoted=True), exp.alias_(text.copy(), "value", quoted=True)]
        return exp.select(*columns).from_(table(relation.item)).where(*(one.copy() for one in where))

    ties = tied(column("_subject"))
    return exp.union(ties, tied(text.copy())) if relation.names_subject else ties.distinct()


def _sizes(name: str) -> exp.Query:
    size = exp.alias_(exp.Count(this=exp.Star()), "size", quoted=True)
    return exp.select(column("value"), size).from_(f"ties_{name}").group_by(column("value"))


def _peers(feature: Feature) -> exp.Query:
    parts: list[exp.Query] = []
    for name in feature.relations:
        ties, sizes = f"ties_{name}", f"sizes_{name}"
        others = exp.alias_(_of(sizes, "size") - number(1), "others", quoted=True)
        same = exp.EQ(this=_of(ties, "value"), expression=_of(sizes, "value"))
        parts.append(exp.select(_of(ties, "subject"), others).from_(ties).join(sizes, on=same))
    all_ = exp.union(*parts, distinct=False) if parts[1:] else parts[0]
    most = exp.alias_(exp.Max(this=column("others")), "number", quoted=True)
    return exp.select(column("subject"), most).from_(all_.subquery("tied")).group_by(column("subject"))


def _near(system: System, relations: tuple[str, ...]) -> exp.Query:
    """Pair subjects that share a value few enough have."""
    parts: list[exp.Select] = []
    for name in relations:
        ties, sizes = f"ties_{name}", f"sizes_{name}"
        at_most = number(system.definition.relations[name].at_most)
        one, other = (
            exp.alias_(exp.to_table(ties), "one", table=True),
            exp.alias_(exp.to_table(ties), "other", table=True),
        )
        few = exp.and_(
            exp.EQ(this=_of("one", "value"), expression=_of(sizes, "value")),
            exp.LTE(this=_of(sizes, "size"), expression=at_most),
        )
        shared = exp.and_(
            exp.EQ(this=_of("one", "value"), expression=_of("other", "value")),
            exp.NEQ(this=_of("one", "subject"), expression=_of("other", "subject")),
        )
        columns = [_of("one", "subject"), exp.alias_(_of("other", "subject"), "related", quoted=True)]
        parts.append(exp.select(*columns).from_(one).join(sizes, on=few).join(other, on=shared))
    return exp.union(*parts) if parts[1:] else parts[0].distinct()


def _far(nth: int) -> exp.Query:
    """Add the related of the related."""
    near = f"near_{nth}"
    step, further = (exp.alias_(exp.to_table(near), alias, table=True) for alias in ("step", "further"))
    on = exp.EQ(this=_of("step", "related"), expression=_of("further", "subject"))
    others = exp.NEQ(this=_of("step", "subject"), expression=_of("further", "related"))
    second = (
        exp.select(_of("step", "subject"), _of("further", "related"))
        .from_(step)
        .join(further, on=on)
        .where(others)
    )
    return exp.union(exp.select(column("subject"), column("related")).from_(near), second)


def _related(system: System, nth: int, pairs: Pairs) -> exp.Query:
    source = f"{'far' if pairs[1] == 2 else 'near'}_{nth}"
    names = inputs(system) | {PREVIOUS_GRADE: previous_grade(system)}
    write = Writer(lambda name: _of("_previous", "grade") if name == PREVIOUS_GRADE else _of("own", name))
    found: list[exp.Expr] = [
        _of(source, "subject"),
        exp.alias_(exp.Count(this=exp.Star()), "number", quoted=True),
    ]
    for name, one in _features(system).items():
        if one.take is Take.PEERS or (one.relations, one.depth) != pairs:
            continue
        counted: exp.Expr = exp.Count(this=exp.Star())
        if one.where is not None:
            condition = write.condition(parse(one.where, names=names, wanted=Type.TRUTH))
            counted = exp.Filter(this=counted, expression=exp.Where(this=condition))
        found.append(exp.alias_(counted, name, quoted=True))
    graded = exp.EQ(this=_of("_previous", "subject"), expression=_of("own", "subject"))
    known = exp.EQ(this=_of("own", "subject"), expression=_of(source, "related"))
    joined = (
        exp.select(*found).from_(source).join("own", on=known).join("_previous", on=graded, join_type="left")
    )
    return joined.group_by(_of(source, "subject"))
