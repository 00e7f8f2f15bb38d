"""The building blocks of SQL as we write it: total, never NULL by surprise, the same in every dialect."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import reduce

from sqlglot import exp

SMALL = 2**31 - 1  # what a bare whole number in SQL may hold before engines disagree on its type


def column(name: str) -> exp.Expr:
    """Return a column under its own name."""
    return exp.column(name, quoted=True)


def named(what: exp.Expr, name: str) -> exp.Expr:
    """Return a value under a name."""
    return exp.alias_(fresh(what), name, quoted=True, copy=False)


def number(value: int, *, wide: bool = False) -> exp.Expr:
    """Return a whole number, as BIGINT where it is `wide` or does not fit 32 bits."""
    written: exp.Expr = exp.Literal.number(abs(value))
    written = exp.Neg(this=written) if value < 0 else written
    return exp.cast(written, "BIGINT", copy=False) if wide or abs(value) > SMALL else written


def fresh(node: exp.Expr) -> exp.Expr:
    """Return a node that stands nowhere yet: itself, or a copy; copying everything would double compile time."""
    return node if node.parent is None else node.copy()


def case(
    *branches: tuple[exp.Expr, exp.Expr], otherwise: exp.Expr | None = None, of: exp.Expr | None = None
) -> exp.Case:
    """Return a CASE of tests (or of values of `of`) and results."""
    ifs = [exp.If(this=fresh(test), true=fresh(result)) for test, result in branches]
    default = None if otherwise is None or isinstance(otherwise, exp.Null) else fresh(otherwise)
    return exp.Case(this=None if of is None else fresh(of), ifs=ifs, default=default)


def every(*conditions: exp.Expr) -> exp.Expr:
    """Return the conditions joined by AND; none of them is TRUE."""
    return exp.and_(*map(fresh, conditions), copy=False) if conditions else exp.true()


def some(*conditions: exp.Expr) -> exp.Expr:
    """Return the conditions joined by OR; none of them is FALSE."""
    return exp.or_(*map(fresh, conditions), copy=False) if conditions else exp.false()


def opposite(condition: exp.Expr) -> exp.Expr:
    """Return NOT of a condition that is never NULL."""
    simple = isinstance(condition, exp.Column | exp.Boolean | exp.Is)
    return exp.Not(this=fresh(condition) if simple else exp.Paren(this=fresh(condition)))


def present(value: exp.Expr) -> exp.Expr:
    """Return the condition that a value is not NULL."""
    return opposite(absent(value))


def absent(value: exp.Expr) -> exp.Expr:
    """Return the condition that a value is NULL."""
    return exp.Is(this=fresh(value), expression=exp.null())


def than(sign: type[exp.Expr], value: exp.Expr, bound: int) -> exp.Expr:
    """Return the comparison of a value with a whole number."""
    return sign(this=fresh(value), expression=number(bound))


def wide(value: exp.Expr) -> exp.Expr:
    """Return a number as BIGINT."""
    return exp.Cast(this=fresh(value), to=exp.DataType.build("BIGINT"))


def narrow(value: exp.Expr) -> exp.Expr:
    """Return a number as INTEGER, which points of every scale fit."""
    return exp.Cast(this=fresh(value), to=exp.DataType.build("INT"))


def or_else(value: exp.Expr, otherwise: exp.Expr) -> exp.Expr:
    """Return a value, or another where it is NULL."""
    return exp.Coalesce(this=fresh(value), expressions=[fresh(otherwise)])


def greatest(values: Sequence[exp.Expr]) -> exp.Expr:
    """Return the greatest of values that are never NULL."""
    first, *rest = map(fresh, values)
    return exp.Greatest(this=first, expressions=rest, ignore_nulls=True) if rest else first


def least(values: Sequence[exp.Expr]) -> exp.Expr:
    """Return the least of values that are never NULL."""
    first, *rest = map(fresh, values)
    return exp.Least(this=first, expressions=rest, ignore_nulls=True)


def total(parts: Iterable[exp.Expr]) -> exp.Expr:
    """Return a sum."""
    return reduce(lambda left, right: exp.Add(this=left, expression=right), map(fresh, parts))


def times(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """Return a product of two factors that are not sums."""
    return exp.Mul(this=fresh(one), expression=fresh(other))


def half_up(numerator: exp.Expr, denominator: exp.Expr) -> exp.Expr:
    """Return the quotient of two numbers above zero, rounded half up as `plan.half_up` does."""
    doubled = total([times(number(2), exp.Paren(this=fresh(numerator))), exp.Paren(this=fresh(denominator))])
    return exp.IntDiv(
        this=exp.Paren(this=doubled),
        expression=exp.Paren(this=times(number(2), exp.Paren(this=fresh(denominator)))),
    )


def text(words: str) -> exp.Expr:
    """Return a written text."""
    return exp.Literal.string(words)


def chosen(place: exp.Expr, texts: Iterable[str]) -> exp.Expr:
    """Return the text at a place, counted from 0."""
    return case(*((number(found), text(words)) for found, words in enumerate(texts)), of=place)


def chosen_number(place: exp.Expr, numbers: Iterable[int]) -> exp.Expr:
    """Return the number at a place, counted from 0; the last one beyond."""
    listed = list(numbers)
    return case(
        *((than(exp.EQ, place, found), number(one)) for found, one in enumerate(listed[:-1])),
        otherwise=number(listed[-1]),
    )


def at(listed: exp.Expr, place: exp.Expr) -> exp.Expr:
    """Return the element of a list at a place counted from 1, NULL outside it."""
    return exp.Bracket(this=listed, expressions=[wide(place)], offset=1, safe=True)


def one_of(value: exp.Expr, options: Iterable[exp.Expr]) -> exp.Expr:
    """Return whether a value is one of a list; engines make a join of IN with a long list, which costs far more."""
    return case(*((option, exp.true()) for option in options), otherwise=exp.false(), of=value)


def literal(value: int | str | bool | date) -> exp.Expr:
    """Return a written value."""
    match value:
        case bool():
            return exp.true() if value else exp.false()
        case int():
            return number(value)
        case date():
            return exp.cast(exp.Literal.string(value.isoformat()), "DATE", copy=False)
        case _:
            return exp.Literal.string(value)
