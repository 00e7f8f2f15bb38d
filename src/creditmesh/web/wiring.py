"""Which news wakes which work: the one place where an event meets its tasks."""

from typing import Any

from django_tasks.base import Task

from creditmesh.apps.evaluation.grading import jobs as grading
from creditmesh.apps.evaluation.supervision import jobs as supervision
from creditmesh.apps.evaluation.trials import jobs as trials
from creditmesh.apps.ground.nodes import jobs as nodes
from creditmesh.apps.ground.records import jobs as records
from creditmesh.apps.members.enterprises import jobs as enterprises
from creditmesh.apps.members.institutions import jobs as institutions
from creditmesh.apps.sharing.authorisations import jobs as authorisations
from creditmesh.apps.sharing.credit_reports import jobs as credit_reports
from creditmesh.apps.sharing.disclosure import jobs as disclosure
from creditmesh.apps.sharing.oversight import jobs as oversight
from creditmesh.apps.sharing.rights import jobs as rights
from creditmesh.web.portals.reports import jobs as papers

EVENTS: dict[str, list[Task[..., Any]]] = {
    "batch.received": [records.advance_batch],
    "batch.landed": [records.tidy_index, rights.finish_correction, grading.follow_changes],
    "batch.refused": [rights.note_refused_correction],
    "record.marked": [records.write_marks, credit_reports.outdate_reports],
    "marks.written": [rights.evaluate_again, grading.follow_changes],
    "objection.received": [],
    "objection.forwarded": [],
    "objection.answered": [],
    "objection.decided": [rights.finish_objection],
    "objection.overdue": [],
    "repair.received": [],
    "repair.decided": [rights.finish_repair],
    "appeal.received": [],
    "enterprise.claimed": [enterprises.check_claim],
    "enterprise.activated": [],
    "authorisation.signed": [authorisations.tell_signed],
    "authorisation.declined": [authorisations.tell_declined],
    "authorisation.withdrawn": [authorisations.tell_withdrawn],
    "authorisation.exhausted": [authorisations.tell_exhausted],
    "notice.made": [institutions.send_notice],
    "inquiry-batch.received": [disclosure.answer_batch],
    "report.ordered": [papers.make_ordered],
    "tree_head.signed": [nodes.stamp_head],
    "system.proposed": [],
    "system.approved": [],
    "trial.requested": [trials.execute_trial],
    "trial.done": [],
    "run.requested": [grading.execute_run],
    "draw.committed": [],
    "draw.conducted": [],
    "draw.changed": [],
    "recusal.asked": [],
    "inspection.recorded": [supervision.deliver_results],
    "inspection.disclosed": [supervision.deliver_results],
    "run.done": [trials.run_shadows, rights.evaluate_again, grading.keep_cadence, grading.follow_changes],
    "adjustment.changed": [grading.follow_changes],
}
"""Each event with the tasks that get its key. An event that nobody listens to stands here with no task."""

RESUMING: list[Task[..., Any]] = [
    records.resume_batches,
    records.write_marks,
    grading.resume_runs,
    trials.resume_trials,
    rights.evaluate_again,
    enterprises.resume_claims,
    disclosure.resume_batches,
]
"""Tasks that take up what a dead worker left behind; run when a worker starts and after each found dead."""

ROUNDS: list[Task[..., Any]] = [
    institutions.resume_notices,
    institutions.prune,
    nodes.forget_work,
    enterprises.forget_evidence,
    rights.forget_files,
    rights.watch_days,
    authorisations.tidy,
    oversight.judge_institutions,
    disclosure.resume_batches,
    enterprises.resume_claims,
    rights.evaluate_again,
    supervision.deliver_waiting,
    grading.keep_cadence,
    grading.follow_changes,
]
"""Tasks that look for what the passing of time brought about; run when a worker starts and every hour. Some resume
as well: a task that failed, such as for a database away for a minute, left its work behind and no dead worker."""
