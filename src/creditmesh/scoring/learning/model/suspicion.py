"""Columns that know too much: they nearly decide the target alone, or are named like what comes after it."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from creditmesh.scoring.learning.model.binning import fine
from creditmesh.scoring.learning.model.measures import auc
from creditmesh.scoring.learning.table.reading import Column, Note

TOO_GOOD = 0.99
AFTERWARDS = re.compile(
    r"charge.?off|chg.?off|default|mis.?status|balance.?gross|recover|write.?off|outcome|result|status_after"
    r"|closed|bankrupt|loss|overdue_after|违约|逾期|核销|代偿|不良|结果|处置|注销|失信|被执行|清收",
    re.IGNORECASE,
)


def suspicious(columns: Sequence[Column], bad: NDArray[np.bool_]) -> list[Note]:
    """Return a note on every column that may be part of the outcome rather than a sign of it."""
    notes = []
    for one in columns:
        if one.optional or len(one.reads) == 1:  # comparisons and remainders say what their columns say
            continue
        alone = alone_auc(one, bad)
        if alone > TOO_GOOD:
            notes.append(
                Note(
                    one.name,
                    f"alone it separates bad from good with AUC {alone:.3f}: is it known before the outcome? "
                    "If not, leave it out with --drop",
                    f"单凭该列即可区分（AUC {alone:.3f}）：结果发生前是否已知？若否，请用--drop剔除",
                )
            )
        elif AFTERWARDS.search(one.label_en):
            notes.append(
                Note(
                    one.name,
                    "its name sounds like something known only afterwards; if so, leave it out with --drop",
                    "列名似为事后才知的信息；若是，请用--drop剔除",
                )
            )
    return notes


def alone_auc(column: Column, bad: NDArray[np.bool_]) -> float:
    """Return the AUC of one column alone, by the share of bad in fine bands, half of the rows judging the other."""
    found = np.zeros(len(bad))
    sides = np.arange(len(bad)) % 2
    for side in (0, 1):
        learn, test = np.flatnonzero(sides != side), np.flatnonzero(sides == side)
        bins = fine(column.values.taken(learn), smallest=5)
        codes = bins.codes(column.values)
        rows = np.bincount(codes[learn], minlength=bins.size)
        bads = np.bincount(codes[learn], bad[learn], minlength=bins.size)
        average = bads.sum() / max(rows.sum(), 1)
        found[test] = ((bads + average) / (rows + 1))[codes[test]]
    return auc(bad, found)
