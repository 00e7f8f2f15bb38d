"""Batches: the list, the receipt of one with its progress, the file of refused rows."""

from dataclasses import dataclass
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.ground.records.operations import handing_back
from creditmesh.apps.ground.records.queries import batches
from creditmesh.apps.ground.records.rules import Stage, State
from creditmesh.catalogue.model import Item, Source
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.collection import receipt
from creditmesh.web.portals.frame import paging
from creditmesh.web.portals.frame.rendering import show

STEPS = (Stage.WAITING, Stage.READING, Stage.CHECKED, Stage.LAKE, Stage.INDEX, Stage.SUBJECTS, Stage.FINISHED)


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """One step a batch goes through: behind it, at it, or ahead."""

    stage: Stage
    place: str


@requires(Permission.SEE_BATCHES)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the batches this person may see, newest first, narrowed by filters."""
    viewer = actor_of(request)
    query = request.GET
    narrowed = batches.Filter(
        item=query.get("item", "")[:60],
        source=query.get("source", "")[:60],
        state=query.get("state", "")[:12],
        text=query.get("q", "").strip()[:100],
    )
    number = query.get("page", "1")
    found = batches.batches(
        viewer=viewer,
        filter_by=narrowed,
        page=int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 1,
        size=paging.SIZE,
    )
    catalogue = this_node().catalogue
    context = {
        "batches": found.batches,
        "pages": paging.Pages(number=found.page, total=found.total),
        "filters": narrowed,
        "is_narrowed": narrowed != batches.Filter(),
        "items": catalogue.items.values(),
        "sources": [one for one in catalogue.sources.values() if viewer.may_see_batches_of(one.code)],
        "states": tuple(State),
        "labels": {code: one.label for code, one in catalogue.items.items()},
        "may_deliver": viewer.may(Permission.DELIVER),
        "busy": any(not one.finished for one in found.batches),
    }
    return show(request, "collection/batches.html", context, part="results")


@requires(Permission.SEE_BATCHES)
@require_GET
def batch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a batch: how far it is, and its receipt when it is checked."""
    viewer = actor_of(request)
    found = batches.batch(uuid=uuid, viewer=viewer)
    catalogue = this_node().catalogue
    item: Item | None = catalogue.items.get(found.line.item)
    source: Source | None = catalogue.sources.get(found.line.source)
    context = {
        "batch": found,
        "line": found.line,
        "item": item,
        "source": source,
        "steps": steps(found.line.stage),
        "counts": receipt.counts(found.line),
        "picture": receipt.picture(found.line),
        "reasons": receipt.reasons(found.reasons, item=item),
        "may_deliver": viewer.may_deliver(found.line.source),
        "may_decide": viewer.may(Permission.DECIDE_REVIEWS),
    }
    return show(request, "collection/batch.html", context, part="receipt")


@requires(Permission.SEE_BATCHES)
@require_GET
def refused(request: HttpRequest, uuid: UUID) -> FileResponse:
    """Hand out the refused rows of a batch, each with its reason, to mend and send again."""
    taken = handing_back.hand_back(batch=uuid, by=actor_of(request), node=this_node(), at=timezone.now())
    return FileResponse(
        taken.file.open("rb"), as_attachment=True, filename=taken.name, content_type="text/csv; charset=utf-8"
    )


def steps(now: Stage) -> tuple[StepLine, ...]:
    """Return the steps of a batch, each behind, at, or ahead of where it stands."""
    here = STEPS.index(now)
    return tuple(
        StepLine(
            stage=one,
            place="done" if place < here or now is Stage.FINISHED else "now" if place == here else "ahead",
        )
        for place, one in enumerate(STEPS)
    )
