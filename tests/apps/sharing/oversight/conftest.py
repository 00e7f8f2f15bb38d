"""Two banks and a sandbox that ask about enterprises, and a way to let time pass."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Actor, OrganisationKind, Role
from creditmesh.apps.members.institutions.operations import admitting
from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.oversight.operations import declaring, judging
from creditmesh.apps.sharing.oversight.queries import counting
from creditmesh.apps.sharing.oversight.rules import Kind, Said

MILL = "91990121MA00000011"


class Region:
    """Banks, their inquiries, and the clock."""

    def __init__(self, node, at):
        self.node, self.at = node, at
        self.limits = counting.limits_of(node, at=at)

    def bank(self, code, *, sandbox=False):
        new = parties.NewOrganisation(code=code, name=f"{code}银行", kind=OrganisationKind.BANK)
        parties.create_organisation(by=COMMAND_LINE, new=new, at=self.at)
        admitting.admit(by=COMMAND_LINE, organisation=code, at=self.at, sandbox=sandbox)
        return self.person(code)

    def person(self, code, *, user_id=None, label="郑信贷", client=""):
        return Actor(
            user_id=user_id, label=label, organisation=code, roles=frozenset({Role.BANK_STAFF}), client=client
        )

    def asked(self, by, number=1, *, ago=0, subject=MILL, mode="AUTH", outcome="answered", sandbox=False):
        """Let a bank ask, days ago, and return the inquiries."""
        rows = [
            Inquiry(
                uuid=uuid4(),
                at=self.at - timedelta(days=ago),
                institution=by.organisation,
                user_id=by.user_id,
                person=by.label,
                client=by.client,
                sandbox=sandbox,
                subject=subject,
                purpose="pre-loan",
                mode=mode,
                outcome=outcome,
            )
            for _ in range(number)
        ]
        Inquiry.objects.bulk_create(rows)
        return [row.uuid for row in rows]

    def says(self, by, inquiry: UUID, kind=Kind.APPLIED, reference=""):
        declaring.declare(inquiry, Said(kind=kind, reference=reference), by=by, at=self.at)

    def standing(self, by):
        found = counting.standings(node=self.node, at=self.at)
        return next(one for one in found if one.institution.code == by.organisation)

    def judged(self, *, days=0):
        self.at += timedelta(days=days)
        return judging.judge_all(node=self.node, at=self.at)


@pytest.fixture
def region(db, node, noon):
    return Region(node, noon)


@pytest.fixture
def bank(region):
    return region.bank("north")


@pytest.fixture
def other(region):
    return region.bank("south")
