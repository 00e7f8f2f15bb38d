"""Rows of whole lists, and rows that are only added, are corrected one by one like any other."""

from collections.abc import Callable
from uuid import UUID

import pytest
from tests.apps.sharing.rights.conftest import SUBJECT, Clock, received, settle
from tests.conftest import Cast

from creditmesh.apps.evaluation.grading.operations import requesting
from creditmesh.apps.evaluation.grading.queries import evaluations
from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Role
from creditmesh.apps.ground.records.queries import for_answers
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.sharing.disclosure.operations import own_record
from creditmesh.apps.sharing.disclosure.operations.own_record import OwnLine
from creditmesh.apps.sharing.rights.models import Objection
from creditmesh.apps.sharing.rights.operations import deciding, handling, objecting
from creditmesh.apps.sharing.rights.operations.deciding import Decision
from creditmesh.apps.sharing.rights.operations.objecting import Complaint
from creditmesh.apps.sharing.rights.queries import cases
from creditmesh.apps.sharing.rights.rules.objections import Ground, Outcome, State

pytestmark = pytest.mark.django_db
Deliver = Callable[..., None]

HOLDERS = "ENT-02"
HOLDERS_HEADER = "统一社会信用代码,企业名称,股东名称,股东类型,持股比例,登记日期"
CHANGES = "ENT-03"
CHANGES_HEADER = "变更业务号,统一社会信用代码,企业名称,变更事项,吊销撤销原因,核准日期"
REGISTER = "ENT-01"
REGISTER_HEADER = "统一社会信用代码,企业名称,市场主体类型,成立日期,登记区划,登记状态"
FRAUD = f"B1,{SUBJECT},青禾县东兴食品加工有限公司,撤销登记,{{}},2026-03-01"


def holder(name: str, share: str) -> str:
    return f"{SUBJECT},青禾县东兴食品加工有限公司,{name},企业法人,{share},2020-01-02"


def shown(owner: Actor, clock: Clock, item: str = HOLDERS) -> list[OwnLine]:
    at = clock()
    seen = own_record.view(owner, at, on=at.date(), items=(item,))
    return sorted(
        (line for block in seen.blocks for line in block.lines),
        key=lambda one: str(one.values.get("shareholder")),
    )


def shares(owner: Actor, clock: Clock) -> dict[str, int]:
    return {line.values["shareholder"]: line.values["share"] for line in shown(owner, clock)}


def contest(line: OwnLine, item: str, *, owner: Actor, operator: Actor, node: ThisNode, clock: Clock) -> UUID:
    complaint = Complaint(item=item, record=line.ref, ground=Ground.WRONG, text="写错了")
    uuid = objecting.raise_objection(complaint=complaint, by=owner, node=node, at=clock.on(9, 28))
    handling.check_oneself(uuid, by=operator, at=clock.on(9, 29))
    return uuid


def to(**values: str) -> Decision:
    return Decision(outcome=Outcome.CORRECT, reason="以章程为准", values=values)


@pytest.fixture
def listed(deliver: Deliver) -> None:
    deliver(holder("甲", "60%"), holder("乙", "40%"), item=HOLDERS, header=HOLDERS_HEADER)


@pytest.fixture
def corrected(listed: None, node: ThisNode, bank: Actor, owner: Actor, operator: Actor, clock: Clock) -> UUID:
    """An objection to a share of sixty per cent, which the bank has received, corrected to fifty-five."""
    line = shown(owner, clock)[1]
    assert line.values["shareholder"] == "甲"
    received("BANK", line, clock(), item=HOLDERS)
    uuid = contest(line, HOLDERS, owner=owner, operator=operator, node=node, clock=clock)
    deciding.decide(uuid, decision=to(share="55%"), by=operator, node=node, at=clock())
    settle(clock())
    return uuid


def steps(uuid: UUID) -> list[str]:
    return [one.what for one in cases.steps(Objection.objects.get(uuid=uuid))]


