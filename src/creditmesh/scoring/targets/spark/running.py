"""A run on Spark: records to inputs to scores, in files that come out as DuckDB would have written them."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.fs as pafs
from sqlglot import exp

from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.plan import Plan, compile_plan
from creditmesh.scoring.records import features, relations
from creditmesh.scoring.targets import to_sql
from creditmesh.scoring.targets.spark.cluster import Session, SparkFailed, first_line
from creditmesh.scoring.targets.spark.rewriting import text
from creditmesh.scoring.targets.spark.showing import Shown, address, show

TYPES = {"string": "VARCHAR", "bigint": "BIGINT", "int": "INTEGER", "date": "DATE", "boolean": "BOOLEAN"}
STAGED = ("ties_", "near_", "peers_", "related_")  # what others read more than once, or ends in the inputs
WRITTEN = "(FORMAT parquet, COMPRESSION zstd)"
BEAT = 5.0  # seconds between two looks at whether the run is still wanted
DONE = "_SUCCESS"
RESULT = "result"
MOST_PARTS, FILES_A_PART = 2_000, 8
Beat = Callable[[], None]
Types = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is to be computed, and where: `shared` is a folder that this process and all workers reach."""

    system: System
    as_of: date
    shown: Shown
    shared: str
    out: Path
    beat: Beat = lambda: None


def run(session: Session, asked: Run) -> None:
    """Write the result of every subject to a Parquet file sorted by subject, the same as `evaluate.run` does.

    The rows come back as files, never through the memory of this process. `beat` is called every few seconds; what it
    raises cancels the work on the cluster. Raises `SparkFailed`, after which nothing is left at `out`.
    """
    plan = compile_plan(asked.system)
    own = session.newSession()
    folder = asked.shared.rstrip("/")
    try:
        read = _attended(own, lambda: _written(own, asked, plan, folder), asked.beat)
        _brought(asked, plan, f"{folder}/{RESULT}", read)
    finally:
        with suppress(OSError):
            _remove(folder)


def scored(session: Session, plan: Plan, *, inputs: str) -> Any:
    """Return the scores of every row of a view, as a data frame."""
    return _unwound(session, to_sql.tree(plan, inputs=inputs))


def _unwound(session: Session, query: exp.Query) -> Any:
    """Make each step of a query a view instead of a WITH, whose steps Spark takes apart anew for every one of them."""
    tree = query.copy()
    steps = tree.ctes
    tree.set("with_", None)
    for step in steps:
        session.sql(text(step.this)).createOrReplaceTempView(step.alias)
    return session.sql(text(tree))


def gathered(session: Session, *, system: System, as_of: date, folder: str) -> Any:
    """Return the inputs of everyone, as a data frame, from the views of the lake.

    What several steps read is written to files in the folder first: plans that hold each other grow without end, and
    the analysis of the thirtieth step would take longer than all the work.
    """
    _staged(session, "own", _unwound(session, features.own(system, as_of=as_of)), folder)
    for name, step in (relations.steps(system, as_of) | relations.related(system)).items():
        # keys serve as numbers of people here: to count everyone one machine would have to see everyone
        query = "SELECT subject, subject AS id FROM own" if name == "people" else text(step)
        if name.startswith(STAGED):
            _staged(session, name, session.sql(query), folder)
        else:
            session.sql(query).createOrReplaceTempView(name)
    return session.sql(text(features.final(system)))


def _staged(session: Session, name: str, made: Any, folder: str) -> None:
    file = address(f"{folder}/{name}")
    made.write.mode("overwrite").parquet(file)
    session.read.schema(made.schema).parquet(file).createOrReplaceTempView(name)


