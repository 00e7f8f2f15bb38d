"""What is published of a draw: the announcement before, the whole file after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from creditmesh.drawing.pools import InspectorPool, ObjectPool
from creditmesh.drawing.seeds import PublicHalf
from creditmesh.drawing.selecting import ALGORITHM, Selection, Terms
from creditmesh.drawing.visits.officers import Staffing, Team
from creditmesh.drawing.visits.recusal import Conflict
from creditmesh.drawing.written import sha256, written

FORMAT = "creditmesh-draw-file/1"


class Replacement(NamedTuple):
    """An object that could not be inspected, the next of its reserve, and why."""

    out: str
    into: str
    reason: str
    at: str


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """Everything that is fixed before the public half of the seed can be known."""

    task: str
    title: str
    authority: str
    items: tuple[str, ...]
    committed_at: datetime
    secret_sha256: str
    public_source: str  # which value of whom will be the public half
    public_after: datetime  # it is fixed after that moment
    objects_sha256: str
    inspectors_sha256: str
    sealed: bool  # objects go by tickets
    terms: Terms
    staffing: Staffing

    def document(self) -> dict[str, Any]:
        """Return the announcement as it is published and hashed."""
        return {
            "algorithm": ALGORITHM,
            "task": self.task,
            "title": self.title,
            "authority": self.authority,
            "items": list(self.items),
            "committed_at": moment(self.committed_at),
            "secret_sha256": self.secret_sha256,
            "public_source": self.public_source,
            "public_after": moment(self.public_after),
            "objects_sha256": self.objects_sha256,
            "inspectors_sha256": self.inspectors_sha256,
            "sealed": self.sealed,
            "grades": [[grade, ratio] for grade, ratio in self.terms.ratios.by_grade.items()],
            "key_ratio": self.terms.ratios.key,
            "budget": self.terms.budget,
            "control": self.terms.control,
            "reserve": self.terms.reserve,
            "needs": [
                [one.unit, one.officers, list(one.specialties), one.experts] for one in self.staffing.needs
            ],
            "valid_on": self.staffing.valid_on.isoformat(),
            "least": self.staffing.least,
            "load": self.staffing.load,
            "widths": list(self.staffing.widths),
        }

    @property
    def sha256(self) -> str:
        """Return the digest that stands in the ledger, in newspapers, wherever it can be found again later."""
        return sha256(written(self.document()))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a draw came to."""

    seed: str
    selection: Selection
    teams: tuple[Team, ...]
    conflicts: tuple[Conflict, ...]


def draw_file(
    *,
    announcement: Announcement,
    secret: str,
    public: PublicHalf,
    pools: tuple[ObjectPool, InspectorPool],
    outcome: Outcome,
    replacements: Sequence[Replacement] = (),
) -> dict[str, Any]:
    """Return the file anyone can recompute. Why a pair must not meet is personal, and left out."""
    objects, inspectors = pools
    found: dict[str, Any] = {
        "format": FORMAT,
        "announcement": announcement.document(),
        "announcement_sha256": announcement.sha256,
        "secret": secret,
        "public": {"value": public.value, "source": public.source, "fixed_at": moment(public.fixed_at)},
        "seed": outcome.seed,
        "objects": [list(row) for row in zip(*objects.columns, strict=True)],
        "inspectors": [[*row[:4], list(row.specialties), *row[5:]] for row in inspectors.rows],
        "conflicts": [
            list(pair) for pair in sorted({(one.object, one.inspector) for one in outcome.conflicts})
        ],
        "drawn": [list(one) for one in outcome.selection.drawn],
        "reserves": [list(one) for one in outcome.selection.reserves],
        "counts": [
            [one.grade, one.key, one.population, one.drawn, one.control] for one in outcome.selection.counts
        ],
        "teams": [
            [one.object, one.width, [list(member) for member in one.members], one.failure]
            for one in outcome.teams
        ],
        "replacements": [list(one) for one in replacements],
    }
    found["sha256"] = sha256(written(found))
    return found


def moment(at: datetime) -> str:
    """Return a moment in UTC to the second, as files of draws write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
