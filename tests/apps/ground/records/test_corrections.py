"""A correction of one row reaches the lake and the index, and holds until its source says something new."""

from collections.abc import Callable, Iterable
from io import BytesIO

import pytest
from tests.apps.ground.records.conftest import MARKET, Clock
from tests.apps.ground.records.words import code, penalties

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.ground.records.models import Batch, IndexPart, QualityMeasure
from creditmesh.apps.ground.records.operations import advancing, indexing, landing, receiving, reindexing
from creditmesh.apps.ground.records.queries import batches, for_answers, items, subject_records
from creditmesh.apps.ground.records.queries.batches import BatchLine
from creditmesh.apps.ground.records.rules import Delivery

pytestmark = pytest.mark.django_db
Deliver = Callable[..., BatchLine]


@pytest.fixture
def correct(node: ThisNode, clock: Clock) -> Deliver:
    """Correct the rows of a CSV text in the name of a source."""

    def doing(text: str, *, item: str = "LST", source: str = "market") -> BatchLine:
        received = receiving.receive(
            delivery=Delivery(
                item=item, source=source, filename="c.csv", idempotency_key=f"c{clock()}", corrects=True
            ),
            content=BytesIO(text.encode()),
            by=Actor(user_id=1, label="x", roles=MARKET.roles, sources=frozenset({source})),
            node=node,
            at=clock(),
        )
        return advancing.advance(batch=received.uuid, node=node, clock=clock)

    return doing


def a_list(*levels: str, first: int = 1) -> str:
    return "\n".join(["code,level", *(f"{code(n)},{one}" for n, one in enumerate(levels, start=first))])


def level(node: ThisNode, number: int = 1, item: str = "LST", field: str = "level") -> list[object]:
    """What the index says of an enterprise, both ways it is read, and the lake as well."""
    subject, seen = code(number), node.catalogue
    told = subject_records.records_of(subject=subject, item=item, catalogue=seen).records
    answered = for_answers.held(subject=subject, items=[item], catalogue=seen).records[item]
    values: list[object] = [one.values[field] for one in told]
    assert sorted(map(str, values)) == sorted(str(one.values[field]) for one in answered)
    assert sorted(map(str, values)) == sorted(map(str, _in_lake(node, subject, item, field)))
    assert all(one.source and one.batch for one in told)
    return values


def _in_lake(node: ThisNode, subject: str, item: str, field: str) -> Iterable[object]:
    for rows in node.lake.current(node.catalogue.items[item]):
        yield from (row[field] for row in rows.to_pylist() if row["_subject"] == subject)


