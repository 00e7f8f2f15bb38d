"""Text of an expression to its typed tree; whatever is not understood is refused with the place."""

import ast
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches

from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.language import tree
from creditmesh.scoring.language.tree import Bounds, Constant, Name, Node, Type, limits

LONGEST = 1_000
DEEPEST = 12
LARGEST = 2**62  # half of what int64 holds, so that one more sum of two never overflows
SIGNS: Mapping[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Eq: "=",
    ast.NotEq: "<>",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
WORDS: Mapping[str, bool] = {"true": True, "false": False}
FUNCTIONS = frozenset({"days", "ratio", "min", "max", "or_else", "prefix", "date"})
RESERVED = FUNCTIONS | frozenset(WORDS) | {"missing", "as_of", "region", "industry", "event_date"}


class NotUnderstood(CreditmeshError):
    """An expression is not in the language, or makes no sense with the names there are."""

    code = "expression"


def parse(text: str, *, names: Mapping[str, Name], wanted: Type | None = None) -> Node:
    """Return the tree of an expression over `names`; raise `NotUnderstood`.

    >>> parse("1 + 2 * 3", names={}).bounds
    (7, 7)
    """
    if len(text) > LONGEST:
        raise NotUnderstood(f"The expression is longer than {LONGEST} characters; split it.")
    try:
        parsed = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise NotUnderstood(f"'{text}' is not an expression; see docs/index-system-format.md.") from None
    node = _Parser(text, names).node(parsed, 1)
    if wanted is not None and node.type is not wanted:
        raise NotUnderstood(f"'{text}' is {node.type.value}, but {wanted.value} is wanted here.")
    return node


class _Parser:
    """Walks Python's own tree and builds ours, node by node."""

    def __init__(self, text: str, known: Mapping[str, Name]) -> None:
        self.text = text
        self.known = known

    def refusal(self, sentence: str) -> NotUnderstood:
        return NotUnderstood(f"{sentence} (in '{self.text}')")

    def node(self, here: ast.expr, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.refusal(f"Nested deeper than {DEEPEST} levels; split the expression")
        build: Callable[[ast.expr, int], Node] | None = getattr(
            self, f"on_{type(here).__name__.lower()}", None
        )
        if build is None:
            raise self.refusal(f"'{ast.unparse(here)}' is not part of the language")
        return build(here, depth + 1)

    def typed(self, here: ast.expr, depth: int, wanted: Type) -> Node:
        node = self.node(here, depth)
        if node.type is not wanted:
            raise self.refusal(f"'{ast.unparse(here)}' is {node.type.value}, but {wanted.value} is wanted")
        return node

    def on_name(self, here: ast.Name, _: int) -> Node:
        if here.id in WORDS:
            return Constant(WORDS[here.id], Type.TRUTH)
        if here.id not in self.known:
            near = get_close_matches(here.id, list(self.known), n=1)
            meant = f"did you mean '{near[0]}'? " if near else ""
            raise self.refusal(
                f"'{here.id}' is not known here; {meant}there are: {', '.join(sorted(self.known))}"
            )
        return self.known[here.id]

    def on_constant(self, here: ast.Constant, _: int) -> Node:
        value = here.value
        if isinstance(value, str):
            return Constant(value, Type.TEXT)
        if isinstance(value, int) and not isinstance(value, bool):
            self.bounded((value, value))
            return Constant(value, Type.INTEGER)
        raise self.refusal(f"'{ast.unparse(here)}' is not a whole number, a text, true or false")

    def on_unaryop(self, here: ast.UnaryOp, depth: int) -> Node:
        if isinstance(here.op, ast.Not):
            return tree.Opposite(self.typed(here.operand, depth, Type.TRUTH))
        if isinstance(here.op, ast.USub):
            return self.arithmetic(
                "-", Constant(0, Type.INTEGER), self.typed(here.operand, depth, Type.INTEGER)
            )
        raise self.refusal("Only 'not' and '-' may stand before a value")

    def on_binop(self, here: ast.BinOp, depth: int) -> Node:
        sign = SIGNS.get(type(here.op))
        if sign is None:
            raise self.refusal("Only +, - and * compute; divide with ratio(a, b, k)")
        return self.arithmetic(
            sign, self.typed(here.left, depth, Type.INTEGER), self.typed(here.right, depth, Type.INTEGER)
        )

    def arithmetic(self, sign: str, left: Node, right: Node) -> Node:
        (a, b), (c, d) = limits(left), limits(right)
        if isinstance(left, Constant) and isinstance(right, Constant):
            value = {"+": a + c, "-": a - c, "*": a * c}[sign]
            return Constant(value, Type.INTEGER) if self.bounded((value, value)) else left
        products = (a * c, a * d, b * c, b * d)
        bounds = {"+": (a + c, b + d), "-": (a - d, b - c), "*": (min(products), max(products))}[sign]
        return tree.Arithmetic(sign, left, right, self.bounded(bounds))

    def on_boolop(self, here: ast.BoolOp, depth: int) -> Node:
        parts = tuple(self.typed(part, depth, Type.TRUTH) for part in here.values)
        return tree.Joined(isinstance(here.op, ast.And), parts)

    def on_compare(self, here: ast.Compare, depth: int) -> Node:
        links = []
        left = here.left
        for operator, right in zip(here.ops, here.comparators, strict=True):
            links.append(self.comparison(operator, left, right, depth))
            left = right
        return links[0] if len(links) == 1 else tree.Joined(True, tuple(links))

    def comparison(self, operator: ast.cmpop, left: ast.expr, right: ast.expr, depth: int) -> Node:
        if isinstance(operator, ast.Is | ast.IsNot):
            if not (isinstance(right, ast.Name) and right.id == "missing"):
                raise self.refusal("After 'is' and 'is not' only 'missing' may stand")
            found: Node = tree.Missing(self.absent(left, depth))
            return found if isinstance(operator, ast.Is) else tree.Opposite(found)
        if isinstance(operator, ast.In | ast.NotIn):
            found = self.membership(left, right, depth)
            # `not in` with something missing is false as every comparison is, so it is not a plain opposite
            if isinstance(operator, ast.In):
                return found
            value = self.node(left, depth)
            return tree.Joined(True, (tree.Opposite(tree.Missing(value)), tree.Opposite(found)))
        one, other = self.node(left, depth), self.node(right, depth)
        if one.type is not other.type:
            raise self.refusal(f"{one.type.value} cannot be compared with {other.type.value}")
        sign = SIGNS[type(operator)]
        if one.type is Type.TRUTH or (one.type is Type.TEXT and sign not in {"=", "<>"}):
            raise self.refusal(
                f"'{ast.unparse(left)}' is {one.type.value} and has no order; write the condition itself"
            )
        self.choose(one, other)
        self.choose(other, one)
        return tree.Comparison(sign, one, other)

    def absent(self, here: ast.expr, depth: int) -> Node:
        value = self.node(here, depth)
        if value.type is Type.TRUTH and not isinstance(value, Name):
            raise self.refusal(f"'{ast.unparse(here)}' is a condition, which is never missing")
        return value

    def membership(self, left: ast.expr, right: ast.expr, depth: int) -> Node:
        value = self.node(left, depth)
        if value.type is Type.TRUTH or not isinstance(right, ast.List | ast.Tuple) or not right.elts:
            raise self.refusal("After 'in' a list of values must stand, such as ['a', 'b']")
        options = tuple(self.typed(one, depth, value.type) for one in right.elts)
        for option in options:
            self.choose(value, option)
        constants = tuple(option for option in options if isinstance(option, Constant))
        if len(constants) != len(options):
            raise self.refusal("A list after 'in' holds written values only")
        return tree.Membership(value, constants)

    def choose(self, named: Node, value: Node) -> None:
        if not isinstance(named, Name) or not named.choices or not isinstance(value, Constant):
            return
        if value.value not in named.choices:
            listed = ", ".join(sorted(named.choices))
            raise self.refusal(f"'{value.value}' is no choice of {named.name}: {listed}")

    def on_call(self, here: ast.Call, depth: int) -> Node:
        called = here.func.id if isinstance(here.func, ast.Name) else ""
        if called not in FUNCTIONS or here.keywords:
            raise self.refusal(
                f"'{ast.unparse(here)}': there are only the functions {', '.join(sorted(FUNCTIONS))}"
            )
        build: Callable[[list[ast.expr], int], Node] = getattr(self, f"call_{called}")
        return build(here.args, depth)

    def call_days(self, args: list[ast.expr], depth: int) -> Node:
        if len(args) == 1:
            args = [*args, ast.Name("as_of")]
        if len(args) != 2:
            raise self.refusal("days() takes one or two dates")
        since, until = (self.typed(arg, depth, Type.DATE) for arg in args)
        return tree.Days(since, until)

    def call_ratio(self, args: list[ast.expr], depth: int) -> Node:
        if len(args) != 3:
            raise self.refusal("ratio() takes part, whole and a whole number to multiply by")
        part, whole, times = (self.typed(arg, depth, Type.INTEGER) for arg in args)
        if not isinstance(times, Constant) or int(str(times.value)) < 1:
            raise self.refusal("The third value of ratio() is a positive whole number")
        factor = int(str(times.value))
        low, high = limits(part)
        bounds = self.bounded((min(0, low * factor), max(0, high * factor)))
        return tree.Ratio(part, whole, factor, bounds)

    def call_min(self, args: list[ast.expr], depth: int) -> Node:
        return self.extreme(False, args, depth)

    def call_max(self, args: list[ast.expr], depth: int) -> Node:
        return self.extreme(True, args, depth)

    def extreme(self, greatest: bool, args: list[ast.expr], depth: int) -> Node:
        if len(args) < 2:
            raise self.refusal("min() and max() take two or more numbers")
        parts = tuple(self.typed(arg, depth, Type.INTEGER) for arg in args)
        pick = max if greatest else min
        lows, highs = zip(*(limits(part) for part in parts), strict=True)
        return tree.Extreme(greatest, parts, (pick(lows), pick(highs)))

    def call_or_else(self, args: list[ast.expr], depth: int) -> Node:
        if len(args) != 2:
            raise self.refusal("or_else() takes a value and what stands for it when it is missing")
        value = self.node(args[0], depth)
        if value.type is Type.TRUTH:
            raise self.refusal("or_else() takes no condition: a condition is always true or false")
        otherwise = self.typed(args[1], depth, value.type)
        bounds = None
        if value.type is Type.INTEGER:
            (a, b), (c, d) = limits(value), limits(otherwise)
            bounds = (min(a, c), max(b, d))
        self.choose(value, otherwise)
        return tree.OrElse(value, otherwise, bounds, value.type)

    def call_prefix(self, args: list[ast.expr], depth: int) -> Node:
        if len(args) != 2 or not isinstance(args[1], ast.Constant) or type(args[1].value) is not int:
            raise self.refusal("prefix() takes a text and a number of characters")
        if not 1 <= args[1].value <= 100:
            raise self.refusal("prefix() takes 1 to 100 characters")
        return tree.Prefix(self.typed(args[0], depth, Type.TEXT), args[1].value)

    def call_date(self, args: list[ast.expr], _: int) -> Node:
        written = args[0].value if len(args) == 1 and isinstance(args[0], ast.Constant) else None
        try:
            return Constant(date.fromisoformat(str(written)), Type.DATE)
        except ValueError:
            raise self.refusal("date() takes a text such as '2024-07-01'") from None

    def bounded(self, bounds: Bounds) -> Bounds:
        if bounds[0] < -LARGEST or bounds[1] > LARGEST:
            raise self.refusal("This could pass 64 bits; declare narrower `bounds` on the features in it")
        return bounds
