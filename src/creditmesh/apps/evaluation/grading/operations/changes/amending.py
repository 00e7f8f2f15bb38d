"""What a run of changes writes: everything goes by who is looked at, the sums and the digest of everyone included.

Everyone else's row is hashed once, with the full run at the base; the digest of everyone is then that of these hashes
with the changed ones put in. Hashes are kept beside the database, of the latest base of a system only; whoever does not
find them makes them again from the lake.
"""

from collections import Counter
from pathlib import Path

import duckdb
from django.db.models import Count

from creditmesh.apps.evaluation.grading.models import Run, RunCell, RunChange, StandingColumns
from creditmesh.apps.evaluation.grading.operations import evaluating, results
from creditmesh.apps.ground.nodes.rules import ThisNode

CELL = ("region_group", "section", "outcome", "grade", "previous_grade")
Cells = Counter[tuple[str, ...]]


def full_digest(*, run: Run, node: ThisNode, engine: duckdb.DuckDBPyConnection, out: Path) -> str:
    """Return the digest of a full run, and keep the hashes of its rows for the runs of changes to come."""
    hashes = _hashes_of(run, node)
    results.write_hashes(engine=engine, file=out, out=hashes)
    for other in hashes.parent.glob("*.parquet"):
        if other != hashes:
            other.unlink(missing_ok=True)  # of a base before: made again should somebody still ask
    return results.digest_of(engine=engine, hashes=f"FROM read_parquet('{_escaped(hashes)}')")


def changed_digest(*, run: Run, node: ThisNode, engine: duckdb.DuckDBPyConnection, out: Path) -> str:
    """Return the digest of everyone after a run of changes; `_changes` are the subjects it speaks of."""
    assert run.base is not None  # noqa: S101 - asked of runs of changes only
    hashes = _hashes_of(run.base, node)
    if not hashes.exists():
        base = evaluating.kept_file(run=run.base, node=node, folder=out.parent)
        results.write_hashes(engine=engine, file=base, out=hashes)
    return results.changed_digest(engine=engine, base=hashes, kept=out)


def changed_cells(*, run: Run, table: type[StandingColumns], engine: duckdb.DuckDBPyConnection) -> Cells:
    """Return the cells of everyone after a run of changes: those of its base, less whom it speaks of, and these anew."""
    found: Cells = Counter(
        {row[:-1]: row[-1] for row in RunCell.objects.filter(run=run.base).values_list(*CELL, "subjects")}
    )
    changed = RunChange.objects.filter(run=run).values("subject")
    before = table._default_manager.filter(run=run.base, subject__in=changed)
    found.subtract(
        {row[:-1]: row[-1] for row in before.values_list(*CELL).annotate(n=Count("pk")).order_by()}
    )
    found.update({row[:-1]: row[-1] for row in results.cells(engine=engine)})
    return +found


def _hashes_of(run: Run, node: ThisNode) -> Path:
    return node.home / "hashes" / run.system / f"{run.uuid}.parquet"


def _escaped(file: Path) -> str:
    return str(file).replace("'", "''")
