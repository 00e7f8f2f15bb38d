"""Devices with their grades, and what those of one user or maintenance unit come to."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from creditmesh.apps.evaluation.grading.queries import distribution, runs, standings, units
from creditmesh.apps.evaluation.grading.queries.units import TotalRow
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.scoring.definition.units import DEVICE
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.charts import tone_of
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.regulator import pictures
from creditmesh.web.portals.regulator.choosing import (
    Choice,
    SystemName,
    definition,
    grade_labels,
    risk_systems,
)

SIZE = 50


@dataclass(frozen=True, kw_only=True)
class TotalLine:
    """What the devices of one enterprise come to; `tone` colours its worst grade."""

    row: TotalRow
    name: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class TieTable:
    """Enterprises of one tie, as users or maintenance units, worst first."""

    tie: str
    label: str
    rows: tuple[TotalLine, ...]


def device_systems() -> tuple[SystemName, ...]:
    """Return the systems that score devices, not enterprises."""
    return tuple(one for one in risk_systems() if one.of_units)


def is_device(key: str) -> bool:
    """Return whether the key of a subject is that of a device."""
    return key.startswith(DEVICE)


@requires(Permission.SEE_RISK_CLASSES)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the devices of one system by grade, and the enterprises they belong to."""
    choice, viewer = _chosen(request.GET.get("system", "")), actor_of(request)
    context: dict[str, object] = {"choice": choice, "grade_labels": grade_labels(choice.system)}
    if choice.latest is not None:
        run, language = choice.latest.uuid, get_language() or "zh"
        grade, text = request.GET.get("grade", "")[:16], request.GET.get("q", "").strip()[:80]
        context |= {
            "found": standings.listing(
                viewer=viewer,
                run=run,
                filters=standings.Filters(grade=grade, text=text),
                after=request.GET.get("after"),
                size=SIZE,
                language=language,
            ),
            "grade_asked": grade,
            "text": text,
            "by_grade": pictures.by_grade(distribution.distribution(viewer=viewer, run=run), key="devices"),
            "ties": _ties(request, choice),
        }
    return show(request, "regulator/devices.html", context)


def _chosen(asked: str) -> Choice:
    known = device_systems()
    names = [one.id for one in known]
    with_results = (name for name in names if runs.latest_run(system=name) is not None)
    system = asked if asked in names else next(with_results, names[0] if names else "")
    return Choice(systems=known, system=system, latest=runs.latest_run(system=system) if system else None)


def _ties(request: HttpRequest, choice: Choice) -> tuple[TieTable, ...]:
    unit = definition(choice.system).unit
    if unit is None or choice.latest is None:
        return ()
    language = get_language() or "zh-hans"
    tables = []
    for tie, about in unit.belongs_to.items():
        rows = units.totals(
            viewer=actor_of(request), system=choice.system, run=choice.latest.uuid, tie=tie, limit=SIZE
        )
        names = {
            key: one.name for key, one in parties.subjects(keys=[one.enterprise for one in rows]).items()
        }
        tables.append(
            TieTable(
                tie=tie,
                label=about.label.in_language(language),
                rows=tuple(
                    TotalLine(
                        row=one,
                        name=names.get(one.enterprise, "") or one.enterprise,
                        tone=tone_of(one.worst_grade),
                    )
                    for one in rows
                ),
            )
        )
    return tuple(tables)
