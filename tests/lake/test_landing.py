"""Batches land once, whatever happens, and the views say what counts."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.lake.conftest import Batch, Row, a_catalogue, an_item, current, write

from creditmesh.catalogue.model import Update
from creditmesh.lake import comparing, landing
from creditmesh.lake.landing import Landed, TooBusy
from creditmesh.lake.store import Lake

A, B = "91350100M000100Y43", "91110000101623741K"


class TestABatch:
    def test_lands_with_its_source_and_place_in_the_order(self, lake: Lake, batch: Batch) -> None:
        landed = lake.land(
            item=an_item(), batch="b1", seq=7, source="s", accepted=batch([("k", A, 5), ("l", B, 6)])
        )

        assert (landed.added, landed.updated, landed.unchanged, landed.seq) == (2, 0, 0, 7)
        rows = [row for one in lake.rows(an_item(), "b1") for row in one.to_pylist()]
        assert [(row["_key"], row["_source"], row["_batch"], row["_seq"], row["_change"]) for row in rows] == [
            ("k", "s", "b1", 7, "new"), ("l", "s", "b1", 7, "new")
        ]  # fmt: skip

    def test_lands_once(self, lake: Lake, batch: Batch) -> None:
        rows = batch([("k", A, 5)])
        first = lake.land(item=an_item(), batch="b1", seq=1, source="s", accepted=rows)

        again = lake.land(item=an_item(), batch="b1", seq=1, source="s", accepted=rows)

        assert again == first == lake.landed(an_item(), "b1")
        assert current(lake, an_item()) == {"k": (A, 5)}

    def test_remembers_its_counts_after_later_ones(self, lake: Lake, batch: Batch) -> None:
        first = lake.land(item=an_item(), batch="b1", seq=1, source="s", accepted=batch([("k", A, 5)]))
        lake.land(item=an_item(), batch="b2", seq=2, source="s", accepted=batch([("l", A, 5)]))

        found = lake.landed(an_item(), "b1")
        assert found is not None
        assert (found.added, found.seq) == (first.added, first.seq)
        assert lake.landed(an_item(), "b3") is None
        assert lake.landed(an_item(code="TAX-01"), "b1") is None

    def test_that_comes_late_is_moved_behind(self, lake: Lake, batch: Batch) -> None:
        item = an_item(Update.UPSERT)
        lake.land(item=item, batch="b9", seq=9, source="s", accepted=batch([("k", A, 9)]))

        late = lake.land(item=item, batch="b2", seq=2, source="s", accepted=batch([("k", A, 2)]))

        assert late.seq == 10
        assert current(lake, item) == {"k": (A, 2)}


class TestAnAppendItem:
    def test_keeps_the_first_row_of_a_key(self, lake: Lake, batch: Batch) -> None:
        lake.land(item=an_item(), batch="b1", seq=1, source="s", accepted=batch([("k", A, 1)]))

        landed = lake.land(
            item=an_item(), batch="b2", seq=2, source="s", accepted=batch([("k", A, 2), ("l", A, 3)])
        )

        assert (landed.added, landed.updated, landed.unchanged) == (1, 0, 1)
        assert current(lake, an_item()) == {"k": (A, 1), "l": (A, 3)}


class TestAnUpsertItem:
    def test_counts_the_last_row_and_leaves_equal_ones_alone(self, lake: Lake, batch: Batch) -> None:
        item = an_item(Update.UPSERT)
        lake.land(
            item=item, batch="b1", seq=1, source="s", accepted=batch([("k", A, 1), ("l", A, 1), ("m", A, 1)])
        )

        landed = lake.land(
            item=item,
            batch="b2",
            seq=2,
            source="s",
            accepted=batch([("k", A, 2), ("l", A, 1), ("m", B, 1), ("n", A, 1)]),
        )

        assert (landed.added, landed.updated, landed.unchanged) == (1, 2, 1)
        assert current(lake, item) == {"k": (A, 2), "l": (A, 1), "m": (B, 1), "n": (A, 1)}
        assert lake.moved(item, "b2") == [(A, "m", 2)]

    def test_is_compared_by_its_values_when_its_digests_are_of_another_kind(
        self, lake: Lake, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item = an_item(Update.UPSERT)
        lake.land(item=item, batch="b1", seq=1, source="s", accepted=batch([("k", A, 1), ("l", A, 1)]))
        monkeypatch.setattr(comparing, "SPECIMEN", "SELECT 'another hash'")

        landed = lake.land(
            item=item, batch="b2", seq=2, source="s", accepted=batch([("k", A, 1), ("l", A, 2)])
        )

        assert (landed.updated, landed.unchanged) == (1, 1)


class TestAReplaceItem:
    def test_is_the_last_list_of_each_source(self, lake: Lake, batch: Batch) -> None:
        item = an_item(Update.REPLACE)
        lake.land(item=item, batch="b1", seq=1, source="s", accepted=batch([("k", A, 1), ("l", A, 1)]))
        lake.land(item=item, batch="b2", seq=2, source="t", accepted=batch([("z", A, 1)]))

        landed = lake.land(
            item=item, batch="b3", seq=3, source="s", accepted=batch([("k", A, 1), ("m", A, 1)])
        )

        assert (landed.added, landed.updated, landed.unchanged) == (1, 0, 1)
        assert current(lake, item) == {"k": (A, 1), "m": (A, 1), "z": (A, 1)}

    def test_shrinks_when_a_list_only_loses_entries(self, lake: Lake, batch: Batch) -> None:
        item = an_item(Update.REPLACE)
        lake.land(item=item, batch="b1", seq=1, source="s", accepted=batch([("k", A, 1), ("l", A, 1)]))

        lake.land(item=item, batch="b2", seq=2, source="s", accepted=batch([("l", A, 1)]))

        assert current(lake, item) == {"l": (A, 1)}

    def test_writes_nothing_for_the_same_list_again(self, lake: Lake, batch: Batch) -> None:
        item = an_item(Update.REPLACE)
        lake.land(item=item, batch="b1", seq=1, source="s", accepted=batch([("k", A, 1)]))

        again = lake.land(item=item, batch="b2", seq=2, source="s", accepted=batch([("k", A, 1)]))

        assert again.unchanged == 1
        assert list(lake.rows(item, "b2")) == []
        assert current(lake, item) == {"k": (A, 1)}


batches = st.lists(
    st.lists(
        st.tuples(st.sampled_from("klmno"), st.sampled_from([A, B]), st.integers(1, 3)),
        unique_by=lambda r: r[0],
    ),
    min_size=1,
    max_size=6,
)


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(Update), batches)
def test_views_are_what_a_plain_dictionary_would_be(
    tmp_path_factory: pytest.TempPathFactory, update: Update, delivered: list[list[Row]]
) -> None:
    folder = tmp_path_factory.mktemp("lake")
    lake, item = Lake(str(folder / "lake")), an_item(update)
    expected: dict[str, tuple[str, int]] = {}
    for number, rows in enumerate(delivered):
        accepted = write(folder / f"{number}.parquet", rows, item)
        lake.land(item=item, batch=str(number), seq=number, source="s", accepted=accepted)
        said = {key: (subject, amount) for key, subject, amount in rows}
        if update is Update.APPEND:
            expected = said | expected
        elif update is Update.UPSERT:
            expected = expected | said
        elif said:
            expected = said

    assert current(lake, item) == expected
    lake.compact(item)
    assert current(lake, item) == expected


class TestVersions:
    def test_name_what_every_table_was_like(self, lake: Lake, batch: Batch) -> None:
        item, other = an_item(Update.UPSERT), an_item(code="TAX-01")
        lake.land(item=item, batch="b1", seq=1, source="s", accepted=batch([("k", A, 1)]))
        then = lake.versions()
        lake.land(item=item, batch="b2", seq=2, source="s", accepted=batch([("k", A, 2)]))
        lake.land(item=other, batch="b3", seq=3, source="s", accepted=batch([("k", A, 2)]))
        catalogue = a_catalogue(item, other, an_item(code="JUD-01"))

        assert set(lake.versions()) == {"PEN-01", "TAX-01"}
        with lake.connection(catalogue=catalogue, as_known=then) as past:
            assert past.execute("SELECT fine FROM pen_01").fetchall() == [(1,)]
            assert past.execute("SELECT fine FROM tax_01").fetchall() == []
        with lake.connection(catalogue=catalogue, collected=[("PEN-01", "99")]) as now:
            assert now.execute("SELECT fine FROM pen_01").fetchall() == [(2,)]
            assert now.execute("SELECT fine FROM jud_01").fetchall() == []
            assert now.execute("FROM _collected").fetchall() == [("PEN-01", "99")]
            empty = now.execute("DESCRIBE jud_01").fetchall()
            assert [row[:2] for row in empty] == [
                row[:2] for row in now.execute("DESCRIBE pen_01").fetchall()
            ]

    def test_stay_readable_after_small_files_are_merged(self, lake: Lake, batch: Batch) -> None:
        item = an_item(Update.UPSERT)
        for number in range(4):
            lake.land(
                item=item, batch=f"b{number}", seq=number, source="s", accepted=batch([("k", A, number + 1)])
            )
        then = lake.versions()

        assert lake.compact(item) == 3

        assert current(lake, item) == {"k": (A, 4)}
        assert lake.versions()[item.code] > then[item.code]
        assert lake.landed(item, "b2") is not None
        with lake.connection(catalogue=a_catalogue(item), as_known={item.code: then[item.code] - 1}) as past:
            assert past.execute("SELECT fine FROM pen_01").fetchall() == [(3,)]

    def test_of_a_table_whose_item_gained_a_field(self, lake: Lake, batch: Batch) -> None:
        lake.land(item=an_item(), batch="b1", seq=1, source="s", accepted=batch([("k", A, 1)]))
        wider = an_item(fields=("fine", "seized"))

        with lake.connection(catalogue=a_catalogue(wider)) as before:
            assert before.execute("SELECT fine, seized FROM pen_01").fetchall() == [(1, None)]
        same = lake.land(item=wider, batch="b1 again", seq=2, source="s", accepted=batch([("k", A, 1)]))
        assert same.unchanged == 1
        with lake.connection(catalogue=a_catalogue(wider)) as widened:
            assert widened.execute("SELECT fine, seized FROM pen_01").fetchall() == [(1, None)]
        lake.land(item=wider, batch="b2", seq=2, source="s", accepted=batch([("l", A, 2)], wider))  # type: ignore[call-arg]
        with lake.connection(catalogue=a_catalogue(wider)) as after:
            assert after.execute("SELECT fine, seized FROM pen_01 ORDER BY fine").fetchall() == [
                (1, None),
                (2, 2),
            ]

    def test_of_nothing_are_none(self, lake: Lake) -> None:
        assert lake.versions() == {}
        assert lake.compact(an_item()) == 0
        assert list(lake.current(an_item())) == []
        assert lake.moved(an_item(), "b1") == []


def _deliver(root: str, name: str, files: Sequence[Path], update: Update) -> None:
    lake = Lake(root)
    for number, file in enumerate(files):
        lake.land(item=an_item(update), batch=f"{name}{number}", seq=0, source=name, accepted=file)


class TestACommit:
    def test_that_succeeds_and_then_reports_an_error_keeps_its_rows(
        self, tmp_path: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lake, rows = Lake(str(tmp_path / "lake")), batch([("k", A, 1)])
        commit = landing._commit

        def full_disk_afterwards(*args: Any, **rest: Any) -> None:
            commit(*args, **rest)
            raise OSError("No space left on device")

        with monkeypatch.context() as broken:
            broken.setattr(landing, "_commit", full_disk_afterwards)
            with pytest.raises(OSError, match="No space"):
                lake.land(item=an_item(), batch="b1", seq=1, source="s", accepted=rows)

        assert current(lake, an_item()) == {"k": (A, 1)}
        assert lake.land(item=an_item(), batch="b1", seq=1, source="s", accepted=rows).added == 1

    def test_that_fails_leaves_no_file_behind(
        self, tmp_path: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lake = Lake(str(tmp_path / "lake"))
        lake.land(item=an_item(), batch="b1", seq=1, source="s", accepted=batch([("k", A, 1)]))

        def full_disk(*args: Any, **rest: Any) -> None:
            raise OSError("No space left on device")

        monkeypatch.setattr(landing, "_commit", full_disk)
        with pytest.raises(OSError, match="No space"):
            lake.land(item=an_item(), batch="b2", seq=2, source="s", accepted=batch([("l", A, 1)]))

        assert len(list((tmp_path / "lake" / "items" / "pen_01").glob("*.parquet"))) == 1


class TestTwoProcesses:
    @pytest.mark.parametrize("update", [Update.APPEND, Update.UPSERT])
    def test_landing_into_one_item_at_once_lose_nothing(
        self, tmp_path: Path, batch: Batch, update: Update
    ) -> None:
        root = str(tmp_path / "lake")
        # Half of the keys are delivered by both.
        files = {
            name: [
                batch([(f"{'both' if key % 2 else name}-{number}-{key}", A, key) for key in range(20)])
                for number in range(4)
            ]
            for name in ("x", "y")
        }
        fork = multiprocessing.get_context("spawn")
        workers = [fork.Process(target=_deliver, args=(root, name, files[name], update)) for name in files]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=120)

        assert [worker.exitcode for worker in workers] == [0, 0]
        lake, item = Lake(root), an_item(update)
        assert len(current(lake, item)) == 2 * 4 * 10 + 4 * 10
        landed = [lake.landed(item, f"{name}{number}") for name in files for number in range(4)]
        assert sum(one.added for one in landed if one) == 120
        assert len({one.seq for one in landed if one}) == 8

    def test_landing_the_same_batch_at_once_land_it_once(self, tmp_path: Path, batch: Batch) -> None:
        root, files = str(tmp_path / "lake"), [batch([("k", A, 1)])]
        fork = multiprocessing.get_context("spawn")
        workers = [fork.Process(target=_deliver, args=(root, "x", files, Update.APPEND)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=120)

        assert [worker.exitcode for worker in workers] == [0, 0]
        assert current(Lake(root), an_item()) == {"k": (A, 1)}

    def test_give_up_with_a_sentence_when_the_table_never_rests(
        self, tmp_path: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def always_later(*args: object, **rest: object) -> Landed:
            raise landing.CommitFailedError("somebody else")

        monkeypatch.setattr(landing, "_attempt", always_later)
        monkeypatch.setattr(landing, "ATTEMPTS", 2)

        with pytest.raises(TooBusy, match="land it again"):
            Lake(str(tmp_path)).land(
                item=an_item(), batch="b", seq=1, source="s", accepted=batch([("k", A, 1)])
            )


_LANDER = """
import sys
from pathlib import Path
from tests.lake.conftest import an_item
from creditmesh.lake.store import Lake
root, *files = sys.argv[1:]
print("ready", flush=True)
for number, file in enumerate(files):
    Lake(root).land(item=an_item(), batch=f"b{number}", seq=number + 1, source="s", accepted=Path(file))
