"""Weights of a system, one at a time raised or lowered while its neighbours share what is left."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from creditmesh.scoring.definition.indicators import Group, Indicator, SubGroup
from creditmesh.scoring.definition.system import Definition
from creditmesh.scoring.plan import Level, Plan

ALL = 10_000
Member = Group | SubGroup | Indicator


@dataclass(frozen=True, kw_only=True)
class Weight:
    """A weight that has neighbours to share with, and the way to it through groups and sub-groups."""

    level: str
    id: str
    weight: int
    path: tuple[int, ...]

    def moved(self, *, turn: int, percent: int) -> int:
        """Return the weight raised (turn 1) or lowered (turn -1) by so many percent of itself, inside the whole."""
        return max(0, min(ALL, self.weight + turn * max(1, self.weight * percent // 100)))


def weights(definition: Definition) -> Iterator[Weight]:
    """Yield every weight that has neighbours to share with."""
    for g, group in enumerate(definition.groups):
        if len(definition.groups) > 1:
            yield Weight(level="group", id=group.id, weight=group.weight, path=(g,))
        for s, sub in enumerate(group.sub_groups):
            if len(group.sub_groups) > 1:
                yield Weight(level="sub_group", id=sub.id, weight=sub.weight, path=(g, s))
            yield from _indicators(sub.indicators, (g, s))
        yield from _indicators(group.indicators, (g,))


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


def with_weights(plan: Plan, definition: Definition) -> Plan:
    """Return a plan with the weights of a definition that differs in nothing else; no expression is parsed again."""
    known = {one.id: one.weight for one in definition.groups}
    known |= {one.id: one.weight for one in definition.indicators}
    known |= {sub.id: sub.weight for group in definition.groups for sub in group.sub_groups}

    def weighed(level: Level) -> Level:
        return replace(
            level,
            members=tuple((id_, known[id_]) for id_, _ in level.members),
            adjustments=tuple((id_, known[id_]) for id_, _ in level.adjustments),
        )

    return replace(
        plan,
        sub_groups=tuple(weighed(one) for one in plan.sub_groups),
        groups=tuple(weighed(one) for one in plan.groups),
        total=weighed(plan.total),
    )


def _indicators(indicators: tuple[Indicator, ...], path: tuple[int, ...]) -> Iterator[Weight]:
    counting = [n for n, one in enumerate(indicators) if _counts(one)]
    for n in counting if len(counting) > 1 else ():
        yield Weight(level="indicator", id=indicators[n].id, weight=indicators[n].weight, path=(*path, n))


def _shared(members: tuple[Any, ...], place: int, weight: int) -> tuple[Any, ...]:
    others = [n for n, one in enumerate(members) if n != place and _counts(one)]
    before = sum(members[n].weight for n in others)
    left = ALL - weight
    new = {n: members[n].weight * left // before if before else 0 for n in others}
    # What the rounding leaves goes to the heaviest, so that the weights still make the whole.
    heaviest = max(others, key=lambda n: new[n])
    new[heaviest] += left - sum(new.values())
    new[place] = weight
    return tuple(
        one.model_copy(update={"weight": new[n]}) if n in new else one for n, one in enumerate(members)
    )


def _counts(one: Member) -> bool:
    return not isinstance(one, Indicator) or one.role == "weighted"
