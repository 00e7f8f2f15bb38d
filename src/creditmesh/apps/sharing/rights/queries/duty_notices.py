"""News for departments: records they were given for their duties that were corrected, stopped or restored since."""

from dataclasses import dataclass

from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.rights.models import DutyNotice

MOST = 200


@dataclass(frozen=True, kw_only=True)
class DutyInbox:
    """A page of news, newest first; `older` is what to pass as `before` for the next page."""

    notices: tuple[DutyNotice, ...]
    older: int | None
    waiting: int  # not acknowledged, on all pages


def inbox(by: Actor, *, before: int | None = None, size: int = 30) -> DutyInbox:
    """Return a page of the news for the actor's department. Raises `NotPermitted`."""
    by.demand(Permission.INQUIRE_FOR_DUTY)
    mine = DutyNotice.objects.filter(organisation=by.organisation).exclude(organisation="")
    rows = mine if before is None else mine.filter(id__lt=before)
    size = min(max(size, 1), MOST)
    found = list(rows.order_by("-id")[: size + 1])
    return DutyInbox(
        notices=tuple(found[:size]),
        older=found[size - 1].pk if len(found) > size else None,
        waiting=mine.filter(acknowledged_at=None).count(),
    )
