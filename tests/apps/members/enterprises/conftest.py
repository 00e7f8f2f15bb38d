"""A node that knows three enterprises, and people who say to act for them."""

from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator

from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties import queries
from creditmesh.apps.ground.parties.rules import Actor, Role, SubjectRow
from creditmesh.apps.members.enterprises.operations import deciding, evidence, registering
from creditmesh.apps.members.enterprises.operations.registering import Draft, NewAccount
from creditmesh.apps.members.enterprises.queries import claims
from creditmesh.apps.members.enterprises.rules import Capacity, Registered, compare

PASSWORD = "a long and unlikely sentence"
MILL = "91990121MA00000011"
INN = "92990121MA00000022"
UNKNOWN = "91990121MA00000099"
REGISTER = {
    MILL: Registered(
        name="青禾县麦香（集团）有限公司",
        representative="欧阳明远",
        status="active",
        entity_type="limited_company",
    ),
    INN: Registered(
        name="青禾县河西客栈",
        representative="阿依古丽·买买提",
        status="active",
        entity_type="individual_business",
    ),
}
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


class AsRegistered:
    """A check that knows the register of these tests, and counts how often it was asked."""

    name = "register"

    def __init__(self):
        self.asked = 0

    def __call__(self, stated):
        self.asked += 1
        return compare(stated, REGISTER.get(stated.subject), by=self.name)


class Office:
    """What the tests do in the node: accounts, claims, decisions."""

    def __init__(self, node, at, operator):
        self.node, self.at, self.operator = node, at, operator
        self.check = AsRegistered()

    def account(self, username, full_name):
        new = NewAccount(username=username, password=PASSWORD, full_name=full_name)
        registering.open_account(new, at=self.at)
        return self.actor(username)

    def actor(self, username) -> Actor:
        return queries.actor(queries.user(username=username))

    def claim(self, by, subject=MILL, *, capacity=Capacity.LEGAL_REPRESENTATIVE, submit=True, **said):
        known = REGISTER.get(subject, Registered(name="无名有限公司", representative="无名"))
        told = {"name": known.name, "representative": known.representative, **said}
        uuid = registering.draft(Draft(subject=subject, capacity=capacity, **told), by=by, at=self.at)
        if capacity is Capacity.HANDLER:
            self.attach(uuid, by)
        if submit:
            registering.submit(uuid, by=by, node=self.node, at=self.at)
        return uuid

    def attach(self, claim, by, content=PDF, filename="授权委托书.pdf"):
        return evidence.attach(
            claim, content=BytesIO(content), filename=filename, by=by, node=self.node, at=self.at
        )

    def checked(self, by, subject=MILL, **said):
        uuid = self.claim(by, subject, **said)
        return uuid, deciding.check(uuid, by=self.check, node=self.node, at=self.at)

    def owner(self, username="ouyang", full_name="欧阳明远", subject=MILL):
        """Somebody who claimed, was approved, and set up an authenticator app."""
        by = self.account(username, full_name)
        uuid, _ = self.checked(by, subject)
        deciding.approve(uuid, by=self.operator, why="证件已核对", at=self.at)
        protect(by.user_id)
        return self.actor(username)

    def line(self, uuid):
        page = claims.queue(viewer=self.operator, limit=100)
        decided = claims.queue(viewer=self.operator, decided=True, limit=100)
        return next(one for one in (*page.claims, *decided.claims) if one.uuid == uuid)


def protect(user_id):
    """Give somebody an authenticator app."""
    Authenticator.objects.create(user_id=user_id, type=Authenticator.Type.TOTP, data={"secret": "x"})


@pytest.fixture
def enterprises(db):
    """The register of the node."""
    parties.register_subjects(
        rows=[SubjectRow(key=key, name=one.name, status=one.status) for key, one in REGISTER.items()]
    )
    return SimpleNamespace(mill=MILL, inn=INN)


@pytest.fixture
def office(node, noon, enterprises):
    """A node that is no demonstration, and its operator."""
    operator = Actor(user_id=None, label="周运营", roles=frozenset({Role.OPERATOR}))
    return Office(replace(node, demo=False), noon, operator)
