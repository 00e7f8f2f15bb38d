"""Lists and details of cases: for the enterprise they are about, the operator, and the department asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from creditmesh.apps.evaluation.grading.queries import runs
from creditmesh.apps.evaluation.grading.rules import State as RunState
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.sharing.rights.models import (
    Appeal,
    Document,
    DutyNotice,
    HolderNotice,
    Objection,
    Reevaluation,
    Repair,
    Step,
)
from creditmesh.apps.sharing.rights.rules import appeals, objections, repairs
from creditmesh.kernel.errors import CreditmeshError

MOST = 300
SOURCE = "source_"
REPEATS = f"{SOURCE}repeats"
"""Steps after a correction, by what its source says later; this one: what was corrected, once more."""

REFUSED = "correction_refused"
"""The step after a correction that the checks of deliveries refused; its note is the batch."""


class UnknownCaseOfRights(CreditmeshError):
    """There is no such case among those one may see."""

    code = "unknown-case-of-rights"


class Kind(StrEnum):
    """What sort of case."""

    OBJECTION = "objection"
    REPAIR = "repair"
    APPEAL = "appeal"


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """A case in a list; `due` is the next day to be kept, none while the clock stands still or it is over."""

    kind: Kind
    uuid: UUID
    subject: str
    item: str  # code; of an appeal what it is about
    state: str
    received_at: datetime
    due: date | None
    breached: bool
    is_open: bool
    outcome: str

    def is_late(self, today: date) -> bool:
        """Return whether its day has passed."""
        return self.is_open and self.due is not None and self.due < today


@dataclass(frozen=True, kw_only=True)
class Told:
    """That an institution was told that what it holds is stale, and whether it has acknowledged that."""

    institution: str
    at: datetime
    acknowledged_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Again:
    """A new evaluation because of a case: of which system, and whether its run is done."""

    system: str
    run: UUID | None
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class Followed:
    """What followed from a case: who was told, what was evaluated anew, which files lie with it."""

    told: tuple[Told, ...]
    again: tuple[Again, ...]
    documents: tuple[Document, ...]


def of_enterprise(by: Actor) -> tuple[CaseLine, ...]:
    """Return the cases of the actor's enterprise, newest first. Raises `NotPermitted`."""
    by.demand(Permission.SEE_OWN_RECORD)
    found = [*_objections(subject=by.subject), *_repairs(subject=by.subject), *_appeals(subject=by.subject)]
    return tuple(sorted(found, key=lambda one: one.received_at, reverse=True)) if by.subject else ()


def queue(by: Actor, *, done: bool = False) -> tuple[CaseLine, ...]:
    """Return the cases the operator has to do with: by the day they are due, or done ones, newest first."""
    by.demand(Permission.HANDLE_OBJECTIONS)
    found = [*_objections(done=done), *_repairs(done=done), *_appeals(done=done)]
    if done:
        return tuple(sorted(found, key=lambda one: one.received_at, reverse=True)[:MOST])
    return tuple(sorted(found, key=lambda one: (one.due is None, one.due or date.max, one.received_at)))


def forwarded(by: Actor, *, answered: bool = False) -> tuple[CaseLine, ...]:
    """Return the objections that were forwarded to sources of the actor's department, by the day they are due."""
    by.demand(Permission.ANSWER_OBJECTIONS)
    rows = Objection.objects.filter(source__in=by.sources, forwarded_at__isnull=False)
    waiting = rows.filter(state=objections.State.FORWARDED, answered_at=None)
    chosen = rows.exclude(pk__in=waiting.values("pk")) if answered else waiting
    return tuple(map(_objection_line, chosen.order_by(F("due").asc(nulls_last=True), "id")[:MOST]))


def repeated(by: Actor) -> tuple[CaseLine, ...]:
    """Return corrected objections whose sources still deliver what was corrected, newest first."""
    by.demand(Permission.HANDLE_OBJECTIONS)
    last = Step.objects.filter(objection=OuterRef("pk"), what__startswith=SOURCE).order_by("-id")
    rows = Objection.objects.annotate(said=Subquery(last.values("what")[:1])).filter(said=REPEATS)
    return tuple(map(_objection_line, rows.order_by("-id")[:MOST]))


def is_repeated(of: Iterable[Step]) -> bool:
    """Return whether the source still delivers what was corrected, from the steps of an objection, oldest first."""
    said = [one.what for one in of if one.what.startswith(SOURCE)]
    return said[-1:] == [REPEATS]


def awaits_correction(row: Objection, *, of: Iterable[Step]) -> bool:
    """Return whether a decided correction is to be handed in again, from the steps: the checks refused the last one.

    However the case went on since: the record is stopped until it is corrected. A review comes first.
    """
    decided = bool(row.outcome) and objections.EFFECTS[objections.Outcome(row.outcome)]
    refused = any(one.what == REFUSED and one.note == str(row.batch) for one in of)
    return (
        refused
        and decided is objections.Effect.NEW_VERSION
        and row.state != objections.State.REVIEW_REQUESTED
    )


def objection(uuid: UUID, *, by: Actor) -> Objection:
    """Return an objection that one may see: its enterprise, the operator, the department it was forwarded to.

    Raises `UnknownCaseOfRights`, the same for one that is not there and one that is not yours.
    """
    row = Objection.objects.filter(uuid=uuid).order_by("id").first()
    if row is not None and (
        by.may(Permission.HANDLE_OBJECTIONS)
        or _is_own(by, row.subject)
        or (
            by.may(Permission.ANSWER_OBJECTIONS) and row.source in by.sources and row.forwarded_at is not None
        )
    ):
        return row
    raise _unknown()


