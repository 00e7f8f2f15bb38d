"""The announcement of a task, read back from what was published."""

import json
from datetime import UTC, date, datetime

from creditmesh.apps.evaluation.supervision.models import Task
from creditmesh.apps.evaluation.supervision.queries.packed import FrozenChanged, UnknownDraw
from creditmesh.drawing.publication import Announcement
from creditmesh.drawing.selecting import Terms
from creditmesh.drawing.sizes import Ratios
from creditmesh.drawing.visits.officers import Need, Staffing


def announcement_of(task: Task) -> Announcement:
    """Return what was announced; raise `UnknownDraw`, and `FrozenChanged` when it is not what was hashed."""
    if not task.announcement:
        raise UnknownDraw("Nothing has been announced for this task yet.")
    told = json.loads(task.announcement)
    found = Announcement(
        task=told["task"],
        title=told["title"],
        authority=told["authority"],
        items=tuple(told["items"]),
        committed_at=_moment(told["committed_at"]),
        secret_sha256=told["secret_sha256"],
        public_source=told["public_source"],
        public_after=_moment(told["public_after"]),
        objects_sha256=told["objects_sha256"],
        inspectors_sha256=told["inspectors_sha256"],
        sealed=told["sealed"],
        terms=Terms(
            ratios=Ratios(by_grade=dict(told["grades"]), key=told["key_ratio"]),
            budget=told["budget"],
            control=told["control"],
            reserve=told["reserve"],
        ),
        staffing=Staffing(
            needs=tuple(
                Need(unit, size, tuple(asked), experts) for unit, size, asked, experts in told["needs"]
            ),
            valid_on=date.fromisoformat(told["valid_on"]),
            least=told["least"],
            load=told["load"],
            widths=tuple(told["widths"]),
        ),
    )
    if found.sha256 != task.announcement_sha256:
        raise FrozenChanged("The announcement was changed in the database; tell the auditor.")
    return found


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
