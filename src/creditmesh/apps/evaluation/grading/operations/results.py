"""The result files of runs: their digest, how two of them differ, and the rows that go into the database."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import pyarrow as pa

from creditmesh.apps.evaluation.grading.rules import Difference, differences, region_group, section
from creditmesh.scoring.records.units import belongs

CHUNK = 20_000
MOST_EXAMPLES = 20

STANDINGS = """
WITH result AS (SELECT * FROM read_parquet($files)),
ranked AS (
    SELECT result.*, grades.rank,
           CASE WHEN $higher_is_worse THEN score ELSE -score END AS severity
    FROM result LEFT JOIN _grades AS grades ON grades.symbol = result.grade
)
SELECT ranked.subject,
       substr(coalesce(ranked.name, ''), 1, 300) AS name,
       row_number() OVER (
           ORDER BY ranked.rank DESC NULLS LAST, severity DESC NULLS LAST, ranked.subject
       ) AS place,
       0 AS within,
       ranked.outcome,
       coalesce(ranked.grade, '') AS grade,
       ranked.rank,
       coalesce(before.grade, '') AS previous_grade,
       ranked.score,
       ranked.coverage_bp AS coverage,
       substr(coalesce(ranked.region, ''), 1, 20) AS region,
       _regions.folded AS region_group,
       substr(coalesce(ranked.industry, ''), 1, 20) AS industry,
       _industries.folded AS section,
       {triggers} AS triggers,
       {reason1} AS reason1,
       {reason2} AS reason2,
       {reason3} AS reason3
FROM ranked
LEFT JOIN _before AS before ON before.subject = ranked.subject
LEFT JOIN _regions ON _regions.value = coalesce(ranked.region, '')
LEFT JOIN _industries ON _industries.value = coalesce(ranked.industry, '')
"""

PLACED = """
CREATE OR REPLACE TEMP TABLE _placed AS
WITH everyone AS (
    SELECT result.subject, _grades.rank, CASE WHEN $higher_is_worse THEN score ELSE -score END AS severity,
           TRUE AS of_base, change.subject IS NULL AS stays
    FROM read_parquet($base) AS result
    LEFT JOIN _grades ON _grades.symbol = result.grade LEFT JOIN _changes AS change USING (subject)
    UNION ALL
    SELECT subject, rank, CASE WHEN $higher_is_worse THEN score ELSE -score END, FALSE, FALSE FROM _standings
),
numbered AS (
    SELECT *, row_number() OVER worst_first AS nth,
           sum(of_base::BIGINT) OVER (worst_first ROWS UNBOUNDED PRECEDING) AS place
    FROM everyone
    WINDOW worst_first AS (ORDER BY rank DESC NULLS LAST, severity DESC NULLS LAST, subject)
),
told AS (
    SELECT subject, of_base, nth,
           coalesce(max(CASE WHEN stays THEN place END) OVER (ORDER BY nth ROWS UNBOUNDED PRECEDING), 0)::BIGINT AS after
    FROM numbered
)
SELECT standing.* REPLACE (
    after AS place, row_number() OVER (PARTITION BY after ORDER BY nth) AS within
)
FROM told JOIN _standings AS standing USING (subject) WHERE NOT of_base
"""
"""A changed subject stands behind the subject of the full run that is the next worse one."""


CELLS = """
SELECT region_group, section, outcome, grade, previous_grade, count(*)::BIGINT AS subjects
FROM _standings GROUP BY ALL ORDER BY ALL
"""


def connection(*, folder: str, memory_limit: str = "1GB") -> duckdb.DuckDBPyConnection:
    """Return an engine connection of its own that spills to the folder."""
    return duckdb.connect(config={"memory_limit": memory_limit, "threads": 2, "temp_directory": folder})


def digest(*, engine: duckdb.DuckDBPyConnection, files: Sequence[str], columns: Sequence[str] = ()) -> str:
    """Return the SHA-256 over every column of every row, in the order of the subjects.

    Two results have the same digest when they are equal bit for bit, whatever file holds them.
    `columns` states which to take, in order; by default all the files have.
    """
    return digest_of(engine=engine, hashes=_hashes(engine, files, columns))


def digest_of(*, engine: duckdb.DuckDBPyConnection, hashes: str) -> str:
    """Return the digest of rows that are hashed already: a relation (SQL) of subject and row_hash."""
    rows = engine.sql(f"SELECT lower(hex(row_hash)) AS row_hash FROM ({hashes}) ORDER BY subject")  # noqa: S608 - ours
    whole = hashlib.sha256()
    for batch in rows.to_arrow_reader(CHUNK):
        whole.update("".join(batch.column(0).to_pylist()).encode("ascii"))
    return whole.hexdigest()


def write_hashes(*, engine: duckdb.DuckDBPyConnection, file: Path, out: Path) -> None:
    """Write the hash of every row of a result file, by subject, all or nothing; made once, read by runs of changes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_suffix(f".{uuid4().hex}")
    try:
        hashes = _hashes(engine, [str(file)])
        engine.execute(f"COPY ({hashes} ORDER BY subject) TO {_literal(str(draft))} (FORMAT parquet)")
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def changed_digest(*, engine: duckdb.DuckDBPyConnection, base: Path, kept: Path) -> str:
    """Return the digest of everyone after a run of changes: of the hashed rows of its base, without `_changes`, and its own."""
    old = f"SELECT subject, row_hash FROM read_parquet({_literal(str(base))}) ANTI JOIN _changes USING (subject)"  # noqa: S608 - ours
    return digest_of(engine=engine, hashes=f"{old} UNION ALL {_hashes(engine, [str(kept)])}")


