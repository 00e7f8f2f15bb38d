#!/usr/bin/env -S bash -c 'exec "$(dirname "$0")/../../.venv/bin/python" "$0" "$@"'
"""Event rows to windows per enterprise, compiled from a feature file, against hand-written DuckDB SQL.

    benchmarks/scoring/windows.py [--rows 5000000] [--rounds 3] [--json]

A register of enterprises and a table of events (enterprise, kind, date, amount, severity, failed, revoked), about eleven
to an enterprise; 22 inputs per enterprise: counts, sums, latest and days since over windows of 90 days to 5 years with filters. The compiled side is
what a run executes (scoring/records/features.py: whom, what was delivered, one pass over the item, join); the hand-written
side is one GROUP BY with 22 FILTERs over the same rows, joined to the register. Each measurement is a fresh process with 2 threads and the same
memory limit; sides alternate; both write a Parquet file. At the end every value of every enterprise is compared.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb

AS_OF = date(2026, 6, 30)
COPY = "COPY ({query}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)"
KINDS = ("warning", "fine", "order", "revocation", "sampling", "inspection")
SINCE = {"90 days": "DATE '2026-04-01'", "12 months": "DATE '2025-06-30'", "24 months": "DATE '2024-06-30'",
         "36 months": "DATE '2023-06-30'", "5 years": "DATE '2021-06-30'"}  # fmt: skip
COUNTS = {
    "n_all": ("", None),
    "n_90": ("", "90 days"),
    "n_12": ("", "12 months"),
    "n_36": ("", "36 months"),
    "warnings_12": ("kind == 'warning'", "12 months"),
    "fines_12": ("kind == 'fine'", "12 months"),
    "fines_36": ("kind == 'fine'", "36 months"),
    "orders_24": ("kind == 'order'", "24 months"),
    "revocations_60": ("kind == 'revocation'", "5 years"),
    "samplings_12": ("kind == 'sampling'", "12 months"),
    "failed_12": ("kind == 'sampling' and failed", "12 months"),
    "failed_36": ("kind == 'sampling' and failed", "36 months"),
    "inspections_12": ("kind == 'inspection'", "12 months"),
    "failed_inspections_24": ("kind == 'inspection' and failed", "24 months"),
    "severe_36": ("severity >= 3", "36 months"),
    "severe_60": ("severity >= 3", "5 years"),
}
SUMS = {
    "amount_12": ("", "12 months"),
    "amount_36": ("", "36 months"),
    "fined_12": ("kind == 'fine'", "12 months"),
    "fined_60": ("kind == 'fine'", "5 years"),
}


def main() -> None:
    asked = _arguments()
    if asked.side:
        print(json.dumps(_work(asked)))
        return
    with tempfile.TemporaryDirectory(prefix="bench-windows-", dir=asked.scratch) as scratch:
        folder = Path(scratch)
        _generate(asked.rows, folder / "events.parquet")
        found: dict[str, list[dict[str, float]]] = {"compiled": [], "hand-written": []}
        for _ in range(asked.rounds):
            for side, rounds in found.items():
                rounds.append(_measured(side, asked, folder))
        pairs = list(zip(found["compiled"], found["hand-written"], strict=True))
        report = {
            "rows": asked.rows,
            "rounds": asked.rounds,
            "memory_limit": asked.memory,
            "equal": _equal(folder),
            "sides": {side: _summary(asked.rows, rounds) for side, rounds in found.items()},
            # within a round the two ran right after each other: the ratio is what the machine did to both
            "time_ratio": round(statistics.median(a["seconds"] / b["seconds"] for a, b in pairs), 3),
            "cpu_ratio": round(statistics.median(a["cpu"] / b["cpu"] for a, b in pairs), 3),
        }
    print(json.dumps(report, indent=2) if asked.json else _table(report))
    if not report["equal"]:
        sys.exit("The two sides differ: the hand-written SQL is not what the features say.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", default="4GB", help="DuckDB's memory limit of both sides")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--scratch", help="folder for the work files; default: the system's")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


def _generate(rows: int, file: Path) -> None:
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    with duckdb.connect(
        config={"threads": 2, "memory_limit": "2GB", "temp_directory": str(file.parent)}
    ) as db:
        people = max(1, rows * 436 // 5000)
        db.execute(
            "COPY (SELECT printf('E%017d', i) AS _subject, i AS _row, 1::BIGINT AS _seq, NULL::DATE AS _event_date,"
            " '企业' || i AS name, '63010' || i % 9 AS region, 'C' || i % 90 AS industry FROM range($people) AS t(i))"
            " TO '" + str(file.with_name("register.parquet")) + "' (FORMAT parquet, COMPRESSION zstd)",
            {"people": people},
        )
        db.execute(
            "COPY (SELECT printf('E%017d', (hash(i) % $people)::BIGINT) AS _subject, i AS _row, 1::BIGINT AS _seq,"
            f" ([{kinds}])[1 + (hash(i, 1) % {len(KINDS)})::INT] AS kind,"
            " DATE '2026-06-30' - (hash(i, 2) % 3000)::INT AS _event_date, (hash(i, 3) % 5000000)::BIGINT AS amount,"
            " (hash(i, 4) % 5)::BIGINT AS severity, hash(i, 5) % 7 = 0 AS failed, hash(i, 6) % 50 = 0 AS revoked"
            " FROM range($rows) AS t(i)) TO '" + str(file) + "' (FORMAT parquet, COMPRESSION zstd)",
            {"rows": rows, "people": people},
        )


def _work(asked: argparse.Namespace) -> dict[str, float]:
    folder = Path(asked.folder)
    db = duckdb.connect(
        config={"threads": 2, "memory_limit": asked.memory, "temp_directory": str(folder / "spill")}
    )
    from creditmesh.scoring import loading
    from creditmesh.scoring.records import features  # what is imported is not what is measured

    del loading, features
    db.execute(f"CREATE VIEW evt_01 AS FROM read_parquet('{folder / 'events.parquet'}')")
    db.execute(f"CREATE VIEW ent_01 AS FROM read_parquet('{folder / 'register.parquet'}')")
    started, cpu = time.perf_counter(), time.process_time()
    query = _compiled(db) if asked.side == "compiled" else _hand()
    db.execute(COPY.format(query=query, out=folder / f"{asked.side}.parquet"))
    return {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "peak_mb": _peak_mb(),
    }


def _compiled(db: duckdb.DuckDBPyConnection) -> str:
    from creditmesh.scoring.records import features

    db.execute("CREATE TABLE _collected AS SELECT unnest(['ENT-01', 'EVT-01']) AS item, '' AS region_prefix")
    return features.own(_system(), as_of=AS_OF).sql(dialect="duckdb")


def _system():
    from types import SimpleNamespace

    from creditmesh.catalogue.model import Catalogue, Item
    from creditmesh.catalogue.reading import parse
    from creditmesh.scoring.loading import checked

    words = {"zh": "x", "en": "x"}
    fields = [
        {"name": "code", "kind": "text"},
        {"name": "kind", "kind": "choice", "choices": dict.fromkeys(KINDS, words)},
        {"name": "happened_on", "kind": "date"},
        {"name": "amount", "kind": "money", "minimum": 0},
        {"name": "severity", "kind": "integer", "minimum": 0, "maximum": 9},
        {"name": "failed", "kind": "boolean"},
        {"name": "revoked", "kind": "boolean"},
    ]
    register = [{"name": "code", "kind": "text"}, {"name": "name", "kind": "text"},
                {"name": "region", "kind": "region"}, {"name": "industry", "kind": "industry"}]  # fmt: skip
    told = {"name": "name", "region": "region", "industry": "industry"}
    items = tuple(
        Item.model_validate(
            {
                "code": code, "class_code": code[:3], "label": words, "authority": words, "level": "local",
                "status": "fictitious", "evidence": "none", "update": "append", "record_key": ["code"],
                "subject": {"code": "code"}, "modes": ["OPEN"], "sensitivity": "L1", "cadence": "daily",
                "deliver_within_days": 1, "event_date": dated, "describes": described,
                "fields": [{"label": words, **one} for one in its],
            }
        )
        for code, dated, described, its in (
            ("EVT-01", "happened_on", None, fields),
            ("ENT-01", None, told, register),
        )
    )  # fmt: skip
    catalogue = Catalogue.model_construct(lists=(SimpleNamespace(items=items),))
    return checked(parse(_file(), file="windows.yml"), catalogue=catalogue, alone=True)


def _file() -> str:
    def line(name: str, take: str, where: str, within: str | None, of: str = "") -> str:
        parts = [f"take: {take}", *([f"of: {of}"] if of else [])]
        parts += [f'where: "{where}"'] if where else []
        parts += [f"within: {within}"] if within else []
        return f"  {name}: {{label: {{zh: x, en: x}}, item: EVT-01, {', '.join(parts)}}}"

    lines = [line(name, "count", *rest) for name, rest in COUNTS.items()]
    lines += [line(name, "sum", *rest, of="amount") for name, rest in SUMS.items()]
    lines += [line("last_days", "days_since", "", None), line("worst", "max", "", None, of="severity")]
    return FILE.format(features="\n".join(lines))


FILE = """
id: windows
version: "1"
label: {{zh: 窗口, en: Windows}}
owner: {{zh: x, en: x}}
purpose: risk_classification
lifecycle: draft
status: fictitious
source: made up for a benchmark
effective_from: 2026-01-01
direction: higher_is_worse
scale: 1000
rounding: half_up
cut_offs: upper_inclusive
not_collected: skip
insufficient: {{not_better_than: B}}
minimum_coverage: 0
population: {{items: [ENT-01]}}
records:
  EVT-01: {{counts_when: "not revoked"}}
