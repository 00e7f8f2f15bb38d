"""DuckDB engines that are used again and again: opening one takes longer than most of what is asked of it.

Whoever has an engine has it alone, with a database of that use: its tables, views, types and macros are gone before
the next, and the settings made here are made anew. Nobody else may change settings, keep secrets or register
functions in one. An engine whose use failed, or that wrote to disk, is never used again.
"""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import duckdb

from creditmesh.lake import columns

MEMORY = "1GB"
THREADS = 2
MOST_IDLE = 2  # of a process; more are open only while they are used

_IDLE: list[duckdb.DuckDBPyConnection] = []
_OF_THE_PARENT: list[duckdb.DuckDBPyConnection] = []
_NUMBERS = count(1)


@contextmanager
def opened(*, spill: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that knows nothing of earlier uses and is closed at the end.

    What does not fit into `MEMORY` goes to the folder `spill`, which may be deleted afterwards; without one it
    is an error.
    """
    engine = _taken()
    own = f"use{next(_NUMBERS)}"
    try:
        with engine.cursor() as connection:
            connection.execute(
                f"SET temp_directory = {columns.quoted(str(spill or ''))}; SET enable_external_file_cache = true; "
                f"SET preserve_insertion_order = true; ATTACH ':memory:' AS {own}; USE {own}"
            )
            yield connection
        engine.execute(f"DETACH {own}; SET enable_external_file_cache = false")
    except BaseException:
        engine.close()
        raise
    _give_back(engine)


def _taken() -> duckdb.DuckDBPyConnection:
    try:
        return _IDLE.pop()
    except IndexError:
        return duckdb.connect(
            config={
                "memory_limit": MEMORY,
                "threads": THREADS,
                "allocator_background_threads": True,  # gives memory of a large use back to the machine
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )


def _give_back(engine: duckdb.DuckDBPyConnection) -> None:
    try:
        # DuckDB refuses this once it wrote to the folder; what it wrote goes when the engine goes.
        engine.execute("SET temp_directory = ''")
    except duckdb.NotImplementedException:
        engine.close()
        return
    if len(_IDLE) < MOST_IDLE:
        _IDLE.append(engine)
    else:
        engine.close()


def _forget() -> None:
    """Leave the engines to the parent: their threads are not in this process, and closing them would wait for those."""
    _OF_THE_PARENT.extend(_IDLE)
    _IDLE.clear()


def _close() -> None:
    """Close the idle ones: DuckDB complains of what is still open when the interpreter ends."""
    while _IDLE:
        _IDLE.pop().close()


os.register_at_fork(after_in_child=_forget)
atexit.register(_close)
