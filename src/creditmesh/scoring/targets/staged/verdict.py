"""The steps from the total to the verdict: which rules hold, the outcome, the grade."""

from sqlglot import exp

from creditmesh.scoring.definition.given import STEPS
from creditmesh.scoring.language.building import (
    absent,
    case,
    chosen,
    column,
    every,
    greatest,
    least,
    narrow,
    number,
    opposite,
    or_else,
    some,
    text,
    than,
    total,
    wide,
)
from creditmesh.scoring.plan import Rule
from creditmesh.scoring.targets.staged import combining
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
    if plan.combined is not None:
        refused += [absent(column(plan.combined.rank)), *combining.refusals(plan.combined)]
    made["is_insufficient"] = some(absent(column("points_total")), *thin, *refused)
    return made


def ranked(of: Context) -> Columns:
    """Return the outcome, and the rank of the grade: the worst that score, rules and thin data say."""
    plan = of.plan
    excluded, triggered = holds(plan.exclusions), holds(plan.triggers)
    insufficient = every(column("is_insufficient"), opposite(triggered))
    ranks = [
        _moved(of),
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


def scores(of: Context) -> Columns:
    """Return the score of the result, and of a combination the own one and every step."""
    combined = of.plan.combined
    counts = opposite(holds(of.plan.exclusions))
    if combined is None:
        return {"score": case((counts, column("points_total")))}
    steps = {
        f"step_{id_}": chosen(column(name), of.plan.symbols) if graded else column(name)
        for id_, name, graded in combined.shown
    }
    return {
        "score_own": case((counts, column("points_total"))),
        **steps,
        "score": case((counts, column(combined.score))),
    }


def _moved(of: Context) -> exp.Expr:
    """Return the rank by score, moved by the adjusted steps inside the grades; without a score the best."""
    by_score = _by_score(of)
    if of.plan.adjustable is None:
        return by_score
    better, worse = of.plan.adjustable
    steps = wide(or_else(column(STEPS), number(0)))
    held = greatest([number(better), least([number(worse), steps])])
    moved = total([exp.Paren(this=by_score), held])
    last = len(of.plan.symbols) - 1
    score = column("points_total" if of.plan.combined is None else of.plan.combined.rank)
    inside = narrow(greatest([number(0), least([number(last), moved])]))
    return case((absent(score), number(0)), otherwise=inside)


def _by_score(of: Context) -> exp.Expr:
    if of.plan.combined is not None:
        return or_else(column(of.plan.combined.rank), number(0))
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
