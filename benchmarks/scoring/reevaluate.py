#!/usr/bin/env -S bash -c 'exec "$(dirname "$0")/../../.venv/bin/python" "$0" "$@"'
"""One enterprise evaluated again from its records, in process: inputs by plain Python, then the generated function.

    benchmarks/scoring/reevaluate.py [--system general] [--records 20] [--calls 2000] [--json]

An invented enterprise with so many records of every item the system reads (values drawn from a fixed seed); what relations
say is given, as the last run found it. Reading and compiling the system is done once, before, and told apart. At the end
the inputs are compared with those DuckDB computes from the same records.
"""

import argparse
import json
import random
import resource
import statistics
import time
from datetime import date, timedelta

import duckdb

from creditmesh.catalogue.model import Kind
from creditmesh.lake import columns
from creditmesh.scoring import evaluate
from creditmesh.scoring.definition.loaded import inputs as typed
from creditmesh.scoring.definition.loaded import table
from creditmesh.scoring.language.tree import Type
from creditmesh.scoring.loading import load, shipped
from creditmesh.scoring.plan import compile_plan
from creditmesh.scoring.records import features, touching
from creditmesh.scoring.records.one import FromRecords
from creditmesh.scoring.targets.to_python import function

AS_OF = date(2026, 6, 30)
SUBJECT = "A" * 18


def main() -> None:
    asked = _arguments()
    started = time.perf_counter()
    system = load(shipped()[asked.system])
    prepared, score = FromRecords(system, as_of=AS_OF), function(compile_plan(system))
    compiling = time.perf_counter() - started
    records = _records(system, asked.records)
    about = {"subject": SUBJECT, "name": "示例", "region": "990121001", "industry": "C1441"}
    related = {
        name: 1 if typed(system)[name].type is Type.INTEGER else None
        for name, one in system.definition.features.items()
        if one.item is None
    }
    delivered = dict.fromkeys(touching.items_of(system), True)
    taken, whole = [], []
    for _ in range(asked.calls):
        begun = time.perf_counter()
        row = prepared.inputs(records, about=about, delivered=delivered, related=related)
        between = time.perf_counter()
        score(row)
        ended = time.perf_counter()
        taken.append((between - begun) * 1000)
        whole.append((ended - begun) * 1000)
    report = {
        "system": asked.system,
        "records": sum(map(len, records.values())),
        "calls": asked.calls,
        "compiling_ms": round(compiling * 1000, 1),
        "inputs_ms": _percentiles(taken),
        "whole_ms": _percentiles(whole),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "equal": _equal(system, records, row),
    }
    print(json.dumps(report, indent=2) if asked.json else _table(report))
    if not report["equal"]:
        raise SystemExit("DuckDB and Python differ.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--system", default="general")
    parser.add_argument("--records", type=int, default=20, help="of each item")
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _records(system, number: int) -> dict[str, list[dict]]:
    chance = random.Random(7)  # noqa: S311 - the same records each time
    found = {}
    for code in touching.items_of(system):
        item = system.items[code]
        rows = []
        for n in range(number):
            row = {field.name: _value(field, chance) for field in item.fields}
            happened = row.get(item.event_date) if item.event_date else None
            rows.append(
                {**row, "_key": f"{n}", "_subject": SUBJECT, "_row": n, "_seq": n, "_event_date": happened}
            )
        found[code] = rows
    return found


def _value(field, chance: random.Random) -> object:
    if chance.random() < 0.1:
        return None
    if field.kind is Kind.CHOICE:
        return chance.choice(list(field.choices))
    if field.kind is Kind.DATE:
        return AS_OF - timedelta(chance.randrange(-60, 2000))
    if field.kind is Kind.BOOLEAN:
        return chance.random() < 0.3
    if field.kind in {Kind.INTEGER, Kind.MONEY, Kind.PERCENT}:
        return chance.randrange(field.minimum or 0, min(field.maximum or 10**9, 10**9) + 1)
    return f"{field.name}{chance.randrange(5)}"


def _equal(system, records: dict[str, list[dict]], row: dict) -> bool:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE _collected (item VARCHAR, region_prefix VARCHAR)")
    for code, rows in records.items():
        kinds = {one.name: columns.sql_type(one) for one in columns.schema(system.items[code])}
        names = [name for name in kinds if name in rows[0]]
        listed = ", ".join(f'"{name}" {kinds[name]}' for name in names)
        connection.execute(f"CREATE TABLE {table(code)} ({listed})")
        marks = ", ".join("?" * len(names))
        connection.executemany(
            f"INSERT INTO {table(code)} VALUES ({marks})", [[one[name] for name in names] for one in rows]
        )
        connection.execute("INSERT INTO _collected VALUES (?, '')", [code])
    connection.execute(evaluate.NOTHING)
    found = (
        connection.sql(features.own(system, as_of=AS_OF).sql(dialect="duckdb")).to_arrow_table().to_pylist()
    )
    [told] = [one for one in found if one["subject"] == SUBJECT]
    about = {"subject", "name", "region", "industry"}
    return all(row[name] == value for name, value in told.items() if name not in about)


def _percentiles(found: list[float]) -> dict[str, float]:
    ordered = sorted(found)
    return {
        "median": round(statistics.median(ordered), 3),
        "p95": round(ordered[len(ordered) * 95 // 100], 3),
        "p99": round(ordered[len(ordered) * 99 // 100], 3),
    }


def _table(report: dict) -> str:
    whole = report["whole_ms"]
    return "\n".join(
        [
            f"{report['system']}: one enterprise with {report['records']} records, {report['calls']} times",
            f"  from records to grade: median {whole['median']} ms, p95 {whole['p95']}, p99 {whole['p99']}",
            f"  of that the inputs: median {report['inputs_ms']['median']} ms",
            f"  reading and compiling the system, once: {report['compiling_ms']} ms; peak {report['peak_mb']} MB",
            f"  inputs equal to DuckDB's: {report['equal']}",
        ]
    )


if __name__ == "__main__":
    main()
