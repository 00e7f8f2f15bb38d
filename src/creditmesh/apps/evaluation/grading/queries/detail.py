"""Everything about where one subject stands: points, reasons, the records behind them, and how it was before."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import duckdb
from django.db.models import Exists, OuterRef

from creditmesh.apps.evaluation.grading.models import Run, RunChange
from creditmesh.apps.evaluation.grading.queries import (
    adjustments,
    distribution,
    inputs,
    overlay,
    parts,
    runs,
    standings,
    systems,
)
from creditmesh.apps.evaluation.grading.queries.adjustments import AdjustmentRow
from creditmesh.apps.evaluation.grading.queries.parts import PartRow
from creditmesh.apps.evaluation.grading.queries.standings import StandingRow
from creditmesh.apps.evaluation.grading.rules import Outcome
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.catalogue.model import Catalogue, Item, Sensitivity, Text
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring import explain
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Purpose
from creditmesh.scoring.evaluate import show_units
from creditmesh.scoring.explain import Branch, Explanation
from creditmesh.scoring.records import lineage as records_behind
from creditmesh.scoring.records.lineage import Lineage

MOST_RECORDS = 20  # of one input; more are counted
MOST_RUNS = 36
HIDDEN = "＊＊＊"
NAME = re.compile(r"[a-z][a-z0-9_]*")


class UnknownStanding(CreditmeshError):
    """A run says nothing about this subject."""

    code = "unknown-standing"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A field of the records that are shown."""

    name: str
    label: Text
    kind: str
    hidden: bool  # personal data of the highest sensitivity: a point does not need it


ORIGIN = (
    Column(name="_event_date", label=Text(zh="事件日期", en="Event"), kind="date", hidden=False),
    Column(name="_source", label=Text(zh="来源", en="Source"), kind="text", hidden=False),
    Column(name="_batch", label=Text(zh="批次", en="Batch"), kind="text", hidden=False),
)
"""Where a record came from, beside its own fields."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The records one input was made from, as they stood when the run read them; newest first."""

    feature: str
    label: Text
    item: str
    item_label: Text
    filter: str
    window: Text | None
    relation: str | None
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class HistoryPoint:
    """Where the subject stood after one run."""

    run: UUID
    as_of: date
    version: str
    outcome: Outcome
    grade: str
    score: int | None
    coverage_bp: int | None


@dataclass(frozen=True, kw_only=True)
class SubjectDetail:
    """A subject's page."""

    run: runs.RunRow
    grades: tuple[str, ...]
    standing: StandingRow
    explanation: Explanation
    evidence: tuple[Evidence, ...]
    history: tuple[HistoryPoint, ...]
    parts: tuple[PartRow, ...] = ()  # the runs of other systems it took along; each explains itself
    adjustment: AdjustmentRow | None = None


def detail(
    *,
    viewer: Actor,
    subject: str,
    node: ThisNode,
    system: str | None = None,
    run: UUID | None = None,
    language: str = "zh",
) -> SubjectDetail:
    """Return where a subject stands and why; `operations.viewing` writes the look to the ledger.

    Raises `NotPermitted`, `UnknownRun`, `NoResultsYet`, `UnknownStanding`.
    """
    found = distribution.result_run(viewer=viewer, system=system, uuid=run)
    standing = overlay.standing(found, subject)
    row = overlay.result(found, subject, node=node)
    if standing is None or row is None:
        raise UnknownStanding(f"Run {found.uuid} says nothing about '{subject}'. Look it up by name or code.")
    read = systems.archived(found.file_id, home=node.home, catalogue=node.catalogue)
    explained = explain.explanation(read, row)
    return SubjectDetail(
        run=runs.row(found),
        grades=tuple(found.symbols),
        standing=standings.row(standing, language=language),
        explanation=explained,
        evidence=evidence(
            run=found,
            subject=subject,
            node=node,
            lineage=lineages(system=read, explained=explained),
            system=read,
        ),
        history=history(run=found, subject=subject),
        parts=parts.of_run(found),
        adjustment=adjustments.of_result(run=found, subject=subject),
    )


