"""How much grades hang on each weight: raise and lower it a little, share out the rest, and count who moves.

The points of indicators are computed once, for no weight changes them. For every weight the means of its level and of
those above are computed again, in whole numbers rounded as the plan rounds; then one statement gives the verdict on
all of them: that is one statement for many weights, because planning it costs more than carrying it out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlglot import exp

from creditmesh.apps.evaluation.trials.operations.rescoring import Connection, listed, needed
from creditmesh.apps.evaluation.trials.rules.weights import ALL, reweighted, weights, with_weights
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.language.building import column
from creditmesh.scoring.plan import Level, Plan, compile_plan
from creditmesh.scoring.targets.staged import combining, points, verdict
from creditmesh.scoring.targets.staged.context import Columns, Context

Numbers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
MOST_ROWS = 500_000  # of one verdict: some tens of megabytes


@dataclass(frozen=True)
class Weighed:
    """Points and coverage of everyone at one indicator or level; where `there` is false the points are 0."""

    points: Numbers
    there: Truths
    coverage: Numbers


def sensitivities(
    connection: Connection,
    *,
    system: System,
    relation: str,
    percent: int,
    sample: int,
    tell: Callable[[int], None],
) -> dict[str, Any]:
    """Return for every weight which share of grades changes when it is raised, and when it is lowered.

    On at most `sample` enterprises, taken by the hash of their key; how many is part of the answer.
    `tell` hears how far the work is, in basis points.
    """
    plan = compile_plan(system)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE sampled AS SELECT {listed(needed(plan))} FROM {relation}"  # noqa: S608
        f" ORDER BY hash(subject), subject LIMIT {sample}"
    )
    measured = _measured(connection, plan)
    stood = weigh(plan, measured)
    verdicts = _Verdicts(connection, plan)
    verdicts.add(0, stood, stood, everyone=True)
    known = list(weights(system.definition))
    for place, one in enumerate(known):
        tell(ALL * place // len(known))
        for number, turn in ((2 * place + 1, 1), (2 * place + 2, -1)):
            moved = one.moved(turn=turn, percent=percent)
            changed = with_weights(plan, reweighted(system.definition, one.path, moved))
            verdicts.add(number, stood, weigh(changed, measured, stood=stood, before=plan))
    counts = verdicts.changed()
    found: list[dict[str, Any]] = [
        {
            "level": one.level,
            "id": one.id,
            "weight": one.weight,
            "up": counts.get(2 * place + 1, 0),
            "down": counts.get(2 * place + 2, 0),
        }
        for place, one in enumerate(known)
    ]
    found.sort(key=lambda one: (-max(one["up"], one["down"]), one["level"], one["id"]))
    return {"sample": len(stood["total"].points), "percent": percent, "weights": found}


def weigh(
    plan: Plan,
    measured: Mapping[str, Weighed],
    *,
    stood: Mapping[str, Weighed] | None = None,
    before: Plan | None = None,
) -> dict[str, Weighed]:
    """Return the points and coverage of every level, the total's among them; nothing twice that `stood` before."""
    known = {one.id: one for one in _levels(before)} if before is not None else {}
    found: dict[str, Weighed] = {}
    again: set[str] = set()
    for level in _levels(plan):
        if (
            stood is not None
            and known.get(level.id) == level
            and not again & {id_ for id_, _ in level.members}
        ):
            found[level.id] = stood[level.id]
            continue
        again.add(level.id)
        found[level.id] = _mean(plan, level, {**measured, **found})
    return found


def _levels(plan: Plan) -> tuple[Level, ...]:
    return (*plan.sub_groups, *plan.groups, plan.total)


