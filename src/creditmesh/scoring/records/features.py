"""How records become inputs: all features of a system as one staged statement over the item views.

Steps: whom (`population`), what was delivered where (`delivered`), one pass over each item (`from_ITEM`), all of it joined
with missing and not collected told apart (`own`), the related enterprises (relations.py), one row per subject.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlglot import exp

from creditmesh.catalogue.model import Item
from creditmesh.scoring.definition.features import Feature, Take
from creditmesh.scoring.definition.loaded import (
    ABOUT,
    System,
    collected_column,
    inputs,
    items_read,
    table,
)
from creditmesh.scoring.language import tree
from creditmesh.scoring.language.building import absent, case, column, literal, named, number, than, wide
from creditmesh.scoring.language.parsing import parse
from creditmesh.scoring.language.sql import Writer
from creditmesh.scoring.language.tree import Type
from creditmesh.scoring.records import beside, relations, units
from creditmesh.scoring.records.rows import EVERYONE, Between, Rows

PREFIXES = {"code": "[0-9A-Z]{18}", "registration": "R:.*", "pseudonym": "P:.*"}
Steps = dict[str, exp.Query]


def statement(system: System, *, as_of: date, dialect: str = "duckdb") -> str:
    """Return the SELECT of one row per subject: subject, name, region, industry, as_of, inputs, collected flags.

    It reads the item views of a lake connection, `_collected(item, region_prefix)` and `_previous(subject, grade)`.
    """
    return query(system, as_of=as_of).sql(dialect=dialect, pretty=True, copy=False)


def query(system: System, *, as_of: date) -> exp.Select:
    """Return the statement as a sqlglot tree."""
    steps = {**own_steps(system, as_of), "own": _own(system, as_of), **relations.steps(system, as_of)}
    steps |= relations.related(system)
    return _with(final(system), steps)


def own(system: System, *, as_of: date, between: Between = EVERYONE) -> exp.Select:
    """Return the query of what the records of each subject say on it alone, for the subjects between two keys."""
    return _with(_own(system, as_of), own_steps(system, as_of, between))


def every_nth_subject(system: System, number_: int) -> str:
    """Return the SELECT of every so many-th subject key of the population, in order, for DuckDB."""
    keys = [exp.select(column("_subject")).from_(table(code)) for code in system.definition.population.items]
    everyone = exp.union(*keys) if keys[1:] else keys[0].distinct()
    place = exp.Window(
        this=exp.RowNumber(), order=exp.Order(expressions=[exp.Ordered(this=column("_subject"))])
    )
    numbered = exp.select(column("_subject"), exp.alias_(place, "place")).from_(everyone.subquery("everyone"))
    due = exp.EQ(this=exp.Mod(this=column("place"), expression=number(number_)), expression=number(0))
    chosen = exp.select(column("_subject")).from_(numbered.subquery("numbered")).where(due)
    return chosen.order_by(column("_subject")).sql(dialect="duckdb")


def own_steps(system: System, as_of: date, between: Between = EVERYONE) -> Steps:
    """Return the steps that end in one row of each item per subject."""
    steps: Steps = {"population": _population(system, as_of, between), "delivered": _delivered(system)}
    for code in items_read(system):
        steps[f"from_{table(code)}"] = _from_item(Rows(system, code, as_of, between), system, code)
    return steps


def _with(query_: exp.Select, steps: Steps) -> exp.Select:
    for name, step in steps.items():
        query_ = query_.with_(name, as_=step, copy=False)
    return query_


def _population(system: System, as_of: date, between: Between) -> exp.Query:
    population = system.definition.population
    parts: list[exp.Query] = []
    for rank, code in enumerate(population.items):
        rows = Rows(system, code, as_of, between)
        where = [rows.known()]
        if population.where is not None and rank == 0:
            where.append(rows.condition(population.where))
        if population.subjects != "any":
            pattern = exp.Literal.string(f"^{PREFIXES[population.subjects]}$")
            where.append(exp.RegexpLike(this=column("_subject"), expression=pattern))
        about = _about(system.items[code]) | _of_unit(system)
        found = [named(what, name) for name, what in about.items()]
        order = named(rows.order(number(-rank)), "latest")
        subject = named(column("_subject"), "subject")
        parts.append(exp.select(subject, *found, order).from_(table(code)).where(*where))
    everyone = exp.union(*parts, distinct=False) if parts[1:] else parts[0]
    latest = [
        named(exp.ArgMax(this=column(name), expression=column("latest")), name)
        for name in ("name", "region", "industry", *_ties(system))
    ]
    return (
        exp.select(column("subject"), *latest)
        .from_(everyone.subquery("everyone"))
        .group_by(column("subject"))
    )


def _ties(system: System) -> list[str]:
    unit = system.definition.unit
    return [] if unit is None else [units.belongs(name) for name in unit.belongs_to]


def _of_unit(system: System) -> dict[str, exp.Expr]:
    """Return what the one item that units come from says of them."""
    unit = system.definition.unit
    if unit is None:
        return {}
    said = {"name": unit.name, "region": unit.region}
    ties = {units.belongs(name): units.told_of(tie) for name, tie in unit.belongs_to.items()}
    return {name: column(field) for name, field in said.items() if field is not None} | ties


def _about(item: Item) -> dict[str, exp.Expr]:
    """Return where an item says name, region and industry of a subject."""
    nothing = exp.cast(exp.null(), "TEXT")
    said = item.describes
    if said is None:
        return {"name": nothing, "region": nothing.copy(), "industry": nothing.copy()}
    # Digits 3 to 8 of a USCC, and after `R:` the first six of a registration number: where it was registered.
    registered = exp.Substring(this=column("_subject"), start=number(3), length=number(6))
    fixed = exp.Literal.string(said.fixed_region) if said.fixed_region else nothing
    unsaid = registered if said.region_of_code else fixed
    return {
        "name": column(said.name),
        "region": column(said.region) if said.region else unsaid,
        "industry": column(said.industry) if said.industry else nothing.copy(),
    }


def _delivered(system: System) -> exp.Query:
    """Say for every region which items were ever delivered for it; an unknown region takes any delivery."""
    regions = exp.select(column("region")).distinct().from_("population").subquery("regions")
    covers = exp.or_(
        absent(exp.column("region", "regions", quoted=True)),
        exp.StartsWith(
            this=exp.column("region", "regions", quoted=True),
            expression=exp.column("region_prefix", "_collected", quoted=True),
        ),
    )
    flags = []
    for code in items_read(system):
        found = exp.EQ(
            this=exp.column("item", "_collected", quoted=True), expression=exp.Literal.string(code)
        )
        flag = exp.Coalesce(this=exp.LogicalOr(this=found), expressions=[exp.false()])
        flags.append(named(flag, collected_column(code)))
    region = exp.column("region", "regions", quoted=True)
    return (
        exp.select(region, *flags)
        .from_(regions, copy=False)
        .join("_collected", on=covers, join_type="left", copy=False)
        .group_by(region.copy(), copy=False)
    )


def _from_item(rows: Rows, system: System, code: str) -> exp.Query:
    found: list[exp.Expr] = [named(column("_subject"), "subject")]
    for name, feature in system.definition.features.items():
        if feature.item == code:
            found += [named(what, as_) for as_, what in _aggregates(rows, name, feature).items()]
    whole = exp.select(*found).from_(table(code), copy=False).where(rows.counting(), copy=False)
    return whole.group_by(column("_subject"), copy=False)


def _aggregates(rows: Rows, name: str, feature: Feature) -> dict[str, exp.Expr]:
    conditions = _chosen(rows, feature)
    of = column(feature.of) if feature.of else column("_event_date")
    match feature.take:
        case Take.COUNT | Take.SUM:
            return {name: rows.summed(feature, conditions)}
        case Take.EXISTS:
            return {name: than(exp.GT, _filtered(exp.Count(this=exp.Star()), conditions), 0)}
        case Take.SHARE:
            whole = [rows.condition(str(feature.among)), *rows.window(feature.within)]
            counted = exp.Count(this=exp.Star())
            return {name: _filtered(counted, conditions), f"{name}__among": _filtered(counted.copy(), whole)}
        case Take.LATEST:
            stated = [*conditions, exp.not_(absent(of))]
            return {name: _filtered(exp.ArgMax(this=of, expression=rows.order()), stated)}
        case Take.DISTINCT:
            return {name: _filtered(exp.Count(this=exp.Distinct(expressions=[of])), conditions)}
        case Take.MIN:
            return {name: _filtered(exp.Min(this=of), conditions)}
        case _:
            return {name: _filtered(exp.Max(this=of), conditions)}


def _chosen(rows: Rows, feature: Feature) -> list[exp.Expr]:
    chosen = [rows.condition(text) for text in (feature.where, feature.among) if text is not None]
    return [*chosen, *rows.window(feature.within)]


def _filtered(aggregate: exp.Expr, conditions: Iterable[exp.Expr]) -> exp.Expr:
    where = [one.copy() for one in conditions]
    return exp.Filter(this=aggregate, expression=exp.Where(this=exp.and_(*where))) if where else aggregate


def _own(system: System, as_of: date) -> exp.Select:
    """Join what every item says, with 0 for none and NULL for not collected or missing."""
    about = [
        exp.column(name, "population", quoted=True)
        for name in ("subject", "name", "region", "industry", *_ties(system))
    ]
    found: list[exp.Expr] = [*about, named(literal(as_of), "as_of")]
    codes = items_read(system)
    flags = {code: _collected(code) for code in codes}
    for name, feature in system.definition.features.items():
        if feature.item is not None:
            found.append(named(_value(system, name, feature, flags[feature.item], as_of), name))
    found += [named(flags[code].copy(), collected_column(code)) for code in codes]
    # In place: each step would copy all the columns otherwise, hundreds of them.
    joined = exp.select(*found).from_("population", copy=False)
    regions = (exp.column("region", of, quoted=True) for of in ("population", "delivered"))
    same = exp.NullSafeEQ(**dict(zip(("this", "expression"), regions, strict=True)))
    joined.join("delivered", on=same, join_type="left", copy=False)
    for code in codes:
        source = f"from_{table(code)}"
        subjects = [exp.column("subject", of, quoted=True) for of in ("population", source)]
        its = exp.EQ(this=subjects[0], expression=subjects[1])
        joined.join(source, on=its, join_type="left", copy=False)
    return joined


def _collected(code: str) -> exp.Expr:
    """Return whether an item was collected for a subject: delivered for its region, or there with a row."""
    row = exp.not_(absent(exp.column("subject", f"from_{table(code)}", quoted=True)))
    return exp.paren(exp.or_(exp.column(collected_column(code), "delivered", quoted=True), row))


def _value(system: System, name: str, feature: Feature, collected: exp.Expr, as_of: date) -> exp.Expr:
    source = f"from_{table(str(feature.item))}"
    value: exp.Expr = exp.column(name, source, quoted=True)
    kind = inputs(system)[name]
    if feature.take is Take.EXISTS:
        return case((collected, exp.Coalesce(this=value, expressions=[exp.false()])))
    if feature.take is Take.SHARE:
        among = exp.column(f"{name}__among", source, quoted=True)
        share = exp.paren(exp.Mul(this=value, expression=number(10_000, wide=True))) // among
        return case((than(exp.GT, among, 0), wide(share)))
    if feature.take is Take.DAYS_SINCE:
        value = exp.DateDiff(this=literal(as_of), expression=value, unit=exp.var("DAY"))
    if kind.type is not Type.INTEGER:
        return value
    held = hold(value, tree.limits(kind))
    if feature.take in {Take.COUNT, Take.SUM, Take.DISTINCT}:
        none = hold_number(0, tree.limits(kind))
        return case((collected, exp.Coalesce(this=held, expressions=[none])))
    return held


def hold(value: exp.Expr, bounds: tuple[int, int]) -> exp.Expr:
    """Return a number held inside bounds, as BIGINT."""
    low, high = bounds
    below, above = than(exp.LT, value, low), than(exp.GT, value, high)
    return wide(case((below, number(low)), (above, number(high)), otherwise=value))


def hold_number(value: int, bounds: tuple[int, int]) -> exp.Expr:
    """Return a written number held inside bounds."""
    return number(min(max(value, bounds[0]), bounds[1]), wide=True)


def final(system: System) -> exp.Select:
    """Return the query that joins what relations say to `own`, and leaves out whom the system does not apply to."""
    definition = system.definition
    found: list[exp.Expr] = [
        exp.column(name, "own", quoted=True) for name in ("subject", "name", *ABOUT_ORDER, *_ties(system))
    ]
    computed: Mapping[str, exp.Expr] = relations.values(system)
    for name in definition.features:
        what = computed.get(name, exp.column(name, "own", quoted=True))
        found.append(named(what, name) if name in computed else what)
    found += [exp.column(collected_column(code), "own", quoted=True) for code in items_read(system)]
    found += beside.columns(system)
    joined = exp.select(*found).from_("own", copy=False)
    for source, on in (*relations.joins(system), *beside.joins(system)):
        joined.join(source, on=on, join_type="left", copy=False)
    if definition.applies_when is None:
        return joined
    node = parse(definition.applies_when, names=inputs(system) | ABOUT, wanted=Type.TRUTH)
    return exp.select("*").from_(joined.subquery("everyone")).where(Writer().condition(node))


ABOUT_ORDER = ("region", "industry", "as_of")
