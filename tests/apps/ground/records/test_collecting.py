"""Batches from delivery to landing: what comes twice, what updates, what replaces, what is refused."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from tests.apps.ground.records.conftest import Clock
from tests.apps.ground.records.words import code, penalties

from creditmesh.apps.ground.audit.models import Entry, Event
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, NotPermitted
from creditmesh.apps.ground.records.models import Batch, IndexPage, IndexPart
from creditmesh.apps.ground.records.operations import advancing, receiving, reindexing
from creditmesh.apps.ground.records.queries import batches, items, quality, subject_records
from creditmesh.apps.ground.records.queries.batches import BatchLine
from creditmesh.apps.ground.records.rules import (
    Delivery,
    NotYourSource,
    SourceMayNotDeliver,
    State,
    UnknownItem,
)

pytestmark = pytest.mark.django_db
Deliver = Callable[..., BatchLine]


def fines(node: ThisNode, enterprise: int, item: str = "PEN") -> list[tuple[str, int]]:
    """Return (decision number, fine in fen) of an enterprise, from the inquiry index."""
    found = subject_records.records_of(subject=code(enterprise), item=item, catalogue=node.catalogue)
    return sorted((one.values["number"], one.values["fine"]) for one in found.records)


def in_lake(node: ThisNode, item: str = "PEN") -> list[tuple[str, str, int]]:
    """Return (subject, key, fine) of every current row of the lake."""
    rows = [row for batch in node.lake.current(node.catalogue.items[item]) for row in batch.to_pylist()]
    return sorted((row["_subject"], row["_key"], row["fine"]) for row in rows)


def in_index(node: ThisNode, enterprises: range, item: str = "PEN") -> list[tuple[str, str, int]]:
    """Return (subject, key, fine) of every row of the index that counts."""
    return sorted((code(one), number, fine) for one in enterprises for number, fine in fines(node, one, item))


class TestADeliveredFile:
    def test_lands_in_the_lake_and_in_the_index(self, node: ThisNode, deliver: Deliver) -> None:
        line = deliver(penalties([(1, "a", "100"), (1, "b", "200.5"), (2, "c", "1,000")]))

        assert (line.state, line.received, line.accepted, line.added) == (State.LANDED, 3, 3, 3)
        assert fines(node, 1) == [("a", 10_000), ("b", 20_050)]
        assert in_lake(node) == in_index(node, range(1, 4))

    def test_says_where_each_record_came_from(self, node: ThisNode, deliver: Deliver) -> None:
        line = deliver(penalties([(1, "a", "100")]))

        (held,) = subject_records.records_of(subject=code(1), item="PEN", catalogue=node.catalogue).records

        assert (held.batch, held.source, held.event_date) == (str(line.uuid), "market", date(2026, 1, 5))

    def test_is_written_into_the_ledger_and_announced(self, deliver: Deliver) -> None:
        line = deliver(penalties([(1, "a", "100")]))

        assert [*Entry.objects.order_by("id").values_list("act", flat=True)] == [
            "batch.receive",
            "batch.land",
        ]
        events = Event.objects.filter(key=str(line.uuid)).order_by("id")
        assert [*events.values_list("name", flat=True)] == ["batch.received", "batch.landed"]

    def test_leaves_bad_rows_behind_with_reasons_and_they_can_be_mended_and_sent_again(
        self, node: ThisNode, deliver: Deliver, market: Actor
    ) -> None:
        good, bad = penalties([(1, "a", "100")]), f"{code(2)},企业2,b,much,2026-01-05\n"
        line = deliver(good + bad)

        assert (line.accepted, line.quarantined) == (1, 1)
        detail = batches.batch(uuid=line.uuid, viewer=market)
        assert [(one.field, one.rows) for one in detail.reasons if one.refused] == [("fine", 1)]
        file = batches.refused_file(uuid=line.uuid, viewer=market, home=node.home)
        mended = file.read_text(encoding="utf-8-sig").replace("much", "50")
        again = deliver(mended)

        assert (again.accepted, again.quarantined) == (1, 0)
        assert fines(node, 2) == [("b", 5_000)]

    def test_that_cannot_be_read_is_refused_as_a_whole_with_a_sentence(
        self, node: ThisNode, deliver: Deliver
    ) -> None:
        line = deliver("wrong,header\n1,2\n")

        assert line.state is State.REFUSED
        assert line.refusal
        assert in_lake(node) == []

    def test_is_judged_by_the_day_it_is_in_china(
        self, node: ThisNode, deliver: Deliver, clock: Clock
    ) -> None:
        clock.now = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # one in the morning of the third

        line = deliver(penalties([(1, "a", "100")], decided="2026-03-03"))

        assert (line.accepted, line.quarantined) == (1, 0)

    def test_describes_its_subjects_for_the_register(self, deliver: Deliver) -> None:
        deliver(f"code,name,founded\n{code(7)},青禾第七商贸有限公司,2020-02-03\n", item="REG")

        held = parties.subject(key=code(7))

        assert (held.name, held.region) == ("青禾第七商贸有限公司", "990121")
        assert held.established_date == date(2020, 2, 3)


class TestAFileSentAgain:
    def test_under_the_same_key_answers_with_the_same_batch(
        self, node: ThisNode, market: Actor, deliver: Deliver, noon: object
    ) -> None:
        text = penalties([(1, "a", "100")])
        first = deliver(text, key="k")
        second = deliver(text, key="k")

        assert first.uuid == second.uuid
        assert Batch.objects.count() == 1
        assert len(list((node.home / "inbox").iterdir())) == 1

    def test_under_another_key_changes_nothing(self, node: ThisNode, deliver: Deliver) -> None:
        text = penalties([(1, "a", "100")])
        first = deliver(text, key="k")
        second = deliver(text, key="l")

        assert first.uuid == second.uuid
        assert fines(node, 1) == [("a", 10_000)]

    def test_with_other_content_under_the_same_key_is_refused(self, deliver: Deliver) -> None:
        deliver(penalties([(1, "a", "100")]), key="k")

        with pytest.raises(receiving.KeyUsedAlready, match="new key"):
            deliver(penalties([(1, "a", "200")]), key="k")
        assert Batch.objects.count() == 1

    def test_with_rows_held_already_leaves_them(self, node: ThisNode, deliver: Deliver) -> None:
        deliver(penalties([(1, "a", "100"), (2, "b", "100")]))

        line = deliver(penalties([(2, "b", "100"), (1, "a", "100")]))

        assert (line.added, line.updated, line.unchanged) == (0, 0, 2)
        assert (
            in_lake(node) == in_index(node, range(1, 3)) == [(code(1), "a", 10_000), (code(2), "b", 10_000)]
        )


class TestAnItem:
    def test_that_upserts_takes_the_last_row_of_a_key(self, node: ThisNode, deliver: Deliver) -> None:
        deliver(penalties([(1, "a", "100"), (1, "b", "100")]))
        line = deliver(penalties([(1, "a", "300"), (1, "c", "100")]))

        assert (line.added, line.updated) == (1, 1)
        assert fines(node, 1) == [("a", 30_000), ("b", 10_000), ("c", 10_000)]

    def test_that_upserts_moves_a_record_to_the_subject_it_turns_out_to_be_about(
        self, node: ThisNode, deliver: Deliver
    ) -> None:
        deliver(penalties([(1, "a", "100"), (1, "b", "100")]))
        deliver(penalties([(2, "a", "100")]))

        assert fines(node, 1) == [("b", 10_000)]
        assert fines(node, 2) == [("a", 10_000)]
        assert in_lake(node) == in_index(node, range(1, 3))

    def test_that_appends_keeps_the_first_row_of_a_key(self, node: ThisNode, deliver: Deliver) -> None:
        deliver(penalties([(1, "a", "100")]), item="APP")
        line = deliver(penalties([(1, "a", "300"), (1, "b", "100")]), item="APP")

        assert line.added == 1
        assert fines(node, 1, "APP") == [("a", 10_000), ("b", 10_000)]

    def test_that_replaces_keeps_only_the_last_list_of_each_source(
        self, node: ThisNode, deliver: Deliver, tax: Actor, operator: Actor, clock: object
    ) -> None:
        def listed() -> dict[int, list[str]]:
            return {
                one: [
                    record.values["level"]
                    for record in subject_records.records_of(
                        subject=code(one), item="LST", catalogue=node.catalogue
                    ).records
                ]
                for one in range(1, 5)
            }

        first = f"code,level\n{code(1)},A\n{code(2)},A\n"
        deliver(first, item="LST", key="1")
        deliver(f"code,level\n{code(2)},T\n{code(4)},T\n", item="LST", source="tax", by=tax, key="2")
        deliver(f"code,level\n{code(2)},B\n{code(3)},B\n", item="LST", key="3")

        assert {one: sorted(levels) for one, levels in listed().items()} == {
            1: [],
            2: ["B", "T"],
            3: ["B"],
            4: ["T"],
        }

        reindexing.reindex(by=operator, node=node, clock=clock, items=["LST"])  # type: ignore[arg-type]
        deliver(first, item="LST", key="4")  # the first list comes back

        assert {one: sorted(levels) for one, levels in listed().items()} == {
            1: ["A"],
            2: ["A", "T"],
            3: [],
            4: ["T"],
        }

    def test_says_how_many_rows_are_held(self, node: ThisNode, deliver: Deliver, operator: Actor) -> None:
        deliver(penalties([(1, "a", "100"), (1, "b", "100")]))
        deliver(penalties([(1, "a", "200"), (1, "c", "100")]))
        deliver(f"code,level\n{code(1)},A\n{code(2)},A\n", item="LST", key="1")
        deliver(f"code,level\n{code(1)},A\n", item="LST", key="2")

        held = {one.code: one.records for one in items.overview(viewer=operator, catalogue=node.catalogue)}

        assert held == {"PEN": 3, "APP": 0, "LST": 1, "REG": 0}


class TestADeliveryThatIsNotInOrder:
    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"item": "X"}, UnknownItem),
            ({"source": "tax"}, SourceMayNotDeliver),
            ({"by": "tax"}, NotYourSource),
        ],
    )
    def test_is_refused_and_the_refusal_is_written_down(
        self, node: ThisNode, deliver: Deliver, tax: Actor, changes: dict[str, str], refusal: type[Exception]
    ) -> None:
        with pytest.raises(refusal):
            deliver(penalties([(1, "a", "1")]), **{**changes, **({"by": tax} if "by" in changes else {})})

        assert Batch.objects.count() == 0
        assert [*Entry.objects.values_list("act", "outcome")] == [("batch.receive", "refused")]
        assert not (node.home / "inbox").exists() or not any((node.home / "inbox").iterdir())

    def test_is_refused_when_too_large_and_nothing_of_it_stays(
        self, node: ThisNode, market: Actor, noon: object
    ) -> None:
        delivery = Delivery(item="PEN", source="market", filename="a.csv", idempotency_key="k")
        with pytest.raises(receiving.DeliveryTooLarge):
            receiving.receive(
                delivery=delivery,
                content=BytesIO(b"x" * 100),
                by=market,
                node=node,
                at=noon,  # type: ignore[arg-type]
                limit=99,
            )
        with pytest.raises(receiving.EmptyDelivery):
            receiving.receive(delivery=delivery, content=BytesIO(b""), by=market, node=node, at=noon)  # type: ignore[arg-type]

        assert not any((node.home / "inbox").iterdir())


class TestADepartment:
    def test_sees_only_batches_of_its_own_source(
        self, node: ThisNode, deliver: Deliver, market: Actor, tax: Actor, operator: Actor
    ) -> None:
        bad = f"code,level\n{code(1)[:-1]}#,A\n{code(2)},A\n"
        mine = deliver(bad, item="LST")
        theirs = deliver(bad, item="LST", source="tax", by=tax)

        assert [one.uuid for one in batches.batches(viewer=market).batches] == [mine.uuid]
        assert [one.uuid for one in batches.batches(viewer=tax).batches] == [theirs.uuid]
        assert batches.batches(viewer=operator).total == 2
        for asking in (batches.batch, batches.progress):
            with pytest.raises(batches.UnknownBatch):
                asking(uuid=theirs.uuid, viewer=market)
        with pytest.raises(batches.UnknownBatch):
            batches.refused_file(uuid=theirs.uuid, viewer=market, home=node.home)
        with pytest.raises(batches.UnknownBatch):
            advancing.continue_batch(batch=theirs.uuid, by=market, at=theirs.received_at)
        assert {cell.source for cell in quality.matrix(viewer=market)} == {"market"}
        assert batches.refused_file(uuid=mine.uuid, viewer=market, home=node.home).is_file()

    def test_may_not_rebuild_the_index(self, node: ThisNode, market: Actor, clock: object) -> None:
        with pytest.raises(NotPermitted):
            reindexing.reindex(by=market, node=node, clock=clock)  # type: ignore[arg-type]


class TestTheIndex:
    def test_is_rebuilt_from_the_lake_as_it_was(
        self, node: ThisNode, deliver: Deliver, operator: Actor, clock: object
    ) -> None:
        deliver(penalties([(1, "a", "100"), (2, "b", "100")]))
        deliver(penalties([(2, "a", "300"), (3, "c", "100")]))
        before = in_index(node, range(1, 4))
        IndexPage.objects.all().delete()
        IndexPart.objects.all().delete()
        assert in_index(node, range(1, 4)) == []

        done = reindexing.reindex(by=operator, node=node, clock=clock)  # type: ignore[arg-type]

        assert in_index(node, range(1, 4)) == before == in_lake(node)
        assert {one.item: one.rows for one in done if one.rows} == {"PEN": 3}

    def test_rebuilt_twice_holds_everything_once(
        self, node: ThisNode, deliver: Deliver, operator: Actor, clock: object
    ) -> None:
        deliver(penalties([(1, "a", "100")]))
        for _ in range(2):
            reindexing.reindex(by=operator, node=node, clock=clock)  # type: ignore[arg-type]

        assert IndexPart.objects.count() == 1
        assert fines(node, 1) == [("a", 10_000)]


def test_every_file_of_a_batch_stays_in_the_home_of_the_node(node: ThisNode, deliver: Deliver) -> None:
    line = deliver(penalties([(1, "a", "100")]))

    inside = [Path(one).relative_to(node.home) for one in node.home.rglob(f"*{line.uuid}*")]

    assert {one.parts[0] for one in inside} == {"inbox", "batches"}
