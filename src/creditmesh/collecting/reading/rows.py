"""Rows of text on their way to the checks, and how a reader that works row by row lays them down."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from creditmesh.kernel.errors import CreditmeshError

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
BATCH_ROWS = 20_000
BATCH_LETTERS = 32_000_000  # a few enormous cells must not pile up


class UnreadableFile(CreditmeshError):
    """A file that cannot be taken as a whole; the sentence says what is wrong and what to do."""

    code = "unreadable-file"

    def __init__(self, zh: str, en: str, *, code: str = "unreadable-file") -> None:
        super().__init__(f"{zh} {en}", code=code)
        self.zh = zh
        self.en = en


@dataclass(frozen=True)
class Rows:
    """Where the rows of a file are: SQL text of a relation with columns c0, c1, ... of text.

    A `numbered` relation also has `_row` (from 1) and `_fault` (what is wrong with the row's shape, or
    NULL); otherwise the order of the relation numbers its rows and every row is well formed.
    """

    headings: tuple[str, ...]
    relation: str
    numbered: bool
    has_control: bool


@dataclass(frozen=True)
class TextRow:
    """One row as a careful reader saw it; `fault` is a rule with its detail, such as `row-short:3`."""

    number: int
    cells: Sequence[str | None]
    fault: str | None = None


def quoted(text: str | Path) -> str:
    """Return the text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def lay_down(
    headings: tuple[str, ...], rows: Iterable[TextRow], *, file: Path, progress: Callable[[int], None]
) -> Rows:
    """Write the rows to a Parquet file and return where they are; blank rows are skipped.

    Cells are cut or filled to the number of headings, so a row of another width must carry a fault.
    """
    width = len(headings)
    names = ["_fault", *(f"c{i}" for i in range(width))]
    fields: list[tuple[str, pa.DataType]] = [("_row", pa.int64())]
    schema = pa.schema(fields + [(name, pa.string()) for name in names])
    has_control = False
    with pq.ParquetWriter(file, schema, compression="snappy") as writer:
        for batch in _batches(rows):
            cells = [
                [(row.cells[i] or None) if i < len(row.cells) else None for row in batch]
                for i in range(width)
            ]
            has_control = has_control or any(
                cell and UNPRINTABLE.search(cell) for column in cells for cell in column
            )
            texts = [pa.array(one, pa.string()) for one in ([row.fault for row in batch], *cells)]
            numbers = pa.array([row.number for row in batch], pa.int64())
            writer.write_batch(pa.record_batch([numbers, *texts], schema=schema))
            progress(batch[-1].number)
    return Rows(headings, f"read_parquet({quoted(file)})", numbered=True, has_control=has_control)


def _batches(rows: Iterable[TextRow]) -> Iterator[list[TextRow]]:
    batch: list[TextRow] = []
    letters = 0
    for row in rows:
        if row.fault is None and not any(row.cells):
            continue
        batch.append(row)
        letters += sum(len(cell) for cell in row.cells if cell)
        if len(batch) >= BATCH_ROWS or letters > BATCH_LETTERS:
            yield batch
            batch, letters = [], 0
    if batch:
        yield batch
