"""The Python function and the staged SQL of a system give the same answer in every column."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from tests.scoring import random_systems
from tests.scoring.combined import GENERAL, WEIGHTED, food, row
from tests.scoring.example import CATALOGUE, FILE, TODAY, compiled

from creditmesh.catalogue.reading import parse
from creditmesh.scoring import loading
from creditmesh.scoring.definition.given import given as given_beside
from creditmesh.scoring.definition.loaded import System, inputs
from creditmesh.scoring.language.parsing import NotUnderstood
from creditmesh.scoring.language.tree import Type
from creditmesh.scoring.plan import Plan, compile_plan
from creditmesh.scoring.targets import to_python, to_sql

ARROW = {Type.INTEGER: pa.int64(), Type.TEXT: pa.string(), Type.DATE: pa.date32(), Type.TRUTH: pa.bool_()}
ABOUT = {
    "subject": pa.string(),
    "name": pa.string(),
    "region": pa.string(),
    "industry": pa.string(),
    "as_of": pa.date32(),
}


def by_sql(system: System, plan: Plan, rows: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
    """Score rows by the staged SQL."""
    types = ABOUT | {name: ARROW[one.type] for name, one in (inputs(system) | given_beside(system)).items()}
    types |= dict.fromkeys(plan.collected, pa.bool_()) | dict.fromkeys(plan.ties, pa.string())
    wide = pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in types.items()})
    connection = engine()
    connection.register("wide", wide)
    found = connection.execute(to_sql.statement(plan, inputs="wide"))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@cache
def engine() -> duckdb.DuckDBPyConnection:
    """Return one connection for all systems: opening it takes long beside a few rows."""
    return duckdb.connect(config={"threads": 1})


def by_python(plan: Plan, rows: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
    """Score rows by the generated function."""
    score = to_python.function(plan)
    return [{**row, **score(row).columns(reasons=plan.reasons)} for row in rows]


def differing(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> list[dict[str, tuple[object, object]]]:
    """Return, row by row, the columns in which two results differ."""
    assert [sorted(row) for row in one] == [sorted(row) for row in other]
    pairs = zip(one, other, strict=True)
    found = [{key: (row[key], again[key]) for key in row if row[key] != again[key]} for row, again in pairs]
    return [row for row in found if row]


class TestAnySystem:
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_gives_the_same_in_python_and_in_sql(self, data):
        self.the_same(data)

    @pytest.mark.slow
    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_of_many_shapes_does_too(self, data):
        self.the_same(data)

    def the_same(self, data):
        system = data.draw(random_systems.systems())
        try:
            plan = compile_plan(system)
        except NotUnderstood:
            reject()
        rows = data.draw(st.lists(random_systems.rows(system, plan), min_size=1, max_size=20))

        assert differing(by_sql(system, plan, rows), by_python(plan, rows)) == []

    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
    @given(system=random_systems.systems())
    def test_can_be_written_for_spark(self, system):
        try:
            plan = compile_plan(system)
        except NotUnderstood:
            reject()

        assert sqlglot.parse_one(to_sql.statement(plan, inputs="wide", dialect="spark"), read="spark")


def test_an_indicator_too_light_to_be_a_reason_is_none_in_either():
    text = FILE.read_text(encoding="utf-8")
    for old, new in (
        ("\n    weight: 3000\n", "\n    weight: 1\n"),
        ("\n    weight: 5000\n    minimum", "\n    weight: 7999\n    minimum"),
        ("        weight: 5000\n        value: days", "        weight: 1\n        value: days"),
        ("        weight: 5000\n        value: ratio", "        weight: 9999\n        value: ratio"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    system = loading.checked(parse(text, file="light.yml"), catalogue=CATALOGUE)
    plan = compile_plan(system)
    rows = synthetic(plan, system, 300).to_pylist()

    assert min(one.importance for one in plan.measures) == 0
    assert differing(by_sql(system, plan, rows), by_python(plan, rows)) == []


def synthetic(plan: Plan, system: System, many: int) -> pa.Table:
    """A large table of inputs that any machine makes alike: mostly small numbers, one in eight missing."""
    columns = ["'x' AS subject", "NULL::VARCHAR AS name"]
    columns += ["'6301' AS region", "['F521', 'C139', 'E47'][1 + (hash(i, 7) % 3)::INTEGER] AS industry"]
    columns += [f"DATE '{TODAY}' AS as_of"]
    for salt, (name, one) in enumerate((inputs(system) | given_beside(system)).items(), start=50):
        dice = f"hash(i, {salt})"
        values = {
            Type.TRUTH: f"{dice} % 20 = 0",
            Type.DATE: f"DATE '{TODAY}' - ({dice} % 9000)::INTEGER",
            Type.TEXT: f"{sorted(one.choices or 'ab')!r}[1 + ({dice} % {len(one.choices or 'ab')})::INTEGER]",
            Type.INTEGER: f"[0, 1, 3, ({dice} % 20000)::BIGINT, ({dice} >> 4)::BIGINT][1 + ({dice} % 5)::INTEGER]",
        }
        columns.append(f"CASE WHEN hash(i, {salt + 500}) % 8 > 0 THEN {values[one.type]} END AS {name}")
    columns += [f"hash(i, {salt}) % 10 > 0 AS {flag}" for salt, flag in enumerate(plan.collected)]
    columns += [f"'{tie}' AS {tie}" for tie in plan.ties]
    with duckdb.connect() as connection:
        query = f"SELECT {', '.join(columns)} FROM range({many}) AS r(i)"
        return connection.sql(query).to_arrow_table()


class TestShippedSystems:
    @pytest.mark.parametrize("name", [*loading.shipped(), "example"])
    def test_give_the_same_for_hundreds_of_rows(self, name):
        self.the_same(name, 600)

    @pytest.mark.slow
    @pytest.mark.parametrize("name", [*loading.shipped(), "example"])
    def test_give_the_same_for_thousands_of_rows(self, name):
        self.the_same(name, 5_000)

    def the_same(self, name, many):
        system, plan, _ = compiled(name)
        rows = synthetic(plan, system, many).to_pylist()

        assert differing(by_sql(system, plan, rows), by_python(plan, rows)) == []

    def test_refuse_alike_where_a_part_has_no_result(self):
        system = food(WEIGHTED, GENERAL.replace("missing: skip", "missing: refuse"))
        plan = compile_plan(system)
        about = {"name": None, "as_of": TODAY}
        rows = [row(**about, moving=9), row(**about, part_general_score=0, part_general_rank=0)]

        found = by_sql(system, plan, rows)
        assert differing(found, by_python(plan, rows)) == []
        assert [one["outcome"] for one in found] == ["insufficient", "graded"]