features:
{features}
groups:
  - id: all
    label: {{zh: x, en: x}}
    weight: 10000
    indicators:
      - {{id: one, label: {{zh: x, en: x}}, weight: 10000, value: n_all, bands: [{{up_to: 0, points: 0}}, {{points: 1000}}],
         missing: skip, reason: {{zh: x, en: x}}, actionable: false}}
grades:
  - {{symbol: A, label: {{zh: a, en: a}}, up_to: 500}}
  - {{symbol: B, label: {{zh: b, en: b}}}}
"""


def _hand() -> str:
    def filtered(what: str, where: str, within: str | None, other: str) -> str:
        conditions = [
            one for one in (where.replace("==", "="), within and f"_event_date > {SINCE[within]}") if one
        ]
        clause = f" FILTER (WHERE {' AND '.join(conditions)})" if conditions else ""
        return f"{what}{clause} AS {other}"

    columns = [filtered("count(*)", *rest, name) for name, rest in COUNTS.items()]
    columns += [filtered("sum(amount)", *rest, name) for name, rest in SUMS.items()]
    given = [f"coalesce({name}, 0)::BIGINT AS {name}" for name in (*COUNTS, *SUMS)]
    columns += ["(DATE '2026-06-30' - max(_event_date))::BIGINT AS last_days", "max(severity) AS worst"]
    return (
        f"WITH told AS (SELECT _subject, {', '.join(columns)} FROM evt_01"
        " WHERE _event_date <= DATE '2026-06-30' AND NOT revoked GROUP BY _subject)"
        f" SELECT r._subject AS subject, r.name, r.region, r.industry, {', '.join(given)}, last_days, worst"
        " FROM ent_01 AS r LEFT JOIN told USING (_subject)"
    )


def _measured(side: str, asked: argparse.Namespace, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--side", side, "--folder", str(folder), "--memory", asked.memory]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def _peak_mb() -> float:
    """Return the peak of this process; what getrusage tells includes the process that started it."""
    [line] = [one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def _equal(folder: Path) -> bool:
    names = ", ".join(["subject", "name", "region", "industry", *COUNTS, *SUMS, "last_days", "worst"])
    with duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(folder / "spill")}) as db:
        sides = [
            f"SELECT {names} FROM read_parquet('{folder / side}.parquet')"
            for side in ("hand-written", "compiled")
        ]
        found = [
            db.execute(f"SELECT count(*), bit_xor(hash({names})) FROM ({side})").fetchall() for side in sides
        ]
        return found[0] == found[1]


def _summary(rows: int, rounds: list[dict[str, float]]) -> dict[str, float]:
    seconds = statistics.median(one["seconds"] for one in rounds)
    return {
        "seconds": round(seconds, 2),
        "fastest": round(min(one["seconds"] for one in rounds), 2),
        "rows_per_second": round(rows / seconds),
        "cpu_seconds": round(statistics.median(one["cpu"] for one in rounds), 2),
        "peak_mb": round(max(one["peak_mb"] for one in rounds)),
    }


def _table(report: dict) -> str:
    lines = [
        f"{report['rows']} event rows, median of {report['rounds']} rounds, memory {report['memory_limit']}"
    ]
    for side, told in report["sides"].items():
        lines.append(
            f"  {side:13} {told['seconds']:8.2f} s  {told['rows_per_second']:>12,} rows/s"
            f"  {told['cpu_seconds']:7.2f} cpu s  {told['peak_mb']:6} MB"
        )
    lines.append(
        f"  compiled takes {report['time_ratio']} times the hand-written ({report['cpu_ratio']} of cpu)"
    )
    lines.append(f"  every value equal: {report['equal']}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
