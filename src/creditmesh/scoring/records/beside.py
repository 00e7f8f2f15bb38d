"""What stands beside the records: the results of parts as `_part_NAME`, and the steps by people as `_adjusted`."""

from collections.abc import Iterable

from sqlglot import exp

from creditmesh.scoring.definition.combination import PartOf
from creditmesh.scoring.definition.given import STEPS, part_columns
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Direction
from creditmesh.scoring.language.building import absent, column, named, number, or_else, than
from creditmesh.scoring.records.units import belongs

ADJUSTED = "_adjusted"


def part_view(name: str) -> str:
    """Return the name of the view of a part: subject, score in milli-points, rank from its best grade 0."""
    return f"_part_{name}"


def part_names(system: System) -> tuple[str, ...]:
    """Return the parts of a system, in the order of the file."""
    combination = system.definition.combination
    return () if combination is None else tuple(combination.parts)


def told(system: System, name: str, *, source: str) -> exp.Select:
    """Return the SELECT (subject, score, rank) of a part over the result file of its system, shown as `source`.

    Of a system of devices: one row for each enterprise they belong to, with the worst of their scores and of their
    grades, or the mean of their scores, half up.
    """
    assert system.definition.combination is not None  # noqa: S101 - asked of parts only
    part = system.definition.combination.parts[name]
    rank = exp.case(column("grade"))
    for place, symbol in enumerate(part.grades):
        rank = rank.when(exp.Literal.string(symbol), exp.Literal.number(place))
    if part.through is None:
        score, graded = column("score"), exp.cast(rank, "BIGINT")
        return exp.select(column("subject"), score, exp.alias_(graded, "rank")).from_(source)
    owner = column(belongs(part.through))
    return (
        exp.select(
            exp.alias_(owner, "subject"),
            exp.alias_(_taken(part), "score"),
            exp.alias_(_rank(part, rank), "rank"),
        )
        .from_(source)
        .where(exp.not_(absent(owner)))
        .group_by(owner.copy())
    )


def of_devices(
    part: PartOf, results: Iterable[tuple[int | None, str | None]]
) -> tuple[int | None, int | None]:
    """Return score and rank that the devices of one enterprise come to, out of the score and grade of each.

    >>> from creditmesh.catalogue.model import Text
    >>> lifts = PartOf(label=Text(zh="电梯", en="lifts"), system="elevators", scale=100, direction="higher_is_worse",
    ...                grades=("A", "B"), missing="skip", through="user", take="worst")
    >>> of_devices(lifts, [(41_000, "B"), (12_000, "A"), (None, "A")])
    (41000, 1)
    """
    rows = list(results)
    scores = [score for score, _ in rows if score is not None]
    if part.take == "mean":
        return ((2 * sum(scores) + len(scores)) // (2 * len(scores)) if scores else None), None
    worst = max if part.direction is Direction.HIGHER_IS_WORSE else min
    ranks = [part.grades.index(grade) for _, grade in rows if grade is not None]
    return worst(scores, default=None), max(ranks, default=None)


def _taken(part: PartOf) -> exp.Expr:
    score = column("score")
    if part.take == "worst":
        worst = exp.Max if part.direction is Direction.HIGHER_IS_WORSE else exp.Min
        return exp.cast(worst(this=score), "BIGINT")
    many = exp.Count(this=score)
    whole = exp.cast(exp.Sum(this=score.copy()), "BIGINT")
    twice = exp.Mul(this=number(2), expression=whole) + many.copy()
    mean = exp.paren(twice) // exp.paren(exp.Mul(this=number(2), expression=many.copy()))
    return exp.case().when(than(exp.GT, many, 0), exp.cast(mean, "BIGINT"))


def _rank(part: PartOf, rank: exp.Expr) -> exp.Expr:
    worst: exp.Expr = exp.null() if part.take == "mean" else exp.Max(this=rank)
    return exp.cast(worst, "BIGINT")


def columns(system: System) -> list[exp.Expr]:
    """Return the columns that parts and adjustments bring."""
    found: list[exp.Expr] = []
    for name in part_names(system):
        for source, made in zip(("score", "rank"), part_columns(name), strict=True):
            value = exp.cast(exp.column(source, part_view(name), quoted=True), "BIGINT")
            found.append(named(value, made))
    if system.definition.adjustments is not None:
        steps = or_else(exp.column("steps", ADJUSTED, quoted=True), number(0))
        found.append(named(exp.cast(steps, "BIGINT"), STEPS))
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
