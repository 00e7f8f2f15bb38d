"""What would bring one enterprise the next class, what time alone does, and inputs to try by hand; nothing is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from creditmesh.apps.evaluation.grading.operations import viewing
from creditmesh.apps.evaluation.grading.queries.improvement import WhatIf
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.catalogue.model import Text
from creditmesh.scoring.definition.indicators import Cap, Exclusion, Trigger
from creditmesh.scoring.improving import trying, wording
from creditmesh.scoring.improving.proposals import Change, Proposal
from creditmesh.scoring.improving.trying import Asked, InputNotUnderstood
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.charts import Chart, Kind, Series
from creditmesh.web.portals.frame.rendering import show, wants_part
from creditmesh.web.portals.regulator.choosing import chosen

PREFIX = "in-"
MOST_WRITTEN = 300


@dataclass(frozen=True, kw_only=True)
class ChangeLine:
    """A change of a proposal, its values in words."""

    change: Change
    before: Text
    after: Text
    lifts: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True)
class Way:
    """A proposal: its lines, the class it leads to, and what a form must hold to try it."""

    proposal: Proposal
    lines: tuple[ChangeLine, ...]
    grade: str
    written: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class FormField:
    """An input of the form with what stands in it now."""

    asked: Asked
    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class GroupLine:
    """The points of one group as they are and as tried."""

    label: Text
    now: int | None
    then: int | None


@requires(Permission.SEE_RISK_CLASSES)
@require_http_methods(["GET", "POST"])
def improve(request: HttpRequest, subject: str) -> HttpResponse:
    """Show what would improve a risk class; the look is written to the ledger."""
    choice = chosen(request.GET.get("system", ""))
    written = written_in(request.POST)

    def look(what: Mapping[str, str] | None) -> WhatIf:
        return viewing.view_improvement(
            viewer=actor_of(request),
            subject=subject,
            node=this_node(),
            at=timezone.now(),
            system=choice.system,
            run=choice.latest.uuid if choice.latest else None,
            written=what,
            with_time=not wants_part(request),
        )

    wrong = ""
    try:
        seen = look(written)
    except InputNotUnderstood as refusal:
        wrong, seen = refusals.sentence(refusal), look(None)
    return show(
        request,
        "improving/regulator.html",
        {**context(seen, written), "wrong": wrong, "choice": choice},
        part="tried",
    )


def written_in(form: QueryDict) -> dict[str, str] | None:
    """Return what was written for which input; None where no form was handed in."""
    if not form:
        return None
    named = [one for one in form if one.startswith(PREFIX)][:MOST_WRITTEN]
    return {one.removeprefix(PREFIX): str(form[one])[: trying.LONGEST] for one in named}


def context(seen: WhatIf, written: Mapping[str, str] | None) -> dict[str, Any]:
    """Return what the pages show of one look."""
    fields = tuple(
        FormField(asked=one, name=f"{PREFIX}{one.name}", value=(written or {}).get(one.name, one.written))
        for one in seen.asked
    )
    found = seen.improvement
    return {
        "seen": seen,
        "found": found,
        "name": seen.name,
        "told": seen.system.definition,
        "grade": grade_words(seen, found.grade),
        "target": grade_words(seen, found.target),
        "ways": tuple(_way(seen, one) for one in found.proposals),
        "more": max(0, len(found.proposals) - 1),
        "course": seen.course,
        "steps": ()
        if seen.course is None
        else [(one, grade_words(seen, one.grade)) for one in seen.course.steps],
        "better": None
        if seen.course is None or seen.course.better is None
        else (seen.course.better, grade_words(seen, seen.course.better.grade)),
        "picture": _picture(seen),
        "first": [one for one in fields if one.asked.changeable],
        "rest": [one for one in fields if not one.asked.changeable],
        "tried": seen.tried,
        "tried_grade": None if seen.tried is None else grade_words(seen, seen.tried.grade),
        "decided": () if seen.tried is None else _decided(seen),
        "groups": _groups(seen),
    }


def grade_words(seen: WhatIf, symbol: str | None) -> str:
    """Return a grade with its words; that there is none without one."""
    if symbol is None:
        return _("no grade")
    label = next(one.label for one in seen.system.definition.grades if one.symbol == symbol)
    said = label.in_language(get_language() or "zh-hans")
    return said if said.startswith(symbol) else f"{symbol} {said}"


def _way(seen: WhatIf, one: Proposal) -> Way:
    held: list[Trigger | Cap] = [*seen.system.definition.triggers, *seen.system.definition.caps]
    rules = {rule.id: rule.label for rule in held}
    known = seen.system.definition.features
    return Way(
        proposal=one,
        lines=tuple(
            ChangeLine(
                change=change,
                before=wording.value(seen.system, change.input, change.before),
                after=wording.value(seen.system, change.input, change.after),
                lifts=tuple(rules[id_] for id_ in change.lifts),
            )
            for change in one.changes
        ),
        grade=grade_words(seen, one.grade),
        written=tuple(
            (f"{PREFIX}{name}", trying.as_written(seen.system, name, value))
            for name, value in one.inputs.items()
            if name in known
        ),
    )


def _decided(seen: WhatIf) -> list[Text]:
    assert seen.tried is not None  # noqa: S101 - asked for what was tried only
    definition = seen.system.definition
    rules: list[Exclusion | Trigger | Cap] = [
        *definition.exclusions,
        *definition.triggers,
        *definition.caps,
    ]
    holding = {*seen.tried.exclusions, *seen.tried.triggers, *seen.tried.caps}
    return [one.label for one in rules if one.id in holding]


def _groups(seen: WhatIf) -> list[GroupLine]:
    if seen.tried is None:
        return []
    return [
        GroupLine(label=one.label, now=seen.now.points[one.id], then=seen.tried.points[one.id])
        for one in seen.system.definition.groups
    ]


def _picture(seen: WhatIf) -> Chart | None:
    """Return the score over time, when nothing new happens."""
    if seen.course is None or not seen.course.steps:
        return None
    points = [(seen.run.as_of, seen.now.score, seen.now.grade)]
    points += [(one.day, one.score, one.grade) for one in seen.course.steps]
    return Chart(
        key="course",
        title=_("The score by time alone"),
        note=_("if nothing new happens"),
        category_label=_("From"),
        kind=Kind.LINE,
        step=True,
        categories=tuple(f"{day.isoformat()} {grade or ''}".strip() for day, _score, grade in points),
        series=(
            Series(
                name=_("Score"),
                values=tuple(None if score is None else score / 1000 for _day, score, _grade in points),
                tone="1",
            ),
        ),
    )
