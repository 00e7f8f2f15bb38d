"""Go back to an earlier version: an act of its own, with a reason and other eyes."""

from datetime import date, datetime
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.evaluation.systems.models import Version
from creditmesh.apps.evaluation.systems.operations.proposing import lock, next_number, tell
from creditmesh.apps.evaluation.systems.queries import versions
from creditmesh.apps.evaluation.systems.rules.standing import (
    SHIPPED,
    DaysRefused,
    NoLongerOpen,
    identity,
    require_editor,
    require_reason,
    require_time_left,
)
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.parties.rules import Actor


@transaction.atomic
def roll_back(
    *, system: str, to: int, why: str, by: Actor, at: datetime, starts: date | None = None
) -> versions.VersionRow:
    """Ask for an earlier version to be valid again, from a day or from the day of approval.

    It becomes a version of its own with the same bytes, so that history is not rewritten; somebody else approves it.
    It ends when its file says so, and a file that is out of force by then cannot be gone back to.
    Raises `NotPermitted`, `ReasonMissing`, `UnknownVersion`, `NoLongerOpen`, `DaysRefused`.
    """
    require_editor(by)
    said = require_reason(why)
    lock(system)
    today = timezone.localdate(at)
    if starts is not None and starts < today:
        raise DaysRefused(f"A version cannot become valid in the past: choose {today} or later.")
    live = versions.live(system, today)
    name, content, cases, sha256 = _earlier(system, to)
    ends = versions.stated_end(content)
    require_time_left(starts=starts or today, ends=ends)
    if live is not None and live.sha256 == sha256:
        raise NoLongerOpen(
            f"Version {to} of '{system}' is what is valid today; there is nothing to go back to."
        )
    made = Version(
        uuid=uuid4(),
        system=system,
        number=next_number(system),
        name=name,
        content=content,
        cases=cases,
        sha256=sha256,
        based_on=live.number if live is not None else None,
        base_content=live.content if live is not None else b"",
        rolls_back_to=to,
        why=said,
        author=identity(by),
        author_label=by.who().label[:200],
        editors=identity(by),
        proposed_by=identity(by),
        proposed_by_label=by.who().label[:200],
        proposed_at=at,
        wanted_from=starts or today,
        wanted_until=ends,
    )
    made.save(force_insert=True)
    tell(made, "system.rollback", by, at, why=said)
    audit.announce(event="system.proposed", key=str(made.uuid), at=at)
    return versions.row(made)


def _earlier(system: str, to: int) -> tuple[str, bytes, bytes, str]:
    if to != SHIPPED:
        found = versions.numbered(system, to)
        return found.name, found.content, found.cases, found.sha256
    shipped = versions.shipped_version(system)
    if shipped is None:
        raise versions.UnknownVersion(f"There is no index system '{system}' that comes with the program.")
    return shipped.version, shipped.content, versions.shipped_cases(system), shipped.sha256
