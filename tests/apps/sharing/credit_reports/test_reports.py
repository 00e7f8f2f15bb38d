"""Reports through the one door: what leaves, for whom, how long, and what anybody may check."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from tests.apps.sharing.credit_reports import shop
from tests.apps.sharing.disclosure.county import EAST, NOWHERE

from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Actor, NotPermitted, Role
from creditmesh.apps.ground.records.models import MarkEntry
from creditmesh.apps.ground.records.operations import marking
from creditmesh.apps.ground.records.rules import MarkKind, RecordRef
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.members.institutions import sandbox
from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.credit_reports import jobs
from creditmesh.apps.sharing.credit_reports.models import Report
from creditmesh.apps.sharing.credit_reports.operations import ending, issuing, opening
from creditmesh.apps.sharing.credit_reports.queries import checking, reports
from creditmesh.apps.sharing.credit_reports.rules.standing import (
    NothingHeld,
    ReportChanged,
    ReportClosed,
    ReportStands,
    UnknownReport,
)
from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.disclosure.rules.questions import InquiryRefused
from creditmesh.apps.sharing.rights.rules.objections import ReasonMissing
from creditmesh.exchange import jws
from creditmesh.exchange.canonical import canonical, sha256

OPERATOR = Actor(user_id=None, label="operator", roles=frozenset({Role.OPERATOR}))
WITH_EVALUATION = ("TAX-02", "PER-01", "EVALUATION")


@pytest.fixture
def own(town, place, at):
    """The enterprise's own report."""
    return issuing.issue_own(town.owner, place=place, at=at)


@pytest.fixture
def theirs(town, place, at):
    """The bank's report."""
    granted = town.granted(items=WITH_EVALUATION)
    return issuing.issue_for_institution(
        town.bank, subject=EAST, authorisation=granted, purpose="pre-loan", place=place, at=at
    )


def said(serial, by, at):
    return opening.open_report(serial, by=by, at=at).content


def mark(kind, at, key="罚字1号", item="PEN-01"):
    record = RecordRef(subject=EAST, item=item, key=key)
    marking.mark(record=record, kind=kind, case="case-1", by=COMMAND_LINE.who(), at=at, why="test")
    return str(MarkEntry.objects.order_by("-seq").first().seq)


class TestTheEnterprisesOwn:
    def test_shows_what_could_be_shown_to_others_unmasked(self, town, own, at):
        text = json.dumps(said(own, town.owner, at), ensure_ascii=False)

        assert "罚字1号" in text
        assert "守合同重信用企业" in text
        assert "欧阳修文" in text
        assert "123456700" in text

    @pytest.mark.parametrize("absent", ["期满2号", "修复3号", "投诉9号"])
    def test_says_nothing_of_what_is_over_or_for_government_alone(self, town, own, at, absent):
        assert absent not in json.dumps(said(own, town.owner, at), ensure_ascii=False)

    def test_holds_the_evaluation_with_its_reasons(self, town, own, at):
        assert said(own, town.owner, at)["evaluation"]["reasons"]

    def test_every_number_of_a_rule_states_its_status(self, town, own, at):
        rules = said(own, town.owner, at)["rules"]

        assert rules
        assert all(one["status"] and one["source"] for one in rules)

    def test_a_contested_record_is_marked(self, town, place, at):
        mark(MarkKind.DISPUTED, at)
        content = said(issuing.issue_own(town.owner, place=place, at=at), town.owner, at)

        assert content["counts"]["contested"] == 1

    @pytest.mark.parametrize("kind", [MarkKind.SUSPENDED, MarkKind.STOPPED])
    def test_a_stopped_or_suspended_record_is_absent(self, town, place, at, kind):
        mark(kind, at)
        content = said(issuing.issue_own(town.owner, place=place, at=at), town.owner, at)

        assert "罚字1号" not in json.dumps(content, ensure_ascii=False)
        assert content["counts"]["adverse"] == 0

    def test_a_new_one_takes_the_place_of_the_last(self, town, own, place, at):
        issuing.issue_own(town.owner, place=place, at=at)

        assert [one.state for one in reports.listing(viewer=town.owner)] == ["valid", "superseded"]

    def test_the_same_records_give_the_same_content_but_for_number_and_time(self, town, own, place, at):
        again = issuing.issue_own(town.owner, place=place, at=at)
        head = ("serial", "verify_at")
        first, second = (
            {name: value for name, value in said(one, town.owner, at).items() if name not in head}
            for one in (own, again)
        )

        assert canonical(first) == canonical(second)

    def test_is_issued_only_for_an_enterprise_of_which_something_is_held(self, town, place, at):
        nobody = Actor(
            user_id=None,
            label="x",
            roles=frozenset({Role.ENTERPRISE_OWNER}),
            subject=NOWHERE,
            organisation="x",
        )
        made = issuing.gathering.Gathered(
            subject=NOWHERE, name="", blocks=(), evaluation=None, reader="", inquiries=()
        )
        with pytest.raises(NothingHeld):
            issuing.drawn_up(made, kind=issuing.Kind.OWN, by=nobody, place=place, at=at)

    def test_stands_in_the_ledger_with_its_digest(self, own):
        entry = Entry.objects.get(act="report.issue")

        assert (entry.object_key, entry.subject) == (own, EAST)
        assert Report.objects.get(serial=own).content_digest in json.dumps(entry.details)


