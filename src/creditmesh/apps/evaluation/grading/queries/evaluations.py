"""One enterprise's public credit evaluation as plain data. Leaves the node through disclosure alone.

Nothing here can tell a risk class: only runs of the one purpose are looked at, in their own table.
"""

from typing import Any

from creditmesh.apps.evaluation.grading.models import EvaluationStanding, Run
from creditmesh.apps.evaluation.grading.queries import detail, overlay, runs, systems
from creditmesh.apps.evaluation.grading.rules import State
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.records.queries import marks
from creditmesh.catalogue.model import Text
from creditmesh.scoring import explain
from creditmesh.scoring.definition.parts import Purpose
from creditmesh.scoring.definition.system import Definition
from creditmesh.scoring.explain import Branch, Explanation, Reason

MOST_HISTORY = 12
MOST_REASONS = 5


def latest(*, subject: str, node: ThisNode) -> dict[str, Any] | None:
    """Return the evaluation of the latest run that says something about a subject, None without one.

    Text and whole numbers only, so that it can be signed: scores and points in thousandths of a point, weights
    in basis points, words in both languages. `reasons` and `decided` rest on records that a reader may not be
    authorised to see: `outline` is what others than the subject get. `outdated` says that a record was stopped
    after the run had frozen what it reads: the next run, asked for by the stop itself, will not use it.
    """
    found = (
        EvaluationStanding.objects.filter(
            subject=subject, run__purpose=Purpose.PUBLIC_CREDIT_EVALUATION.value, run__state=State.DONE.value
        )
        .select_related("run")
        .order_by("-run__as_of", "-run__finished_at", "-run_id")
        .first()
    )
    run = None if found is None else carried_on(found.run)
    row = None if run is None else overlay.result(run, subject, node=node)
    if run is None or row is None:
        return None
    read = systems.archived(run.file_id, home=node.home, catalogue=node.catalogue)
    return _plain(run, explain.explanation(read, row), read.definition, subject)


def carried_on(run: Run) -> Run:
    """Return the latest run of changes on the same base, which may say that a subject is gone; else the run itself."""
    latest = runs.counting(system=run.system)
    return latest if latest is not None and latest.base_id in {run.pk, run.base_id or run.pk} else run


def outline(evaluation: dict[str, Any]) -> dict[str, Any]:
    """Return an evaluation without what would tell single records: grade, score and the points of each group."""
    return {**evaluation, "reasons": [], "decided": []}


def _plain(run: Run, told: Explanation, definition: Definition, subject: str) -> dict[str, Any]:
    return {
        "system": told.system,
        "version": told.version,
        "label": _text(told.label),
        "owner": _text(definition.owner),
        "status": definition.status.value,
        "source": definition.source or "",
        "run": str(run.uuid),
        "as_of": told.as_of.isoformat(),
        "rule_pack": run.rule_pack,
        "name": told.name or "",
        "outdated": marks.stopped_after(subject, at=run.requested_at),
        "outcome": told.outcome,
        "grade": told.grade or "",
        "grade_label": None if told.grade_label is None else _text(told.grade_label),
        "score": told.score,
        "scale": told.scale,
        "coverage": told.coverage,
        "short_of": [_text(one) for one in told.short_of],
        "grades": [
            {
                "symbol": one.symbol,
                "label": _text(one.label),
                "at_least": one.at_least or 0,
                "status": (one.status or definition.status).value,
            }
            for one in definition.grades
        ],
        "groups": [_branch(one) for one in told.groups],
        "decided": [
            {
                "kind": one.kind,
                "label": _text(one.label),
                "grade": one.grade or "",
                "repair": None if one.repair is None else _text(one.repair),
            }
            for one in told.decided
        ],
        "reasons": [
            {
                "label": _text(one.label),
                "sentence": _text(one.sentence),
                "improve": None if one.improve is None else _text(one.improve),
            }
            for one in told.reasons
            if _costs(one, definition)
        ][:MOST_REASONS],
        "history": [
            {
                "as_of": one.as_of.isoformat(),
                "outcome": one.outcome.value,
                "grade": one.grade,
                "score": one.score,
            }
            for one in detail.history(run=run, subject=subject)[-MOST_HISTORY:]
        ],
    }


def _costs(reason: Reason, definition: Definition) -> bool:
    """Return whether a reason took points; where nothing is recorded, none were lost, however many there are to gain."""
    indicator = next(one for one in definition.indicators if one.id == reason.id)
    nothing_known = indicator.missing.score
    return nothing_known is None or reason.points < nothing_known * 1000


def _branch(one: Branch) -> dict[str, Any]:
    return {
        "id": one.id,
        "label": _text(one.label),
        "weight": one.weight,
        "points": one.points,
        "contribution": one.contribution,
        "status": one.origin.status.value,
        "parts": [_branch(part) for part in one.parts if part.kind == "sub_group"],
    }


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
