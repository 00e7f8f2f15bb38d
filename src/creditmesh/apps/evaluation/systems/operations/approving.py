"""Decide on a proposal, with other eyes than those that wrote it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.evaluation.systems.models import Version
from creditmesh.apps.evaluation.systems.operations.proposing import lock, reopen, tell
from creditmesh.apps.evaluation.systems.queries import versions
from creditmesh.apps.evaluation.systems.rules.standing import (
    State,
    Validity,
    ended_by,
    identity,
    require_approver,
    require_open,
    require_other_eyes,
    require_reason,
    require_time_left,
)
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.parties.rules import Actor


@transaction.atomic
def approve(*, version: UUID, by: Actor, at: datetime, why: str = "") -> versions.VersionRow:
    """Approve a proposal; it is valid from the day asked for, or from today if that day has passed.

    The version valid until then ends that day. A shadow version ends nothing and decides nothing.
    Raises `NotPermitted`, `UnknownVersion`, `NoLongerOpen`, `SameEyes`, `DaysRefused`, `TwoValidAtOnce`.
    """
    require_approver(by)
    found = _locked(version)
    _require_others(found, by)
    starts = max(found.wanted_from, timezone.localdate(at))
    # Whoever decides late must not end the version before for one that is never valid.
    require_time_left(starts=starts, ends=found.wanted_until)
    new = Validity(number=found.number, starts=starts, ends=found.wanted_until)
    if not found.shadow:
        ended = ended_by(new=new, approved=versions.approved_days(found.system))
        Version.objects.filter(system=found.system, number__in=ended, state=State.APPROVED.value).update(
            effective_until=starts
        )
    _decide(found, State.APPROVED, by, at, why)
    found.effective_from, found.effective_until = new.starts, new.ends
    found.save()
    tell(found, "system.approve", by, at, why=why or found.why)
    audit.announce(event="system.approved", key=str(found.uuid), at=at)
    return versions.row(found)


@transaction.atomic
def decline(*, version: UUID, by: Actor, at: datetime, why: str) -> versions.VersionRow:
    """Decline a proposal with a reason; its draft is open again.

    Raises `NotPermitted`, `UnknownVersion`, `NoLongerOpen`, `ReasonMissing`.
    """
    require_approver(by)
    said = require_reason(why)
    found = _locked(version)
    _decide(found, State.DECLINED, by, at, said)
    found.save()
    reopen(found)
    tell(found, "system.decline", by, at, why=said)
    return versions.row(found)


def _locked(version: UUID) -> Version:
    lock(versions.stored(version).system)
    found = Version.objects.select_for_update().get(uuid=version)
    require_open(open_=found.state == State.PROPOSED, what="proposal")
    return found


def _require_others(found: Version, by: Actor) -> None:
    hands = (found.author, found.proposed_by, *found.editors.split("\n"))
    require_other_eyes(approver=identity(by), hands=hands)


def _decide(found: Version, state: State, by: Actor, at: datetime, why: str) -> None:
    found.state = state.value
    found.decided_by = identity(by)
    found.decided_by_label = by.who().label[:200]
    found.decided_at = at
    found.decision = why.strip()[:2000]