"""


@pytest.mark.faults
class TestAKilledProcess:
    def test_leaves_every_batch_landed_or_not_and_the_next_run_lands_the_rest(
        self, tmp_path: Path, batch: Batch
    ) -> None:
        root = str(tmp_path / "lake")
        files = [str(batch([(f"{number}-{key}", A, key) for key in range(3_000)])) for number in range(6)]
        chance = random.Random(20260302)
        kills = 0
        for _ in range(10):
            with subprocess.Popen(
                [sys.executable, "-c", _LANDER, root, *files],
                stdout=subprocess.PIPE,
                cwd=Path(__file__).parents[2],
            ) as process:
                assert process.stdout is not None
                process.stdout.readline()
                time.sleep(chance.uniform(0.0, 0.35))
                os.kill(process.pid, signal.SIGKILL)
                kills += process.wait() == -signal.SIGKILL
            lake = Lake(root)
            landed = [number for number in range(6) if lake.landed(an_item(), f"b{number}")]
            held = [row["_batch"] for one in lake.current(an_item()) for row in one.to_pylist()]
            assert sorted(held) == sorted(f"b{number}" for number in landed for _ in range(3_000))

        subprocess.run(
            [sys.executable, "-c", _LANDER, root, *files],
            check=True,
            cwd=Path(__file__).parents[2],
            capture_output=True,
        )

        assert kills > 0
        assert len(current(Lake(root), an_item())) == 18_000