def repair(uuid: UUID, *, by: Actor) -> Repair:
    """Return an application that one may see: its enterprise and the operator. Raises `UnknownCaseOfRights`."""
    row = Repair.objects.filter(uuid=uuid).order_by("id").first()
    if row is not None and (by.may(Permission.HANDLE_OBJECTIONS) or _is_own(by, row.subject)):
        return row
    raise _unknown()


def appeal(uuid: UUID, *, by: Actor) -> Appeal:
    """Return an appeal that one may see: its enterprise and the operator. Raises `UnknownCaseOfRights`."""
    row = Appeal.objects.filter(uuid=uuid).order_by("id").first()
    if row is not None and (by.may(Permission.HANDLE_OBJECTIONS) or _is_own(by, row.subject)):
        return row
    raise _unknown()


def steps(row: Objection) -> tuple[Step, ...]:
    """Return what happened to an objection, oldest first."""
    return tuple(row.steps.order_by("at", "id"))


def followed(case: UUID) -> Followed:
    """Return what followed from a case: the proof for its enterprise of who was told, and when it was read."""
    return Followed(
        told=tuple(map(_told, HolderNotice.objects.filter(case=case).order_by("institution"))),
        again=tuple(map(_again, Reevaluation.objects.filter(case=case).order_by("system"))),
        documents=tuple(Document.objects.filter(case=case).order_by("id")),
    )


def open_on(subject: str) -> dict[tuple[str, str], CaseLine]:
    """Return the open objection or application on each record of a subject, by item and key."""
    found: dict[tuple[str, str], CaseLine] = {}
    for one in Repair.objects.filter(subject=subject, state__in=sorted(repairs.UNDECIDED)).order_by("id"):
        found[one.item, one.key] = _repair_line(one)
    for row in Objection.objects.filter(subject=subject, state__in=sorted(objections.OPEN)).order_by("id"):
        found[row.item, row.key] = _objection_line(row)
    return found


def waiting(by: Actor) -> int:
    """Return how many cases wait for the actor: of the operator all open ones, of a department those unanswered."""
    if by.may(Permission.HANDLE_OBJECTIONS):
        return sum(
            (
                Objection.objects.filter(state__in=sorted(objections.OPEN)).count(),
                Repair.objects.filter(state__in=sorted(repairs.UNDECIDED)).count(),
                Appeal.objects.filter(state=appeals.State.OPEN).count(),
            )
        )
    return len(forwarded(by)) if by.may(Permission.ANSWER_OBJECTIONS) else 0


def _is_own(by: Actor, subject: str) -> bool:
    return by.may(Permission.SEE_OWN_RECORD) and bool(by.subject) and by.subject == subject


def _unknown() -> UnknownCaseOfRights:
    return UnknownCaseOfRights("There is no such case among those you may see. Look it up in the list.")


def _objections(*, subject: str = "", done: bool | None = None) -> Iterable[CaseLine]:
    rows = Objection.objects.filter(subject=subject) if subject else Objection.objects.all()
    return map(_objection_line, _wanted(rows, Q(state__in=sorted(objections.OPEN)), done))


def _repairs(*, subject: str = "", done: bool | None = None) -> Iterable[CaseLine]:
    rows = Repair.objects.filter(subject=subject) if subject else Repair.objects.filter(automatic=False)
    return map(_repair_line, _wanted(rows, Q(state__in=sorted(repairs.UNDECIDED)), done))


def _appeals(*, subject: str = "", done: bool | None = None) -> Iterable[CaseLine]:
    rows = Appeal.objects.filter(subject=subject) if subject else Appeal.objects.all()
    return map(_appeal_line, _wanted(rows, Q(state=appeals.State.OPEN.value), done))


def _wanted(rows: QuerySet[Any], still_open: Q, done: bool | None) -> QuerySet[Any]:
    """Return the newest done ones, or of those that are open the ones due first; all kinds without `done`."""
    if done is None:
        return rows.order_by("-id")[: MOST * 10]
    if done:
        return rows.exclude(still_open).order_by("-id")[:MOST]
    return rows.filter(still_open).order_by(F("due").asc(nulls_last=True), "id")[: MOST * 10]


def _objection_line(row: Objection) -> CaseLine:
    return CaseLine(
        kind=Kind.OBJECTION,
        uuid=row.uuid,
        subject=row.subject,
        item=row.item,
        state=row.state,
        received_at=row.received_at,
        due=row.due,
        breached=row.breached,
        is_open=row.state in objections.OPEN,
        outcome=row.outcome,
    )


def _repair_line(row: Repair) -> CaseLine:
    return CaseLine(
        kind=Kind.REPAIR,
        uuid=row.uuid,
        subject=row.subject,
        item=row.item,
        state=row.state,
        received_at=row.received_at,
        due=row.due,
        breached=row.breached,
        is_open=row.state in repairs.UNDECIDED,
        outcome="",
    )


def _appeal_line(row: Appeal) -> CaseLine:
    return CaseLine(
        kind=Kind.APPEAL,
        uuid=row.uuid,
        subject=row.subject,
        item=row.about,
        state=row.state,
        received_at=row.received_at,
        due=row.due,
        breached=row.breached,
        is_open=row.state == appeals.State.OPEN,
        outcome=row.found,
    )


def _told(row: HolderNotice) -> Told:
    duty = DutyNotice.objects.filter(uuid=row.notice).first()
    notice = duty or institutions.notice_row(institution=row.institution, uuid=row.notice)
    return Told(institution=row.institution, at=row.told_at, acknowledged_at=notice.acknowledged_at)


def _again(row: Reevaluation) -> Again:
    done = row.run is not None and runs.run(row.run).state is RunState.DONE
    return Again(system=row.system, run=row.run, is_done=done)