class TestAnInstitutions:
    def test_is_masked(self, town, theirs, at):
        text = json.dumps(said(theirs, town.bank, at), ensure_ascii=False)

        assert "欧阳修文" not in text
        assert "欧阳**" in text
        assert "123456700" not in text

    def test_names_reader_and_purpose(self, town, theirs, at):
        content = said(theirs, town.bank, at)

        assert content["reader"]["code"] == "BANK"
        assert content["purpose"] == "pre-loan"
        assert content["purpose_label"]["zh"]

    def test_every_part_went_through_the_door(self, town, theirs, at):
        content = said(theirs, town.bank, at)
        asked = set(map(str, Inquiry.objects.filter(outcome="answered").values_list("uuid", flat=True)))

        assert set(content["inquiries"]) == asked
        assert len(asked) >= 3

    def test_does_not_tell_which_records_cost_points(self, town, theirs, at):
        assert said(theirs, town.bank, at)["evaluation"]["reasons"] == []

    def test_is_issued_in_the_sandbox_too(self, town, place, at):
        invented, tester = sandbox.subjects()[1], replace(town.bank, sandbox=True)
        granted = town.granted(subject=invented.key, items=WITH_EVALUATION)
        serial = issuing.issue_for_institution(
            tester, subject=invented.key, authorisation=granted, purpose="pre-loan", place=place, at=at
        )
        assert said(serial, tester, at)["subject"] == {"code": invented.key, "name": invented.name}
        page = Client(headers={"accept-language": "en"}).get(f"/check/{serial}/").content.decode()
        assert "its enterprise is invented" in page
        assert "issued here and stands" not in page

    def test_has_no_evaluation_unless_it_was_authorised(self, town, place, at):
        serial = issuing.issue_for_institution(
            town.bank,
            subject=EAST,
            authorisation=town.granted(items=("TAX-02",)),
            purpose="pre-loan",
            place=place,
            at=at,
        )
        content = said(serial, town.bank, at)

        assert content["evaluation"] is None
        assert "PER-01" in [one["item"] for one in content["withheld"]]

    def test_an_authorisation_that_covers_nothing_of_it_gives_no_report(self, town, place, at):
        with pytest.raises(InquiryRefused):
            issuing.issue_for_institution(
                town.bank,
                subject=EAST,
                authorisation=town.granted(items=("EST-01",), modes=("VERIFY",)),
                purpose="pre-loan",
                place=place,
                at=at,
            )
        assert not Report.objects.exists()

    @pytest.mark.parametrize("by", ["rival", "owner"])
    def test_nobody_else_gets_one_on_it(self, town, place, at, by):
        with pytest.raises((InquiryRefused, NotPermitted)):
            issuing.issue_for_institution(
                getattr(town, by),
                subject=EAST,
                authorisation=town.granted(items=WITH_EVALUATION),
                purpose="pre-loan",
                place=place,
                at=at,
            )
        assert not Report.objects.exists()

    @pytest.mark.parametrize("change", [{"purpose": "guarantee"}, {"authorisation": uuid4()}])
    def test_another_purpose_or_none_gives_nothing(self, town, place, at, change):
        asked = {"authorisation": town.granted(items=WITH_EVALUATION), "purpose": "pre-loan", **change}
        with pytest.raises(InquiryRefused):
            issuing.issue_for_institution(town.bank, subject=EAST, place=place, at=at, **asked)

    def test_is_not_opened_by_others(self, town, theirs, at):
        for other in (town.rival, town.owner, town.officer, OPERATOR):
            with pytest.raises(UnknownReport):
                opening.open_report(theirs, by=other, at=at)

    def test_is_closed_at_once_when_the_authorisation_is_withdrawn(self, town, theirs, at):
        Authorisation.objects.update(state="revoked")
        with pytest.raises(ReportClosed, match="authorisation"):
            opening.open_report(theirs, by=town.bank, at=at)

    def test_is_closed_when_the_authorisation_is_over(self, town, theirs, at):
        with pytest.raises(ReportClosed, match="authorisation"):
            opening.open_report(theirs, by=town.bank, at=at + timedelta(days=31))

    def test_is_closed_once_a_record_left_publicity(self, town, theirs, at):
        Report.objects.update(shown_until=timezone.localdate(at) - timedelta(days=1))
        with pytest.raises(ReportClosed, match="publicity"):
            opening.open_report(theirs, by=town.bank, at=at)

    def test_may_be_read_to_the_last_day_of_its_first_record_to_end(self, theirs, at):
        # General penalties: one year from the decision, by the order in force since 2026-04-01.
        assert Report.objects.get(serial=theirs).shown_until > timezone.localdate(at)

    def test_a_used_up_authorisation_still_lets_read(self, town, theirs, at):
        Authorisation.objects.update(state="exhausted")
        assert said(theirs, town.bank, at)


