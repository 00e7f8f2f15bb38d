"""Check a received batch: the file becomes accepted rows, refused rows with reasons, and open cases."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq
from django.db import transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import WORKER, Outcome, Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.records.models import Batch, BatchReason, QualityMeasure, ReviewCase
from creditmesh.apps.ground.records.operations.holding import Hold
from creditmesh.apps.ground.records.queries import folders
from creditmesh.apps.ground.records.rules import Stage, State, is_disk_full, require_step
from creditmesh.catalogue.model import Item
from creditmesh.collecting import outcome as outcomes
from creditmesh.collecting.checking.second_look import Resolver
from creditmesh.collecting.run import collect
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.lake import engines

_ROWS_A_PERCENT = 25_000  # how many rows a file has is not known before its end
_CASES_A_BATCH = 100_000
_CASES_AT_ONCE = 1_000


def validate(*, hold: Hold, node: ThisNode) -> None:
    """Check a received batch and write down what was found; a file that cannot be read is refused as a whole.

    What an interrupted check left behind is overwritten. Raises `HeldByAnother`.
    """
    row = Batch.objects.get(uuid=hold.batch)
    require_step(state=State(row.state), to=State.VALIDATED)
    item = node.catalogue.items.get(row.item)
    source = node.catalogue.sources.get(row.source)
    if item is None or source is None:
        refuse(hold=hold, sentence=f"Item {row.item} or source {row.source} left the catalogue of this node.")
        return
    folder = folders.outcome(home=node.home, batch=row.uuid)
    folder.mkdir(parents=True, exist_ok=True)
    hold.say(stage=Stage.READING, progress=0)
    if row.tied_subject and not row.corrects:
        _take_as_checked(hold=hold, node=node)
        return
    try:
        with engines.opened(spill=folder / "spill") as engine:
            found = collect(
                file=folders.delivered(home=node.home, batch=row.uuid),
                item=item,
                source=source,
                folder=folder,
                on=timezone.localdate(row.received_at),
                resolve=_tied_to(row.tied_subject) if row.tied_subject else _registered,
                progress=lambda rows: hold.say(
                    stage=Stage.READING, progress=min(45, rows // _ROWS_A_PERCENT)
                ),
                engine=engine,
            )
    except CreditmeshError as error:
        if is_disk_full(error) or error.code == "held-by-another":
            raise
        refuse(hold=hold, sentence=error.sentence)
        return
    _write_down(hold=hold, item=item, found=found)


def refuse(*, hold: Hold, sentence: str) -> None:
    """Refuse a whole batch with a sentence the data officer can act on."""
    at = hold.clock()
    with transaction.atomic():
        row = hold.row()
        require_step(state=State(row.state), to=State.REFUSED)
        row.state, row.stage, row.progress = State.REFUSED, Stage.FINISHED, 100
        row.refusal, row.finished_at = sentence, at
        row.save()
        audit.append(
            who=WORKER,
            act="batch.refuse",
            thing=Thing("batch", str(row.uuid)),
            why=sentence,
            outcome=Outcome.REFUSED,
            at=at,
        )
        audit.announce(event="batch.refused", key=str(row.uuid), at=at)


def _registered(rows: Sequence[tuple[str | None, str | None]]) -> list[str | None]:
    """Return the one registered subject with exactly that name (and number, if given), else None."""
    known: dict[tuple[str | None, str | None], str | None] = {}
    for name, number in rows:
        if (name, number) not in known:
            keys = parties.subject_keys(name_normal=name, registration_number=number, limit=2)
            known[name, number] = keys[0] if len(keys) == 1 else None
    return [known[one] for one in rows]


def _tied_to(subject: str) -> Resolver:
    """Return what says of every row that it is the subject's: so it was decided when the record came."""
    return lambda rows: [subject] * len(rows)


def _take_as_checked(*, hold: Hold, node: ThisNode) -> None:
    """Take over the row a person tied to a subject: it was checked with the batch it came in."""
    file = folders.delivered(home=node.home, batch=hold.batch)
    shutil.copyfile(file, folders.accepted(home=node.home, batch=hold.batch))
    at = hold.clock()
    with transaction.atomic():
        row = hold.row()
        require_step(state=State(row.state), to=State.VALIDATED)
        row.received = row.accepted = 1
        row.quarantined = row.duplicates = row.unresolved = row.warned = 0
        row.state, row.stage, row.progress, row.validated_at = State.VALIDATED, Stage.CHECKED, 50, at
        row.save()


def _write_down(*, hold: Hold, item: Item, found: outcomes.Outcome) -> None:
    at = hold.clock()
    with transaction.atomic():
        row = hold.row()
        require_step(state=State(row.state), to=State.VALIDATED)
        for name in ("received", "accepted", "quarantined", "duplicates", "unresolved", "warned"):
            setattr(row, name, getattr(found, name))
        row.earliest_event, row.latest_event = found.earliest_event, found.latest_event
        row.has_refused_file = found.refused_file is not None
        row.state, row.stage, row.progress, row.validated_at = State.VALIDATED, Stage.CHECKED, 50, at
        row.save()
        _write_reasons(row, found.reasons)
        if not row.corrects:  # which says nothing of how well its source delivers
            _measure(row, found.quality)
        row.cases.all().delete()
        if found.unresolved_file is not None:
            _open_cases(row, item, found.unresolved_file)


def _write_reasons(row: Batch, reasons: Sequence[outcomes.Reason]) -> None:
    row.reasons.all().delete()
    BatchReason.objects.bulk_create(
        BatchReason(
            batch=row,
            field=(reason.field or "")[:80],
            rule=reason.rule[:80],
            sentence_zh=reason.sentence_zh,
            sentence_en=reason.sentence_en,
            rows=reason.rows,
            example=(reason.example or "")[:500],
            row=reason.row,
            refused=reason.refused,
        )
        for reason in reasons
    )


def _measure(row: Batch, quality: outcomes.Quality) -> None:
    QualityMeasure.objects.update_or_create(
        batch=row,
        defaults={
            "source": row.source,
            "item": row.item,
            "month": timezone.localdate(row.received_at).replace(day=1),
            "received": row.received or 0,
            "accuracy_bp": quality.accuracy_bp,
            "completeness_bp": quality.completeness_bp,
            "continuity_bp": quality.continuity_bp,
            "timeliness_bp": quality.timeliness_bp,
        },
    )


def _open_cases(row: Batch, item: Item, file: Path) -> None:
    """Open a case for each row that could not be tied; the file keeps what is beyond the limit."""
    cases = islice(_cases(row, item, file), _CASES_A_BATCH)
    while some := list(islice(cases, _CASES_AT_ONCE)):
        ReviewCase.objects.bulk_create(some)


def _cases(row: Batch, item: Item, file: Path) -> Iterator[ReviewCase]:
    """Read rows shaped like accepted ones; values are kept as stored: fen, basis points, ISO dates."""
    by = item.subject
    with closing(pq.ParquetFile(file)) as rows:
        for batch in rows.iter_batches(_CASES_AT_ONCE):
            for one in batch.to_pylist():
                values = {field.name: one[field.name] for field in item.fields if one[field.name] is not None}
                yield ReviewCase(
                    batch=row,
                    row=one["_row"],
                    item=row.item,
                    source=row.source,
                    name=str(values.get(by.name or "", ""))[:300],
                    registration_number=str(values.get(by.registration_number or "", ""))[:60],
                    values=json.dumps(values, ensure_ascii=False, default=str),
                )
