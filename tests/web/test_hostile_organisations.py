"""Text of enterprises, institutions and their cases on every page that shows it; members nobody offered."""

import pytest
from django.db import models
from django.utils import timezone
from tests.web import doors, two_of_each
from tests.web.hostile import fine
from tests.web.test_other_organisations import addresses
from tests.web.two_of_each import Stage

from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.models import CreditSubject, Organisation, User
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, OrganisationKind, Role
from creditmesh.apps.members.enterprises.models import Claim, Evidence, Invitation
from creditmesh.apps.members.institutions.models import Institution, Program
from creditmesh.apps.sharing.authorisations.models import EnterpriseKey, Request
from creditmesh.apps.sharing.credit_reports.models import Report
from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.rights.models import Appeal, Document, Objection, Repair
from creditmesh.web.api import api

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>\"'><svg onload=alert(2)>{{7*1913793671}}{%x%}\u202e"
RUNS = ("<script>alert", "<svg onload", "13396555697")
# What people and programs write freely, by table.
WRITTEN: dict[type[models.Model], tuple[str, ...]] = {
    Organisation: ("name",),
    CreditSubject: ("name",),
    User: ("full_name",),
    Program: ("name",),
    Institution: ("suspended_why",),
    Request: ("institution_name", "purpose_text", "reference", "product", "decline_reason", "requested_by"),
    EnterpriseKey: ("name",),
    Inquiry: ("person", "basis", "duty", "purpose"),
    Claim: ("name", "representative", "claimant", "reason"),
    Evidence: ("filename",),
    Invitation: ("note",),
    Report: ("name", "reader", "issued_by"),
    Objection: ("text", "answer", "reason", "raised_by", "answered_by", "decided_by", "review_text"),
    Repair: ("commitment", "reason", "applied_by"),
    Appeal: ("text", "reason", "raised_by", "answered_by", "reference"),
    Document: ("filename",),
}


@pytest.fixture
def stage(node, db) -> Stage:
    """Everything there is, named by somebody who means harm; and an operator who looks at it."""
    made = two_of_each.build(node)
    for code, kind, role in (
        ("OPERATOR", OrganisationKind.OPERATOR, Role.OPERATOR),
        ("REGULATOR", OrganisationKind.REGULATOR, Role.REGULATOR),
    ):
        new = parties.NewOrganisation(code=code, name=code, kind=kind, region="990121")
        parties.create_organisation(by=COMMAND_LINE, new=new, at=timezone.now())
        two_of_each.member(role.value, code, role)
        made.owners.update(two_of_each.signed_in(**{role.value: role.value}))
    for table, names in WRITTEN.items():
        fields = {one.name: one for one in table._meta.concrete_fields}
        for name in set(names) & set(fields):
            longest = getattr(fields[name], "max_length", None) or 200
            if len(HOSTILE) <= longest:
                table.objects.update(**{name: HOSTILE})
    Objection.objects.update(held={"authority_name": HOSTILE}, proposed_values={"fine": HOSTILE})
    return made


def looked_at(stage: Stage):
    """Yield what every page says to whoever may open it."""
    owned = {one.route: one for one in addresses() if not one.is_api}
    for door in doors.every(item="PEN-01", source="samr"):
        if not door.is_ours or door.route.startswith("api/"):
            continue
        if door.route in owned:
            address = owned[door.route]
            paths = [(address.side, address.of(stage.owned[address.thing]))]
            if address.route.startswith("register/"):
                continue
        else:
            paths = [(side, door.path) for side in stage.owners]
        for side, path in paths:
            answer = stage.owners[side].get(path)
            if answer.get("Content-Type", "").startswith("text/html"):
                yield side, path, fine(answer, side, path)
            answer.close()
    for uuid, folder in (("objection", "objections"), ("repair", "repairs"), ("appeal", "questions")):
        path = f"/cases/{folder}/{stage.owned[uuid]}/"
        yield "operator", path, fine(stage.owners["operator"].get(path), path)
    for path in ("/institutions/BANK/", "/oversight/BANK/", "/people/BANK/", "/cases/?show=done"):
        yield "operator", path, fine(stage.owners["operator"].get(path), path)


class TestTextOfOthers:
    def test_is_shown_on_many_pages_and_runs_on_none(self, stage):
        shown: set[str] = set()
        ran = []
        for side, path, said in looked_at(stage):
            ran += [(side, path, one) for one in RUNS if one in said]
            if "&lt;script&gt;alert(1)" in said:
                shown.add(path)
        assert ran == []
        assert len(shown) > 25, sorted(shown)


class TestMembersNobodyOffered:
    def test_are_refused_by_every_body(self):
        document = api.get_openapi_schema()
        known = document["components"]["schemas"]
        open_ones, seen = set(), 0

        def look(schema, where):
            if "$ref" in schema:
                where = schema["$ref"].rpartition("/")[2]
                schema = known[where]
            for inner in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
                look(inner, where)
            for name, inner in schema.get("properties", {}).items():
                look(inner, f"{where}.{name}")
            if schema.get("properties") and schema.get("additionalProperties") is not False:
                open_ones.add(where)

        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                content = operation.get("requestBody", {}).get("content", {})
                if "application/json" in content:
                    look(content["application/json"]["schema"], f"{method} {path}")
                    seen += 1
        assert open_ones == set()
        assert seen > 12
