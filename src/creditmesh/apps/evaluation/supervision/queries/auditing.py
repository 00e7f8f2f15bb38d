"""What the auditor sees of a draw: the tickets opened, the recusals with their reasons, the draw computed again."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from creditmesh.apps.evaluation.supervision.models import Task
from creditmesh.apps.evaluation.supervision.queries import packed, published
from creditmesh.apps.evaluation.supervision.queries.sight import UnknownTask
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.drawing.standalone import verify_draw


@dataclass(frozen=True)
class Finding:
    """One line of a check: `kind` is right, wrong or open."""

    kind: str
    zh: str
    en: str


@dataclass(frozen=True)
class Check:
    """What computing a draw again came to."""

    holds: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Recusal:
    """A pair that had to be kept apart."""

    object: str
    name: str
    inspector: str
    reason: str


def openings(task: UUID, *, viewer: Actor) -> dict[str, Any]:
    """Return what opens the tickets of a draw, as `verify_draw.py --openings` takes it.

    `objects` are [ticket, salt, object, name, subject], `inspectors` [ticket, salt, ties, code]. Raises
    `NotPermitted`, `UnknownTask`, `UnknownDraw`, `FrozenChanged`.
    """
    viewer.demand(Permission.SUPERVISION_AUDIT)
    found: dict[str, Any] = packed.unpack(_drawn(task), "openings")
    return found


def check(task: UUID, *, viewer: Actor) -> Check:
    """Compute a draw again with its tickets opened. Raises as `openings`."""
    viewer.demand(Permission.SUPERVISION_AUDIT)
    row = _drawn(task)
    return _checked(published.file_of(row), row.announcement_sha256, packed.unpack(row, "openings"))


def check_published(number: str) -> Check:
    """Compute a published draw again as any stranger could; raise `UnknownDraw`, `FrozenChanged`."""
    return check_file(published.draw_file(number), announced=published.draw(number).announcement_sha256)


def check_file(file: dict[str, Any], *, announced: str = "") -> Check:
    """Compute a draw again from a file somebody brought."""
    return _checked(file, announced, None)


def recusals(task: UUID, *, viewer: Actor) -> list[Recusal]:
    """Return who had to be kept apart in a draw, with the reasons. Raises as `openings`."""
    viewer.demand(Permission.SUPERVISION_AUDIT)
    row = _drawn(task)
    opened = packed.unpack(row, "openings")
    names = {one[0]: (one[2], one[3]) for one in opened["objects"]}
    codes = {one[0]: one[3] for one in opened["inspectors"]}
    return [
        Recusal(*names[object_], codes[inspector], reason)
        for object_, inspector, reason in packed.unpack(row, "conflicts")
    ]


def _drawn(task: UUID) -> Task:
    row = Task.objects.filter(uuid=task).exclude(drawn_at=None).first()
    if row is None:
        raise UnknownTask("There is no such drawn task. Look it up in the list of draws.")
    return row


def _checked(file: dict[str, Any], announced: str, openings: dict[str, Any] | None) -> Check:
    report = verify_draw.check(file, announced, openings)
    return Check(report.holds(), tuple(Finding(*line) for line in report.lines))
