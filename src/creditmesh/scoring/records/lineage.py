"""Which records stand behind an input: the item, the filter in words, and the condition that selects them."""

from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from creditmesh.catalogue.model import Text
from creditmesh.scoring.definition.features import Feature
from creditmesh.scoring.definition.loaded import System, table
from creditmesh.scoring.definition.parts import Window
from creditmesh.scoring.records.rows import Rows

UNITS = {
    "days": Text(zh="天", en="days"),
    "months": Text(zh="个月", en="months"),
    "years": Text(zh="年", en="years"),
}


@dataclass(frozen=True)
class Lineage:
    """The records of one item behind an input.

    `SELECT * FROM {view} WHERE _subject = ? AND ({predicate})` gives those of one subject.
    """

    feature: str
    label: Text
    take: str
    item: str
    item_label: Text
    view: str
    predicate: str
    filter: str
    window: Text | None
    relation: str | None = None


def of(system: System, *, feature: str, as_of: date) -> tuple[Lineage, ...]:
    """Return the records behind a feature; of one over relations, the records that tie the subject to others."""
    one = system.definition.features[feature]
    if one.item is not None:
        rows = Rows(system, one.item, as_of)
        return (_line(system, feature, one, one.item, exp.and_(rows.counting(), *chosen(rows, one))),)
    found = []
    for name in one.relations:
        relation = system.definition.relations[name]
        rows = Rows(system, relation.item, as_of)
        conditions = [] if relation.where is None else [rows.condition(relation.where)]
        found.append(_line(system, feature, one, relation.item, exp.and_(rows.counting(), *conditions), name))
    return tuple(found)


def chosen(rows: Rows, feature: Feature) -> list[exp.Expr]:
    """Return the conditions of a feature on the rows of its item; of a share, those of the whole."""
    texts = [feature.where] if feature.among is None else [feature.among]
    return [*(rows.condition(text) for text in texts if text is not None), *rows.window(feature.within)]


def _line(
    system: System, name: str, feature: Feature, item: str, condition: exp.Expr, relation: str | None = None
) -> Lineage:
    words = [text for text in (feature.among, feature.where) if text is not None]
    records = system.definition.records.get(item)
    return Lineage(
        feature=name,
        label=feature.label,
        take=str(feature.take),
        item=item,
        item_label=system.items[item].label,
        view=table(item),
        predicate=condition.sql(dialect="duckdb"),
        filter=" and ".join([*words, *([records.counts_when] if records else [])]),
        window=_window(feature.within),
        relation=relation,
    )


def _window(within: Window | None) -> Text | None:
    if within is None:
        return None
    unit = UNITS[within.unit]
    return Text(zh=f"近{within.number}{unit.zh}", en=f"the last {within.number} {unit.en}")
