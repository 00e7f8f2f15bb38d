"""After visits: what everyone sees, what the next run reads, what is measured, who learns of whom."""

import csv
from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.apps.evaluation.supervision.conftest import (
    AUDITOR,
    DAY,
    EVENING,
    FIRE,
    HEAD,
    NOON,
    OFFICER,
    STRANGER,
    approved,
    codes,
    people_of,
)

from creditmesh.apps.evaluation.supervision.models import Inspector, Task
from creditmesh.apps.evaluation.supervision.operations import (
    delivering,
    disclosing,
    finding,
    listing,
    recusing,
    visiting,
)
from creditmesh.apps.evaluation.supervision.queries import (
    candidates,
    lists,
    measuring,
    overdue,
    planned,
    published,
    standing,
    visits,
)
from creditmesh.apps.evaluation.supervision.rules.codes import Found, ObjectKind
from creditmesh.apps.evaluation.supervision.rules.results import Stated
from creditmesh.apps.evaluation.supervision.rules.states import WrongStep
from creditmesh.apps.ground.parties.rules import NotPermitted
from creditmesh.apps.ground.records.models import Batch
from creditmesh.apps.ground.records.queries import folders
from creditmesh.drawing.visits.recusal import Tie

LATER = date(2026, 3, 31)


class TestDisclosure:
    def test_shows_results_without_inspectors_or_grades(self, office):
        task = office.sent()
        visit = task.visits.first()
        office.record(visit, Found.PENDING)
        assert published.results().rows == ()
        assert disclosing.disclose(task=task.uuid, by=OFFICER, at=EVENING) == 1
        (row,) = published.results(text=visit.object).rows
        assert (row.name, row.code, row.item_name_zh) == (visit.name, "8", "食品生产监督检查")
        assert "grade" not in vars(row)
        assert "samr-qh-0" not in str(row)
        assert "检查员" not in str(row)

    def test_waits_where_public_safety_is_concerned(self, office):
        Task._meta.get_field("batch").related_model.objects.update(items="\nSP-03\n")
        task = office.sent()
        uuid = office.record(task.visits.first(), item="SP-03")
        assert disclosing.disclose(task=task.uuid, by=OFFICER, at=EVENING) == 0
        with pytest.raises(NotPermitted):
            disclosing.withhold(result=uuid, reason="涉及公共安全", by=OFFICER, at=EVENING)
        disclosing.withhold(result=uuid, reason="涉及公共安全", by=HEAD, at=EVENING)
        assert [one for one in overdue.overdue(viewer=HEAD, on=LATER) if one.kind == "disclosure"] == []
        disclosing.disclose_one(result=uuid, by=OFFICER, at=EVENING)
        assert len(published.results().rows) == 1
        with pytest.raises(WrongStep):
            disclosing.disclose_one(result=uuid, by=OFFICER, at=EVENING)

    def test_of_ordinary_items_cannot_be_withheld(self, office):
        uuid = office.record(office.sent().visits.first())
        with pytest.raises(WrongStep):
            disclosing.withhold(result=uuid, reason="不想公开", by=HEAD, at=EVENING)


