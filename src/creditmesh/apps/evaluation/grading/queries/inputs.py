"""What a run reads: the tables at the versions it froze, and which items were collected where."""

from collections.abc import Iterable, Sequence

import duckdb

from creditmesh.apps.evaluation.grading.models import Run, RunTable
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.catalogue.model import Catalogue
from creditmesh.lake.marks import TABLE as MARKS


def versions(run: Run) -> dict[str, int]:
    """Return the version of every table the run reads, by item."""
    return dict(RunTable.objects.filter(run=run).order_by("item").values_list("item", "lake_version"))


def collected(run: Run) -> list[tuple[str, str]]:
    """Return which item had been collected for which region prefix when the run began."""
    return collected_pairs(run.collected)


def collected_pairs(text: str) -> list[tuple[str, str]]:
    """Return the pairs of item and region prefix in the text that a run keeps."""
    return [(item, prefix) for item, _, prefix in (line.partition("\t") for line in text.splitlines())]


def collected_text(pairs: Iterable[tuple[str, str]]) -> str:
    """Return such pairs as the text that a run keeps."""
    return "\n".join(f"{item}\t{prefix}" for item, prefix in sorted(set(pairs)))


def connection(run: Run, *, node: ThisNode, items: Sequence[str] | None = None) -> duckdb.DuckDBPyConnection:
    """Return an engine connection that shows the lake as the run saw it; of all items, or of some."""
    known = versions(run)
    catalogue = node.catalogue if items is None else only(node.catalogue, items)
    held = catalogue.items
    return node.lake.connection(
        catalogue=catalogue,
        as_known={item: version for item, version in known.items() if item in held or item == MARKS},
        collected=collected(run),
    )


def only(catalogue: Catalogue, items: Sequence[str]) -> Catalogue:
    """Return a catalogue of nothing but these items."""
    lists = tuple(
        one.model_copy(update={"items": tuple(item for item in one.items if item.code in items)})
        for one in catalogue.lists
    )
    # Not a copy: that would take along what the whole catalogue has worked out of its lists.
    return Catalogue.model_construct(lists=lists)
