"""Write to the ledger; announce news and mark it as passed on."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from creditmesh.apps.ground.audit.models import Entry, Event, Waiting
from creditmesh.apps.ground.audit.rules import Draft, Outcome, Thing, Who
from creditmesh.apps.ground.audit.tree import rows
from creditmesh.exchange.canonical import JSON


def append(  # noqa: PLR0913 (an entry has that many parts)
    *,
    who: Who,
    act: str,
    thing: Thing,
    at: datetime,
    why: str = "",
    outcome: Outcome = Outcome.DONE,
    details: Mapping[str, JSON] | None = None,
    subject: str = "",
) -> Entry:
    """Append one entry to the ledger, in the caller's transaction, and return it.

    `act` is a verb with its subject, such as `batch.receive`; `subject` is the enterprise it is about; `details`
    are digests and codes, never record values. Texts longer than their column are cut. The entry gets its place
    in the tree soon after the transaction (see `tree.sealing`); where the place must be known at once, use
    `committing.GroupCommit`.
    """
    draft = Draft(
        who=who,
        act=act,
        thing=thing,
        at=at,
        why=why,
        outcome=outcome,
        details=details or {},
        subject=subject,
    )
    ((row, salt),) = rows.drawn_up([draft])
    with transaction.atomic():
        entry = Entry.objects.create(
            at=row.at,
            user_id=row.user_id,
            user_label=row.user_label,
            organisation=row.organisation,
            role=row.role,
            act=row.act,
            object_kind=row.object_kind,
            object_key=row.object_key,
            why=row.why,
            outcome=row.outcome,
            request=row.request,
            uuid=row.entry,
            salt=salt,
            subject=row.subject,
            details=rows.details_text(row),
        )
        Waiting.objects.create(entry_id=entry.id)
    return entry


def announce(*, event: str, key: str, at: datetime) -> Event:
    """Write down a piece of news in the caller's transaction, for the worker to pass on.

    If the caller's transaction is rolled back, the news never was.
    """
    return Event.objects.create(name=event, key=key, announced_at=at)


def mark_handled(*, events: Sequence[int], at: datetime) -> int:
    """Mark events as passed on and return how many were still waiting."""
    return Event.objects.filter(id__in=events, handled_at=None).update(handled_at=at)
