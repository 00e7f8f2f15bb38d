"""A correction takes the place of one row until its source says something new of that record."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.lake.conftest import Batch, a_catalogue, an_item, current, write

from creditmesh.catalogue.model import Item, Update
from creditmesh.lake import reading
from creditmesh.lake.comparing import Answer
from creditmesh.lake.landing import Landed
from creditmesh.lake.store import Lake

A, B = "91350100M000100Y43", "91110000101623741K"


def correct(
    lake: Lake, item: Item, file: Path, *, name: str = "c", seq: int = 5, source: str = "s"
) -> Landed:
    return lake.land(item=item, batch=name, seq=seq, source=source, accepted=file, corrects=True)


@pytest.fixture(params=list(Update))
def item(request: pytest.FixtureRequest) -> Item:
    return an_item(request.param)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake in a folder; of those on an object store one test below says enough."""
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def held(lake: Lake, batch: Batch, item: Item) -> Lake:
    """A lake with two rows of a source, and one of another."""
    lake.land(item=item, batch="b1", seq=1, source="s", accepted=batch([("k", A, 1), ("l", B, 1)]))
    lake.land(item=item, batch="b2", seq=2, source="t", accepted=batch([("z", A, 9)]))
    return lake


class TestACorrection:
    def test_takes_the_place_of_its_row_and_of_no_other(self, held: Lake, batch: Batch, item: Item) -> None:
        before = held.versions()

        landed = correct(held, item, batch([("k", A, 7)]))

        assert (landed.added, landed.updated, landed.unchanged) == (0, 1, 0)
        assert current(held, item) == {"k": (A, 7), "l": (B, 1), "z": (A, 9)}
        assert [row["_change"] for one in held.rows(item, "c") for row in one.to_pylist()] == ["corrected"]
        assert held.changed(item, before=before, now=held.versions()) == {A}

    def test_is_seen_by_evaluations_and_not_by_a_replay_of_before(
        self, held: Lake, batch: Batch, item: Item
    ) -> None:
        before = held.versions()
        correct(held, item, batch([("k", A, 7)]))

        def fines(as_known: dict[str, int] | None) -> list[int]:
            with held.connection(catalogue=a_catalogue(item), as_known=as_known) as engine:
                return [one for (one,) in engine.execute("SELECT fine FROM pen_01 ORDER BY 1").fetchall()]

        assert fines(None) == [1, 7, 9]
        assert fines(before) == [1, 1, 9]
        (rows,) = reading.read(held.place, catalogue=a_catalogue(item)).items
        assert "corrected" in rows.sql or item.update is not Update.REPLACE

    def test_of_a_record_that_is_not_held_does_nothing(self, held: Lake, batch: Batch, item: Item) -> None:
        landed = correct(held, item, batch([("gone", A, 7)]))

        assert (landed.added, landed.updated) == (0, 0)
        assert current(held, item) == {"k": (A, 1), "l": (B, 1), "z": (A, 9)}

    def test_can_be_corrected_again_and_taken_back(self, held: Lake, batch: Batch, item: Item) -> None:
        correct(held, item, batch([("k", A, 7)]))
        correct(held, item, batch([("k", A, 8)]), name="d", seq=6)
        assert current(held, item)["k"] == (A, 8)

        correct(held, item, batch([("k", A, 1)]), name="e", seq=7)

        assert current(held, item) == {"k": (A, 1), "l": (B, 1), "z": (A, 9)}

    def test_ends_the_rows_of_a_list_before_it(self, held: Lake, batch: Batch) -> None:
        item = an_item(Update.REPLACE)
        correct(held, item, batch([("k", A, 7)]))
        assert held.corrected_away(item, "c") in ([(A, "k", 1)], [])
        correct(held, item, batch([("k", A, 8)]), name="d", seq=6)

        assert sorted(held.corrected_away(item, "d")) == [(A, "k", 1), (A, "k", 5)]


