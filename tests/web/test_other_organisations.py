"""What belongs to another organisation does not exist: on every address with an identity in it.

The addresses come from the node itself: a new one with an identity in it fails here until somebody says
whose it is.
"""

import json
import re
import secrets
from dataclasses import dataclass, replace
from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from tests.apps.members.enterprises.conftest import PDF
from tests.web import doors, two_of_each
from tests.web.two_of_each import Stage

from creditmesh.apps.sharing.credit_reports.rules import serials

pytestmark = pytest.mark.django_db

# Addresses whose identities belong to nobody in particular: words of the catalogue and of systems, what is
# public, and what one role (operator, regulator, auditor) sees of everybody.
COMMON = (
    "catalogue/", "api/v1/items/", "systems/", "api/v1/systems/", "quality/", "reviews/", "api/v1/reviews/", "runs/",
    "api/v1/runs/", "people/", "ledger/", "api/v1/ledger/", "institutions/", "operator/", "oversight/", "enterprises/",
    "evaluations/", "cases/", "check/", "static/", "adjustments/", "api/v1/adjustments/", "workshop/", "public/draws/",
)  # fmt: skip
# Inspections belong to a department; that another one's do not exist is told in tests/apps/evaluation/supervision.
INSPECTIONS = ("supervision/", "api/v1/supervision/", "visits/")
# Nobody was evaluated on this stage; that others' evaluations do not exist: tests/apps/evaluation/grading/test_improvement_api.
EVALUATIONS = ("api/v1/own-evaluations/",)
SECRETS = ("a/", "c/")  # 192 random bits, not looked up by counting

