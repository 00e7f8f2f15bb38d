"""A guard against guessing: how many different claims an institution may have compared in 24 hours."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from creditmesh.apps.ground.audit import statements
from creditmesh.apps.sharing.disclosure.models import ComparedClaim

WINDOW = timedelta(hours=24)
_Place = tuple[str, str, str]  # institution, subject, item
# Plain SQL: this stands in the way of every verification.
_INSERT = "INSERT INTO disclosure_comparedclaim (institution, querier, subject, item, claim, at) VALUES"
_PLACE = "(institution = %s AND subject = %s AND item = %s AND at > %s)"
_KNOWN = "SELECT institution, subject, item, claim FROM disclosure_comparedclaim WHERE {places}"
_MOST_PLACES = 200  # of one statement


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A claim as it is counted, with how many different ones its item allows."""

    institution: str
    querier: str
    subject: str
    item: str
    claim: str  # digest
    limit: int

    @property
    def place(self) -> _Place:
        """Return what the claims are counted by: all people and programs of an institution together."""
        return self.institution, self.subject, self.item


def count(questions: Sequence[Sequence[Counted]], *, at: datetime) -> list[bool]:
    """Count the claims of questions, in the caller's transaction; return for each whether it fits.

    A claim made before within 24 hours costs nothing again. A question with one claim too many is not
    compared at all, and none of its claims counts. Whoever asks, the institution is counted as one, so that
    its people and programs cannot share out the guessing.
    """
    places = {one.place for question in questions for one in question}
    _lock(places)
    known = _known(places, at=at)
    fits: list[bool] = []
    fresh: list[tuple[object, ...]] = []
    for question in questions:
        new = {(one.place, one.claim): one for one in question if one.claim not in known[one.place]}
        by_place: dict[_Place, int] = defaultdict(int)
        for one in new.values():
            by_place[one.place] += 1
        limits = {one.place: one.limit for one in question}
        fit = all(len(known[place]) + more <= limits[place] for place, more in by_place.items())
        fits.append(fit)
        if fit:
            fresh += [_row(one, at) for one in new.values()]
            for one in new.values():
                known[one.place].add(one.claim)
    statements.insert(_INSERT, fresh)
    return fits


def forget(*, at: datetime, most: int = 10_000) -> int:
    """Forget claims that count no more, at most so many; return how many went."""
    old = ComparedClaim.objects.filter(at__lt=at - WINDOW).order_by("at").values_list("id", flat=True)[:most]
    return ComparedClaim.objects.filter(id__in=list(old)).delete()[0]


def _known(places: set[_Place], *, at: datetime) -> dict[_Place, set[str]]:
    known: dict[_Place, set[str]] = defaultdict(set)
    wanted = sorted(places)
    since = connection.ops.adapt_datetimefield_value(at - WINDOW)
    for start in range(0, len(wanted), _MOST_PLACES):
        part = wanted[start : start + _MOST_PLACES]
        statement = _KNOWN.format(places=" OR ".join([_PLACE] * len(part)))
        values = [value for place in part for value in (*place, since)]
        for institution, subject, item, claim in statements.rows(statement, values):
            known[institution, subject, item].add(claim)
    return known


def _lock(places: set[_Place]) -> None:
    # Two processes that count the same place would each see room for the other's claim. SQLite has one writer.
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for institution, subject in sorted({(one[0], one[1]) for one in places}):
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"{institution}\n{subject}"]
            )


def _row(one: Counted, at: datetime) -> tuple[object, ...]:
    when = connection.ops.adapt_datetimefield_value(at)
    return one.institution, one.querier[:120], one.subject, one.item, one.claim, when
