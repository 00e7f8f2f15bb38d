"""An expression as a sqlglot tree, with the same answers as its Python."""

from collections.abc import Callable

from sqlglot import exp

from creditmesh.scoring.language import tree
from creditmesh.scoring.language.building import (
    absent,
    case,
    column,
    every,
    fresh,
    greatest,
    least,
    literal,
    number,
    one_of,
    opposite,
    or_else,
    present,
    some,
    than,
    times,
    wide,
)
from creditmesh.scoring.language.tree import Node, Type, limits

SIGNS: dict[str, type[exp.Expr]] = {
    "=": exp.EQ,
    "<>": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}


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
                return or_else(self.value(wanted), self.value(otherwise))
            case tree.Prefix(text=whole, length=length):
                return exp.Substring(this=self.value(whole), start=number(1), length=number(length))
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
            return exp.Paren(this=make(this=parts[0], expression=parts[1]))
        # GREATEST and LEAST pass over NULL in some engines and not in others, so they never see one
        picked = (greatest if isinstance(node, tree.Extreme) and node.greatest else least)(parts)
        there = self.there(node)
        return case((every(*there), picked)) if there else picked

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
        if isinstance(node, tree.Name):
            return written if node.name in self.wide_names else wide(written)
        return wide(written) if isinstance(node, tree.Days | tree.OrElse) else written

    def ratio(self, node: tree.Ratio) -> exp.Expr:
        """Return a quotient; engines differ on dividing numbers below zero, so only others are divided."""
        part, whole, factor = self.wide(node.part), self.wide(node.whole), number(node.times, wide=True)
        there = than(exp.GT, whole, 0)
        up = exp.IntDiv(this=exp.Paren(this=times(part, factor)), expression=fresh(whole))
        if limits(node.part)[0] >= 0:
            return case((there, up))
        turned = exp.Paren(this=times(exp.Neg(this=exp.Paren(this=fresh(part))), factor))
        down = exp.Neg(this=exp.Paren(this=exp.IntDiv(this=turned, expression=fresh(whole))))
        return case((every(there, than(exp.LT, part, 0)), down), (there, up))

    def condition(self, node: Node) -> exp.Expr:
        """Return a condition that may be NULL where it means false: for CASE WHEN and WHERE."""
        match node:
            case tree.Comparison(sign=sign, left=left, right=right):
                return SIGNS[sign](this=self.value(left), expression=self.value(right))
            case tree.Membership(value=wanted, options=options):
                return one_of(self.value(wanted), [literal(option.value) for option in options])
            case tree.Missing(value=wanted):
                return absent(self.value(wanted))
            case tree.Opposite(condition=inner):
                return opposite(self.surely(inner))
            case tree.Joined(every=both, parts=parts):
                joined = (every if both else some)(*(self.condition(part) for part in parts))
                return exp.Paren(this=joined)
            case _:
                return self.value(node)

    def surely(self, node: Node) -> exp.Expr:
        """Return a condition that is never NULL: for NOT, and where it is kept as a value."""
        match node:
            case tree.Constant() | tree.Missing() | tree.Opposite() | tree.Membership():
                return self.condition(node)
            case _:
                return or_else(self.condition(node), exp.false())