class TestARowOfAList:
    def test_is_corrected_where_it_is_shown_and_answered_and_whoever_had_it_is_told(
        self, corrected: UUID, node: ThisNode, owner: Actor, clock: Clock
    ) -> None:
        assert shares(owner, clock) == {"乙": 4000, "甲": 5500}
        held = for_answers.held(subject=SUBJECT, items=[HOLDERS], catalogue=node.catalogue).records[HOLDERS]
        assert sorted(one.values["share"] for one in held) == [4000, 5500]
        assert [one.origin.source for one in held if one.origin] == ["qinghe-samr"] * 2
        line = shown(owner, clock)[1]
        assert line.mark is None
        (notice,) = institutions.inbox(institution="BANK").notices
        assert notice.kind == "record.corrected"
        assert Objection.objects.get(uuid=corrected).state == State.NOTIFIED

    def test_gets_its_former_value_back_by_a_review(
        self,
        corrected: UUID,
        node: ThisNode,
        owner: Actor,
        colleague: Actor,
        clock: Clock,
        deliver: Deliver,
    ) -> None:
        objecting.request_review(corrected, text="请再看", by=owner, at=clock())
        rejected = Decision(outcome=Outcome.REJECT, reason="登记无误")
        deciding.review(corrected, reason="重审", instead=rejected, by=colleague, node=node, at=clock())
        settle(clock())

        assert shares(owner, clock) == {"乙": 4000, "甲": 6000}
        kinds = [one.kind for one in institutions.inbox(institution="BANK").notices]
        assert kinds == ["record.restored", "record.corrected"]
        deliver(holder("甲", "60%"), holder("乙", "41%"), item=HOLDERS, header=HOLDERS_HEADER)
        settle(clock())
        assert shares(owner, clock) == {"乙": 4100, "甲": 6000}
        assert "source_repeats" not in steps(corrected)

    def test_stays_corrected_while_the_source_repeats_it_and_the_operator_is_told(
        self, corrected: UUID, cast: Cast, owner: Actor, operator: Actor, clock: Clock, deliver: Deliver
    ) -> None:
        for other in ("41%", "42%"):
            deliver(holder("甲", "60%"), holder("乙", other), item=HOLDERS, header=HOLDERS_HEADER)
            settle(clock())

        assert shares(owner, clock) == {"乙": 4200, "甲": 5500}
        assert steps(corrected).count("source_repeats") == 1
        assert [one.uuid for one in cases.repeated(operator)] == [corrected]
        staff = cast.client(Role.OPERATOR)
        for address in ("/cases/", f"/cases/objections/{corrected}/"):
            assert "已更正" in staff.get(address).content.decode()
        assert "仍在重复报送" not in staff.get("/cases/?show=done").content.decode()
        assert "objection.source_repeats" in [one.act for one in ledger.ledger_page().lines]

    def test_is_off_the_list_of_repeats_once_the_source_put_it_right(
        self, corrected: UUID, operator: Actor, owner: Actor, clock: Clock, deliver: Deliver
    ) -> None:
        for share, other in (("60%", "41%"), ("55%", "42%"), ("55%", "43%")):
            deliver(holder("甲", share), holder("乙", other), item=HOLDERS, header=HOLDERS_HEADER)
            settle(clock())

        assert shares(owner, clock) == {"乙": 4300, "甲": 5500}
        told = [one for one in steps(corrected) if one.startswith("source_")]
        assert told == ["source_repeats", "source_agrees"]
        assert cases.repeated(operator) == ()

    @pytest.mark.parametrize(("share", "step"), [("70%", "source_replaced"), ("", "source_dropped")])
    def test_gives_way_to_what_the_source_says_anew(
        self, corrected: UUID, owner: Actor, clock: Clock, deliver: Deliver, share: str, step: str
    ) -> None:
        deliver(holder("甲", "60%"), holder("乙", "41%"), item=HOLDERS, header=HOLDERS_HEADER)
        settle(clock())
        for other in ("40%", "39%"):
            deliver(
                *([holder("甲", share)] if share else []),
                holder("乙", other),
                item=HOLDERS,
                header=HOLDERS_HEADER,
            )
            settle(clock())

        assert shares(owner, clock) == {"乙": 3900, **({"甲": 7000} if share else {})}
        assert steps(corrected).count(step) == 1
        assert not cases.is_repeated(cases.steps(Objection.objects.get(uuid=corrected)))

    def test_that_left_the_list_before_it_could_be_corrected_is_told_as_not_corrected(
        self, listed: None, node: ThisNode, owner: Actor, operator: Actor, clock: Clock, deliver: Deliver
    ) -> None:
        line = shown(owner, clock)[1]
        uuid = contest(line, HOLDERS, owner=owner, operator=operator, node=node, clock=clock)
        deciding.decide(uuid, decision=to(share="55%"), by=operator, node=node, at=clock())
        deliver(holder("乙", "100%"), item=HOLDERS, header=HOLDERS_HEADER)
        settle(clock())

        assert shares(owner, clock) == {"乙": 10000}
        assert steps(uuid)[-1] == "correction_refused"


class TestARowThatWasAdded:
    def test_is_corrected_for_evaluations_too_and_a_later_delivery_changes_nothing(
        self, node: ThisNode, owner: Actor, operator: Actor, clock: Clock, deliver: Deliver
    ) -> None:
        registered = f"{SUBJECT},青禾县东兴食品加工有限公司,limited_company,2010-01-02,990121,存续"
        deliver(registered, item=REGISTER, header=REGISTER_HEADER)
        deliver(FRAUD.format("提交虚假材料取得登记"), item=CHANGES, header=CHANGES_HEADER)
        (line,) = shown(owner, clock, CHANGES)
        asked = clock.on(9, 28)
        requesting.request_run(system="public-credit", as_of=asked.date(), by=operator, node=node, at=asked)
        settle(clock())
        before = evaluations.latest(subject=SUBJECT, node=node)

        uuid = contest(line, CHANGES, owner=owner, operator=operator, node=node, clock=clock)
        deciding.decide(uuid, decision=to(change_kind="other"), by=operator, node=node, at=clock())
        settle(clock())
        after = evaluations.latest(subject=SUBJECT, node=node)

        assert before is not None
        assert after is not None
        assert before["grade"] != after["grade"]
        deliver(FRAUD.format("其他"), item=CHANGES, header=CHANGES_HEADER)
        settle(clock())
        (line,) = shown(owner, clock, CHANGES)
        assert line.values["change_kind"] == "other"
        assert steps(uuid)[-1] == "source_repeats"
