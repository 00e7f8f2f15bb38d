"""The steps from inputs to points: held inside bounds, measured once, scored."""

from collections.abc import Iterable

from sqlglot import exp

from creditmesh.scoring.language import tree
from creditmesh.scoring.language.building import (
    absent,
    case,
    column,
    every,
    fresh,
    narrow,
    number,
    one_of,
    opposite,
    present,
    text,
    than,
    times,
    total,
    wide,
)
from creditmesh.scoring.plan import MILLI, Absent, Formula, Measure, Segment, Segments, Slope, Table, YesNo
from creditmesh.scoring.targets.staged.context import Columns, Context, collected, is_computed

Branch = tuple[exp.Expr, exp.Expr]


def held(of: Context) -> Columns:
    """Return the inputs whose size matters, inside their bounds."""
    made: Columns = {}
    for one in of.plan.inputs:
        if one.name.name in of.held:
            low, high = tree.limits(one.name)
            value = wide(column(one.name.name))
            inside = (
                (than(exp.LT, value, low), number(low, wide=True)),
                (than(exp.GT, value, high), number(high, wide=True)),
            )
            made[f"held_{one.name.name}"] = case(*inside, otherwise=value)
    return made


def measured(of: Context) -> Columns:
    """Return the values that are computed."""
    return {f"value_{one.id}": _value(of, one) for one in of.plan.measures if is_computed(one)}


def _value(of: Context, one: Measure) -> exp.Expr:
    if isinstance(one.points, YesNo):
        yes = of.write.condition(one.value), exp.true()
        # false on the strength of something missing is not false
        known = every(*(present(of.write.name(name)) for name in one.reads))
        return case(yes, (known, exp.false()))
    value = of.write.value(one.value)
    if isinstance(one.points, Table) and one.points.otherwise is None:
        return case((one_of(value, map(text, one.points.points)), value))
    return value


def scored(of: Context) -> Columns:
    """Return the points of every indicator."""
    return {f"points_{one.id}": _points(of, one) for one in of.plan.measures}


def _points(of: Context, one: Measure) -> exp.Expr:
    branches = list(_branches(one.points, of.measured(one)))
    if one.applies is not None:
        branches.insert(0, (opposite(of.write.surely(one.applies)), exp.null()))
    return case(*branches, otherwise=_without(one))


def _branches(points: Segments | Table | YesNo | Formula, value: exp.Expr) -> Iterable[Branch]:
    match points:
        case Segments(pieces=pieces):
            for piece in pieces:
                yield (
                    present(value) if piece.up_to is None else than(exp.LTE, value, piece.up_to),
                    _segment(piece, value),
                )
        case Table(points=table, otherwise=otherwise):
            looked_up = ((text(key), number(found)) for key, found in table.items())
            yield present(value), case(*looked_up, otherwise=_or_null(otherwise), of=value)
        case YesNo(yes=yes, no=no):
            yield fresh(value), number(yes)
            yield opposite(fresh(value)), number(no)
        case _:
            yield than(exp.LTE, value, points.lowest // MILLI), number(points.lowest)
            yield than(exp.LT, value, points.highest // MILLI), narrow(times(wide(value), number(MILLI)))
            yield present(value), number(points.highest)


def _segment(piece: Segment, value: exp.Expr) -> exp.Expr:
    if piece.slope is None:
        return number(piece.points)
    along = _along(piece.slope, value)
    if piece.slope.sign < 0:
        return narrow(exp.Sub(this=number(piece.points), expression=along))
    return narrow(total([number(piece.points), along]) if piece.points else along)


def _along(slope: Slope, value: exp.Expr) -> exp.Expr:
    distance = wide(value)
    if slope.origin:
        distance = exp.Paren(this=exp.Sub(this=distance, expression=number(slope.origin)))
    way = times(distance, number(slope.rise))
    if slope.run == 1:
        return way
    doubled = exp.Paren(this=total([times(number(2), way), number(slope.run)]))
    return exp.IntDiv(this=doubled, expression=number(2 * slope.run))


def _without(one: Measure) -> exp.Expr:
    """Return the points without a value."""
    if one.missing.points == one.not_collected.points or not one.collected:
        return _points_of(one.missing)
    return case((collected(one), _points_of(one.missing)), otherwise=_points_of(one.not_collected))


def _points_of(gone: Absent) -> exp.Expr:
    return _or_null(gone.points)


def _or_null(points: int | None) -> exp.Expr:
    return exp.null() if points is None else number(points)


def uncovered(of: Context, one: Measure) -> exp.Expr:
    """Return whether a measure lacks the data that the coverage counts."""
    gone = [absent(of.measured(one))]
    if one.missing.covered:
        gone.append(opposite(exp.Paren(this=collected(one))))
    if one.applies is not None:
        gone.append(of.write.condition(one.applies))
    return every(*gone)


def refusals(of: Context, one: Measure) -> Iterable[exp.Expr]:
    """Yield when the absence of a measure's value makes the whole result insufficient."""
    gone = [absent(of.measured(one))]
    if one.applies is not None:
        gone.append(of.write.surely(one.applies))
    if one.missing.refuses:
        yield every(*gone, collected(one))
    if one.not_collected.refuses:
        yield every(*gone, opposite(exp.Paren(this=collected(one))))
