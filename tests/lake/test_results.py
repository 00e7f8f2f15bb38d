"""Results of evaluations: kept once, found by subject."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from creditmesh.lake.store import Lake


@pytest.fixture
def scored(tmp_path: Path) -> Path:
    file = tmp_path / "scored.parquet"
    subjects = [f"P:{number:05d}" for number in range(50_000, 0, -1)]
    pq.write_table(
        pa.table({"subject": subjects, "score": list(range(50_000)), "grade": ["A"] * 50_000}), file
    )
    return file


class TestResults:
    def test_are_found_by_subject(self, lake: Lake, scored: Path) -> None:
        lake.keep_results(system="general", run="r1", file=scored)

        assert lake.result("general", "r1", "P:00003") == {
            "subject": "P:00003",
            "score": 49_997,
            "grade": "A",
        }
        assert lake.result("general", "r1", "P:99999") is None
        assert lake.result("general", "r2", "P:00003") is None

    def test_are_kept_once(self, lake: Lake, scored: Path, tmp_path: Path) -> None:
        lake.keep_results(system="general", run="r1", file=scored)
        other = tmp_path / "other.parquet"
        pq.write_table(pa.table({"subject": ["P:00003"], "score": [1], "grade": ["D"]}), other)

        lake.keep_results(system="general", run="r1", file=other)

        found = lake.result("general", "r1", "P:00003")
        assert found is not None
        assert found["score"] == 49_997

    def test_are_sorted_so_that_one_subject_is_in_one_small_part(self, tmp_path: Path, scored: Path) -> None:
        lake = Lake(str(tmp_path / "lake"))
        lake.keep_results(system="general", run="r1", file=scored)

        (file,) = lake.results_file("general", "r1")
        parts = pq.ParquetFile(file)
        assert parts.num_row_groups > 1
        assert parts.read(["subject"]).column("subject").to_pylist() == sorted(
            pq.read_table(scored).column("subject").to_pylist()
        )

    def test_of_no_run_have_no_file(self, lake: Lake) -> None:
        assert lake.results_file("general", "r1") == []
