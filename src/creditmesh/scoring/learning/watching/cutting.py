"""How a learnt system treats parts of the rows: grades, share of bad and AUC per value; and the rejected beside them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.learning.model.calibrating import Line
from creditmesh.scoring.learning.model.measures import auc, psi
from creditmesh.scoring.learning.table.columns import column_of, floats, values
from creditmesh.scoring.learning.table.reading import type_of

Numbers = NDArray[np.float64]
MOST_VALUES = 12
PARTS = 4
FEWEST = 30  # rows of each kind before an AUC of a part says anything


def cuts(  # noqa: PLR0913 - the rows, and all that is known of them
    table: pa.Table,
    names: Sequence[str],
    *,
    rows: NDArray[np.int64],
    bad: NDArray[np.bool_],
    tested: Numbers,
    places: NDArray[np.int64],
    grades: Sequence[str],
) -> list[dict[str, Any]]:
    """Return, per column and value, rows, share of bad, AUC on rows not seen, and shares of grades in basis points.

    Raises `NoSuchColumn`. AUC is None where one kind has under 30 rows.
    """
    made = []
    for name in names:
        parts = _parts(table, name)[rows]
        for value in sorted(set(parts.tolist())):
            inside = parts == value
            seen = inside & ~np.isnan(tested)
            bads = int(bad[seen].sum())
            enough = min(bads, int(seen.sum()) - bads) >= FEWEST
            made.append(
                {
                    "column": name,
                    "value": value,
                    "rows": int(inside.sum()),
                    "share_bad": round(float(bad[inside].mean()), 4),
                    "auc": round(auc(bad[seen], tested[seen]), 4) if enough else None,
                    "grades": _shares(places[inside], grades),
                }
            )
    return made


def rejected(
    own: Numbers, others: Numbers, *, line: Line, ends: Sequence[int], grades: Sequence[str]
) -> dict[str, Any]:
    """Return how the scores of rejected rows lie beside those learnt from; what became of them is not known.

    `expected_bad` is what the line would say if they were like the others with the same score: a lower bound at best.
    """
    tenths = np.unique(np.quantile(own, np.linspace(0, 1, 11)[1:-1]))
    first, second = (
        np.bincount(np.searchsorted(tenths, one, side="left"), minlength=len(tenths) + 1)
        for one in (own, others)
    )
    return {
        "rows": len(others),
        "mean_points": [round(float(own.mean()), 1), round(float(others.mean()), 1)],
        "psi": round(psi(first, second), 4),
        "outside": round(float(((others < own.min()) | (others > own.max())).mean()), 4),
        "expected_bad": round(float(line.probability(others).mean()), 4),
        "grades": _shares(placed(others, ends), grades),
    }


def placed(points: Numbers, ends: Sequence[int]) -> NDArray[np.int64]:
    """Return the place of the grade of every score."""
    return np.asarray(np.searchsorted(np.array(ends), points, side="left"), dtype=np.int64)


def _shares(places: NDArray[np.int64], grades: Sequence[str]) -> dict[str, int]:
    return {one: round(10_000 * float((places == n).mean())) for n, one in enumerate(grades)}


def _parts(table: pa.Table, name: str) -> NDArray[Any]:
    """Return the part every row belongs to: its value; of many numbers quarters, of many texts the commonest."""
    array = column_of(table, name)
    if type_of(array) is ColumnType.INTEGER:
        numbers = floats(array)
        known = numbers[~np.isnan(numbers)]
        if len(np.unique(known)) > MOST_VALUES:
            return _quarters(numbers, known)
    read = values(array, type_=ColumnType.TEXT)
    words, counts = np.unique(read.known[read.present].astype(str), return_counts=True)
    order = sorted(range(len(words)), key=lambda n: (-counts[n], words[n]))
    kept = {str(words[n]) for n in order[:MOST_VALUES]}
    pairs = zip(read.known, read.present, strict=True)
    return np.array(
        [(str(v) if str(v) in kept else "…") if there else "-" for v, there in pairs], dtype=object
    )


def _quarters(numbers: Numbers, known: Numbers) -> NDArray[Any]:
    ends = np.unique(np.quantile(known, np.linspace(0, 1, PARTS + 1)[1:-1], method="lower"))
    names = [*(f"{n}: ≤ {end:g}" for n, end in enumerate(ends, start=1)), f"{len(ends) + 1}: > {ends[-1]:g}"]
    place = np.searchsorted(ends, numbers, side="left")
    return np.array(
        ["-" if np.isnan(one) else names[n] for one, n in zip(numbers, place, strict=True)], dtype=object
    )
