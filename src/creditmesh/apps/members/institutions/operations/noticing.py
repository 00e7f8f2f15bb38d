"""Tell an institution something: into its inbox, and to its callback address when it has one."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import models, queries
from creditmesh.apps.members.institutions.rules import callbacks
from creditmesh.apps.members.institutions.rules.notices import Delivery, Notice


@transaction.atomic
def notify(*, institution: str, kind: str, about: Mapping[str, Any], at: datetime) -> Notice:
    """Put a notice into an institution's inbox, in the caller's transaction, and have it sent.

    `kind` is what happened, such as `record.corrected`; `about` is JSON that names what it is about, without
    the values of records: a notice crosses the net to wherever the institution said.
    Raises `UnknownInstitution`.
    """
    row = queries.row_of(institution)
    sent = bool(row.callback)
    made = models.Notice.objects.create(
        uuid=uuid.uuid4(),
        institution=row,
        kind=kind,
        about=dict(about),
        made_at=at,
        delivery=Delivery.WAITING if sent else Delivery.INBOX,
        next_at=at if sent else None,
    )
    if sent:
        audit.announce(event="notice.made", key=str(made.uuid), at=at)
    return queries.notice_of(made)


@transaction.atomic
def acknowledge(*, by: Actor, notice: UUID, at: datetime) -> Notice:
    """Note that an institution has read a notice; doing it again changes nothing. Raises `UnknownNotice`."""
    row = queries.notice_row(institution=by.organisation, uuid=notice)
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by = at, by.who().label[:200]
        row.save(update_fields=["acknowledged_at", "acknowledged_by"])
    return queries.notice_of(row)


@transaction.atomic
def direct(*, by: Actor, url: str, plain_allowed: bool, at: datetime) -> None:
    """Say where notices of the actor's institution are sent from now on; empty: into the inbox alone.

    `plain_allowed` lets http pass, for demonstrations. Where the name leads is judged at each sending, since it
    may lead elsewhere by then. Raises `BadCallback`, `UnknownInstitution`, `NotPermitted`.
    """
    by.demand(Permission.MANAGE_OWN_CLIENTS)
    row = queries.row_of(by.organisation, locked=True)
    if url:
        callbacks.target(url, plain_allowed=plain_allowed)
    row.callback = url
    row.save(update_fields=["callback"])
    thing = Thing("institution", by.organisation)
    audit.append(who=by.who(), act="institution.callback", thing=thing, at=at, why=url[:300])
