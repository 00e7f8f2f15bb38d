"""Records whose publicity may have ended by itself, looked for in the lake."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

import duckdb

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.records.rules import RecordRef
from creditmesh.apps.sharing.rights.rules.repairs import FULFILLED, LAST_DAYS, is_repairable, longest_months
from creditmesh.catalogue import rule_packs
from creditmesh.catalogue.model import Catalogue, Item
from creditmesh.kernel.periods import add_months
from creditmesh.lake import columns


def over(*, node: ThisNode, on: date, most: int, turn: str) -> tuple[RecordRef, ...]:
    """Return records, at most so many, whose own last day is past, or whose duties are done and which are old.

    Old is as old as the shortest of the longest publicities of the item: the rules look at each more closely.
    Records that are stopped already are not among them. `turn` shuffles them, so that records the rules find
    not over yet cannot stand before the others for ever.
    """
    return tuple(islice(_over(node, on, turn), most))


def _over(node: ThisNode, on: date, turn: str) -> Iterator[RecordRef]:
    wanted = [item for item in node.catalogue.items.values() if is_repairable(item)]
    if not wanted:
        return
    lists = tuple(
        one.model_copy(update={"items": tuple(item for item in one.items if item in wanted)})
        for one in node.catalogue.lists
    )
    with node.lake.connection(catalogue=Catalogue.model_construct(lists=lists)) as engine:
        for item in wanted:
            yield from _of_item(engine, item, on, turn)


def _of_item(engine: duckdb.DuckDBPyConnection, item: Item, on: date, turn: str) -> Iterator[RecordRef]:
    names = {one.name for one in item.fields}
    conditions = [f'"{name}" < $day' for name in LAST_DAYS if name in names]
    months = longest_months(item, pack=rule_packs.load(), on=on)
    if "fulfilment" in names and months is not None:
        listed = ", ".join(columns.quoted(one) for one in sorted(FULFILLED))
        # Months are of several lengths: a few days more, and the rules decide.
        old = add_months(on, -months) + timedelta(days=3)
        conditions.append(f"fulfilment IN ({listed}) AND _event_date <= DATE '{old}'")
    if not conditions:
        return
    view = columns.folder_name(item.code)
    rows = engine.execute(
        f"SELECT _subject, _key FROM {view} WHERE _event_date <= $day AND ({' OR '.join(conditions)}) "  # noqa: S608
        "ORDER BY hash(_key, $turn), _key",
        {"day": on, "turn": turn},
    )
    while found := rows.fetchmany(500):
        for subject, key in found:
            yield RecordRef(subject=subject, item=item.code, key=key)