def history(*, run: Run, subject: str) -> tuple[HistoryPoint, ...]:
    """Return where a subject stood after the last 36 runs of the same system, oldest first."""
    done = runs.done(system=run.system, purposes=[Purpose(run.purpose)])
    # a run of changes that carried the subject over says nothing new about it
    carried = RunChange.objects.filter(run=OuterRef("pk"), subject=subject, fresh=False)
    known = {one.pk: one for one in done.filter(~Exists(carried))[:MOST_RUNS]}
    table = standings.table_of(run)
    found = table._default_manager.filter(run__in=list(known), subject=subject)
    points = [
        HistoryPoint(
            run=known[one.run_id].uuid,
            as_of=known[one.run_id].as_of,
            version=known[one.run_id].version,
            outcome=Outcome(one.outcome),
            grade=one.grade,
            score=one.score,
            coverage_bp=one.coverage,
        )
        for one in found
    ]
    order = {run.uuid: place for place, run in enumerate(known.values())}
    return tuple(sorted(points, key=lambda one: -order[one.run]))


def lineages(*, system: System, explained: Explanation) -> tuple[Lineage, ...]:
    """Return what each input behind the points and the decisions of a result was made from, each once."""
    found = [one for group in explained.groups for one in _below(group)]
    for decided in explained.decided:
        named = dict.fromkeys(NAME.findall(decided.condition))
        for feature in (name for name in named if name in system.definition.features):
            found += records_behind.of(system, feature=feature, as_of=explained.as_of)
    return tuple({(one.feature, one.item, one.relation): one for one in found}.values())


def _below(branch: Branch) -> Iterator[Lineage]:
    yield from branch.lineage
    for part in branch.parts:
        yield from _below(part)


def evidence(
    *, run: Run, subject: str, node: ThisNode, lineage: Iterable[Lineage], system: System
) -> tuple[Evidence, ...]:
    """Return, input by input, the records of a subject that an input was made from, at most twenty each."""
    wanted = list(lineage)
    views = {one.item: one.view for one in wanted}
    # units are found through the item that tells of them, whatever inputs are asked for
    items = set(views) | (
        set() if system.definition.unit is None else {system.definition.population.items[0]}
    )
    with inputs.connection(run, node=node, items=sorted(items)) as engine:
        show_units(engine, system=system, items=items)
        engine.execute("CREATE SCHEMA own")
        for view in views.values():
            # Many inputs read one item: what it holds on the subject is looked for once.
            engine.execute(
                f"CREATE TABLE own.{view} AS FROM {view} WHERE _subject = $subject", {"subject": subject}
            )
        return tuple(_evidence(engine, one, node.catalogue) for one in wanted)


def _evidence(engine: duckdb.DuckDBPyConnection, one: Lineage, catalogue: Catalogue) -> Evidence:
    item = catalogue.items[one.item]
    columns = _columns(item)
    rows, total = _records(engine, one, columns)
    return Evidence(
        feature=one.feature,
        label=one.label,
        item=item.code,
        item_label=item.label,
        filter=one.filter,
        window=one.window,
        relation=one.relation,
        columns=columns,
        rows=rows,
        total=total,
    )


def _columns(item: Item) -> tuple[Column, ...]:
    told = (
        Column(
            name=one.name,
            label=one.label,
            kind=one.kind.value,
            hidden=one.personal and one.sensitivity is Sensitivity.L4,
        )
        for one in item.fields
    )
    return (*told, *ORIGIN)


def _records(
    engine: duckdb.DuckDBPyConnection, one: Lineage, columns: Sequence[Column]
) -> tuple[tuple[tuple[Any, ...], ...], int]:
    chosen = ", ".join(f'"{column.name}"' for column in columns)
    found = engine.execute(
        f"SELECT {chosen}, count(*) OVER () FROM own.{one.view} WHERE {one.predicate}"  # noqa: S608 - compiled
        f" ORDER BY _event_date DESC NULLS LAST, _key LIMIT {MOST_RECORDS}"
    ).fetchall()
    rows = tuple(
        tuple(
            HIDDEN if column.hidden and value is not None else value
            for column, value in zip(columns, row[:-1], strict=True)
        )
        for row in found
    )
    return rows, int(found[0][-1]) if found else 0
