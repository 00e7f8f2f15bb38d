"""A lake of synthetic records, as large as wanted and the same on every machine: for engines to be compared on."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from creditmesh.catalogue.model import Catalogue, FieldDefinition, Item, Kind, Update
from creditmesh.lake.marks import MarkRow
from creditmesh.lake.store import Lake
from creditmesh.scoring.definition.loaded import System, items_read

TODAY = date(2026, 11, 1)
SUBJECT = "printf('91%06d%010d', 630100 + i % 40, i)"
PSEUDONYM = "printf('P:%010d', i)"
STOPPED_EVERY = 1000


def catalogue_of(systems: Sequence[System]) -> Catalogue:
    """Return a catalogue of the items that systems read."""
    items: dict[str, Item] = {}
    for system in systems:
        items |= {
            code: system.items[code] for code in (*items_read(system), *system.definition.population.items)
        }
    listed = type("List", (), {"items": tuple(items[code] for code in sorted(items))})()
    return Catalogue.model_construct(lists=(listed,))


def collected(catalogue: Catalogue) -> list[tuple[str, str]]:
    """Say that all items but every seventh were delivered for everyone, and that one for half of the regions."""
    return [(code, "63010" if nth % 7 == 6 else "") for nth, code in enumerate(sorted(catalogue.items))]


def fill(lake: Lake, catalogue: Catalogue, *, subjects: int, folder: Path) -> int:
    """Land records about so many subjects, some of them in a second batch; correct some and mark some as stopped.

    Return how many rows landed.
    """
    landed = 0
    for nth, (code, item) in enumerate(sorted(catalogue.items.items())):
        registers = item.describes is not None
        rows = subjects if registers else subjects * (1 + nth % 3) // 2
        for batch, (first, many) in enumerate([(0, rows), (max(rows - 20, 0), 40)], start=1):
            file = folder / f"{code}-{batch}.parquet"
            _write(
                item,
                file,
                first=first,
                many=many,
                subjects=subjects,
                salt=100 * nth,
                batch=batch,
                of=registers,
            )
            done = lake.land(item=item, batch=f"{code}-{batch}", seq=batch, source=f"S{batch}", accepted=file)
            landed += done.added + done.updated
            file.unlink()
        file = folder / f"{code}-corrected.parquet"
        _write(item, file, first=0, many=10, subjects=subjects, salt=7 + nth, batch=4, of=registers)
        done = lake.land(
            item=item, batch=f"{code}-corrected", seq=3, source="S1", accepted=file, corrects=True
        )
        assert done.updated == 10
        landed += done.updated
        file.unlink()
    lake.mark(list(_marks(catalogue, subjects)))
    return landed


def _marks(catalogue: Catalogue, subjects: int) -> list[MarkRow]:
    with duckdb.connect() as connection:
        stopped = range(3, subjects, STOPPED_EVERY)
        found = []
        for code in sorted(catalogue.items)[1:4]:
            for number in stopped:
                subject, key = connection.execute(
                    f"SELECT {_subject(catalogue.items[code])}, {_key(number)} FROM (SELECT {number} AS i)"
                ).fetchall()[0]
                seq = len(found) + 1
                common = {
                    "case": f"c{seq}",
                    "why": "made up",
                    "by": "nobody",
                    "at": datetime(2026, 3, 1, tzinfo=UTC),
                }
                kind = "stopped" if seq % 4 else ""
                found.append(
                    MarkRow(seq=seq, uuid=f"u{seq}", subject=subject, item=code, key=key, kind=kind, **common)
                )
        return found


def _subject(item: Item) -> str:
    return PSEUDONYM if item.subject.code is None and item.subject.pseudonym is not None else SUBJECT


def _key(number: int) -> str:
    return f"'k' || {number}"


def _write(
    item: Item, file: Path, *, first: int, many: int, subjects: int, salt: int, batch: int, of: bool
) -> None:
    about = "n" if of else f"CASE WHEN n % 3 = 0 THEN n ELSE (hash(n, {salt}) % {subjects})::BIGINT END"
    happened = f'"{item.event_date}"' if item.event_date else "NULL::DATE"
    fields = [
        f'{_value(item, one, salt + nth, batch, max(subjects // 3, 7))} AS "{one.name}"'
        for nth, one in enumerate(item.fields, start=1)
    ]
    query = (
        f"SELECT 'k' || n AS _key, {_subject(item)} AS _subject, n - {first} + 1 AS _row, (hash(n, {batch}) >> 2)::BIGINT AS _digest,"
        f" {happened} AS _event_date, '' AS _warnings, * EXCLUDE (n, i)"
        f" FROM (SELECT n, i, {', '.join(fields)} FROM (SELECT n, {about} AS i FROM range({first}, {first + many}) AS r(n)))"
    )
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")


def _value(item: Item, field: FieldDefinition, salt: int, batch: int, texts: int) -> str:
    # texts come from one stock for all items, about three enterprises to each: what ties items together finds something
    dice = f"hash(n, {salt}, {batch if item.update is not Update.APPEND else 0})"
    match field.kind:
        case Kind.INTEGER | Kind.MONEY | Kind.PERCENT:
            low = max(field.minimum if field.minimum is not None else -1000, -(10**12))
            high = min(field.maximum if field.maximum is not None else 10**10, 10**12)
            value = f"({low} + CASE WHEN {dice} % 3 > 0 THEN {dice} % {min(high - low, 40) + 1} ELSE {dice} % {high - low + 1} END)::BIGINT"
        case Kind.DATE:
            value = f"DATE '{TODAY}' - (({dice} % 2400)::INTEGER - 100)"
        case Kind.BOOLEAN:
            value = f"{dice} % 5 = 0"
        case Kind.CHOICE:
            choices = sorted(field.choices)
            value = f"{choices!r}[1 + ({dice} % {len(choices)})::INTEGER]"
        case Kind.REGION:
            value = f"(630100 + {dice} % 40)::VARCHAR"
        case Kind.INDUSTRY:
            value = f"['F521', 'C139', 'E471', 'H621'][1 + ({dice} % 4)::INTEGER]"
        case Kind.USCC:
            value = SUBJECT
        case _:
            value = f"'文' || ({dice} % {texts})"
    return value if field.required else f"CASE WHEN hash(n, {salt}, 7) % 9 > 0 THEN {value} END"
