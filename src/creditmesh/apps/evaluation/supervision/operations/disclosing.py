"""Publish results, within the days the law gives; withhold only what is directly about public safety."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from creditmesh.apps.evaluation.supervision.models import CheckItem, Result
from creditmesh.apps.evaluation.supervision.operations.finding import item_of, own_result
from creditmesh.apps.evaluation.supervision.queries import sight
from creditmesh.apps.evaluation.supervision.rules.states import WrongStep, require_reason
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor, Permission


@transaction.atomic
def disclose(*, task: UUID, by: Actor, at: datetime) -> int:
    """Publish every result of a task that is not public yet, and return how many.

    Results of items directly about public safety wait for `withhold` or `disclose_one`. Raises `NotPermitted`,
    `UnknownTask`.
    """
    by.demand(Permission.SUPERVISION_DISCLOSE)
    row = sight.own_task(task, by=by)
    safety = CheckItem.objects.filter(unit=row.unit, withheld=True, ended_on=None).values("code")
    waiting = Result.objects.filter(visit__task=row, disclosed_at=None, withheld_for="").exclude(
        item__in=safety
    )
    count = waiting.update(disclosed_at=at, delivered_at=None)
    if count:
        thing = Thing("supervision-task", str(task))
        audit.append(who=by.who(), act="supervision.disclose", thing=thing, at=at, why=str(count))
        audit.announce(event="inspection.disclosed", key=str(task), at=at)
    return count


@transaction.atomic
def disclose_one(*, result: UUID, by: Actor, at: datetime) -> None:
    """Publish one result, whatever its item. Raises `NotPermitted`, `UnknownResult`, `WrongStep`."""
    by.demand(Permission.SUPERVISION_DISCLOSE)
    row = own_result(result, by=by)
    if row.disclosed_at is not None:
        raise WrongStep("This result is public already.")
    row.disclosed_at, row.withheld_for, row.delivered_at = at, "", None
    row.save(update_fields=["disclosed_at", "withheld_for", "delivered_at"])
    _note(by, "supervision.disclose", row, at, row.item)
    audit.announce(event="inspection.disclosed", key=str(row.visit.task.uuid), at=at)


@transaction.atomic
def withhold(*, result: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Keep a result back that is directly about public safety (优化营商环境条例 art. 54).

    Raises `NotPermitted`, `UnknownResult`, `WrongStep`, `ReasonMissing`.
    """
    by.demand(Permission.SUPERVISION_APPROVE)
    row = own_result(result, by=by)
    item = item_of(row)
    if item is None or not item.withheld or row.disclosed_at is not None:
        raise WrongStep("Only unpublished results of items marked as public safety may be kept back.")
    row.withheld_for = require_reason(reason)
    row.save(update_fields=["withheld_for"])
    _note(by, "supervision.withhold", row, at, row.withheld_for)


def _note(by: Actor, act: str, row: Result, at: datetime, why: str) -> None:
    thing = Thing("inspection-result", str(row.uuid))
    audit.append(who=by.who(), act=act, thing=thing, at=at, why=why, subject=row.visit.subject)
