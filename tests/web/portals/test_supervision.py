"""A department's year on its pages: plan, draw, visits, results; and what strangers, regulators, auditors see of it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from tests.web import inspecting
from tests.web.conftest import signed_in

from creditmesh.apps.evaluation.grading.queries import runs, standings
from creditmesh.apps.evaluation.grading.rules import Outcome
from creditmesh.apps.evaluation.supervision.models import CheckItem, Plan, RecusalRequest, Result, Task, Visit
from creditmesh.apps.ground.nodes.queries import this_node

ALL = standings.Filters()
ITEMS = (
    b"code,name_zh,kind\nSP-01,\xe9\xa3\x9f\xe5\x93\x81\xe7\x94\x9f\xe4\xba\xa7\xe6\xa3\x80\xe6\x9f\xa5,key\n"
)


@pytest.fixture
def year(small_town):
    """A department half-way through its year; the ids of what there is."""
    return inspecting.open_up(this_node(), at=timezone.now())


def said(answer):
    return answer.content.decode()


def upload(content, name="list.csv"):
    return SimpleUploadedFile(name, content)


@pytest.mark.usefixtures("small_town")
class TestAPlan:
    def test_goes_from_the_item_list_to_the_approval_of_somebody_else(self):
        planner, head = signed_in("planner"), signed_in("head")
        assert "No plan yet" in said(planner.get("/supervision/"))
        wrong = planner.post(
            "/supervision/items/", {"version": "1", "file": upload(ITEMS.replace(b"key", b"kee"))}
        )
        assert wrong.status_code == 422
        assert "Row 1" in said(wrong)
        assert not CheckItem.objects.exists()
        kept = planner.post("/supervision/items/", {"version": "1", "file": upload(ITEMS)}, follow=True)
        assert "On the list: 1. Ended: 0." in said(kept)
        today = timezone.localdate()
        begun = planner.post("/supervision/plans/", {"year": today.year, "title": "Year"})
        page = begun.url
        batch = {"title": "First", "items": ["SP-01"], "first": today, "last": today + timedelta(days=9)}
        assert "not on" not in said(planner.post(page, batch, follow=True))
        planner.post(f"{page}step/", {"act": "propose"})
        assert planner.post(f"{page}step/", {"act": "approve"}).status_code == 403
        assert "Plans to approve" in said(head.get("/supervision/"))
        returned = head.post(f"{page}step/", {"act": "return", "why": ""}, follow=True)
        assert "State the reason" in said(returned)
        head.post(f"{page}step/", {"act": "return", "why": "too few"})
        assert "too few" in said(planner.get(page))
        planner.post(f"{page}step/", {"act": "propose"})
        head.post(f"{page}step/", {"act": "approve"})
        planner.post(f"{page}step/", {"act": "file", "why": "Province"})
        assert Plan.objects.get().filed_with == "Province"


class TestATask:
    def test_is_drafted_with_its_own_ratios_committed_and_given_up_in_public(self, year):
        planner = signed_in("planner")
        address = f"/supervision/plans/{year['plan']}/task/"
        form = {"batch": "1", "title": "Second", "source": "general", "ratio_A": "50", "ratio_B": "2"}
        refused = planner.post(address, form)
        assert refused.status_code == 422
        assert "ratio of grade B (200) is below that of a better grade (5000)" in said(refused)
        commit = {"name": "Index", "after": _later(hours=2), "authority": "Office"}
        page = planner.post(address, form | {"ratio_A": "1"}).url
        planner.post(f"{page}step/", {"act": "abandon", "why": "wrong region"})
        assert "wrong region" in said(planner.get(page))
        good = planner.post(address, form | {"ratio_A": "2", "control": "1"}).url
        assert planner.post(f"{good}commit/", commit).url == good
        early = planner.post(f"{good}draw/", {"value": "1", "fixed_at": _later(hours=3)})
        assert early.status_code == 422
        task = Task.objects.get(title="Second", state="committed")
        assert task.secret not in said(planner.get(good))
        assert task.announcement_sha256 in said(signed_in("").get(f"/public/draws/{task.number}/"))

    def test_says_how_many_objects_it_would_draw_from_before_it_is_drafted(self, year):
        planner = signed_in("planner")
        address = f"/supervision/plans/{year['plan']}/task/"
        run = runs.latest_stored(system="general")
        everyone = standings.every(run=run, filters=ALL, language="en")
        many = sum(one.outcome is not Outcome.EXCLUDED for one in everyone)
        assert many > 0
        assert f"Objects: {many}" in said(planner.get(address))

        before = Task.objects.count()
        counted = planner.post(address, {"count": "1", "source": "general", "region": "990199", "title": ""})
        assert (counted.status_code, Task.objects.count()) == (200, before)
        assert "Objects: 0" in said(counted)
        assert "Nobody would be drawn" in said(counted)
        assert 'value="990199"' in said(counted)
        wrong = planner.post(address, {"count": "1", "source": "nonsense"})
        assert (wrong.status_code, Task.objects.count()) == (422, before)

    def test_from_nowhere_is_explained(self, year):
        refused = signed_in("planner").post(
            f"/supervision/plans/{year['plan']}/task/", {"batch": "1", "title": "x", "source": "nonsense"}
        )
        assert refused.status_code == 422


class TestAVisit:
    def test_is_recorded_by_its_inspector_who_does_not_see_the_class(self, year):
        inspector = signed_in("inspector")
        address = f"/visits/{year['own_visit']}/"
        assert Visit.objects.get(uuid=year["own_visit"]).name in said(inspector.get("/visits/"))
        assert "random quota" not in said(inspector.get(address))
        result = {"item": "SP-01", "code": "2", "inspected_on": timezone.localdate()}
        wordless = inspector.post(address, result)
        assert wordless.status_code == 422
        assert "needs words" in said(wordless)
        kept = inspector.post(address, result | {"findings": "no annual report"}, follow=True)
        assert "no annual report" in said(kept)
        assert inspector.get(f"/supervision/visits/{year['own_visit']}/").status_code == 403

    def test_is_left_to_another_after_a_recusal(self, year):
        asked = RecusalRequest.objects.get()
        head = signed_in("head")
        assert asked.reason in said(head.get("/supervision/recusals/"))
        address = f"/supervision/recusals/{asked.uuid}/"
        assert signed_in("planner").post(address, {"act": "grant", "answer": "x"}).status_code == 403
        head.post(address, {"act": "grant", "answer": "a relative works there"})
        team = said(signed_in("planner").get(f"/supervision/visits/{asked.visit.uuid}/"))
        assert "a relative works there" in team
        own = signed_in("inspector").get(f"/visits/{asked.visit.uuid}/")
        assert own.status_code == 404

    def test_is_asked_away_from_and_ties_are_declared_by_the_inspector(self, year):
        inspector = signed_in("inspector")
        RecusalRequest.objects.all().delete()
        inspector.post(f"/visits/{year['own_visit']}/recusal/", {"why": "my sister owns it"})
        assert RecusalRequest.objects.get().reason == "my sister owns it"
        told = {"kind": "relative", "object": "91990121MA00000007", "until": ""}
        inspector.post("/visits/interests/", told)
        assert "91990121MA00000007" in said(inspector.get("/visits/"))
        assert "91990121MA00000007" in said(signed_in("planner").get("/supervision/inspectors/"))
        assert "91990121MA00000007" not in said(signed_in("regulator").get("/supervision/inspectors/"))

    def test_is_replaced_only_for_a_reason(self, year):
        planner = signed_in("planner")
        address = f"/supervision/visits/{year['own_visit']}/step/"
        planner.post(address, {"act": "substitute", "reason": "moved", "note": " "})
        assert Visit.objects.get(uuid=year["own_visit"]).state == "planned"
        planner.post(address, {"act": "substitute", "reason": "", "note": "gone"})
        assert Visit.objects.get(uuid=year["own_visit"]).state == "planned"
        planner.post(address, {"act": "ask", "inspector": "QH-000", "why": "says the firm"})
        assert RecusalRequest.objects.filter(by_party=True).exists()


class TestResults:
    def test_wait_with_their_working_days_until_they_are_public(self, year):
        planner, stranger = signed_in("planner"), signed_in("")
        waiting = Result.objects.filter(disclosed_at=None).select_related("visit")
        assert "working days left" in said(planner.get("/supervision/results/"))
        first = waiting[0]
        before = said(stranger.get("/public/inspections/"))
        assert first.visit.object not in before
        planner.post(f"/supervision/results/{first.uuid}/step/", {"act": "disclose"})
        after = said(stranger.get("/public/inspections/", {"q": first.visit.object}))
        assert first.visit.object in after
        assert first.findings not in after or not first.findings
        for name in ("冯检查", "褚巡查", "卫稽查", "蒋督查"):
            assert name not in after

    def test_are_corrected_and_followed_up(self, year):
        planner = signed_in("planner")
        found = Result.objects.get(code="5")
        page = f"/supervision/visits/{found.visit.uuid}/"
        step = f"/supervision/results/{found.uuid}/step/"
        today = timezone.localdate().isoformat()
        back = {"visit": str(found.visit.uuid)}
        planner.post(step, back | {"act": "follow", "kind": "case_filing", "why": "case 7"})
        assert "case 7" in said(planner.get(page))
        transfer = found.follow_ups.get(kind="transfer")
        planner.post(f"/supervision/follow-ups/{transfer.uuid}/", back | {"on": today, "note": "taken over"})
        assert "taken over" in said(planner.get(page))
        correction = {"act": "correct", "code": "8", "inspected_on": today, "item": "SP-01"}
        planner.post(step, back | correction | {"findings": "more to come", "why": "misread"})
        found.refresh_from_db()
        assert (found.code, found.findings) == ("8", "more to come")
        planner.post(step, back | {"act": "correct", "code": "8"})
        planner.post(step, back | {"act": "follow", "kind": "nonsense"})
        planner.post(f"/supervision/follow-ups/{transfer.uuid}/", {"on": "nonsense"})
        found.refresh_from_db()
        kinds = set(found.follow_ups.values_list("kind", flat=True))
        assert kinds == {"transfer", "case_filing"}  # the order to correct went with code 5


class TestLists:
    def test_of_inspectors_objects_and_marks_are_kept_by_the_department(self, year):
        planner = signed_in("planner")
        pool = b"code,name,valid_to\nQH-100,New Hand,2031-12-31\n"
        kept = planner.post("/supervision/inspectors/", {"file": upload(pool)}, follow=True)
        assert "New Hand" in said(kept)
        planner.post("/supervision/inspectors/QH-100/", {"state": "away"})
        assert "Away" in said(planner.get("/supervision/inspectors/"))
        refused = planner.post("/supervision/inspectors/", {"file": upload(b"code\nQH-1\n", "list.doc")})
        assert refused.status_code == 422
        lifts = b"object,name,grade\nT-9,Lift nine,A\n"
        form = {"name": "Lifts", "kind": "device", "grades": "A B", "file": upload(lifts)}
        assert "Lifts" in said(planner.post("/supervision/objects/", form, follow=True))
        planner.post("/supervision/objects/mark/", {"object": "T-9", "reason": "busy"})
        page = said(planner.get("/supervision/objects/"))
        assert "busy" in page
        number = page.split('name="end" value="')[1].split('"')[0]
        planner.post("/supervision/objects/mark/", {"end": number})
        assert "busy" not in said(planner.get("/supervision/objects/"))

    def test_of_others_are_not_theirs_to_change(self, year):
        regulator = signed_in("regulator")
        assert (
            regulator.post("/supervision/items/", {"version": "1", "file": upload(ITEMS)}).status_code == 403
        )
        assert regulator.post("/supervision/objects/mark/", {"object": "x", "reason": "y"}).status_code == 403


class TestTheAuditor:
    def test_computes_a_draw_again_and_says_why_the_tickets_are_opened(self, year):
        auditor = signed_in("auditor")
        address = f"/supervision/tasks/{year['task']}/"
        assert "The draw holds." in said(auditor.get(f"{address}check/"))
        assert auditor.post(f"{address}openings.json", {"why": ""}).status_code == 302
        handed = auditor.post(f"{address}openings.json", {"why": "complaint 12"})
        assert len(handed.json()["objects"]) == 60
        assert handed["Cache-Control"] == "no-store"
        assert signed_in("planner").get(f"{address}check/").status_code == 403


class TestEverybody:
    def test_finds_draws_and_items_but_neither_class_nor_inspector(self, year):
        stranger = signed_in("")
        assert year["draw"] in said(stranger.get("/public/draws/"))
        page = said(stranger.get(f"/public/draws/{year['draw']}/"))
        assert "verify_draw.py" in page
        assert "FOR-REGULATORS" in page  # the one published result names whom it is about
        assert "QH-00" not in page
        assert "SP-01" in said(stranger.get("/public/check-items/"))
        assert "Kept announcement" not in said(stranger.get(f"/public/draws/{year['announced_draw']}/"))
        assert stranger.get("/public/draws/NONE-1/").status_code == 404


def _later(*, hours):
    return timezone.localtime(timezone.now() + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S")