# Whose the identity in an address is, and which thing: side, thing. The longest beginning counts.
WHOSE = {
    "api/v1/authorisation-requests/": ("bank", "request"),
    "api/v1/authorisations/": ("bank", "authorisation"),
    "api/v1/batch-inquiries/": ("bank", "batch"),
    "api/v1/inquiries/": ("bank", "inquiry"),
    "api/v1/notices/": ("bank", "notice"),
    "api/v1/reports/": ("bank", "report"),
    "api/v1/signing-keys/": ("program", "key"),
    "ask/": ("bank", "authorisation"),
    "verify/": ("bank", "authorisation"),
    "inquiries/": ("bank", "inquiry"),
    "lists/": ("bank", "batch"),
    "institution/authorisations/": ("bank", "authorisation"),
    "institution/keys/": ("bank", "key"),
    "institution/notices/": ("bank", "notice"),
    "institution/outcomes/": ("bank", "inquiry"),
    "institution/programs/": ("bank", "client"),
    "institution/reports/": ("bank", "report"),
    "institution/requests/": ("bank", "request"),
    "api/v1/own-authorisations/": ("enterprise", "draft"),
    "api/v1/own-authorisations/<uuid>/withdraw": ("enterprise", "authorisation"),
    "api/v1/own-authorisations/requests/": ("enterprise", "request"),
    "api/v1/own-reports/": ("enterprise", "own_report"),
    "api/v1/me/inquiries/": ("enterprise", "inquiry"),
    "api/v1/me/objections/": ("enterprise", "objection"),
    "api/v1/me/repairs/": ("enterprise", "repair"),
    "case-files/": ("enterprise", "document"),
    "enterprise/authorisations/": ("enterprise", "draft"),
    "enterprise/authorisations/asked/": ("enterprise", "request"),
    "enterprise/authorisations/<uuid:uuid>/withdraw": ("enterprise", "authorisation"),
    "enterprise/authorisations/<uuid:uuid>/person": ("enterprise", "authorisation"),
    "enterprise/authorisations/<uuid:uuid>/signature": ("enterprise", "authorisation"),
    "enterprise/cases/objections/": ("enterprise", "objection"),
    "enterprise/cases/questions/": ("enterprise", "appeal"),
    "enterprise/cases/repairs/": ("enterprise", "repair"),
    "enterprise/invitations/": ("enterprise", "invitation"),
    "enterprise/keys/": ("enterprise", "enterprise_key"),
    "enterprise/people/": ("enterprise", "user"),
    "enterprise/record/": ("enterprise", "record"),
    "enterprise/reports/": ("enterprise", "own_report"),
    "enterprise/who-asked/": ("enterprise", "inquiry"),
    "register/enterprise/": ("claimant", "claim"),
    "register/files/": ("claimant", "evidence"),
    "api/v1/batches/": ("department", "delivery"),
    "batches/": ("department", "delivery"),
    "api/v1/objections/": ("department", "objection"),
    "api/v1/duty-notices/": ("department", "duty_notice"),
    "duty/news/": ("department", "duty_notice"),
    "objections/": ("department", "objection"),
}
# Fits every form and every operation in turn, so that the identity is what decides.
BODIES = {
    "outcome": {"kind": "applied"},
    "answer": {"text": "x"},
    "review": {"text": "x"},
    "decline": {"why": ""},
    "withdraw": {"why": ""},
    "signature": {"jws": "a..b"},
    "proof": {"signature": "AAAA"},
}
FORM = {
    "why": "x", "reason": "x", "text": "x", "act": "take_back", "kind": "applied", "reference": "r", "code": "000000",
    "jws": "a..b", "role": "legal_representative", "name": "x", "items": "TAX-02", "mode": "AUTH", "item": "TAX-02",
    "ground": "wrong", "commitment": "x", "proposed": "keep", "signature": "AAAA", "challenge": "x", "clause": "on",
    "field": "paid", "value": "1", "data_months": "12", "life_days": "30", "max_queries": "1", "per_day": "1",
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    """An address with a place for an identity."""

    route: str
    side: str
    thing: str
    methods: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        """Return whether programs are answered here."""
        return self.route.startswith("api/")

    def of(self, identity: str) -> str:
        """Return the address of one thing."""
        return "/" + re.sub(r"<[^>]+>", identity, self.route.replace("<str:item>", "PEN-01"))


def whose(route: str) -> tuple[str, str] | None:
    """Return the side and the thing an address is about."""
    known = [one for one in WHOSE if route.startswith(one)]
    return WHOSE[max(known, key=len)] if known else None


def addresses() -> list[Address]:
    """Return every address that has the identity of something owned in it."""
    methods: dict[str, list[str]] = {}
    for door, method, _operation in doors.api_doors():
        methods.setdefault(door.route, []).append(method)
    found = []
    for door in doors.every(item="PEN-01", source="x"):
        if "<" in door.route and not door.route.startswith((*COMMON, *SECRETS, *INSPECTIONS, *EVALUATIONS)):
            side, thing = whose(door.route) or ("", "")
            found.append(Address(door.route, side, thing, tuple(methods.get(door.route, ("GET", "POST")))))
    return list(dict.fromkeys(found))


def random_one(thing: str, known: str) -> str:
    """Return an identity that nothing has, of the same shape."""
    if thing in {"report", "own_report"}:
        return serials.new(on=date(2026, 1, 1))
    if thing == "user":
        return "99999999"
    if thing == "client":
        return f"cmp-{secrets.token_hex(10)}"
    return secrets.token_hex(len(known) // 2) if thing == "record" else str(uuid4())


def sent(stage: Stage, who: str, address: Address, method: str, identity: str):
    """Send a request, take it back, and return the status and what was said without the identity."""
    path = address.of(identity)
    asks = next((body for end, body in BODIES.items() if path.endswith(f"/{end}")), {})
    bank = stage.programs["owner" if who == "owners" else "other"]
    with transaction.atomic():
        if address.side == "program":
            answer = bank.signed(method, path, asks if method == "POST" else None).go()
        elif address.is_api:
            browser = getattr(stage, who)[address.side]
            data = json.dumps(asks) if method == "POST" else ""
            answer = browser.generic(method, path, data, content_type="application/json")
        elif method == "POST":
            form = {**FORM, "file": SimpleUploadedFile("x.pdf", PDF)}
            answer = getattr(stage, who)[address.side].post(path, form)
        else:
            answer = getattr(stage, who)[address.side].get(path)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    said = content.decode("utf-8", "replace").replace(identity, "ID")
    said = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", said)
    headers = {name: answer.get(name, "").replace(identity, "ID") for name in ("Location", "Content-Type")}
    return answer.status_code, said, headers


@pytest.fixture
def stage(node, db) -> Stage:
    """Two of each, one of which owns one of everything."""
    return two_of_each.build(node)


class TestEveryAddress:
    def test_with_an_identity_says_whose_it_is(self):
        assert [one.route for one in addresses() if not one.side] == []
        assert len(addresses()) > 60

    def test_answers_the_other_as_if_the_thing_did_not_exist(self, stage):
        told, nothing = [], []
        for address in addresses():
            known = stage.owned[address.thing]
            for method in address.methods:
                theirs = sent(stage, "others", address, method, known)
                missing = sent(stage, "others", address, method, random_one(address.thing, known))
                if theirs != missing or theirs[0] < 300:
                    told.append((method, address.route, theirs[0], missing[0]))
                mine = sent(stage, "owners", address, method, known)
                if mine == missing and mine[0] != 405:
                    nothing.append((method, address.route, mine[0], mine[1][:200]))
        assert told == []
        assert nothing == [], "the owner is told the same: this address was not tried"

    def test_answers_the_others_program_alike(self, stage):
        told = []
        for address in addresses():
            if address.is_api and address.side == "bank":
                signed = replace(address, side="program")
                known = stage.owned[address.thing]
                for method in address.methods:
                    theirs = sent(stage, "others", signed, method, known)
                    missing = sent(stage, "others", signed, method, random_one(address.thing, known))
                    if theirs != missing or theirs[0] != 404:
                        told.append((method, address.route, theirs[0], missing[0]))
        assert told == []
