"""Index systems as readable pages: groups, indicators, bands, triggers, with the status of every number."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditmesh.apps.evaluation.trials.queries import trials
from creditmesh.apps.evaluation.trials.queries.trials import TrialRow
from creditmesh.apps.evaluation.trials.rules.trial import Kind
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.catalogue.model import Status, Text
from creditmesh.scoring import loading
from creditmesh.scoring.definition.indicators import GradeBand, Group, Indicator
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Sourced
from creditmesh.scoring.definition.system import Definition
from creditmesh.scoring.learning.watching import cards, notes, written
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.regulator.choosing import grade_labels, shipped, stated


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of how an indicator scores: what holds, how many points, how sure we are."""

    when: str
    points: int | None
    status: Status


@dataclass(frozen=True, kw_only=True)
class IndicatorLine:
    """An indicator as the page shows it."""

    indicator: Indicator
    status: Status
    source: str
    steps: tuple[Step, ...]
    missing: str


@dataclass(frozen=True, kw_only=True)
class SubGroupBlock:
    """Indicators under one heading; a blank heading where the group has no sub-groups."""

    label: Text | None
    weight: int | None
    status: Status | None
    lines: tuple[IndicatorLine, ...]


@dataclass(frozen=True, kw_only=True)
class GroupBlock:
    """A group of the system with what stands in it."""

    group: Group
    status: Status
    blocks: tuple[SubGroupBlock, ...]


@dataclass(frozen=True, kw_only=True)
class Range:
    """A grade and the part of the scale it covers."""

    band: GradeBand
    status: Status
    above: int
    to: int


MOST_BACKTESTS = 3


@requires(Permission.SEE_SYSTEMS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show which index systems there are."""
    return show(request, "regulator/systems.html", {"systems": [one.definition for one in stated().values()]})


@requires(Permission.SEE_SYSTEMS)
@require_GET
def system(request: HttpRequest, name: str) -> HttpResponse:
    """Show one system in full."""
    read = _system(name)
    found = read.definition
    context = {
        "system": found,
        "card": _card(read),
        "backtests": _backtests(name, actor_of(request)),
        "grade_labels": grade_labels(name),
        "groups": [_group_block(found, one) for one in found.groups],
        "ranges": tuple(ranges(found)),
        "triggers": [(one, one.status or found.status) for one in found.triggers],
        "caps": [(one, one.status or found.status) for one in found.caps],
        "exclusions": [(one, one.status or found.status) for one in found.exclusions],
        "features": list(found.features.items()),
    }
    return show(request, "regulator/system.html", context)


@requires(Permission.SEE_SYSTEMS)
@require_GET
def card_file(request: HttpRequest, name: str) -> HttpResponse:
    """Hand out the model card of a system as a text in both languages, as `creditmesh system card` prints it."""
    answer = HttpResponse(cards.told(_card(_system(name))), content_type="text/markdown; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.card.md"'
    return answer


def _system(name: str) -> System:
    found = stated().get(name)
    if found is None:
        raise Http404(_("There is no index system %(name)s.") % {"name": name})
    return found


def _card(read: System) -> dict[str, Any]:
    """Return the card of a system; what was noted beside a shipped file is said of that version alone."""
    file = loading.shipped().get(read.id)
    same = file is not None and shipped(read.id).version == read.version
    return written.card(read, notes.beside(file) if file is not None and same else None)


def _backtests(name: str, viewer: Actor) -> list[tuple[TrialRow, str]]:
    """Return the newest back-tests of a system on this node with their AUC, for those who may see trials."""
    if not viewer.may(Permission.SEE_TRIALS):
        return []
    done = [one for one in trials.latest(system=name, kind=Kind.BACKTEST) if one.is_done]
    return [(one, _auc(trials.trial(one.uuid, viewer=viewer))) for one in done[:MOST_BACKTESTS]]


def _auc(found: TrialRow) -> str:
    measured = found.result["foresight"]["after"]["auc_bp"]
    return "–" if measured is None else f"{measured / 10_000:.3f}"


def ranges(found: Definition) -> Iterator[Range]:
    """Yield each grade with the part of the scale it covers, lowest points first."""
    bands = found.grades if found.direction == "higher_is_worse" else tuple(reversed(found.grades))
    start = 0
    for place, band in enumerate(bands):
        following = bands[place + 1] if place + 1 < len(bands) else None
        if band.up_to is not None:
            end = band.up_to
        elif following is not None and following.at_least is not None:
            end = following.at_least
        else:
            end = found.scale
        yield Range(band=band, status=band.status or found.status, above=start, to=end)
        start = end


def _group_block(found: Definition, group: Group) -> GroupBlock:
    status = group.status or found.status
    blocks: tuple[SubGroupBlock, ...]
    if group.indicators:
        blocks = (
            SubGroupBlock(label=None, weight=None, status=None, lines=_lines(group.indicators, group, found)),
        )
    else:
        blocks = tuple(
            SubGroupBlock(
                label=sub.label,
                weight=sub.weight,
                status=sub.status or status,
                lines=_lines(sub.indicators, sub, group, found),
            )
            for sub in group.sub_groups
        )
    return GroupBlock(group=group, status=status, blocks=blocks)


def _lines(indicators: tuple[Indicator, ...], *parents: Sourced) -> tuple[IndicatorLine, ...]:
    return tuple(
        IndicatorLine(
            indicator=one,
            status=_first(one.status, *(parent.status for parent in parents)),
            source=next((text for text in (one.source, *(parent.source for parent in parents)) if text), ""),
            steps=tuple(_steps(one, _first(one.status, *(parent.status for parent in parents)))),
            missing=_missing(one),
        )
        for one in indicators
    )


def _first(*statuses: Status | None) -> Status:
    return next(one for one in statuses if one is not None)


def _missing(one: Indicator) -> str:
    words = {
        "skip": _("left out; the other indicators count for more"),
        "worst": _("counts as the worst"),
        "refuse": _("no grade without it"),
    }
    policy = one.missing
    return words.get(policy.act) or _("%(points)d points") % {"points": policy.score or 0}


def _steps(one: Indicator, status: Status) -> Iterator[Step]:  # noqa: C901 - one branch per way of scoring
    for band in one.bands or ():
        when = _("up to %(limit)s") % {"limit": band.up_to} if band.up_to is not None else _("more")
        yield Step(when=when, points=band.points, status=band.status or status)
    if one.lookup is not None:
        for value, points in one.lookup.points.items():
            yield Step(when=value, points=points, status=one.lookup.status or status)
        if one.lookup.otherwise is not None:
            yield Step(
                when=_("anything else"), points=one.lookup.otherwise, status=one.lookup.status or status
            )
    if one.boolean is not None:
        yield Step(when=_("yes"), points=one.boolean.yes, status=one.boolean.status or status)
        yield Step(when=_("no"), points=one.boolean.no, status=one.boolean.status or status)
    for knot in one.linear or ():
        yield Step(
            when=_("at %(value)s, in between by a straight line") % {"value": knot.at},
            points=knot.points,
            status=knot.status or status,
        )
    if one.per_event is not None:
        words = _("for every %(per)s, at most %(cap)s points") % {
            "per": one.per_event.per,
            "cap": one.per_event.cap,
        }
        yield Step(when=words, points=one.per_event.points, status=one.per_event.status or status)
    if one.formula is not None:
        yield Step(when=one.formula, points=None, status=status)
