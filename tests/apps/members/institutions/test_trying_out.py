"""An engineer tries things out: the sandbox walks the whole way, and never meets the real world."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from tests.apps.members.institutions.bank import Bank, open_bank

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.rules import Actor, Role, SubjectRow
from creditmesh.apps.members.institutions import sandbox
from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.authorisations.operations.signing import SignatureNotAccepted, sign_invented
from creditmesh.catalogue import purposes

pytestmark = pytest.mark.django_db
GOOD, TROUBLED, EMPTY = (one.key for one in sandbox.subjects()[:3])
REAL = "91990121MA00000002"


@pytest.fixture
def engineer(node) -> Bank:
    return open_bank("try-out", sandbox=True)


def ask_for(bank: Bank, subject: str, items: tuple[str, ...]):
    bounds = purposes.purpose("pre-loan", on=datetime.now(UTC).date()).bounds
    return bank.post(
        "/api/v1/authorisation-requests",
        {
            "subject": subject,
            "purpose": "pre-loan",
            "items": list(items),
            "modes": ["AUTH", "VERIFY"],
            "data_months": bounds.data_months,
            "life_days": 30,
            "max_queries": 5,
            "per_day": 1,
            "retention_months": bounds.retention_months,
            "reference": "try-1",
        },
    )


def with_authorisation(item_modes: str) -> tuple[str, ...]:
    template = purposes.purpose("pre-loan", on=datetime.now(UTC).date())
    items = template.items_of(this_node().catalogue)
    return tuple(one.code for one in items if item_modes in one.modes)[:2]


class TestAnEngineer:
    def test_asks_is_authorised_at_once_and_inquires(self, engineer):
        items = with_authorisation("AUTH")
        asked = ask_for(engineer, TROUBLED, items)
        assert asked.status_code == 201, asked.content
        (row,) = Authorisation.objects.all()
        assert (row.state, row.subject, row.institution) == ("signed", TROUBLED, "try-out")
        answer = engineer.post(
            "/api/v1/inquiries",
            {
                "subject": TROUBLED,
                "items": list(items),
                "mode": "AUTH",
                "purpose": "pre-loan",
                "authorisation": str(row.uuid),
            },
        )
        assert answer.status_code == 200, answer.content
        told = answer.json()
        assert told["ledger"]["position"] >= 0
        assert [len(one["records"]) > 0 for one in told["answer"]["blocks"]] == [True] * len(items)

    def test_gets_nothing_of_a_real_enterprise(self, engineer):
        parties.register_subjects(rows=[SubjectRow(key=REAL, name="青禾县东兴食品加工有限公司")])
        items = with_authorisation("AUTH")
        assert ask_for(engineer, REAL, items).status_code == 201
        assert not Authorisation.objects.exists()  # a request that reaches nobody
        opened = engineer.post("/api/v1/inquiries", {"subject": REAL, "items": ["ENT-01"], "mode": "OPEN"})
        unknown = engineer.post(
            "/api/v1/inquiries", {"subject": "91990121MA99999999", "items": ["ENT-01"], "mode": "OPEN"}
        )
        assert opened.status_code == unknown.status_code
        assert [one["records"] for one in opened.json()["answer"]["blocks"]] == [[]]

    def test_sees_what_is_open_of_the_invented_ones(self, engineer):
        for subject, records in ((GOOD, 1), (EMPTY, 0)):
            question = {"subject": subject, "items": ["ENT-01"], "mode": "OPEN"}
            told = engineer.post("/api/v1/inquiries", question)
            assert told.status_code == 200, told.content
            assert len(told.json()["answer"]["blocks"][0]["records"]) == records, told.content


class TestARealInstitution:
    def test_never_meets_an_invented_enterprise(self, node):
        bank = open_bank("real")
        assert ask_for(bank, GOOD, with_authorisation("AUTH")).status_code == 201
        assert not Authorisation.objects.exists()
        answer = bank.post("/api/v1/inquiries", {"subject": GOOD, "items": ["ENT-01"], "mode": "OPEN"})
        assert [one["records"] for one in answer.json()["answer"]["blocks"]] == [[]]


class TestSigningWithoutAPerson:
    @pytest.mark.parametrize(("subject", "tries"), [(REAL, True), (GOOD, False), ("", True)])
    def test_is_for_the_sandbox_alone(self, node, noon, subject, tries):
        owner = Actor(
            user_id=None,
            label="x",
            roles=frozenset({Role.ENTERPRISE_OWNER}),
            subject=subject,
            sandbox=tries,
        )
        with pytest.raises(SignatureNotAccepted):
            sign_invented(uuid4(), by=owner, node=node, at=noon)
