"""The clock of a jurisdiction: how many days for which step, what stops it, and how far it can be moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from creditmesh.catalogue.rule_packs import Rule, RulePack, UnknownRule
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.workdays import Calendar

_DAY = timedelta(days=1)
_UNITS = frozenset({"working_day", "calendar_day"})


class ClockRule(CreditmeshError):
    """A rule pack says something a clock cannot be made of."""

    code = "clock-rule"


class Cause(StrEnum):
    """Why a clock may stand still."""

    TEST = "test"
    APPRAISAL = "appraisal"
    EVALUATION = "evaluation"
    HEARING = "hearing"


class CountsFrom(StrEnum):
    """From when the provider's days are counted."""

    RECEIPT = "receipt"
    FORWARDING = "forwarding"


@dataclass(frozen=True, kw_only=True)
class Term:
    """A number of days as one rule states it."""

    days: int
    working: bool
    rule: Rule


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A stretch in which the clock stands still: the days after `began` up to and with `ended`; None: still."""

    began: date
    ended: date | None = None

    def covers(self, day: date) -> bool:
        """Return whether a day is not counted because of this pause."""
        return self.began < day and (self.ended is None or day <= self.ended)


@dataclass(frozen=True, kw_only=True)
class Regime:
    """The clock of objections in one place on one day, each number with the rule it comes from."""

    mark: Term
    own: Term
    provider: Term
    provider_from: CountsFrom
    forward: Term | None  # None: no day of its own for forwarding
    extension: Term | None  # so many days more, once
    extension_total: Term | None  # or: so many in total from receipt
    excluded: frozenset[Cause]  # what does not count
    suspends: bool  # the record is not shared while it is contested
    review_ask: Term
    review_decide: Term
    reviewer: str  # rule text: who reviews
    pack: str  # version of the rules

    @property
    def may_extend(self) -> bool:
        """Return whether the clock can be moved at all."""
        return self.extension is not None or self.extension_total is not None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the rules behind the days, to be shown with their sources."""
        terms = (self.mark, self.own, self.forward, self.provider, self.extension, self.extension_total)
        return tuple(one.rule for one in terms if one is not None)


@dataclass(frozen=True, kw_only=True)
class Course:
    """What has happened to the clock of one objection."""

    received: date
    forwarded: date | None = None
    extended: bool = False
    pauses: tuple[Pause, ...] = ()

    @property
    def paused(self) -> bool:
        """Return whether the clock stands still now."""
        return any(one.ended is None for one in self.pauses)


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """The last days of each step; a step on its last day is in time. None: the clock stands still."""

    mark: date
    forward: date | None  # None: no day of its own
    own: date | None
    provider: date | None


def regime(*, pack: RulePack, place: str, on: date) -> Regime:
    """Return the clock of a place for what is received on a day: its own rules, else the nation's.

    Sources: domain notes 5.4; the numbers and their documents are those of the rule packs. Raises `UnknownRule`
    when even the nation has none, `ClockRule` when one cannot be read.
    """
    found = _Found(pack=pack, place=place, on=on)
    return Regime(
        mark=found.term("objection.mark"),
        own=found.term("objection.decide.own"),
        provider=found.term("objection.decide.provider"),
        provider_from=CountsFrom(found.text("objection.provider-counts-from")),
        forward=found.term_or_none("objection.forward"),
        extension=found.term_or_none("objection.extension"),
        extension_total=found.term_or_none("objection.extension.total"),
        excluded=frozenset(
            Cause(one) for one in found.text("objection.excluded").split(",") if one != "none"
        ),
        suspends=found.text("objection.suspends") == "yes",
        review_ask=found.term("objection.review.ask"),
        review_decide=found.term("objection.review.decide"),
        reviewer=found.text("objection.review.by"),
        pack=pack.version,
    )


@dataclass(frozen=True, kw_only=True)
class _Found:
    pack: RulePack
    place: str
    on: date

    def term(self, rule: str) -> Term:
        return term(self.pack.rule(rule, on=self.on, jurisdiction=self.place))

    def term_or_none(self, rule: str) -> Term | None:
        try:
            found = self.term(rule)
        except UnknownRule:
            return None
        return found if found.days else None

    def text(self, rule: str) -> str:
        return str(self.pack.rule(rule, on=self.on, jurisdiction=self.place).value)


def term(rule: Rule) -> Term:
    """Return a rule as a number of days; raise `ClockRule` when it is none."""
    if rule.unit not in _UNITS or not isinstance(rule.value, int) or rule.value < 0:
        raise ClockRule(
            f"Rule '{rule.id}' of {rule.jurisdiction} must be a number of days: mend the rule pack."
        )
    return Term(days=rule.value, working=rule.unit == "working_day", rule=rule)


def ends(days: Term, *, start: date, calendar: Calendar, pauses: Sequence[Pause] = ()) -> date | None:
    """Return the last day of a term: the day after `start` is day 1, paused days do not count.

    A term of no days ends on the day it starts. None when a pause goes on before the term is full. Where a
    term of calendar days ends on a holiday it is not moved: the stricter reading, for who must answer.
    """
    day, left = start, days.days
    while left:
        day += _DAY
        if any(one.ended is None and one.covers(day) for one in pauses):
            return None
        if any(one.covers(day) for one in pauses):
            continue
        left -= calendar.is_workday(day) if days.working else 1
    return day


def deadlines(clock: Regime, course: Course, *, calendar: Calendar) -> Deadlines:
    """Return the last days of each step of an objection.

    Marking and forwarding cannot be extended or paused. An extension moves both ways of deciding: by its days
    after the day that held, or to its total counted from receipt, whichever the place has.
    """
    mark = ends(clock.mark, start=course.received, calendar=calendar) or course.received
    forward = None if clock.forward is None else ends(clock.forward, start=course.received, calendar=calendar)
    from_forwarding = clock.provider_from is CountsFrom.FORWARDING
    start = course.forwarded or forward or course.received
    provider_start = start if from_forwarding else course.received
    return Deadlines(
        mark=mark,
        forward=forward,
        own=_decided(clock, clock.own, course.received, course, calendar),
        provider=_decided(clock, clock.provider, provider_start, course, calendar),
    )


def _decided(clock: Regime, days: Term, start: date, course: Course, calendar: Calendar) -> date | None:
    last = ends(days, start=start, calendar=calendar, pauses=course.pauses)
    if not course.extended or last is None:
        return last
    if clock.extension_total is not None:
        moved = ends(clock.extension_total, start=course.received, calendar=calendar, pauses=course.pauses)
        return moved and max(moved, last)
    if clock.extension is not None:
        return ends(clock.extension, start=last, calendar=calendar, pauses=course.pauses)
    return last
