"""What can be wrong in a combination: names, order, scales, directions, grades, points, cut-offs."""

from collections.abc import Iterable, Iterator, Mapping

from creditmesh.scoring.definition.checks.problems import Path, Problem, alike
from creditmesh.scoring.definition.combination import OWN, Block, Combination, Fallback, Operand, PartOf, Step
from creditmesh.scoring.definition.given import final_scale, scale_of
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.system import Definition

ALL = 10_000


def in_combination(system: System) -> Iterator[Problem]:
    """Yield what is wrong in parts and steps; what steps read is looked for before what they do with it."""
    combination = system.definition.combination
    if combination is None:
        return
    check = _Check(system.definition, combination)
    found = list(check.names())
    yield from found or check.sense()


class _Check:
    """The problems of one combination."""

    def __init__(self, definition: Definition, combination: Combination) -> None:
        self.definition = definition
        self.parts: Mapping[str, PartOf] = combination.parts
        self.combination = combination
        self.groups = [one.id for one in definition.groups]
        self.steps = {one.id: one for one in combination.steps}

    def names(self) -> Iterator[Problem]:
        """Yield ids that stand twice, and names that are none or come later."""
        taken = {OWN, *self.groups, *(one.id for one in self.definition.indicators)}
        for path, id_ in self.ids():
            if id_ in taken:
                yield Problem(path, "duplicate-id", f"The id '{id_}' is taken; ids are unique in the file.")
            taken.add(id_)
        known = [OWN, *self.groups, *self.parts]
        for nth, step in enumerate(self.combination.steps):
            for path, name in _reads(step):
                yield from self.name(("combination", "steps", nth, *path), name, known)
            known.append(step.id)
        for name, part in self.parts.items():
            if part.system == self.definition.id:
                place: Path = ("combination", "parts", name, "system")
                yield Problem(
                    place, "cycle", f"{part.system} cannot be a part of itself; name another system."
                )

    def ids(self) -> Iterator[tuple[Path, str]]:
        yield from ((("combination", "parts", name), name) for name in self.parts)
        for nth, step in enumerate(self.combination.steps):
            yield ("combination", "steps", nth, "id"), step.id

    def name(self, path: Path, name: str, known: list[str]) -> Iterator[Problem]:
        if name in known:
            return
        if name in self.steps:
            said = f"Step '{name}' comes later or is this step; a step reads only those before it."
            yield Problem(path, "cycle", said)
        else:
            yield Problem(path, "unknown-part", f"There is no '{name}' here.{alike(name, known)}")

    def sense(self) -> Iterator[Problem]:
        """Yield what steps cannot do with what they read."""
        for name, part in self.parts.items():
            yield from self.part(("combination", "parts", name), part)
            if not any(name == read for step in self.combination.steps for _, read in _reads(step)):
                yield Problem(
                    ("combination", "parts", name),
                    "unused-part",
                    f"No step reads '{name}'; read it, or leave it out.",
                )
        for nth, step in enumerate(self.combination.steps):
            path: Path = ("combination", "steps", nth)
            if step.weighted is not None:
                yield from self.weights((*path, "weighted", "parts"), step)
            yield from self.blocks(path, step)
            yield from self.matrix((*path, "matrix"), step)
            yield from self.floor((*path, "floor"), step)
            yield from self.cuts((*path, "cut_offs"), step.cut_offs, scale_of(self.definition, step.id))
        own = self.combination.own_cut_offs
        yield from self.cuts(("combination", "own_cut_offs"), own, self.definition.scale)
        yield from self.last(("combination", "steps", len(self.steps) - 1))

    def part(self, path: Path, part: PartOf) -> Iterator[Problem]:
        if len(set(part.grades)) < len(part.grades):
            yield Problem((*path, "grades"), "duplicate-id", "A grade stands twice.")
        if part.through is not None and self.definition.unit is not None:
            said = "This system scores devices itself; devices of another have no place in it. Leave this part out."
            yield Problem((*path, "through"), "unit", said)
        for key, symbol in part.becomes.items():
            yield from _grade((*path, "becomes", key), key, part.grades)
            yield from _grade((*path, "becomes", key), symbol, self.definition.symbols)
        if isinstance(part.missing, Fallback):
            if part.missing.score > part.scale:
                sentence = f"{part.missing.score} points are outside 0 to {part.scale}, the part's scale."
                yield Problem((*path, "missing", "score"), "points", sentence)
            if part.missing.grade is not None:
                yield from _grade((*path, "missing", "grade"), part.missing.grade, part.grades)

    def weights(self, path: Path, step: Step) -> Iterator[Problem]:
        parts = () if step.weighted is None else step.weighted.parts
        whole = sum(one.weight for one in parts)
        if whole != ALL:
            yield Problem(path, "weights", f"The weights here sum to {whole}; they must sum to {ALL}.")
        for nth, one in enumerate(parts):
            at: Path = (*path, nth)
            yield from self.score(at, one)
            theirs, ours = scale_of(self.definition, one.of), scale_of(self.definition, step.id)
            if theirs is not None and one.rescale != (theirs != ours):
                do = "write `rescale: true`" if theirs != ours else "leave `rescale` out"
                yield Problem(at, "scale", f"'{one.of}' runs 0 to {theirs}, this step 0 to {ours}: {do}.")

    def score(self, path: Path, one: Operand | Block) -> Iterator[Problem]:
        """Yield why a value cannot be read as a score here."""
        if scale_of(self.definition, one.of) is None:
            yield Problem(
                (*path, "of"), "type", f"'{one.of}' gives a grade and no score; use `by_grade` in a block."
            )
            return
        part = self.parts.get(one.of)
        other = part is not None and part.direction is not self.definition.direction
        if one.turned != other:
            do = "write `turned: true`" if other else "leave `turned` out"
            way = "the other way" if other else "the same way"
            yield Problem(path, "direction", f"'{one.of}' runs {way} as this system: {do}.")

    def blocks(self, path: Path, step: Step) -> Iterator[Problem]:
        where = "budget" if step.budget is not None else "add_on"
        key = "blocks" if step.budget is not None else "add"
        if step.add_on is not None and scale_of(self.definition, step.add_on.to) is None:
            yield Problem((*path, where, "to"), "type", f"'{step.add_on.to}' gives a grade and no score.")
        if step.add_on is not None and step.add_on.to in self.parts:
            base = self.parts[step.add_on.to]
            if base.direction is not self.definition.direction:
                sentence = f"'{step.add_on.to}' runs the other way; add it with `turned: true` instead."
                yield Problem((*path, where, "to"), "direction", sentence)
        blocks = _blocks(step)
        for nth, one in enumerate(blocks):
            at: Path = (*path, where, key, nth)
            yield from self.score(at, one) if one.by_grade is None else self.by_grade(at, one)

    def by_grade(self, path: Path, one: Block) -> Iterator[Problem]:
        table = one.by_grade or {}
        yield from self.graded((*path, "of"), one.of)
        if one.turned:
            yield Problem(
                (*path, "turned"), "direction", "A table of grades is not turned; write its points."
            )
        yield from _total((*path, "by_grade"), table, self.symbols(one.of))
        for symbol, points in table.items():
            if not 0 <= points <= one.points:
                sentence = f"{points} points are outside 0 to {one.points}, the points of this block."
                yield Problem((*path, "by_grade", symbol), "points", sentence)

    def graded(self, path: Path, name: str) -> Iterator[Problem]:
        """Yield why a value has no grade."""
        if name in self.groups:
            yield Problem(path, "type", f"'{name}' is a group and has no grade; `own` has.")
            return
        part = self.parts.get(name)
        if part is not None:
            if part.take == "mean":
                said = f"'{name}' is a mean and has no grade: write `take: worst`, or read its score."
                yield Problem(path, "type", said)
            elif isinstance(part.missing, Fallback) and part.missing.grade is None:
                at: Path = ("combination", "parts", name, "missing")
                yield Problem(
                    at, "fallback", f"A step reads the grade of '{name}': state `grade` here as well."
                )
            return
        step = self.steps.get(name)
        stated = self.combination.own_cut_offs if step is None else step.cut_offs
        scale, final = scale_of(self.definition, name), final_scale(self.definition)
        if stated is None and scale is not None and scale != final:
            where = "`own_cut_offs`" if step is None else f"`cut_offs` at step '{name}'"
            sentence = f"'{name}' runs 0 to {scale} and the grades of the file 0 to {final}: state {where}."
            yield Problem(path, "cut-offs", sentence)

    def matrix(self, path: Path, step: Step) -> Iterator[Problem]:
        if step.matrix is None:
            return
        told = step.matrix
        yield from self.graded((*path, "rows"), told.rows)
        yield from self.graded((*path, "columns"), told.columns)
        yield from _total((*path, "table"), told.table, self.symbols(told.rows))
        for row, cells in told.table.items():
            yield from _total((*path, "table", row), cells, self.symbols(told.columns))
            for key, symbol in cells.items():
                yield from _grade((*path, "table", row, key), symbol, self.definition.symbols)
        if told.otherwise is not None:
            yield from _grade((*path, "otherwise"), told.otherwise, self.definition.symbols)

    def floor(self, path: Path, step: Step) -> Iterator[Problem]:
        if step.floor is None:
            return
        for at, name in _reads(step):
            yield from self.graded((*path, *at[1:]), name)
        if step.floor.of in self.parts:
            sentence = f"'{step.floor.of}' is a part; a floor holds `own` or an earlier step."
            yield Problem((*path, "of"), "type", sentence)
        for name in step.floor.not_better_than:
            part = self.parts.get(name)
            left = set() if part is None else {*part.grades} - {*part.becomes} - {*self.definition.symbols}
            if left:
                at_part: Path = ("combination", "parts", name)
                sentence = f"Say in `becomes` which grades of this system {', '.join(sorted(left))} are."
                yield Problem(at_part, "unknown-grade", sentence)

    def cuts(self, path: Path, bounds: tuple[int, ...] | None, scale: int | None) -> Iterator[Problem]:
        if bounds is None or scale is None:
            return
        wanted = len(self.definition.symbols) - 1
        worse = self.definition.direction.value == "higher_is_worse"
        if len(bounds) != wanted:
            yield Problem(
                path, "cut-offs", f"{wanted} cut-offs are needed, one after each grade but the worst."
            )
        elif list(bounds) != sorted(set(bounds), reverse=not worse) or not all(
            0 <= one <= scale for one in bounds
        ):
            sentence = f"The cut-offs must run from the best grade to the worst, inside 0 to {scale}."
            yield Problem(path, "cut-offs", sentence)

    def last(self, path: Path) -> Iterator[Problem]:
        """Yield steps that nothing comes of."""
        read = {name for step in self.combination.steps for _, name in _reads(step)}
        for nth, step in enumerate(self.combination.steps[:-1]):
            if step.id not in read:
                sentence = f"Nothing reads step '{step.id}', and it is not the last; take it out."
                yield Problem((*path[:2], nth, "id"), "unreachable", sentence)
        step = self.combination.steps[-1]
        if not step.gives_grade and step.cut_offs is not None:
            said = "The last step is graded by `grades`; leave its `cut_offs` out."
            yield Problem((*path, "cut_offs"), "cut-offs", said)

    def symbols(self, name: str) -> tuple[str, ...]:
        return self.parts[name].grades if name in self.parts else self.definition.symbols


