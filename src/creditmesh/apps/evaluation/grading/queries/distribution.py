"""How many stand where: by grade, region and industry; who moved. Sums of small cells, never of standings."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Sum

from creditmesh.apps.evaluation.grading.models import Run, RunCell
from creditmesh.apps.evaluation.grading.queries import runs
from creditmesh.apps.evaluation.grading.rules import UNKNOWN, Outcome, require_any_sight, require_sight
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.kernel import industries, regions
from creditmesh.scoring.definition.parts import Purpose


@dataclass(frozen=True, kw_only=True)
class GradeCount:
    """How many subjects got one grade, and their share of all graded ones in basis points."""

    grade: str
    rank: int
    subjects: int
    share_bp: int


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """The result of a run in a handful of numbers. `grades` goes from best to worst."""

    run: UUID
    system: str
    as_of: date
    subjects: int
    graded: int
    grades: tuple[GradeCount, ...]
    insufficient: int
    excluded: int


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """The same numbers for one region or industry; `counts` stand in the order of `GroupTable.grades`."""

    key: str
    label: str
    subjects: int
    counts: tuple[int, ...]
    insufficient: int
    excluded: int
    worst_share_bp: int


@dataclass(frozen=True, kw_only=True)
class GroupTable:
    """Regions or industries against grades, largest group first."""

    grades: tuple[str, ...]
    rows: tuple[GroupRow, ...]


@dataclass(frozen=True, kw_only=True)
class Move:
    """How many subjects went from one grade (blank: not graded before) to another."""

    previous: str
    grade: str
    subjects: int
    steps: int | None  # positive is worse; None where there was no grade before or after


def result_run(*, viewer: Actor, system: str | None = None, uuid: UUID | None = None) -> Run:
    """Return the run whose results are asked for (by id, or the latest of a system) if this viewer may see them.

    Raises `NotPermitted`, `UnknownRun`, `NoResultsYet`.
    """
    # Whoever may see no result at all learns nothing of which systems have some.
    require_any_sight(viewer=viewer)
    found = runs.stored(uuid) if uuid is not None else runs.latest_stored(system=system or "")
    require_sight(viewer=viewer, purpose=Purpose(found.purpose))
    if uuid is not None and not runs.row(found).replays:
        raise runs.NoResultsYet(f"Run {uuid} is {found.state} and has no results to show.")
    return found


def share_bp(*, part: int, whole: int) -> int:
    """Return a share in basis points, rounded half up; 0 of nothing is 0."""
    return (2 * part * 10_000 + whole) // (2 * whole) if whole else 0


def distribution(*, viewer: Actor, system: str | None = None, run: UUID | None = None) -> Distribution:
    """Return how many subjects got which grade; raise as `result_run`."""
    found = result_run(viewer=viewer, system=system, uuid=run)
    sums = {
        (one["outcome"], one["grade"]): int(one["total"])
        for one in RunCell.objects.filter(run=found)
        .values("outcome", "grade")
        .annotate(total=Sum("subjects"))
    }
    by_grade: dict[str, int] = defaultdict(int)
    by_outcome: dict[str, int] = defaultdict(int)
    for (outcome, grade), total in sums.items():
        by_outcome[outcome] += total
        by_grade[grade] += total
    symbols = found.symbols
    graded = sum(by_grade[symbol] for symbol in symbols)
    return Distribution(
        run=found.uuid,
        system=found.system,
        as_of=found.as_of,
        subjects=sum(by_outcome.values()),
        graded=graded,
        grades=tuple(
            GradeCount(
                grade=symbol,
                rank=rank,
                subjects=by_grade[symbol],
                share_bp=share_bp(part=by_grade[symbol], whole=graded),
            )
            for rank, symbol in enumerate(symbols)
        ),
        insufficient=by_outcome[Outcome.INSUFFICIENT],
        excluded=by_outcome[Outcome.EXCLUDED],
    )


def region_label(code: str, *, language: str = "zh") -> str:
    """Return the name of a region group, or its code where no name is known."""
    if code == UNKNOWN:
        return "未知地区" if language.startswith("zh") else "Unknown region"
    return regions.name(code) or code


def section_label(code: str, *, language: str = "zh") -> str:
    """Return the name of an industry section (GB/T 4754)."""
    chinese = language.startswith("zh")
    if code == UNKNOWN:
        return "未知行业" if chinese else "Unknown industry"
    return (None if chinese else industries.section_in_english(code)) or industries.name(code) or code


def by_region(
    *, viewer: Actor, system: str | None = None, run: UUID | None = None, language: str = "zh"
) -> GroupTable:
    """Return grades by county (by town in a fictitious county); raise as `result_run`."""
    found = result_run(viewer=viewer, system=system, uuid=run)
    cells = _cells(found, "region_group")
    return _table(found, cells, {key: region_label(key, language=language) for key in cells})


def by_industry(
    *, viewer: Actor, system: str | None = None, run: UUID | None = None, language: str = "zh"
) -> GroupTable:
    """Return grades by section of GB/T 4754; raise as `result_run`."""
    found = result_run(viewer=viewer, system=system, uuid=run)
    cells = _cells(found, "section")
    return _table(found, cells, {key: section_label(key, language=language) for key in cells})


def movements(*, viewer: Actor, system: str | None = None, run: UUID | None = None) -> list[Move]:
    """Return who moved from which grade to which since the run before, the largest worsening first."""
    found = result_run(viewer=viewer, system=system, uuid=run)
    rank = {symbol: place for place, symbol in enumerate(found.symbols)}
    moves = [
        Move(
            previous=one["previous_grade"],
            grade=one["grade"],
            subjects=int(one["total"]),
            steps=rank[one["grade"]] - rank[one["previous_grade"]]
            if one["grade"] in rank and one["previous_grade"] in rank
            else None,
        )
        for one in RunCell.objects.filter(run=found)
        .values("previous_grade", "grade")
        .annotate(total=Sum("subjects"))
    ]
    return sorted(
        moves, key=lambda one: (one.steps is None, -(one.steps or 0), -one.subjects, one.previous, one.grade)
    )


def _cells(found: Run, group: str) -> dict[str, dict[tuple[str, str], int]]:
    table: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    rows = RunCell.objects.filter(run=found).values(group, "outcome", "grade").annotate(total=Sum("subjects"))
    for one in rows:
        table[one[group]][one["outcome"], one["grade"]] = int(one["total"])
    return dict(table)


def _table(
    found: Run, cells: Mapping[str, Mapping[tuple[str, str], int]], labels: Mapping[str, str]
) -> GroupTable:
    symbols = tuple(found.symbols)
    rows = []
    for key, counts in cells.items():
        by_grade = tuple(
            sum(total for (_, grade), total in counts.items() if grade == symbol) for symbol in symbols
        )
        rows.append(
            GroupRow(
                key=key,
                label=labels[key],
                subjects=sum(counts.values()),
                counts=by_grade,
                insufficient=sum(n for (outcome, _), n in counts.items() if outcome == Outcome.INSUFFICIENT),
                excluded=sum(n for (outcome, _), n in counts.items() if outcome == Outcome.EXCLUDED),
                worst_share_bp=share_bp(part=by_grade[-1] if by_grade else 0, whole=sum(by_grade)),
            )
        )
    return GroupTable(grades=symbols, rows=tuple(sorted(rows, key=lambda one: (-one.subjects, one.key))))
