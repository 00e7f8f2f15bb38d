"""What time alone does to one result: at which day old records leave their windows, and what the grade is then.

Computed from the records' own days: the inputs are made again as of each day on which one of them can change. What
relations and other systems say stays as it is, and nothing new is supposed to happen.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from creditmesh.catalogue.model import Text
from creditmesh.scoring.definition.features import Feature, Take
from creditmesh.scoring.definition.loaded import System, fields, items_read, table
from creditmesh.scoring.definition.parts import Window
from creditmesh.scoring.improving.openness import walk
from creditmesh.scoring.improving.ready import ready
from creditmesh.scoring.language.parsing import parse
from creditmesh.scoring.language.tree import Days, Name, Type
from creditmesh.scoring.records import features
from creditmesh.scoring.records.one import Compiled, FromRecords
from creditmesh.scoring.records.rows import window_start

Connection = Any  # a DuckDB connection, whose package has no types
MOST_MOMENTS = 40  # days on which the inputs are made again
HORIZON = timedelta(days=5 * 366)
FADING_MONTHS = 24  # months for which a fading row is followed
Row = Mapping[str, object]


@dataclass(frozen=True)
class Step:
    """A day on which the score or the grade becomes another by time alone, and the inputs that change that day."""

    day: date
    score: int | None
    grade: str | None
    changed: tuple[Text, ...]


@dataclass(frozen=True)
class Course:
    """Every such day in order; `until` is how far it was looked, and `better` the first day of a better grade."""

    steps: tuple[Step, ...]
    until: date
    better: Step | None


def course(connection: Connection, *, system: System, row: Row) -> Course:
    """Return what time alone makes of a stored row.

    The connection shows, as the item views, the records of this one subject and nobody else's.
    """
    start = row["as_of"]
    assert isinstance(start, date)  # noqa: S101 - every result row carries its day
    followed = _followed(connection, system)
    days = moments(connection, system=followed, as_of=start)
    made = _inputs(connection, followed, days, row)
    return _Course(system, row, start).along(made)


def moments(connection: Connection, *, system: System, as_of: date) -> list[date]:
    """Return the days after one on which an input of the subject can change, at most forty, earliest first.

    Every feature of the system reads an item.
    """
    found: set[date] = set()
    for feature in system.definition.features.values():
        found |= set(_moments(connection, system, feature, as_of))
    last = as_of + HORIZON
    return sorted(day for day in found if as_of < day <= last)[:MOST_MOMENTS]


def _moments(connection: Connection, system: System, feature: Feature, as_of: date) -> Iterator[date]:
    code = str(feature.item)
    named = fields(system.items[code])
    read = sorted(name for name in _dates(system, feature) if named[name].type is Type.DATE)
    columns = ", ".join(
        f'"{"_event_date" if one == "event_date" else one}"' for one in read if one != "as_of"
    )
    chosen = f"_event_date{', ' + columns if columns else ''}"
    for happened, *others in connection.execute(f"SELECT DISTINCT {chosen} FROM {table(code)}").fetchall():  # noqa: S608 - our own names
        for day in (happened, *others):
            if day is not None and day > as_of - timedelta(days=1):
                yield from (day, day + timedelta(days=1))
        if happened is not None and feature.within is not None:
            yield leaves(happened, feature.within)
        if happened is not None and feature.decay is not None:
            yield from _fades(happened, as_of)


def _dates(system: System, feature: Feature) -> set[str]:
    named = fields(system.items[str(feature.item)])
    records = system.definition.records.get(str(feature.item))
    texts = [feature.where, feature.among, None if records is None else records.counts_when]
    nodes = [parse(one, names=named, wanted=Type.TRUTH) for one in texts if one is not None]
    return {
        one.name for node in nodes for one in walk(node) if isinstance(one, Name) and one.type is Type.DATE
    }


def leaves(happened: date, within: Window) -> date:
    """Return the first day on which what happened lies outside a rolling window.

    >>> leaves(date(2024, 2, 29), Window(number=12, unit="months"))
    datetime.date(2025, 3, 1)
    """
    if within.unit == "days":
        return happened + timedelta(days=within.number)
    day = _months_later(happened, within.number * (12 if within.unit == "years" else 1))
    while window_start(day, within) < happened:
        day += timedelta(days=1)
    return day


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _fades(happened: date, as_of: date) -> Iterator[date]:
    """Yield the days on which a row becomes a whole month older."""
    age = (as_of.year - happened.year) * 12 + as_of.month - happened.month
    for months in range(age, age + FADING_MONTHS):
        day = _months_later(happened, months)
        yield day if day.day == happened.day else day + timedelta(days=1)


def _followed(connection: Connection, system: System) -> System:
    """Return a system with only those features that have a record of the subject: the others stay as they are."""
    items = {one.item for one in system.definition.features.values() if one.item is not None}
    held = {
        code
        for code in sorted(items)
        if connection.execute(f"SELECT 1 FROM {table(code)} LIMIT 1").fetchone()  # noqa: S608 - our own names
    }
    kept = {name: one for name, one in system.definition.features.items() if one.item in held}
    return replace(system, definition=system.definition.model_copy(update={"features": kept}))


def _inputs(
    connection: Connection, system: System, days: Sequence[date], row: Row
) -> dict[date, Mapping[str, object]]:
    """Return the inputs made from records as of each day; nothing where the subject is not evaluated then."""
    if (
        system.definition.population.where is not None
    ):  # who is in scope may change too: ask the whole statement
        return {day: _by_statement(connection, system, day) for day in days}
    records = {code: _rows(connection, code) for code in items_read(system)}
    delivered = {code: _delivered(connection, code, row.get("region")) for code in records}
    made: dict[date, Mapping[str, object]] = {}
    compiled: Compiled = {}
    for day in days:
        of_day = FromRecords(system, as_of=day, compiled=compiled)
        told = of_day.inputs(records, about={}, delivered=delivered, related={})
        made[day] = {name: told[name] for name in system.definition.features}
    return made


def _rows(connection: Connection, code: str) -> list[dict[str, Any]]:
    found = connection.execute(f"FROM {table(code)}")
    names = [column[0] for column in found.description]
    return [dict(zip(names, one, strict=True)) for one in found.fetchall()]


def _delivered(connection: Connection, code: str, region: object) -> bool:
    """Return whether an item was ever delivered for a region; an unknown region takes any delivery."""
    found = connection.execute(
        "SELECT count(*) FROM _collected WHERE item = $item AND ($region IS NULL OR starts_with($region, region_prefix))",
        {"item": code, "region": region},
    ).fetchall()
    return bool(found[0][0])


def _by_statement(connection: Connection, system: System, day: date) -> dict[str, object]:
    found = connection.execute(features.own(system, as_of=day).sql(dialect="duckdb"))
    names = [column[0] for column in found.description]
    rows = found.fetchall()
    if not rows:
        return {}
    made = dict(zip(names, rows[0], strict=True))
    return {name: made[name] for name in system.definition.features}


class _Course:
    """Follows one row through time."""

    def __init__(self, system: System, row: Row, start: date) -> None:
        self.system, self.row, self.start = system, row, start
        self.plan, self.score = ready(system)
        self.ages = [
            name
            for name, one in system.definition.features.items()
            if one.take is Take.DAYS_SINCE and row.get(name) is not None
        ]

    def along(self, made: Mapping[date, Mapping[str, object]]) -> Course:
        days = sorted(made)
        until = days[-1] if len(days) == MOST_MOMENTS else self.start + HORIZON
        before = self.score(self.row)
        base = before
        steps: list[Step] = []
        current: Row = self.row
        for day in self.days(days, until):
            earlier = current
            current = {**current, **self.aged(current, day), **made.get(day, {}), "as_of": day}
            after = self.score(current)
            if (after.score, after.grade) != (before.score, before.grade):
                steps.append(Step(day, after.score, after.grade, self.changed(earlier, current)))
            before = after
        better = next((one for one in steps if self.rank(one.grade) < self.rank(base.grade)), None)
        return Course(tuple(steps), until, better)

    def days(self, made: Sequence[date], until: date) -> Iterable[date]:
        """Return the days to look at: every single one where the rules count days, else those of the records."""
        if not self.ages and not self.counts_days():
            return made
        return (self.start + timedelta(days=n) for n in range(1, (until - self.start).days + 1))

    def counts_days(self) -> bool:
        rules = (*self.plan.triggers, *self.plan.caps, *self.plan.exclusions)
        nodes = [one.value for one in self.plan.measures]
        nodes += [one.applies for one in self.plan.measures if one.applies is not None]
        nodes += [one.when for one in rules]
        return any(
            isinstance(one, Days) or (isinstance(one, Name) and one.name == "as_of")
            for node in nodes
            for one in walk(node)
        )

    def aged(self, row: Row, day: date) -> dict[str, object]:
        earlier = row["as_of"]
        assert isinstance(earlier, date)  # noqa: S101 - every row here carries its day
        gone = (day - earlier).days
        return {name: value + gone for name in self.ages if isinstance(value := row[name], int)}

    def changed(self, before: Row, after: Row) -> tuple[Text, ...]:
        told = self.system.definition.features
        return tuple(
            one.label
            for name, one in told.items()
            if name not in self.ages and before.get(name) != after.get(name)
        )

    def rank(self, grade: str | None) -> int:
        return len(self.plan.symbols) if grade is None else self.plan.symbols.index(grade)
