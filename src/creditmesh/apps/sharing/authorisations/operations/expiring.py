"""Bring kept states up to the day: what begins, what has run out. Decisions never wait for this."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from creditmesh.apps.sharing.authorisations import queries
from creditmesh.apps.sharing.authorisations.models import Authorisation, Request
from creditmesh.apps.sharing.authorisations.rules import LIVE, State, state_at

AT_ONCE = 100
"""Rows of one transaction: inquiries on them wait for it."""


def tidy(*, at: datetime) -> int:
    """Set authorisations ACTIVE or EXPIRED whose day has come, and requests lapsed; return how many changed."""
    changed = after = 0
    # From row to row: one whose day is not over yet, or that says not what was signed, must not stop the others.
    while ids := list(_due(at).filter(id__gt=after).order_by("id").values_list("id", flat=True)[:AT_ONCE]):
        changed += _bring_up(ids, at=at)
        after = ids[-1]
    lapsed = Request.objects.filter(state="open", lapses_at__lte=at)
    return changed + lapsed.update(state="lapsed", answered_at=F("lapses_at"))


def _due(at: datetime) -> QuerySet[Authorisation]:
    tomorrow = timezone.localdate(at) + timedelta(days=1)  # whatever the time zone; `state_at` decides
    return Authorisation.objects.filter(state__in=[one.value for one in LIVE]).filter(
        Q(state=State.SIGNED.value, valid_from__lte=tomorrow)
        | Q(valid_to__lt=tomorrow)
        | Q(ends_on__lt=tomorrow)
    )


@transaction.atomic
def _bring_up(ids: Sequence[int], *, at: datetime) -> int:
    changed = 0
    for row in _due(at).filter(id__in=ids).select_for_update().order_by("id"):
        standing = queries.stands(row)
        if standing is None:
            continue
        state = state_at(standing, at=at)
        if state != row.state:
            row.state = state.value
            row.ended_at = at if state == State.EXPIRED else None
            row.save(update_fields=["state", "ended_at"])
            changed += 1
    return changed
