"""How much grades hang on each weight: raise and lower it a little, share out the rest, and count who moves."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlglot import exp

from creditmesh.apps.evaluation.trials.operations.rescoring import Connection, listed, needed
from creditmesh.scoring.definition.indicators import Group, Indicator, SubGroup
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.system import Definition
from creditmesh.scoring.language.building import chosen, column
from creditmesh.scoring.plan import Level, Plan, compile_plan
from creditmesh.scoring.targets.staged import combining, levels, points, verdict
from creditmesh.scoring.targets.staged.context import Columns, Context

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
    plan = compile_plan(system)
    _score_points(connection, plan)
    _grade(connection, plan, into="as_weighed")
    size = connection.execute("SELECT count(*) FROM as_weighed").fetchall()[0][0]
    weights = list(_weights(system.definition))
    found: list[dict[str, Any]] = []
    for place, (level, id_, weight, path) in enumerate(weights):
        tell(ALL * place // len(weights))
        changed = {
            word: _changed(
                connection,
                with_weights(plan, reweighted(system.definition, path, _moved(weight, turn, percent))),
            )
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


def _moved(weight: int, turn: int, percent: int) -> int:
    return max(0, min(ALL, weight + turn * max(1, weight * percent // 100)))


def with_weights(plan: Plan, definition: Definition) -> Plan:
    """Return a plan with the weights of a definition that differs in nothing else; no expression is parsed again."""
    weights = {one.id: one.weight for one in definition.groups}
    weights |= {one.id: one.weight for one in definition.indicators}
    weights |= {sub.id: sub.weight for group in definition.groups for sub in group.sub_groups}

    def weighed(level: Level) -> Level:
        return replace(
            level,
            members=tuple((id_, weights[id_]) for id_, _ in level.members),
            adjustments=tuple((id_, weights[id_]) for id_, _ in level.adjustments),
        )

    return replace(
        plan,
        sub_groups=tuple(weighed(one) for one in plan.sub_groups),
        groups=tuple(weighed(one) for one in plan.groups),
        total=weighed(plan.total),
    )


def _changed(connection: Connection, plan: Plan) -> int:
    _grade(connection, plan, into="reweighed")
    [(changed,)] = connection.execute(
        "SELECT count(*) FROM as_weighed AS a JOIN reweighed AS b USING (subject)"
        " WHERE a.grade IS DISTINCT FROM b.grade"
    ).fetchall()
    return int(changed)


def _score_points(connection: Connection, plan: Plan) -> None:
    """Make the table of the points of every indicator: no weight changes them, so they are computed once."""
    of = Context(plan)
    steps = (("held", points.held(of)), ("measured", points.measured(of)), ("scored", points.scored(of)))
    query = _staged(steps, before="sampled", result=[exp.Star()])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE pointed_at AS {query}")


def _grade(connection: Connection, plan: Plan, *, into: str) -> None:
    """Make a table of grades from those points, by the levels and the verdict of a plan."""
    of = Context(plan)
    steps = [
        *levels.steps(of, "sub_groups", of.plan.sub_groups),
        *levels.steps(of, "groups", of.plan.groups),
        *levels.steps(of, "totals", (of.plan.total,)),
        *combining.steps(of),
        ("checked", verdict.checked(of)),
        ("ranked", verdict.ranked(of)),
    ]
    grade = exp.alias_(chosen(column("rank"), of.plan.symbols), "grade", quoted=True)
    query = _staged(steps, before="pointed_at", result=[column("subject"), grade])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS {query}")


def _staged(steps: Iterable[tuple[str, Columns]], *, before: str, result: list[exp.Expr]) -> str:
    query = exp.Select(expressions=result)
    for name, made in steps:
        if made:
            new = [exp.alias_(what, word, quoted=True) for word, what in made.items()]
            step = exp.Select(expressions=[exp.Star(), *new]).from_(before)
            query, before = query.with_(name, as_=step), name
    return query.from_(before).sql(dialect="duckdb")
