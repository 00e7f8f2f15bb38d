"""One thing wrong in an index system, at a place in its file, and the parsing that finds some of them."""

import keyword
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from creditmesh.scoring.language.parsing import RESERVED, NotUnderstood, parse
from creditmesh.scoring.language.tree import Name, Node, Type, settled

Path = tuple[str | int, ...]
TAKEN = RESERVED | {
    "subject",
    "name",
    "score",
    "grade",
    "outcome",
    "exclusions",
    "triggers",
    "caps",
    "coverage_bp",
}
PREFIXES = (
    "points_",
    "coverage_",
    "value_",
    "state_",
    "covered_",
    "held_",
    "sum_",
    "weight_",
    "is_",
    "key",
    "top_",
    "reason",
    "part_",
    "known_",
    "step_",
    "rank_",
    "adjusted_",
    "belongs_",
)


@dataclass(frozen=True)
class Problem:
    """Where, against which rule, and what to do about it."""

    path: Path
    rule: str
    sentence: str


class Expressions:
    """Parses the expressions of a file and keeps what is wrong in them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def parsed(
        self, path: Path, text: str | None, names: Mapping[str, Name], wanted: Type | None
    ) -> Node | None:
        """Return the tree of an expression, or None when there is none or it is not understood."""
        if text is None:
            return None
        try:
            return parse(text, names=names, wanted=wanted)
        except NotUnderstood as wrong:
            self.problems.append(Problem(path, "expression", wrong.sentence))
            return None

    def condition(self, path: Path, text: str | None, names: Mapping[str, Name]) -> None:
        """Note what is wrong in a condition, including that it can never or must always hold."""
        node = self.parsed(path, text, names, Type.TRUTH)
        always = None if node is None else settled(node)
        if always is not None:
            how = "always" if always else "never"
            self.problems.append(
                Problem(path, "unreachable", f"'{text}' {how} holds; take it out or mend it.")
            )


def alike(name: str, known: Iterable[str]) -> str:
    """Return a suggestion to put after a sentence, '' when nothing known looks like the name.

    >>> alike("generel", ["general", "own"])
    " Did you mean 'general'?"
    """
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{near[0]}'?" if near else ""


def bad_names(path: Path, name: str) -> Iterator[Problem]:
    """Yield what is wrong with the name of a feature."""
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or name in TAKEN:
        yield Problem(
            path,
            "reserved-name",
            f"'{name}' is a word of the language or of the result; choose another name.",
        )
    if name.startswith(PREFIXES) or name.endswith("_collected"):
        yield Problem(
            path, "reserved-name", f"'{name}' looks like a column of the result; choose another name."
        )
