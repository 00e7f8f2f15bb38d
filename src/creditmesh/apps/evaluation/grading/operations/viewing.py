"""Look into where a subject stands; every look is written to the ledger before anything is shown."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from creditmesh.apps.evaluation.grading.queries import detail, distribution, evaluations, improvement
from creditmesh.apps.evaluation.grading.queries.detail import SubjectDetail
from creditmesh.apps.evaluation.grading.queries.improvement import WhatIf
from creditmesh.apps.evaluation.grading.rules import require_sight
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.catalogue.model import Text
from creditmesh.scoring.definition.parts import Purpose


def view_subject(  # noqa: PLR0913 - who looks at whom in which run, when and why
    *,
    viewer: Actor,
    subject: str,
    node: ThisNode,
    at: datetime,
    system: str | None = None,
    run: UUID | None = None,
    why: str = "",
    language: str = "zh",
) -> SubjectDetail:
    """Write to the ledger who looks at a subject and why, then return its detail.

    Raises `NotPermitted`, `UnknownRun`, `NoResultsYet`, `UnknownStanding`.
    """
    found = detail.detail(
        viewer=viewer, subject=subject, node=node, system=system, run=run, language=language
    )
    audit.append(
        who=viewer.who(),
        act="standing.view",
        thing=Thing("subject", subject),
        at=at,
        why=f"{why or 'not stated'} [{found.run.system}, run {found.run.uuid}]",
    )
    return found


def view_evaluation(*, viewer: Actor, subject: str, node: ThisNode, at: datetime) -> dict[str, Any] | None:
    """Write to the ledger who looks at a public credit evaluation, then return it; None when there is none.

    Raises `NotPermitted`.
    """
    require_sight(viewer=viewer, purpose=Purpose.PUBLIC_CREDIT_EVALUATION)
    found = evaluations.latest(subject=subject, node=node)
    if found is not None:
        audit.append(
            who=viewer.who(),
            act="evaluation.view",
            thing=Thing("subject", subject),
            at=at,
            why=f"{found['system']}, run {found['run']}",
            subject=subject,
        )
    return found


def view_improvement(  # noqa: PLR0913 - who looks at whom in which run, when and what is tried
    *,
    viewer: Actor,
    subject: str,
    node: ThisNode,
    at: datetime,
    system: str | None = None,
    run: UUID | None = None,
    written: Mapping[str, str] | None = None,
    with_time: bool = True,
) -> WhatIf:
    """Write to the ledger that somebody looks at what would improve a result, then return it; what is tried is not kept.

    Raises `NotPermitted`, `UnknownRun`, `NoResultsYet`, `UnknownStanding`, `InputNotUnderstood`.
    """
    seen = distribution.result_run(viewer=viewer, system=system, uuid=run)
    found = improvement.what_if(seen, subject=subject, node=node, written=written, with_time=with_time)
    audit.append(
        who=viewer.who(),
        act="standing.view",
        thing=Thing("subject", subject),
        at=at,
        why=f"what would improve it [{seen.system}, run {seen.uuid}]",
    )
    return found


def view_own_improvement(
    *,
    by: Actor,
    node: ThisNode,
    at: datetime,
    written: Mapping[str, str] | None = None,
    with_time: bool = True,
) -> WhatIf | None:
    """Write to the ledger that an enterprise looks at what would improve its own public credit evaluation.

    None without an evaluation; no other result is ever looked at. Raises `NotPermitted`, `InputNotUnderstood`.
    """
    by.demand(Permission.SEE_OWN_RECORD)
    audit.append(
        who=by.who(),
        act="own-evaluation.view",
        thing=Thing("subject", by.subject),
        at=at,
        why="what would improve it",
        subject=by.subject,
    )
    seen = improvement.evaluated(by.subject)
    if seen is None:
        return None
    return improvement.what_if(seen, subject=by.subject, node=node, written=written, with_time=with_time)


def view_own_improvement_of(
    *,
    by: Actor,
    subject: str,
    node: ThisNode,
    at: datetime,
    written: Mapping[str, str] | None = None,
    with_time: bool = True,
) -> WhatIf:
    """Return the same of the enterprise that is named; another one than one's own is answered as one that is not there.

    Raises `NotPermitted`, `UnknownStanding`, `InputNotUnderstood`.
    """
    by.demand(Permission.SEE_OWN_RECORD)
    found = None
    if by.subject and by.subject == subject:
        found = view_own_improvement(by=by, node=node, at=at, written=written, with_time=with_time)
    if found is None:
        raise detail.UnknownStanding(f"There is no public credit evaluation of '{subject}' for you to see.")
    return found


def as_plain_data(seen: SubjectDetail, *, language: str) -> dict[str, Any]:
    """Return a detail as plain dictionaries, lists and strings, in one language: for JSON."""
    return {one.name: _plain(getattr(seen, one.name), language) for one in fields(seen)}


def improvement_as_plain_data(seen: WhatIf, *, language: str) -> dict[str, Any]:
    """Return what would improve a result as plain dictionaries, lists and strings, in one language: for JSON."""
    found, course = seen.improvement, seen.course
    return {
        "system": seen.run.system,
        "run": str(seen.run.uuid),
        "as_of": seen.run.as_of.isoformat(),
        "subject": seen.subject,
        "grade": found.grade,
        "score": found.score,
        "target": found.target,
        "why": found.why,
        "reason": _plain(found.reason, language),
        "in_the_way": _plain(found.in_the_way, language),
        "settled": found.settled,
        "looks": found.looks,
        "proposals": _plain(found.proposals, language),
        "time": None if course is None else _plain(course, language),
        "tried": None
        if seen.tried is None
        else {
            "outcome": seen.tried.outcome,
            "grade": seen.tried.grade,
            "score": seen.tried.score,
            "points": _plain(seen.tried.points, language),
            "exclusions": list(seen.tried.exclusions),
            "triggers": list(seen.tried.triggers),
            "caps": list(seen.tried.caps),
        },
    }


def _plain(value: Any, language: str) -> Any:
    if isinstance(value, Text):
        return value.in_language(language)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name), language) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(one, language) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, language) for one in value]
    return value
