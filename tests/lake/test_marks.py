"""Marks are rows of the lake: records they stop are left out, then and in every replay."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.lake.conftest import Batch, a_catalogue, an_item

from creditmesh.lake import marks
from creditmesh.lake.marks import MarkRow, MarksBusy
from creditmesh.lake.store import Lake

A, B = "91350100M000100Y43", "91110000101623741K"
AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def a_mark(seq: int, *, key: str = "k", subject: str = A, kind: str = "stopped", case: str = "c1") -> MarkRow:
    return MarkRow(
        seq=seq, uuid=f"u{seq}", subject=subject, item="PEN-01", key=key, case=case, kind=kind, why="修复", by="x", at=AT
    )  # fmt: skip


def used(lake: Lake, as_known: dict[str, int] | None = None) -> set[tuple[str, str]]:
    """Key and subject of every record an evaluation reads."""
    with lake.connection(catalogue=a_catalogue(an_item()), as_known=as_known) as connection:
        return set(connection.execute("SELECT _key, _subject FROM pen_01").fetchall())


@pytest.fixture
def landed(lake: Lake, batch: Batch) -> Lake:
    lake.land(
        item=an_item(),
        batch="b1",
        seq=1,
        source="s",
        accepted=batch([("k", A, 5), ("l", A, 6), ("m", B, 7)]),
    )
    return lake


class TestAStoppedRecord:
    def test_is_left_out_of_evaluations(self, landed: Lake) -> None:
        landed.mark([a_mark(1)])

        assert used(landed) == {("l", A), ("m", B)}

    def test_stays_in_the_table(self, landed: Lake) -> None:
        landed.mark([a_mark(1)])

        rows = [row["_key"] for one in landed.current(an_item()) for row in one.to_pylist()]
        assert sorted(rows) == ["k", "l", "m"]

    def test_counts_again_once_its_only_case_lifts_the_mark(self, landed: Lake) -> None:
        landed.mark([a_mark(1), a_mark(2, kind="")])

        assert ("k", A) in used(landed)

    def test_stays_out_while_another_case_stops_it(self, landed: Lake) -> None:
        landed.mark([a_mark(1), a_mark(2, case="c2"), a_mark(3, kind="")])

        assert ("k", A) not in used(landed)

    def test_is_that_of_its_subject_alone(self, landed: Lake) -> None:
        landed.mark([a_mark(1, subject=B)])

        assert ("k", A) in used(landed)

    @pytest.mark.parametrize("kind", ["disputed", "suspended"])
    def test_is_none_that_is_only_contested(self, landed: Lake, kind: str) -> None:
        landed.mark([a_mark(1, kind=kind)])

        assert ("k", A) in used(landed)


class TestAReplay:
    def test_sees_the_marks_of_its_time(self, landed: Lake) -> None:
        unmarked = landed.versions()
        landed.mark([a_mark(1)])
        once = landed.versions()
        landed.mark([a_mark(2, key="l")])

        assert used(landed, unmarked) == {("k", A), ("l", A), ("m", B)}
        assert used(landed, once) == {("l", A), ("m", B)}
        assert used(landed, landed.versions()) == {("m", B)}

    def test_of_a_time_without_marks_names_no_table_of_them(self, landed: Lake) -> None:
        assert marks.TABLE not in landed.versions()


class TestWriting:
    def test_again_changes_nothing(self, lake: Lake) -> None:
        assert lake.last_mark() == 0
        assert lake.mark([a_mark(1), a_mark(2)]) == 2
        assert lake.mark([a_mark(1), a_mark(2)]) == 0
        assert lake.mark([a_mark(2), a_mark(3)]) == 1

        assert [row.seq for row in lake.marks()] == [1, 2, 3]
        assert lake.last_mark() == 3

    def test_gives_back_what_was_written(self, lake: Lake) -> None:
        lake.mark([a_mark(1)])

        assert list(lake.marks()) == [a_mark(1)]

    def test_of_nothing_makes_no_version(self, lake: Lake) -> None:
        assert lake.mark([]) == 0
        assert list(lake.marks()) == []
        assert used(lake) == set()

    def test_by_several_at_once_writes_each_once(self, lake: Lake) -> None:
        lake.mark([a_mark(1)])
        with ThreadPoolExecutor(3) as several:
            written = list(several.map(lambda _: lake.mark([a_mark(2), a_mark(3)]), range(3)))

        assert sorted(written) == [0, 0, 2]
        assert [row.seq for row in lake.marks()] == [1, 2, 3]

    def test_gives_up_plainly_when_others_always_come_first(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lake = Lake(str(tmp_path))
        lake.mark([a_mark(1)])
        stale = marks.opened(lake.place)
        lake.mark([a_mark(2)])
        monkeypatch.setattr(marks, "opened", lambda place: stale)
        monkeypatch.setattr(marks.time, "sleep", lambda _: None)

        with pytest.raises(MarksBusy):
            marks.write(lake.place, [a_mark(2)])
