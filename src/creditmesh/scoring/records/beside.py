"""What stands beside the records: the results of parts as `_part_NAME`, and the steps by people as `_adjusted`."""

from sqlglot import exp

from creditmesh.scoring.definition.given import STEPS, part_columns
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.language.building import number, or_else

ADJUSTED = "_adjusted"


def part_view(name: str) -> str:
    """Return the name of the view of a part: subject, score in milli-points, rank from its best grade 0."""
    return f"_part_{name}"


def part_names(system: System) -> tuple[str, ...]:
    """Return the parts of a system, in the order of the file."""
    combination = system.definition.combination
    return () if combination is None else tuple(combination.parts)


def columns(system: System) -> list[exp.Expr]:
    """Return the columns that parts and adjustments bring."""
    found: list[exp.Expr] = []
    for name in part_names(system):
        for source, made in zip(("score", "rank"), part_columns(name), strict=True):
            value = exp.cast(exp.column(source, part_view(name), quoted=True), "BIGINT")
            found.append(exp.alias_(value, made, quoted=True))
    if system.definition.adjustments is not None:
        steps = or_else(exp.column("steps", ADJUSTED, quoted=True), number(0))
        found.append(exp.alias_(exp.cast(steps, "BIGINT"), STEPS, quoted=True))
    return found


def joins(system: System) -> list[tuple[str, exp.Expr]]:
    """Return the views to join to each subject, and on what."""
    views = [part_view(name) for name in part_names(system)]
    views += [ADJUSTED] if system.definition.adjustments is not None else []
    return [
        (
            view,
            exp.EQ(
                this=exp.column("subject", "own", quoted=True),
                expression=exp.column("subject", view, quoted=True),
            ),
        )
        for view in views
    ]
