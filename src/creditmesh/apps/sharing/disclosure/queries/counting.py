"""How many inquiries there were, day by day."""

from collections import defaultdict
from datetime import date, datetime

from django.db.models import Count
from django.db.models.functions import TruncDate

from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.disclosure.rules.questions import Outcome


def per_day(*, since: datetime, institution: str = "", subject: str = "") -> dict[date, dict[Outcome, int]]:
    """Return the inquiries since a moment of an institution, or about a subject, by day and outcome.

    Days without any are left out. Without an institution or a subject there is nothing to count.
    """
    if not (institution or subject):
        return {}
    rows = Inquiry.objects.filter(at__gte=since)
    rows = rows.filter(institution=institution) if institution else rows.filter(subject=subject)
    counted = (
        rows.annotate(day=TruncDate("at")).values("day", "outcome").annotate(inquiries=Count("id"))
    ).order_by("day", "outcome")
    found: dict[date, dict[Outcome, int]] = defaultdict(dict)
    for one in counted:
        found[one["day"]][Outcome(one["outcome"])] = one["inquiries"]
    return dict(found)
