"""What a run is given beside the records: results of other systems, adjustments by people; and what steps run to."""

from creditmesh.scoring.definition.combination import Step
from creditmesh.scoring.definition.loaded import ABOUT, System, inputs
from creditmesh.scoring.definition.system import Definition
from creditmesh.scoring.language.tree import Name, Type

MILLI = 1_000
STEPS = "adjusted_steps"


def part_columns(name: str) -> tuple[str, str]:
    """Return the names of a part's score (milli-points) and rank (0 is its best grade)."""
    return f"part_{name}_score", f"part_{name}_rank"


def parts(system: System) -> dict[str, Name]:
    """Return what parts bring as typed names, in the order of the file."""
    combination = system.definition.combination
    found: dict[str, Name] = {}
    for name, part in {} if combination is None else combination.parts.items():
        score, rank = part_columns(name)
        found[score] = Name(score, Type.INTEGER, (0, part.scale * MILLI))
        found[rank] = Name(rank, Type.INTEGER, (0, len(part.grades) - 1))
    return found


def given(system: System) -> dict[str, Name]:
    """Return every input that no records give."""
    allowed = system.definition.adjustments
    if allowed is None:
        return parts(system)
    return parts(system) | {STEPS: Name(STEPS, Type.INTEGER, (-allowed.better, allowed.worse))}


def known(system: System) -> dict[str, Name]:
    """Return the names that indicators, triggers, caps and exclusions may read."""
    return inputs(system) | _readable(system) | ABOUT


def _readable(system: System) -> dict[str, Name]:
    """Return what parts bring but the ranks of means, which have none."""
    combination = system.definition.combination
    told = {} if combination is None else combination.parts
    means = {part_columns(name)[1] for name, part in told.items() if part.take == "mean"}
    return {name: one for name, one in parts(system).items() if name not in means}


def scale_of(definition: Definition, name: str) -> int | None:
    """Return the scale on which a value of the combination runs, None where it has no score or is not known."""
    combination = definition.combination
    if combination is None or name == "own" or name in {one.id for one in definition.groups}:
        return definition.scale
    if name in combination.parts:
        return combination.parts[name].scale
    place = next((n for n, one in enumerate(combination.steps) if one.id == name), None)
    return None if place is None else _scale(definition, combination.steps[place], combination.steps[:place])


def _scale(definition: Definition, step: Step, before: tuple[Step, ...]) -> int | None:
    if step.weighted is not None:
        return step.weighted.scale or definition.scale
    if step.budget is not None:
        return sum(one.points for one in step.budget.blocks)
    if step.add_on is None or step.add_on.to not in {*(one.id for one in before), *_first(definition)}:
        return None
    base = scale_of(definition, step.add_on.to)
    return None if base is None else base + sum(one.points for one in step.add_on.add)


def _first(definition: Definition) -> set[str]:
    parts_ = set() if definition.combination is None else set(definition.combination.parts)
    return {"own", *(one.id for one in definition.groups), *parts_}


def last_score(definition: Definition) -> str:
    """Return what gives the score of the result: the last step that has one, or the own groups."""
    steps = () if definition.combination is None else definition.combination.steps
    return next((one.id for one in reversed(steps) if not one.gives_grade), "own")


def final_scale(definition: Definition) -> int:
    """Return the scale on which the grades of a file lie."""
    return scale_of(definition, last_score(definition)) or definition.scale