def _written(session: Session, asked: Run, plan: Plan, folder: str) -> Types:
    """Write the results to files and return the inputs as DuckDB types them."""
    partitions = max(int(session.sparkContext.defaultParallelism) * 2, _room(asked.shown))
    session.conf.set("spark.sql.shuffle.partitions", str(partitions))
    show(session, asked.shown, system=asked.system)
    everyone = gathered(session, system=asked.system, as_of=asked.as_of, folder=folder)
    # sorted while the rows are still narrow; nothing that follows changes their order
    everyone.orderBy("subject").createOrReplaceTempView("_inputs")
    scored(session, plan, inputs="_inputs").write.mode("overwrite").parquet(address(f"{folder}/{RESULT}"))
    return {name: TYPES[kind] for name, kind in everyone.dtypes}


def _room(shown: Shown) -> int:
    """Return into how many parts to shuffle: one for every few files of the lake, which land a batch each."""
    return min(MOST_PARTS, sum(len(item.files) for item in shown.items) // FILES_A_PART)


def _attended(session: Session, work: Callable[[], Types], beat: Beat) -> Types:
    """Do the work in a thread and look every few seconds whether it is still wanted; cancel it when it is not."""
    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(work)
        try:
            while not wait_for([doing], BEAT).done:
                beat()
        except BaseException:
            _cancelled(session, doing)
            raise
    failed = doing.exception()
    if failed is not None:
        raise _told(failed) from failed
    return doing.result()


def _cancelled(session: Session, doing: "Future[Types]") -> None:
    while not doing.done():
        session.sparkContext.cancelAllJobs()
        time.sleep(0.2)


def _told(error: BaseException) -> BaseException:
    if not type(error).__module__.startswith(("pyspark", "py4j")) and not isinstance(error, ConnectionError):
        return error
    return SparkFailed(
        f"Spark gave the computation up: {first_line(error)}. Nothing was kept; "
        "see the logs of its workers, then ask for the run again."
    )


def _brought(asked: Run, plan: Plan, parts: str, read: Types) -> None:
    """Write the parts, which are in order, to one file with the columns as DuckDB types them."""
    with duckdb.connect(config={"memory_limit": "1GB", "threads": 2}) as connection:
        connection.execute("SET preserve_insertion_order = true")
        if "://" in parts:
            connection.register("_parts", _remote(parts))
            source = "_parts"
        else:
            files = sorted(str(one) for one in Path(parts).glob("part-*.parquet"))
            _require_done((Path(parts) / DONE).exists() and bool(files))
            source = f"read_parquet([{', '.join(map(_quoted, files))}])"
        columns = ", ".join(
            f'"{name}"::{kind} AS "{name}"' for name, kind in _types(connection, plan, read).items()
        )
        everything = f"SELECT {columns} FROM {source}"  # noqa: S608 - names of our own, quoted
        connection.execute(f"COPY ({everything}) TO {_quoted(str(asked.out))} {WRITTEN}")


def _types(connection: Any, plan: Plan, read: Types) -> Types:
    """Return the columns of a result as DuckDB types them."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in read.items())
    connection.execute(f"CREATE TEMP TABLE _typed ({columns})")
    described = connection.execute(f"DESCRIBE {to_sql.statement(plan, inputs='_typed')}").fetchall()
    return {name: kind for name, kind, *_ in described}


def _remote(parts: str) -> Any:
    import pyarrow.dataset as pads  # noqa: PLC0415 - it brings pandas, which nobody waits for without Spark

    store, path = pafs.FileSystem.from_uri(parts)
    found = {one.base_name for one in store.get_file_info(pafs.FileSelector(path))}
    files = sorted(f"{path}/{name}" for name in found if name.endswith(".parquet"))
    _require_done(DONE in found and bool(files))
    return pads.dataset(files, filesystem=store, format="parquet")


def _require_done(done: bool) -> None:
    if not done:
        raise SparkFailed(
            "Spark's result cannot be seen from here: the workers and this node must share the lake's folder "
            "(the same path on every machine, or an object store)."
        )


def _remove(folder: str) -> None:
    store, path = pafs.FileSystem.from_uri(folder if "://" in folder else str(Path(folder).resolve()))
    if store.get_file_info(path).type is pafs.FileType.Directory:
        store.delete_dir(path)


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
