"""What happens on the platform, told by the apps where it happens: it proves the purpose of inquiries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing, Who
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.disclosure.rules.questions import Outcome
from creditmesh.apps.sharing.oversight.models import Fact, Followed
from creditmesh.apps.sharing.oversight.queries.counting import limits_of
from creditmesh.apps.sharing.oversight.rules import MODES, Kind, Rest


@dataclass(frozen=True, kw_only=True)
class Happened:
    """An application, a loan fact, a guarantee or a policy between an institution and an enterprise."""

    source: str  # which app tells, such as financing
    reference: str  # its number there; with source and kind it is told once
    kind: Kind
    institution: str
    subject: str
    occurred_at: datetime


@transaction.atomic
def record(happened: Happened, *, by: Who, node: ThisNode, at: datetime) -> int:
    """Keep a fact and return how many inquiries it stands behind; told again it changes nothing.

    It stands behind the inquiries of that institution about that enterprise that came before it, within the
    days in which an outcome is due. It takes the place of what the institution declared.
    """
    row, new = Fact.objects.get_or_create(
        source=happened.source,
        reference=happened.reference,
        kind=happened.kind.value,
        defaults={
            "institution": happened.institution,
            "subject": happened.subject,
            "occurred_at": happened.occurred_at,
            "recorded_at": at,
        },
    )
    if not new:
        return 0
    days = timedelta(days=limits_of(node, at=at).days)
    behind = Inquiry.objects.filter(
        institution=row.institution,
        subject=row.subject,
        outcome=Outcome.ANSWERED,
        mode__in=[one.value for one in MODES],
        at__gte=row.occurred_at - days,
        at__lte=row.occurred_at,
    ).order_by("id")
    for inquiry in behind.values_list("uuid", flat=True):
        Followed.objects.update_or_create(
            inquiry=inquiry,
            defaults={
                "kind": row.kind,
                "reference": row.reference,
                "rest": Rest.FACT.value,
                "at": row.occurred_at,
            },
        )
    audit.append(
        who=by,
        act="outcome.fact",
        thing=Thing("fact", f"{row.source} {row.reference} {row.kind}"),
        at=at,
        why=row.kind,
        subject=row.subject,
    )
    return behind.count()
