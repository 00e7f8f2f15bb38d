"""A list of inquiries is made by ticking those that authorised the bank."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.apps.sharing.disclosure import county
from tests.apps.sharing.disclosure.county import EAST, Town

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(node: ThisNode) -> Town:
    del node
    made = county.build(datetime.now(UTC))
    county.hold("TAX-02", county.tax_paid(EAST))
    return made


@pytest.fixture
def browser(town: Town) -> Client:
    return signed_in(town.bank.user_id)


def signed_in(person: int | None) -> Client:
    browser = Client()
    browser.cookies["django_language"] = "en"
    browser.force_login(User.objects.get(pk=person))
    return browser


def hand_in(browser: Client, **said: object):
    return browser.post("/lists/", {"purpose": "pre-loan", "mode": "AUTH", "lines": "", **said})


class TestAListOfInquiries:
    def test_offers_the_enterprises_that_authorised_the_bank_and_no_others(self, town, browser):
        given = town.granted(reference="LN-7")
        town.granted(institution="RIVAL")
        gone = {
            "valid_from": town.at.date() - timedelta(days=9),
            "valid_to": town.at.date() - timedelta(days=5),
        }
        town.granted(**gone)

        page = browser.get("/lists/").content.decode()

        assert page.count('name="chosen"') == 1
        assert f'value="{given}"' in page
        assert "LN-7" in page
        assert str(given) not in signed_in(town.rival.user_id).get("/lists/").content.decode()

    def test_is_taken_in_once_something_is_ticked_and_names_whom_it_is_about(self, town, browser):
        given = town.granted()

        answer = hand_in(browser, chosen=[str(given)])

        assert answer.status_code == 302
        shown = browser.get(answer.headers["Location"]).content.decode()
        assert EAST in shown

    def test_wants_at_least_one_enterprise(self, town, browser):
        town.granted()

        answer = hand_in(browser)

        assert answer.status_code == 422
        assert "Tick at least one enterprise" in answer.content.decode()

    def test_is_not_made_of_authorisations_for_another_purpose(self, town, browser):
        given = town.granted()

        answer = hand_in(browser, chosen=[str(given)], purpose="post-loan")

        assert answer.status_code == 422
        page = answer.content.decode()
        assert "gave its authorisation for another purpose" in page
        assert f'value="{given}"' in page  # what was ticked is still there
        assert "checked" in page
