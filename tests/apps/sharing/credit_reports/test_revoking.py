"""The operator finds a report by its number and revokes it; what it says stays with its reader."""

import pytest
from tests.apps.sharing.credit_reports.test_pages import browser, own, patience

from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, OrganisationKind, Role
from creditmesh.apps.sharing.credit_reports.models import Report

__all__ = ["own", "patience"]


class TestTheOperator:
    @pytest.fixture
    def operator(self, town, at):
        parties.create_organisation(
            by=COMMAND_LINE,
            new=parties.NewOrganisation(
                code="OPERATOR", name="Operator", kind=OrganisationKind.OPERATOR, region="990121"
            ),
            at=at,
        )
        parties.create_user(by=COMMAND_LINE, username="zhou", password="quiet-river-under-stone", at=at)
        parties.add_membership(
            by=COMMAND_LINE, username="zhou", organisation="OPERATOR", role=Role.OPERATOR, at=at
        )
        return browser("zhou")

    def test_finds_a_report_by_its_number_and_sees_nothing_it_says(self, own, operator):
        page = operator.get("/operator/reports/", {"serial": own.lower()}).content.decode()

        assert own in page
        assert "罚字1号" not in page
        assert own not in operator.get("/operator/reports/", {"serial": "CR-1"}).content.decode()

    def test_revokes_it_with_a_reason_and_whoever_checks_it_is_told(self, own, operator):
        without = operator.post(f"/operator/reports/{own}/revoke/", {"why": ""}, follow=True)
        assert Report.objects.get().state == "valid"
        assert "Say why" in without.content.decode()

        done = operator.post(f"/operator/reports/{own}/revoke/", {"why": "<b>印错</b>"}, follow=True)
        assert "&lt;b&gt;印错&lt;/b&gt;" in done.content.decode()
        assert "has been revoked" in browser("").get(f"/check/{own}").content.decode()
        assert browser().get(f"/enterprise/reports/{own}/").status_code == 410
        again = operator.post(f"/operator/reports/{own}/revoke/", {"why": "x"}, follow=True)
        assert again.status_code == 200
        assert Report.objects.get().state_why == "<b>印错</b>"

    @pytest.mark.parametrize("username", ["zhao", "zheng", "liu"])
    def test_alone_does_that(self, own, username):
        other = browser(username)
        assert other.get("/operator/reports/").status_code == 403
        assert other.post(f"/operator/reports/{own}/revoke/", {"why": "x"}).status_code == 403
