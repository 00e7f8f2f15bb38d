"""The lake: one Delta table per information item, and the results of evaluations."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from creditmesh.catalogue.model import Catalogue, Item
from creditmesh.lake import changes, columns, comparing, engines, landing, marks, results, tables, views
from creditmesh.lake.engines import MEMORY, THREADS
from creditmesh.lake.landing import Landed

BATCH_ROWS = 50_000
# Delta's own names for the keys of an object store, taken from the environment as they are.
OPTION_PREFIXES = ("AWS_", "AZURE_", "GOOGLE_")


class Lake:
    """Accepted records under `root`, a folder or the address of an object store.

    >>> Lake("s3://bucket/node").place.is_local
    False
    """

    def __init__(self, root: str, *, options: Mapping[str, str] | None = None) -> None:
        found = {name: text for name, text in os.environ.items() if name.startswith(OPTION_PREFIXES)}
        chosen = options if options is not None else found
        self.place = tables.Place(str(root), chosen if "://" in str(root) else {})

    def land(
        self, *, item: Item, batch: str, seq: int, source: str, accepted: Path, corrects: bool = False
    ) -> Landed:
        """Land the accepted rows of a batch, once, and return what they changed.

        Safe to call again after a crash at any point. `seq` is the place in the order of landing wished
        for; a batch that comes after later ones is moved behind them. A batch that `corrects` takes the place of
        the rows of the same keys, one by one, however the item is updated; rows whose key is not held do nothing.
        Raises `landing.TooBusy`.
        """
        load = comparing.Load(item, batch, seq, source, accepted, corrects)
        with self._working() as (connection, scratch):
            connection.execute("SET preserve_insertion_order = false")
            return landing.land(self.place, load, connection=connection, scratch=scratch)

    def landed(self, item: Item, batch: str) -> Landed | None:
        """Return what a batch changed when it landed, or None when it has not landed."""
        table = self.place.opened(item.code)
        return None if table is None else landing.landed(table, batch)

    def answered(self, item: Item, *, source: str, accepted: Path) -> list[comparing.Answered]:
        """Return what the rows of a landed batch say of records that were corrected before; see `comparing.answered`."""
        table = self.place.opened(item.code)
        if table is None or not tables.is_corrected(table):
            return []
        with self._working() as (connection, _):
            load = comparing.Load(item, "", 0, source, accepted)
            return comparing.answered(self.place, table, load, connection=connection)

    def versions(self) -> dict[str, int]:
        """Return the newest version of every table, by item code; that of the marks as `marks.TABLE`."""
        opened = ((folder, self.place.opened(folder)) for folder in self.place.folders())
        found = {table.metadata().name or folder: table.version() for folder, table in opened if table}
        marked = marks.opened(self.place)
        return found if marked is None else {**found, marks.TABLE: marked.version()}

    def versions_on(self, at: datetime) -> dict[str, int]:
        """Return the version every table had at an instant, by item code; tables that came later are left out."""
        opened = [self.place.opened(folder) for folder in self.place.folders()]
        tables_ = {table.metadata().name: table for table in opened if table is not None}
        marked = marks.opened(self.place)
        if marked is not None:
            tables_[marks.TABLE] = marked
        instant = int(at.timestamp() * 1000)
        found: dict[str, int] = {}
        for name, table in tables_.items():
            known = [one["version"] for one in table.history() if one["timestamp"] <= instant]
            if known and name is not None:
                found[name] = max(known)
        return found

    def mark(self, rows: Sequence[marks.MarkRow]) -> int:
        """Append marks that are not there yet and return how many they were; see `marks.write`."""
        return marks.write(self.place, rows)

    def marks(self) -> Iterator[marks.MarkRow]:
        """Yield every mark in the order they were made."""
        return marks.rows(self.place)

    def last_mark(self) -> int:
        """Return the place in the order of the last mark written, 0 when there is none."""
        table = marks.opened(self.place)
        return 0 if table is None else marks.last(table)

    def rows(self, item: Item, batch: str, *, in_order: bool = True) -> Iterator[pa.RecordBatch]:
        """Yield the rows that a batch landed, in the order of its file unless that does not matter.

        Where a correction of before holds against the batch, that row is yielded instead of the delivered one.
        """
        where = f"WHERE _batch = {columns.quoted(batch)}"
        order = " ORDER BY _row" if in_order else ""

        def query(rows: str, corrected: bool) -> str:
            carried = f"SELECT _key FROM {rows} {where} AND _change = '{views.CORRECTED}'"
            but = f" AND (_change = '{views.CORRECTED}' OR _key NOT IN ({carried}))"
            return f"SELECT * FROM {rows} {where}{but if corrected else ''}{order}"

        yield from self._read(item, query)

    def moved(self, item: Item, batch: str) -> list[tuple[str, str, int]]:
        """Return (subject, key, seq) of the subjects that lost a key to another one by this batch of updates."""
        return self._ended(
            item,
            "SELECT DISTINCT o._subject, o._key, n._seq "
            "FROM (SELECT _key, _subject, _seq FROM {rows} WHERE _batch = ? AND _change <> 'new') n "
            "JOIN (SELECT _key, _subject, _seq FROM {rows}) o USING (_key) "
            "WHERE o._seq < n._seq AND o._subject <> n._subject",
            batch,
        )

    def corrected_away(self, item: Item, batch: str) -> list[tuple[str, str, int]]:
        """Return (subject, key, seq) of the rows of lists that do not count any more because a batch corrected them.

        Those of the list before the last are told too: it is what is shown while the last one is on its way.
        """
        return self._ended(
            item,
            f"WITH n AS (SELECT * FROM {{rows}} WHERE _batch = ? AND _change = '{views.CORRECTED}'), "
            "lists AS (SELECT DISTINCT _seq FROM {rows} WHERE _source = (SELECT any_value(_source) FROM n) "
            f"AND _seq < (SELECT any_value(_seq) FROM n) AND _change <> '{views.CORRECTED}' "
            "ORDER BY _seq DESC LIMIT 2) "
            "SELECT DISTINCT o._subject, o._key, o._seq "
            "FROM n JOIN (SELECT * FROM {rows}) o ON o._key = n._key AND o._source = n._source "
            "WHERE o._seq < n._seq AND o._seq >= (SELECT min(_seq) FROM lists)",
            batch,
        )

    def _ended(self, item: Item, query: str, batch: str) -> list[tuple[str, str, int]]:
        table = self.place.opened(item.code)
        with self._working() as (connection, _):
            rows = (
                None
                if table is None
                else tables.relation(connection, table, place=self.place, name="item_files")
            )
            if rows is None:
                return []
            found = connection.execute(query.format(rows=rows), [batch]).fetchall()
        return [(subject, key, seq) for subject, key, seq in found]

    def changed(self, item: Item, *, before: Mapping[str, int], now: Mapping[str, int]) -> frozenset[str]:
        """Return every subject on which an item says something new between two versions; see `changes.changed`."""
        with self._working() as (connection, _):
            return changes.changed(connection, self.place, item, before=before, now=now)

    def current(self, item: Item) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the item that count today."""
        yield from self._read(
            item, lambda rows, corrected: views.current(item, rows=rows, corrected=corrected)
        )

    def compact(self, item: Item) -> int:
        """Merge the small files that many batches leave behind; return how many fewer there are.

        Every row stays, so all views and earlier versions read the same as before.
        """
        table = self.place.opened(item.code)
        if table is None:
            return 0
        done = table.optimize.compact()
        return int(done["numFilesRemoved"]) - int(done["numFilesAdded"])

    def connection(
        self,
        *,
        catalogue: Catalogue,
        as_known: Mapping[str, int] | None = None,
        memory_limit: str = MEMORY,
        threads: int = THREADS,
        collected: Sequence[tuple[str, str]] = (),
    ) -> duckdb.DuckDBPyConnection:
        """Return a connection in which every item is a view of its current rows, under its table's name.

        `as_known` gives the version of a table by item code; a table it does not name is taken as never
        landed, so that a replay sees what the run saw. None means the newest of all. Records whose use is
        stopped by a mark are left out, at the version of the marks. `collected` says which item was ever landed
        for which region prefix and becomes the table `_collected`.
        """
        connection = self._connected(memory_limit=memory_limit, threads=threads)
        stopped = marks.stopped_items(connection, self.place, as_known)
        for item in catalogue.items.values():
            self._make_view(connection, item, as_known, stopped=item.code in stopped)
        pairs = pa.table(
            {
                "item": pa.array([item for item, _ in collected], pa.string()),
                "region_prefix": pa.array([prefix for _, prefix in collected], pa.string()),
            }
        )
        connection.register("collected_pairs", pairs)
        connection.execute("CREATE TABLE _collected AS SELECT * FROM collected_pairs")
        connection.unregister("collected_pairs")
        return connection

    def keep_results(self, *, system: str, run: str, file: Path) -> None:
        """Keep the results of a run, once; a second call with the same run changes nothing."""
        with self._working() as (connection, _):
            results.keep(self.place, system=system, run=run, file=file, connection=connection)

    def result(self, system: str, run: str, subject: str) -> dict[str, object] | None:
        """Return the result of one subject in a run, or None when it has none."""
        with self._working() as (connection, _):
            rows = results.relation(self.place, system=system, run=run, connection=connection)
            if rows is None:
                return None
            found = connection.sql(
                f"SELECT * FROM {rows} WHERE subject = ?", params=[subject]
            ).to_arrow_table()
            return dict(found.to_pylist()[0]) if found.num_rows else None

    def copy_results(self, *, system: str, run: str, to: Path) -> bool:
        """Write the results of a run to a local Parquet file, by subject; return whether there were any.

        For engines that read files and know no object store.
        """
        with self._working() as (connection, _):
            rows = results.relation(self.place, system=system, run=run, connection=connection)
            if rows is None:
                return False
            target = columns.quoted(str(to))
            connection.execute(f"COPY (SELECT * FROM {rows} ORDER BY subject) TO {target} (FORMAT parquet)")
            return True

    def results_file(self, system: str, run: str) -> list[str]:
        """Return the Parquet files that hold the results of a run; none when there are none."""
        return results.files(self.place, system=system, run=run)

    def _make_view(
        self,
        connection: duckdb.DuckDBPyConnection,
        item: Item,
        as_known: Mapping[str, int] | None,
        *,
        stopped: bool,
    ) -> None:
        table, rows = None, None
        name = columns.folder_name(item.code)
        if as_known is None or item.code in as_known:
            table = self.place.opened(item.code, version=(as_known or {}).get(item.code))
        if table is not None:
            rows = tables.relation(connection, table, place=self.place, name=f"{name}_files")
        held = tables.columns_of(connection, rows) if rows is not None else set()
        landed = f"({views.selected(item, held=held, source=rows)})"
        counted = views.current(item, rows=landed, corrected=tables.is_corrected(table))
        usable = marks.without_stopped(item.code, rows=counted) if stopped else counted
        connection.execute(f'CREATE VIEW "{name}" AS {usable}')

    def _read(self, item: Item, query: Callable[[str, bool], str]) -> Iterator[pa.RecordBatch]:
        table = self.place.opened(item.code)
        if table is None:
            return
        with self._working() as (connection, _):
            rows = tables.relation(connection, table, place=self.place, name="item_files")
            if rows is not None:
                asked = query(rows, tables.is_corrected(table))
                yield from connection.sql(asked).to_arrow_reader(BATCH_ROWS)

    @contextmanager
    def _working(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
        """Yield a connection and a scratch folder, both gone afterwards."""
        with (
            tempfile.TemporaryDirectory(prefix="creditmesh-") as scratch,
            engines.opened(spill=Path(scratch) / "spill") as connection,
        ):
            yield connection, Path(scratch)

    def _connected(self, *, memory_limit: str, threads: int) -> duckdb.DuckDBPyConnection:
        spill = Path(self.place.root) / "spill" if self.place.is_local else Path(tempfile.gettempdir())
        return duckdb.connect(
            config={
                "memory_limit": memory_limit,
                "threads": threads,
                "temp_directory": str(spill),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
