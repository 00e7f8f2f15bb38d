"""The definition in OpenFisca: a variable for each input, whether it is known, each indicator, group and reason.

Run by a Python that has openfisca-core; nothing of this project but the data of the definition is imported.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
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
    TEXTS,
    TRIGGER_FROM,
    TRIGGERS,
    Indicator,
    kind_of,
)
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

ENTERPRISE = build_entity(key="enterprise", plural="enterprises", label="Enterprise", is_person=True)
WHEN = "2026-06"
EPOCH = AS_OF.toordinal() - 719_163
WORDS = [*TEXTS, "active", EXCLUDED_WHEN[1]]  # texts are kept as numbers: OpenFisca's own texts are objects


def run(wide: Path, out: Path, *, rows: int) -> None:
    """Score the first rows and write the answer; it has no missing value, so every input has a twin that says it is known."""
    table = next(pq.ParquetFile(wide).iter_batches(rows, columns=["subject", *INPUTS]))
    system = TaxBenefitSystem([ENTERPRISE])
    for name in INPUTS:
        _add(system, name, (kind_of(name) == "flag" and bool) or int)
        _add(system, f"{name}_known", bool)
    for one in INDICATORS:
        _add(system, f"points_{one.id}", int, lambda person, period, one=one: _points(one, person, period)[0])
        _add(system, f"known_{one.id}", bool, lambda person, period, one=one: _points(one, person, period)[1])
    for group in GROUPS:
        _add(system, f"points_{group}", int, lambda person, period, group=group: _mean(group, person, period))
    _add(system, "total", int, _total)
    _add(system, "rank", int, _rank)
    simulation = SimulationBuilder().build_default_simulation(system, count=table.num_rows)
    for name in INPUTS:
        values, known = _column(table[name], name)
        simulation.set_input(name, WHEN, values)
        simulation.set_input(f"{name}_known", WHEN, known)
    _write(table, simulation, out)


def _add(system: TaxBenefitSystem, name: str, type_: type, formula=None) -> None:
    about = {"value_type": type_, "entity": ENTERPRISE, "definition_period": DateUnit.MONTH, "label": name}
    if formula is not None:
        about["formula"] = lambda person, period, parameters=None: formula(person, period)
    system.add_variable(type(name, (Variable,), about))


def _column(array: pa.Array, name: str) -> tuple[np.ndarray, np.ndarray]:
    known = np.asarray(array.is_valid())
    kind = kind_of(name)
    if kind == "class":
        places = pa.compute.index_in(array, pa.array(WORDS))
        return np.asarray(places.fill_null(0)).astype(np.int32), known
    if kind == "day":
        return np.asarray(array.cast(pa.int32()).fill_null(0)), known
    filled = np.asarray(array.fill_null(False if kind == "flag" else 0))
    return filled if kind == "flag" else filled.astype(np.int32), known


def _points(one: Indicator, person, period) -> tuple[np.ndarray, np.ndarray]:
    value, known = person(one.inputs[0], period), person(f"{one.inputs[0]}_known", period)
    match one.kind:
        case "bands" | "days":
            value = EPOCH - value if one.kind == "days" else value
            ends = np.array([end for end, _ in one.steps if end is not None])
            made = np.array([points * MILLI for _, points in one.steps])[np.searchsorted(ends, value)]
        case "per_event":
            [(each, most)] = one.steps
            made = np.minimum(value.astype(np.int64) * (each * MILLI), most * MILLI)
        case "truth":
            made = np.where(value, one.steps[0][1] * MILLI, 0)
        case "lookup":
            made = np.array([points * MILLI for _, points in one.steps])[np.minimum(value, len(TEXTS) - 1)]
        case "formula":
            other, too = person(one.inputs[1], period), person(f"{one.inputs[1]}_known", period)
            a, b = one.steps[0]
            made, known = np.minimum(value * (a * MILLI) + other * (b * MILLI), 1_000_000), known & too
        case _:
            made, known = _line(one, person, period)
    return np.where(known, made, 0).astype(np.int32), known | one.zero_without


def _line(one: Indicator, person, period) -> tuple[np.ndarray, np.ndarray]:
    value, known = person(one.inputs[0], period).astype(np.int64), person(f"{one.inputs[0]}_known", period)
    if one.kind == "ratio":
        whole = person(one.inputs[1], period).astype(np.int64)
        known = known & person(f"{one.inputs[1]}_known", period) & (whole > 0)
        value = value * ALL // np.maximum(whole, 1)
    made = np.full(len(value), one.steps[-1][1] * MILLI, np.int64)
    for (x, y), (end, points) in reversed(list(zip(one.steps, one.steps[1:], strict=False))):
        rise, run_ = abs(points - y) * MILLI, end - x
        along = (2 * rise * (value - x) + run_) // (2 * run_)
        made = np.where(value <= end, y * MILLI + (along if points >= y else -along), made)
    return np.where(value <= one.steps[0][0], one.steps[0][1] * MILLI, made), known


def _mean(group: str, person, period) -> np.ndarray:
    its = [one for one in INDICATORS if one.group == group]
    summed = sum(one.weight * person(f"points_{one.id}", period).astype(np.int64) for one in its)
    weight = sum(one.weight * person(f"known_{one.id}", period).astype(np.int64) for one in its)
    return ((2 * summed + weight) // (2 * weight)).astype(np.int32)


def _total(person, period) -> np.ndarray:
    summed = sum(
        weight * person(f"points_{group}", period).astype(np.int64) for group, weight in GROUPS.items()
    )
    return ((2 * summed + ALL) // (2 * ALL)).astype(np.int32)


def _rank(person, period) -> np.ndarray:
    ends = np.array([end * MILLI for end in CUT_OFFS.values() if end is not None])
    rank = np.searchsorted(ends, person("total", period))
    for names, (_, count, least), worst in ((TRIGGERS, TRIGGER_FROM, 3), (CAPS, CAP_FROM, 2)):
        hit = [person(name, period) for name in names.values()] + [person(count, period) >= least]
        rank = np.maximum(rank, np.where(np.logical_or.reduce(hit), worst, 0))
    return rank.astype(np.int32)


def _write(table: pa.RecordBatch, simulation, out: Path) -> None:
    status = simulation.calculate(EXCLUDED_WHEN[0], WHEN) == WORDS.index(EXCLUDED_WHEN[1])
    excluded = status & simulation.calculate(f"{EXCLUDED_WHEN[0]}_known", WHEN)
    told = {
        "subject": table["subject"],
        "score": pa.array(simulation.calculate("total", WHEN), mask=excluded),
        "grade": pa.array(list(CUT_OFFS)).take(pa.array(simulation.calculate("rank", WHEN), mask=excluded)),
        "outcome": pa.array(["graded", "excluded"]).take(pa.array(excluded.astype(np.int8))),
    }
    # keys do not fit OpenFisca's 32 bits, so the three reasons are taken from its points outside of it
    keys = np.stack(
        [
            np.where(points > 0, points.astype(np.int64) * (one.importance * SLOTS) + (SLOTS - 1 - place), 0)
            for place, one in enumerate(INDICATORS)
            for points in [simulation.calculate(f"points_{one.id}", WHEN)]
        ]
    )
    ids = pa.array([one.id for one in INDICATORS])
    for nth in (1, 2, 3):
        top = keys.max(axis=0)
        told[f"reason{nth}"] = ids.take(pa.array(SLOTS - 1 - top % SLOTS, mask=top == 0))
        keys[keys == top] = 0
    pq.write_table(pa.table(told), out, compression="zstd")
