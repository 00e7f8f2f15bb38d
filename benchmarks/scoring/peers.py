#!/usr/bin/env -S bash -c 'exec "$(dirname "$0")/../../.venv/bin/python" "$0" "$@"'
"""One definition of 45 indicators over 60 inputs, computed by us and by seven others; same rows, same answer.

    benchmarks/scoring/peers.py [--rows 1000000] [--rounds 3] [--sides ours,sql,polars,numpy] [--points] [--json]

ours      the index-system file compiled to staged SQL, run by DuckDB        sql      DuckDB's SQL written by hand
polars    a lazy frame written by hand, streaming engine                     numpy    arrays in chunks through pyarrow
function  our generated Python function, a call for each row                 zen      GoRules ZEN, a decision table an indicator
openfisca OpenFisca-core, vectorised; installed by this command into a venv of its own, or left out with a word

Parquet to Parquet: subject, score, grade, outcome, three reasons; with --points every indicator's and group's points too
(not zen, openfisca). Each measurement is a fresh process: seconds and CPU seconds of the work (imports excluded, our
reading and compiling of the file included), peak memory of the process. Sides alternate. The slow ones take the first
rows only (--few), and their rate is told. At the end every column of every row is compared with ours. DuckDB: 2 threads,
memory_limit 1 GB.
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
MAIN, SLOW = ("ours", "sql", "polars", "numpy"), ("function", "zen", "openfisca")
PACKAGES = {"ours": "duckdb", "sql": "duckdb", "polars": "polars", "numpy": "numpy", "zen": "zen-engine"}
COPY = "COPY ({query}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)"


def main() -> None:
    asked = _arguments()
    if asked.side:
        print(json.dumps(_work(asked)))
        return
    with tempfile.TemporaryDirectory(prefix="bench-peers-", dir=asked.scratch) as scratch:
        folder = Path(scratch)
        _child(asked, folder, side="generate")  # never in this process: children would inherit its peak
        python = _openfisca(folder) if "openfisca" in asked.sides else None
        sides = [one for one in asked.sides if one != "openfisca" or python]
        found: dict[str, list[dict[str, float]]] = {one: [] for one in sides}
        for turn in range(asked.rounds):
            for side in sides:
                if side in MAIN or turn == 0:
                    found[side].append(
                        _child(asked, folder, side=side, python=python if side == "openfisca" else None)
                    )
        differing = {
            one: _child(asked, folder, side=f"compare:{one}")["rows"] for one in sides if one != "ours"
        }
    report = {
        "rows": asked.rows, "few": asked.few, "rounds": asked.rounds, "points": asked.points,
        "load": [round(one, 1) for one in os.getloadavg()],
        "sides": {side: _summary(rounds) for side, rounds in found.items()}, "rows_that_differ": differing,
        # within a round sides ran right after each other, so a ratio is what the machine did to both
        "speed_of_ours_to": {one: _ratios(found["ours"], found[one]) for one in sides if one in MAIN[1:]},
    }  # fmt: skip
    print(json.dumps(report, indent=2) if asked.json else _table(report))
    if any(differing.values()):
        sys.exit("The sides differ: they do not compute the same definition any more.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=20_000, help="rows of the slow sides")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sides", type=lambda told: told.split(","), default=[*MAIN, *SLOW])
    parser.add_argument(
        "--points", action="store_true", help="write every indicator's and group's points too"
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--scratch", help="folder for the work files; default: the system's")
    for hidden in ("--side", "--folder"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.sides = ["ours", *(one for one in asked.sides if one != "ours")]
    unknown = {*asked.sides} - {*MAIN, *SLOW}
    return parser.error(f"no such side: {', '.join(unknown)}") if unknown else asked


def _child(
    asked: argparse.Namespace, folder: Path, *, side: str, python: Path | None = None
) -> dict[str, float]:
    command = [
        str(python or sys.executable),
        __file__,
        "--side",
        side,
        "--rows",
        str(asked.rows),
        "--folder",
        str(folder),
    ]
    command += ["--few", str(asked.few), *(["--points"] if asked.points else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{side}: {done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _openfisca(folder: Path) -> Path | None:
    """Return a Python that has OpenFisca-core, in a venv that goes with the folder: its licence (AGPL) is not ours."""
    python = folder / "openfisca" / "bin" / "python"
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(python.parents[1])], capture_output=True, check=False
    )
    pip = [str(python), "-m", "pip", "install", "--quiet", "openfisca-core", "pyarrow"]
    if made.returncode or subprocess.run(pip, capture_output=True, check=False).returncode:
        print("openfisca is left out: pip could not install openfisca-core here.", file=sys.stderr)
        return None
    return python


def _work(asked: argparse.Namespace) -> dict[str, float]:
    folder = Path(asked.folder)
    if asked.side == "generate":
        from benchmarks.scoring.peering import definition

        definition.generate(asked.rows, folder / "wide.parquet")
        (folder / "peers.yml").write_text(definition.index_system(), encoding="utf-8")
        return {}
    if asked.side.startswith("compare:"):
        return {"rows": _differing(folder, asked.side.partition(":")[2])}
    side, rows = SIDES[asked.side](), asked.few if asked.side in SLOW else asked.rows
    started, cpu = time.perf_counter(), time.process_time()
    side(folder, folder / f"{asked.side}.parquet", asked)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    return {"rows": min(rows, asked.rows), "seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": _peak()}


def _peak() -> float:
    """Return the peak of this process in MB; what getrusage tells includes the parent before the exec."""
    [line] = [one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def _connection(folder: Path):
    import duckdb

    settings = {"threads": 2, "memory_limit": "1GB", "temp_directory": str(folder / "spill")}
    connection = duckdb.connect(config=settings)
    connection.execute(f"CREATE VIEW wide AS FROM read_parquet('{folder / 'wide.parquet'}')")
    return connection


def _ours():
    from creditmesh.scoring.loading import load
    from creditmesh.scoring.plan import compile_plan
    from creditmesh.scoring.targets import to_sql

    def run(folder: Path, out: Path, asked: argparse.Namespace) -> None:
        from benchmarks.scoring.peering.definition import ANSWER, POINTS

        query = to_sql.statement(compile_plan(load(folder / "peers.yml", alone=True)), inputs="wide")
        chosen = ", ".join([*ANSWER[:1], *(POINTS if asked.points else ()), *ANSWER[1:]])
        _connection(folder).execute(COPY.format(query=f"SELECT {chosen} FROM ({query})", out=out))

    return run


def _sql():
    from benchmarks.scoring.peering import in_sql

    def run(folder: Path, out: Path, asked: argparse.Namespace) -> None:
        _connection(folder).execute(COPY.format(query=in_sql.statement(points=asked.points), out=out))

    return run


def _polars():
    from benchmarks.scoring.peering import in_polars

    return lambda folder, out, asked: in_polars.run(folder / "wide.parquet", out, points=asked.points)


def _numpy():
    from benchmarks.scoring.peering import in_numpy

    return lambda folder, out, asked: in_numpy.run(folder / "wide.parquet", out, points=asked.points)


def _function():
    from benchmarks.scoring.peering import row_by_row

    return lambda folder, out, asked: row_by_row.ours(folder, out, rows=asked.few)


def _zen():
    from benchmarks.scoring.peering import row_by_row

    return lambda folder, out, asked: row_by_row.zen(folder, out, rows=asked.few)


def _fisca():
    from benchmarks.scoring.peering import in_openfisca

    return lambda folder, out, asked: in_openfisca.run(folder / "wide.parquet", out, rows=asked.few)


SIDES = {
    "ours": _ours,
    "sql": _sql,
    "polars": _polars,
    "numpy": _numpy,
    "function": _function,
    "zen": _zen,
    "openfisca": _fisca,
}


def _differing(folder: Path, side: str) -> int:
    """Return how many rows of a side are not ours, column by column; a file of another length differs in all."""
    connection = _connection(folder)
    ours, other = (f"read_parquet('{folder / one}.parquet')" for one in ("ours", side))
    columns = [row[0] for row in connection.execute(f"DESCRIBE FROM {other}").fetchall()]
    differs = " OR ".join(f"a.{column} IS DISTINCT FROM b.{column}" for column in columns)
    rows, told = connection.execute(
        f"SELECT count(*) FILTER (WHERE {differs}), count(*) FROM {other} AS b LEFT JOIN {ours} AS a USING (subject)"
    ).fetchall()[0]
    [(whole,)] = connection.execute(f"SELECT count(*) FROM {ours}").fetchall()
    return rows if side in SLOW or told == whole else whole


def _summary(rounds: list[dict[str, float]]) -> dict[str, float]:
    seconds = statistics.median(one["seconds"] for one in rounds)
    return {
        "rows": rounds[0]["rows"],
        "seconds": round(seconds, 2),
        "best_seconds": round(min(one["seconds"] for one in rounds), 2),
        "cpu_seconds": round(statistics.median(one["cpu_seconds"] for one in rounds), 2),
        "rows_per_second": round(rounds[0]["rows"] / seconds),
        "peak_mb": round(max(one["peak_mb"] for one in rounds)),
    }


def _ratios(ours: list[dict[str, float]], other: list[dict[str, float]]) -> dict[str, float]:
    pairs = list(zip(ours, other, strict=True))
    return {
        what: round(statistics.median(b[key] / a[key] for a, b in pairs), 2)
        for what, key in (("by_seconds", "seconds"), ("by_cpu", "cpu_seconds"))
    }


def _table(report: dict) -> str:
    head = f"{report['rows']:,} enterprises, 60 inputs, 45 indicators, three reasons; median of {report['rounds']}"
    lines = [f"{head} alternating rounds; load average {report['load']}", ""]
    lines.append(
        f"{'':12}{'rows':>11}{'seconds':>10}{'best':>9}{'CPU s':>9}{'rows/s':>11}{'peak MB':>9}  differing"
    )
    for side, one in report["sides"].items():
        differing = report["rows_that_differ"].get(side, "-")
        lines.append(f"{side:12}{one['rows']:>11,}{one['seconds']:>10.2f}{one['best_seconds']:>9.2f}{one['cpu_seconds']:>9.2f}"
                     f"{one['rows_per_second']:>11,}{one['peak_mb']:>9,}  {differing}")  # fmt: skip
    lines += ["", *(f"speed of ours : {side:8} {one['by_seconds']:.2f} (by CPU {one['by_cpu']:.2f})"
                    for side, one in report["speed_of_ours_to"].items())]  # fmt: skip
    names = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in sorted({*PACKAGES.values()}))
    return "\n".join([*lines, f"({names}, Python {sys.version.split()[0]})"])


if __name__ == "__main__":
    main()
