"""The definition in NumPy as one writes it by hand: chunks of rows through pyarrow, columns as arrays."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.scoring.peering.definition import (
    ALL,
    ANSWER,
    AS_OF,
    CAP_FROM,
    CAPS,
    CUT_OFFS,
    EXCLUDED_WHEN,
    GROUPS,
    INDICATORS,
    INPUTS,
    MILLI,
    POINTS,
    SLOTS,
    TRIGGER_FROM,
    TRIGGERS,
    Indicator,
    kind_of,
)  # fmt: skip

CHUNK = 122_880
Columns = dict[str, tuple[np.ndarray, np.ndarray]]  # values, and where there are any


def run(wide: Path, out: Path, *, points: bool) -> None:
    """Read the rows, score them and write the answer."""
    writer = None
    for batch in pq.ParquetFile(wide).iter_batches(CHUNK, columns=["subject", *INPUTS]):
        made = _answer(batch, points=points)
        writer = writer or pq.ParquetWriter(out, made.schema, compression="zstd")
        writer.write_table(made)
    if writer is not None:
        writer.close()


def _answer(batch: pa.RecordBatch, *, points: bool) -> pa.Table:
    given: Columns = {name: _column(batch[name], name) for name in INPUTS}
    scored = {one.id: _points(one, given) for one in INDICATORS}
    means = {group: _mean(group, scored) for group in GROUPS}
    total = _half_up(sum(weight * means[group] for group, weight in GROUPS.items()), ALL)
    excluded = given[EXCLUDED_WHEN[0]][0] == EXCLUDED_WHEN[1]
    told = {"subject": batch["subject"], "score": pa.array(total.astype(np.int32), mask=excluded)}
    told |= _verdict(total, excluded, given)
    told |= {f"reason{n + 1}": one for n, one in enumerate(_reasons(scored))}
    if points:
        for name, (values, there) in scored.items():
            told[f"points_{name}"] = pa.array(values.astype(np.int32), mask=~there)
        told |= {f"points_{group}": pa.array(values.astype(np.int32)) for group, values in means.items()}
    return pa.table({name: told[name] for name in [*ANSWER[:1], *(POINTS if points else ()), *ANSWER[1:]]})


def _column(array: pa.Array, name: str) -> tuple[np.ndarray, np.ndarray]:
    there = np.asarray(array.is_valid())
    kind = kind_of(name)
    if kind == "class":
        return np.asarray(array.fill_null("").to_numpy(zero_copy_only=False)), there
    if kind == "day":
        return np.asarray(array.cast(pa.int32()).fill_null(0)).astype(np.int64), there
    filled = array.fill_null(False if kind == "flag" else 0)
    return np.asarray(filled), there


def _points(one: Indicator, given: Columns) -> tuple[np.ndarray, np.ndarray]:
    value, there = given[one.inputs[0]]
    match one.kind:
        case "bands" | "days":
            if one.kind == "days":
                value = (AS_OF - AS_OF.fromordinal(719163)).days - value
            ends = np.array([end for end, _ in one.steps if end is not None])
            made = np.array([points * MILLI for _, points in one.steps])[np.searchsorted(ends, value)]
        case "per_event":
            [(each, most)] = one.steps
            made = np.minimum(value * (each * MILLI), most * MILLI)
        case "truth":
            made = np.where(value, one.steps[0][1] * MILLI, 0)
        case "lookup":
            made = np.zeros(len(value), np.int64)
            for word, points in one.steps:
                made[value == word] = points * MILLI
        case "formula":
            other, too = given[one.inputs[1]]
            a, b = one.steps[0]
            made, there = np.minimum(value * (a * MILLI) + other * (b * MILLI), 1_000_000), there & too
        case _:
            made, there = _line(one, given)
    made = np.where(there, made, 0)
    return made, np.ones(len(made), bool) if one.zero_without else there


def _line(one: Indicator, given: Columns) -> tuple[np.ndarray, np.ndarray]:
    value, there = given[one.inputs[0]]
    if one.kind == "ratio":
        whole, too = given[one.inputs[1]]
        there = there & too & (whole > 0)
        value = value * ALL // np.maximum(whole, 1)
    made = np.full(len(value), one.steps[-1][1] * MILLI, np.int64)
    for (x, y), (end, points) in reversed(list(zip(one.steps, one.steps[1:], strict=False))):
        rise, run = abs(points - y) * MILLI, end - x
        along = (2 * rise * (value - x) + run) // (2 * run)
        made = np.where(value <= end, y * MILLI + (along if points >= y else -along), made)
    return np.where(value <= one.steps[0][0], one.steps[0][1] * MILLI, made), there


def _half_up(summed: np.ndarray, weight: np.ndarray | int) -> np.ndarray:
    return (2 * summed + weight) // (2 * weight)


def _mean(group: str, scored: Columns) -> np.ndarray:
    its = [one for one in INDICATORS if one.group == group]
    summed = sum(one.weight * scored[one.id][0] for one in its)
    return _half_up(summed, sum(one.weight * scored[one.id][1] for one in its))


def _verdict(total: np.ndarray, excluded: np.ndarray, given: Columns) -> dict[str, pa.Array]:
    triggered, capped = (
        np.logical_or.reduce([*(given[name][0] for name in names.values()), given[count][0] >= least])
        for names, (_, count, least) in ((TRIGGERS, TRIGGER_FROM), (CAPS, CAP_FROM))
    )
    ends = np.array([end * MILLI for end in CUT_OFFS.values() if end is not None])
    rank = np.maximum(np.searchsorted(ends, total), np.where(triggered, 3, np.where(capped, 2, 0)))
    symbols, outcomes = pa.array(list(CUT_OFFS)), pa.array(["graded", "excluded"])
    return {
        "grade": symbols.take(pa.array(rank, mask=excluded)),
        "outcome": outcomes.take(pa.array(excluded.astype(np.int8))),
    }


def _reasons(scored: Columns) -> list[pa.Array]:
    keys = np.stack([
        np.where(scored[one.id][0] > 0, scored[one.id][0] * (one.importance * SLOTS) + (SLOTS - 1 - place), 0)
        for place, one in enumerate(INDICATORS)
    ])  # fmt: skip
    ids, found = pa.array([one.id for one in INDICATORS]), []
    for _ in range(3):
        top = keys.max(axis=0)
        found.append(ids.take(pa.array(SLOTS - 1 - top % SLOTS, mask=top == 0)))
        keys[keys == top] = 0
    return found
