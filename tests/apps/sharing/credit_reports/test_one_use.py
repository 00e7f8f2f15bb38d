"""A report is one use of its authorisation, all or nothing, and no mark comes in between."""

import json

import pytest
from tests.apps.sharing.credit_reports.test_reports import WITH_EVALUATION, mark, said
from tests.apps.sharing.disclosure.county import EAST, NORTH

from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties.rules import COMMAND_LINE
from creditmesh.apps.ground.records.models import MarkEntry
from creditmesh.apps.ground.records.operations import marking
from creditmesh.apps.ground.records.rules import MarkKind, RecordRef
from creditmesh.apps.members.institutions.operations import admitting
from creditmesh.apps.members.institutions.rules.counting import TooManyRequests
from creditmesh.apps.members.institutions.rules.standing import Limits
from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.credit_reports import jobs
from creditmesh.apps.sharing.credit_reports.models import Report
from creditmesh.apps.sharing.credit_reports.operations import issuing
from creditmesh.apps.sharing.credit_reports.rules.standing import (
    NothingHeld,
    RecordsChanging,
)
from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.disclosure.rules.questions import AskAgain, InquiryRefused


def issued(town, place, at, granted, by=None):
    return issuing.issue_for_institution(
        by or town.bank, subject=EAST, authorisation=granted, purpose="pre-loan", place=place, at=at
    )


def uses():
    return Authorisation.objects.values_list("used", "used_today").get()


class TestAReportIsOneUse:
    def test_of_an_authorisation_for_one_a_day(self, town, place, at):
        granted = town.granted(items=WITH_EVALUATION, per_day=1, max_queries=2)

        assert said(issued(town, place, at, granted), town.bank, at)["evaluation"]
        assert uses() == (1, 1)
        with pytest.raises(InquiryRefused) as refused:
            issued(town, place, at, granted)
        assert refused.value.code == "too-frequent"
        assert uses() == (1, 1)

    def test_and_the_last_one_may_be_a_report(self, town, place, at):
        granted = town.granted(items=WITH_EVALUATION, max_queries=1)

        assert said(issued(town, place, at, granted), town.bank, at)
        assert Authorisation.objects.get().state == "exhausted"

    @pytest.mark.parametrize("items", [("TAX-02",), ("EVALUATION",), WITH_EVALUATION])
    def test_whatever_it_covers(self, town, place, at, items):
        issued(town, place, at, town.granted(items=items))

        assert uses() == (1, 1)

    def test_and_a_refused_one_is_none(self, town, place, at):
        limits = Limits(requests_per_minute=100, inquiries_per_day=2, raw_per_day=1)
        admitting.limit(by=COMMAND_LINE, institution="BANK", limits=limits, at=at)
        granted = town.granted(items=WITH_EVALUATION)

        with pytest.raises(TooManyRequests):
            issued(town, place, at, granted)
        assert uses() == (0, 0)
        assert not Report.objects.exists()
        assert set(Inquiry.objects.values_list("outcome", "refusal")) == {("refused", "too-many-requests")}

    def test_and_one_of_which_nothing_is_held_is_none_and_written_down(self, town, place, at):
        granted = town.granted(subject=NORTH, items=WITH_EVALUATION)

        with pytest.raises(NothingHeld):
            issuing.issue_for_institution(
                town.bank, subject=NORTH, authorisation=granted, purpose="pre-loan", place=place, at=at
            )
        assert uses() == (0, 0)
        assert Inquiry.objects.get().refusal == "nothing-held"
        assert Entry.objects.filter(outcome="refused", subject=NORTH).count() == 1

    def test_and_one_on_an_authorisation_withdrawn_meanwhile_is_none(self, town, place, at, meanwhile):
        granted = town.granted(items=WITH_EVALUATION)
        meanwhile(lambda: Authorisation.objects.update(state="revoked"))

        with pytest.raises(InquiryRefused) as refused:
            issued(town, place, at, granted)
        assert refused.value.code == "withdrawn"
        assert not Report.objects.exists()
        assert not Inquiry.objects.filter(outcome="answered").exists()


@pytest.fixture
def meanwhile(monkeypatch):
    """Have something happen between the reading for a report and its keeping, as often as is said."""

    def plan(act, times=1):
        drawn_up, left = issuing.drawn_up, [times]

        def overtaken(*args, **kwargs):
            made = drawn_up(*args, **kwargs)
            if left[0]:
                left[0] -= 1
                act()
            return made

        monkeypatch.setattr(issuing, "drawn_up", overtaken)

    return plan


class TestAMarkWhileAReportIsIssued:
    def test_stands_in_the_institutions(self, town, place, at, meanwhile):
        granted = town.granted(items=WITH_EVALUATION)
        meanwhile(lambda: mark(MarkKind.DISPUTED, at))

        serial = issued(town, place, at, granted)
        assert said(serial, town.bank, at)["counts"]["contested"] == 1
        assert uses() == (1, 1)
        # The worker comes to the mark only now: it stands in the report already.
        assert jobs.outdate_reports.call(str(MarkEntry.objects.get().seq)) == 0

    def test_stands_in_the_enterprises_own(self, town, place, at, meanwhile):
        meanwhile(lambda: mark(MarkKind.STOPPED, at))

        content = said(issuing.issue_own(town.owner, place=place, at=at), town.owner, at)
        assert "罚字1号" not in json.dumps(content, ensure_ascii=False)
        assert Report.objects.get().marks_seen == MarkEntry.objects.get().seq

    def test_on_another_enterprise_disturbs_nobody(self, town, place, at, meanwhile):
        record = RecordRef(subject=NORTH, item="PEN-01", key="x")
        tries = []

        def elsewhere():
            tries.append(1)
            marking.mark(
                record=record, kind=MarkKind.STOPPED, case=f"c{len(tries)}", by=COMMAND_LINE.who(), at=at
            )

        meanwhile(elsewhere, times=9)
        issuing.issue_own(town.owner, place=place, at=at)
        issued(town, place, at, town.granted(items=WITH_EVALUATION))
        assert len(tries) == 2

    def test_again_and_again_has_the_report_refused(self, town, place, at, meanwhile):
        kinds = iter([MarkKind.DISPUTED, MarkKind.STOPPED] * 9)
        meanwhile(lambda: mark(next(kinds), at), times=9)

        with pytest.raises(RecordsChanging):
            issuing.issue_own(town.owner, place=place, at=at)
        with pytest.raises(AskAgain):
            issued(town, place, at, town.granted(items=WITH_EVALUATION))
        assert not Report.objects.exists()
        assert uses() == (0, 0)
