"""The steps of a combination in SQL: parts inside their bounds, then one column a step."""

from collections.abc import Iterable

from sqlglot import exp

from creditmesh.scoring.combining import Act, Combined, Cut, Given, Held, Mean, Pairs, Piece, Sum, column_of
from creditmesh.scoring.language.building import (
    absent,
    case,
    chosen_number,
    column,
    every,
    greatest,
    half_up,
    narrow,
    number,
    or_else,
    present,
    some,
    than,
    times,
    total,
    wide,
)
from creditmesh.scoring.targets.staged.context import Columns, Context


def steps(of: Context) -> Iterable[tuple[str, Columns]]:
    """Yield the parts, then every step of the combination."""
    combined = of.plan.combined
    if combined is None:
        return
    yield "parts", {name: value for part in combined.parts for name, value in _part(part)}
    for nth, act in enumerate(combined.acts):
        yield f"combined_{nth}", {column_of(act): _act(of, act)}


def refusals(of: Combined) -> Iterable[exp.Expr]:
    """Yield when a part without a result makes the whole insufficient."""
    for part in of.parts:
        if part.refuses:
            yield absent(column(part.score))
            yield absent(column(part.rank))


def _part(part: Given) -> Iterable[tuple[str, exp.Expr]]:
    for end, name, most, other in (
        ("score", part.score, part.highest, part.else_score),
        ("rank", part.rank, part.worst, part.else_rank),
    ):
        value = wide(column(name))
        outside = (than(exp.LT, value, 0), number(0)), (than(exp.GT, value, most), number(most))
        held = narrow(case(*outside, otherwise=value))
        yield f"known_{part.name}_{end}", held if other is None else or_else(held, number(other))


def _act(of: Context, act: Act) -> exp.Expr:
    match act:
        case Mean():
            return _mean(act)
        case Sum():
            return _sum(act)
        case Cut():
            return _cut(of, act)
        case Pairs():
            return _pairs(act)
        case _:
            return _held(act)


def _turned(name: str, top: int | None) -> exp.Expr:
    value = wide(column(name))
    return value if top is None else exp.Paren(this=exp.Sub(this=number(top), expression=value))


def _there(name: str, value: exp.Expr) -> exp.Expr:
    """Return a value where a column is there, and 0 where it is not."""
    return case((present(column(name)), value), otherwise=number(0))


def _mean(act: Mean) -> exp.Expr:
    summed = total(
        _there(one.column, times(number(one.factor, wide=True), _turned(one.column, one.top)))
        for one in act.terms
    )
    return _divided(summed, [(one.column, one.share) for one in act.terms])


def _sum(act: Sum) -> exp.Expr:
    summed = total(_there(one.column, _piece(one)) for one in act.pieces)
    if act.onto is not None:
        return case((present(column(act.onto)), narrow(total([wide(column(act.onto)), summed]))))
    whole = sum(one.points for one in act.pieces)
    stretched = times(number(whole, wide=True), exp.Paren(this=summed))
    return _divided(stretched, [(one.column, one.points) for one in act.pieces])


def _divided(summed: exp.Expr, shares: list[tuple[str, int]]) -> exp.Expr:
    weight = total(_there(name, number(share, wide=True)) for name, share in shares)
    return case((than(exp.GT, exp.Paren(this=weight), 0), narrow(half_up(summed, weight))))


def _piece(one: Piece) -> exp.Expr:
    if one.table is not None:
        return chosen_number(column(one.column), one.table)
    return half_up(times(number(one.rise, wide=True), _turned(one.column, one.top)), number(one.run))


def _cut(of: Context, act: Cut) -> exp.Expr:
    sign = exp.LTE if of.plan.worse_is_more else exp.GTE
    score = column(act.column)
    ranks = [(than(sign, score, bound), number(rank)) for rank, bound in enumerate(act.bounds)]
    return case((absent(score), exp.null()), *ranks, otherwise=number(len(act.bounds)))


def _pairs(act: Pairs) -> exp.Expr:
    rows = [
        (than(exp.EQ, column(act.rows), rank), chosen_number(column(act.columns), row))
        for rank, row in enumerate(act.table)
    ]
    lacks = some(absent(column(act.rows)), absent(column(act.columns)))
    other = exp.null() if act.otherwise is None else number(act.otherwise)
    return case((lacks, other), *rows)


def _held(act: Held) -> exp.Expr:
    floors = [
        _there(name, chosen_number(column(name), tuple(rank - act.less for rank in ranks)))
        for name, ranks in act.others
    ]
    return case((every(present(column(act.of))), greatest([column(act.of), *floors])))
