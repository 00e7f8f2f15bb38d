"""Move a grade by hand: one person proposes with evidence, another decides, and it ends by itself (domain.md §2.5)."""

import hashlib
from datetime import date, datetime
from pathlib import Path
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from creditmesh.apps.evaluation.grading.models import Adjustment, Run
from creditmesh.apps.evaluation.grading.queries import adjustments, distribution, overlay, systems
from creditmesh.apps.evaluation.grading.queries.detail import UnknownStanding
from creditmesh.apps.evaluation.grading.rules import AdjustmentState
from creditmesh.apps.evaluation.systems.rules.standing import identity
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.enterprises import stored_files
from creditmesh.apps.members.enterprises.file_kinds import ENDINGS, MediaType, document_in
from creditmesh.apps.members.enterprises.stored_files import Opened, Readable
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.periods import add_months

FOLDER = "adjustments"
LONGEST = "grading.adjustment.longest"
FULLEST = 2_000  # characters of a reason


class NotAdjustable(CreditmeshError):
    """The system lets nobody move a grade, or not by so many steps."""

    code = "not-adjustable"


class WrongExpiry(CreditmeshError):
    """An adjustment would end too late, or before it begins."""

    code = "adjustment-expiry"


class ReasonNeeded(CreditmeshError):
    """A decision about a grade was not explained."""

    code = "adjustment-reason"


class AlreadyAdjusted(CreditmeshError):
    """Another adjustment of the same subject is open or in force."""

    code = "already-adjusted"


class SameHands(CreditmeshError):
    """Whoever proposed an adjustment would decide on it."""

    code = "adjustment-same-eyes"


class AdjustmentClosed(CreditmeshError):
    """An adjustment was decided or ended before."""

    code = "adjustment-closed"


def propose(
    *,
    asked: adjustments.Asked,
    content: Readable,
    filename: str,
    by: Actor,
    node: ThisNode,
    at: datetime,
) -> adjustments.AdjustmentRow:
    """Propose to move the grade of a subject, with a file as evidence.

    Raises `NotPermitted`, `NoResultsYet`, `UnknownStanding`, `NotAdjustable`, `WrongExpiry`, `ReasonNeeded`,
    `AlreadyAdjusted`, `EvidenceTooLarge`, `UnfitFile`.
    """
    by.demand(Permission.PROPOSE_ADJUSTMENTS)
    run = distribution.result_run(viewer=by, system=asked.system)
    name = _name_in(run, asked.subject)
    _require_steps(run, asked.steps, node)
    today = timezone.localdate(at)
    _require_expiry(asked.expires_on, today)
    document = document_in(stored_files.read(content))
    row = Adjustment(
        uuid=uuid4(),
        system=run.system,
        subject=asked.subject,
        name=name,
        steps=asked.steps,
        reason=_reason(asked.reason),
        run=run,
        file_name=stored_files.shown_name(filename),
        file_type=document.media_type.value,
        file_size=len(document.content),
        file_sha256=hashlib.sha256(document.content).hexdigest(),
        state=AdjustmentState.PROPOSED.value,
        proposed_by=identity(by),
        proposed_by_label=by.who().label[:200],
        proposed_at=at,
        expires_on=asked.expires_on,
    )
    file = path_of(row.uuid, home=node.home)
    stored_files.write(file, document.content)
    try:
        with transaction.atomic():
            _require_none_in_force(row.system, row.subject, today)
            _keep_new(row)
            _tell(row, "adjustment.propose", by, at, why=row.reason)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return adjustments.row(row)


@transaction.atomic
def approve(*, adjustment: UUID, by: Actor, at: datetime, why: str = "") -> adjustments.AdjustmentRow:
    """Approve a proposal of somebody else; it counts in runs as of today and later, until it expires.

    Raises `NotPermitted`, `UnknownAdjustment`, `AdjustmentClosed`, `SameHands`, `WrongExpiry`, `AlreadyAdjusted`.
    """
    found = _open_for_decision(adjustment, by)
    today = timezone.localdate(at)
    if found.expires_on <= today:
        raise WrongExpiry(f"It would have ended on {found.expires_on}: refuse it and propose it anew.")
    _require_none_in_force(found.system, found.subject, today)
    found.starts_on = today
    return _decide(found, AdjustmentState.APPROVED, by, at, why.strip()[:FULLEST])


@transaction.atomic
def refuse(*, adjustment: UUID, by: Actor, at: datetime, why: str) -> adjustments.AdjustmentRow:
    """Refuse a proposal of somebody else, with a reason.

    Raises `NotPermitted`, `UnknownAdjustment`, `AdjustmentClosed`, `SameHands`, `ReasonNeeded`.
    """
    found = _open_for_decision(adjustment, by)
    return _decide(found, AdjustmentState.REFUSED, by, at, _reason(why))


