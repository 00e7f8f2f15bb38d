"""An expression as a sqlglot tree, with the same answers as its Python."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import reduce

from sqlglot import exp

from creditmesh.scoring.language import tree
from creditmesh.scoring.language.tree import Node, Type, limits

SMALL = 2**31 - 1  # what a bare whole number in SQL may hold before engines disagree on its type
SIGNS: dict[str, type[exp.Expr]] = {
    "=": exp.EQ,
    "<>": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}


def column(name: str) -> exp.Expr:
    """Return a column under its own name."""
    return exp.column(name, quoted=True)


def number(value: int, *, wide: bool = False) -> exp.Expr:
    """Return a whole number, as BIGINT where it is `wide` or does not fit 32 bits."""
    written: exp.Expr = exp.Literal.number(abs(value))
    written = exp.Neg(this=written) if value < 0 else written
    return exp.cast(written, "BIGINT") if wide or abs(value) > SMALL else written


def present(value: exp.Expr) -> exp.Expr:
    """Return the condition that a value is not NULL."""
    return exp.not_(absent(value))


def absent(value: exp.Expr) -> exp.Expr:
    """Return the condition that a value is NULL."""
    return exp.Is(this=value.copy(), expression=exp.null())


def than(sign: type[exp.Expr], value: exp.Expr, bound: int) -> exp.Expr:
    """Return the comparison of a value with a whole number."""
    return sign(this=value.copy(), expression=number(bound))


def greatest(values: Sequence[exp.Expr]) -> exp.Expr:
    """Return the greatest of values that are never NULL."""
    return (
        exp.Greatest(this=values[0], expressions=list(values[1:]), ignore_nulls=True)
        if values[1:]
        else values[0]
    )


def total(parts: Iterable[exp.Expr]) -> exp.Expr:
    """Return a sum."""
    return reduce(lambda left, right: exp.Add(this=left, expression=right), parts)


def chosen(place: exp.Expr, texts: Iterable[str]) -> exp.Expr:
    """Return the text at a place, counted from 0."""
    case = exp.case(place)
    for found, text in enumerate(texts):
        case = case.when(number(found), exp.Literal.string(text))
    return case


def at(listed: exp.Expr, place: exp.Expr) -> exp.Expr:
    """Return the element of a list at a place counted from 1, NULL outside it."""
    return exp.Bracket(this=listed, expressions=[exp.cast(place, "BIGINT")], offset=1, safe=True)


def one_of(value: exp.Expr, options: Iterable[exp.Expr]) -> exp.Expr:
    """Return whether a value is one of a list; engines make a join of IN with a long list, which costs far more."""
    case = exp.case(value)
    for option in options:
        case = case.when(option, exp.true())
    return case.else_(exp.false())


class Writer:
    """Writes expressions; `name` gives the column or constant of a name, `wide` the names that are BIGINT already."""

    def __init__(
        self, name: Callable[[str], exp.Expr] = column, *, wide: frozenset[str] = frozenset()
    ) -> None:
        self.name = name
        self.wide_names = wide

    def value(self, node: Node) -> exp.Expr:
        """Return a value, NULL when missing."""
        match node:
            case tree.Name(name=name):
                return self.name(name)
            case tree.Constant(value=constant):
                return literal(constant)
            case tree.OrElse(value=wanted, otherwise=otherwise):
                return exp.Coalesce(this=self.value(wanted), expressions=[self.value(otherwise)])
            case tree.Prefix(text=text, length=length):
                return exp.Substring(this=self.value(text), start=number(1), length=number(length))
            case tree.Days(since=since, until=until):
                unit = exp.var("DAY")
                return exp.DateDiff(this=self.value(until), expression=self.value(since), unit=unit)
            case _:
                return self.surely(node) if node.type is Type.TRUTH else self.computed(node)

    def computed(self, node: Node) -> exp.Expr:
        """Return a number that is made from other numbers."""
        if isinstance(node, tree.Ratio):
            return self.ratio(node)
        parts = [self.wide(child) for child in tree.children(node)]
        if isinstance(node, tree.Arithmetic):
            make = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}[node.sign]
            return exp.paren(make(this=parts[0], expression=parts[1]))
        # GREATEST and LEAST pass over NULL in some engines and not in others, so they never see one
        pick = exp.Greatest if isinstance(node, tree.Extreme) and node.greatest else exp.Least
        picked = pick(this=parts[0], expressions=parts[1:], ignore_nulls=True)
        there = self.there(node)
        return exp.case().when(exp.and_(*there), picked) if there else picked

    def there(self, node: Node) -> list[exp.Expr]:
        """Return the conditions under which a number is not missing, each once."""
        match node:
            case tree.Name(name=name):
                found = [present(self.name(name))]
            case tree.OrElse():
                found = [present(self.value(node))]
            case _:
                found = [one for child in tree.children(node) for one in self.there(child)]
        if isinstance(node, tree.Ratio):
            found.append(exp.GT(this=self.wide(node.whole), expression=number(0)))
        return list(dict.fromkeys(found))

    def wide(self, node: Node) -> exp.Expr:
        """Return a number as BIGINT, so that no step on the way is computed in 32 bits."""
        if isinstance(node, tree.Constant):
            return number(int(str(node.value)), wide=True)
        written = self.value(node)
        narrow = isinstance(node, tree.Name | tree.Days | tree.OrElse) and not (
            isinstance(node, tree.Name) and node.name in self.wide_names
        )
        return exp.cast(written, "BIGINT") if narrow else written

    def ratio(self, node: tree.Ratio) -> exp.Expr:
        """Return a quotient; engines differ on dividing numbers below zero, so only others are divided."""
        part, whole, times = self.wide(node.part), self.wide(node.whole), number(node.times, wide=True)
        there = exp.GT(this=whole.copy(), expression=number(0))
        up = exp.paren(exp.Mul(this=part, expression=times)) // whole
        if limits(node.part)[0] >= 0:
            return exp.case().when(there, up)
        turned = exp.paren(exp.Mul(this=exp.Neg(this=exp.paren(part.copy())), expression=times.copy()))
        below = exp.and_(there.copy(), exp.LT(this=part.copy(), expression=number(0)))
        return exp.case().when(below, exp.Neg(this=exp.paren(turned // whole.copy()))).when(there, up)

    def condition(self, node: Node) -> exp.Expr:
        """Return a condition that may be NULL where it means false: for CASE WHEN and WHERE."""
        match node:
            case tree.Comparison(sign=sign, left=left, right=right):
                return SIGNS[sign](this=self.value(left), expression=self.value(right))
            case tree.Membership(value=wanted, options=options):
                return one_of(self.value(wanted), [literal(option.value) for option in options])
            case tree.Missing(value=wanted):
                return self.value(wanted).is_(exp.null())
            case tree.Opposite(condition=inner):
                return exp.not_(exp.paren(self.surely(inner)))
            case tree.Joined(every=every, parts=parts):
                return exp.paren((exp.and_ if every else exp.or_)(*(self.condition(part) for part in parts)))
            case _:
                return self.value(node)

    def surely(self, node: Node) -> exp.Expr:
        """Return a condition that is never NULL: for NOT, and where it is kept as a value."""
        match node:
            case tree.Constant() | tree.Missing() | tree.Opposite() | tree.Membership():
                return self.condition(node)
            case _:
                return exp.Coalesce(this=self.condition(node), expressions=[exp.false()])


def literal(value: int | str | bool | date) -> exp.Expr:
    """Return a written value."""
    match value:
        case bool():
            return exp.true() if value else exp.false()
        case int():
            return number(value)
        case date():
            return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
        case _:
            return exp.Literal.string(value)