def _mean(plan: Plan, level: Level, known: Mapping[str, Weighed]) -> Weighed:
    """Return the weighted mean of what is there, rounded half up, and how much of the weight has data."""
    zero = np.zeros_like(known[level.members[0][0]].points)
    summed, weight, covered = zero.copy(), zero.copy(), zero.copy()
    for id_, share in level.members:
        one = known[id_]
        summed += share * one.points
        weight += share * one.there
        covered += share * one.coverage
    for id_, share in level.adjustments:
        summed += share * known[id_].points
    if level.adjustments:
        summed = np.clip(summed, 0, plan.highest * weight)
    there = weight > 0
    divisor = np.where(there, weight, 1)
    mean = np.where(there, (2 * summed + divisor) // (2 * divisor), 0)
    return Weighed(points=mean, there=there, coverage=(2 * covered + ALL) // (2 * ALL))


def _measured(connection: Connection, plan: Plan) -> dict[str, Weighed]:
    """Make the table `pointed_at` of all that no weight changes, and return the points and coverage of indicators."""
    of = Context(plan)
    without = {f"without_{one.id}": points.uncovered(of, one) for one in plan.measures}
    steps = (
        ("held", points.held(of)),
        ("measured", points.measured(of)),
        ("scored", points.scored(of)),
        ("covered", without),
    )
    query = _staged(steps, before="sampled", result=[exp.Star()])
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE pointed_at AS"  # noqa: S608 - our own statement
        f" SELECT *, row_number() OVER (ORDER BY subject) - 1 AS _place FROM ({query})"
    )
    names = listed([*(f"points_{one.id}" for one in plan.measures), *without])
    table = connection.sql(f"SELECT {names} FROM pointed_at ORDER BY _place").to_arrow_table()  # noqa: S608
    return {one.id: _weighed(table, one.id) for one in plan.measures}


def _weighed(table: pa.Table, id_: str) -> Weighed:
    said: Any = table.column(f"points_{id_}")  # any: the stubs of fill_null know no plain values
    uncovered: Any = table.column(f"without_{id_}")
    return Weighed(
        points=said.fill_null(0).to_numpy().astype(np.int64),
        there=said.is_valid().to_numpy(),
        coverage=np.where(uncovered.fill_null(False).to_numpy(), 0, ALL).astype(np.int64),
    )


@dataclass
class _Verdicts:
    """Totals under many weightings, waiting until one statement gives their ranks."""

    connection: Connection
    plan: Plan
    waiting: list[pa.Table] = field(default_factory=list)
    rows: int = 0

    def __post_init__(self) -> None:
        """Make the empty table of ranks."""
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE weighed_ranks (_weighing BIGINT, _place BIGINT, rank BIGINT)"
        )

    def add(
        self, number: int, stood: Mapping[str, Weighed], now: Mapping[str, Weighed], *, everyone: bool = False
    ) -> None:
        """Take one weighting up: of everyone, or of those for whom a level that the verdict reads is another."""
        read = ["total", *(one.id for one in self.plan.groups)]
        differs = np.zeros(len(now["total"].points), dtype=np.bool_)
        for id_ in read:
            if now[id_] is not stood[id_]:
                differs |= now[id_].points != stood[id_].points
                differs |= now[id_].there != stood[id_].there
                differs |= now[id_].coverage != stood[id_].coverage
        rows = np.arange(len(differs)) if everyone else np.flatnonzero(differs)
        columns = {"_weighing": pa.array(np.full(len(rows), number)), "_place": pa.array(rows)}
        for id_ in read:
            one = now[id_]
            columns[f"points_{id_}"] = pa.array(one.points[rows], mask=~one.there[rows])
            columns[f"coverage_{id_}"] = pa.array(one.coverage[rows])
        self.waiting.append(pa.table(columns))
        self.rows += len(rows)
        if self.rows >= MOST_ROWS:
            self._judge()

    def changed(self) -> dict[int, int]:
        """Return by number how many grades a weighting changes against weighting 0."""
        self._judge()
        return dict(
            self.connection.execute(
                "SELECT now._weighing, count(*) FROM weighed_ranks AS now"
                " JOIN weighed_ranks AS stood ON stood._weighing = 0 AND stood._place = now._place"
                " WHERE now.rank IS DISTINCT FROM stood.rank GROUP BY ALL"
            ).fetchall()
        )

    def _judge(self) -> None:
        if not self.rows:
            return
        of = Context(self.plan)
        steps = [*combining.steps(of), ("checked", verdict.checked(of)), ("ranked", verdict.ranked(of))]
        query = _staged(
            steps, before="weighed_rows", result=[column("_weighing"), column("_place"), column("rank")]
        )
        self.connection.register("weighed_totals", pa.concat_tables(self.waiting))
        self.connection.execute(
            "CREATE OR REPLACE TEMP VIEW weighed_rows AS"
            " SELECT * FROM weighed_totals JOIN pointed_at USING (_place)"
        )
        self.connection.execute(f"INSERT INTO weighed_ranks {query}")
        self.connection.execute("DROP VIEW weighed_rows")
        self.connection.unregister("weighed_totals")
        self.waiting, self.rows = [], 0


def _staged(steps: Iterable[tuple[str, Columns]], *, before: str, result: list[exp.Expr]) -> str:
    query = exp.Select(expressions=result)
    for name, made in steps:
        if made:
            new = [exp.alias_(what, word, quoted=True, copy=False) for word, what in made.items()]
            # copy=False: the trees are made here and nobody else's, and copying them costs more than all else
            step = exp.Select(expressions=[exp.Star(), *new]).from_(before, copy=False)
            query, before = query.with_(name, as_=step, copy=False), name
    return query.from_(before, copy=False).sql(dialect="duckdb")
