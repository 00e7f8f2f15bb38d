"""From records to grade: whatever is added to an enterprise's records, taken away or changed, if it makes no input better
it brings no better grade; over every shipped system as it is run."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest
from tests.scoring import monotone

from creditmesh.catalogue.model import FieldDefinition, Item, Kind
from creditmesh.scoring import loading
from creditmesh.scoring.definition.given import given
from creditmesh.scoring.definition.loaded import System, inputs
from creditmesh.scoring.plan import compile_plan
from creditmesh.scoring.records import touching
from creditmesh.scoring.records.one import FromRecords
from creditmesh.scoring.targets.to_python import function

SHIPPED = loading.shipped()
AS_OF = date(2026, 6, 30)
ABOUT = {"subject": "S", "name": None, "region": "990121001", "industry": "C1441"}
Row = dict[str, Any]
Records = dict[str, list[Row]]


@cache
def prepared(name: str) -> tuple[System, Any, Any, FromRecords]:
    """Return a system, its plan, its function, and its inputs as functions of records; of a device, of its own records."""
    system = loading.load(SHIPPED[name])
    plan = compile_plan(system)
    alone = replace(system, definition=system.definition.model_copy(update={"unit": None}))
    return system, plan, function(plan), FromRecords(alone, as_of=AS_OF)


def value(chance: Random, field: FieldDefinition) -> Any:
    if chance.random() < 0.15:
        return None
    match field.kind:
        case Kind.CHOICE:
            return chance.choice(sorted(field.choices))
        case Kind.DATE:
            return AS_OF - timedelta(chance.randrange(-60, 1200))
        case Kind.BOOLEAN:
            return chance.random() < 0.5
        case Kind.INTEGER | Kind.MONEY | Kind.PERCENT:
            low = field.minimum or 0
            return chance.randrange(
                low, max(low, min(field.maximum or 10**9, chance.choice((3, 100, 10**9)))) + 1
            )
    return f"{field.name}{chance.randrange(3)}"


def record(chance: Random, item: Item, nth: int) -> Row:
    row: Row = {field.name: value(chance, field) for field in item.fields}
    happened = row[item.event_date] if item.event_date else None
    return row | {"_key": str(nth), "_subject": "S", "_row": nth, "_seq": nth, "_event_date": happened}


def changed(chance: Random, system: System, records: Records) -> Records:
    """Add a record, take one away, or write another value into one."""
    code = chance.choice(sorted(records))
    rows = list(records[code])
    what = chance.randrange(3)
    if what == 0 or not rows:
        rows.append(record(chance, system.items[code], len(rows) + 1))
    elif what == 1:
        rows.pop(chance.randrange(len(rows)))
    else:
        place = chance.randrange(len(rows))
        item = system.items[code]
        field = chance.choice(item.fields)
        rows[place] = {**rows[place], field.name: value(chance, field)}
        if field.name == item.event_date:
            rows[place]["_event_date"] = rows[place][field.name]
    return {**records, code: rows}


def is_no_better(system: System, before: Row, after: Row) -> bool:
    """Return whether no input is better afterwards, and some is another; what says no way must be the same."""
    ways = monotone.worsenings(system)
    differing = [name for name in inputs(system) if before[name] != after[name]]
    for name in differing:
        one, other, way = before[name], after[name], ways.get(name)
        if one is None or other is None or way is None:
            return False
        if (other > one) != (way == "more"):
            return False
    return bool(differing)


def compare(name: str, chance: Random, *, records: int, changes: int) -> int:
    """Compare so many changes of so many enterprises, and return how many of them made something worse and nothing better."""
    system, plan, score, made = prepared(name)
    found = 0
    for _ in range(records):
        held: Records = {
            code: [record(chance, system.items[code], nth) for nth in range(chance.randrange(4))]
            for code in touching.items_of(system)
        }
        drawn = monotone.record(chance, system, plan)
        beside = {name: drawn[name] for name in given(system)}
        related = {name: drawn[name] for name, one in system.definition.features.items() if one.item is None}
        delivered = dict.fromkeys(held, True)

        def row(of: Records, delivered=delivered, related=related, beside=beside) -> Row:
            return made.inputs(of, about=ABOUT, delivered=delivered, related=related) | beside

        before = row(held)
        for _ in range(changes):
            after = row(changed(chance, system, held))
            if is_no_better(system, before, after):
                found += 1
                monotone.never_better(plan, score, (before, after, "as_of"))
    return found


@pytest.mark.parametrize("name", SHIPPED)
class TestAnyChangeOfRecords:
    def test_that_makes_no_input_better_brings_no_better_grade(self, name: str) -> None:
        assert compare(name, Random(name), records=12, changes=25) > 5

    @pytest.mark.slow
    def test_of_many_enterprises_neither(self, name: str) -> None:
        assert compare(name, Random(f"{name} again"), records=200, changes=60) > 200