class TestTheNextRun:
    def test_gets_the_results_by_the_way_every_delivery_takes(self, office):
        task = office.sent()
        visit = task.visits.first()
        uuid = office.record(visit, Found.ORDERED_TO_CORRECT, rectify_by=date(2026, 3, 20))
        batch = delivering.deliver(task=task.uuid, node=office.node, at=EVENING)
        row = Batch.objects.get(uuid=batch)
        assert (row.item, row.delivered_by) == ("PEN-02", "supervision")
        (file,) = folders.inbox(home=office.node.home, batch=row.uuid).glob("delivered*")
        (line,) = csv.DictReader(file.read_text("utf-8").splitlines())
        assert (line["统一社会信用代码"], line["检查结果"], line["限期改正日期"]) == (
            visit.subject,
            "5",
            "2026-03-20",
        )
        assert delivering.deliver(task=task.uuid, node=office.node, at=EVENING) is None
        stated = Stated(item="SP-01", code=Found.NOTHING, inspected_on=DAY)
        finding.correct(result=uuid, stated=stated, reason="复核", by=OFFICER, node=office.node, at=EVENING)
        assert delivering.deliver_waiting(node=office.node, at=EVENING + timedelta(minutes=1)) == 1

    def test_leaves_out_who_was_just_inspected(self, office):
        task = office.sent(terms={"ratios": dict.fromkeys("ABC", 3000)})
        visit = task.visits.filter(grade="A").first()
        office.record(visit)
        again = office.task()
        row = Task.objects.get(uuid=again)
        source = candidates.source_of(row)
        found = {one.object: one for one in candidates.members(row, source=source, node=office.node, on=DAY)}
        assert (found[visit.object].last_inspected, found[visit.object].visits) == (DAY, 1)
        assert sum(1 for one in found.values() if one.last_inspected) == 1

    def test_sends_somebody_else_to_the_same_object(self, office):
        task = office.sent()
        visit = task.visits.filter(grade="D").first()
        office.record(visit)
        assert candidates.last_officers([visit.object])[visit.object] == codes(visit)
        second = office.drawn(terms={"ratios": {"D": 10_000}})
        assert not codes(second.visits.get(object=visit.object)) & codes(visit)


class TestJointVisits:
    def test_give_each_department_its_officers(self, office):
        listing.keep_items(
            rows=[{"code": "F-01", "name_zh": "消防检查"}],
            version="1",
            by=replace(OFFICER, organisation="lead"),
            at=NOON,
        )
        lead = replace(OFFICER, organisation="lead")
        people_of("lead", 4, office=lead)
        plan = approved(["F-01"], joint=(FIRE,), by=lead, head=replace(HEAD, organisation="lead"))
        from creditmesh.apps.evaluation.supervision.operations import committing, drawing_lots, planning

        new = planning.NewTask(batch=1, title="联合抽查", system="general")
        task = planning.draft_task(plan=plan, new=new, by=lead, node=office.node, at=NOON)
        public = committing.PublicSource(name="指数", after=NOON + timedelta(hours=1))
        committing.commit(task=task, public=public, authority="局", by=lead, node=office.node, at=NOON)
        fixed = NOON + timedelta(hours=2)
        drawing_lots.draw(task=task, value="1", fixed_at=fixed, by=lead, node=office.node, at=EVENING)
        row = Task.objects.get(uuid=task)
        for visit in row.visits.all():
            units = sorted(visit.assignments.values_list("unit", flat=True))
            assert units == [FIRE, "lead", "lead"]
        assert planned.task(task, viewer=replace(OFFICER, organisation=FIRE)).line.number == row.number
        other = office.drawn(terms={"ratios": dict.fromkeys("ABCD", 10_000), "officers": 2, "load": 500})
        shared = set(row.visits.values_list("object", flat=True))
        assert visiting.join_visits(by=lead, node=office.node, at=EVENING) == len(shared)
        assert visiting.join_visits(by=lead, node=office.node, at=EVENING) == 0
        assert other.visits.exclude(joined="").count() == len(shared)
        first = row.visits.order_by("place").first()
        theirs = other.visits.get(object=first.object)
        assert codes(first) == codes(theirs)
        members = list(first.assignments.filter(ended_at=None).order_by("id"))
        assert [one.role for one in members] == ["lead"] + ["assistant"] * (len(members) - 1)
        assert members[0].unit == "lead"
        assert {one.unit for one in members} == {"lead", FIRE, "samr-qh"}
        line = visits.visit(first.uuid, viewer=lead)
        assert (line.joint_items, line.joint_units) == (("F-01", "SP-01"), (FIRE, "lead", "samr-qh"))
        # A joint visit is one visit: no officer has more of them than there are places to go to.
        loads = {one.code: one.load for one in Inspector.objects.annotate(load=standing.open_load())}
        assert max(loads[one.inspector.code] for one in members) <= other.visits.count()
        self.recusal_reaches_both(office, first, theirs)

    def recusal_reaches_both(self, office, first, theirs):
        gone = first.assignments.get(unit=FIRE, ended_at=None).inspector
        asked = recusing.ask(visit=theirs.uuid, inspector=gone.code, reason="亲属", by=OFFICER, at=EVENING)
        recusing.decide(request=asked, grant=True, answer="同意", by=HEAD, node=office.node, at=EVENING)
        assert codes(first) == codes(theirs)
        assert gone.code not in codes(first)
        Inspector.objects.filter(unit=FIRE).exclude(code__in=codes(first)).update(state="away")
        last = first.assignments.get(unit=FIRE, ended_at=None).inspector
        asked = recusing.ask(visit=theirs.uuid, inspector=last.code, reason="亲属", by=OFFICER, at=EVENING)
        recusing.decide(request=asked, grant=True, answer="同意", by=HEAD, node=office.node, at=EVENING)
        first.refresh_from_db()
        assert (first.state, first.joined) == ("unstaffed", "")
        theirs.refresh_from_db()
        assert theirs.state == "unstaffed"
        visiting.staff(visit=theirs.uuid, by=OFFICER, node=office.node, at=EVENING)
        assert theirs.assignments.filter(ended_at=None).exclude(unit="samr-qh").count() == 0

    def test_are_of_devices_at_the_place_of_one_enterprise(self, office):
        rows = [
            {"object": f"E-{number}", "name": "电梯", "subject": "91990121MASCHOOL00", "region": "990121"}
            for number in range(3)
        ]
        made = listing.keep_objects(
            name="电梯", kind=ObjectKind.DEVICE, grades=[], rows=rows, by=OFFICER, at=NOON
        )
        terms = {"ratios": {"-": 10_000}, "control": 0}
        task = office.drawn(system="", list=made, terms=terms)
        assert visiting.join_visits(by=OFFICER, node=office.node, at=EVENING) == 1
        assert len(codes(*task.visits.all())) == 2

    def test_are_not_made_where_a_department_could_send_nobody(self, office):
        one, other = (office.drawn(terms={"ratios": {"D": 10_000}}) for _ in range(2))
        for visit in other.visits.all():
            visit.assignments.update(ended_at=EVENING)
        for code in codes(*one.visits.all()):
            for visit in one.visits.all():
                listing.declare_interest(
                    code=code, kind=Tie.RELATIVE, object_=visit.object, by=OFFICER, at=NOON
                )
        assert visiting.join_visits(by=OFFICER, node=office.node, at=EVENING) == 0


