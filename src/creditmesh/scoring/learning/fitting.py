"""From a table to an index-system file and its model card."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from creditmesh.catalogue import loading as lists
from creditmesh.catalogue.model import Catalogue
from creditmesh.catalogue.reading import parse
from creditmesh.scoring import loading
from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.learning import card as cards
from creditmesh.scoring.learning import validating, writing
from creditmesh.scoring.learning.card import Facts, ModelCard
from creditmesh.scoring.learning.model import calibrating, challenger
from creditmesh.scoring.learning.model.binning import Bins
from creditmesh.scoring.learning.model.calibrating import Line
from creditmesh.scoring.learning.options import Options
from creditmesh.scoring.learning.points import SCALE, Points
from creditmesh.scoring.learning.table import based, comparing, reading
from creditmesh.scoring.learning.table.columns import column_of, values
from creditmesh.scoring.learning.table.reading import Column, Inputs
from creditmesh.scoring.learning.table.target import CannotLearn, Outcome, outcome
from creditmesh.scoring.learning.validating import Task
from creditmesh.scoring.learning.watching import cutting

NO_LISTS = Catalogue(lists=())
WORDS = {4: (("低", "low"), ("较低", "rather low"), ("较高", "rather high"), ("高", "high"))}
FIVE = (("低", "low"), ("较低", "rather low"), ("中等", "middling"), ("较高", "rather high"), ("高", "high"))
STEPS = {2: (1.0,), 3: (0.5, 2.0), 4: (1 / 3, 1.0, 3.0), 5: (0.25, 2 / 3, 1.5, 4.0)}


@dataclass(frozen=True)
class Fitted:
    """The text of the system's file and its card."""

    system: str
    card: ModelCard


def fit(table: pa.Table, *, target: str, options: Options | None = None) -> Fitted:
    """Return the system a table teaches; raises `CannotLearn` or `NoSuchColumn` with what to do.

    The same table, target and options give the same bytes.
    """
    # sums over several threads differ in their last digits, and small ones wait more than they work
    with threadpool_limits(limits=1):
        return _fitted(table, target, _sensible(options or Options()))


def _sensible(asked: Options) -> Options:
    number, shares = len(asked.grades), asked.grade_shares
    if shares and (len(shares) != number or sum(shares) != 100):
        raise CannotLearn(f"Give one share for each of the {number} grades, summing to 100.")
    return asked


def _fitted(table: pa.Table, target: str, asked: Options) -> Fitted:
    found = outcome(table, target=target, positive=asked.positive, weights=asked.weight_column)
    refused = _rejected(table, asked.rejected_column)
    found = replace(found, known=found.known & ~refused, bad=found.bad & ~refused)
    moment = _moment(table, asked.time_column, of_runs=asked.base is not None)
    inputs = _inputs(table, target, asked, moment)
    if asked.base is not None:
        asked = replace(asked, trends={**based.trends(inputs, asked.base), **asked.trends})
    rows = np.flatnonzero(found.known)
    held = _held_out(found.bad[rows], moment, rows, asked)
    rows, kept = rows[~held], rows[held]
    whole = _task(inputs.columns, found, asked)
    task = _of_rows(whole, rows)
    times = None if moment is None else moment.values.known[rows]
    splits = validating.splits_of(task, times)
    tested = validating.tested(task, splits)
    points, bins = validating.learnt(task, np.arange(len(rows)))
    unseen = points.line.points(tested.odds)
    seen = ~np.isnan(unseen)
    line = calibrating.line(unseen[seen], task.bad[seen], task.weight[seen])
    own = validating.scored(points, validating.coded(task.columns, bins)) / 1_000
    ends = _cut_offs(line, task, own, asked)
    other = (
        challenger.out_of_fold(
            [one for one in task.columns if not one.optional], task.bad, task.weight, splits, seed=asked.seed
        )
        if asked.challenger
        else None
    )
    facts = Facts(
        target, found, asked, inputs, task, tuple(splits), tested, unseen, other, points, bins, line, own, ends,
        times, moment is not None and moment.type is ColumnType.DATE, _later(whole, points, bins, kept),
    )  # fmt: skip
    card = cards.card(facts)
    card = replace(card, data={**card.data, **_beside(facts, table, rows, refused, whole)})
    text = writing.text(_head(asked, card, ends), points, task.columns, bins)
    system_of(text, catalogue=NO_LISTS if asked.base is None else lists.load())
    return Fitted(text, card)


def system_of(text: str, *, catalogue: Catalogue = NO_LISTS) -> System:
    """Return the system of a learnt file's text, checked as any file is; over columns it needs no sharing list."""
    return loading.checked(parse(text, file="the learnt system"), catalogue=catalogue)


def _rejected(table: pa.Table, name: str | None) -> NDArray[np.bool_]:
    if name is None:
        return np.zeros(table.num_rows, dtype=bool)
    read = values(column_of(table, name), type_=ColumnType.TRUTH)
    if not read.present.any():
        raise CannotLearn(f"The column {name} must say yes or no (1 or 0) of every row: was it rejected?")
    return np.asarray(read.present & (read.known == 1), dtype=bool)


