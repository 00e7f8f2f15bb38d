"""The records behind the points of one enterprise, each set once however many indicators read it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from creditmesh.apps.evaluation.grading.queries.detail import Evidence
from creditmesh.catalogue.model import Text
from creditmesh.scoring.explain import Branch


@dataclass(frozen=True, kw_only=True)
class RecordSet:
    """Records of one item, with the inputs made from them and the indicators that stand on those.

    `filter` and `window` say what was looked for; blank where the inputs looked for different things.
    """

    evidence: Evidence
    filter: str
    window: Text | None
    inputs: tuple[Text, ...]
    indicators: tuple[Text, ...]


def record_sets(*, evidence: Iterable[Evidence], branches: Iterable[Branch]) -> tuple[RecordSet, ...]:
    """Return every set of records once; those of the same item with the same rows are the same set."""
    readers = _readers(branches)
    found: dict[object, list[Evidence]] = {}
    for one in evidence:
        rows = tuple(tuple(str(value) for value in row) for row in one.rows)
        # Nothing found is told apart by what was looked for.
        same = (one.item, one.total, rows) if one.total else (one.item, one.feature)
        found.setdefault(same, []).append(one)
    return tuple(
        RecordSet(
            evidence=several[0],
            filter=several[0].filter if len({one.filter for one in several}) == 1 else "",
            window=several[0].window if len({str(one.window) for one in several}) == 1 else None,
            inputs=_once(one.label for one in several),
            indicators=_once(label for one in several for label in readers.get(one.feature, ())),
        )
        for several in found.values()
    )


def _readers(branches: Iterable[Branch]) -> dict[str, list[Text]]:
    found: dict[str, list[Text]] = {}
    for branch in _leaves(branches):
        for one in branch.lineage:
            found.setdefault(one.feature, []).append(branch.label)
    return found


def _leaves(branches: Iterable[Branch]) -> Iterator[Branch]:
    for one in branches:
        if one.kind == "indicator":
            yield one
        yield from _leaves(one.parts)


def _once(texts: Iterable[Text]) -> tuple[Text, ...]:
    return tuple({one.zh: one for one in texts}.values())
