"""JSON lines and Parquet, whose values already have types: they become text and are checked like any other."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from creditmesh.collecting.reading.rows import Rows, TextRow, UnreadableFile, lay_down, quoted

LONGEST_LINE = 64 << 20
NESTED = ("[]", "STRUCT", "MAP", "UNION", "VARIANT", "JSON")


def read_lines(file: Path, *, folder: Path, progress: Callable[[int], None]) -> Rows:
    """Return the rows of a JSON-lines file; the names seen in any line are the headings.

    Raises `UnreadableFile` for a file without any object; a line that is no flat object becomes a
    row with a fault.
    """
    names: dict[str, int] = {}
    for _, found in _objects(file):
        if isinstance(found, dict):
            for name in found:
                names.setdefault(name, len(names))
    if not names:
        raise UnreadableFile(
            '没有一行是JSON对象；每行须为一个对象，如 {"名称": "…"}。',
            'No line holds a JSON object; write one object per line, such as {"name": "..."}.',
            code="empty-file",
        )
    return lay_down(tuple(names), _json_rows(file, names), file=folder / "rows.parquet", progress=progress)


def read_parquet(file: Path, *, connection: duckdb.DuckDBPyConnection) -> Rows:
    """Return the rows of a Parquet file with every column as text; raise `UnreadableFile` for nested ones."""
    source = f"read_parquet({quoted(file)}, hive_partitioning=false, file_row_number=true)"
    try:
        described = connection.execute(f"DESCRIBE SELECT * EXCLUDE file_row_number FROM {source}").fetchall()
    except duckdb.Error as error:
        raise UnreadableFile(
            "无法读取该Parquet文件，可能已损坏；请重新导出。",
            "This Parquet file cannot be read; it may be damaged. Export it again.",
            code="parquet",
        ) from error
    nested = [name for name, kind, *_ in described if any(one in kind for one in NESTED)]
    if nested:
        raise UnreadableFile(
            f"以下栏目含嵌套结构，无法作为表格读取：{'、'.join(nested)}。",
            f"These columns hold nested values and cannot be read as a table: {', '.join(nested)}.",
            code="nested",
        )
    columns = ", ".join(f"{_as_text(name, kind)} AS c{i}" for i, (name, kind, *_) in enumerate(described))
    relation = f"(SELECT file_row_number + 1 AS _row, NULL::VARCHAR AS _fault, {columns} FROM {source})"
    return Rows(tuple(row[0] for row in described), relation, numbered=True, has_control=True)


def _as_text(name: str, kind: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    if kind in {"DOUBLE", "FLOAT"}:
        # Whole numbers held as floating point (gaps do that) read as whole numbers again.
        return (
            f"CASE WHEN isnan({column}) THEN NULL WHEN {column} = trunc({column}) AND abs({column}) < 1e15 "
            f"THEN TRY_CAST({column} AS BIGINT)::VARCHAR ELSE {column}::VARCHAR END"
        )
    return f"nullif({column}::VARCHAR, '')"


def _objects(file: Path) -> Iterator[tuple[int, object]]:
    with file.open("rb") as stream:
        number = 0
        while line := stream.readline(LONGEST_LINE):
            if not line.strip():
                continue
            number += 1
            yield number, _parsed(line)


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line.decode("utf-8-sig"), parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return line.decode("utf-8", errors="replace")


def _json_rows(file: Path, names: dict[str, int]) -> Iterator[TextRow]:
    for number, found in _objects(file):
        cells: list[str | None] = [None] * len(names)
        if not isinstance(found, dict):
            cells[0] = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
            yield TextRow(number, cells, "row-json")
            continue
        nested = None
        for name, value in found.items():
            cells[names[name]] = _json_text(value)
            nested = f"row-nested:{name}" if isinstance(value, dict | list) else nested
        yield TextRow(number, cells, nested)


def _json_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
