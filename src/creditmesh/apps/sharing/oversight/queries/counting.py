"""Inquiries counted by what followed them: for each institution, for each of its people and programs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.utils import timezone

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.members.institutions.rules.standing import Institution
from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.disclosure.rules.questions import Outcome
from creditmesh.apps.sharing.oversight.models import Followed, Measure
from creditmesh.apps.sharing.oversight.rules import (
    EMPTY,
    MODES,
    Act,
    Last,
    Level,
    Tally,
    Thresholds,
    level,
    thresholds,
)
from creditmesh.catalogue import rule_packs

AGES = (30, 60, 90)
"""Ends of the age groups in days; the last group is open."""


@dataclass(frozen=True, kw_only=True)
class UserTally:
    """What followed the inquiries of one person or program."""

    person: str
    user_id: int | None
    client: str
    tally: Tally


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where an institution stands."""

    institution: Institution
    tally: Tally
    level: Level
    since: datetime  # inquiries from here on are judged
    last: Last | None
    why: str  # of the last act


@dataclass(frozen=True, kw_only=True)
class MeasureLine:
    """What was done about an institution, when and why."""

    act: Act
    at: datetime
    by: str
    why: str
    judged: int | None
    nothing: int | None


def limits_of(node: ThisNode, *, at: datetime) -> Thresholds:
    """Return the thresholds in force on the node."""
    return thresholds(rule_packs.load(), on=timezone.localdate(at), region=node.region)


def standings(*, node: ThisNode, at: datetime) -> tuple[Standing, ...]:
    """Return where every institution stands that is no sandbox, the largest share first."""
    limits = limits_of(node, at=at)
    found = [standing(one, limits=limits, at=at) for one in institutions.institutions() if not one.sandbox]
    return tuple(sorted(found, key=lambda one: (-(one.tally.share_bp or 0), one.institution.code)))


def standing(home: Institution, *, limits: Thresholds, at: datetime) -> Standing:
    """Return where one institution stands."""
    rows = Measure.objects.filter(institution=home.code).order_by("-id")
    latest = rows.first()
    since = start(home.code, limits=limits, at=at)
    total = Tally()
    for one in by_user(home.code, limits=limits, since=since, at=at):
        total = total.plus(one.tally)
    return Standing(
        institution=home,
        tally=total,
        level=level(total, limits),
        since=since,
        last=Last(act=Act(latest.act), at=latest.at) if latest else None,
        why=latest.why if latest else "",
    )


def start(institution: str, *, limits: Thresholds, at: datetime) -> datetime:
    """Return since when inquiries are judged: the window, but nothing a person has already decided on.

    Whoever resumes an institution has judged what was due until then; it must not suspend it a second time.
    """
    begin = at - timedelta(days=30 * limits.window_months)
    resumed = _resumed(institution)
    return begin if resumed is None else max(begin, resumed - timedelta(days=limits.days))


def _resumed(institution: str) -> datetime | None:
    rows = Measure.objects.filter(institution=institution, act=Act.RESUMED.value)
    return rows.order_by("-id").values_list("at", flat=True).first()


def by_user(institution: str, *, limits: Thresholds, since: datetime, at: datetime) -> tuple[UserTally, ...]:
    """Return the tally of every person and program of an institution, most with nothing behind first."""
    counted = (
        _followed(institution, since=since, at=at)
        .annotate(stand=_stand(limits, at))
        .values("user_id", "person", "client", "stand")
        .annotate(inquiries=Count("id"))
        .order_by("user_id", "client", "person", "stand")
    )
    found: dict[tuple[Any, ...], Tally] = {}
    for one in counted:
        # A person keeps one line after a change of name: the user tells, a name only where there is none.
        key = (one["user_id"], one["client"], "" if one["user_id"] else one["person"])
        found[key] = found.get(key, Tally()).plus(_tally(one["stand"], one["inquiries"]))
    names = {
        (one["user_id"], one["client"], "" if one["user_id"] else one["person"]): one["person"]
        for one in counted
    }
    lines = [
        UserTally(person=names[key], user_id=key[0], client=key[1], tally=tally)
        for key, tally in found.items()
    ]
    return tuple(sorted(lines, key=lambda one: (-one.tally.nothing, -one.tally.asked, one.person)))


def ages(institution: str, *, since: datetime, at: datetime) -> tuple[int, ...]:
    """Return how many inquiries without an outcome there are in each age group of `AGES`, the open one last."""
    whens = [When(at__gt=at - timedelta(days=end), then=Value(place)) for place, end in enumerate(AGES)]
    counted = (
        without_outcome(institution, since=since, at=at)
        .annotate(group=Case(*whens, default=Value(len(AGES)), output_field=IntegerField()))
        .values("group")
        .annotate(inquiries=Count("id"))
        .order_by("group")
    )
    numbers = {one["group"]: one["inquiries"] for one in counted}
    return tuple(numbers.get(place, 0) for place in range(len(AGES) + 1))


def without_outcome(institution: str, *, since: datetime, at: datetime) -> QuerySet[Any]:
    """Return the inquiries of an institution of which nothing is known to have followed."""
    return _followed(institution, since=since, at=at).filter(kind=None)


def with_nothing(institution: str, *, limits: Thresholds, since: datetime, at: datetime) -> QuerySet[Any]:
    """Return the inquiries with nothing behind them: overdue ones, and those said to be empty."""
    rows: QuerySet[Any] = _followed(institution, since=since, at=at).annotate(stand=_stand(limits, at))
    shown: QuerySet[Any] = rows.filter(stand__in=[_EMPTY, _OVERDUE])
    return shown


def measures(institution: str, *, limit: int = 50) -> tuple[MeasureLine, ...]:
    """Return what was done about an institution, latest first."""
    return tuple(
        MeasureLine(
            act=Act(row.act), at=row.at, by=row.by, why=row.why, judged=row.judged, nothing=row.nothing
        )
        for row in Measure.objects.filter(institution=institution).order_by("-id")[:limit]
    )


_BEHIND, _EMPTY, _OVERDUE, _WAITING = range(4)
_SAID_EMPTY = sorted(one.value for one in EMPTY)


def _followed(institution: str, *, since: datetime, at: datetime) -> QuerySet[Any]:
    latest = Followed.objects.filter(inquiry=OuterRef("uuid"))
    rows = Inquiry.objects.filter(
        institution=institution,
        outcome=Outcome.ANSWERED,
        mode__in=[one.value for one in MODES],
        sandbox=False,
        at__gte=since,
        at__lte=at,
    ).annotate(
        kind=Subquery(latest.values("kind")[:1]),
        reference=Subquery(latest.values("reference")[:1]),
        rest=Subquery(latest.values("rest")[:1]),
        told=Subquery(latest.values("at")[:1]),
    )
    resumed = _resumed(institution)
    # What was said to be empty by then was before whoever resumed it, however lately it was asked.
    return rows if resumed is None else rows.exclude(kind__in=_SAID_EMPTY, told__lte=resumed)


def _stand(limits: Thresholds, at: datetime) -> Case:
    return Case(
        When(kind__in=_SAID_EMPTY, then=Value(_EMPTY)),
        When(kind__isnull=False, then=Value(_BEHIND)),
        When(at__lt=at - timedelta(days=limits.days), then=Value(_OVERDUE)),
        default=Value(_WAITING),
        output_field=IntegerField(),
    )


def _tally(stand: int, inquiries: int) -> Tally:
    name = {_BEHIND: "behind", _EMPTY: "empty", _OVERDUE: "overdue", _WAITING: "waiting"}[stand]
    return Tally(**{name: inquiries})
