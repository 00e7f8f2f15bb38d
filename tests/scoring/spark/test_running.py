"""Spark gives what DuckDB gives, in every column of every row, on a lake with updates, marks and gaps."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from tests.scoring import random_systems
from tests.scoring.spark.filled import Filled, system_of
from tests.scoring.test_parity import ABOUT, ARROW, synthetic

from creditmesh.apps.evaluation.grading.operations.results import digest
from creditmesh.scoring import loading
from creditmesh.scoring.definition.given import given as given_beside
from creditmesh.scoring.definition.loaded import System, inputs
from creditmesh.scoring.language.parsing import NotUnderstood
from creditmesh.scoring.plan import compile_plan
from creditmesh.scoring.targets import to_sql
from creditmesh.scoring.targets.spark import running
from creditmesh.scoring.targets.spark.cluster import SparkFailed

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings(
        "ignore:unclosed <socket:ResourceWarning"
    ),  # of py4j, which leaves them to the collector
    pytest.mark.filterwarnings("ignore:.*<socket.socket:pytest.PytestUnraisableExceptionWarning"),
]
SHIPPED = [*loading.shipped()]
# Thirty items cost half a minute of planning and compiling: here one system of few items with relations, one that takes
# the results of others, one of devices. './test --slow' runs them all.
OFTEN = ["example", "integrated-supervision", "elevators"]
RARELY = [pytest.param(name, marks=pytest.mark.slow) for name in SHIPPED if name not in OFTEN]


@pytest.fixture(scope="module")
def often(tmp_path_factory) -> Filled:
    return Filled(OFTEN, tmp_path_factory.mktemp("often"))


@pytest.fixture(scope="module")
def rarely(tmp_path_factory) -> Filled:
    return Filled([name for name in SHIPPED if name not in OFTEN], tmp_path_factory.mktemp("rarely"))


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


def hash_of(result: pa.Table, folder: Path) -> str:
    """Return the digest that a run with this result would record."""
    file = folder / "hashed.parquet"
    pq.write_table(result, file)
    with duckdb.connect() as connection:
        return digest(engine=connection, files=[str(file)])


class TestARunOnSpark:
    @pytest.mark.parametrize("name", [*OFTEN, *RARELY])
    def test_writes_what_duckdb_writes(self, session, request, tmp_path, name):
        filled = request.getfixturevalue("often" if name in OFTEN else "rarely")
        expected, found = filled.on_duckdb(name), filled.on_spark(session, name)
        differing = [
            one for one in expected.column_names if found[one].to_pylist() != expected[one].to_pylist()
        ]

        assert found.num_rows > 10
        assert found.column_names == expected.column_names
        assert found.schema.types == expected.schema.types
        assert differing == []
        assert hash_of(found, tmp_path) == hash_of(expected, tmp_path)
        assert not filled.shared.exists()

    def test_leaves_nothing_behind_when_it_is_given_up(self, session, often, monkeypatch):
        monkeypatch.setattr(running, "BEAT", 0.2)

        def lost() -> None:
            raise InterruptedError

        with pytest.raises(InterruptedError):
            often.on_spark(session, "elevators", lost)
        assert not often.shared.exists()

    def test_says_why_spark_gave_up_and_leaves_nothing_behind(self, session, often, monkeypatch):
        monkeypatch.setattr(running, "gathered", lambda own, **_: own.sql("SELECT * FROM nowhere"))

        with pytest.raises(SparkFailed, match=r"Spark gave the computation up.*nowhere.*Nothing was kept"):
            often.on_spark(session, "elevators")
        assert not often.shared.exists()


class TestScores:
    @pytest.mark.parametrize(
        "name",
        ["general", *(pytest.param(one, marks=pytest.mark.slow) for one in SHIPPED if one != "general")],
    )
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
        named = inputs(system) | given_beside(system)
        types = ABOUT | {name: ARROW[one.type] for name, one in named.items()}
        types |= dict.fromkeys(plan.collected, pa.bool_()) | dict.fromkeys(plan.ties, pa.string())
        table = pa.table(
            {name: pa.array([row.get(name) for row in rows], kind) for name, kind in types.items()}
        )
        found, expected = both(session, system, table, tmp_path_factory.mktemp("any"))

        assert found.to_pylist() == expected.to_pylist()
