"""A guard against guessing: how many different claims an institution may have compared in 24 hours."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from creditmesh.apps.sharing.disclosure.models import ComparedClaim

WINDOW = timedelta(hours=24)
_Place = tuple[str, str, str]  # institution, subject, item


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
    fresh: list[ComparedClaim] = []
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
    ComparedClaim.objects.bulk_create(fresh)
    return fits


def forget(*, at: datetime, most: int = 10_000) -> int:
    """Forget claims that count no more, at most so many; return how many went."""
    old = ComparedClaim.objects.filter(at__lt=at - WINDOW).order_by("at").values_list("id", flat=True)[:most]
    return ComparedClaim.objects.filter(id__in=list(old)).delete()[0]


def _known(places: set[_Place], *, at: datetime) -> dict[_Place, set[str]]:
    known: dict[_Place, set[str]] = defaultdict(set)
    rows = ComparedClaim.objects.filter(subject__in={one[1] for one in places}, at__gt=at - WINDOW)
    rows = rows.filter(institution__in={one[0] for one in places}, item__in={one[2] for one in places})
    for institution, subject, item, claim in rows.values_list("institution", "subject", "item", "claim"):
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


def _row(one: Counted, at: datetime) -> ComparedClaim:
    return ComparedClaim(
        institution=one.institution,
        querier=one.querier[:120],
        subject=one.subject,
        item=one.item,
        claim=one.claim,
        at=at,
    )
