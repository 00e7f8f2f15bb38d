"""Hand results to the records, by the way every delivery takes, so that the next classification reads them."""

import csv
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO, StringIO
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.evaluation.supervision.models import CheckItem, Result, Task
from creditmesh.apps.evaluation.supervision.queries.announcing import announcement_of
from creditmesh.apps.evaluation.supervision.queries.candidates import INSPECTIONS
from creditmesh.apps.evaluation.supervision.rules.codes import FollowUpKind
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, Role
from creditmesh.apps.ground.records.operations import receiving
from creditmesh.apps.ground.records.rules import Delivery
from creditmesh.catalogue.model import Item

MOST = 5000  # results in one batch


def deliver(*, task: UUID, node: ThisNode, at: datetime) -> UUID | None:
    """Hand in the results of a task that changed since the last time, and return the batch; None without any.

    A result is one row of item PEN-02; its key is task, item and object, so that a correction or a settled
    follow-up replaces it. Results about objects without an enterprise behind them stay here. Raises what
    `receiving.receive` raises.
    """
    item = node.catalogue.items.get(INSPECTIONS)
    if item is None:
        return None
    with transaction.atomic():
        row = Task.objects.select_for_update().get(uuid=task)
        waiting = Result.objects.filter(visit__task=row, delivered_at=None).exclude(visit__subject="")
        found = list(waiting.select_related("visit").prefetch_related("follow_ups").order_by("id")[:MOST])
        if not found:
            return None
        source = source_of(row.unit, item=item, node=node)
        received = receiving.receive(
            delivery=Delivery(
                item=item.code,
                source=source,
                filename=f"inspections-{row.number}.csv",
                idempotency_key=f"inspections:{row.uuid}:{at.isoformat()}",
            ),
            content=BytesIO(_table(row, found, item).encode("utf-8")),
            by=Actor(
                user_id=None,
                label="supervision",
                organisation=row.unit,
                roles=frozenset({Role.DATA_OFFICER}),
                sources=frozenset({source}),
            ),
            node=node,
            at=at,
        )
        Result.objects.filter(pk__in=[one.pk for one in found]).update(
            delivered_at=at, delivery=str(received.uuid)
        )
    return received.uuid


def deliver_waiting(*, node: ThisNode, at: datetime) -> int:
    """Hand in what waits in any task and return in how many batches; for the hourly round."""
    waiting = Task.objects.filter(visits__results__delivered_at=None, visits__results__isnull=False)
    found = [
        deliver(task=uuid, node=node, at=at)
        for uuid in waiting.order_by("id").values_list("uuid", flat=True).distinct()
    ]
    return sum(1 for one in found if one is not None)


def source_of(unit: str, *, item: Item, node: ThisNode) -> str:
    """Return the source that delivers inspections: the department's own, else the most local one of this region."""
    known = [code for code in item.sources if code in node.catalogue.sources] or list(node.catalogue.sources)
    if unit in known:
        return unit

    def nearness(code: str) -> int:
        regions = node.catalogue.sources[code].regions
        return max((len(one) for one in regions if node.region.startswith(one)), default=-1)

    return max(known, key=nearness)


def _table(task: Task, found: Sequence[Result], item: Item) -> str:
    names = dict(CheckItem.objects.filter(unit=task.unit).order_by("id").values_list("code", "name_zh"))
    subjects = parties.subjects(keys=[one.visit.subject for one in found])
    authority = announcement_of(task).authority
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.label.zh for field in item.fields])
    for one in found:
        known = subjects.get(one.visit.subject)
        values = _row(one, names.get(one.item, one.item), authority)
        values["name"] = (known.name if known else "") or one.visit.name
        values["task_number"] = task.number
        writer.writerow([values.get(field.name, "") for field in item.fields])
    return text.getvalue()


def _row(one: Result, item_name: str, authority: str) -> dict[str, str]:
    fixes = [each for each in one.follow_ups.all() if each.kind == FollowUpKind.RECTIFICATION.value]
    ends = [each.settled_on for each in one.follow_ups.all()]
    fixed = [each.settled_on for each in fixes if each.settled_on]
    dues = [each.due for each in fixes if each.due]
    last = max((each for each in ends if each), default=None)
    days = {
        "inspected_on": one.inspected_on,
        "rectify_by": max(dues) if dues else None,
        "rectified_on": max(fixed) if fixed else None,
        "resolved_on": last if ends and all(ends) else None,
        "published_on": timezone.localdate(one.disclosed_at) if one.disclosed_at else None,
    }
    return {
        "check_item": item_name,
        "uscc": one.visit.subject if _is_code(one.visit.subject) else "",
        "registration_number": one.visit.subject[2:] if one.visit.subject.startswith("R:") else "",
        "subject_ref": one.visit.object,
        "inspection_kind": "double_random",
        "result_code": one.code,
        "findings": one.findings,
        "authority_name": authority,
        **{name: day.isoformat() if day else "" for name, day in days.items()},
    }


def _is_code(subject: str) -> bool:
    return ":" not in subject
