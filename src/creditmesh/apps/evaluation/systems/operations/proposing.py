"""Ask for approval of a draft."""

from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from creditmesh.apps.evaluation.systems.models import Draft, Line, Version
from creditmesh.apps.evaluation.systems.queries import drafts, versions
from creditmesh.apps.evaluation.systems.queries.checking import check
from creditmesh.apps.evaluation.systems.rules.standing import (
    DraftState,
    Evidence,
    NotSound,
    SameVersionName,
    State,
    Validity,
    identity,
    require_days,
    require_editor,
    require_evidence,
    require_open,
    require_reason,
)
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.catalogue.model import Catalogue
from creditmesh.scoring.definition.loaded import System


@transaction.atomic
def propose(  # noqa: PLR0913 - what, with what behind it, for when, why, by whom
    *,
    draft: UUID,
    evidence: Evidence | None,
    why: str,
    starts: date,
    ends: date | None = None,
    shadow: bool = False,
    by: Actor,
    at: datetime,
    catalogue: Catalogue,
) -> versions.VersionRow:
    """Make a version of a draft that waits for other eyes.

    The draft must load, every case beside it must come out, and `evidence` must be a simulation of exactly these
    bytes. Raises `NotPermitted`, `UnknownDraft`, `NoLongerOpen`, `ReasonMissing`, `NotSound`, `NotSimulated`,
    `SameVersionName`, `DaysRefused`.
    """
    require_editor(by)
    said = require_reason(why)
    lock(drafts.draft(draft).system)
    found = Draft.objects.select_for_update().get(uuid=draft)
    require_open(open_=found.state == DraftState.OPEN, what="draft")
    system = _sound(found, catalogue, on=timezone.localdate(at))
    proof = require_evidence(sha256=found.sha256, evidence=evidence)
    _require_new_name(found, system)
    told = system.definition
    own = Validity(number=0, starts=told.effective_from, ends=told.effective_until)
    require_days(starts=starts, ends=ends, own=own, today=timezone.localdate(at))
    made = Version(
        uuid=uuid4(),
        system=found.system,
        number=next_number(found.system),
        name=system.version[:40],
        content=found.content,
        cases=found.cases,
        sha256=found.sha256,
        based_on=found.based_on,
        base_content=found.base_content,
        draft=found,
        why=said,
        author=found.author,
        author_label=found.author_label,
        editors=found.editors,
        proposed_by=identity(by),
        proposed_by_label=by.who().label[:200],
        proposed_at=at,
        simulation=proof.simulation,
        shadow=shadow,
        wanted_from=starts,
        wanted_until=ends,
    )
    made.save(force_insert=True)
    found.state = DraftState.PROPOSED.value
    found.save(update_fields=["state"])
    tell(made, "system.propose", by, at, why=said)
    audit.announce(event="system.proposed", key=str(made.uuid), at=at)
    return versions.row(made)


@transaction.atomic
def withdraw(*, version: UUID, by: Actor, at: datetime) -> versions.VersionRow:
    """Take a proposal back; its draft is open again. Raises `NotPermitted`, `UnknownVersion`, `NoLongerOpen`."""
    require_editor(by)
    found = versions.stored(version)
    changed = Version.objects.filter(pk=found.pk, state=State.PROPOSED.value).update(
        state=State.WITHDRAWN.value, decided_by_label=by.who().label[:200], decided_at=at
    )
    require_open(open_=bool(changed), what="proposal")
    reopen(found)
    tell(found, "system.withdraw", by, at, why=found.why)
    return versions.version(version)


def reopen(found: Version) -> None:
    """Let the draft of a proposal that came to nothing be worked on again."""
    if found.draft_id is None:
        return
    Draft.objects.filter(pk=found.draft_id, state=DraftState.PROPOSED.value).update(
        state=DraftState.OPEN.value
    )


def lock(system: str) -> None:
    """Let nobody else decide on versions of a system before this transaction ends."""
    Line.objects.get_or_create(system=system)
    Line.objects.select_for_update().get(system=system)


def next_number(system: str) -> int:
    """Return the number of the next version of a system; the shipped file is number 0."""
    found = Version.objects.filter(system=system).aggregate(last=Max("number"))["last"]
    return int(found or 0) + 1


def tell(found: Version, act: str, by: Actor, at: datetime, *, why: str) -> None:
    """Write an act on a version to the ledger, with the hash of the bytes it was about."""
    audit.append(
        who=by.who(),
        act=act,
        thing=Thing("system-version", str(found.uuid)),
        at=at,
        why=why,
        details={"system": found.system, "number": found.number, "sha256": found.sha256},
    )


def _sound(found: Draft, catalogue: Catalogue, *, on: date) -> System:
    checked = check(
        system=found.system,
        content=bytes(found.content),
        cases=bytes(found.cases),
        catalogue=catalogue,
        on=on,
    )
    if checked.system is None or not checked.sound:
        wrong = [str(one) for one in (*checked.problems, *checked.case_problems)]
        wrong += [f"{one.name}: {one.problem}" for one in checked.failed]
        first = wrong[0] if wrong else "there is not one case beside it"
        raise NotSound(
            f"The draft cannot be proposed as it stands: {first}. Mend it, or change the case in the same draft."
        )
    return checked.system


def _require_new_name(found: Draft, system: System) -> None:
    shipped = versions.shipped_version(found.system)
    taken = Version.objects.filter(
        system=found.system, name=system.version, state__in=[State.APPROVED.value, State.PROPOSED.value]
    ).exclude(sha256=found.sha256)
    if taken.exists() or (
        shipped is not None and shipped.version == system.version and shipped.sha256 != found.sha256
    ):
        raise SameVersionName(
            f"Another file of '{found.system}' already calls itself version {system.version}: give this one a"
            " `version` of its own."
        )
