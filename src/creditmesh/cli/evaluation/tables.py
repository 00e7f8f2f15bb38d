"""Tables that scientists bring: whatever the format, as columns with their headings."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

GZIP = b"\x1f\x8b"


def read(file: Path) -> Any:
    """Return the file as an Arrow table: Parquet with its types, everything else as text; also packed with gzip."""
    import gzip
    import shutil

    with file.open("rb") as stream:
        packed = stream.read(2) == GZIP
    if not packed:
        return _plain(file)
    with TemporaryDirectory() as name:
        plain = Path(name) / "table"
        with gzip.open(file) as source, plain.open("wb") as to:
            shutil.copyfileobj(source, to)
        return _plain(plain)


def _plain(file: Path) -> Any:
    import duckdb

    from creditmesh.collecting.reading import delimited, structured, workbooks
    from creditmesh.collecting.reading.formats import Format, format_of

    kind = format_of(file)
    if kind is Format.PARQUET:
        return _parquet(file)
    with TemporaryDirectory() as name:
        folder = Path(name)
        if kind is Format.WORKBOOK:
            rows = workbooks.read(file, folder=folder, progress=_silent)
        elif kind is Format.LINES:
            rows = structured.read_lines(file, folder=folder, progress=_silent)
        else:
            rows = delimited.read(file, folder=folder, has_control=True)
        connection = duckdb.connect()
        try:
            return _queried(connection, rows.headings, rows.relation)
        except duckdb.Error as error:
            if kind is not Format.CSV or not delimited.refuses(error):
                raise
            careful = delimited.read_carefully(file, folder=folder, progress=_silent)
            _refuse_shifted(connection, careful.relation)
            return _queried(connection, careful.headings, careful.relation)
        finally:
            connection.close()


def _parquet(file: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from creditmesh.collecting.reading.rows import UnreadableFile

    try:
        return pq.read_table(file)
    except (pa.ArrowException, OSError) as wrong:
        raise UnreadableFile(
            "无法读取该Parquet文件，可能传输不完整；请重新导出。",
            "This Parquet file cannot be read, perhaps it is not whole; export it again.",
        ) from wrong


def _refuse_shifted(connection: Any, relation: str) -> None:
    """Refuse rows that are wider or narrower than the headings: their values would stand under the wrong ones."""
    from creditmesh.collecting.checking.row_rules import fault_words
    from creditmesh.collecting.reading.rows import UnreadableFile

    faulty = f"FROM {relation} WHERE _fault IS NOT NULL"
    [(number, first, fault)] = connection.sql(
        f"SELECT count(*), min(_row), arg_min(_fault, _row) {faulty}"
    ).fetchall()
    if number:
        words = fault_words(fault)
        raise UnreadableFile(
            f"有{number}行与标题行不符，第一处在第{first}行数据：{words.zh}",
            f"{number} rows do not fit the headings, the first is row {first} of the data: {words.en}",
        )


def _queried(connection: Any, headings: tuple[str, ...], relation: str) -> Any:
    columns = ", ".join(f"c{n}" for n in range(len(headings)))
    found = connection.sql(f"SELECT {columns} FROM {relation}").to_arrow_table()  # noqa: S608 - numbered columns
    return found.rename_columns(list(headings))  # as they stand, also when one stands twice


def _silent(_rows: int) -> None:
    pass
