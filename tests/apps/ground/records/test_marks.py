"""Contested and stopped records: the mark is there at once, in the lake soon, and back after a loss."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.apps.ground.audit import queries as audit
from creditmesh.apps.ground.audit.rules import Who
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.ground.records.models import MarkEntry, MarkOrder
from creditmesh.apps.ground.records.operations import marking, reindexing
from creditmesh.apps.ground.records.queries import marks
from creditmesh.apps.ground.records.rules import STRENGTH, Mark, MarkKind, MarkStep, RecordRef, standing_marks

A, B = "91350100M000100Y43", "91110000101623741K"
CLERK = Who(label="clerk", user_id=1)
PENALTY = RecordRef(subject=A, item="PEN", key="罚1|2026")
OTHER = RecordRef(subject=A, item="PEN", key="罚2|2026")


def mark(
    at: datetime, *, record: RecordRef = PENALTY, kind: MarkKind = MarkKind.DISPUTED, case: str = "o/1"
) -> MarkEntry | None:
    return marking.mark(record=record, kind=kind, case=case, by=CLERK, at=at, why="not ours")


@pytest.mark.django_db
class TestAMark:
    def test_is_seen_at_once_with_its_case(self, noon: datetime) -> None:
        mark(noon)

        assert marks.marks_of(A) == {
            ("PEN", "罚1|2026"): Mark(kind=MarkKind.DISPUTED, since=noon, why="not ours", case="o/1")
        }
        assert marks.marks_of(B) == {}
        assert audit.ledger_page().lines[0].act == "record.mark"

    def test_made_again_changes_nothing(self, noon: datetime) -> None:
        mark(noon)

        assert mark(noon + timedelta(days=1)) is None
        assert marks.marks_of(A)["PEN", "罚1|2026"].since == noon

    def test_is_replaced_by_a_stronger_one_of_the_same_case(self, noon: datetime) -> None:
        mark(noon)
        mark(noon, kind=MarkKind.STOPPED)

        found = marks.marks_of(A)
        assert found["PEN", "罚1|2026"].kind is MarkKind.STOPPED
        assert marks.is_stopped(found, item="PEN", key="罚1|2026")
        assert not marks.is_stopped(found, item="PEN", key="罚2|2026")

    def test_is_taken_off_by_its_own_case_only(self, noon: datetime) -> None:
        mark(noon)
        mark(noon, case="o/2", kind=MarkKind.SUSPENDED)

        assert marking.lift(record=PENALTY, case="o/3", by=CLERK, at=noon) is None
        assert marking.lift(record=PENALTY, case="o/2", by=CLERK, at=noon) is not None

        assert marks.marks_of(A)["PEN", "罚1|2026"].case == "o/1"

    def test_is_gone_when_the_act_it_belonged_to_fails(self, noon: datetime) -> None:
        with transaction.atomic():
            mark(noon)
            transaction.set_rollback(True)
        mark(noon, record=OTHER)

        assert list(MarkEntry.objects.values_list("seq", "key")) == [(1, "罚2|2026")]

    def test_tells_which_items_changed(self, noon: datetime) -> None:
        mark(noon)
        mark(noon, record=RecordRef(subject=B, item="TAX", key="1"))

        assert marks.items_marked_after(0, until=2) == {"PEN", "TAX"}
        assert marks.items_marked_after(0, until=1) == {"PEN"}
        assert marks.items_marked_after(1, until=9) == {"TAX"}


@pytest.mark.django_db
class TestTheLake:
    def test_follows_once(self, node: ThisNode, noon: datetime) -> None:
        mark(noon)
        mark(noon, record=OTHER, kind=MarkKind.STOPPED)

        assert marking.write_to_lake(node=node, at=noon) == 2
        assert marking.write_to_lake(node=node, at=noon) == 0

        assert [(row.seq, row.key, row.kind, row.at) for row in node.lake.marks()] == [
            (1, "罚1|2026", "disputed", noon), (2, "罚2|2026", "stopped", noon)
        ]  # fmt: skip
        assert [one.key for one in audit.unhandled_events() if one.name == "marks.written"] == ["2"]

    def test_gives_the_marks_back_after_the_database_is_lost(
        self, node: ThisNode, noon: datetime, operator: Actor
    ) -> None:
        mark(noon)
        mark(noon, record=OTHER, kind=MarkKind.STOPPED)
        marking.write_to_lake(node=node, at=noon)
        before = marks.marks_of(A)
        MarkEntry.objects.all().delete()
        MarkOrder.objects.all().delete()

        reindexing.reindex(by=operator, node=node, clock=lambda: noon, items=[])

        assert marks.marks_of(A) == before
        assert marking.restore(node=node) == 0

    def test_keeps_what_was_marked_between_the_loss_and_the_return(
        self, node: ThisNode, noon: datetime, operator: Actor
    ) -> None:
        mark(noon)
        mark(noon, record=OTHER)
        marking.write_to_lake(node=node, at=noon)
        MarkEntry.objects.all().delete()
        MarkOrder.objects.all().delete()
        for number in range(4):
            mark(noon, record=RecordRef(subject=B, item="TAX", key=str(number)))

        reindexing.reindex(by=operator, node=node, clock=lambda: noon, items=[])

        assert len(marks.marks_of(A)) == 2
        assert len(marks.marks_of(B)) == 4
        assert [(row.seq, row.subject) for row in node.lake.marks()] == [
            (1, A), (2, A), (3, B), (4, B), (5, B), (6, B)
        ]  # fmt: skip
        mark(noon, record=RecordRef(subject=B, item="TAX", key="next"))
        assert marking.write_to_lake(node=node, at=noon) == 1


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["k1", "k2"]), st.sampled_from(["c1", "c2"]), st.sampled_from([None, *MarkKind])
    ),
    max_size=12,
)


class TestTheStrongestMark:
    @given(STEPS)
    def test_is_that_of_the_cases_whose_last_step_put_one(
        self, steps: list[tuple[str, str, MarkKind | None]]
    ) -> None:
        start = datetime(2026, 3, 2)  # noqa: DTZ001
        done = [
            MarkStep(
                record=RecordRef(subject=A, item="PEN", key=key),
                case=case,
                kind=kind,
                why="",
                at=start + timedelta(days=day),
            )
            for day, (key, case, kind) in enumerate(steps)
        ]

        found = standing_marks(done)

        for key in ("k1", "k2"):
            last = {case: kind for at_key, case, kind in steps if at_key == key}
            kinds = [kind for kind in last.values() if kind is not None]
            told = found.get(RecordRef(subject=A, item="PEN", key=key))
            assert (told.kind if told else None) == max(kinds, key=lambda kind: STRENGTH[kind], default=None)
