"""The definition a row at a time: our generated Python function, and GoRules ZEN with a decision table an indicator."""

from pathlib import Path

import duckdb
from benchmarks.scoring.peering.definition import (
    ALL,
    AS_OF,
    CAP_FROM,
    CAPS,
    CUT_OFFS,
    EXCLUDED_WHEN,
    GROUPS,
    INDICATORS,
    INPUTS,
    MILLI,
    SLOTS,
    TRIGGER_FROM,
    TRIGGERS,
    Indicator,
    kind_of,
)


def ours(folder: Path, out: Path, *, rows: int) -> None:
    """Score the first rows with the generated function and write the answer."""
    from creditmesh.scoring.loading import load
    from creditmesh.scoring.plan import compile_plan
    from creditmesh.scoring.targets.to_python import function

    score, answers = function(compile_plan(load(folder / "peers.yml", alone=True))), []
    for row in _rows(folder / "wide.parquet", rows):
        found = score(row)
        reasons = (*found.reasons, None, None, None)[:3]
        answers.append((row["subject"], found.score, found.grade, found.outcome, *reasons))
    _write(answers, out)


def zen(folder: Path, out: Path, *, rows: int) -> None:
    """Score the first rows with a ZEN decision and write the answer; the three reasons are sorted out in Python."""
    import json

    from zen import ZenEngine

    decision = ZenEngine().create_decision(json.dumps(_graph()))
    answers: list[tuple] = []
    for row in _rows(folder / "wide.parquet", rows):
        given = {
            name: (AS_OF - row[name]).days if kind_of(name) == "day" and row[name] else row[name]
            for name in INPUTS
        }
        found = decision.evaluate(given)["result"]["result"]
        keys = sorted(
            (
                int(found[one.id]) * one.importance * SLOTS + SLOTS - 1 - place
                for place, one in enumerate(INDICATORS)
                if found[one.id]
            ),
            reverse=True,
        )
        reasons = [INDICATORS[SLOTS - 1 - key % SLOTS].id for key in keys[:3]] + [None] * 3
        excluded = found["excluded"]
        answers.append(
            (
                row["subject"],
                None if excluded else int(found["total"]),
                None if excluded else found["grade"],
                "excluded" if excluded else "graded",
                *reasons[:3],
            )
        )
    _write(answers, out)


def _rows(wide: Path, rows: int):
    with duckdb.connect() as connection:
        yield from connection.sql(f"FROM read_parquet('{wide}') LIMIT {rows}").to_arrow_table().to_pylist()


def _write(answers: list[tuple], out: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"subject": pa.int64(), "score": pa.int32()}
    names = ["subject", "score", "grade", "outcome", "reason1", "reason2", "reason3"]
    columns = zip(names, zip(*answers, strict=True), strict=True)
    table = pa.table({name: pa.array(values, types.get(name, pa.string())) for name, values in columns})
    pq.write_table(table, out, compression="zstd")


