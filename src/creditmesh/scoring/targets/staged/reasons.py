"""The steps that find the top reasons: successive maxima of one number per indicator, never a sort.

A key holds an indicator's deduction and its place, so that no two are equal and ties go to the earlier indicator. After
the first maximum only the group it came from has to look again. What deducts nothing has a key below the number of
places (or none), so that no key has to be tested before the end; where an indicator weighs so little that its deductions
count as nothing, each is.
"""

from collections.abc import Iterable

from sqlglot import exp

from creditmesh.scoring.language import building
from creditmesh.scoring.language.building import at, case, column, greatest, number, than, times, total, wide
from creditmesh.scoring.plan import Measure, Plan, measures_by_group
from creditmesh.scoring.targets.staged.context import Columns


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
    place = exp.Sub(
        this=number(plan.slots), expression=exp.Paren(this=exp.Mod(this=key, expression=number(plan.slots)))
    )
    # a list and a place in it: a CASE of as many branches costs more than all that went before
    ids = exp.Array(expressions=[building.text(one.id) for one in plan.measures])
    return case((than(exp.GTE, key, plan.slots if _all_deduct(plan) else 1), at(ids, place)))


def _all_deduct(plan: Plan) -> bool:
    """Return whether the least that an indicator can deduct is more than the places of all."""
    return all(one.importance > 0 for one in plan.measures)


def _key(plan: Plan, one: Measure, place: int) -> exp.Expr:
    points = column(f"points_{one.id}")
    neutral = 0 if one.adjusts or plan.worse_is_more else plan.highest
    bad = (
        points
        if plan.worse_is_more
        else exp.Paren(this=exp.Sub(this=number(neutral), expression=column(f"points_{one.id}")))
    )
    deduction = times(wide(bad), number(one.importance * plan.slots, wide=True))
    key = total([deduction, number(plan.slots - 1 - place)])
    if _all_deduct(plan):
        return key
    speaks = than(exp.GT if plan.worse_is_more else exp.LT, points, neutral)
    return case((speaks, key), otherwise=number(0))


def _next(group: str, ids: list[str], nth: int) -> exp.Expr:
    """Return a group's greatest key below the nth reason; only the group that gave it has to look again."""
    top, found = column(f"top_{group}_{nth}"), column(f"key{nth}")
    keys = [column(f"key_{id_}") for id_ in ids]
    # the greatest of all has nothing above it: to leave it out costs less than to compare
    below = [
        exp.Nullif(this=key, expression=found.copy())
        if nth == 1
        else case((exp.LT(this=key, expression=found.copy()), key))
        for key in keys
    ]
    return case((exp.EQ(this=top, expression=found), greatest(below)), otherwise=top)
