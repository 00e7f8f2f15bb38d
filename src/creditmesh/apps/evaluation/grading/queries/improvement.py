"""What would bring one subject the next grade, for those who may see its result: regulators, and itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from creditmesh.apps.evaluation.grading.models import EvaluationStanding, Run
from creditmesh.apps.evaluation.grading.queries import detail, evaluations, inputs, overlay, runs, systems
from creditmesh.apps.evaluation.grading.rules import State
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.scoring.definition.loaded import System, items_read, table
from creditmesh.scoring.definition.parts import Purpose
from creditmesh.scoring.improving import proposals, trying, waiting
from creditmesh.scoring.improving.proposals import Improvement
from creditmesh.scoring.improving.trying import Asked
from creditmesh.scoring.improving.waiting import Course
from creditmesh.scoring.targets.to_python import Scored

MOST_COURSES = 256
_COURSES: dict[tuple[str, UUID, str], Course] = {}


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """One subject's result, what would improve it, what time does to it, and inputs to try by hand."""

    run: runs.RunRow
    subject: str
    name: str
    system: System
    now: Scored
    improvement: Improvement
    course: Course | None
    asked: tuple[Asked, ...]
    tried: Scored | None
    written: Mapping[str, str]


def what_if(
    run: Run,
    *,
    subject: str,
    node: ThisNode,
    written: Mapping[str, str] | None = None,
    with_time: bool = True,
) -> WhatIf:
    """Return what would improve the result of a subject in a run, and what inputs written by hand would give.

    Raises `UnknownStanding`, `InputNotUnderstood`. Who may see the run was decided before.
    """
    row = overlay.result(run, subject, node=node)
    if row is None:
        raise detail.UnknownStanding(
            f"Run {run.uuid} says nothing about '{subject}'. Look it up by name or code."
        )
    system = systems.archived(run.file_id, home=node.home, catalogue=node.catalogue)
    found = proposals.improvement(system, row)
    return WhatIf(
        run=runs.row(run),
        subject=subject,
        name=str(row.get("name") or ""),
        system=system,
        now=trying.tried(system, row, {}),
        improvement=found,
        course=course(run, subject=subject, node=node, system=system, row=row) if with_time else None,
        asked=trying.asked(system, row, changeable=frozenset(one.name for one in found.levers)),
        tried=trying.tried(system, row, written) if written else None,
        written=written or {},
    )


def evaluated(subject: str) -> Run | None:
    """Return the run of the latest public credit evaluation that says something about a subject; never a risk class."""
    found = (
        EvaluationStanding.objects.filter(
            subject=subject, run__purpose=Purpose.PUBLIC_CREDIT_EVALUATION.value, run__state=State.DONE.value
        )
        .select_related("run")
        .order_by("-run__as_of", "-run__finished_at", "-run_id")
        .first()
    )
    if found is None:
        return None
    run = evaluations.carried_on(found.run)
    return None if overlay.standing(run, subject) is None else run


def course(
    run: Run, *, subject: str, node: ThisNode, system: System, row: Mapping[str, object]
) -> Course | None:
    """Return what time alone does to a result, from the subject's records as the run read them; None for devices.

    What a run read never changes, so the last few courses are kept for whoever tries inputs on the same page.
    """
    if system.definition.unit is not None:
        return None
    key = (str(node.home), run.uuid, subject)
    found = _COURSES.get(key)
    if found is None:
        found = _COURSES[key] = _course(run, subject, node, system, row)
        while len(_COURSES) > MOST_COURSES:
            _COURSES.pop(next(iter(_COURSES)), None)
    return found


def _course(run: Run, subject: str, node: ThisNode, system: System, row: Mapping[str, object]) -> Course:
    codes = sorted({*items_read(system), *system.definition.population.items})
    with inputs.connection(run, node=node, items=codes) as engine:
        engine.execute("CREATE SCHEMA own")
        for view in map(table, codes):
            engine.execute(
                f"CREATE TABLE own.{view} AS FROM {view} WHERE _subject = $subject",
                {"subject": subject},
            )
        engine.execute("CREATE TABLE own._collected AS FROM _collected")
        engine.execute("USE own")
        return waiting.course(engine, system=system, row=row)
