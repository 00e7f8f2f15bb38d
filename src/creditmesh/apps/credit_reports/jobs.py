"""What the worker does for credit reports: one call each."""

from datetime import UTC, datetime

from django_tasks import task

from creditmesh.apps.credit_reports.operations import ending
from creditmesh.apps.records.queries import marks


@task()
def outdate_reports(seq: str) -> int:
    """After `record.marked`: tell every report that shows the record as outdated; return how many."""
    record = marks.marked_at(int(seq))
    return ending.outdate(record, at=datetime.now(UTC)) if record else 0
