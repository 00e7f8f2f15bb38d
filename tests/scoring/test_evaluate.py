"""A run: everyone in one sorted file that explains and replays itself."""

from datetime import date

import duckdb
import pytest
from tests.scoring.example import TODAY, World, example

from creditmesh.scoring import evaluate
from creditmesh.scoring.plan import compile_plan
from creditmesh.scoring.records import features
from creditmesh.scoring.targets import to_sql

A, B, C = (letter * 18 for letter in "ABC")


@pytest.fixture
def town():
    """Three enterprises: one clean, one listed and tied to the first, one gone."""
    world = World()
    world.enterprise(C, status="deregistered")
    world.enterprise(B, legal_representative_id="p1")
    world.enterprise(A, legal_representative_id="p1", subscribed_capital=10**8, paid_in_capital=10**8)
    world.record("TST-05", B, listed_on=TODAY)
    world.record("TST-02", A, decided_on=TODAY, kind="fine", fine=500)
    return world


def result(world, path):
    """Return the rows of a result file."""
    return world.query(f"FROM read_parquet('{path}')")


class TestARun:
    def test_says_how_everyone_came_out(self, town, tmp_path):
        summary = evaluate.run(town.connection, system=example(), as_of=TODAY, out=tmp_path / "r.parquet")

        assert summary == evaluate.Summary(3, {"A": 0, "B": 1, "C": 0, "D": 1}, 0, 1)

    def test_writes_one_sorted_row_per_subject_and_leaves_nothing_else(self, town, tmp_path):
        evaluate.run(town.connection, system=example(), as_of=TODAY, out=tmp_path / "r.parquet")
        rows = result(town, tmp_path / "r.parquet")

        assert [(row["subject"], row["grade"], row["outcome"], row["triggers"]) for row in rows] == [
            (A, "B", "graded", None),
            (B, "D", "graded", "serious_list"),
            (C, None, "excluded", None),
        ]
        assert list(rows[0]) == to_sql.columns(compile_plan(example()))
        assert [path.name for path in tmp_path.iterdir()] == ["r.parquet"]

    def test_can_be_replayed_row_by_row(self, town, tmp_path):
        evaluate.run(town.connection, system=example(), as_of=TODAY, out=tmp_path / "r.parquet")
        plan = compile_plan(example())

        for row in result(town, tmp_path / "r.parquet"):
            assert evaluate.replay(plan, row=row) == {}
            assert evaluate.replay(plan, row={**row, "score": -1}) == {"score": (-1, row["score"])}

    def test_gives_the_same_file_again(self, town, tmp_path):
        for name in ("one", "two"):
            evaluate.run(town.connection, system=example(), as_of=TODAY, out=tmp_path / name)

        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()

    def test_knows_the_grades_of_the_run_before(self, town, tmp_path):
        town.connection.execute("DELETE FROM tst_05")
        first = tmp_path / "it's the first.parquet"
        evaluate.run(town.connection, system=example(), as_of=TODAY, out=first)
        town.connection.execute(
            f"COPY (SELECT * REPLACE ('D' AS grade) FROM '{str(first).replace(chr(39), chr(39) * 2)}') TO '{tmp_path}/d.parquet'"
        )

        evaluate.run(
            town.connection,
            system=example(),
            as_of=TODAY,
            out=tmp_path / "2",
            previous=f"{tmp_path}/d.parquet",
        )

        assert [row["related_bad_share"] for row in result(town, tmp_path / "2")] == [10_000, 10_000, None]

    def test_as_of_an_earlier_day_knows_nothing_later(self, town, tmp_path):
        evaluate.run(town.connection, system=example(), as_of=date(2026, 1, 1), out=tmp_path / "r.parquet")

        assert [row["grade"] for row in result(town, tmp_path / "r.parquet")] == ["A", "A", None]

    def test_gives_the_same_whatever_it_takes_at_once(self, town, tmp_path, monkeypatch):
        evaluate.run(town.connection, system=example(), as_of=TODAY, out=tmp_path / "whole.parquet")
        monkeypatch.setattr(evaluate, "SUBJECTS_AT_ONCE", 1)

        evaluate.run(town.connection, system=example(), as_of=TODAY, out=tmp_path / "parts.parquet")

        assert result(town, tmp_path / "parts.parquet") == result(town, tmp_path / "whole.parquet")

    def test_reads_what_the_one_statement_says(self, town, tmp_path):
        town.connection.execute(evaluate.NOTHING)
        parts = evaluate.gather(town.connection, system=example(), as_of=TODAY, folder=tmp_path)
        stated = town.query(features.statement(example(), as_of=TODAY) + " ORDER BY subject")

        assert [row for part in parts for row in result(town, part)] == stated

    def test_over_nobody_is_empty(self, tmp_path):
        summary = evaluate.run(World().connection, system=example(), as_of=TODAY, out=tmp_path / "r.parquet")

        assert summary == evaluate.Summary(0, {"A": 0, "B": 0, "C": 0, "D": 0}, 0, 0)

    def test_that_fails_leaves_no_file_behind(self, town, tmp_path):
        town.connection.execute("DROP TABLE tst_04")
        (tmp_path / "r.parquet.parts").mkdir()
        with pytest.raises(duckdb.CatalogException, match="tst_04"):
            evaluate.run(town.connection, system=example(), as_of=TODAY, out=tmp_path / "r.parquet")

        assert list(tmp_path.iterdir()) == []
