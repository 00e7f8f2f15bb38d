"""Whose plans, tasks and visits someone may see; what one may not see is answered as if it did not exist."""

from uuid import UUID

from django.db.models import Q, QuerySet

from creditmesh.apps.evaluation.supervision.models import Plan, Task, Visit
from creditmesh.apps.ground.parties.rules import Actor, Permission, Role
from creditmesh.kernel.errors import CreditmeshError

EVERYWHERE = frozenset({Role.REGULATOR, Role.AUDITOR})


class UnknownPlan(CreditmeshError):
    """There is no such plan, or not for this viewer."""

    code = "unknown-plan"


class UnknownTask(CreditmeshError):
    """There is no such task, or not for this viewer."""

    code = "unknown-task"


class UnknownVisit(CreditmeshError):
    """There is no such visit, or not for this viewer."""

    code = "unknown-visit"


def is_everywhere(viewer: Actor) -> bool:
    """Return whether the viewer sees every department: regulators and auditors; raise `NotPermitted`."""
    viewer.demand(Permission.SEE_SUPERVISION)
    return bool(viewer.roles & EVERYWHERE)


def plans(viewer: Actor) -> QuerySet[Plan]:
    """Return the plans a viewer may see; raise `NotPermitted`."""
    found = Plan.objects.all()
    return found if is_everywhere(viewer) else found.filter(unit=viewer.organisation)


def tasks(viewer: Actor) -> QuerySet[Task]:
    """Return the tasks a viewer may see: those one's department leads or joins; raise `NotPermitted`."""
    found = Task.objects.select_related("batch__plan", "list")
    if is_everywhere(viewer):
        return found
    own = viewer.organisation
    return found.filter(Q(unit=own) | Q(joint_units__contains=f"\n{own}\n"))


def visits(viewer: Actor) -> QuerySet[Visit]:
    """Return the visits a viewer may see; inspectors see their own; raise `NotPermitted`."""
    found = Visit.objects.select_related("task", "replaces")
    if viewer.may(Permission.SEE_SUPERVISION):
        if is_everywhere(viewer):
            return found
        own = viewer.organisation
        return found.filter(Q(task__unit=own) | Q(task__joint_units__contains=f"\n{own}\n"))
    viewer.demand(Permission.SUPERVISION_INSPECT)
    mine = Q(assignments__inspector__user_id=viewer.user_id, assignments__ended_at=None)
    return found.filter(mine).distinct() if viewer.user_id is not None else found.none()


def plan(uuid: UUID, *, viewer: Actor) -> Plan:
    """Return a plan; raise `UnknownPlan`, `NotPermitted`."""
    found = plans(viewer).filter(uuid=uuid).first()
    if found is None:
        raise UnknownPlan("There is no such plan. Look it up in the list of plans.")
    return found


def task(uuid: UUID, *, viewer: Actor) -> Task:
    """Return a task; raise `UnknownTask`, `NotPermitted`."""
    found = tasks(viewer).filter(uuid=uuid).first()
    if found is None:
        raise UnknownTask("There is no such task. Look it up in the list of tasks.")
    return found


def visit(uuid: UUID, *, viewer: Actor) -> Visit:
    """Return a visit; raise `UnknownVisit`, `NotPermitted`."""
    found = visits(viewer).filter(uuid=uuid).first()
    if found is None:
        raise UnknownVisit("There is no such visit. Look it up in the list of the task.")
    return found


def own_plan(uuid: UUID, *, by: Actor) -> Plan:
    """Return a plan of the actor's own department, to change it; raise `UnknownPlan`."""
    found = plans(by).filter(uuid=uuid, unit=by.organisation).select_for_update().first()
    if found is None:
        raise UnknownPlan("There is no such plan. Look it up in the list of plans.")
    return found


def own_task(uuid: UUID, *, by: Actor) -> Task:
    """Return a task the actor's own department leads, locked, to change it; raise `UnknownTask`."""
    found = Task.objects.filter(uuid=uuid, unit=by.organisation).select_for_update().first()
    if found is None:
        raise UnknownTask("There is no such task. Look it up in the list of tasks.")
    return found
