"""The weights of a system as plain data: what they are, what they come from, what hangs on them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from creditmesh.scoring.definition.checks.judging import ahp
from creditmesh.scoring.definition.loaded import System, inputs
from creditmesh.scoring.definition.parts import WeightsFrom
from creditmesh.scoring.learning import applying
from creditmesh.scoring.learning import weights as by_data
from creditmesh.scoring.learning.table.columns import NoSuchColumn
from creditmesh.scoring.learning.watching.sensitivity import sensitivity
from creditmesh.scoring.plan import Plan, compile_plan
from creditmesh.scoring.targets.to_sql import ABOUT

List = tuple[str, WeightsFrom | None, list[tuple[str, int]]]


def weights(system: System, *, table: pa.Table | None, result: pa.Table | None, on: date) -> dict[str, Any]:
    """Return every list of weights; with a result, what entropy and CRITIC would give; with a table, what hangs on each.

    `table` is any table for a system of columns, or the inputs of a run (a result file) for a system of records.
    Raises `NoSuchColumn` for a table or a result that is of something else.
    """
    lists = [_list(one, result) for one in _lists(system)]
    if result is not None and not any("entropy" in one for one in lists):
        raise NoSuchColumn(
            f"No list of weights of {system.id} has all its columns points_... here: take the result of a run of it."
        )
    told: dict[str, Any] = {"system": system.id, "lists": lists}
    if table is not None:
        plan = compile_plan(system)
        shifts = sensitivity(plan, _inputs(system, plan, table, on=on))
        told["sensitivity"] = [
            {
                "list": one.level, "id": one.id, "weight": one.weight, "to": one.to,
                "changed": one.changed, "rows": one.rows,
            }
            for one in shifts
        ]  # fmt: skip
    return told


def _inputs(system: System, plan: Plan, table: pa.Table, *, on: date) -> pa.Table:
    if system.definition.of_a_table:
        return applying.inputs(system, table, on=on)
    wanted = (*inputs(system), *ABOUT, *plan.collected)
    lacking = [one for one in wanted if one not in table.column_names]
    if lacking:
        raise NoSuchColumn(
            f"The table lacks {len(lacking)} inputs of {system.id}: {', '.join(lacking[:10])}; take the result of a run."
        )
    return table


def _lists(system: System) -> Iterator[List]:
    definition = system.definition
    yield "groups", definition.weights_from, [(one.id, one.weight) for one in definition.groups]
    for group in definition.groups:
        subs = [(one.id, one.weight) for one in group.sub_groups]
        own = [(one.id, one.weight) for one in group.indicators if one.role == "weighted"]
        yield group.id, group.weights_from, subs or own
        for sub in group.sub_groups:
            inside = [(one.id, one.weight) for one in sub.indicators if one.role == "weighted"]
            yield sub.id, sub.weights_from, inside


def _list(one: List, result: pa.Table | None) -> dict[str, Any]:
    name, stated, members = one
    told: dict[str, Any] = {"list": name, "weights": dict(members)}
    if stated is not None and stated.ahp is not None:
        judged = ahp(stated.ahp, overruled=stated.overruled)
        told |= {"consistency_ratio": round(judged.consistency_ratio, 4), "overruled": stated.overruled}
    columns = [f"points_{id_}" for id_, _ in members]
    if result is not None and len(members) > 1 and set(columns) <= set(result.column_names):
        points = np.column_stack([np.asarray(result[one].to_numpy(), dtype=np.float64) for one in columns])
        points = points[~np.isnan(points).any(axis=1)]
        told |= _by_data(points, [id_ for id_, _ in members])
    return told


def _by_data(points: Any, ids: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for kind, method in (("entropy", by_data.entropy), ("critic", by_data.critic)):
        try:
            made[kind] = dict(zip(ids, by_data.shares(method(points)), strict=True))
        except by_data.BadJudgement as wrong:
            made[kind] = wrong.sentence
    return made


def lines(told: dict[str, Any]) -> list[str]:
    """Return what was told as lines for people."""
    found = []
    for one in told["lists"]:
        ratio = f", consistency ratio {one['consistency_ratio']}" if "consistency_ratio" in one else ""
        found.append(
            f"{one['list']}{ratio}: " + ", ".join(f"{id_} {weight}" for id_, weight in one["weights"].items())
        )
        for kind in ("entropy", "critic"):
            if isinstance(one.get(kind), dict):
                found.append(
                    f"  by {kind}: " + ", ".join(f"{id_} {weight}" for id_, weight in one[kind].items())
                )
            elif kind in one:
                found.append(f"  by {kind}: {one[kind]}")
    found += [
        f"{one['list']}.{one['id']} {one['weight']} -> {one['to']}: {one['changed']} of {one['rows']} grades change"
        for one in told.get("sensitivity", [])
    ]
    return found
