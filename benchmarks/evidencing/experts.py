"""An expert file over tables that are not a node's: its own plan, over inputs mapped by hand and written down."""

from collections.abc import Mapping
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from creditmesh.scoring import loading
from creditmesh.scoring.learning.model import measures
from creditmesh.scoring.plan import compile_plan
from creditmesh.scoring.targets import to_sql

TYPES = {"TEXT": pa.string(), "TRUTH": pa.bool_(), "DATE": pa.date32(), "INTEGER": pa.int64()}


def graded(system: str, known: Mapping[str, pd.Series], *, collected: set[str], on: date) -> pd.DataFrame:
    """Return the whole result of a shipped system over rows of which only some inputs are known.

    `known` gives inputs by name; the others are missing; items not in `collected` count as not collected.
    """
    plan = compile_plan(loading.load(loading.shipped()[system]))
    rows = len(next(iter(known.values())))
    unknown = set(known) - {one.name.name for one in plan.inputs}
    assert not unknown, unknown
    made = {
        "subject": pa.array(range(rows), pa.int64()),
        "name": pa.nulls(rows, pa.string()),
        "region": pa.nulls(rows, pa.string()),
        "industry": pa.nulls(rows, pa.string()),
        "as_of": pa.repeat(pa.scalar(on, pa.date32()), rows),
    }
    for flag in plan.collected:
        item = flag.removesuffix("_collected").replace("_", "-").upper()
        made[flag] = pa.repeat(pa.scalar(item in collected), rows)
    for one in plan.inputs:
        type_ = TYPES[one.name.type.name]
        found = known.get(one.name.name)
        made[one.name.name] = pa.nulls(rows, type_) if found is None else _array(found, type_)
    connection = duckdb.connect(config={"threads": 1})
    connection.register("_inputs", pa.table(made))
    result = connection.sql(f"FROM ({to_sql.statement(plan, inputs='_inputs')}) ORDER BY subject").df()
    connection.close()
    return result


def _array(found: pd.Series, type_: pa.DataType) -> pa.Array:
    gone = found.isna().to_numpy()
    if pa.types.is_integer(type_):
        return pa.array(pd.to_numeric(found).fillna(0).round().astype("int64").to_numpy(), type_, mask=gone)
    if pa.types.is_boolean(type_):
        return pa.array(found.fillna(False).astype(bool).to_numpy(), type_, mask=gone)
    return pa.array([None if gone[n] else one for n, one in enumerate(found)], type_)


def read_indicators(system: str, result: pd.DataFrame, bad: np.ndarray) -> list[dict[str, object]]:
    """Return for every indicator that differs between enterprises what its points say about the outcome."""
    plan = loading.load(loading.shipped()[system])
    found = []
    for one in plan.definition.indicators:
        points = result[f"points_{one.id}"]
        there = points.notna().to_numpy()
        values = points[there].astype(float).to_numpy()
        if not there.any() or len(np.unique(values)) < 2:
            continue
        outcome = bad[there]
        low, high = values == values.min(), values > values.min()
        auc = measures.auc(outcome, values)
        found.append(
            {
                "indicator": one.id,
                "rows with points": int(there.sum()),
                "above lowest": int(high.sum()),
                "bad at lowest": float(outcome[low].mean()),
                "bad above": float(outcome[high].mean()),
                "AUC": auc,
                "reading": _reading(outcome[low], outcome[high]),
            }
        )
    return sorted(found, key=lambda row: -abs(row["AUC"] - 0.5))


def _reading(low: np.ndarray, high: np.ndarray) -> str:
    """Return whether those with more points are bad more often, beyond twice the error of the difference."""
    share = float(np.concatenate([low, high]).mean())
    error = (share * (1 - share) * (1 / len(low) + 1 / len(high))) ** 0.5
    apart = float(high.mean() - low.mean())
    if abs(apart) < 2 * error:
        return "says nothing"
    return "right sign" if apart > 0 else "WRONG SIGN"


def same_shares(score: np.ndarray, grade: np.ndarray) -> np.ndarray:
    """Return grades by another score, as many in each as the given ones; ties broken by place."""
    order = np.argsort(np.asarray(score, dtype=float), kind="stable")
    made = np.empty(len(grade), dtype=object)
    made[order] = np.sort(np.asarray(grade, dtype=str))
    return made
