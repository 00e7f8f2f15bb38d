"""Learning for a node: the columns are inputs of a shipped system, whose records, triggers and caps stay as they are."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.definition.loaded import System, inputs
from creditmesh.scoring.language.tree import Type
from creditmesh.scoring.learning.table.reading import Column, Inputs, Note
from creditmesh.scoring.learning.table.target import CannotLearn

DAY = "as_of"
TYPES = {
    Type.INTEGER: ColumnType.INTEGER,
    Type.TEXT: ColumnType.TEXT,
    Type.TRUTH: ColumnType.TRUTH,
    Type.DATE: ColumnType.DATE,
}


def usable(found: Inputs, base: System) -> Inputs:
    """Return what a system that is based on another can read: its inputs as they are, and days between them.

    Raises `CannotLearn` where nothing is left, or the other takes results of systems along.
    """
    if base.definition.combination is not None:
        raise CannotLearn(
            f"{base.id} takes the results of other systems along; base yours on one that does not."
        )
    known = {name: TYPES[one.type] for name, one in inputs(base).items()}
    kept = [one for one in found.columns if _reads_only(one, known)]
    strange = sorted({one.name for one in found.columns} - {one.name for one in kept})
    if not kept:
        raise CannotLearn(
            f"No column is an input of {base.id}: take the table from a result of it, with the outcome beside."
        )
    notes = [
        Note(name, f"not as an input of {base.id} is; left out", f"与{base.id}的输入项不符，未使用")
        for name in strange
    ]
    return Inputs(tuple(_named(one, base) for one in kept), (*found.notes, *notes))


def _named(column: Column, base: System) -> Column:
    """Return a column under the name people gave the input, in both languages."""
    label = base.definition.features[column.name].label
    if not column.reads:
        return replace(column, label_zh=label.zh, label_en=label.en)
    if column.reads[1].id == DAY:
        return replace(column, label_zh=f"{label.zh}距今天数", label_en=f"Days since: {label.en}")
    other = base.definition.features[column.reads[1].name].label
    return replace(
        column, label_zh=f"{label.zh}至{other.zh}的天数", label_en=f"Days from: {label.en}, to: {other.en}"
    )


def _reads_only(column: Column, known: Mapping[str, ColumnType]) -> bool:
    if not column.reads:
        return column.id == column.name and column.scale == 1 and known.get(column.name) is column.type
    days = column.expression.startswith("days(")
    return days and all(one.id == DAY or known.get(one.id) is ColumnType.DATE for one in column.reads)


def trends(found: Inputs, base: System) -> dict[str, Literal["up", "down"]]:
    """Return which way points must run for each column of which the base says which way speaks against."""
    stated = {name: one.worse for name, one in base.definition.features.items()}
    return {
        one.name: "up" if stated[one.name] == "more" else "down"
        for one in found.columns
        if not one.reads and one.type is not ColumnType.TEXT and stated.get(one.name) is not None
    }