def _beside(
    facts: Facts, table: pa.Table, rows: NDArray[np.int64], refused: NDArray[np.bool_], whole: Task
) -> dict[str, Any]:
    """Return what the card says beside the figures of all rows: cuts by column, and the rejected."""
    grades, asked = facts.options.grades, facts.options
    others = None
    if refused.any():
        columns = whole.rows(np.flatnonzero(refused))
        points = validating.scored(facts.points, validating.coded(columns, facts.bins)) / 1_000
        others = cutting.rejected(facts.own, points, line=facts.line, ends=facts.ends, grades=grades)
    places = cutting.placed(facts.own, facts.ends)
    found = cutting.cuts(
        table,
        asked.cuts,
        rows=rows,
        bad=facts.task.bad,
        tested=facts.unseen,
        places=places,
        grades=grades,
    )
    return {"cuts": found, "rejected": others}


def _moment(table: pa.Table, name: str | None, *, of_runs: bool) -> Column | None:
    if name is None:
        return None
    array = column_of(table, name)
    type_ = reading.type_of(array)
    if type_ not in {ColumnType.DATE, ColumnType.INTEGER}:
        raise CannotLearn(
            f"The time column {name} must hold dates or whole numbers such as years; write days as 2019-12-31."
        )
    read = values(array, type_=type_)
    if not read.present.all():
        raise CannotLearn(
            f"The time column {name} has {int((~read.present).sum())} rows without a time; fill them."
        )
    taken = set() if of_runs else reading.reserved()  # `as_of` of a run is what it is called there
    return reading.plain_column(name, reading.identifier(name, taken), type_, 1, read)


def _inputs(table: pa.Table, target: str, asked: Options, moment: Column | None) -> Inputs:
    for name in (*asked.drop, *([asked.id_column] if asked.id_column is not None else [])):
        column_of(table, name)
    special = (asked.id_column, asked.time_column, asked.weight_column, asked.rejected_column)
    leave = {target, *asked.drop, *(one for one in special if one is not None)}
    if asked.base is not None:
        leave |= {one for one in table.column_names if one not in asked.base.definition.features}
    dated = moment if moment is not None and moment.type is ColumnType.DATE else None
    inputs = reading.inputs_of(table, leave=leave, moment=dated)
    if asked.base is not None:
        return based.usable(inputs, asked.base)
    if asked.shape.refined:
        inputs = comparing.with_comparisons(inputs, table)
    if not inputs.columns:
        raise CannotLearn("No column is left to learn from: all are constant, empty, dates or ids.")
    return inputs


def _task(columns: Sequence[Column], found: Outcome, asked: Options) -> Task:
    names = {one.name: n for n, one in enumerate(columns) if not one.reads}
    unknown = [one for one in asked.trends if one not in names or columns[names[one]].type is ColumnType.TEXT]
    if unknown:
        raise CannotLearn(f"--monotone names {', '.join(unknown)}, which is no column of numbers in use.")
    trends = {names[one]: way for one, way in asked.trends.items()}
    # what is computed from such a column could undo its trend
    kept = tuple(one for one in columns if not any(read.name in asked.trends for read in one.reads))
    places = {one.id: n for n, one in enumerate(kept)}
    trends = {places[columns[n].id]: way for n, way in trends.items()}
    return Task(kept, found.bad, found.weight, trends, asked.shape, asked.seed)


def _of_rows(task: Task, rows: NDArray[np.int64]) -> Task:
    return replace(task, columns=task.rows(rows), bad=task.bad[rows], weight=task.weight[rows])


def _held_out(
    bad: NDArray[np.bool_], moment: Column | None, rows: NDArray[np.int64], asked: Options
) -> NDArray[np.bool_]:
    """Return which rows are kept for a last look: the latest, or some at random."""
    held = np.zeros(len(rows), dtype=bool)
    number = int(asked.holdout * len(rows))
    if number == 0:
        return held
    if moment is not None:
        held[np.argsort(moment.values.known[rows], kind="stable")[len(rows) - number :]] = True
        return held
    held[np.random.default_rng([asked.seed, 9]).permutation(len(rows))[:number]] = True
    return held


def _later(
    whole: Task, points: Points, bins: Sequence[Bins], kept: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]] | None:
    if not len(kept):
        return None
    part = _of_rows(whole, kept)
    return part.bad, validating.scored(points, validating.coded(part.columns, bins)) / 1_000


def _cut_offs(line: Line, task: Task, own: NDArray[np.float64], asked: Options) -> tuple[int, ...]:
    """Return where the grades end, in whole points, rising: by shares of the rows, or by steps of the odds of bad."""
    number = len(asked.grades)
    if asked.grade_shares:
        parts = np.cumsum(asked.grade_shares)[:-1] / 100
        wanted = [float(np.quantile(own, part)) for part in parts]
    else:
        share = float(np.average(task.bad, weights=task.weight))
        wanted = [line.points_at(step * share / (1 - share)) for step in STEPS[number]]
    ends: list[int] = []
    for n, one in enumerate(wanted):
        low = ends[-1] + 1 if ends else 0
        ends.append(int(min(max(round(one), low), SCALE - (number - 2 - n))))
    return tuple(ends)


def _head(asked: Options, card: ModelCard, ends: Sequence[int]) -> writing.Head:
    words = FIVE if len(asked.grades) == 5 else WORDS.get(len(asked.grades), WORDS[4])
    grades = [
        (symbol, f"风险{words[min(n, len(words) - 1)][0]}", f"{words[min(n, len(words) - 1)][1]} risk", end)
        for n, (symbol, end) in enumerate(zip(asked.grades, [*ends, None], strict=True))
    ]
    return writing.Head(
        asked.system, asked.version, f"学习所得体系 {asked.system}", f"Learnt system {asked.system}", *asked.owner,
        asked.purpose, card.source, asked.effective_from, card.comment, grades, asked.base,
    )  # fmt: skip
