"""Tasks: what is drawn from, on which terms, and where each stands."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from creditmesh.apps.evaluation.grading.queries import distribution, runs
from creditmesh.apps.evaluation.supervision.operations import planning
from creditmesh.apps.evaluation.supervision.queries import candidates, lists, planned, published, visits
from creditmesh.apps.evaluation.supervision.queries.candidates import PoolSize
from creditmesh.apps.evaluation.supervision.queries.planned import PlanLine, TaskDetail
from creditmesh.apps.evaluation.supervision.rules.codes import PlanState, TaskState, VisitState
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.charts import Chart, Kind, Series, tone_of
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.regulator.choosing import risk_systems
from creditmesh.web.portals.supervision.stepping import (
    choices,
    day_field,
    filled,
    item_names,
    told,
    unit_names,
)

GRADES = ("A", "B", "C", "D", "E")
STEPS = (TaskState.DRAFT, TaskState.COMMITTED, TaskState.DRAWN, TaskState.ASSIGNED, TaskState.DONE)
LIST = "list:"
SECTIONS = "ABCDEFGHIJKLMNOPQRST"


def _percent(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_value=100, decimal_places=2, max_digits=5
    )


class TaskForm(forms.Form):
    """What is drawn from, when, and where the task differs from the rule packs."""

    batch = forms.ChoiceField(label=gettext_lazy("Batch"))
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    source = forms.ChoiceField(label=gettext_lazy("Drawn from"))
    region = forms.RegexField(
        r"^[0-9]*$",
        label=gettext_lazy("Region code"),
        max_length=12,
        required=False,
        help_text=gettext_lazy("The first digits are enough; empty: everywhere."),
    )
    section = forms.ChoiceField(label=gettext_lazy("Industry"), required=False)
    first = day_field(
        gettext_lazy("First day of the visits"),
        required=False,
        help_text=gettext_lazy("Empty: as the batch."),
    )
    last = day_field(gettext_lazy("Last day of the visits"), required=False)
    budget = forms.IntegerField(
        label=gettext_lazy("Total to be drawn"),
        required=False,
        min_value=0,
        max_value=10_000_000,
        help_text=gettext_lazy("Empty: as the ratios say."),
    )
    control = forms.IntegerField(
        label=gettext_lazy("Of these, at random from each class"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text=gettext_lazy(
            "So many of what each class gets are drawn from the whole class alike, key units or not; what is "
            "found there measures the class. Empty: as the rule packs say."
        ),
    )
    key_ratio = _percent(gettext_lazy("Ratio of key units in %"))
    officers = forms.IntegerField(
        label=gettext_lazy("Officers of the leading department"), required=False, min_value=2, max_value=10
    )
    experts = forms.IntegerField(label=gettext_lazy("Experts"), required=False, min_value=0, max_value=10)

    def __init__(self, data: object = None, *, plan: PlanLine, by: Actor, initial: object = None) -> None:
        super().__init__(data, initial=initial)  # type: ignore[arg-type]
        for one in GRADES:
            self.fields[f"ratio_{one}"] = _percent(_("Ratio of class %(grade)s in %%") % {"grade": one})
        self.fields["batch"].choices = [(one.number, f"{one.number} {one.title}") for one in plan.batches]  # type: ignore[attr-defined]
        self.fields["source"].choices = sources(by)  # type: ignore[attr-defined]
        language = get_language() or "zh-hans"
        names = [(one, f"{one} {distribution.section_label(one, language=language)}") for one in SECTIONS]
        self.fields["section"].choices = [("", _("All industries")), *names]  # type: ignore[attr-defined]

    @property
    def plain(self) -> list[Any]:
        """Return the fields every task needs."""
        return [self[one] for one in ("batch", "title", "source", "region", "section", "first", "last")]

    @property
    def terms(self) -> list[Any]:
        """Return the fields of what may differ from the rule packs."""
        return [self[one] for one in self.fields if one not in {field.name for field in self.plain}]

    def new_task(self) -> planning.NewTask:
        """Return the task the form asks for."""
        given = self.cleaned_data
        source = given["source"]
        terms = {name: given[name] for name in ("budget", "control", "officers", "experts")}
        terms |= {"key_ratio": _basis_points(given["key_ratio"])}
        ratios = {one: _basis_points(given[f"ratio_{one}"]) for one in GRADES}
        stated = {one: ratio for one, ratio in ratios.items() if ratio is not None}
        return planning.NewTask(
            batch=int(given["batch"]),
            title=given["title"],
            system="" if source.startswith(LIST) else source,
            list=UUID(source.removeprefix(LIST)) if source.startswith(LIST) else None,
            region=given["region"],
            section=given["section"],
            first=given["first"],
            last=given["last"],
            terms={
                **{name: value for name, value in terms.items() if value is not None},
                **({"ratios": stated} if stated else {}),
            },
        )


@dataclass(frozen=True, kw_only=True)
class Pool:
    """What a task would draw from as its form stands."""

    name: str
    region: str
    size: PoolSize


def sources(by: Actor) -> list[tuple[str, str]]:
    """Return what can be drawn from: systems with a finished run of risk classes, and the department's lists."""
    known = [
        (one.id, _("Risk classes: %(system)s") % {"system": one.title})
        for one in risk_systems()
        if runs.latest_run(system=one.id) is not None
    ]
    mine = [one for one in lists.object_lists(viewer=by) if one.unit == by.organisation]
    return known + [(f"{LIST}{one.uuid}", _("List: %(name)s") % {"name": one.name}) for one in mine]


