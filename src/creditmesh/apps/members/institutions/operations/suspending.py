"""Suspend an institution and let it in again."""

from datetime import datetime

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing, Who
from creditmesh.apps.members.institutions import queries
from creditmesh.apps.members.institutions.operations import in_force, noticing
from creditmesh.apps.members.institutions.rules.standing import State


@transaction.atomic
def suspend(*, institution: str, why: str, by: Who, at: datetime) -> bool:
    """Suspend an institution at once: neither its people nor its programs are answered until it is resumed.

    Waits for what is being answered in this moment; nothing is answered once this has ended.

    Its people still see their pages and notices. Return False when it was suspended already.
    Raises `UnknownInstitution`. The caller has seen to it that `by` may.
    """
    row = queries.row_of(institution, locked=True)
    if row.state == State.SUSPENDED:
        return False
    in_force.end()
    row.state, row.suspended_at, row.why = State.SUSPENDED, at, why[:500]
    row.save(update_fields=["state", "suspended_at", "why"])
    _tell(institution=institution, act="institution.suspend", why=why, by=by, at=at)
    return True


@transaction.atomic
def resume(*, institution: str, why: str, by: Who, at: datetime) -> bool:
    """Let a suspended institution ask again; return False when it was not suspended.

    Raises `UnknownInstitution`. The caller has seen to it that `by` may.
    """
    row = queries.row_of(institution, locked=True)
    if row.state != State.SUSPENDED:
        return False
    row.state, row.suspended_at, row.why = State.ACTIVE, None, ""
    row.save(update_fields=["state", "suspended_at", "why"])
    _tell(institution=institution, act="institution.resume", why=why, by=by, at=at)
    return True


def _tell(*, institution: str, act: str, why: str, by: Who, at: datetime) -> None:
    audit.append(who=by, act=act, thing=Thing("institution", institution), at=at, why=why)
    kind = {"institution.suspend": "institution.suspended"}.get(act, "institution.resumed")
    noticing.notify(institution=institution, kind=kind, about={"why": why}, at=at)