def _hashes(engine: duckdb.DuckDBPyConnection, files: Sequence[str], columns: Sequence[str] = ()) -> str:
    chosen = columns or column_names(engine=engine, files=files)
    packed = ", ".join(f"{_quoted(one)} := {_quoted(one)}" for one in chosen)
    listed = ", ".join(map(_literal, files))
    # The words of a column go in with its values, so that a renamed column is another result.
    return (
        f"SELECT subject, unhex(sha256(to_json(struct_pack({packed}))::VARCHAR)) AS row_hash"  # noqa: S608 - quoted
        f" FROM read_parquet([{listed}])"
    )


def column_names(*, engine: duckdb.DuckDBPyConnection, files: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of result files, in order."""
    return tuple(engine.sql("SELECT * FROM read_parquet($files)", params={"files": list(files)}).columns)


def count(*, engine: duckdb.DuckDBPyConnection, files: Sequence[str]) -> int:
    """Return how many subjects the files hold."""
    found = engine.execute("SELECT count(*) FROM read_parquet($files)", {"files": list(files)}).fetchall()
    return int(found[0][0])


def compare(
    *, engine: duckdb.DuckDBPyConnection, recorded: Sequence[str], recomputed: Sequence[str]
) -> tuple[int, tuple[Difference, ...]]:
    """Return how many subjects differ between two results, and the differences of the first twenty of them."""
    files = {"recorded": list(recorded), "recomputed": list(recomputed)}
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE _differing AS SELECT coalesce(a.subject, b.subject) AS subject"
        " FROM (SELECT subject, to_json(r)::VARCHAR AS text FROM read_parquet($recorded) AS r) AS a"
        " FULL JOIN (SELECT subject, to_json(r)::VARCHAR AS text FROM read_parquet($recomputed) AS r) AS b"
        " ON a.subject = b.subject WHERE a.text IS DISTINCT FROM b.text ORDER BY subject",
        files,
    )
    total = int(engine.execute("SELECT count(*) FROM _differing").fetchall()[0][0])
    names = [one for (one,) in engine.execute(f"FROM _differing LIMIT {MOST_EXAMPLES}").fetchall()]
    found: list[Difference] = []
    for subject in names:
        before = _row(engine, files["recorded"], subject)
        after = _row(engine, files["recomputed"], subject)
        found += differences(subject=subject, recorded=before, recomputed=after)
    return total, tuple(found)


def prepare_standings(
    *,
    engine: duckdb.DuckDBPyConnection,
    files: Sequence[str],
    before: Sequence[str],
    grades: Sequence[str],
    higher_is_worse: bool,
) -> int:
    """Make the table `_standings` of what goes into the database from result files; return its rows.

    `before` are the result files of the run before, empty when there was none.
    """
    engine.register("_grades", pa.table({"symbol": list(grades), "rank": list(range(len(grades)))}))
    _fold(engine, files, column="region", table="_regions", fold=region_group)
    _fold(engine, files, column="industry", table="_industries", fold=section)
    if before:
        engine.execute(
            "CREATE OR REPLACE TEMP TABLE _before AS SELECT subject, grade FROM read_parquet($files)",
            {"files": list(before)},
        )
    else:
        engine.execute("CREATE OR REPLACE TEMP TABLE _before (subject VARCHAR, grade VARCHAR)")
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE _standings AS "
        + STANDINGS.format_map(_texts(engine, files))
        + "ORDER BY place",
        {"files": list(files), "higher_is_worse": higher_is_worse},
    )
    return int(engine.execute("SELECT count(*) FROM _standings").fetchall()[0][0])


def standings(*, engine: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of `_standings`, worst first, in chunks; the columns are those of `COLUMNS`."""
    rows = engine.sql(f"SELECT {', '.join(COLUMNS)} FROM _standings ORDER BY place")  # noqa: S608 - fixed names
    for batch in rows.to_arrow_reader(CHUNK):
        yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def place(engine: duckdb.DuckDBPyConnection, *, base: Path, higher_is_worse: bool) -> int:
    """Make the table `_placed` of the changed subjects among `_standings`, placed in the base; return how many."""
    engine.execute(PLACED, {"base": str(base), "higher_is_worse": higher_is_worse})
    return int(engine.execute("SELECT count(*) FROM _placed").fetchall()[0][0])


def placed(engine: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of `_placed` in chunks."""
    rows = engine.sql(f"SELECT {', '.join(COLUMNS)} FROM _placed ORDER BY place, within")  # noqa: S608 - fixed names
    for batch in rows.to_arrow_reader(CHUNK):
        yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def cells(*, engine: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Return the sums of `_standings`: region group, section, outcome, grade, grade before, subjects."""
    return engine.execute(CELLS).fetchall()


def totals(
    *,
    engine: duckdb.DuckDBPyConnection,
    files: Sequence[str],
    tie: str,
    grades: Sequence[str],
    higher_is_worse: bool,
) -> Iterator[dict[str, Any]]:
    """Yield what the units of each enterprise behind a tie got: their number, the worst and the mean, half up."""
    worst = "max" if higher_is_worse else "min"
    engine.register("_grades", pa.table({"symbol": list(grades), "rank": list(range(len(grades)))}))
    owner = _quoted(belongs(tie))
    found = engine.sql(
        f"SELECT {owner}, count(*), count(score), {worst}(score),"  # noqa: S608 - quoted, from our own file
        " CASE WHEN count(score) > 0 THEN (2 * sum(score)::BIGINT + count(score)) // (2 * count(score)) END,"
        f" max(rank) FROM read_parquet($files) LEFT JOIN _grades ON symbol = grade WHERE {owner} IS NOT NULL"
        f" GROUP BY {owner} ORDER BY {owner}",
        params={"files": list(files)},
    ).fetchall()
    for enterprise, units, scored, score, mean, rank in found:
        yield {
            "enterprise": enterprise,
            "units": units,
            "scored": scored,
            "worst_score": score,
            "mean_score": mean,
            "worst_rank": rank,
            "worst_grade": "" if rank is None else grades[rank],
        }


COLUMNS = (
    "subject",
    "name",
    "place",
    "within",
    "outcome",
    "grade",
    "rank",
    "previous_grade",
    "score",
    "coverage",
    "region",
    "region_group",
    "industry",
    "section",
    "triggers",
    "reason1",
    "reason2",
    "reason3",
)


def _fold(
    engine: duckdb.DuckDBPyConnection, files: Sequence[str], *, column: str, table: str, fold: Any
) -> None:
    found = engine.execute(
        f"SELECT DISTINCT coalesce({column}, '') FROM read_parquet($files)",  # noqa: S608 - our own names
        {"files": list(files)},
    ).fetchall()
    values = [value for (value,) in found]
    engine.register(
        table,
        pa.table(
            {
                "value": pa.array(values, pa.string()),
                "folded": pa.array([fold(one) for one in values], pa.string()),
            }
        ),
    )


def _texts(engine: duckdb.DuckDBPyConnection, files: Sequence[str]) -> dict[str, str]:
    """Return the SQL of the texts of a standing: what was decided outside the points, and up to three reasons."""
    there = column_names(engine=engine, files=files)
    decided = ", ".join(
        f"replace({one}, ',', ' ')" for one in ("exclusions", "triggers", "caps") if one in there
    )
    reasons = {
        one: f"coalesce(ranked.{one}, '')" if one in there else "''"
        for one in ("reason1", "reason2", "reason3")
    }
    return {"triggers": f"concat_ws(' ', {decided})" if decided else "''", **reasons}


def _row(
    engine: duckdb.DuckDBPyConnection, files: Sequence[str], subject: str
) -> Mapping[str, object] | None:
    found = engine.sql(
        "SELECT * FROM read_parquet($files) WHERE subject = $subject",
        params={"files": list(files), "subject": subject},
    )
    rows = found.to_arrow_table().to_pylist()
    return rows[0] if rows else None


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
