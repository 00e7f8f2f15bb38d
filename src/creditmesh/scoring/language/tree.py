"""The typed tree of an expression: what each node is, and between which bounds its numbers lie."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

Bounds = tuple[int, int]
DAYS: Bounds = (-3_652_059, 3_652_059)  # between the first and the last day a date can name


class Type(Enum):
    """What a value is."""

    INTEGER = "a number"
    TEXT = "a text"
    DATE = "a date"
    TRUTH = "true or false"


@dataclass(frozen=True)
class Name:
    """A named value: a feature, a field, or a day; `choices` are the only texts it can hold."""

    name: str
    type: Type
    bounds: Bounds | None = None
    choices: frozenset[str] | None = None


@dataclass(frozen=True)
class Constant:
    """A value written in the expression."""

    value: int | str | bool | date
    type: Type

    @property
    def bounds(self) -> Bounds | None:
        """Return the number itself as both its bounds."""
        return (int(self.value), int(self.value)) if isinstance(self.value, int) else None


@dataclass(frozen=True)
class Arithmetic:
    """A sum, difference or product; missing when either side is."""

    sign: str  # + - *
    left: "Node"
    right: "Node"
    bounds: Bounds
    type: Type = Type.INTEGER


@dataclass(frozen=True)
class Extreme:
    """The least or greatest of several numbers; missing when one of them is."""

    greatest: bool
    parts: tuple["Node", ...]
    bounds: Bounds
    type: Type = Type.INTEGER


@dataclass(frozen=True)
class Days:
    """Days from one date to another; missing when either is."""

    since: "Node"
    until: "Node"
    bounds: Bounds = DAYS
    type: Type = Type.INTEGER


@dataclass(frozen=True)
class Ratio:
    """`part * times` divided by `whole`, towards zero; missing unless the whole is positive."""

    part: "Node"
    whole: "Node"
    times: int
    bounds: Bounds
    type: Type = Type.INTEGER


@dataclass(frozen=True)
class OrElse:
    """A value, or another where it is missing."""

    value: "Node"
    otherwise: "Node"
    bounds: Bounds | None
    type: Type


@dataclass(frozen=True)
class Prefix:
    """The first characters of a text."""

    text: "Node"
    length: int
    bounds: None = None
    type: Type = Type.TEXT


@dataclass(frozen=True)
class Comparison:
    """Two values compared; false when either is missing."""

    sign: str  # = <> < <= > >=
    left: "Node"
    right: "Node"
    bounds: None = None
    type: Type = Type.TRUTH


@dataclass(frozen=True)
class Membership:
    """Whether a value is one of a list; false when it is missing."""

    value: "Node"
    options: tuple[Constant, ...]
    bounds: None = None
    type: Type = Type.TRUTH


@dataclass(frozen=True)
class Missing:
    """Whether a value is missing."""

    value: "Node"
    bounds: None = None
    type: Type = Type.TRUTH


@dataclass(frozen=True)
class Opposite:
    """True where a condition is false."""

    condition: "Node"
    bounds: None = None
    type: Type = Type.TRUTH


@dataclass(frozen=True)
class Joined:
    """Several conditions, of which all or any must hold."""

    every: bool
    parts: tuple["Node", ...]
    bounds: None = None
    type: Type = Type.TRUTH


Node = (
    Name
    | Constant
    | Arithmetic
    | Extreme
    | Days
    | Ratio
    | OrElse
    | Prefix
    | Comparison
    | Membership
    | Missing
    | Opposite
    | Joined
)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below one, left to right."""
    match node:
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return (left, right)
        case Extreme(parts=parts) | Joined(parts=parts):
            return parts
        case Days(since=since, until=until):
            return (since, until)
        case Ratio(part=part, whole=whole):
            return (part, whole)
        case OrElse(value=value, otherwise=otherwise):
            return (value, otherwise)
        case Prefix(text=only) | Membership(value=only) | Missing(value=only) | Opposite(condition=only):
            return (only,)
        case _:
            return ()


def names(node: Node) -> tuple[str, ...]:
    """Return the names an expression reads, each once, in the order they stand."""
    if isinstance(node, Name):
        return (node.name,)
    return tuple(dict.fromkeys(name for child in children(node) for name in names(child)))


def computes_with(node: Node) -> frozenset[str]:
    """Return the names an expression computes with, whose size therefore matters."""
    inside = frozenset[str]().union(*(computes_with(child) for child in children(node)))
    if isinstance(node, Arithmetic | Extreme | Ratio):
        return inside | {child.name for child in children(node) if isinstance(child, Name)}
    return inside


def settled(node: Node) -> bool | None:
    """Return what a condition always is by its bounds alone, or None when that depends on the data."""
    match node:
        case Constant(value=bool(value)):
            return value
        case Comparison(sign=sign, left=left, right=right) if left.bounds and right.bounds:
            return False if _never(sign, left.bounds, right.bounds) else None
        case Opposite(condition=condition):
            inner = settled(condition)
            return None if inner is None else not inner
        case Joined(every=every, parts=parts):
            known = [settled(part) for part in parts]
            if (not every) in known:
                return not every
            return every if all(one is every for one in known) else None
        case _:
            return None


def _never(sign: str, left: Bounds, right: Bounds) -> bool:
    return {
        "=": left[1] < right[0] or left[0] > right[1],
        "<>": left == right and left[0] == left[1],
        "<": left[0] >= right[1],
        "<=": left[0] > right[1],
        ">": left[1] <= right[0],
        ">=": left[1] < right[0],
    }[sign]


def limits(node: Node) -> Bounds:
    """Return the bounds of a number; every node of that type has them."""
    assert node.bounds is not None  # noqa: S101 - the parser builds numbers with bounds
    return node.bounds