class TestALaterDelivery:
    def test_that_repeats_what_was_corrected_leaves_the_correction(
        self, held: Lake, batch: Batch, item: Item
    ) -> None:
        correct(held, item, batch([("k", A, 7)]))
        again = batch([("k", A, 1), ("l", B, 2), ("m", B, 3)])

        held.land(item=item, batch="b3", seq=6, source="s", accepted=again)

        fine = 1 if item.update is Update.APPEND else 2
        assert current(held, item) == {"k": (A, 7), "l": (B, fine), "m": (B, 3), "z": (A, 9)}
        told = held.answered(item, source="s", accepted=again)
        assert [(one.subject, one.key, one.answer) for one in told] == [(A, "k", Answer.REPEATED)]
        landed = {row["_key"]: row["fine"] for one in held.rows(item, "b3") for row in one.to_pylist()}
        assert landed.get("k", 7) == 7

    def test_of_the_same_list_leaves_it_too(self, held: Lake, batch: Batch, item: Item) -> None:
        correct(held, item, batch([("k", A, 7)]))
        again = batch([("k", A, 1), ("l", B, 1)])

        landed = held.land(item=item, batch="b3", seq=6, source="s", accepted=again)

        assert (landed.added, landed.updated, landed.unchanged) == (0, 0, 2)
        assert current(held, item) == {"k": (A, 7), "l": (B, 1), "z": (A, 9)}
        assert len(held.answered(item, source="s", accepted=again)) == 1

    def test_that_says_something_new_counts(self, held: Lake, batch: Batch) -> None:
        for update in (Update.UPSERT, Update.REPLACE):
            item = an_item(update, code=f"NEW-{update.value[:2].upper()}")
            held.land(item=item, batch="b1", seq=1, source="s", accepted=batch([("k", A, 1), ("l", A, 1)]))
            correct(held, item, batch([("k", A, 7)]))
            new = batch([("k", A, 3)])

            held.land(item=item, batch="b3", seq=6, source="s", accepted=new)

            assert current(held, item)["k"] == (A, 3)
            assert [one.answer for one in held.answered(item, source="s", accepted=new)] == [Answer.REPLACED]

    def test_without_the_record_ends_it(self, held: Lake, batch: Batch) -> None:
        item = an_item(Update.REPLACE, code="LST-01")
        held.land(item=item, batch="b1", seq=1, source="s", accepted=batch([("k", A, 1), ("l", A, 1)]))
        correct(held, item, batch([("k", A, 7)]))
        new = batch([("l", A, 1)])

        held.land(item=item, batch="b3", seq=6, source="s", accepted=new)

        assert current(held, item) == {"l": (A, 1)}
        assert [one.answer for one in held.answered(item, source="s", accepted=new)] == [Answer.DROPPED]

    def test_that_says_what_the_correction_says_agrees(self, held: Lake, batch: Batch, item: Item) -> None:
        correct(held, item, batch([("k", A, 7)]))
        agreed = batch([("k", A, 7), ("l", B, 1)])

        held.land(item=item, batch="b3", seq=6, source="s", accepted=agreed)

        assert current(held, item)["k"] == (A, 7)
        assert [one.answer for one in held.answered(item, source="s", accepted=agreed)] == [Answer.AGREED]

    def test_of_a_table_never_corrected_is_not_looked_at(self, held: Lake, batch: Batch, item: Item) -> None:
        assert held.answered(item, source="s", accepted=batch([("k", A, 3)])) == []
        assert held.answered(an_item(code="OTH-01"), source="s", accepted=batch([("k", A, 3)])) == []


def test_on_an_object_store_a_correction_is_carried_into_the_next_list(tmp_path: Path, batch: Batch) -> None:
    (tmp_path / "lake").mkdir()
    lake, item = Lake(f"file://{tmp_path / 'lake'}"), an_item(Update.REPLACE)
    lake.land(item=item, batch="b1", seq=1, source="s", accepted=batch([("k", A, 1), ("l", B, 1)]))
    correct(lake, item, batch([("k", A, 7)]))

    lake.land(item=item, batch="b3", seq=6, source="s", accepted=batch([("k", A, 1), ("l", B, 2)]))

    assert current(lake, item) == {"k": (A, 7), "l": (B, 2)}


KEYS, AMOUNTS = "klm", st.integers(1, 3)
deliveries = st.dictionaries(st.sampled_from(KEYS), AMOUNTS, min_size=1)
corrections = st.tuples(st.sampled_from(KEYS), AMOUNTS)


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(Update), st.lists(st.one_of(deliveries, corrections), min_size=1, max_size=7))
def test_what_counts_is_what_was_said_last_and_what_was_corrected_since(
    tmp_path_factory: pytest.TempPathFactory, update: Update, steps: list[dict[str, int] | tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("lake")
    lake, item = Lake(str(folder / "lake")), an_item(update)
    said: dict[str, int] = {}
    corrected: dict[str, int] = {}
    for number, step in enumerate(steps):
        rows = dict([step]) if isinstance(step, tuple) else step
        file = write(folder / f"{number}.parquet", [(key, A, amount) for key, amount in rows.items()], item)
        is_correction = isinstance(step, tuple)
        lake.land(item=item, batch=str(number), seq=number, source="s", accepted=file, corrects=is_correction)
        if is_correction:
            corrected |= {key: amount for key, amount in rows.items() if key in said}
        elif update is Update.APPEND:
            said = rows | said
        else:
            ends = {key for key, amount in corrected.items() if _is_news(rows, key, said, amount, update)}
            corrected = {key: amount for key, amount in corrected.items() if key not in ends}
            # what counts already is not written again
            unsaid = {key for key in rows if update is Update.UPSERT and corrected.get(key) == rows[key]}
            base = said if update is Update.UPSERT else {}
            said = base | {key: amount for key, amount in rows.items() if key not in unsaid}

    assert current(lake, item) == {key: (A, amount) for key, amount in (said | corrected).items()}


def _is_news(rows: dict[str, int], key: str, said: dict[str, int], corrected: int, update: Update) -> bool:
    if key not in rows:
        return update is Update.REPLACE
    return rows[key] not in (said[key], corrected) or (update is Update.REPLACE and rows[key] != said[key])
