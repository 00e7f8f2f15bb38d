"""Which news wakes which work: the one place where an event meets its tasks."""

from typing import Any

from django_tasks.base import Task

from creditmesh.apps.authorisations import jobs as authorisations
from creditmesh.apps.enterprises import jobs as enterprises
from creditmesh.apps.grading import jobs as grading
from creditmesh.apps.records import jobs as records

EVENTS: dict[str, list[Task[..., Any]]] = {
    "batch.received": [records.advance_batch],
    "batch.landed": [records.tidy_index],
    "batch.refused": [],
    "record.marked": [records.write_marks],
    "marks.written": [],
    "enterprise.claimed": [enterprises.check_claim],
    "enterprise.activated": [],
    "authorisation.signed": [authorisations.tell_signed],
    "authorisation.declined": [authorisations.tell_declined],
    "authorisation.withdrawn": [authorisations.tell_withdrawn],
    "authorisation.exhausted": [authorisations.tell_exhausted],
    "run.requested": [grading.execute_run],
    "run.done": [],
}
"""Each event with the tasks that get its key. An event that nobody listens to stands here with no task."""

RESUMING: list[Task[..., Any]] = [
    records.resume_batches,
    records.write_marks,
    grading.resume_runs,
    enterprises.resume_claims,
    authorisations.tidy,
]
"""Tasks that take up what a dead worker left behind; run when a worker starts and after each found dead."""
