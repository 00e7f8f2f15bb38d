"""A unit of scoring other than the enterprise: the item views told per unit, so that features need not know.

The view of an item is put behind one of the same name whose `_subject` is the key of the unit a row speaks of. An item
reached through a tie shows its rows once for each unit tied to the enterprise they are about.
"""

from collections.abc import Collection

from sqlglot import exp

from creditmesh.scoring.definition.loaded import System, items_read, table
from creditmesh.scoring.definition.units import DEVICE, Reach, Tie, Unit
from creditmesh.scoring.language.building import absent, column, every, fresh, named, text

HOLDER = "_holder"  # the enterprise a row of a unit's item is about
TIES = "_ties"
Shown = dict[str, exp.Query]


def belongs(tie: str) -> str:
    """Return the name of the column that holds the enterprise behind a tie."""
    return f"belongs_{tie}"


def told_of(tie: Tie) -> exp.Expr:
    """Return where the unit's own item says the enterprise behind a tie."""
    return exp.cast(column(HOLDER if tie.field is None else tie.field), "TEXT")


def views(system: System, *, within: str, items: Collection[str] | None = None) -> Shown:
    """Return the views of a system that scores units, by name and in order; none for one that scores enterprises.

    `within` is the catalogue of the engine in whose schema `main` the views of the lake stand; `items` those
    that are there, all that features read unless said.
    """
    unit = system.definition.unit
    if unit is None:
        return {}
    first = system.definition.population.items[0]
    shown: Shown = {table(first): _by_key(first, unit.key, within)}
    reached = {code: unit.items[code] for code in items_read(system) if code in unit.items}
    if items is not None:
        reached = {code: reach for code, reach in reached.items() if code in items}
    if any(reach.through is not None for reach in reached.values()):
        shown[TIES] = _ties(unit, first)
    for code, reach in reached.items():
        shown[table(code)] = _reached(code, reach, within)
    return shown


def _reached(code: str, reach: Reach, within: str) -> exp.Query:
    if reach.key is not None:
        return _by_key(code, reach.key, within)
    source = exp.to_table(table(code), db="main", catalog=within, alias="row")
    tied = exp.column(belongs(str(reach.through)), TIES, quoted=True)
    same = exp.EQ(this=tied, expression=exp.column("_subject", "row", quoted=True))
    columns = [
        exp.Column(this=exp.Star(except_=[exp.to_identifier("_subject", quoted=True)]), table="row"),
        named(exp.column("subject", TIES, quoted=True), "_subject"),
        named(exp.column("_subject", "row", quoted=True), HOLDER),
    ]
    return exp.select(*columns).from_(source).join(TIES, on=same)


def _by_key(code: str, key: str, within: str) -> exp.Query:
    there = every(exp.not_(absent(column(key))))
    columns = [
        exp.Star(except_=[exp.to_identifier("_subject", quoted=True)]),
        named(_keyed(column(key)), "_subject"),
        named(column("_subject"), HOLDER),
    ]
    return exp.select(*columns).from_(exp.to_table(table(code), db="main", catalog=within)).where(there)


def _keyed(code: exp.Expr) -> exp.Expr:
    return exp.DPipe(this=text(DEVICE), expression=exp.cast(fresh(code), "TEXT"), safe=True)


def _ties(unit: Unit, first: str) -> exp.Query:
    """Say of every unit which enterprises stand behind its ties."""
    told = [named(told_of(tie), belongs(name)) for name, tie in unit.belongs_to.items()]
    subject = named(column("_subject"), "subject")
    return exp.select(subject, *told).distinct().from_(table(first))
