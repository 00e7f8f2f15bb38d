"""Write to the ledger; announce news and mark it as passed on."""

from collections.abc import Sequence
from datetime import datetime

from creditmesh.apps.audit.models import Entry, Event
from creditmesh.apps.audit.rules import Outcome, Thing, Who


def append(
    *, who: Who, act: str, thing: Thing, at: datetime, why: str = "", outcome: Outcome = Outcome.DONE
) -> Entry:
    """Append one entry to the ledger, in the caller's transaction, and return it.

    `act` is a verb with its subject, such as `batch.receive`. Texts longer than their column are cut.
    """
    return Entry.objects.create(
        at=at,
        user_id=who.user_id,
        user_label=who.label[:200],
        organisation=who.organisation[:200],
        role=who.role[:200],
        act=act[:100],
        object_kind=thing.kind[:60],
        object_key=thing.key[:300],
        why=why,
        outcome=outcome,
        request=who.request[:64],
    )


def announce(*, event: str, key: str, at: datetime) -> Event:
    """Write down a piece of news in the caller's transaction, for the worker to pass on.

    If the caller's transaction is rolled back, the news never was.
    """
    return Event.objects.create(name=event, key=key, announced_at=at)


def mark_handled(*, events: Sequence[int], at: datetime) -> int:
    """Mark events as passed on and return how many were still waiting."""
    return Event.objects.filter(id__in=events, handled_at=None).update(handled_at=at)