class TestEnding:
    def test_a_mark_on_a_record_outdates_the_reports_that_show_it(self, town, own, theirs, at):
        seq = mark(MarkKind.STOPPED, at)

        assert jobs.outdate_reports.call(seq) == 2
        assert checking.checked(own).state == "outdated"
        with pytest.raises(ReportClosed, match="corrected"):
            opening.open_report(theirs, by=town.bank, at=at)

    def test_a_mark_outdates_the_reports_that_were_replaced_too(self, town, theirs, place, at):
        issuing.issue_for_institution(
            town.bank,
            subject=EAST,
            authorisation=town.granted(items=WITH_EVALUATION),
            purpose="pre-loan",
            place=place,
            at=at,
        )
        assert checking.checked(theirs).state == "superseded"
        assert jobs.outdate_reports.call(mark(MarkKind.STOPPED, at)) == 2
        with pytest.raises(ReportClosed):
            opening.open_report(theirs, by=town.bank, at=at)

    def test_a_mark_on_another_record_outdates_nothing(self, own, at):
        assert jobs.outdate_reports.call(mark(MarkKind.DISPUTED, at, key="期满2号")) == 0
        assert jobs.outdate_reports.call("999") == 0

    def test_the_enterprise_reads_its_outdated_one(self, town, own, at):
        jobs.outdate_reports.call(mark(MarkKind.STOPPED, at))

        assert said(own, town.owner, at)

    def test_a_revoked_one_is_shown_to_nobody(self, town, own, at):
        ending.revoke(own, by=OPERATOR, why="issued in error", at=at)

        assert checking.checked(own).state == "revoked"
        with pytest.raises(ReportClosed, match="revoked"):
            opening.open_report(own, by=town.owner, at=at)
        with pytest.raises(ReportStands):
            ending.revoke(own, by=OPERATOR, why="again", at=at)

    def test_revoking_one_says_why_in_the_ledger_and_to_its_reader(self, town, theirs, at):
        with pytest.raises(ReasonMissing):
            ending.revoke(theirs, by=OPERATOR, why=" ", at=at)
        ending.revoke(theirs.lower(), by=OPERATOR, why="issued in error", at=at)

        entry = Entry.objects.get(act="report.revoke")
        assert (entry.object_key, entry.why, entry.subject) == (theirs, "issued in error", EAST)
        (notice,) = institutions.inbox(institution="BANK").notices
        assert (notice.kind, notice.about["report"]) == ("report.revoked", theirs)

    def test_only_the_operator_revokes(self, town, own, at):
        with pytest.raises(NotPermitted):
            ending.revoke(own, by=town.owner, why="x", at=at)
        with pytest.raises(UnknownReport):
            ending.revoke("CR-2026", by=OPERATOR, why="x", at=at)

    def test_a_changed_content_is_not_shown(self, town, own, at):
        row = Report.objects.get(serial=own)
        Report.objects.update(content=row.content.replace("罚字1号", "奖字1号"))
        with pytest.raises(ReportChanged):
            opening.open_report(own, by=town.owner, at=at)


class TestChecking:
    def test_tells_number_time_issuer_and_a_masked_name(self, own):
        found = checking.checked(own.lower().replace("-", ""))

        assert found.serial == own
        assert found.name == "青禾*********公司"
        assert shop.NAME not in repr(found)

    @pytest.mark.parametrize("text", ["", "CR-2026-0000-0000-0000-0000-P", "x" * 500, "' OR 1=1 --"])
    def test_knows_no_other(self, own, text):
        assert checking.checked(text) is None

    def test_knows_its_digest_and_its_beginning(self, own):
        digest = checking.checked(own).digest

        assert checking.matched(serial=own, digest=digest).whole
        assert checking.matched(serial=own, digest=digest[:16].upper()).whole

    @pytest.mark.parametrize("change", [lambda one: one[:15], lambda one: "0" * 64, lambda one: ""])
    def test_does_not_know_others(self, own, change):
        assert checking.matched(serial=own, digest=change(checking.checked(own).digest)) is None

    def test_of_an_unknown_report_knows_nothing(self, own):
        assert checking.matched(serial="CR", digest="a" * 64) is None


class TestTheSignedVersion:
    def test_is_signed_over_what_its_digest_says(self, town, own, place, at):
        issued = opening.open_report(own, by=town.owner, at=at)
        signer = place.node.signer
        token = jws.sign_detached(canonical(issued.content), key=signer.key, kid=signer.key_id)

        assert sha256(canonical(issued.content)) == issued.content_digest
        known = {signer.key_id: signer.key.public}
        assert jws.verify_detached(token, canonical(issued.content), resolve=known.get).kid == signer.key_id
