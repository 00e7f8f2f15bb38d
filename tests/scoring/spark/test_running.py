"""Spark gives what DuckDB gives, in every column of every row, on a lake with updates, marks and gaps."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from tests.scoring import random_systems
from tests.scoring.example import example
from tests.scoring.spark import made
from tests.scoring.test_parity import ABOUT, ARROW, synthetic

from creditmesh.lake import reading
from creditmesh.lake.store import Lake
from creditmesh.scoring import evaluate, loading
from creditmesh.scoring.definition.loaded import System, inputs
from creditmesh.scoring.language.parsing import NotUnderstood
from creditmesh.scoring.plan import compile_plan
from creditmesh.scoring.targets import to_sql
from creditmesh.scoring.targets.spark import running
from creditmesh.scoring.targets.spark.showing import Shown

pytestmark = pytest.mark.spark
SUBJECTS = 150
ALONE = [
    name
    for name, file in loading.shipped().items()
    if loading.load(file).definition.combination is None  # the others need the results of these
]
OFTEN = (
    "general",
)  # a system costs seconds of planning and compiling; the others are run by './test --slow'


def rarely(names: list[str]) -> list[object]:
    """Mark all names but those of `OFTEN` as slow."""
    return [name if name in OFTEN else pytest.param(name, marks=pytest.mark.slow) for name in names]


def system_of(name: str) -> System:
    return example() if name == "example" else loading.load(loading.shipped()[name])


def both(session, system: System, rows: pa.Table, folder: Path) -> tuple[pa.Table, pa.Table]:
    """Score rows by Spark and by DuckDB."""
    plan = compile_plan(system)
    file = folder / "wide.parquet"
    pq.write_table(rows, file)
    session.read.parquet(f"file://{file}").createOrReplaceTempView("wide")
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("wide", rows)
        expected = connection.sql(to_sql.statement(plan, inputs="wide")).to_arrow_table()
    return running.scored(session, plan, inputs="wide").toArrow(), expected


class Filled:
    """A small lake for one system, and the result of DuckDB on it."""

    def __init__(self, system: System, folder: Path) -> None:
        self.system, self.folder = system, folder
        self.catalogue = made.catalogue_of([system])
        self.lake = Lake(str(folder / "lake"))
        made.fill(self.lake, self.catalogue, subjects=SUBJECTS, folder=folder)
        self.collected = made.collected(self.catalogue)
        self.duck, self.spark = folder / "duck.parquet", folder / "spark.parquet"
        with self.lake.connection(catalogue=self.catalogue, collected=self.collected) as connection:
            evaluate.run(connection, system=system, as_of=made.TODAY, out=self.duck)

    def run(self, session, beat: Callable[[], None] = lambda: None) -> None:
        """Run the same on Spark."""
        read = reading.read(self.lake.place, catalogue=self.catalogue)
        assert len(read.stopped) > 0
        shown = Shown(items=read.items, stopped=read.stopped, collected=self.collected)
        running.run(
            session,
            running.Run(
                system=self.system, as_of=made.TODAY, shown=shown, shared=str(self.folder / "shared"),
                out=self.spark, beat=beat,
            ),
        )  # fmt: skip


class TestARunOnSpark:
    @pytest.mark.parametrize(
        "name", ["example", *(pytest.param(one, marks=pytest.mark.slow) for one in ALONE)]
    )
    def test_writes_the_file_that_duckdb_writes(self, session, tmp_path, name):
        filled = Filled(system_of(name), tmp_path)
        filled.run(session)
        expected, found = pq.read_table(filled.duck), pq.read_table(filled.spark)

        assert found.num_rows > 10
        assert found.equals(expected)
        assert not (tmp_path / "shared").exists()

    def test_leaves_nothing_behind_when_it_is_given_up(self, session, tmp_path, monkeypatch):
        monkeypatch.setattr(running, "BEAT", 0.2)
        filled = Filled(example(), tmp_path)

        def lost() -> None:
            raise InterruptedError

        with pytest.raises(InterruptedError):
            filled.run(session, lost)
        assert not filled.spark.exists()
        assert not (tmp_path / "shared").exists()


class TestScores:
    @pytest.mark.parametrize("name", rarely([*loading.shipped()]))
    def test_of_shipped_systems_are_the_same(self, session, tmp_path, name):
        system = system_of(name)
        found, expected = both(session, system, synthetic(compile_plan(system), system, 2_000), tmp_path)

        assert found.num_rows == 2_000
        assert found.to_pylist() == expected.to_pylist()

    @settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_of_any_system_are_the_same(self, session, tmp_path_factory, data):
        system = data.draw(random_systems.systems())
        try:
            plan = compile_plan(system)
        except NotUnderstood:
            reject()
        rows = data.draw(st.lists(random_systems.rows(system, plan), min_size=1, max_size=20))
        types = ABOUT | {name: ARROW[one.type] for name, one in inputs(system).items()}
        types |= dict.fromkeys(plan.collected, pa.bool_())
        table = pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in types.items()})
        found, expected = both(session, system, table, tmp_path_factory.mktemp("any"))

        assert found.to_pylist() == expected.to_pylist()
