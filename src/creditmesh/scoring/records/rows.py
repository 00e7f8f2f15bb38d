"""The rows of one item as a feature sees them on a day: known, counting, inside a window, latest, fading."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlglot import exp

from creditmesh.scoring.definition.features import Feature, Take
from creditmesh.scoring.definition.loaded import LARGE, System, fields
from creditmesh.scoring.definition.parts import Window
from creditmesh.scoring.language.building import (
    absent,
    at,
    column,
    every,
    fresh,
    literal,
    number,
    some,
    text,
    than,
)
from creditmesh.scoring.language.parsing import parse
from creditmesh.scoring.language.sql import Writer
from creditmesh.scoring.language.tree import Type

Between = tuple[str | None, str | None]  # subject keys: from the first, to before the second
EVERYONE: Between = (None, None)
MILLI = 1_000
BEGINNING = date(1, 1, 1)  # where rows without a date stand in the order


def window_start(as_of: date, window: Window) -> date:
    """Return the last day before a rolling window that ends with `as_of`; months go by the calendar.

    >>> window_start(date(2024, 3, 31), Window(number=1, unit="months"))
    datetime.date(2024, 2, 29)
    """
    if window.unit == "days":
        return max(as_of, BEGINNING + timedelta(window.number)) - timedelta(window.number)
    months = as_of.year * 12 + as_of.month - 1 - window.number * (12 if window.unit == "years" else 1)
    year, month = divmod(months, 12)
    if year < 1:
        return BEGINNING
    return date(year, month + 1, min(as_of.day, monthrange(year, month + 1)[1]))


def fading(half_life: int) -> list[int]:
    """Return how many thousandths a row counts by its whole months of age, until it counts no more.

    >>> fading(12)[:3], fading(12)[12]
    ([1000, 944, 891], 500)
    """
    weights: list[int] = []
    while not weights or weights[-1]:
        power = Decimal(2) ** (Decimal(-len(weights)) / Decimal(half_life))
        weights.append(int((MILLI * power).to_integral_value(ROUND_HALF_UP)))
    return weights


class Rows:
    """Conditions and aggregates over the view of one item."""

    def __init__(self, system: System, code: str, as_of: date, between: Between = EVERYONE) -> None:
        self.between = between
        self.item = system.items[code]
        self.records = system.definition.records.get(code)
        self.as_of = as_of
        self.names = fields(self.item)
        self.write = Writer(self.named)

    def named(self, name: str) -> exp.Expr:
        """Return what a name in a `where` stands for."""
        return (
            literal(self.as_of)
            if name == "as_of"
            else column("_event_date" if name == "event_date" else name)
        )

    def condition(self, text: str) -> exp.Expr:
        """Return a condition over the fields of the item."""
        return self.write.condition(parse(text, names=self.names, wanted=Type.TRUTH))

    def known(self) -> exp.Expr:
        """Return the condition that a row is about these subjects, and had happened by the day or has no date."""
        first, end = self.between
        subject = column("_subject")
        conditions: list[exp.Expr] = []
        if first is not None:
            conditions.append(exp.GTE(this=subject, expression=text(first)))
        if end is not None:
            conditions.append(exp.LT(this=fresh(subject), expression=text(end)))
        if self.item.event_date is not None:
            happened = column("_event_date")
            by_then = exp.LTE(this=fresh(happened), expression=literal(self.as_of))
            conditions.append(exp.Paren(this=some(absent(happened), by_then)))
        return every(*conditions)

    def counting(self) -> exp.Expr:
        """Return the condition that a row counts at all: known, and not repaired or past."""
        counts = [self.condition(self.records.counts_when)] if self.records else []
        return every(self.known(), *counts)

    def window(self, within: Window | None) -> list[exp.Expr]:
        """Return the conditions of a window, none without one."""
        if within is None:
            return []
        start = literal(window_start(self.as_of, within))
        return [exp.GT(this=column("_event_date"), expression=start)]

    def order(self, first: exp.Expr | None = None) -> exp.Expr:
        """Return what later rows have more of: date, landing, place in the file."""
        happened = exp.Coalesce(this=column("_event_date"), expressions=[literal(BEGINNING)])
        keys = [happened, column("_seq"), column("_row")]
        return exp.Struct(expressions=[first, *keys] if first is not None else keys)

    def summed(self, feature: Feature, conditions: Iterable[exp.Expr]) -> exp.Expr:
        """Return the count or sum of rows, weighed and fading where the feature says so."""
        where = [one.copy() for one in conditions]
        if feature.take is Take.COUNT and not feature.weigh and not feature.decay:
            what: exp.Expr = exp.Count(this=exp.Star())
        else:
            what = exp.Sum(this=self.amount(feature))
        return exp.Filter(this=what, expression=exp.Where(this=exp.and_(*where))) if where else what

    def amount(self, feature: Feature) -> exp.Expr:
        """Return what one row adds."""
        parts: list[exp.Expr] = []
        if feature.take is Take.SUM:
            of = column(str(feature.of))
            held = (
                exp.case()
                .when(than(exp.LT, of, -LARGE), number(-LARGE))
                .when(than(exp.GT, of, LARGE), number(LARGE))
            )
            parts.append(held.else_(of.copy()))
        if feature.weigh is not None:
            parts.append(self.weight(feature))
        if feature.decay is None:
            return self.product(parts)
        faded = self.product([*parts, self.faded(feature.decay.half_life)])
        # a fading count stays in thousandths, a fading sum goes back to the unit of its field
        return exp.paren(faded) // number(MILLI) if feature.take is Take.SUM else faded

    def product(self, parts: list[exp.Expr]) -> exp.Expr:
        """Return a product in 64 bits."""
        whole: exp.Expr = exp.cast(parts[0], "BIGINT")
        for part in parts[1:]:
            whole = exp.Mul(this=whole, expression=part)
        return whole

    def weight(self, feature: Feature) -> exp.Expr:
        """Return how much a row weighs by one of its fields."""
        assert feature.weigh is not None  # noqa: S101 - asked for weighed features only
        case = exp.case(column(feature.weigh.by))
        for key, weight in feature.weigh.as_.items():
            case = case.when(exp.Literal.string(key), number(weight))
        return case.else_(number(feature.weigh.otherwise))

    def faded(self, half_life: Window) -> exp.Expr:
        """Return the thousandths a row still counts, by whole months of age."""
        happened = column("_event_date")
        months = half_life.number * (12 if half_life.unit == "years" else 1)
        year, month = exp.Year(this=happened), exp.Month(this=happened.copy())
        now = self.as_of.year * 12 + self.as_of.month
        begun = (
            exp.case()
            .when(than(exp.GT, exp.Day(this=happened.copy()), self.as_of.day), number(1))
            .else_(number(0))
        )
        age = number(now) - exp.paren(year * number(12) + month) - begun
        weights = exp.Array(expressions=[number(weight) for weight in fading(months)])
        return at(weights, age + number(1))
