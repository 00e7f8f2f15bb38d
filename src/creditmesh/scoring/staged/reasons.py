"""The steps that find the top reasons: successive maxima of one number per indicator, never a sort.

A key holds an indicator's deduction and its place, so that no two are equal and ties go to the earlier indicator. After
the first maximum only the group it came from has to look again.
"""

from collections.abc import Iterable

from sqlglot import exp

from creditmesh.scoring.language.sql import at, column, greatest, number, than
from creditmesh.scoring.plan import Measure, Plan, measures_by_group

Columns = dict[str, exp.Expr]


def steps(plan: Plan) -> Iterable[tuple[str, Columns]]:
    """Yield the steps that end in the columns key1 ... keyN, 0 where there is no further reason."""
    if not plan.reasons:
        return
    yield "keys", {f"key_{one.id}": _key(plan, one, place) for place, one in enumerate(plan.measures)}
    groups = measures_by_group(plan)
    yield (
        "tops",
        {f"top_{group}_1": greatest([column(f"key_{id_}") for id_ in ids]) for group, ids in groups.items()},
    )
    for nth in range(1, plan.reasons + 1):
        yield f"reason_{nth}", {f"key{nth}": greatest([column(f"top_{group}_{nth}") for group in groups])}
        if nth < plan.reasons:
            yield (
                f"after_{nth}",
                {f"top_{group}_{nth + 1}": _next(group, ids, nth) for group, ids in groups.items()},
            )


def text(plan: Plan, nth: int) -> exp.Expr:
    """Return the id of the nth reason, NULL when there is none."""
    key = column(f"key{nth}")
    place = number(plan.slots) - exp.Mod(this=key, expression=number(plan.slots))  # counted from 1
    # a list and a place in it: a CASE of as many branches costs more than all that went before
    ids = exp.Array(expressions=[exp.Literal.string(one.id) for one in plan.measures])
    found = at(ids, place)
    return exp.case().when(than(exp.GT, key, 0), found)


def _key(plan: Plan, one: Measure, place: int) -> exp.Expr:
    points = column(f"points_{one.id}")
    neutral = 0 if one.adjusts or plan.worse_is_more else plan.highest
    bad = points if plan.worse_is_more else exp.paren(number(neutral) - points)
    key = exp.cast(bad, "BIGINT") * number(one.importance * plan.slots, wide=True) + number(
        plan.slots - 1 - place
    )
    speaks = than(exp.GT if plan.worse_is_more else exp.LT, points, neutral)
    return exp.case().when(speaks, key).else_(number(0))


def _next(group: str, ids: list[str], nth: int) -> exp.Expr:
    top, found = column(f"top_{group}_{nth}"), column(f"key{nth}")
    below: list[exp.Expr] = []
    for id_ in ids:
        key = column(f"key_{id_}")
        below.append(exp.case().when(exp.LT(this=key, expression=found.copy()), key.copy()).else_(number(0)))
    gave = exp.and_(exp.EQ(this=top, expression=found), than(exp.GT, found, 0))
    return exp.case().when(gave, greatest(below)).else_(top.copy())
