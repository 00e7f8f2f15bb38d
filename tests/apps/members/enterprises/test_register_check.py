"""The built-in check reads the registration that departments delivered; the worker asks it."""

from io import BytesIO

import pytest
from django.apps import apps
from tests.apps.members.enterprises.conftest import AsRegistered, Office

from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Actor, Role
from creditmesh.apps.ground.records.operations import advancing, receiving
from creditmesh.apps.ground.records.rules import Delivery
from creditmesh.apps.ground.records.rules import State as Batch
from creditmesh.apps.members.enterprises import jobs
from creditmesh.apps.members.enterprises.models import Claim
from creditmesh.apps.members.enterprises.queries import register_check
from creditmesh.apps.members.enterprises.queries.register_check import MatchesTheRegister, held
from creditmesh.apps.members.enterprises.rules import Capacity, State, Statement, Verdict
from creditmesh.kernel import uscc

pytestmark = pytest.mark.django_db
BODY = "91990121MA0000088"
CODE = BODY + uscc.check_character(BODY)
NAME = "青禾县北坡养殖有限公司"


@pytest.fixture
def registered(node, noon):
    """A registration as the market regulator delivers it."""
    row = {
        "uscc": CODE,
        "name": NAME,
        "entity_type": "有限责任公司",
        "established_on": "2015-06-01",
        "region": "990121001",
        "legal_representative": "司马相如",
        "status": "存续",
    }
    text = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
    source = node.catalogue.items["ENT-01"].sources[0]
    received = receiving.receive(
        delivery=Delivery(item="ENT-01", source=source, filename="r.csv", idempotency_key="r"),
        content=BytesIO(text.encode()),
        by=COMMAND_LINE,
        node=node,
        at=noon,
    )
    done = advancing.advance(batch=received.uuid, node=node, clock=lambda: noon)
    assert (done.state, done.accepted) == (Batch.LANDED, 1)
    return node


def stated(**said):
    told = {"subject": CODE, "name": NAME, "representative": "司马相如", "claimant": "司马相如"}
    return Statement(capacity=Capacity.LEGAL_REPRESENTATIVE, **(told | said))


class TestTheBuiltInCheck:
    @pytest.mark.usefixtures("registered")
    def test_compares_with_what_was_delivered(self):
        check = MatchesTheRegister()
        assert check(stated()).verdict is Verdict.MATCH
        assert check(stated(representative="司马")).verdict is Verdict.MISMATCH
        assert check(stated(name="别的公司")).verdict is Verdict.MISMATCH
        assert check(stated()).entity_type == "limited_company"

    @pytest.mark.usefixtures("registered")
    def test_cannot_tell_of_what_is_not_held(self):
        assert held("91990121MA00000099") is None
        assert MatchesTheRegister()(stated(subject="91990121MA00000099")).verdict is Verdict.CANNOT_BE_CHECKED

    def test_cannot_tell_where_the_item_is_not_collected(self, node, monkeypatch):
        monkeypatch.setattr(register_check, "ITEM", "XXX-99")
        assert held(CODE) is None

    def test_is_the_one_of_the_settings(self):
        assert isinstance(apps.get_app_config("enterprises").check_claims, MatchesTheRegister)


class TestTheWorker:
    @pytest.fixture
    def office(self, registered, noon):
        operator = Actor(user_id=None, label="周运营", roles=frozenset({Role.OPERATOR}))
        return Office(registered, noon, operator)

    def handed_in(self, office):
        by = office.account("sima", "司马相如")
        return office.claim(by, CODE, name=NAME, representative="司马相如")

    def test_checks_what_was_handed_in(self, office):
        claim = self.handed_in(office)
        jobs.check_claim.call(str(claim))
        assert Claim.objects.get().state == State.MATCHED

    def test_checks_what_a_dead_worker_left_behind(self, office):
        self.handed_in(office)
        assert jobs.resume_claims.call() == 1
        assert jobs.resume_claims.call() == 0
        assert Claim.objects.get().state == State.MATCHED

    def test_asks_the_service_the_owner_chose(self, office, monkeypatch):
        other = AsRegistered()
        monkeypatch.setattr(apps.get_app_config("enterprises"), "check_claims", other)
        jobs.check_claim.call(str(self.handed_in(office)))
        assert other.asked == 1
        assert Claim.objects.get().verdict == Verdict.CANNOT_BE_CHECKED
