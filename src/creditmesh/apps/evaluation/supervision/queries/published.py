"""What everyone may see: announcements, draws, results. No inspector's name, no grade of anyone, no reason of recusal."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q

from creditmesh.apps.evaluation.supervision.models import CheckItem, Result, Task
from creditmesh.apps.evaluation.supervision.queries import packed
from creditmesh.apps.evaluation.supervision.rules.codes import TaskState
from creditmesh.apps.evaluation.supervision.rules.states import DRAWN_STATES
from creditmesh.apps.evaluation.supervision.rules.terms import lines
from creditmesh.drawing.publication import moment
from creditmesh.drawing.written import sha256, written

PAGE = 100
_DRAWN = [one.value for one in DRAWN_STATES]


@dataclass(frozen=True, kw_only=True)
class DrawLine:
    """A draw as the public list shows it; `abandoned_for` says why one was given up after its announcement."""

    number: str
    title: str
    unit: str
    joint_units: tuple[str, ...]
    items: tuple[str, ...]
    state: str
    announcement_sha256: str
    committed_at: datetime | None
    public_source: str
    public_after: datetime | None
    drawn_at: datetime | None
    drawn: int
    abandoned_for: str


@dataclass(frozen=True, kw_only=True)
class PublicResult:
    """A result as it is published: whom, what, when, what was found."""

    task_number: str
    task_title: str
    unit: str
    item: str
    item_name_zh: str
    item_name_en: str
    object: str
    name: str
    code: str
    inspected_on: date
    disclosed_at: datetime
    corrected: bool


@dataclass(frozen=True, kw_only=True)
class PublicPage:
    """A page of results. `following` goes back in as `after`; None at the end."""

    rows: tuple[PublicResult, ...]
    following: int | None


def draws(*, text: str = "", size: int = PAGE) -> list[DrawLine]:
    """Return the announced draws, newest first."""
    found = Task.objects.exclude(committed_at=None).annotate(
        drawn=Count("visits", filter=Q(visits__replaces=None))
    )
    if text:
        found = found.filter(Q(title__icontains=text) | Q(number__icontains=text))
    return [
        _line(one, one.drawn) for one in found.order_by("-committed_at", "-id")[: max(1, min(size, PAGE))]
    ]


def draw(number: str) -> DrawLine:
    """Return one announced draw; raise `UnknownDraw`."""
    row = _announced(number)
    return _line(row, row.visits.filter(replaces=None).count())


def announcement(number: str) -> dict[str, Any]:
    """Return what was published before a draw; raise `UnknownDraw`."""
    row = _announced(number)
    return {"announcement": json.loads(row.announcement), "announcement_sha256": row.announcement_sha256}


def draw_file(number: str) -> dict[str, Any]:
    """Return the file of a draw with the replacements so far, for `verify_draw.py`; raise `UnknownDraw`."""
    row = Task.objects.filter(number=number, state__in=_DRAWN).first()
    if row is None:
        raise packed.UnknownDraw("There is no such draw, or it has not been drawn yet.")
    return file_of(row)


def file_of(row: Task) -> dict[str, Any]:
    """Return the file of a task's draw; raise `UnknownDraw`, `FrozenChanged`."""
    file: dict[str, Any] = packed.unpack(row, "file")
    changed = row.visits.exclude(replaces=None).select_related("replaces").order_by("id")
    file["replacements"] = [
        # Only the code of the reason: its words may name people.
        [one.replaces.ticket, one.ticket, one.replaces.why.split(":")[0], moment(one.replaces.replaced_at)]
        for one in changed
        if one.replaces is not None and one.replaces.replaced_at is not None
    ]
    del file["sha256"]
    file["sha256"] = sha256(written(file))
    return file


def results(*, text: str = "", number: str = "", after: int = 0, size: int = PAGE) -> PublicPage:
    """Return published results, newest first; narrowed to a task, or to a code or part of a name."""
    found = Result.objects.exclude(disclosed_at=None).select_related("visit__task")
    if number:
        found = found.filter(visit__task__number=number)
    if text:
        found = found.filter(Q(visit__name__icontains=text) | Q(visit__object=text) | Q(visit__subject=text))
    if after:
        found = found.filter(pk__lt=after)
    size = max(1, min(size, PAGE))
    rows = list(found.order_by("-id")[: size + 1])
    names = _names(rows[:size])
    return PublicPage(
        rows=tuple(_public(one, names) for one in rows[:size]),
        following=rows[size - 1].pk if len(rows) > size else None,
    )


def _announced(number: str) -> Task:
    row = Task.objects.filter(number=number).exclude(committed_at=None).first()
    if row is None:
        raise packed.UnknownDraw("There is no draw of that number; look it up in the list of draws.")
    return row


def _line(row: Task, drawn: int) -> DrawLine:
    return DrawLine(
        number=row.number,
        title=row.title,
        unit=row.unit,
        joint_units=lines(row.joint_units),
        items=lines(row.items),
        state=row.state,
        announcement_sha256=row.announcement_sha256,
        committed_at=row.committed_at,
        public_source=row.public_source,
        public_after=row.public_after,
        drawn_at=row.drawn_at,
        drawn=drawn,
        abandoned_for=row.why if row.state == TaskState.ABANDONED.value else "",
    )


def _names(rows: list[Result]) -> dict[tuple[str, str], tuple[str, str]]:
    found = CheckItem.objects.filter(code__in={one.item for one in rows}).order_by("id")
    return {(one.unit, one.code): (one.name_zh, one.name_en) for one in found}


def _public(one: Result, names: dict[tuple[str, str], tuple[str, str]]) -> PublicResult:
    zh, en = names.get((one.visit.task.unit, one.item), (one.item, one.item))
    if one.disclosed_at is None:
        raise AssertionError("only published results come here")
    return PublicResult(
        task_number=one.visit.task.number,
        task_title=one.visit.task.title,
        unit=one.visit.task.unit,
        item=one.item,
        item_name_zh=zh,
        item_name_en=en or zh,
        object=one.visit.object,
        name=one.visit.name,
        code=one.code,
        inspected_on=one.inspected_on,
        disclosed_at=one.disclosed_at,
        corrected=one.corrected_at is not None,
    )
