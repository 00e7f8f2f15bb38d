"""Pools, terms and whole draws that tests begin with."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from creditmesh.drawing.conducting import conduct
from creditmesh.drawing.pools import (
    Candidate,
    Inspector,
    InspectorPool,
    Leaving,
    ObjectPool,
    freeze,
    freeze_inspectors,
)
from creditmesh.drawing.publication import Announcement, Replacement, draw_file
from creditmesh.drawing.seeds import PublicHalf, commitment
from creditmesh.drawing.selecting import Terms
from creditmesh.drawing.sizes import Ratios
from creditmesh.drawing.visits.officers import Need, Staffing
from creditmesh.drawing.visits.recusal import Conflict

GRADES = ("A", "B", "C", "D")
RATIOS = Ratios(by_grade={"A": 100, "B": 300, "C": 1000, "D": 3000}, key=2000)
DAY = date(2026, 3, 2)
SECRET = "5a" * 32
COMMITTED = datetime(2026, 3, 2, 1, tzinfo=UTC)
PUBLIC = PublicHalf(
    value="3312.58", source="上证综合指数收盘 2026-03-02", fixed_at=datetime(2026, 3, 2, 7, tzinfo=UTC)
)
STAFFING = Staffing(needs=(Need("samr", 2, ("food", "general")), Need("fire", 1)), valid_on=date(2026, 4, 30))
LEAVING = Leaving(on=DAY, cool_down_days=180, most_visits={"A": 1, "B": 1, "C": 2})


def pool_of(sizes: dict[str, int], *, key_every: int = 0) -> ObjectPool:
    candidates = [
        Candidate(f"{grade}{number:05d}", grade, bool(key_every) and number % key_every == 0, "990121")
        for grade, size in sizes.items()
        for number in range(size)
    ]
    return freeze(candidates, grades=GRADES, leaving=LEAVING)


def inspectors(samr: int = 12, fire: int = 6, **other: Any) -> InspectorPool:
    def one(unit: str, number: int) -> Inspector:
        return Inspector(f"{unit}-{number:03d}", unit, "990121", "2027-12-31", ("food",), **other)

    return freeze_inspectors(
        [one("samr", number) for number in range(samr)] + [one("fire", number) for number in range(fire)]
    )


def announcement(objects: ObjectPool, people: InspectorPool, **other: Any) -> Announcement:
    return Announcement(
        **{
            "task": "QH-2026-001",
            "title": "食品生产双随机抽查",
            "authority": "青禾县市场监督管理局（虚构）",
            "items": ("SAMR-01",),
            "committed_at": COMMITTED,
            "secret_sha256": commitment(SECRET),
            "public_source": PUBLIC.source,
            "public_after": datetime(2026, 3, 2, 6, tzinfo=UTC),
            "objects_sha256": objects.sha256,
            "inspectors_sha256": people.sha256,
            "sealed": False,
            "terms": Terms(ratios=RATIOS, control=2),
            "staffing": STAFFING,
            **other,
        }
    )


def whole_file(**other: Any) -> dict[str, Any]:
    """Return a published draw as a stranger reads it."""
    objects, people = pool_of({"A": 300, "B": 120, "C": 40, "D": 12}, key_every=10), inspectors()
    told = announcement(objects, people, **other)

    def barred(drawn: Any) -> list[Conflict]:
        return [Conflict(drawn[0], "samr-003", "relative"), Conflict(drawn[1], "fire-001", "declared")]

    outcome = conduct(
        announcement=told, secret=SECRET, public=PUBLIC, pools=(objects, people), conflicts_among=barred
    )
    replacements = []
    for reserve in outcome.selection.reserves[:1]:
        stratum = (reserve.grade, reserve.key)
        gone = next(one for one in outcome.selection.drawn if (one.grade, one.key) == stratum)
        replacements.append(Replacement(gone.id, reserve.id, "deregistered", "2026-03-10T02:00:00Z"))
    made = draw_file(
        announcement=told,
        secret=SECRET,
        public=PUBLIC,
        pools=(objects, people),
        outcome=outcome,
        replacements=replacements,
    )
    found: dict[str, Any] = json.loads(json.dumps(made))
    return found


@pytest.fixture
def file() -> dict[str, Any]:
    return whole_file()
