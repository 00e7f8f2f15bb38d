"""From an approved plan to a draw that anyone can recompute."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from tests.apps.evaluation.supervision.conftest import (
    AUDITOR,
    CLOSED,
    EVENING,
    HEAD,
    INDEX,
    NOON,
    OFFICER,
    STRANGER,
    person,
)

from creditmesh.apps.evaluation.supervision.models import Frozen, Inspector, Task
from creditmesh.apps.evaluation.supervision.operations import (
    committing,
    drawing_lots,
    listing,
    opening,
    planning,
)
from creditmesh.apps.evaluation.supervision.queries import (
    auditing,
    candidates,
    packed,
    planned,
    published,
    sight,
)
from creditmesh.apps.evaluation.supervision.rules.states import SameEyes, WrongStep
from creditmesh.apps.evaluation.supervision.rules.terms import BadTaskTerms
from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties.rules import NotPermitted, Role
from creditmesh.drawing import seeds
from creditmesh.drawing.conducting import PoolChanged
from creditmesh.drawing.seeds import PublicHalfRefused
from creditmesh.drawing.sizes import BadRatios
from creditmesh.drawing.standalone import verify_draw
from creditmesh.drawing.visits.recusal import Tie


class TestAPlan:
    def test_is_approved_by_somebody_else(self, node, db):
        listing.keep_items(rows=[{"code": "X", "name_zh": "甲"}], version="1", by=OFFICER, at=NOON)
        plan = planning.draft_plan(year=2026, title="计划", by=OFFICER, at=NOON)
        batch = planning.NewBatch(
            title="一", items=["X"], first=NOON.date(), last=NOON.date() + timedelta(days=9)
        )
        planning.add_batch(plan=plan, batch=batch, by=OFFICER, at=NOON)
        planning.propose_plan(plan=plan, by=OFFICER, at=NOON)
        both = HEAD.__class__(
            user_id=7,
            label=OFFICER.label,
            organisation=OFFICER.organisation,
            roles=OFFICER.roles | HEAD.roles,
        )
        proposer = planned.plan(plan, viewer=OFFICER).proposed_by
        assert proposer == OFFICER.who().label
        with pytest.raises(SameEyes):
            planning.approve_plan(plan=plan, by=both, node=node, at=NOON)
        with pytest.raises(NotPermitted):
            planning.approve_plan(plan=plan, by=OFFICER, node=node, at=NOON)
        planning.return_plan(plan=plan, reason="缺少消防部门", by=HEAD, at=NOON)
        planning.propose_plan(plan=plan, by=OFFICER, at=NOON)
        planning.approve_plan(plan=plan, by=HEAD, node=node, at=NOON)
        planning.file_plan(plan=plan, filed_with="示例市市场监督管理局", by=OFFICER, at=NOON)
        found = planned.plan(plan, viewer=HEAD)
        assert (found.state, found.filed_with) == ("approved", "示例市市场监督管理局")
        assert found.file_by is not None

    def test_must_be_approved_before_anything_is_drawn(self, office):
        task = office.task()
        Task.objects.get(uuid=task).batch.plan.__class__.objects.update(state="proposed")
        public = committing.PublicSource(name=INDEX, after=CLOSED)
        with pytest.raises(WrongStep):
            committing.commit(task=task, public=public, authority="局", by=OFFICER, node=office.node, at=NOON)

    def test_of_another_department_does_not_exist(self, office):
        assert planned.plans(viewer=STRANGER) == []
        with pytest.raises(sight.UnknownPlan):
            planned.plan(office.plan, viewer=STRANGER)
        with pytest.raises(sight.UnknownPlan):
            planning.propose_plan(plan=office.plan, by=STRANGER, at=NOON)


class TestACommitment:
    def test_is_public_before_the_draw_and_keeps_the_secret(self, office):
        uuid = office.committed()
        row = Task.objects.get(uuid=uuid)
        told = published.announcement(row.number)
        secret = packed.hidden(row.secret, task=row, node=office.node)
        assert told["announcement"]["secret_sha256"] == verify_draw.digest(bytes.fromhex(secret))
        for kept in (secret, row.secret):
            assert kept not in str(told)
            assert kept not in str(planned.task(uuid, viewer=OFFICER))
        with pytest.raises(packed.UnknownDraw):
            published.draw_file(row.number)

    def test_names_no_enterprise_and_its_class(self, office):
        task = office.drawn()
        file = published.draw_file(task.number)
        assert file["announcement"]["sealed"] is True
        assert "91990121MA" not in str(file)
        assert "samr-qh-0" not in str(file)

    def test_of_public_grades_goes_by_the_numbers_of_the_objects(self, office, object_list):
        task = office.drawn(system="", list=object_list({"I": 20, "II": 20}))
        file = published.draw_file(task.number)
        assert {row[0][:2] for row in file["objects"]} == {"P-"}
        assert auditing.check_published(task.number).holds

    @pytest.mark.parametrize("ratios", [{"A": 4000}, {"B": 0}, {"C": 300, "D": 200}], ids=str)
    def test_is_not_drafted_with_ratios_that_spare_anybody(self, office, ratios):
        with pytest.raises(BadRatios):
            office.task(terms={"ratios": ratios})
        assert not Task.objects.exists()

    def test_is_not_drafted_with_a_grade_the_pool_does_not_have(self, office):
        with pytest.raises(BadTaskTerms, match="There is no grade E"):
            office.task(terms={"ratios": {"E": 4000}})

    def test_looks_again_at_what_was_drafted_before_the_first_run(self, office):
        task = office.task(system="elevators", terms={"ratios": {"A": 4000}})
        Task.objects.filter(uuid=task).update(system="general")
        public = committing.PublicSource(name=INDEX, after=NOON + timedelta(hours=2))
        with pytest.raises(BadRatios):
            committing.commit(task=task, public=public, authority="x", by=OFFICER, node=office.node, at=NOON)

    def test_needs_a_public_half_to_come(self, office):
        task = office.task()
        for after in (NOON, NOON - timedelta(hours=1)):
            public = committing.PublicSource(name=INDEX, after=after)
            with pytest.raises(PublicHalfRefused):
                committing.commit(
                    task=task, public=public, authority="局", by=OFFICER, node=office.node, at=NOON
                )

    def test_can_be_given_up_before_the_draw_only_and_stays_public(self, office):
        uuid = office.committed()
        planning.abandon_task(task=uuid, reason="名录有误", by=OFFICER, at=NOON)
        line = published.draws()[0]
        assert (line.state, line.abandoned_for) == ("abandoned", "名录有误")
        drawn = office.drawn()
        with pytest.raises(WrongStep):
            planning.abandon_task(task=drawn.uuid, reason="不满意", by=OFFICER, at=EVENING)


class TestADraw:
    def test_holds_for_strangers_and_for_the_auditor(self, office):
        task = office.drawn()
        assert auditing.check_published(task.number).holds
        found = auditing.check(task.uuid, viewer=AUDITOR)
        assert found.holds, [one for one in found.findings if one.kind == "wrong"]
        assert {one.kind for one in found.findings} == {"right", "open"}

    def test_takes_what_the_rule_pack_says_of_each_grade(self, office):
        task = office.drawn(terms={"control": 2})
        counts = {row[0]: row[3] for row in published.draw_file(task.number)["counts"] if not row[1]}
        assert counts == {"A": 1, "B": 1, "C": 2, "D": 3}
        assert task.visits.count() == 7
        assert set(task.visits.values_list("part", flat=True)) == {"control", "risk"}

    def test_is_written_to_the_ledger_with_its_digests(self, office):
        task = office.drawn()
        acts = list(Entry.objects.order_by("id").values_list("act", flat=True))
        assert [one for one in acts if one.startswith("draw.")] == ["draw.commit", "draw.conduct"]
        entry = Entry.objects.get(act="draw.conduct")
        assert published.draw_file(task.number)["sha256"] in entry.details

    def test_refuses_a_value_known_before_or_not_yet(self, office):
        task = office.committed()
        for fixed_at in (NOON, NOON + timedelta(hours=1), EVENING + timedelta(hours=1)):
            with pytest.raises(PublicHalfRefused):
                drawing_lots.draw(
                    task=task, value="3312.58", fixed_at=fixed_at, by=OFFICER, node=office.node, at=EVENING
                )

    def test_happens_once(self, office):
        task = office.drawn()
        with pytest.raises(WrongStep):
            drawing_lots.draw(
                task=task.uuid, value="1", fixed_at=CLOSED, by=OFFICER, node=office.node, at=EVENING
            )

    def test_is_refused_once_a_pool_was_changed_behind_its_back(self, office):
        task = office.committed()
        row = Frozen.objects.get(task__uuid=task, kind="objects")
        rows = packed.unpack(row.task, "objects")
        changed = packed.pack(row.task, "objects", rows[1:])
        Frozen.objects.filter(pk=row.pk).update(content=changed.content)
        with pytest.raises(packed.FrozenChanged):
            drawing_lots.draw(task=task, value="1", fixed_at=CLOSED, by=OFFICER, node=office.node, at=EVENING)
        Frozen.objects.filter(pk=row.pk).update(sha256=changed.sha256)
        with pytest.raises(PoolChanged):
            drawing_lots.draw(task=task, value="1", fixed_at=CLOSED, by=OFFICER, node=office.node, at=EVENING)

    def test_sends_nobody_who_declared_a_tie(self, office):
        first = office.drawn()
        tied = Inspector.objects.filter(assignments__visit__task=first).order_by("code").first()
        for number in range(120):
            listing.declare_interest(
                code=tied.code, kind=Tie.SHAREHOLDER, object_=f"91990121MA{number:08d}", by=OFFICER, at=NOON
            )
        second = office.drawn()
        assert not second.visits.filter(assignments__inspector=tied).exists()
        assert first.visits.filter(assignments__inspector=tied).exists()
        found = auditing.recusals(second.uuid, viewer=AUDITOR)
        assert {one.reason for one in found} == {"shareholder"}
        assert "shareholder" not in str(published.draw_file(second.number))

    def test_honours_a_tie_declared_between_commitment_and_draw(self, office):
        task = office.committed()
        for number in range(120):
            listing.declare_interest(
                code="samr-qh-01", kind=Tie.RELATIVE, object_=f"91990121MA{number:08d}", by=OFFICER, at=NOON
            )
        drawing_lots.draw(task=task, value="7", fixed_at=CLOSED, by=OFFICER, node=office.node, at=EVENING)
        row = Task.objects.get(uuid=task)
        assert not row.visits.filter(assignments__inspector__code="samr-qh-01").exists()
        assert auditing.check(task, viewer=AUDITOR).holds

    def test_gives_each_visit_two_officers_or_none_with_the_reason(self, office):
        Inspector.objects.filter(unit="samr-qh").exclude(code="samr-qh-00").update(state="away")
        task = office.drawn()
        for visit in task.visits.all():
            assert (visit.state, visit.assignments.count()) == ("unstaffed", 0)
            assert "1 of 2 officers" in visit.failure

    def test_prefers_key_units_and_leaves_out_the_exempt(self, office):
        for number in range(10):
            listing.mark_special(object_=f"91990121MA{number:08d}", reason="学校食堂", by=OFFICER, at=NOON)
            listing.mark_special(
                object_=f"91990121MA{number + 10:08d}",
                reason="停产",
                by=OFFICER,
                at=NOON,
                exempt_until=NOON.date() + timedelta(days=30),
            )
        task = office.drawn(terms={"control": 0})
        counts = {(row[0], row[1]): row[2:4] for row in published.draw_file(task.number)["counts"]}
        assert counts["A", True] == [10, 5]
        assert counts["A", False] == [40, 1]

    def test_is_opened_for_the_auditor_alone_who_leaves_a_trace(self, office):
        task = office.drawn()
        opened = opening.open_tickets(task=task.uuid, why="年度审计", by=AUDITOR, at=EVENING)
        assert len(opened["objects"]) == 120
        assert Entry.objects.filter(act="draw.open-tickets", why="年度审计").exists()
        for viewer in (OFFICER, HEAD):
            with pytest.raises(NotPermitted):
                opening.open_tickets(task=task.uuid, why="看看", by=viewer, at=EVENING)

    def test_costs_few_questions_to_the_database(self, office, django_assert_max_num_queries):
        task = office.committed()
        with django_assert_max_num_queries(40 if connection.vendor == "sqlite" else 44):
            drawing_lots.draw(task=task, value="7", fixed_at=CLOSED, by=OFFICER, node=office.node, at=EVENING)


class TestTheSecretHalf:
    def test_is_not_in_the_database_before_the_draw(self, office):
        row = Task.objects.get(uuid=office.committed())
        told = json.loads(row.announcement)["secret_sha256"]
        assert seeds.commitment(row.secret) != told
        kept = packed.hidden(row.secret, task=row, node=office.node)
        assert seeds.commitment(kept) == told
        assert (office.node.home / "draw-key").stat().st_mode & 0o777 == 0o600


class TestAPoolBeforeItIsFrozen:
    def test_is_counted_as_it_would_be_drawn_from(self, node, office):
        task = Task.objects.get(uuid=office.task())
        source = candidates.source_of(task)
        members = list(candidates.members(task, source=source, node=node, on=NOON.date()))
        inside = Counter(one.grade for one in members if one.in_scope)

        found = candidates.pool_size(viewer=OFFICER, system="general")

        assert dict(found.by_grade) == {one: inside[one] for one in source.grades}
        assert found.objects == sum(inside.values()) > 0
        assert found.out_of_scope == sum(not one.in_scope for one in members)

    def test_of_a_list_is_counted_for_its_own_department(self, node, office, object_list):
        listed = object_list({"A": 3, "B": 2})

        found = candidates.pool_size(viewer=OFFICER, list_=listed)
        assert (found.objects, dict(found.by_grade)) == (5, {"A": 3, "B": 2})
        with pytest.raises(candidates.NoPool):
            candidates.pool_size(viewer=STRANGER, list_=listed)
        with pytest.raises(NotPermitted):
            candidates.pool_size(viewer=person(Role.INSPECTOR, "冯检查"), list_=listed)
