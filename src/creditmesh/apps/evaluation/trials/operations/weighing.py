"""How much grades hang on each weight: raise and lower it a little, share out the rest, and count who moves."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from creditmesh.apps.evaluation.trials.operations.rescoring import (
    Connection,
    listed,
    needed,
    score,
)
from creditmesh.scoring.definition.indicators import Group, Indicator, SubGroup
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.system import Definition
from creditmesh.scoring.plan import compile_plan

ALL = 10_000
Member = Group | SubGroup | Indicator


def sensitivities(
    connection: Connection,
    *,
    system: System,
    relation: str,
    percent: int,
    sample: int,
    tell: Callable[[int], None],
) -> dict[str, Any]:
    """Return for every weight which share of grades changes when it is raised, and when it is lowered.

    On at most `sample` enterprises, taken by the hash of their key; how many is part of the answer.
    `tell` hears how far the work is, in basis points.
    """
    columns = needed(compile_plan(system))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE sampled AS SELECT {listed(columns)} FROM {relation}"  # noqa: S608
        f" ORDER BY hash(subject), subject LIMIT {sample}"
    )
    score(connection, system=system, relation="sampled", into="as_weighed")
    size = connection.execute("SELECT count(*) FROM as_weighed").fetchall()[0][0]
    weights = list(_weights(system.definition))
    found = []
    for place, (level, id_, weight, path) in enumerate(weights):
        tell(ALL * place // len(weights))
        changed = {
            word: _changed(connection, system, path, max(0, min(ALL, weight + turn * _step(weight, percent))))
            for word, turn in (("up", 1), ("down", -1))
        }
        found.append({"level": level, "id": id_, "weight": weight, **changed})
    found.sort(key=lambda one: (-max(one["up"], one["down"]), one["level"], one["id"]))
    return {"sample": size, "percent": percent, "weights": found}


def reweighted(definition: Definition, path: tuple[int, ...], weight: int) -> Definition:
    """Return a definition in which one weight is another and its neighbours share the rest as they did."""
    groups = definition.groups
    if len(path) == 1:
        return definition.model_copy(update={"groups": _shared(groups, path[0], weight)})
    group = groups[path[0]]
    if len(path) == 2 and group.sub_groups:
        changed = group.model_copy(update={"sub_groups": _shared(group.sub_groups, path[1], weight)})
    elif len(path) == 2:
        changed = group.model_copy(update={"indicators": _shared(group.indicators, path[1], weight)})
    else:
        sub = group.sub_groups[path[1]]
        inner = sub.model_copy(update={"indicators": _shared(sub.indicators, path[2], weight)})
        subs = tuple(inner if n == path[1] else one for n, one in enumerate(group.sub_groups))
        changed = group.model_copy(update={"sub_groups": subs})
    kept = tuple(changed if n == path[0] else one for n, one in enumerate(groups))
    return definition.model_copy(update={"groups": kept})


def _shared(members: tuple[Any, ...], place: int, weight: int) -> tuple[Any, ...]:
    others = [n for n, one in enumerate(members) if n != place and _counts(one)]
    before = sum(members[n].weight for n in others)
    left = ALL - weight
    new = {n: members[n].weight * left // before if before else 0 for n in others}
    # What the rounding leaves goes to the heaviest, so that the weights still make the whole.
    if others:
        heaviest = max(others, key=lambda n: new[n])
        new[heaviest] += left - sum(new.values())
    new[place] = weight
    return tuple(
        one.model_copy(update={"weight": new[n]}) if n in new else one for n, one in enumerate(members)
    )


def _weights(definition: Definition) -> Iterator[tuple[str, str, int, tuple[int, ...]]]:
    """Yield every weight that has neighbours to share with: level, id, weight, path."""
    for g, group in enumerate(definition.groups):
        if len(definition.groups) > 1:
            yield "group", group.id, group.weight, (g,)
        for s, sub in enumerate(group.sub_groups):
            if len(group.sub_groups) > 1:
                yield "sub_group", sub.id, sub.weight, (g, s)
            yield from _indicators(sub.indicators, (g, s))
        yield from _indicators(group.indicators, (g,))


def _indicators(
    indicators: tuple[Indicator, ...], path: tuple[int, ...]
) -> Iterator[tuple[str, str, int, tuple[int, ...]]]:
    counting = [n for n, one in enumerate(indicators) if _counts(one)]
    for n in counting if len(counting) > 1 else ():
        yield "indicator", indicators[n].id, indicators[n].weight, (*path, n)


def _counts(one: Member) -> bool:
    return not isinstance(one, Indicator) or one.role == "weighted"


def _step(weight: int, percent: int) -> int:
    return max(1, weight * percent // 100)


def _changed(connection: Connection, system: System, path: tuple[int, ...], weight: int) -> int:
    other = replace(system, definition=reweighted(system.definition, path, weight))
    score(connection, system=other, relation="sampled", into="reweighed")
    [(changed,)] = connection.execute(
        "SELECT count(*) FROM as_weighed AS a JOIN reweighed AS b USING (subject)"
        " WHERE a.grade IS DISTINCT FROM b.grade"
    ).fetchall()
    return int(changed)