class TestACorrectionOfAList:
    def test_changes_one_row_of_one_source_and_no_other(
        self, node: ThisNode, deliver: Deliver, correct: Deliver, tax: Actor, operator: Actor
    ) -> None:
        deliver(a_list("A", "B"), item="LST")
        deliver(a_list("C"), item="LST", source="tax", by=tax)

        line = correct(a_list("A+"))

        assert (line.added, line.updated, line.unchanged) == (0, 1, 0)
        assert (sorted(map(str, level(node))), level(node, 2)) == (["A+", "C"], ["B"])
        held = {one.code: one.records for one in items.overview(viewer=operator, catalogue=node.catalogue)}
        assert held["LST"] == 3
        assert QualityMeasure.objects.filter(batch__corrects=True).count() == 0

    def test_is_corrected_again_and_survives_rebuilding_and_merging(
        self, node: ThisNode, deliver: Deliver, correct: Deliver, clock: Clock, operator: Actor
    ) -> None:
        deliver(a_list("A", "B"), item="LST")
        for one in ("A+", "A-", "A"):
            correct(a_list(one))
            assert level(node) == [one]

        reindexing.tidy(node=node, clock=clock)
        assert (level(node), IndexPart.objects.filter(item="LST").count()) == (["A"], 1)
        correct(a_list("C", first=2))
        assert (level(node), level(node, 2)) == (["A"], ["C"])

        reindexing.reindex(by=operator, node=node, clock=clock, items=["LST"])

        assert (level(node), level(node, 2)) == (["A"], ["C"])
        correct(a_list("D", first=2))
        assert level(node, 2) == ["D"]

    def test_leaves_a_long_list_alone_after_corrections_were_merged_with_each_other(
        self, node: ThisNode, deliver: Deliver, correct: Deliver, clock: Clock
    ) -> None:
        deliver(a_list(*["A"] * 100), item="LST")
        correct(a_list("B"))
        correct(a_list("C", first=2))
        reindexing.tidy(node=node, clock=clock)
        assert IndexPart.objects.filter(item="LST", live=True).count() == 2

        correct(a_list("D", first=3))

        assert [level(node, number) for number in (1, 2, 3, 4)] == [["B"], ["C"], ["D"], ["A"]]
        deliver(a_list(*["Z"] * 100), item="LST")
        assert [level(node, number) for number in (1, 4)] == [["Z"], ["Z"]]
        assert IndexPart.objects.filter(item="LST", live=True).count() == 1

    def test_stands_while_the_list_repeats_what_was_corrected_and_that_is_told(
        self, node: ThisNode, deliver: Deliver, correct: Deliver
    ) -> None:
        deliver(a_list("A", "B"), item="LST")
        correct(a_list("A+"))

        same = deliver(a_list("A", "B"), item="LST", key="again")
        other = deliver(a_list("A", "C", "D"), item="LST")

        assert same.unchanged == 2
        assert (level(node), level(node, 2), level(node, 3)) == (["A+"], ["C"], ["D"])
        for line in (same, other):
            assert [(one.subject, answer) for one, answer in batches.answers(line.uuid)] == [
                (code(1), "repeated")
            ]
        assert IndexPart.objects.filter(item="LST", live=True).count() == 1

    def test_ends_when_the_list_says_something_new_or_nothing(
        self, node: ThisNode, deliver: Deliver, correct: Deliver
    ) -> None:
        deliver(a_list("A", "B"), item="LST")
        correct(a_list("A+"))
        correct(a_list("B+", first=2))

        new = deliver(a_list("Z"), item="LST")

        assert (level(node), level(node, 2)) == (["Z"], [])
        assert sorted(answer for _, answer in batches.answers(new.uuid)) == ["dropped", "replaced"]

    def test_that_a_newer_list_overtook_is_not_seen_beside_it(
        self,
        node: ThisNode,
        deliver: Deliver,
        correct: Deliver,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        deliver(a_list("A", "B"), item="LST")
        shown = indexing.show

        def overtaken(*, written: indexing.Written) -> None:
            monkeypatch.setattr(landing.indexing, "show", shown)
            deliver(a_list("Z", "Y"), item="LST")
            shown(written=written)

        monkeypatch.setattr(landing.indexing, "show", overtaken)
        correct(a_list("A+"))

        assert (level(node), level(node, 2)) == (["Z"], ["Y"])


class TestACorrectionOfWhatIsOnlyAddedTo:
    def test_holds_against_every_later_delivery(
        self, node: ThisNode, deliver: Deliver, correct: Deliver, clock: Clock, operator: Actor
    ) -> None:
        deliver(penalties([(1, "a", "1"), (2, "b", "2")]), item="APP")
        correct(penalties([(1, "a", "5")]), item="APP")
        again = deliver(penalties([(1, "a", "9"), (3, "c", "3")]), item="APP")

        assert level(node, item="APP", field="fine") == [500]
        assert level(node, 3, item="APP", field="fine") == [300]
        assert [answer for _, answer in batches.answers(again.uuid)] == ["repeated"]
        reindexing.reindex(by=operator, node=node, clock=clock, items=["APP"])
        assert level(node, item="APP", field="fine") == [500]


class TestACorrectionOfWhatIsUpdated:
    def test_stands_while_the_row_is_repeated_and_ends_with_a_new_one(
        self, node: ThisNode, deliver: Deliver, correct: Deliver
    ) -> None:
        deliver(penalties([(1, "a", "1"), (2, "b", "2")]))
        correct(penalties([(1, "a", "5")]), item="PEN")
        deliver(penalties([(1, "a", "1"), (2, "b", "3")]))
        assert level(node, item="PEN", field="fine") == [500]

        new = deliver(penalties([(1, "a", "7"), (2, "b", "3")]))

        assert level(node, item="PEN", field="fine") == [700]
        assert [answer for _, answer in batches.answers(new.uuid)] == ["replaced"]

    def test_can_be_made_again_after_another_one(
        self, node: ThisNode, deliver: Deliver, correct: Deliver
    ) -> None:
        deliver(penalties([(1, "a", "1")]))
        for fine in ("5", "1", "5"):
            correct(penalties([(1, "a", fine)]), item="PEN")

        assert level(node, item="PEN", field="fine") == [500]
        assert Batch.objects.filter(corrects=True).count() == 3
