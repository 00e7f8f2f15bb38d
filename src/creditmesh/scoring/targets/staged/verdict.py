"""The steps from the total to the verdict: which rules hold, the outcome, the grade."""

from sqlglot import exp

from creditmesh.scoring.language.building import (
    absent,
    case,
    column,
    every,
    greatest,
    number,
    opposite,
    some,
    text,
    than,
)
from creditmesh.scoring.plan import Rule
from creditmesh.scoring.targets.staged.context import Columns, Context
from creditmesh.scoring.targets.staged.points import refusals


def checked(of: Context) -> Columns:
    """Return which rules hold, and whether there is too little data."""
    plan = of.plan
    rules = (*plan.exclusions, *plan.triggers, *plan.caps)
    made: Columns = {f"is_{rule.id}": of.write.surely(rule.when) for rule in rules}
    thin = [
        than(exp.LT, column(f"coverage_{one.id}"), one.minimum_coverage)
        for one in (*plan.groups, plan.total)
        if one.minimum_coverage
    ]
    refused = [test for one in plan.measures for test in refusals(of, one)]
    made["is_insufficient"] = some(absent(column("points_total")), *thin, *refused)
    return made


def ranked(of: Context) -> Columns:
    """Return the outcome, and the rank of the grade: the worst that score, rules and thin data say."""
    plan = of.plan
    excluded, triggered = holds(plan.exclusions), holds(plan.triggers)
    insufficient = every(column("is_insufficient"), opposite(triggered))
    ranks = [
        _by_score(of),
        *(
            case((column(f"is_{one.id}"), number(one.rank)), otherwise=number(0))
            for one in (*plan.triggers, *plan.caps)
        ),
    ]
    without = [excluded]
    if plan.insufficient_rank is None:
        without.append(insufficient)
    else:
        ranks.append(case((insufficient, number(plan.insufficient_rank)), otherwise=number(0)))
    outcomes = (excluded, text("excluded")), (insufficient, text("insufficient"))
    return {
        "outcome": case(*outcomes, otherwise=text("graded")),
        "rank": case((opposite(some(*without)), greatest(ranks))),
    }


def _by_score(of: Context) -> exp.Expr:
    sign = exp.LTE if of.plan.worse_is_more else exp.GTE
    score = column("points_total")
    steps = [(than(sign, score, bound), number(rank)) for rank, bound in enumerate(of.plan.cut_offs)]
    return case((absent(score), number(0)), *steps, otherwise=number(len(of.plan.cut_offs)))


def holds(rules: tuple[Rule, ...]) -> exp.Expr:
    """Return whether any of some rules holds."""
    return exp.Paren(this=some(*(column(f"is_{rule.id}") for rule in rules)))


def listed(rules: tuple[Rule, ...]) -> exp.Expr:
    """Return the ids of the rules that hold, joined by commas, NULL when none does."""
    hits = [case((column(f"is_{rule.id}"), text(rule.id))) for rule in rules]
    joined = exp.ConcatWs(expressions=[text(","), *hits], safe=True, coalesce=True)
    return case((holds(rules), joined)) if rules else exp.cast(exp.null(), "TEXT")