def _graph() -> dict:
    """Return the decision: a table for each indicator, then the sums, then the table of grades."""
    nodes = [{"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}}]
    edges = []

    def add(id_: str, type_: str, content: dict, after: list[str]) -> None:
        nodes.append(
            {"id": id_, "type": type_, "name": id_, "position": {"x": 0, "y": 0}, "content": content}
        )
        edges.extend(
            {"id": f"{one}-{id_}", "sourceId": one, "targetId": id_, "type": "edge"} for one in after
        )

    for one in INDICATORS:
        add(one.id, "decisionTableNode", _table(one), ["in"])
    add("sums", "expressionNode", {"expressions": _sums()}, [one.id for one in INDICATORS])
    add("grade", "decisionTableNode", _grades(), ["sums", "in"])
    last = [*(f'"{one.id}": {one.id}' for one in INDICATORS), "total", "excluded", "grade"]
    listed = ", ".join(name if ":" in name else f'"{name}": {name}' for name in last)
    shown = {"expressions": [{"id": "r", "key": "result", "value": f"{{{listed}}}"}]}
    add("shown", "expressionNode", shown, ["sums", "grade"])
    nodes.append({"id": "out", "type": "outputNode", "name": "out", "position": {"x": 0, "y": 0}})
    edges.append({"id": "shown-out", "sourceId": "shown", "targetId": "out", "type": "edge"})
    return {"nodes": nodes, "edges": edges}


def _table(one: Indicator) -> dict:
    """Return a table whose rows test one input; what is missing comes first, for ZEN refuses to compare it."""
    name, none = one.inputs[0], "0" if one.zero_without else "null"
    absent = " or ".join(f"{other} == null" for other in one.inputs)
    if one.kind == "ratio":
        absent += f" or {one.inputs[1]} <= 0"
    rows = [(absent, none), *_branches(one, name)]
    return {
        "hitPolicy": "first",
        "inputs": [{"id": "i", "name": "test", "type": "expression"}],
        "outputs": [{"id": "o", "name": "points", "type": "expression", "field": one.id}],
        "rules": [{"_id": str(n), "i": test, "o": then} for n, (test, then) in enumerate(rows)],
    }


def _branches(one: Indicator, name: str) -> list[tuple[str, str]]:
    match one.kind:
        case "bands" | "days":
            return [
                ("" if end is None else f"{name} <= {end}", f"{points * MILLI}") for end, points in one.steps
            ]
        case "per_event":
            [(each, most)] = one.steps
            return [(f"{name} * {each} < {most}", f"{name} * {each * MILLI}"), ("", f"{most * MILLI}")]
        case "truth":
            return [(name, f"{one.steps[0][1] * MILLI}"), ("", "0")]
        case "lookup":
            return [(f"{name} == '{word}'", f"{points * MILLI}") for word, points in one.steps]
        case "formula":
            (a, b), other = one.steps[0], one.inputs[1]
            summed = f"{name} * {a} + {other} * {b}"
            return [(f"{summed} < 1000", f"({summed}) * {MILLI}"), ("", "1000000")]
        case _:
            value = name if one.kind == "line" else f"floor({name} * {ALL} / {one.inputs[1]})"
            (x, y), *_ = one.steps
            rows = [(f"{value} <= {x}", f"{y * MILLI}")]
            for (x, y), (end, points) in zip(one.steps, one.steps[1:], strict=False):
                rise, run = abs(points - y) * MILLI, end - x
                along = f"floor((2 * {rise} * ({value} - {x}) + {run}) / {2 * run})"
                rows.append((f"{value} <= {end}", f"{y * MILLI} {'+' if points >= y else '-'} {along}"))
            return [*rows, ("", f"{one.steps[-1][1] * MILLI}")]


def _sums() -> list[dict]:
    made = []
    for group in GROUPS:
        its = [one for one in INDICATORS if one.group == group]
        summed = " + ".join(
            f"{one.weight} * {one.id}"
            if one.zero_without
            else f"{one.weight} * ({one.id} == null ? 0 : {one.id})"
            for one in its
        )
        weight = " + ".join(
            f"{one.weight}" if one.zero_without else f"({one.id} == null ? 0 : {one.weight})" for one in its
        )
        made.append((f"s_{group}", f"floor((2 * ({summed}) + ({weight})) / (2 * ({weight})))"))
    whole = " + ".join(f"{weight} * $.s_{group}" for group, weight in GROUPS.items())
    made.append(("total", f"floor((2 * ({whole}) + {ALL}) / {2 * ALL})"))
    made += [(one.id, one.id) for one in INDICATORS]
    return [{"id": name, "key": name, "value": value} for name, value in made]


def _grades() -> dict:
    triggered = [f"{name} == true" for name in TRIGGERS.values()]
    capped = [f"{name} == true" for name in CAPS.values()]
    a, b, c = (end * MILLI for end in CUT_OFFS.values() if end is not None)
    excluded = f"{EXCLUDED_WHEN[0]} != null and {EXCLUDED_WHEN[0]} == '{EXCLUDED_WHEN[1]}'"
    late = f"({TRIGGER_FROM[1]} == null ? false : {TRIGGER_FROM[1]} >= {TRIGGER_FROM[2]})"
    many = f"({CAP_FROM[1]} == null ? false : {CAP_FROM[1]} >= {CAP_FROM[2]})"
    rows = [
        (" or ".join([*triggered, late, f"total > {c}"]), "D"),
        (" or ".join([*capped, many, f"total > {b}"]), "C"),
        (f"total > {a}", "B"),
        ("", "A"),
    ]
    return {
        "hitPolicy": "first",
        "inputs": [{"id": "i", "name": "test", "type": "expression"}],
        "outputs": [
            {"id": "o", "name": "grade", "type": "expression", "field": "grade"},
            {"id": "x", "name": "excluded", "type": "expression", "field": "excluded"},
        ],
        "passThrough": True,
        "rules": [
            {"_id": str(n), "i": test, "o": f"'{symbol}'", "x": excluded}
            for n, (test, symbol) in enumerate(rows)
        ],
    }
