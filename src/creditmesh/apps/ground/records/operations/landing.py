"""Land a checked batch: first in the lake, which is the truth, then in the inquiry index, then say so."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import cast

import pyarrow as pa
from django.db import transaction
from django.db.models import F

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import WORKER, Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.rules import SubjectRow
from creditmesh.apps.ground.records.models import Batch, LandingOrder
from creditmesh.apps.ground.records.operations import indexing
from creditmesh.apps.ground.records.operations.holding import Hold
from creditmesh.apps.ground.records.queries import folders
from creditmesh.apps.ground.records.rules import Stage, State, require_step
from creditmesh.catalogue.model import Describes, Item, Update
from creditmesh.lake.comparing import Answered
from creditmesh.lake.landing import Landed


def land(*, hold: Hold, node: ThisNode) -> None:
    """Land a checked batch, or go on where an earlier landing of it stopped.

    A process killed at any point leaves the batch `landing`; landing it again repeats what is there already
    without effect: the lake knows the batch, the index shows nothing of it until the last transaction.
    Raises `HeldByAnother`.
    """
    row = _begin(hold)
    item = node.catalogue.items[row.item]
    accepted = folders.accepted(home=node.home, batch=row.uuid)
    hold.say(stage=Stage.LAKE, progress=55)
    landed = node.lake.landed(item, str(row.uuid)) or node.lake.land(
        item=item,
        batch=str(row.uuid),
        seq=row.turn or 0,
        source=row.source,
        accepted=accepted,
        corrects=row.corrects,
    )
    hold.say(stage=Stage.INDEX, progress=70)
    indexing.discard(batch=row)
    written = indexing.write(
        home=indexing.Home(item=item, batch=row, source=row.source, at=hold.clock()),
        rows=node.lake.rows(item, str(row.uuid), in_order=False),
        ended=_ended(node=node, item=item, row=row, landed=landed),
    )
    # Asked before the rows that were delivered go; asked again after a crash it says the same.
    answered = [] if row.corrects else node.lake.answered(item, source=row.source, accepted=accepted)
    if item.describes is not None:
        hold.say(stage=Stage.SUBJECTS, progress=90)
        parties.register_subjects(
            rows=described(item=item, rows=node.lake.rows(item, str(row.uuid), in_order=False))
        )
    _finish(hold=hold, item=item, landed=landed, written=written, answered=answered)
    accepted.unlink(missing_ok=True)


def described(*, item: Item, rows: Iterator[pa.RecordBatch]) -> Iterator[SubjectRow]:
    """Return what rows of an item say about their subjects themselves."""
    says = item.describes
    if says is None:
        return
    number = item.subject.registration_number
    names = _described_fields(says)
    for batch in rows:
        columns = {one: batch.column(field).to_pylist() for one, field in names.items()}
        subjects = batch.column("_subject").to_pylist()
        numbers = batch.column(number).to_pylist() if number else [None] * len(subjects)
        for place, subject in enumerate(cast("list[str]", subjects)):
            told = {one: values[place] for one, values in columns.items() if values[place] is not None}
            told.setdefault("region", says.fixed_region or _region_of(subject, says))
            yield _subject_row(subject, numbers[place], told)


def _region_of(subject: str, says: Describes) -> str:
    # Digits 3 to 8 of a USCC; after `R:`, the first six of a registration number: the registering authority's.
    return subject[2:8] if says.region_of_code and not subject.startswith("P:") else ""


def _described_fields(says: Describes) -> dict[str, str]:
    fields = {
        "name": says.name,
        "region": says.region,
        "industry": says.industry,
        "entity_type": says.entity_type,
        "established_date": says.established,
        "status": says.status,
    }
    return {one: field for one, field in fields.items() if field is not None}


def _subject_row(subject: str, number: str | None, told: dict[str, object]) -> SubjectRow:
    established = told.pop("established_date", None)
    texts = {one: str(value)[: _LENGTHS[one]] for one, value in told.items()}
    return SubjectRow(
        key=subject,
        registration_number=number,
        established_date=established if isinstance(established, date) else None,
        **texts,
    )


_MOST_ANSWERS = 1_000
_LENGTHS = {"name": 300, "region": 12, "industry": 10, "entity_type": 60, "status": 60}


def _begin(hold: Hold) -> Batch:
    """Give the batch its place in the landing order, once, and say that it lands."""
    with transaction.atomic():
        row = hold.row()
        require_step(state=State(row.state), to=State.LANDING)
        if row.turn is None:
            LandingOrder.objects.get_or_create(id=1)
            # The update locks the counter's row until this transaction ends: no two batches get one place.
            LandingOrder.objects.filter(id=1).update(last=F("last") + 1)
            row.turn = LandingOrder.objects.get(id=1).last
        row.state = State.LANDING
        row.save(update_fields=["turn", "state"])
    return row


def _ended(*, node: ThisNode, item: Item, row: Batch, landed: Landed) -> list[indexing.Ended]:
    """Return the records that do not count any more where they lie: another subject has them, or they were corrected."""
    if not landed.updated:
        return []
    if item.update is Update.REPLACE:
        return node.lake.corrected_away(item, str(row.uuid)) if row.corrects else []
    return node.lake.moved(item, str(row.uuid))


def _finish(
    *, hold: Hold, item: Item, landed: Landed, written: indexing.Written, answered: Sequence[Answered]
) -> None:
    at = hold.clock()
    with transaction.atomic():
        row = hold.row()
        require_step(state=State(row.state), to=State.LANDED)
        indexing.show(written=written)
        if item.update is Update.REPLACE and written.parts:
            indexing.supersede(batch=row)
        row.added, row.updated, row.unchanged = landed.added, landed.updated, landed.unchanged
        row.seq, row.lake_version, row.finished_at = landed.seq, landed.version, at
        row.state, row.stage, row.progress = State.LANDED, Stage.FINISHED, 100
        row.answers = [[one.subject, one.key, one.answer] for one in answered[:_MOST_ANSWERS]]
        row.save()
        told = f"added {landed.added}, updated {landed.updated}, unchanged {landed.unchanged}"
        audit.append(who=WORKER, act="batch.land", thing=Thing("batch", str(row.uuid)), why=told, at=at)
        audit.announce(event="batch.landed", key=str(row.uuid), at=at)
