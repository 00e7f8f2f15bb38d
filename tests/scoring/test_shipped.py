"""Every shipped system: its cases pass in Python and in SQL, and a worse record never gives a better grade."""

from random import Random

import pytest
from tests.scoring import monotone
from tests.scoring.example import CATALOGUE, FILE, compiled
from tests.scoring.test_parity import by_python, by_sql, differing

from creditmesh.scoring import cases, loading
from creditmesh.scoring.plan import MILLI, compile_plan
from creditmesh.scoring.targets.to_python import source

SHIPPED = loading.shipped()
ABOUT = {"subject": "x", "name": None}
NOT_ROW_BY_ROW = {"example", "public-credit", "public-credit-jinan"}


def rows_of(one):
    """Return the milli-points of every row of an indicator's table; of what counts events, its cap."""
    if one.per_event is not None:
        return {one.per_event.cap * MILLI}
    if one.boolean is not None:
        return {one.boolean.yes * MILLI, one.boolean.no * MILLI}
    if one.lookup is not None:
        return {points * MILLI for points in one.lookup.points.values()}
    return {row.points * MILLI for row in one.bands or one.linear or ()}


@pytest.mark.parametrize("name", [*SHIPPED, "example"])
class TestEverySystem:
    def path(self, name):
        return FILE if name == "example" else SHIPPED[name]

    def system(self, name):
        return compiled(name)[0]

    def test_passes_its_cases(self, name):
        results = cases.check(self.path(name), catalogue=CATALOGUE if name == "example" else None)

        assert results
        assert [f"{one.name}: {one.problem}" for one in results if not one.passed] == []

    def test_passes_its_cases_in_sql_too(self, name):
        system = self.system(name)
        plan = compile_plan(system)
        about = ABOUT | dict.fromkeys(plan.ties)
        rows = [{**about, **row} for _, row in cases.rows(system, self.path(name).with_suffix(".cases.yml"))]

        assert differing(by_sql(system, plan, rows), by_python(plan, rows)) == []

    def test_has_a_case_for_every_trigger_cap_and_exclusion(self, name):
        system = self.system(name)
        definition = system.definition
        told = cases.rows(system, self.path(name).with_suffix(".cases.yml"))
        seen = {
            id_
            for case, _ in told
            for id_ in (*case.expect.triggers, *case.expect.caps, *case.expect.exclusions)
        }

        assert {
            one.id for one in (*definition.triggers, *definition.caps, *definition.exclusions)
        } - seen == set()

    @pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))])
    def test_never_gives_a_worse_record_a_better_grade(self, name, seed):
        system, plan, score = compiled(name)
        chance = Random(seed)

        for _ in range(50):
            monotone.check(chance, system, plan, score)

    def test_has_a_case_for_every_row_of_every_table(self, name):
        if name in NOT_ROW_BY_ROW:
            pytest.skip("its cases speak of enterprises, not of the rows of its tables")
        system = self.system(name)
        asserted = {
            (id_, points)
            for case, _ in cases.rows(system, self.path(name).with_suffix(".cases.yml"))
            for id_, points in case.expect.points.items()
        }

        assert {
            (one.id, points) for one in system.definition.indicators for points in rows_of(one)
        } - asserted == set()

    def test_is_written_as_python_that_can_be_read(self, name):
        text = source(compile_plan(self.system(name)))

        assert text.startswith("def score(_row):\n    as_of = _row")
        assert max(map(len, text.splitlines())) < 20_000