@transaction.atomic
def withdraw(*, adjustment: UUID, by: Actor, at: datetime, why: str) -> adjustments.AdjustmentRow:
    """End a proposal or an adjustment in force today; runs as of days before today still count it.

    Raises `NotPermitted`, `UnknownAdjustment`, `AdjustmentClosed`, `ReasonNeeded`.
    """
    by.demand(Permission.PROPOSE_ADJUSTMENTS)
    found = adjustments.locked(adjustment, viewer=by)
    if found.state not in {AdjustmentState.PROPOSED, AdjustmentState.APPROVED}:
        raise AdjustmentClosed(f"This adjustment is {found.state} already; there is nothing to withdraw.")
    found.ended_why = _reason(why)
    found.ended_on, found.ended_by_label = timezone.localdate(at), by.who().label[:200]
    found.state = AdjustmentState.WITHDRAWN.value
    found.save()
    _tell(found, "adjustment.withdraw", by, at, why=found.ended_why)
    audit.announce(event="adjustment.changed", key=str(found.uuid), at=at)
    return adjustments.row(found)


def open_evidence(adjustment: UUID, *, by: Actor, node: ThisNode, at: datetime) -> Opened:
    """Return the file of an adjustment, and write down who looked. Raises `UnknownAdjustment`."""
    found = adjustments.stored(adjustment, viewer=by)
    file = path_of(adjustment, home=node.home)
    if not file.is_file():
        raise adjustments.UnknownAdjustment("There is no such file of evidence.")
    _tell(found, "adjustment.open", by, at, why="")
    kind = MediaType(found.file_type)
    return Opened(path=file, filename=f"adjustment-{str(adjustment)[:8]}{ENDINGS[kind]}", media_type=kind)


def path_of(adjustment: UUID, *, home: Path) -> Path:
    """Return where the evidence of an adjustment lies."""
    return stored_files.place(adjustment, folder=FOLDER, home=home)


def _name_in(run: Run, subject: str) -> str:
    found = overlay.standing(run, subject)
    if found is None:
        raise UnknownStanding(f"Run {run.uuid} says nothing about '{subject}'. Look it up by name or code.")
    return found.name


def _require_steps(run: Run, steps: int, node: ThisNode) -> None:
    allowed = systems.archived(run.file_id, home=node.home, catalogue=node.catalogue).definition.adjustments
    if allowed is None:
        raise NotAdjustable(f"'{run.system}' lets nobody move a grade; its file has no `adjustments`.")
    if not steps or not -allowed.better <= steps <= allowed.worse:
        raise NotAdjustable(
            f"'{run.system}' allows {allowed.better} grades better (below 0) and {allowed.worse} worse, not {steps}."
        )


def _require_expiry(expires_on: date, today: date) -> None:
    months = int(rule_packs.load().rule(LONGEST, on=today).value)
    latest = add_months(today, months)
    if not today < expires_on <= latest:
        raise WrongExpiry(f"An adjustment ends after today and by {latest} ({months} months at most).")


def _require_none_in_force(system: str, subject: str, today: date) -> None:
    if adjustments.in_force(system=system, on=today).filter(subject=subject).exists():
        raise AlreadyAdjusted("An adjustment of this subject is in force: withdraw it first.")


def _keep_new(row: Adjustment) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyAdjusted("Another proposal for this subject is open: wait for its decision.") from error


def _open_for_decision(adjustment: UUID, by: Actor) -> Adjustment:
    by.demand(Permission.DECIDE_ADJUSTMENTS)
    found = adjustments.locked(adjustment, viewer=by)
    if found.state != AdjustmentState.PROPOSED:
        raise AdjustmentClosed(f"This adjustment is {found.state} already; look at the list again.")
    if found.proposed_by == identity(by):
        raise SameHands("Whoever proposed an adjustment cannot decide on it: ask a colleague.")
    return found


def _decide(
    found: Adjustment, state: AdjustmentState, by: Actor, at: datetime, why: str
) -> adjustments.AdjustmentRow:
    found.state = state.value
    found.decided_by, found.decided_by_label = identity(by), by.who().label[:200]
    found.decided_at, found.decision = at, why
    found.save()
    verb = "approve" if state is AdjustmentState.APPROVED else "refuse"
    _tell(found, f"adjustment.{verb}", by, at, why=why)
    audit.announce(event="adjustment.changed", key=str(found.uuid), at=at)
    return adjustments.row(found)


def _reason(text: str) -> str:
    said = text.strip()[:FULLEST]
    if not said:
        raise ReasonNeeded("Say why; the reason stays with the adjustment.")
    return said


def _tell(found: Adjustment, act: str, by: Actor, at: datetime, *, why: str) -> None:
    audit.append(
        who=by.who(),
        act=act,
        thing=Thing("adjustment", str(found.uuid)),
        at=at,
        why=why,
        details={"system": found.system, "steps": found.steps, "sha256": found.file_sha256},
        subject=found.subject,
    )