@requires(Permission.SUPERVISION_PLAN)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Draft a task of an approved plan."""
    by = actor_of(request)
    plan = planned.plan(uuid, viewer=by)
    form = TaskForm(filled(request), plan=plan, by=by, initial={"batch": request.GET.get("batch", "")})
    counts = request.method == "GET" or "count" in request.POST
    pool = _pool(form, by=by) if counts else None
    if "count" in request.POST and pool is not None:
        form = TaskForm(None, plan=plan, by=by, initial=request.POST.dict())  # nothing else was asked yet
    elif request.method == "POST" and form.is_valid():
        try:
            made = planning.draft_task(
                plan=uuid, new=form.new_task(), by=by, node=this_node(), at=timezone.now()
            )
        except CreditmeshError as wrong:
            form.add_error(None, told(wrong))
        else:
            messages.success(request, _("The task is drafted. Nothing is frozen yet."))
            return redirect("supervision-task", made)
    context = {
        "plan": plan,
        "form": form,
        "pool": pool,
        "has_sources": bool(form.fields["source"].choices),  # type: ignore[attr-defined]
        "approved": plan.state == PlanState.APPROVED,
        "here": "tasks",
    }
    return show(request, "supervision/task_new.html", context, status=422 if form.errors else 200)


def _pool(form: TaskForm, *, by: Actor) -> Pool | None:
    """Return what the task would draw from as the form stands; None where it does not say so yet."""
    known = form.fields["source"].choices  # type: ignore[attr-defined]
    if not known:
        return None
    given = {"source": known[0][0], "region": "", "section": ""}
    if form.is_bound:
        form.is_valid()
        given = {name: form.cleaned_data.get(name) for name in given}
    source, region, section = given.values()
    if source is None or region is None or section is None:
        return None
    chosen = {"list_": UUID(source.removeprefix(LIST))} if source.startswith(LIST) else {"system": source}
    size = candidates.pool_size(viewer=by, region=region, section=section, **chosen)
    return Pool(name=dict(known)[source], region=region, size=size)


@requires(Permission.SEE_SUPERVISION)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the tasks, newest first."""
    by = actor_of(request)
    state = {one.value: one for one in TaskState}.get(request.GET.get("state", ""))
    found = planned.tasks(viewer=by, state=state)
    plans = [one for one in planned.plans(viewer=by) if one.state == PlanState.APPROVED]
    context = {
        "rows": found,
        "names": unit_names(*(one.unit for one in found)),
        "states": choices("task_state", blank=_("Any")),
        "state": state.value if state else "",
        "plans": [one for one in plans if one.unit == by.organisation],
        "may_plan": by.may(Permission.SUPERVISION_PLAN),
        "here": "tasks",
    }
    return show(request, "supervision/tasks.html", context)


@requires(Permission.SEE_SUPERVISION)
@require_GET
def task(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one task: its terms, its commitment, its draw, its visits."""
    by = actor_of(request)
    found = planned.task(uuid, viewer=by)
    state = {one.value: one for one in VisitState}.get(request.GET.get("visits", ""))
    after = request.GET.get("after", "")
    page = visits.of_task(
        task=uuid,
        viewer=by,
        state=state,
        after=int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0,
    )
    own = found.line.unit == by.organisation
    context = {
        "task": found,
        "names": unit_names(found.line.unit, *found.line.joint_units),
        "item_names": item_names(unit=found.line.unit),
        "page_of": page,
        "states": choices("visit_state", blank=_("Any")),
        "state": state.value if state else "",
        "drawn": drawn_chart(published.draw_file(found.line.number)["counts"]) if found.is_drawn else None,
        "steps": steps_line(found),
        "may_draw": own and by.may(Permission.SUPERVISION_DRAW),
        "may_disclose": own and by.may(Permission.SUPERVISION_DISCLOSE),
        "may_audit": by.may(Permission.SUPERVISION_AUDIT),
        "here": "tasks",
    }
    return show(request, "supervision/task.html", context)


def steps_line(found: TaskDetail) -> list[tuple[str, str]]:
    """Return the steps of a task, each with how it stands: done, now, or empty."""
    at = next((place for place, one in enumerate(STEPS) if one.value == found.line.state), -1)
    over = found.line.state == TaskState.DONE
    return [
        (one.value, "done" if place < at or over else "now" if place == at else "")
        for place, one in enumerate(STEPS)
    ]


def drawn_chart(counts: list[list[Any]]) -> Chart:
    """Return how many of each class were drawn, from a draw file: grade, key, population, drawn, of them control."""
    grades = list(dict.fromkeys(one[0] for one in counts))
    sums = {
        grade: [sum(one[place] for one in counts if one[0] == grade) for place in (2, 3, 4)]
        for grade in grades
    }
    return Chart(
        key="drawn",
        title=_("Drawn of each class"),
        note=_("drawn by ratio, drawn by the fixed random quota, not drawn"),
        category_label=_("Class"),
        kind=Kind.STACKED,
        across=True,
        with_shares=True,
        categories=tuple(grades),
        series=(
            Series(name=_("By ratio"), values=tuple(sums[one][1] - sums[one][2] for one in grades), tone="1"),
            Series(name=_("Random quota"), values=tuple(sums[one][2] for one in grades), tone="3"),
            Series(
                name=_("Not drawn"),
                values=tuple(sums[one][0] - sums[one][1] for one in grades),
                tone=tone_of(""),
            ),
        ),
    )


def _basis_points(percent: Any) -> int | None:
    return None if percent is None else round(percent * 100)
