"""What can be wrong in grades, cut-offs, triggers, caps and exclusions, and in the ids of a whole file."""

from collections import Counter
from collections.abc import Iterator

from creditmesh.scoring.definition.checks.problems import Expressions, Path, Problem
from creditmesh.scoring.definition.given import final_scale, known
from creditmesh.scoring.definition.loaded import ABOUT, System, inputs
from creditmesh.scoring.definition.parts import Direction
from creditmesh.scoring.definition.system import Definition

CONVENTION = {Direction.HIGHER_IS_WORSE: "upper_inclusive", Direction.HIGHER_IS_BETTER: "lower_inclusive"}


def in_ids(system: System) -> Iterator[Problem]:
    """Yield ids that stand twice, or that the result needs for itself."""
    definition = system.definition
    levels = [(("groups", g), group.id) for g, group in enumerate(definition.groups)]
    places: list[tuple[Path, str]] = [*levels]
    for g, group in enumerate(definition.groups):
        places += [(("groups", g, "sub_groups", s), sub.id) for s, sub in enumerate(group.sub_groups)]
        places += [(("groups", g), one.id) for one in group.every_indicator]
    yield from _twice(places)
    for path, id_ in places:
        if id_ in {"total", "bp"}:
            yield Problem(path, "reserved-name", f"'{id_}' is a column of the result; choose another id.")
    kinds = ("exclusions", "triggers", "caps")
    yield from _twice(
        [((kind, n), one.id) for kind in kinds for n, one in enumerate(getattr(definition, kind))]
    )


def _twice(places: list[tuple[Path, str]]) -> Iterator[Problem]:
    seen = Counter[str]()
    for path, id_ in places:
        seen[id_] += 1
        if seen[id_] == 2:
            yield Problem(path, "duplicate-id", f"The id '{id_}' stands twice; ids are unique in the file.")


def in_grades(system: System) -> Iterator[Problem]:
    """Yield what is wrong in the grades, their cut-offs and their order."""
    definition = system.definition
    wanted, scale = CONVENTION[definition.direction], final_scale(definition)
    if definition.cut_offs != wanted:
        yield Problem(("cut_offs",), "cut-offs", f"With `{definition.direction}` write `cut_offs: {wanted}`.")
    yield from _twice([(("grades", n), grade.symbol) for n, grade in enumerate(definition.grades)])
    bounds: list[int] = []
    for n, grade in enumerate(definition.grades):
        ends = (grade.up_to, grade.at_least) if wanted == "upper_inclusive" else (grade.at_least, grade.up_to)
        open_, last = ends[0] is None, n == len(definition.grades) - 1
        if ends[1] is not None or open_ != last:
            word = "up_to" if wanted == "upper_inclusive" else "at_least"
            yield Problem(
                ("grades", n), "cut-offs", f"Every grade but the worst has `{word}`, and nothing else."
            )
        bounds += [] if ends[0] is None else [ends[0]]
    ordered = sorted(set(bounds), reverse=wanted == "lower_inclusive")
    if bounds != ordered or any(not 0 <= one <= scale for one in bounds):
        sentence = f"The cut-offs must run from the best grade to the worst, inside 0 to {scale}."
        yield Problem(("grades",), "cut-offs", sentence)


def in_rules(system: System) -> Iterator[Problem]:
    """Yield what is wrong in exclusions, triggers and caps."""
    definition = system.definition
    names = known(system)
    expressions = Expressions()
    # who is in scope is settled before any part is looked at
    expressions.condition(("applies_when",), definition.applies_when, inputs(system) | ABOUT)
    for kind in ("exclusions", "triggers", "caps"):
        for n, one in enumerate(getattr(definition, kind)):
            expressions.condition((kind, n, "when"), one.when, names)
    yield from expressions.problems
    for n, trigger in enumerate(definition.triggers):
        yield from _grade(definition, ("triggers", n, "grade"), trigger.grade)
    for n, cap in enumerate(definition.caps):
        yield from _grade(definition, ("caps", n, "not_better_than"), cap.not_better_than)
    worst_allowed = definition.insufficient.not_better_than
    if worst_allowed is not None and worst_allowed not in definition.symbols:
        path: Path = ("insufficient", "not_better_than")
        yield Problem(path, "unknown-grade", f"'{worst_allowed}' is no grade of this system.")


def _grade(definition: Definition, path: Path, symbol: str) -> Iterator[Problem]:
    if symbol not in definition.symbols:
        yield Problem(
            path, "unknown-grade", f"'{symbol}' is no grade of this system: {', '.join(definition.symbols)}."
        )
    elif symbol == definition.symbols[0]:
        yield Problem(path, "unreachable", f"Not better than {symbol}, the best grade, changes nothing.")
