"""One enterprise from its records in plain Python: the same inputs as the SQL gives."""

from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.scoring.example import TODAY, World, feature, with_features

from creditmesh.scoring import evaluate
from creditmesh.scoring.definition.loaded import table
from creditmesh.scoring.loading import load, shipped
from creditmesh.scoring.records import features
from creditmesh.scoring.records.one import FromRecords, ManyUnits

A, B = (letter * 18 for letter in "AB")
ITEMS = ("TST-01", "TST-02", "TST-03", "TST-04", "TST-05")
MORE = "\n".join(
    feature(name, rest)
    for name, rest in {
        "x_share": "item: TST-02, take: share, where: \"kind == 'fine'\", among: fine >= 10, within: 3 years",
        "x_sum": "item: TST-02, take: sum, of: fine, decay: {half_life: 6 months}",
        "x_weighed": "item: TST-02, take: sum, of: fine, weigh: {by: kind, as: {fine: -2}, otherwise: 3}",
        "x_least": "item: TST-02, take: min, of: fine, bounds: {lowest: 5, highest: 500}",
        "x_most": "item: TST-02, take: max, of: decided_on",
        "x_kinds": "item: TST-02, take: distinct, of: kind",
        "x_last": "item: TST-02, take: latest, of: kind",
        "x_days": "item: TST-02, take: days_since, of: publicity_ends",
        "x_any": 'item: TST-02, take: exists, where: "fine is missing or event_date < as_of", within: 90 days',
    }.items()
)
SYSTEM = with_features(MORE)
days = st.integers(-1_500, 60).map(lambda n: TODAY + timedelta(n))
penalties = st.fixed_dictionaries(
    {
        "decided_on": st.none() | days,
        "kind": st.sampled_from([None, "warning", "fine", "revocation"]),
        "fine": st.none() | st.integers(0, 10**9),
        "repaired": st.sampled_from([None, False, True]),
        "publicity_ends": st.none() | days,
    }
)

FINED = [
    {
        "decided_on": TODAY - timedelta(40),
        "kind": kind,
        "fine": fine,
        "repaired": False,
        "publicity_ends": None,
    }
    for kind, fine in (("fine", 500), ("warning", None), (None, 70))
]


def in_python(world: World, told: dict[str, Any], collected: tuple[str, ...]) -> dict[str, Any]:
    """Return the inputs of A from its rows alone; what relations say is taken over."""
    records = {
        code: world.query(f"FROM {code.lower().replace('-', '_')} WHERE _subject = '{A}'") for code in ITEMS
    }
    return from_records().inputs(
        records,
        about={name: told[name] for name in ("subject", "name", "region", "industry")},
        delivered=dict.fromkeys(collected, True),
        related=told,
    )


@cache
def from_records() -> FromRecords:
    return FromRecords(SYSTEM, as_of=TODAY)


@cache
def in_sql() -> str:
    return features.statement(SYSTEM, as_of=TODAY)


@cache
def the_world() -> World:
    """Return one world for all examples; each empties it first."""
    world = World()
    world.connection.execute(evaluate.NOTHING)
    return world


def emptied(collected: set[str]) -> World:
    world = the_world()
    for code in world.items:
        world.connection.execute(f"DELETE FROM {table(code)}")
    world.connection.execute("DELETE FROM _collected")
    for code in sorted(collected):
        world.connection.execute("INSERT INTO _collected VALUES (?, '')", [code])
    return world


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(landed=st.lists(penalties, max_size=8), collected=st.sets(st.sampled_from(ITEMS)))
@example(landed=FINED, collected=set(ITEMS))
def test_gives_what_sql_gives(landed, collected) -> None:
    world = emptied(collected)
    world.enterprise(A)
    world.enterprise(B, legal_representative_id="p")
    for penalty in landed:
        world.record("TST-02", A, **penalty)
    told = next(row for row in world.query(in_sql()) if row["subject"] == A)

    found = in_python(world, told, tuple(collected))
    assert found == told
    assert {name: type(value) for name, value in found.items()} == {
        name: type(value) for name, value in told.items()
    }


def test_is_refused_for_units() -> None:
    with pytest.raises(ManyUnits, match="classify everyone"):
        FromRecords(load(shipped()["elevators"]), as_of=TODAY)
