"""Visits: who comes, who must not, what was found, what follows, what everyone sees, what the next run reads."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.apps.evaluation.supervision.conftest import (
    AUDITOR,
    DAY,
    EVENING,
    FIRE,
    HEAD,
    OFFICER,
    STRANGER,
    codes,
)

from creditmesh.apps.evaluation.supervision.models import Inspector, Result, Task
from creditmesh.apps.evaluation.supervision.operations import (
    finding,
    following,
    recusing,
    visiting,
)
from creditmesh.apps.evaluation.supervision.queries import (
    auditing,
    overdue,
    planned,
    published,
    sight,
    visits,
)
from creditmesh.apps.evaluation.supervision.rules.codes import FollowUpKind, Found, Substitution
from creditmesh.apps.evaluation.supervision.rules.results import BadResult, Stated, TooFewOfficers
from creditmesh.apps.evaluation.supervision.rules.states import SameEyes, WrongStep
from creditmesh.apps.ground.parties.rules import NotPermitted

LATER = date(2026, 3, 31)


class TestARecusal:
    def test_is_asked_for_by_the_inspector_and_decided_by_the_head(self, office):
        task = office.sent()
        visit = task.visits.order_by("place").first()
        inspector = office.inspector(visit)
        lead = visit.assignments.get(role="lead").inspector
        asked = recusing.ask(visit=visit.uuid, inspector=lead.code, reason="旧同学", by=inspector, at=EVENING)
        with pytest.raises(NotPermitted):
            recusing.decide(
                request=asked, grant=True, answer="同意", by=OFFICER, node=office.node, at=EVENING
            )
        with pytest.raises(recusing.UnknownRecusal):
            recusing.decide(
                request=asked,
                grant=True,
                answer="同意",
                by=replace(HEAD, organisation=FIRE),
                node=office.node,
                at=EVENING,
            )
        before = codes(visit)
        recusing.decide(request=asked, grant=True, answer="同意", by=HEAD, node=office.node, at=EVENING)
        assert lead.code not in codes(visit)
        assert len(codes(visit)) == 2
        assert len(codes(visit) & before) == 1
        assert visits.recusals(viewer=HEAD, open_only=False)[0].state == "granted"

    def test_is_never_answered_with_one_officer(self, office):
        Inspector.objects.filter(code__gt="samr-qh-01", unit="samr-qh").update(state="away")
        task = office.sent()
        visit = task.visits.order_by("place").first()
        asked = recusing.ask(
            visit=visit.uuid,
            inspector="samr-qh-00",
            reason="当事人申请",
            by=OFFICER,
            at=EVENING,
            by_party=True,
        )
        recusing.decide(request=asked, grant=True, answer="同意", by=HEAD, node=office.node, at=EVENING)
        visit.refresh_from_db()
        assert visit.state == "unstaffed"
        with pytest.raises(visiting.NobodyEligible):
            visiting.staff(visit=visit.uuid, by=OFFICER, node=office.node, at=EVENING)
        Inspector.objects.update(state="active")
        visiting.staff(visit=visit.uuid, by=OFFICER, node=office.node, at=EVENING)
        assert len(codes(visit)) == 2
        assert "samr-qh-00" not in codes(visit)

    def test_is_not_decided_by_who_asked(self, office):
        both = replace(HEAD, roles=HEAD.roles | OFFICER.roles)
        visit = office.sent().visits.first()
        code = min(codes(visit))
        asked = recusing.ask(
            visit=visit.uuid, inspector=code, reason="亲属", by=both, at=EVENING, by_party=True
        )
        with pytest.raises(SameEyes):
            recusing.decide(request=asked, grant=False, answer="不", by=both, node=office.node, at=EVENING)
        assert visits.visit(visit.uuid, viewer=OFFICER).team[0].code

    def test_is_of_a_member_and_once(self, office):
        visit = office.sent().visits.first()
        with pytest.raises(recusing.NotInTheTeam):
            recusing.ask(visit=visit.uuid, inspector="nobody", reason="x", by=OFFICER, at=EVENING)
        code = min(codes(visit))
        recusing.ask(visit=visit.uuid, inspector=code, reason="x", by=OFFICER, at=EVENING)
        with pytest.raises(WrongStep):
            recusing.ask(visit=visit.uuid, inspector=code, reason="x", by=OFFICER, at=EVENING)


class TestASubstitution:
    def test_takes_the_next_in_reserve_and_the_file_still_holds(self, office):
        task = office.sent(terms={"reserve": 10_000})
        visit = task.visits.filter(grade="D").order_by("place").first()
        new = visiting.substitute(
            visit=visit.uuid,
            reason=Substitution.DEREGISTERED,
            note="已注销，张三告知",
            by=OFFICER,
            node=office.node,
            at=EVENING,
        )
        row = task.visits.get(uuid=new)
        assert (row.grade, row.replaces_id, row.assignments.count()) == ("D", visit.pk, 2)
        file = published.draw_file(task.number)
        assert [one[2] for one in file["replacements"]] == ["deregistered"]
        assert "张三" not in str(file)
        assert auditing.check_published(task.number).holds
        assert auditing.check(task.uuid, viewer=AUDITOR).holds
        with pytest.raises(WrongStep):
            visiting.substitute(
                visit=visit.uuid,
                reason=Substitution.MOVED,
                note="x",
                by=OFFICER,
                node=office.node,
                at=EVENING,
            )

    def test_ends_when_nothing_is_left(self, office):
        task = office.sent(terms={"reserve": 0})
        with pytest.raises(visiting.NoReserveLeft):
            visiting.substitute(
                visit=task.visits.first().uuid,
                reason=Substitution.MOVED,
                note="迁出",
                by=OFFICER,
                node=office.node,
                at=EVENING,
            )


class TestAResult:
    def test_is_recorded_by_the_team_alone(self, office):
        task = office.drawn()
        visit = task.visits.first()
        with pytest.raises(WrongStep):
            office.record(visit)
        visiting.send(task=task.uuid, by=OFFICER, at=EVENING)
        office.record(visit)
        visit.refresh_from_db()
        assert visit.state == "done"
        other = task.visits.exclude(pk=visit.pk).first()
        stranger = Inspector.objects.filter(unit="samr-qh").exclude(code__in=codes(other)).first()
        actor = replace(office.inspector(visit), user_id=stranger.user_id)
        stated = Stated(item="SP-01", code=Found.NOTHING, inspected_on=DAY)
        with pytest.raises(sight.UnknownVisit):
            finding.record(visit=other.uuid, stated=stated, by=actor, node=office.node, at=EVENING)
        with pytest.raises(NotPermitted):
            finding.record(visit=other.uuid, stated=stated, by=OFFICER, node=office.node, at=EVENING)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"item": "other"},
            {"inspected_on": DAY + timedelta(days=1)},
            {"inspected_on": DAY - timedelta(days=1)},
            {"code": Found.PENDING, "findings": " "},
            {"code": Found.ORDERED_TO_CORRECT},
            {"rectify_by": DAY},
            {"code": Found.ORDERED_TO_CORRECT, "rectify_by": DAY - timedelta(days=1)},
            {"code": Found.PENDING, "findings": "长" * 2001},
        ],
        ids=str,
    )
    def test_that_cannot_be_meant_is_refused(self, office, wrong):
        with pytest.raises(BadResult):
            office.record(office.sent().visits.first(), **wrong)

    def test_needs_two_officers(self, office):
        visit = office.sent().visits.first()
        visit.assignments.filter(role="assistant").update(ended_at=EVENING)
        with pytest.raises(TooFewOfficers):
            office.record(visit)

    def test_ends_the_task_with_the_last_visit(self, office):
        task = office.sent()
        for visit in task.visits.all():
            office.record(visit)
        task.refresh_from_db()
        assert task.state == "done"
        assert planned.tasks(viewer=OFFICER)[0].done == task.visits.count()

    def test_is_due_for_publication_in_twenty_working_days(self, office):
        visit = office.sent().visits.first()
        office.record(visit, Found.PENDING)
        row = Result.objects.get()
        assert row.disclose_by == date(2026, 3, 30)
        assert [one.kind for one in overdue.overdue(viewer=OFFICER, on=row.disclose_by)] == ["unattended"]
        late = overdue.overdue(viewer=OFFICER, on=LATER)
        assert [(one.kind, one.days) for one in late] == [
            ("unattended", 21),
            ("disclosure", 1),
            ("filing", 1),
        ]
        assert overdue.overdue(viewer=STRANGER, on=LATER) == []

    def test_with_an_order_to_correct_is_followed_up(self, office):
        visit = office.sent().visits.first()
        uuid = office.record(visit, Found.ORDERED_TO_CORRECT, rectify_by=date(2026, 3, 20))
        line = visits.visit(visit.uuid, viewer=OFFICER).results[0].follow_ups[0]
        assert (line.kind, line.due) == ("rectification", date(2026, 3, 20))
        following.settle(follow_up=line.uuid, on=DAY, note="已整改", by=OFFICER, at=EVENING)
        with pytest.raises(WrongStep):
            following.settle(follow_up=line.uuid, on=DAY, note="再次", by=OFFICER, at=EVENING)
        with pytest.raises(BadResult):
            following.begin(result=uuid, kind=FollowUpKind.TRANSFER, note="移送", by=OFFICER, at=EVENING)
        following.begin(
            result=uuid, kind=FollowUpKind.TRANSFER, note="移送", to="生态环境局", by=OFFICER, at=EVENING
        )
        with pytest.raises(finding.UnknownResult):
            following.begin(result=uuid, kind=FollowUpKind.CASE_FILING, note="x", by=STRANGER, at=EVENING)

    def test_is_late_on_the_days_of_rest_after_its_last_day(self, office):
        visit = office.sent().visits.first()
        friday = date(2026, 3, 20)
        office.record(visit, Found.ORDERED_TO_CORRECT, rectify_by=friday)

        def told(on):
            (line,) = overdue.open_follow_ups(viewer=OFFICER, on=on)
            late = [one for one in overdue.overdue(viewer=OFFICER, on=on) if one.kind == "follow_up"]
            return line.days, [one.days for one in late]

        seen = [told(friday + timedelta(days=days)) for days in range(5)]
        assert seen == [(0, []), (-1, [1]), (-1, [1]), (-1, [1]), (-2, [2])]

    def test_that_is_corrected_moves_what_follows_from_it(self, office):
        visit = office.sent().visits.first()
        uuid = office.record(visit, Found.ORDERED_TO_CORRECT, rectify_by=date(2026, 3, 20))

        def corrected(code, at=EVENING, **other):
            stated = Stated(**{"item": "SP-01", "code": code, "inspected_on": DAY, "findings": "查", **other})
            finding.correct(result=uuid, stated=stated, reason="笔误", by=OFFICER, node=office.node, at=at)
            line = visits.visit(visit.uuid, viewer=OFFICER).results[0]
            return [one.due for one in line.follow_ups], line.disclose_by

        ordered = Found.ORDERED_TO_CORRECT
        assert corrected(ordered, rectify_by=date(2026, 4, 7)) == ([date(2026, 4, 7)], date(2026, 3, 30))
        next_day = {"at": EVENING + timedelta(days=1), "inspected_on": DAY + timedelta(days=1)}
        assert corrected(Found.NOTHING, **next_day) == ([], date(2026, 3, 31))
        assert [one.kind for one in overdue.overdue(viewer=OFFICER, on=date(2026, 4, 8))] == [
            "filing",
            "disclosure",
        ]
        due, _ = corrected(ordered, rectify_by=date(2026, 4, 9))
        assert due == [date(2026, 4, 9)]
        line = visits.visit(visit.uuid, viewer=OFFICER).results[0].follow_ups[0]
        following.settle(follow_up=line.uuid, on=DAY, note="已整改", by=OFFICER, at=EVENING)
        assert corrected(ordered, rectify_by=date(2026, 4, 10))[0] == [date(2026, 4, 9)]

    def test_about_special_equipment_is_checked_again_within_ten_working_days(self, office):
        office.plan = None
        Task.objects.all().delete()
        Task._meta.get_field("batch").related_model.objects.update(items="\nSP-02\n")
        plan = sight.plans(OFFICER).get()
        office.plan = plan.uuid
        visit = office.sent().visits.first()
        office.record(visit, Found.ORDERED_TO_CORRECT, item="SP-02", rectify_by=date(2026, 3, 6))
        line = visits.visit(visit.uuid, viewer=OFFICER).results[0].follow_ups[0]
        assert line.due == date(2026, 3, 20)
