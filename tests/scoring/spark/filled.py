"""A small lake for several systems, what DuckDB makes of it, and the same asked of Spark."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.scoring.example import example
from tests.scoring.spark import made

from creditmesh.lake import reading
from creditmesh.lake.store import Lake
from creditmesh.scoring import evaluate, loading
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.evaluate import Beside
from creditmesh.scoring.targets.spark import running
from creditmesh.scoring.targets.spark.showing import Shown

SUBJECTS = 150
STEPS = (1, -1, 3)


@cache
def system_of(name: str) -> System:
    """Return a shipped system, or the example of these tests."""
    return example() if name == "example" else loading.load(loading.shipped()[name])


def parts_of(name: str) -> dict[str, str]:
    """Return the systems whose results a system takes, by the name it gives them."""
    combination = system_of(name).definition.combination
    return {} if combination is None else {one: part.system for one, part in combination.parts.items()}


def needed(names: Sequence[str]) -> list[str]:
    """Return some systems and all whose results they take."""
    found = list(names)
    for name in found:
        found += [one for one in parts_of(name).values() if one not in found]
    return found


class Filled:
    """A lake with the items of some systems; every system is run after a run before it, and with steps by people."""

    def __init__(self, names: Sequence[str], folder: Path) -> None:
        """Land the records; results come when they are asked for."""
        self.folder = folder
        self.catalogue = made.catalogue_of([system_of(name) for name in needed(names)])
        self.lake = Lake(str(folder / "lake"))
        made.fill(self.lake, self.catalogue, subjects=SUBJECTS, folder=folder)
        self.collected = made.collected(self.catalogue)

    def before(self, name: str) -> Path:
        """Return DuckDB's result without a run before and without steps."""
        out = self.folder / f"{name}-before.parquet"
        if not out.exists():
            self._on_duckdb(name, Beside(parts=self._parts(name)), out)
        return out

    def on_duckdb(self, name: str) -> pa.Table:
        """Return DuckDB's result."""
        beside = Beside(
            previous=str(self.before(name)), parts=self._parts(name), adjusted=self._adjusted(name)
        )
        return self._on_duckdb(name, beside, self.folder / f"{name}-duckdb.parquet")

    def on_spark(self, session: Any, name: str, beat: Callable[[], None] = lambda: None) -> pa.Table:
        """Return Spark's result."""
        read = reading.read(self.lake.place, catalogue=self.catalogue)
        assert len(read.stopped) > 0
        shown = Shown(
            items=read.items,
            stopped=read.stopped,
            collected=self.collected,
            previous=[str(self.before(name))],
            parts={one: [file] for one, file in self._parts(name).items()},
            adjusted=self._adjusted(name),
        )
        asked = running.Run(
            system=system_of(name),
            as_of=made.TODAY,
            shown=shown,
            shared=str(self.shared),
            out=self.folder / f"{name}-spark.parquet",
            beat=beat,
        )
        running.run(session, asked)
        return pq.read_table(asked.out)

    @property
    def shared(self) -> Path:
        """Return where Spark keeps what it hands on while it works."""
        return self.folder / "shared"

    def _on_duckdb(self, name: str, beside: Beside, out: Path) -> pa.Table:
        with self.lake.connection(catalogue=self.catalogue, collected=self.collected) as connection:
            evaluate.run(connection, system=system_of(name), as_of=made.TODAY, out=out, beside=beside)
        return pq.read_table(out)

    def _parts(self, name: str) -> dict[str, str]:
        return {one: str(self.before(system)) for one, system in parts_of(name).items()}

    def _adjusted(self, name: str) -> dict[str, int]:
        if system_of(name).definition.adjustments is None:
            return {}
        subjects = pq.read_table(self.before(name), columns=["subject"])["subject"].to_pylist()
        return {subject: STEPS[nth % 3] for nth, subject in enumerate(subjects[::3])}
