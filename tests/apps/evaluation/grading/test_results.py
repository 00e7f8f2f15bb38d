"""What is made of a result file: its digest, its comparison with another, the rows for the database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from creditmesh.apps.evaluation.grading.operations import results

ROW = {
    "subject": "91630102MA7580000A",
    "name": "青禾乳业",
    "region": "990121003",
    "industry": "C1441",
    "penalties": 2,
    "score": 431_500,
    "grade": "B",
    "outcome": "graded",
    "exclusions": None,
    "triggers": None,
    "caps": None,
    "coverage_bp": 9_000,
    "reason1": "penalties",
    "reason2": None,
    "reason3": None,
}
GRADES = ("A", "B", "C", "D")


def written(path: Path, *rows: dict[str, Any]) -> list[str]:
    names = list(ROW)
    texts = {name for name, value in ROW.items() if not isinstance(value, int)}
    table = {
        name: pa.array([(ROW | row)[name] for row in rows], pa.string() if name in texts else pa.int64())
        for name in names
    }
    pq.write_table(pa.table(table), path)
    return [str(path)]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with results.connection(folder=str(tmp_path)) as opened:
        yield opened


A = {"subject": "A1", "score": 100, "grade": "A"}
B = {"subject": "B1", "score": 300, "grade": "B"}
D = {"subject": "D1", "score": 900, "grade": "D", "triggers": "serious_list", "caps": "young,abnormal"}


class TestTheDigest:
    def test_does_not_depend_on_the_order_of_rows_or_on_the_number_of_files(self, engine, tmp_path) -> None:
        whole = written(tmp_path / "whole.parquet", A, B, D)
        turned = written(tmp_path / "turned.parquet", D, A, B)
        parts = written(tmp_path / "1.parquet", B) + written(tmp_path / "2.parquet", D, A)

        digests = {results.digest(engine=engine, files=files) for files in (whole, turned, parts)}

        assert len(digests) == 1

    @pytest.mark.parametrize(
        "change", [{"score": 301}, {"reason2": ""}, {"grade": "C"}, {"coverage_bp": None}]
    )
    def test_changes_with_any_value(self, engine, tmp_path, change) -> None:
        before = results.digest(engine=engine, files=written(tmp_path / "a.parquet", A, B))
        after = results.digest(engine=engine, files=written(tmp_path / "b.parquet", A, B | change))
        assert before != after

    def test_changes_with_a_lost_row(self, engine, tmp_path) -> None:
        before = results.digest(engine=engine, files=written(tmp_path / "a.parquet", A, B))
        after = results.digest(engine=engine, files=written(tmp_path / "b.parquet", A))
        assert before != after

    def test_can_leave_out_columns_a_store_has_added(self, engine, tmp_path) -> None:
        files = written(tmp_path / "a.parquet", A)
        kept = tmp_path / "kept.parquet"
        engine.execute(f"COPY (SELECT *, 'x' AS run FROM '{files[0]}') TO '{kept}'")
        columns = results.column_names(engine=engine, files=files)
        assert results.digest(engine=engine, files=[str(kept)], columns=columns) == results.digest(
            engine=engine, files=files
        )


class TestComparingTwoResults:
    def test_equal_ones_have_no_difference(self, engine, tmp_path) -> None:
        one = written(tmp_path / "a.parquet", A, B)
        other = written(tmp_path / "b.parquet", B, A)
        assert results.compare(engine=engine, recorded=one, recomputed=other) == (0, ())

    def test_every_difference_is_told_with_its_subject(self, engine, tmp_path) -> None:
        one = written(tmp_path / "a.parquet", A, B)
        other = written(tmp_path / "b.parquet", A | {"score": 101, "grade": "B"}, D)

        total, found = results.compare(engine=engine, recorded=one, recomputed=other)

        assert total == 3
        assert [(one.subject, one.column, one.recorded, one.recomputed) for one in found] == [
            ("A1", "score", "100", "101"),
            ("A1", "grade", "A", "B"),
            ("B1", "*", "present", None),
            ("D1", "*", None, "present"),
        ]

    def test_the_examples_are_bounded_and_the_count_is_not(self, engine, tmp_path) -> None:
        many = [{"subject": f"S{number:03}"} for number in range(50)]
        one = written(tmp_path / "a.parquet", *many)
        other = written(tmp_path / "b.parquet", *(row | {"score": 1} for row in many))
        total, found = results.compare(engine=engine, recorded=one, recomputed=other)
        assert (total, len(found)) == (50, results.MOST_EXAMPLES)


class TestTheRowsForTheDatabase:
    def rows(self, engine, files, before=(), higher_is_worse=True) -> list[dict[str, Any]]:
        made = results.prepare_standings(
            engine=engine, files=files, before=before, grades=GRADES, higher_is_worse=higher_is_worse
        )
        found = [
            dict(zip(results.COLUMNS, row, strict=True))
            for chunk in results.standings(engine=engine)
            for row in chunk
        ]
        assert len(found) == made
        return found

    def test_the_worst_comes_first_and_places_have_no_gap(self, engine, tmp_path) -> None:
        worse_b = B | {"subject": "B0", "score": 449}
        found = self.rows(engine, written(tmp_path / "a.parquet", A, B, worse_b, D))
        assert [(row["place"], row["subject"], row["rank"]) for row in found] == [
            (1, "D1", 3),
            (2, "B0", 1),
            (3, "B1", 1),
            (4, "A1", 0),
        ]

    def test_where_a_high_score_is_good_the_low_ones_come_first(self, engine, tmp_path) -> None:
        better_b = B | {"subject": "B0", "score": 449}
        found = self.rows(engine, written(tmp_path / "a.parquet", B, better_b), higher_is_worse=False)
        assert [row["subject"] for row in found] == ["B1", "B0"]

    def test_those_left_out_come_last_without_a_grade(self, engine, tmp_path) -> None:
        gone = {"subject": "A0", "grade": None, "score": None, "outcome": "excluded", "exclusions": "revoked"}
        found = self.rows(engine, written(tmp_path / "a.parquet", gone, A))
        assert [(row["subject"], row["grade"], row["outcome"], row["triggers"]) for row in found] == [
            ("A1", "A", "graded", ""),
            ("A0", "", "excluded", "revoked"),
        ]

    def test_regions_and_industries_are_folded_and_triggers_joined(self, engine, tmp_path) -> None:
        unknown = A | {"region": None, "industry": "?"}
        found = self.rows(engine, written(tmp_path / "a.parquet", D, unknown))
        assert (found[0]["region_group"], found[0]["section"]) == ("990121003", "C")
        assert found[0]["triggers"] == "serious_list young abnormal"
        assert (found[1]["region"], found[1]["region_group"], found[1]["section"]) == (
            "",
            "unknown",
            "unknown",
        )

    def test_the_grade_before_stands_beside_the_grade(self, engine, tmp_path) -> None:
        before = written(tmp_path / "before.parquet", B | {"grade": "D"}, {"subject": "GONE"})
        found = self.rows(engine, written(tmp_path / "a.parquet", A, B), before)
        assert {row["subject"]: row["previous_grade"] for row in found} == {"A1": "", "B1": "D"}

    def test_a_system_may_give_fewer_reasons(self, engine, tmp_path) -> None:
        files = written(tmp_path / "a.parquet", A)
        fewer = tmp_path / "fewer.parquet"
        engine.execute(f"COPY (SELECT * EXCLUDE (reason2, reason3) FROM '{files[0]}') TO '{fewer}'")
        (found,) = self.rows(engine, [str(fewer)])
        assert (found["reason1"], found["reason2"], found["reason3"]) == ("penalties", "", "")

    def test_cells_sum_up_to_all(self, engine, tmp_path) -> None:
        self.rows(engine, written(tmp_path / "a.parquet", A, B, D, B | {"subject": "B2"}))
        cells = results.cells(engine=engine)
        assert sum(cell[-1] for cell in cells) == 4
        assert ("990121003", "C", "graded", "B", "", 2) in cells
