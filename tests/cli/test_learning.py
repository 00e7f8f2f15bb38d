"""Learning and scoring by the command line, as a stranger with a table would try it."""

import csv
import gzip
import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.scoring.learning.tables import loans
from tests.scoring.learning.test_based import table as inputs_of_general
from typer.testing import CliRunner

from creditmesh.cli.main import app
from creditmesh.scoring import loading

QUICK = ("--simple", "--no-challenger")


def run(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def written(file: Path, *, rows: int = 300) -> Path:
    table = loans(rows)
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";")
    writer.writerow(table.column_names)
    writer.writerows(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))
    content = stream.getvalue().encode()
    file.write_bytes(gzip.compress(content) if file.suffix == ".gz" else content)
    return file


@pytest.fixture(scope="module")
def learnt(tmp_path_factory) -> Path:
    """Return a system learnt from a packed table with semicolons."""
    folder = tmp_path_factory.mktemp("learnt")
    answer = run(
        "fit", written(folder / "loans.csv.gz"), "--target", "y", "--out", folder / "loans.yml", *QUICK
    )
    assert answer.exit_code == 0, answer.output
    assert "(y is 1)" in answer.output
    return folder / "loans.yml"


class TestScores:
    def test_add_up_and_say_which_way_is_worse(self, learnt, tmp_path):
        out = tmp_path / "scores.parquet"
        answer = run(
            "score",
            learnt,
            written(tmp_path / "new.csv"),
            "--out",
            out,
            "--id",
            "编号",
            "--probability",
            "--json",
        )
        assert json.loads(answer.output)["direction"] == "higher_is_worse"
        found = pq.read_table(out).to_pydict()
        added = [name for name in found if name.startswith("points_")]
        assert list(found) == ["编号", "score", "grade", *added, "probability"]
        assert [sum(found[name][n] for name in added) for n in range(300)] == found["score"]
        assert np.all(
            np.argsort(found["score"], kind="stable") == np.argsort(found["probability"], kind="stable")
        )
        assert abs(np.mean(found["probability"]) - np.mean(loans(300)["y"].to_pylist())) < 0.05

    def test_tell_of_values_that_are_not_what_was_learnt_from(self, learnt, tmp_path):
        rows = loans(300).to_pylist()
        table = pa.Table.from_pylist([row | {"debt": "high" if n else None} for n, row in enumerate(rows)])
        pq.write_table(table, tmp_path / "new.parquet")

        answer = run("score", learnt, tmp_path / "new.parquet", "--out", tmp_path / "scores.parquet")
        drifted = run("drift", learnt, tmp_path / "new.parquet", "--json")

        assert "note on debt: 299 values cannot be read" in answer.output
        assert json.loads(drifted.output)["unreadable"] == {"debt": 299}

    def test_need_the_card_for_probabilities(self, learnt, tmp_path):
        alone = tmp_path / "alone.yml"
        alone.write_text(learnt.read_text(encoding="utf-8"), encoding="utf-8")
        asked = ("score", alone, written(tmp_path / "new.csv"), "--out", tmp_path / "s.parquet")
        assert run(*asked).exit_code == 0
        answer = run(*asked, "--probability")
        assert answer.exit_code == 1
        assert "There is no model card" in answer.output
        (tmp_path / "alone.card.json").write_text("{}", encoding="utf-8")
        assert "says nothing of probability" in run(*asked, "--probability").output
        (tmp_path / "alone.card.json").write_text("{", encoding="utf-8")
        assert "is not the JSON" in run(*asked, "--probability").output


class TestWeights:
    @pytest.mark.parametrize(
        ("option", "says"), [("--table", "lacks"), ("--data", "has all its columns points_...")]
    )
    def test_are_not_told_from_a_table_of_something_else(self, tmp_path, option, says):
        pq.write_table(loans(50), tmp_path / "loans.parquet")

        answer = run("weights", loading.shipped()["general"], option, tmp_path / "loans.parquet")

        assert answer.exit_code == 1
        assert says in f"{answer.output}{answer.exception}"


class TestFit:
    def test_tells_of_the_rows_kept_for_a_last_look(self, tmp_path):
        table = written(tmp_path / "loans.csv")
        answer = run("fit", table, "--target", "y", "--out", tmp_path / "x.yml", "--holdout", "0.2", *QUICK)
        assert "On the 60 rows kept for a last look: AUC 0." in " ".join(answer.output.split())

    def test_refuses_where_nothing_can_be_written_before_anything_is_learnt(self, tmp_path):
        table = written(tmp_path / "loans.csv")
        answer = run("fit", table, "--target", "y", "--out", tmp_path / "none" / "x.yml")
        assert answer.exit_code == 2

    def test_refuses_a_table_that_is_not_whole(self, tmp_path):
        pq.write_table(loans(100), tmp_path / "loans.parquet")
        (tmp_path / "half.parquet").write_bytes((tmp_path / "loans.parquet").read_bytes()[:400])

        answer = run("fit", tmp_path / "half.parquet", "--target", "y", "--out", tmp_path / "x.yml")

        assert answer.exit_code == 1
        assert "export it again" in f"{answer.output}{answer.exception}"

    def test_takes_a_time_column_of_any_name(self, tmp_path):
        table = inputs_of_general().rename_columns({"as_of": "as_of", "subject": "编号"})
        pq.write_table(table, tmp_path / "loans.parquet")

        asked = ("fit", tmp_path / "loans.parquet", "--target", "bad", "--out", tmp_path / "x.yml", *QUICK)
        answer = run(*asked, "--time", "as_of")

        assert answer.exit_code == 0, f"{answer.output}{answer.exception}"

    def test_writes_a_file_that_a_node_can_publish(self, tmp_path):
        pq.write_table(inputs_of_general(), tmp_path / "inputs.parquet")
        out = tmp_path / "learnt.yml"

        asked = ("fit", tmp_path / "inputs.parquet", "--target", "bad", "--out", out, *QUICK)
        answer = run(*asked, "--time", "as_of", "--based-on", "general")
        checked = run("system", "check", out)
        unknown = run(*asked, "--based-on", "generl")

        assert answer.exit_code == 0, answer.output
        assert "learnt: 1 of 1 cases pass" in checked.output
        assert unknown.exit_code == 2

    @pytest.mark.parametrize("row", ["3;4", "5;6;7;1"])
    def test_refuses_rows_whose_values_would_stand_under_the_wrong_headings(self, tmp_path, row):
        (tmp_path / "loans.csv").write_text(f"a;b;y\n1;2;0\n{row}\n", encoding="utf-8")

        answer = run("fit", tmp_path / "loans.csv", "--target", "y", "--out", tmp_path / "loans.yml")

        assert answer.exit_code == 1
        assert "1 rows do not fit the headings, the first is row 2" in str(answer.output) + str(
            answer.exception
        )

    def test_tells_of_a_heading_that_stands_twice(self, tmp_path):
        table = written(tmp_path / "loans.csv")
        table.write_text(table.read_text(encoding="utf-8").replace("noise", "debt", 1), encoding="utf-8")
        answer = run("fit", table, "--target", "y", "--out", tmp_path / "x.yml", *QUICK)
        assert answer.exit_code == 0
        assert answer.output.count("note on debt: its name is empty, too long or not its own") == 2
