"""Check a received batch: the file becomes accepted rows, refused rows with reasons, and open cases."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from django.db import transaction

from creditmesh.apps.audit import operations as audit
from creditmesh.apps.audit.rules import WORKER, Outcome, Thing
from creditmesh.apps.nodes.rules import ThisNode
from creditmesh.apps.parties import queries as parties
from creditmesh.apps.records.models import Batch, BatchReason, QualityMeasure, ReviewCase
from creditmesh.apps.records.operations.holding import Hold
from creditmesh.apps.records.queries import folders
from creditmesh.apps.records.rules import Stage, State, is_disk_full, require_step
from creditmesh.catalogue.model import Item
from creditmesh.collecting import outcome as outcomes
from creditmesh.collecting.run import collect
from creditmesh.kernel.errors import CreditmeshError

Resolver = Callable[[Sequence[tuple[str | None, str | None]]], list[str | None]]

_ROWS_A_PERCENT = 25_000  # how many rows a file has is not known before its end
_CASES_A_BATCH = 100_000
_CASES_AT_ONCE = 1_000
_SPREADSHEET_QUOTE = "'"


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
    try:
        found = collect(
            file=folders.delivered(home=node.home, batch=row.uuid),
            item=item,
            source=source,
            folder=folder,
            on=row.received_at.date(),
            resolve=_resolver(row),
            progress=lambda rows: hold.say(stage=Stage.READING, progress=min(45, rows // _ROWS_A_PERCENT)),
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


def _resolver(row: Batch) -> Resolver:
    """Return how rows without a usable code find their subject: by decision, or by name and registration number."""
    if row.tied_subject:
        return lambda rows: [row.tied_subject] * len(rows)
    return _registered


def _registered(rows: Sequence[tuple[str | None, str | None]]) -> list[str | None]:
    """Return the one registered subject with exactly that name (and number, if given), else None."""
    known: dict[tuple[str | None, str | None], str | None] = {}
    for name, number in rows:
        if (name, number) not in known:
            keys = parties.subject_keys(name_normal=name, registration_number=number, limit=2)
            known[name, number] = keys[0] if len(keys) == 1 else None
    return [known[one] for one in rows]


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
            "month": row.received_at.date().replace(day=1),
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
    by = item.subject
    named = {
        key: _columns(item, field) for key, field in (("name", by.name), ("number", by.registration_number))
    }
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for values in csv.DictReader(lines):
            number = values.pop("_row", None) or "0"
            plain = {
                name: _unquoted(value or "") for name, value in values.items() if not name.startswith("_")
            }
            yield ReviewCase(
                batch=row,
                row=int(number),
                item=row.item,
                source=row.source,
                name=_first(plain, named["name"])[:300],
                registration_number=_first(plain, named["number"])[:60],
                values=json.dumps(plain, ensure_ascii=False),
            )


def _columns(item: Item, field: str | None) -> tuple[str, ...]:
    if field is None:
        return ()
    known = item.field(field)
    return (known.name, known.label.zh, known.label.en, *known.aliases)


def _first(values: dict[str, str], columns: tuple[str, ...]) -> str:
    return next((values[name] for name in columns if values.get(name)), "")


def _unquoted(value: str) -> str:
    """Return a cell without the quote that keeps spreadsheets from running it as a formula."""
    return value[1:] if value[:1] == _SPREADSHEET_QUOTE and value[1:2] in "=+-@\t\r" else value
