"""A repaired record is shared and used no more: holders are told once, evaluations made again, old runs replay."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from tests.apps.sharing.rights.conftest import (
    ITEM,
    RECEIVED,
    SUBJECT,
    Clock,
    Deliver,
    a_penalty,
    lines,
    received,
    settle,
)

from creditmesh.apps.evaluation.grading.models import Run, RunTable
from creditmesh.apps.evaluation.grading.operations import requesting
from creditmesh.apps.evaluation.grading.queries import inputs, runs
from creditmesh.apps.evaluation.grading.rules import State as RunState
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.ground.records.operations import marking
from creditmesh.apps.ground.records.queries import marks
from creditmesh.apps.ground.records.rules import MarkKind
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.members.institutions.operations import noticing
from creditmesh.apps.sharing.rights import jobs
from creditmesh.apps.sharing.rights.models import HolderNotice, Reevaluation, Repair
from creditmesh.apps.sharing.rights.operations import repairing, telling, watching
from creditmesh.apps.sharing.rights.operations.repairing import (
    Application,
    ConditionsUnmet,
    UnknownRepair,
    Verdict,
)
from creditmesh.apps.sharing.rights.queries import cases, publicity
from creditmesh.apps.sharing.rights.rules.repairs import State

pytestmark = pytest.mark.django_db
SYSTEM = "public-credit"
GRANT = Verdict(grant=True, duties_done=True, law_allows=True, reason="已缴清罚款")


def applied(owner: Actor, node: ThisNode) -> Repair:
    record = lines(owner, RECEIVED)[0].ref
    wanted = Application(item=ITEM, record=record, commitment="已纠正，不再发生")
    uuid = repairing.apply_for(application=wanted, by=owner, node=node, at=RECEIVED)
    return Repair.objects.get(uuid=uuid)


class TestAnApplication:
    def test_has_the_clock_and_the_publicity_of_order_36(
        self, node: ThisNode, penalty: None, owner: Actor
    ) -> None:
        row = applied(owner, node)

        assert (row.seriousness, str(row.shortest), str(row.longest)) == (
            "general",
            "2026-08-06",
            "2027-05-06",
        )
        assert str(row.due) == "2026-09-30"  # two working days to accept

    def test_is_granted_only_when_every_condition_is_met(
        self, node: ThisNode, deliver: Deliver, owner: Actor, operator: Actor, clock: Clock
    ) -> None:
        deliver(a_penalty(1, on="2026-08-01"))
        row = applied(owner, node)
        repairing.accept(row.uuid, by=operator, at=clock.on(9, 29))
        assert str(Repair.objects.get(pk=row.pk).due) == "2026-10-19"  # ten working days over the holidays

        with pytest.raises(ConditionsUnmet, match="shortest_publicity"):
            repairing.decide(row.uuid, verdict=GRANT, by=operator, node=node, at=clock())
        for missing, met in (("duties", {"duties_done": False}), ("repairable", {"law_allows": False})):
            with pytest.raises(ConditionsUnmet, match=missing):
                repairing.decide(
                    row.uuid, verdict=replace(GRANT, **met), by=operator, node=node, at=clock.on(11, 2)
                )
        repairing.decide(row.uuid, verdict=GRANT, by=operator, node=node, at=clock.on(11, 3))

        assert Repair.objects.get(pk=row.pk).state == State.GRANTED

    def test_can_be_withdrawn_by_its_enterprise_alone(
        self, node: ThisNode, penalty: None, owner: Actor, stranger: Actor, operator: Actor
    ) -> None:
        row = applied(owner, node)

        with pytest.raises(UnknownRepair):
            repairing.take_back(row.uuid, by=stranger, at=RECEIVED)
        repairing.take_back(row.uuid, by=owner, at=RECEIVED)
        with pytest.raises(repairing.WrongRepairStep):
            repairing.accept(row.uuid, by=operator, at=RECEIVED)


class TestAGrantedRepair:
    def test_is_seen_by_every_holder_and_every_evaluation(
        self,
        node: ThisNode,
        penalty: None,
        owner: Actor,
        operator: Actor,
        bank: Actor,
        clock: Clock,
    ) -> None:
        received("BANK", lines(owner, clock())[0], clock())
        received("DEPARTMENT", lines(owner, clock())[0], clock())  # by duty: told in its own inbox
        before = _run(node, operator, clock)
        row = applied(owner, node)
        repairing.accept(row.uuid, by=operator, at=RECEIVED)
        repairing.decide(row.uuid, verdict=GRANT, by=operator, node=node, at=clock.on(9, 29))
        settle(clock())

        (line,) = lines(owner, clock())
        assert line.mark is not None
        assert (line.mark.kind, line.modes) == (MarkKind.STOPPED, ())
        (notice,) = institutions.inbox(institution="BANK").notices
        assert (notice.kind, notice.about["item"]) == ("record.stopped", ITEM)
        assert "虚假宣传" not in str(notice.about)
        again = Reevaluation.objects.get(case=row.uuid)
        assert again.run is not None
        assert runs.run(again.run).state is RunState.DONE
        assert (_used(before, node), _used(again.run, node)) == (2, 1)  # the old run reads what it read

        # Whatever happens twice is told once.
        settle(clock())
        repairing.finish(row.uuid, node=node, at=clock())
        telling.tell_holders(record=repairing.ref(row), case=row.uuid, kind="record.stopped", at=clock())
        assert len(institutions.inbox(institution="BANK").notices) == 1
        noticing.acknowledge(by=bank, notice=notice.uuid, at=clock())
        told = [(one.institution, one.acknowledged_at is not None) for one in cases.followed(row.uuid).told]
        assert told == [("BANK", True), ("DEPARTMENT", False)]
        assert HolderNotice.objects.count() == 2


class TestEvaluatingAgain:
    def test_waits_for_a_run_under_way_and_shares_the_next(
        self, node: ThisNode, penalty: None, operator: Actor, owner: Actor, clock: Clock
    ) -> None:
        _run(node, operator, clock)
        first, second = applied(owner, node).uuid, uuid4()
        running = requesting.request_run(
            system=SYSTEM, as_of=clock.on(9, 28).date(), by=operator, node=node, at=clock()
        )
        Run.objects.filter(uuid=running.uuid).update(state=RunState.RUNNING)
        for case in (first, second):
            assert telling.want_evaluation(item=ITEM, case=case, node=node, at=clock()) == (SYSTEM,)

        assert telling.evaluate_again(node=node, at=clock()) == ()
        Run.objects.filter(uuid=running.uuid).update(state=RunState.DONE)
        (asked,) = telling.evaluate_again(node=node, at=clock())

        assert set(Reevaluation.objects.values_list("run", flat=True)) == {asked}
        assert telling.evaluate_again(node=node, at=clock()) == ()
        assert telling.want_evaluation(item="HON-99", case=first, node=node, at=clock()) == ()

    def test_leaves_what_is_wanted_while_marks_are_written_to_the_next_run(
        self, node: ThisNode, penalty: None, operator: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _run(node, operator, clock)
        first, second = uuid4(), uuid4()
        telling.want_evaluation(item=ITEM, case=first, node=node, at=clock())

        def meanwhile(**_: object) -> int:
            telling.want_evaluation(item=ITEM, case=second, node=node, at=clock())
            return 0

        monkeypatch.setattr(marking, "write_to_lake", meanwhile)
        assert len(telling.evaluate_again(node=node, at=clock.on(9, 30))) == 1
        assert Reevaluation.objects.get(case=first).run is not None
        assert Reevaluation.objects.get(case=second).run is None


class TestPublicity:
    def test_ends_by_itself_on_its_own_last_day(
        self, node: ThisNode, deliver: Deliver, owner: Actor, clock: Clock
    ) -> None:
        header = "企业名称,统一社会信用代码,行政处罚决定书文号,处罚类别,处罚决定日期,处罚机关,公示截止期"
        over = f"青禾县东兴食品加工有限公司,{SUBJECT},罚1号,罚款,2025-05-06,市监局,2026-09-01"
        later = f"青禾县东兴食品加工有限公司,{SUBJECT},罚2号,罚款,2025-05-06,市监局,2026-12-01"
        deliver(over, later, header=header)
        clock.on(9, 28)

        jobs.watch_days.call()
        settle(clock())
        assert watching.end_publicity(node=node, at=clock()) == 0

        stopped = {line.values["decision_number"]: line.mark is not None for line in lines(owner, clock())}
        assert stopped == {"罚1号": True, "罚2号": False}
        row = Repair.objects.get()
        assert (row.automatic, row.state) == (True, State.GRANTED)

    def test_of_one_record_waits_for_no_other_for_ever(
        self, node: ThisNode, deliver: Deliver, clock: Clock
    ) -> None:
        header = "企业名称,统一社会信用代码,行政处罚决定书文号,处罚类别,处罚决定日期,处罚机关,公示截止期"
        over = [
            f"青禾县东兴食品加工有限公司,{SUBJECT},罚{n}号,罚款,2025-05-06,市监局,2026-09-01"
            for n in range(8)
        ]
        deliver(*over, header=header)
        on = clock.on(9, 28).date()

        first = {publicity.over(node=node, on=on, most=1, turn=str(turn)) for turn in range(20)}

        assert len(first) > 4


def test_the_marks_come_back_with_a_rebuild(
    node: ThisNode, penalty: None, owner: Actor, operator: Actor, clock: Clock
) -> None:
    row = applied(owner, node)
    repairing.accept(row.uuid, by=operator, at=RECEIVED)
    repairing.decide(row.uuid, verdict=GRANT, by=operator, node=node, at=clock.on(9, 29))
    settle(clock())
    before = marks.marks_of(SUBJECT)
    marking.MarkEntry.objects.all().delete()

    assert marking.restore(node=node) == 1
    assert marks.marks_of(SUBJECT) == before


def _run(node: ThisNode, operator: Actor, clock: Clock) -> UUID:
    asked = requesting.request_run(system=SYSTEM, as_of=clock.now.date(), by=operator, node=node, at=clock())
    settle(clock())
    assert runs.run(asked.uuid).state is RunState.DONE
    return asked.uuid


def _used(run: UUID, node: ThisNode) -> int:
    """How many penalties a run reads."""
    found = runs.stored(run)
    assert RunTable.objects.filter(run=found, item=ITEM).exists()
    with inputs.connection(found, node=node, items=[ITEM]) as engine:
        return int(engine.execute("SELECT count(*) FROM pen_01").fetchall()[0][0])
