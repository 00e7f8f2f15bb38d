"""Whether the records behind an input can still come to an end, read from the conditions of the file alone."""

from collections.abc import Iterator

from creditmesh.scoring.definition.features import Feature
from creditmesh.scoring.definition.loaded import System, fields
from creditmesh.scoring.language import tree
from creditmesh.scoring.language.parsing import parse
from creditmesh.scoring.language.tree import Comparison, Membership, Missing, Name, Node, Opposite, Type

STATES = frozenset({"status", "state"})  # fields that say where a matter stands today


def can_end(system: System, feature: Feature) -> bool:
    """Return whether what a feature counts can be ended: paid, settled, removed, repaired.

    It can where the file's own condition asks for an end that is not there yet: a day that is missing or after
    `as_of`, a status, an amount still above zero, a repair. What merely happened inside a window cannot.
    """
    code = str(feature.item)  # what relations say is asked elsewhere
    names = fields(system.items[code])
    texts = [one for one in (feature.where, feature.among) if one is not None]
    nodes = [parse(one, names=names, wanted=Type.TRUTH) for one in texts]
    records = system.definition.records.get(code)
    counts = [] if records is None else [parse(records.counts_when, names=names, wanted=Type.TRUTH)]
    every = [below for node in (*nodes, *counts) for below in walk(node)]
    repaired = any(
        isinstance(one, Opposite) and isinstance(one.condition, Name) for node in counts for one in walk(node)
    )
    return repaired or _open_until_a_day(every) or any(_open_now(one) for one in every)


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it."""
    yield node
    for child in tree.children(node):
        yield from walk(child)


def _open_until_a_day(every: list[Node]) -> bool:
    asked = {one.value.name for one in every if isinstance(one, Missing) and isinstance(one.value, Name)}
    compared = [one for one in every if isinstance(one, Comparison)]
    otherwise = {
        side.name
        for one in compared
        for side, other in ((one.left, one.right), (one.right, one.left))
        if isinstance(side, Name) and not (isinstance(other, Name) and other.name == "as_of")
    }
    days = {
        side.name
        for one in compared
        for side in (one.left, one.right)
        if isinstance(side, Name) and side.type is Type.DATE
    }
    return bool((asked & days) - otherwise)


def _open_now(node: Node) -> bool:
    match node:
        case Comparison(sign="=", left=Name(name=name)) | Membership(value=Name(name=name)):
            return name in STATES
        case Comparison(sign=">", left=Name(type=Type.INTEGER), right=tree.Constant(value=0)):
            return True
        case _:
            return False
