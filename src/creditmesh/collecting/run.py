"""A delivered file in, a validated batch out."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb

from creditmesh.catalogue.model import Item, Source
from creditmesh.collecting import quality, written
from creditmesh.collecting.checking import first_look, repeats, second_look
from creditmesh.collecting.checking.layout import Layout
from creditmesh.collecting.checking.second_look import Resolver
from creditmesh.collecting.outcome import Outcome
from creditmesh.collecting.reading import delimited, formats, headings, structured, workbooks
from creditmesh.collecting.reading.formats import Format
from creditmesh.collecting.reading.rows import Rows, UnreadableFile, quoted
from creditmesh.kernel.errors import CreditmeshError

MEMORY = "1GB"
THREADS = 2


def collect(  # noqa: PLR0913 - the one door of the engine: what comes in, about what, from whom, where to
    *,
    file: Path,
    item: Item,
    source: Source,
    folder: Path,
    on: date,
    resolve: Resolver,
    progress: Callable[[int], None],
    engine: duckdb.DuckDBPyConnection | None = None,
) -> Outcome:
    """Read, check and sort the rows of a file; write the results into `folder`.

    `on` is the day of delivery. `resolve` is asked once for the subjects of rows without a code, with
    pairs of name (in its one spelling) and registration number. `progress` hears of rows read so far.
    `engine` is an empty DuckDB to do it in, by default one of its own.

    Raises `UnreadableFile` for a file that cannot be taken as a whole, and `WrongSource` when the item is
    not this source's to deliver. Nothing outside `folder` is written.
    """
    _refuse_wrong_source(item, source)
    folder.mkdir(parents=True, exist_ok=True)
    fingerprint = formats.fingerprint(file)
    with nullcontext(engine) if engine is not None else _connection(folder) as connection:
        rows = _open(
            file, folder=folder, connection=connection, has_control=fingerprint.has_control, progress=progress
        )
        try:
            layout = _first_look(connection, rows=rows, item=item, on=on)
        except duckdb.Error as error:
            if rows.numbered or not delimited.refuses(error):
                raise
            rows = delimited.read_carefully(file, folder=folder, progress=progress)
            layout = _first_look(connection, rows=rows, item=item, on=on)
        second_look.look(connection, layout=layout, resolve=resolve)
        repeats.find(connection, layout=layout)
        written.gather_refusals(connection, rows=rows, layout=layout)
        return _outcome(
            connection, rows=rows, layout=layout, folder=folder, sha256=fingerprint.sha256, progress=progress
        )


class WrongSource(CreditmeshError):
    """A source delivers an item that is not its to deliver."""

    code = "wrong-source"


def _refuse_wrong_source(item: Item, source: Source) -> None:
    if item.sources and source.code not in item.sources:
        raise WrongSource(
            f"来源“{source.label.zh}”不能报送信息项{item.code}（{item.label.zh}）；"
            f"可以报送的来源：{'、'.join(item.sources)}。 "
            f"Source {source.code} may not deliver item {item.code}; these may: {', '.join(item.sources)}."
        )


def _connection(folder: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": THREADS,
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )


def _open(
    file: Path,
    *,
    folder: Path,
    connection: duckdb.DuckDBPyConnection,
    has_control: bool,
    progress: Callable[[int], None],
) -> Rows:
    match formats.format_of(file):
        case Format.PARQUET:
            return structured.read_parquet(file, connection=connection)
        case Format.WORKBOOK:
            return workbooks.read(file, folder=folder, progress=progress)
        case Format.LINES:
            return structured.read_lines(file, folder=folder, progress=progress)
        case Format.CSV:
            return delimited.read(file, folder=folder, has_control=has_control)


def _first_look(connection: duckdb.DuckDBPyConnection, *, rows: Rows, item: Item, on: date) -> Layout:
    columns = headings.columns(item, rows.headings)
    layout = Layout(
        item=item,
        columns=columns,
        width=len(rows.headings),
        on=on,
        has_control=rows.has_control,
        familiar=first_look.familiar_codes(connection, rows=rows, columns=columns),
    )
    connection.execute("SET preserve_insertion_order = true")
    first_look.look(connection, rows=rows, layout=layout, restore=headings.is_refused_file(rows.headings))
    connection.execute("SET preserve_insertion_order = false")
    return layout


def _outcome(
    connection: duckdb.DuckDBPyConnection,
    *,
    rows: Rows,
    layout: Layout,
    folder: Path,
    sha256: str,
    progress: Callable[[int], None],
) -> Outcome:
    counts = _counts(connection)
    if counts.received == 0:
        raise UnreadableFile(
            "文件只有标题行，没有数据。",
            "The file holds headings and no data.",
            code="empty-file",
        )
    progress(counts.received)
    accepted, refused, unresolved = (
        folder / name for name in ("accepted.parquet", "refused.csv", "unresolved.parquet")
    )
    written.accepted(connection, layout=layout, file=accepted)
    if counts.quarantined:
        written.refused(connection, rows=rows, layout=layout, file=refused)
    if counts.unresolved:
        written.unresolved(connection, layout=layout, file=unresolved)
    relation = f"read_parquet({quoted(accepted)})"
    measures = quality.measure(
        connection, item=layout.item, rows=relation, received=counts.received, on=layout.on
    )
    earliest, latest = connection.execute(
        f"SELECT min(_event_date), max(_event_date) FROM {relation}"
    ).fetchall()[0]
    return Outcome(
        **asdict(counts),
        accepted_file=accepted,
        refused_file=refused if counts.quarantined else None,
        unresolved_file=unresolved if counts.unresolved else None,
        reasons=written.reasons(connection),
        quality=measures,
        earliest_event=earliest,
        latest_event=latest,
        file_sha256=sha256,
    )


@dataclass(frozen=True)
class _Counts:
    received: int
    accepted: int
    quarantined: int
    duplicates: int
    unresolved: int
    warned: int


def _counts(connection: duckdb.DuckDBPyConnection) -> _Counts:
    clean, judged, quarantined, repeated, conflicts, unresolved, warned = connection.execute(
        "SELECT (SELECT count(*) FROM walked WHERE _raw IS NULL), (SELECT count(*) FROM judged), "
        "(SELECT count(*) FROM refusals), (SELECT count(*) FROM dropped), "
        "(SELECT count(*) FROM dropped WHERE conflict), "
        "(SELECT count(*) FROM judged WHERE len(_refusals) = 0 AND _subject IS NULL), "
        "(SELECT count(*) FROM judged WHERE len(_refusals) = 0 AND _subject IS NOT NULL "
        "AND len(_cautions) > 0 AND _row NOT IN (SELECT _row FROM dropped))"
    ).fetchall()[0]
    received, duplicates = clean + judged, repeated - conflicts
    accepted = received - quarantined - duplicates - unresolved
    return _Counts(received, accepted, quarantined, duplicates, unresolved, warned)
