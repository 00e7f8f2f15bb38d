"""An expression as Python text, with the same answers as its SQL."""

from dataclasses import dataclass
from datetime import date

from creditmesh.scoring.language import tree
from creditmesh.scoring.language.tree import Node, Type, limits

SIGNS = {"=": "==", "<>": "!="}


@dataclass(frozen=True)
class Piece:
    """Python text of a value, and the conditions under which it is there and may be evaluated."""

    text: str
    present: tuple[str, ...] = ()


def value(node: Node) -> Piece:
    """Return the text of a value; names stand for themselves and are None when missing."""
    match node:
        case tree.Name(name=name):
            return Piece(name) if name == "as_of" else Piece(name, (f"{name} is not None",))
        case tree.Constant(value=constant):
            return Piece(literal(constant))
        case tree.OrElse(value=wanted, otherwise=otherwise):
            return _or_else(value(wanted), value(otherwise))
        case tree.Prefix(text=text, length=length):
            whole = value(text)
            return Piece(f"{whole.text}[:{length}]", whole.present)
        case _:
            return Piece(condition(node)) if node.type is Type.TRUTH else _computed(node)


def _computed(node: Node) -> Piece:
    if isinstance(node, tree.Ratio):
        return _ratio(node)
    pieces = [value(child) for child in tree.children(node)]
    texts = [piece.text for piece in pieces]
    match node:
        case tree.Arithmetic(sign=sign):
            text = f"({texts[0]} {sign} {texts[1]})"
        case tree.Extreme(greatest=greatest):
            text = f"{'max' if greatest else 'min'}({', '.join(texts)})"
        case _:
            text = f"({texts[1]} - {texts[0]}).days"
    return Piece(text, _both(*pieces))


def _or_else(wanted: Piece, otherwise: Piece) -> Piece:
    there = every(wanted.present)
    present = (f"({there} or {every(otherwise.present)})",) if otherwise.present else ()
    return Piece(f"({wanted.text} if {there} else {otherwise.text})", present)


def _ratio(node: tree.Ratio) -> Piece:
    part, whole = value(node.part), value(node.whole)
    up = f"{part.text} * {node.times} // {whole.text}"
    # towards zero, which is not what // does below it
    text = (
        up
        if limits(node.part)[0] >= 0
        else f"{up} if {part.text} >= 0 else -(-{part.text} * {node.times} // {whole.text})"
    )
    return Piece(f"({text})", (*_both(part, whole), f"{whole.text} > 0"))


def condition(node: Node) -> str:
    """Return the text of a condition, which is always True or False."""
    match node:
        case tree.Comparison(sign=sign, left=left, right=right):
            one, other = value(left), value(right)
            return every((*_both(one, other), f"{one.text} {SIGNS.get(sign, sign)} {other.text}"))
        case tree.Membership(value=wanted, options=options):
            one = value(wanted)
            listed = ", ".join(literal(option.value) for option in options)
            return every((*one.present, f"{one.text} in ({listed},)"))
        case tree.Missing(value=wanted):
            return f"not {every(value(wanted).present)}"
        case tree.Opposite(condition=inner):
            return f"not {condition(inner)}"
        case tree.Joined(every=both, parts=parts):
            return f"({(' and ' if both else ' or ').join(condition(part) for part in parts)})"
        case _:
            return f"({value(node).text} is True)"


def literal(written: int | str | bool | date) -> str:
    """Return a written value."""
    if isinstance(written, date):
        return f"date({written.year}, {written.month}, {written.day})"
    return repr(written)


def every(conditions: tuple[str, ...]) -> str:
    """Return the conditions joined by `and`; none of them is True."""
    return f"({' and '.join(conditions)})" if conditions else "True"


def _both(*pieces: Piece) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for piece in pieces for one in piece.present))
