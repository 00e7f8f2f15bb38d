"""Lists of who stands where: filtered, sorted, paged, exported; on a million rows as on ten."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from creditmesh.apps.evaluation.grading.models import STANDINGS, Run, RunCell, StandingColumns
from creditmesh.apps.evaluation.grading.queries import distribution, overlay
from creditmesh.apps.evaluation.grading.rules import Outcome
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.scoring.definition.parts import Purpose

LARGEST_PAGE = 200
MOST_NAMED = 1000  # subjects a text may match before the list asks for a longer text
EXPORT_CHUNK = 2000
PLACE = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,9}))?")


class Sort(StrEnum):
    """In which order a list comes."""

    WORST_FIRST = "worst"
    BEST_FIRST = "best"
    SUBJECT = "subject"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a list is narrowed to; an empty value narrows nothing."""

    text: str = ""  # part of a name, or a code or its beginning
    grade: str = ""
    region: str = ""  # prefix of a region code
    section: str = ""  # section of GB/T 4754, one letter
    outcome: str = ""
    moved: str = ""  # "worse", "better" or "newly_worst", against the run before


@dataclass(frozen=True, kw_only=True)
class StandingRow:
    """One line of a list."""

    subject: str
    name: str
    place: int
    outcome: Outcome
    grade: str
    previous_grade: str
    score: int | None  # milli-points
    coverage_bp: int | None
    region: str
    region_label: str
    industry: str
    section: str
    section_label: str
    triggers: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StandingPage:
    """A page of a list. `following` goes back in as `after`; None at the end."""

    run: UUID
    system: str
    as_of: date
    grades: tuple[str, ...]
    rows: tuple[StandingRow, ...]
    following: str | None
    total: int
    total_is_exact: bool


def listing(  # noqa: PLR0913 - a list has a run, filters, an order and a page
    *,
    viewer: Actor,
    system: str | None = None,
    run: UUID | None = None,
    filters: Filters,
    sort: Sort = Sort.WORST_FIRST,
    after: str | None = None,
    size: int = 50,
    language: str = "zh",
) -> StandingPage:
    """Return one page of who stands where; `after` is the `following` of the page before.

    Raises `NotPermitted`, `UnknownRun`, `NoResultsYet`.
    """
    found = distribution.result_run(viewer=viewer, system=system, uuid=run)
    size = max(1, min(size, LARGEST_PAGE))
    matching, named = _narrowed(found, filters)
    stored = _page(found, matching, sort=sort, after=after, size=size + 1)
    rows = [row(one, language=language) for one in stored]
    following = _following(stored[size - 1], sort) if len(rows) > size else None
    total, exact = _count(found, filters, matching, named)
    return StandingPage(
        run=found.uuid,
        system=found.system,
        as_of=found.as_of,
        grades=tuple(found.symbols),
        rows=tuple(rows[:size]),
        following=following,
        total=total,
        total_is_exact=exact,
    )


def newly_worst(
    *, viewer: Actor, system: str | None = None, run: UUID | None = None, size: int = 20
) -> StandingPage:
    """Return those that reached the worst grade since the run before; raise as `listing`."""
    return listing(viewer=viewer, system=system, run=run, filters=Filters(moved="newly_worst"), size=size)


def every(*, run: Run, filters: Filters, language: str) -> Iterator[StandingRow]:
    """Yield every matching line, worst first, a chunk in memory at a time; for `operations.exporting`."""
    matching, _ = _narrowed(run, filters)
    after: str | None = None
    while True:
        chunk = _page(run, matching, sort=Sort.WORST_FIRST, after=after, size=EXPORT_CHUNK)
        yield from (row(one, language=language) for one in chunk)
        if len(chunk) < EXPORT_CHUNK:
            return
        after = _following(chunk[-1], Sort.WORST_FIRST)


def count(*, run: Run, filters: Filters) -> int:
    """Return how many lines match."""
    matching, named = _narrowed(run, filters)
    return _count(run, filters, matching, named)[0]


def by_grade(*, run: Run, filters: Filters) -> dict[tuple[str, str], int]:
    """Return how many of the matching lines came out how: by outcome and grade ('' without one)."""
    matching, _ = _narrowed(run, filters)
    told = matching.order_by().values_list("outcome", "grade").annotate(lines=Count("pk"))
    return {(outcome, grade): lines for outcome, grade, lines in told}


