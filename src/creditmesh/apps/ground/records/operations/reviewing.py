"""Decide whom a row is about that names no usable code, or refuse it."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.models import Batch, ReviewCase
from creditmesh.apps.ground.records.operations import receiving
from creditmesh.apps.ground.records.queries import folders
from creditmesh.apps.ground.records.rules import BadDelivery, CaseState, WrongState, require_permission
from creditmesh.kernel.errors import CreditmeshError


class UnknownCase(CreditmeshError):
    """No row waits for a decision under that number."""

    code = "unknown-case"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was decided on a case: the subject it is tied to, or none to refuse it; and why."""

    case: int
    subject: str | None
    why: str


def decide_review(
    *, decision: Decision, by: Actor, node: ThisNode, at: datetime
) -> receiving.Received | None:
    """Tie a row to a subject, or refuse it for good.

    A tied row is received again as a small batch of its own, returned here, and takes the usual way from
    there. Raises `NotPermitted`, `UnknownCase`, `WrongState` when it was decided before, `BadDelivery`
    without a reason, and `parties.queries.UnknownSubject`.
    """
    require_permission(actor=by, permission=Permission.DECIDE_REVIEWS)
    if not decision.why.strip():
        raise BadDelivery("Say why: the reason is kept with the decision.")
    with transaction.atomic():
        case = _open_case(decision.case)
        received = None
        if decision.subject is not None:
            parties.subject(key=decision.subject)
            received = _follow_up(case, subject=decision.subject, by=by, node=node, at=at)
            case.follow_up = Batch.objects.get(uuid=received.uuid)
        case.state = CaseState.REFUSED if decision.subject is None else CaseState.TIED
        case.subject = decision.subject or ""
        case.decided_by, case.decided_at, case.why = by.label[:200], at, decision.why[:2000]
        case.save()
        act = "review.refuse" if decision.subject is None else "review.tie"
        thing = Thing("review", f"{case.batch.uuid} row {case.row}")
        audit.append(who=by.who(), act=act, thing=thing, why=decision.why[:2000], at=at)
    return received


def _open_case(number: int) -> ReviewCase:
    case = ReviewCase.objects.select_for_update(of=("self",)).select_related("batch").filter(id=number)
    found = case.order_by("id").first()
    if found is None:
        raise UnknownCase("There is no such row waiting for a decision.")
    if found.state != CaseState.OPEN:
        raise WrongState(f"This row was decided before: {found.state}, by {found.decided_by}.")
    return found


def _follow_up(
    case: ReviewCase, *, subject: str, by: Actor, node: ThisNode, at: datetime
) -> receiving.Received:
    row = Batch(
        uuid=uuid4(),
        item=case.item,
        source=case.source,
        list_version=case.batch.list_version,
        filename=f"review-{case.id}.parquet",
        idempotency_key=f"review-{case.id}",
        tied_subject=subject,
        delivered_by=by.label[:200],
        received_at=at,
    )
    content = _tied(case, subject=subject, node=node)
    return receiving.keep(row=row, item=node.catalogue.items[case.item], content=content, by=by, node=node)


def _tied(case: ReviewCase, *, subject: str, node: ThisNode) -> BytesIO:
    """Return the row, as it was checked, with its subject in place."""
    file = folders.unresolved(home=node.home, batch=case.batch.uuid)
    try:
        table = pq.read_table(file, filters=[("_row", "=", case.row)])
    except FileNotFoundError as error:
        raise WrongState("The row is no longer kept here: refuse it, and have it delivered again.") from error
    place = table.schema.get_field_index("_subject")
    table = table.set_column(place, "_subject", pa.array([subject] * table.num_rows, pa.string()))
    content = BytesIO()
    pq.write_table(table, content)
    content.seek(0)
    return content