def _blocks(step: Step) -> tuple[Block, ...]:
    if step.budget is not None:
        return step.budget.blocks
    return () if step.add_on is None else step.add_on.add


def _reads(step: Step) -> Iterable[tuple[Path, str]]:
    """Yield what a step reads, and where it says so."""
    if step.weighted is not None:
        yield from ((("weighted", "parts", n, "of"), one.of) for n, one in enumerate(step.weighted.parts))
    if step.add_on is not None:
        yield ("add_on", "to"), step.add_on.to
    where: Path = ("budget", "blocks") if step.budget is not None else ("add_on", "add")
    yield from (((*where, n, "of"), one.of) for n, one in enumerate(_blocks(step)))
    if step.matrix is not None:
        yield ("matrix", "rows"), step.matrix.rows
        yield ("matrix", "columns"), step.matrix.columns
    if step.floor is not None:
        yield ("floor", "of"), step.floor.of
        held = enumerate(step.floor.not_better_than)
        yield from ((("floor", "not_better_than", n), one) for n, one in held)


def _grade(path: Path, symbol: str, symbols: tuple[str, ...]) -> Iterator[Problem]:
    if symbol not in symbols:
        yield Problem(path, "unknown-grade", f"'{symbol}' is no grade here: {', '.join(symbols)}.")


def _total(path: Path, table: Mapping[str, object], symbols: tuple[str, ...]) -> Iterator[Problem]:
    """Yield grades a table leaves out, and keys that are no grade."""
    for key in table:
        yield from _grade((*path, key), key, symbols)
    left = [one for one in symbols if one not in table]
    if left:
        yield Problem(path, "not-total", f"Every grade must be there; these are not: {', '.join(left)}.")