def row(one: StandingColumns, *, language: str = "zh") -> StandingRow:
    """Return a standing as lists and pages show it."""
    return StandingRow(
        subject=one.subject,
        name=one.name,
        place=one.place,
        outcome=Outcome(one.outcome),
        grade=one.grade,
        previous_grade=one.previous_grade,
        score=one.score,
        coverage_bp=one.coverage,
        region=one.region,
        region_label=distribution.region_label(one.region_group, language=language),
        industry=one.industry,
        section=one.section,
        section_label=distribution.section_label(one.section, language=language),
        triggers=tuple(one.triggers.split()),
        reasons=tuple(reason for reason in (one.reason1, one.reason2, one.reason3) if reason),
    )


def table_of(run: Run) -> type[StandingColumns]:
    """Return the table the results of this run's purpose are kept in."""
    return STANDINGS[Purpose(run.purpose)]


def _narrowed(run: Run, filters: Filters) -> tuple[QuerySet[StandingColumns], bool]:
    """Return the matching standings, and whether a text cut the subjects off at the bound."""
    matching = overlay.standings(run)
    exact = {"grade": filters.grade, "section": filters.section, "outcome": filters.outcome}
    matching = matching.filter(**{name: value for name, value in exact.items() if value})
    if filters.region:
        matching = matching.filter(_under(filters.region[:9]))
    if filters.moved:
        matching = _moved(matching, run, filters.moved)
    if not filters.text:
        return matching, False
    subjects = parties.subjects_named(text=filters.text, limit=MOST_NAMED)
    keys = [one.key for one in subjects]
    return matching.filter(Q(subject__in=keys) | Q(subject=filters.text.strip())), len(keys) == MOST_NAMED


def _under(prefix: str) -> Q:
    if not (prefix.isascii() and prefix.isdigit()):
        return Q(region_group=prefix)
    # A range instead of LIKE: both databases can walk it in an index, and digits sort alike in any collation.
    return Q(region_group__gte=prefix, region_group__lte=prefix.ljust(12, "9"))


def _moved(matching: QuerySet[StandingColumns], run: Run, moved: str) -> QuerySet[StandingColumns]:
    symbols = run.symbols
    if (run.base or run).previous_id is None:
        return matching.none()
    if moved == "newly_worst":
        return matching.filter(grade=symbols[-1]).exclude(previous_grade=symbols[-1])
    pairs = Q(pk__in=())
    for place, symbol in enumerate(symbols):
        before = symbols[:place] if moved == "worse" else symbols[place + 1 :]
        if before:
            pairs |= Q(grade=symbol, previous_grade__in=before)
    return matching.filter(pairs)


def _page(
    run: Run, matching: QuerySet[StandingColumns], *, sort: Sort, after: str | None, size: int
) -> list[StandingColumns]:
    """Return so many standings after one. By place, those of a run of changes and of its base come from an index each."""
    if run.base_id is None or sort is Sort.SUBJECT:
        return list(_after(matching, sort=sort, after=after)[:size])
    found = [
        one
        for of in (run.base_id, run.pk)
        for one in _after(matching.filter(run=of), sort=sort, after=after)[:size]
    ]
    return sorted(found, key=lambda one: (one.place, one.within), reverse=sort is Sort.BEST_FIRST)[:size]


def _following(last: StandingColumns, sort: Sort) -> str:
    if sort is Sort.SUBJECT:
        return last.subject
    return f"{last.place}.{last.within}" if last.within else str(last.place)


def _after(
    matching: QuerySet[StandingColumns], *, sort: Sort, after: str | None
) -> QuerySet[StandingColumns]:
    if sort is Sort.SUBJECT:
        return (matching.filter(subject__gt=after) if after else matching).order_by("subject")
    found = PLACE.fullmatch(after or "")
    place, within = (int(found[1]), int(found[2] or 0)) if found else (None, 0)
    if sort is Sort.BEST_FIRST:
        before = Q(place__lt=place) | Q(place=place, within__lt=within)
        return (matching if place is None else matching.filter(before)).order_by("-place", "-within")
    behind = Q(place__gt=place) | Q(place=place, within__gt=within)
    return (matching if place is None else matching.filter(behind)).order_by("place", "within")


def _count(run: Run, filters: Filters, matching: QuerySet[StandingColumns], named: bool) -> tuple[int, bool]:
    if filters.text:
        return matching.count(), not named
    cells: Any = RunCell.objects.filter(run=run)
    exact = {"grade": filters.grade, "section": filters.section, "outcome": filters.outcome}
    cells = cells.filter(**{name: value for name, value in exact.items() if value})
    if filters.region:
        cells = cells.filter(_under(filters.region[:9]))
    if filters.moved:
        cells = _moved(cells, run, filters.moved)
    return cells.aggregate(total=Sum(F("subjects")))["total"] or 0, True
