"""What the worker does for credit reports: one call each."""

from datetime import UTC, datetime

from django_tasks import task

from creditmesh.apps.ground.records.queries import marks
from creditmesh.apps.sharing.credit_reports.operations import ending


@task()
def outdate_reports(seq: str) -> int:
    """After `record.marked`: tell every report that shows the record as outdated; return how many."""
    record = marks.marked_at(int(seq))
    return ending.outdate(record, seq=int(seq), at=datetime.now(UTC)) if record else 0
