"""The steps from points to the total: weighted means and coverages, level by level."""

from collections.abc import Iterable, Sequence

from sqlglot import exp

from creditmesh.scoring.language.building import (
    SMALL,
    case,
    column,
    greatest,
    half_up,
    least,
    narrow,
    number,
    or_else,
    present,
    than,
    times,
    total,
)
from creditmesh.scoring.plan import ALL, Level, shared_factor
from creditmesh.scoring.targets.staged.context import Columns, Context
from creditmesh.scoring.targets.staged.points import uncovered


def steps(of: Context, name: str, levels: Sequence[Level]) -> Iterable[tuple[str, Columns]]:
    """Yield the sums of some levels, then their means and coverages."""
    sums: Columns = {}
    for level in levels:
        sums[f"sum_{level.id}"] = _sum(of, level)
        if _may_lack(of, level):
            sums[f"weight_{level.id}"] = _weight(of, level)
    yield f"{name}_sums", sums
    means = {f"points_{level.id}": _mean(of, level) for level in levels}
    yield name, means | {f"coverage_{level.id}": _coverage(of, level) for level in levels}


def _may_lack(of: Context, level: Level) -> bool:
    return any(member in of.lacking for member, _ in level.members)


def _sum(of: Context, level: Level) -> exp.Expr:
    """Return the weighted sum of what is there, in 32 bits where that is surely enough."""
    shared = shared_factor(level)
    parts = (*level.members, *level.adjustments)
    wide = 2 * sum(weight for _, weight in parts) // shared * (of.plan.highest + 1) > SMALL
    return total(times(number(weight // shared, wide=wide), _or_zero(of, id_)) for id_, weight in parts)


def _or_zero(of: Context, id_: str) -> exp.Expr:
    points = column(f"points_{id_}")
    return or_else(points, number(0)) if id_ in of.lacking else points


def _weight(of: Context, level: Level) -> exp.Expr:
    """Return the weight of what is there."""
    shared = shared_factor(level)
    return total(
        case((present(column(f"points_{id_}")), number(weight // shared)), otherwise=number(0))
        if id_ in of.lacking
        else number(weight // shared)
        for id_, weight in level.members
    )


def _mean(of: Context, level: Level) -> exp.Expr:
    summed = column(f"sum_{level.id}")
    whole = sum(weight for _, weight in level.members) // shared_factor(level)
    weight = column(f"weight_{level.id}") if _may_lack(of, level) else number(whole)
    if level.adjustments:
        # adjustments may lead outside the scale, and numbers below zero are not to be divided
        summed = greatest([number(0), least([summed, times(number(of.plan.highest, wide=True), weight)])])
    mean = narrow(half_up(summed, weight))
    return case((than(exp.GT, weight, 0), mean)) if level.id in of.lacking else mean


def _coverage(of: Context, level: Level) -> exp.Expr:
    if any(id_ in of.levels for id_, _ in level.members):
        summed = total(times(number(weight), column(f"coverage_{id_}")) for id_, weight in level.members)
        return half_up(summed, number(ALL))
    return total(
        case((uncovered(of, of.measures[id_]), number(0)), otherwise=number(weight))
        for id_, weight in level.members
    )
