"""A plan as staged SQL: a few named steps over one wide table, built as a tree so that other dialects can follow.

`held` holds values inside their bounds, `measured` computes each value once, `scored` gives it points; then come
sub-groups, groups, the total and the verdict, and beside them, because each step costs every column, the reasons.
"""

from collections.abc import Iterable
from itertools import zip_longest

from sqlglot import exp

from creditmesh.scoring.language.building import chosen, column
from creditmesh.scoring.plan import Plan
from creditmesh.scoring.targets.staged import combining, levels, points, reasons, verdict
from creditmesh.scoring.targets.staged.context import Columns, Context

ABOUT = ("subject", "name", "region", "industry", "as_of")


def statement(plan: Plan, *, inputs: str, dialect: str = "duckdb") -> str:
    """Return the SELECT that scores every row of the table or view `inputs`."""
    return tree(plan, inputs=inputs).sql(dialect=dialect, pretty=True, copy=False)


def tree(plan: Plan, *, inputs: str) -> exp.Select:
    """Return the statement as a sqlglot tree."""
    context = Context(plan)
    query = exp.Select(expressions=_aliased(_result(context)))
    before = inputs
    for name, made in _steps(context):
        if made:
            step = exp.Select(expressions=[exp.Star(), *_aliased(made)]).from_(before, copy=False)
            query = query.with_(name, as_=step, copy=False)
            before = name
    return query.from_(before, copy=False)


def columns(plan: Plan) -> list[str]:
    """Return the names of the result's columns, in order."""
    return list(_result(Context(plan)))


def _steps(of: Context) -> Iterable[tuple[str, Columns]]:
    """Yield the steps in order, each with the columns it adds to those before."""
    yield "held", points.held(of)
    yield "measured", points.measured(of)
    yield "scored", points.scored(of)
    ended: tuple[str, Columns] = ("", {})
    for judging, reasoning in zip_longest(_to_verdict(of), reasons.steps(of.plan), fillvalue=ended):
        yield judging[0] or reasoning[0], {**judging[1], **reasoning[1]}


def _to_verdict(of: Context) -> Iterable[tuple[str, Columns]]:
    yield from levels.steps(of, "sub_groups", of.plan.sub_groups)
    yield from levels.steps(of, "groups", of.plan.groups)
    yield from levels.steps(of, "totals", (of.plan.total,))
    yield from combining.steps(of)
    yield "checked", verdict.checked(of)
    yield "ranked", verdict.ranked(of)


def _result(of: Context) -> Columns:
    plan = of.plan
    kept = [*ABOUT, *plan.ties, *(one.name.name for one in plan.inputs), *plan.collected]
    kept += [f"points_{id_}" for id_ in (*of.measures, *of.levels)]
    kept += [f"coverage_{one.id}" for one in plan.groups]
    return {
        **{name: column(name) for name in kept},
        "coverage_bp": column("coverage_total"),
        **verdict.scores(of),
        "grade": chosen(column("rank"), plan.symbols),
        "outcome": column("outcome"),
        "exclusions": verdict.listed(plan.exclusions),
        "triggers": verdict.listed(plan.triggers),
        "caps": verdict.listed(plan.caps),
        **{f"reason{nth}": reasons.text(plan, nth) for nth in range(1, plan.reasons + 1)},
    }


def _aliased(made: Columns) -> list[exp.Expr]:
    return [
        what
        if isinstance(what, exp.Column) and what.name == name
        else exp.alias_(what, name, quoted=True, copy=False)
        for name, what in made.items()
    ]