class TestTheMeasure:
    def test_rests_on_the_quota_alone(self, office):
        task = office.sent(terms={"control": 3, "ratios": {"D": 5000}})
        for visit in task.visits.all():
            office.record(visit, Found.PENDING if visit.grade == "D" else Found.NOTHING)
        found = {one.grade: one for one in measuring.measure(viewer=OFFICER).rows}
        assert (found["D"].control.found, found["D"].control.of) == (3, 3)
        assert (found["A"].control.found, found["A"].control.share) == (0, 0)
        assert found["D"].risk.of == 2
        assert found["D"].control.low < 10_000
        assert measuring.measure(viewer=OFFICER).ordered
        assert measuring.measure(viewer=STRANGER).rows == ()


class TestPersonalData:
    def test_of_inspectors_is_for_their_own_department(self, office):
        own = lists.inspectors(viewer=OFFICER, on=DAY)
        assert {one.unit for one in own} == {"samr-qh"}
        assert own[0].name
        seen = lists.inspectors(viewer=AUDITOR, on=DAY)
        assert len(seen) == 12
        assert {(one.name, one.certificate, one.interests) for one in seen} == {("", "", ())}
        assert lists.inspectors(viewer=STRANGER, on=DAY) == []

    def test_of_visits_shows_inspectors_no_grade(self, office):
        visit = office.sent().visits.first()
        mine = visits.own(viewer=office.inspector(visit))
        assert mine
        assert {(one.grade, one.part) for one in mine} == {("", "")}
