"""Count what institutions ask, and refuse what is over their limits."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from creditmesh.apps.members.institutions import models, queries
from creditmesh.apps.members.institutions.rules.counting import (
    Measure,
    Passage,
    TooManyRequests,
    Window,
    admitted,
    limit_of,
    window,
)
from creditmesh.apps.members.institutions.rules.standing import Limits


@transaction.atomic
def admit(*, institution: str, at: datetime, measures: Sequence[Measure] = (Measure.REQUESTS,)) -> None:
    """Count one request of an institution, in the caller's transaction; raise `TooManyRequests`.

    Counters are rows of the database, so they hold across processes. Raises `UnknownInstitution`.
    """
    limits = queries.institution(institution).limits
    passage = Passage(institution=institution, measures=tuple(measures))
    refusal = count([passage], limits={institution: limits}, at=at)[0]
    if refusal is not None:
        raise refusal


def count(
    passages: Sequence[Passage], *, limits: dict[str, Limits], at: datetime
) -> list[TooManyRequests | None]:
    """Count what many requests ask, in the caller's transaction; return the refusal of each, None if it fits.

    One statement for all of them. Of a group that does not fit as a whole the first ones are admitted; what
    is refused is not counted, except the requests of the minute.
    """
    zone = timezone.get_default_timezone()
    windows = {one: window(one, at=at, zone=zone) for one in Measure}
    asked = Counter((one.institution, measure) for one in passages for measure in one.measures)
    room = _add(asked, limits=limits, windows=windows)
    answers: list[TooManyRequests | None] = []
    over: Counter[tuple[str, Measure]] = Counter()
    for one in passages:
        full = next((measure for measure in one.measures if room[one.institution, measure] <= 0), None)
        if full is None:
            room.subtract((one.institution, measure) for measure in one.measures)
            answers.append(None)
            continue
        over.update((one.institution, measure) for measure in one.measures if measure != Measure.REQUESTS)
        limit = limit_of(full, limits=limits[one.institution])
        answers.append(
            TooManyRequests(measure=full, limit=limit, retry_after=max(1, windows[full].seconds_left))
        )
    for (institution, measure), times in sorted(over.items()):
        rows = models.Usage.objects.filter(
            institution=institution, measure=measure, period=windows[measure].name
        )
        rows.update(used=F("used") - times)
    return answers


def _add(
    asked: Counter[tuple[str, Measure]], *, limits: dict[str, Limits], windows: dict[Measure, Window]
) -> Counter[tuple[str, Measure]]:
    """Add to the counters and return for how many of those asked there is room."""
    if not asked:
        return Counter()
    # In one order everywhere, or two transactions could wait for each other's counters.
    rows = [(who, one.value, windows[one].name, times) for (who, one), times in sorted(asked.items())]
    sql = (
        "INSERT INTO institutions_usage (institution, measure, period, used) VALUES "  # noqa: S608
        + ", ".join(["(%s, %s, %s, %s)"] * len(rows))
        + " ON CONFLICT (institution, measure, period)"
        " DO UPDATE SET used = institutions_usage.used + excluded.used RETURNING institution, measure, used"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for row in rows for value in row])
        after = {(who, Measure(measure)): used for who, measure, used in cursor.fetchall()}
    return Counter(
        {
            key: admitted(asked=times, after=after[key], limit=limit_of(key[1], limits=limits[key[0]]))
            for key, times in asked.items()
        }
    )
