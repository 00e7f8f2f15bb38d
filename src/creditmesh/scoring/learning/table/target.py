"""What came: the target of learning as good and bad, and the weight of each row."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.learning.table.columns import as_text, column_of, floats, values

FEWEST_ROWS = 50
FEWEST_OF_A_KIND = 10
NO_OUTCOME = frozenset({"unknown", "missing", "?", "-", "未知", "缺失", "不详"})
BAD_WORDS = ("1", "true", "yes", "y", "t", "bad", "default", "1.0", "是", "违约", "坏")


class CannotLearn(CreditmeshError):
    """A table does not hold what is needed to learn from it."""

    code = "cannot-learn"


@dataclass(frozen=True)
class Outcome:
    """Which rows have an outcome, whether it is bad, and how much each row counts."""

    known: NDArray[np.bool_]
    bad: NDArray[np.bool_]
    weight: NDArray[np.float64]
    positive: str


def outcome(table: pa.Table, *, target: str, positive: str | None, weights: str | None) -> Outcome:
    """Return the outcome of every row; rows without one are those that were rejected or are too young.

    Raises `CannotLearn` when the target has not exactly two values or too few rows of one kind.
    """
    read = values(column_of(table, target), type_=ColumnType.TEXT)
    texts = np.array([as_text(_whole(one)) or "" for one in read.known], dtype=object)
    kinds = sorted({str(one) for one in texts[read.present]})
    if len(kinds) != 2:
        raise CannotLearn(_not_two(kinds, target))
    chosen = _whole(positive) if positive is not None else _likely(kinds, target)
    if chosen not in kinds:
        raise CannotLearn(f"'{chosen}' is no value of {target}, which has {kinds[0]} and {kinds[1]}.")
    bad = texts == chosen
    weight = np.ones(len(bad)) if weights is None else _weights(table, weights)
    known = read.present & (weight > 0)
    fewest = min(int((bad & known).sum()), int((~bad & known).sum()))
    if int(known.sum()) < FEWEST_ROWS or fewest < FEWEST_OF_A_KIND:
        raise CannotLearn(
            f"{int(known.sum())} rows with an outcome, {fewest} of the rarer kind: too few to learn from; "
            f"at least {FEWEST_ROWS} and {FEWEST_OF_A_KIND} are needed."
        )
    return Outcome(known, np.asarray(bad & known, dtype=bool), weight, chosen)


def _not_two(kinds: list[str], target: str) -> str:
    """Return what is wrong with a target that has not exactly two values, and what to do about it."""
    if not kinds:
        return f"The target {target} is empty in every row; name the column that says what came of each."
    few = ", ".join(f"'{one}'" for one in kinds[:5]) + (" …" if len(kinds) > 5 else "")
    if len(kinds) == 1:
        return f"The target {target} is {few} in every row that has one: there is nothing to tell apart."
    empty = [one for one in kinds if one.lower() in NO_OUTCOME]
    if len(kinds) - len(empty) == 2:
        return (
            f"The target {target} has {len(kinds)} values ({few}), of which '{empty[0]}' seems to mean that there is none:"
            " leave those cells empty; rows without an outcome are set aside."
        )
    return (
        f"The target {target} must have two values, and has {len(kinds)} ({few}); make it 1 for bad and 0 for good,"
        " and leave it empty where the outcome is not known."
    )


def _whole(text: str) -> str:
    return text.removesuffix(".0")


def _likely(kinds: list[str], target: str) -> str:
    found = [one for one in kinds if one.lower() in BAD_WORDS]
    # of 1 and 2 either may be the bad one: some tables count classes from one, the good first
    if len(found) != 1 or (found == ["1"] and not set(kinds) <= {"1", "0", "-1"}):
        raise CannotLearn(
            f"Say which value of {target} is the bad one: --positive '{kinds[0]}' or --positive '{kinds[1]}'."
        )
    return found[0]


def _weights(table: pa.Table, name: str) -> NDArray[np.float64]:
    found = floats(column_of(table, name))
    if bool(np.any(found < 0)) or bool(np.all(np.isnan(found))):
        raise CannotLearn(f"The weights in {name} must be numbers, none below zero.")
    return np.asarray(np.nan_to_num(found), dtype=np.float64)
