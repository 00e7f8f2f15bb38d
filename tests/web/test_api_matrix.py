"""Every operation with every role, and with programs of each scope: who is let in follows from what it is for.

`NEEDS` says again, beside the code, which permission each address needs and, for programs, which one scope; so
an operation that declares none, or another, fails. Who holds it follows from `GRANTS` and `OPENS`.
"""

import re

import pytest
from django.db import transaction
from tests.apps.members.institutions.bank import ROOMY, Bank, open_bank
from tests.web import doors, town
from tests.web.conftest import signed_in

from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, GRANTS, Permission, Role, permissions_of
from creditmesh.apps.members.institutions.access import ByPerson, ByProgram
from creditmesh.apps.members.institutions.operations import admitting
from creditmesh.apps.members.institutions.rules.scopes import ALWAYS, OPENS, Scope

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_town")]

P, S = Permission, Scope
# What an address needs: permission, and scope where one alone opens it. The longest beginning counts.
NEEDS: dict[str, tuple[Permission, Scope | None]] = {
    "GET purposes": (P.REQUEST_AUTHORISATIONS, None),
    "GET authorisation-requests": (P.REQUEST_AUTHORISATIONS, None),
    "POST authorisation-requests": (P.REQUEST_AUTHORISATIONS, None),
    "GET authorisations": (P.REQUEST_AUTHORISATIONS, None),
    "POST settlements": (P.REQUEST_AUTHORISATIONS, None),
    "GET own-authorisations": (P.SEE_OWN_AUTHORISATIONS, None),
    "POST own-authorisations": (P.PREPARE_AUTHORISATIONS, None),
    "POST own-authorisations/{uuid}/signature": (P.SIGN_AUTHORISATIONS, None),
    "POST own-authorisations/{uuid}/withdraw": (P.WITHDRAW_AUTHORISATIONS, None),
    "GET reports": (P.INQUIRE, S.REPORTS),
    "POST reports": (P.INQUIRE, S.REPORTS),
    "GET own-reports": (P.SEE_OWN_RECORD, None),
    "POST own-reports": (P.SEE_OWN_RECORD, None),
    "POST inquiries": (P.INQUIRE, S.INQUIRE),
    "GET inquiries": (P.SEE_OWN_INQUIRIES, None),
    "POST inquiries/{uuid}/outcome": (P.DECLARE_OUTCOMES, None),
    "GET outcomes": (P.DECLARE_OUTCOMES, None),
    "POST raw": (P.INQUIRE, S.RAW),
    "POST duty-inquiries": (P.INQUIRE_FOR_DUTY, None),
    "POST verifications": (P.INQUIRE, S.VERIFY),
    "GET batch-inquiries": (P.INQUIRE, S.BATCH),
    "POST batch-inquiries": (P.INQUIRE, S.BATCH),
    "GET me/inquiries": (P.SEE_WHO_ASKED, None),
    "GET proof-verifier": (P.SEE_WHO_ASKED, None),
    "GET systems": (P.SEE_RISK_CLASSES, None),
    "POST systems": (P.SEE_RISK_CLASSES, None),
    "GET own-evaluations": (P.SEE_OWN_RECORD, None),
    "POST own-evaluations": (P.SEE_OWN_RECORD, None),
    "GET adjustments": (P.SEE_RISK_CLASSES, None),
    "POST adjustments": (P.PROPOSE_ADJUSTMENTS, None),
    "POST adjustments/{uuid}/approve": (P.DECIDE_ADJUSTMENTS, None),
    "POST adjustments/{uuid}/refuse": (P.DECIDE_ADJUSTMENTS, None),
    "GET runs": (P.REQUEST_RUNS, None),
    "POST runs": (P.REQUEST_RUNS, None),
    "GET me/record": (P.SEE_OWN_RECORD, None),
    "GET me/cases": (P.SEE_OWN_RECORD, None),
    "GET me/objections": (P.SEE_OWN_RECORD, None),
    "POST me/objections": (P.OBJECT, None),
    "GET me/repairs": (P.SEE_OWN_RECORD, None),
    "POST me/repairs": (P.OBJECT, None),
    "GET objections": (P.ANSWER_OBJECTIONS, None),
    "POST objections": (P.ANSWER_OBJECTIONS, None),
    "GET duty-notices": (P.INQUIRE_FOR_DUTY, None),
    "POST duty-notices": (P.INQUIRE_FOR_DUTY, None),
    "GET institution": (P.SEE_OWN_INQUIRIES, None),
    "GET notices": (P.SEE_NOTICES, None),
    "POST notices": (P.SEE_NOTICES, None),
    "GET signing-keys": (P.MANAGE_OWN_CLIENTS, None),
    "POST signing-keys": (P.MANAGE_OWN_CLIENTS, None),
    "DELETE signing-keys": (P.MANAGE_OWN_CLIENTS, None),
    "GET batches": (P.SEE_BATCHES, None),
    "POST batches": (P.DELIVER, None),
    "GET items": (P.SEE_CATALOGUE, None),
    "GET quality": (P.SEE_BATCHES, None),
    "GET reviews": (P.DECIDE_REVIEWS, None),
    "POST reviews": (P.DECIDE_REVIEWS, None),
    "GET subjects": (P.SEARCH_SUBJECTS, None),
    "POST supervision/items": (P.SUPERVISION_PLAN, None),
    "POST supervision/inspectors": (P.SUPERVISION_PLAN, None),
    "GET supervision/inspectors": (P.SUPERVISION_PLAN, None),
    "GET supervision/plans": (P.SEE_SUPERVISION, None),
    "POST supervision/plans": (P.SUPERVISION_PLAN, None),
    "POST supervision/plans/{uuid}/approve": (P.SUPERVISION_APPROVE, None),
    "GET supervision/tasks": (P.SEE_SUPERVISION, None),
    "POST supervision/tasks": (P.SUPERVISION_DRAW, None),
    "POST supervision/tasks/{uuid}/disclose": (P.SUPERVISION_DISCLOSE, None),
    "GET supervision/own-visits": (P.SUPERVISION_INSPECT, None),
    "POST supervision/own-visits": (P.SUPERVISION_INSPECT, None),
    "POST supervision/visits": (P.SUPERVISION_DRAW, None),
    "GET supervision/overdue": (P.SEE_SUPERVISION, None),
    "GET supervision/measure": (P.SEE_SUPERVISION, None),
    "GET supervision/draws": (P.SUPERVISION_AUDIT, None),
    "GET ledger": (P.SEE_LEDGER, None),
    "GET ledger/heads": (P.SEE_TREE_HEADS, None),
    "GET ledger/consistency": (P.SEE_TREE_HEADS, None),
}
EXACTLY = {"GET systems": (P.SEE_SYSTEMS, None)}  # the list of systems, not what came of them
ADMITTED = ("BANK", "GUARANTOR", "INSURER")


def operations():
    """Return every operation: its name as in `NEEDS`, method, an address, and its doors."""
    for door, method, operation in doors.api_doors():
        route = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", door.route).removeprefix("api/v1/")
        yield f"{method} {route}", method, door.path, operation.auth_callbacks


def needed(name: str) -> tuple[Permission, Scope | None]:
    """Return what an operation needs by its purpose."""
    if name in EXACTLY:
        return EXACTLY[name]
    known = [one for one in NEEDS if name == one or name.startswith(one + "/")]
    return NEEDS[max(known, key=len)]


def reason(answer) -> str:
    """Return status and code of an answer, such as 403 not-permitted."""
    code = answer.json()["type"].rpartition(":")[2] if answer.status_code >= 400 else ""
    return f"{answer.status_code} {code}"


@pytest.fixture
def people(small_town) -> dict[frozenset[Permission], str]:
    """Somebody for each set of permissions there is."""
    for code in ADMITTED:
        admitting.admit(by=COMMAND_LINE, organisation=code, limits=ROOMY, at=town.NOON)
    everyone = dict(town.ROLE_OF)
    home = next(organisation for name, _, organisation, _ in town.PEOPLE if name == "enterprise")
    for role in (Role.ENTERPRISE_OWNER, Role.ENTERPRISE_VIEWER):
        parties.create_user(by=COMMAND_LINE, username=role.value, password=town.PASSWORD, at=town.NOON)
        parties.add_membership(
            by=COMMAND_LINE, username=role.value, organisation=home, role=role, at=town.NOON
        )
        everyone[role.value] = role
    assert set(everyone.values()) == set(Role)
    return {permissions_of([role]): username for username, role in everyone.items()}


@pytest.fixture
def programs(db) -> dict[Scope | None, Bank]:
    """A bank's program for each scope, and what one with all of them may do."""
    return {one: open_bank(f"bank-{one.value}", scopes=(one,)) for one in Scope}


class TestEveryOperation:
    def test_declares_what_its_purpose_needs(self):
        wrong = {}
        for name, _, _, auth in operations():
            declared = {(one.permission, getattr(one, "scope", None)) for one in auth if not _person(one)}
            declared |= {(one.permission, needed(name)[1]) for one in auth if _person(one)}
            if declared != {needed(name)}:
                wrong[name] = declared
        assert wrong == {}
        assert set(GRANTS) == set(Permission)

    def test_lets_in_the_roles_that_hold_its_permission_and_no_other(self, people):
        assert len(people) == 13
        wrong = []
        for held, username in {**people, frozenset(): ""}.items():
            client = signed_in(username)
            client.raise_request_exception = False
            for name, method, path, auth in operations():
                with transaction.atomic():
                    said = reason_of(client, method, path)
                    transaction.set_rollback(True)
                opens = all(isinstance(one, ByProgram) for one in auth)
                if not username or opens:
                    fits = said.startswith("401 ")
                elif needed(name)[0] in held:
                    fits = not said.startswith("401 ") and said not in {
                        "403 not-permitted",
                        "403 not-admitted",
                    }
                else:
                    fits = said == "403 not-permitted"
                if not fits:
                    wrong.append((username, name, said))
        assert wrong == []

    def test_lets_in_the_programs_whose_scope_opens_it_and_no_other(self, programs):
        wrong = []
        for scope, bank in programs.items():
            for name, method, path, auth in operations():
                permission, one_scope = needed(name)
                sent = bank.signed(method, path, {} if method == "POST" else None)
                with transaction.atomic():
                    said = reason(sent.go())
                    transaction.set_rollback(True)
                if not any(isinstance(one, ByProgram) for one in auth):
                    fits = said.startswith("401 ")
                elif one_scope is scope if one_scope else permission in ALWAYS | OPENS[scope]:
                    fits = not said.startswith("401 ") and said != "403 scope-missing"
                else:
                    fits = said == "403 scope-missing"
                if not fits:
                    wrong.append((scope, name, said))
        assert wrong == []


class TestAList:
    def test_for_raw_detail_needs_the_scope_for_raw_detail_too(self, programs):
        line = {"subject": town.subject_key(0), "authorisation": str(town.SPACE), "items": ["TAX-02"]}
        body = {"mode": "RAW", "purpose": "pre-loan", "lines": [line]}
        assert reason(programs[Scope.BATCH].post("/api/v1/batch-inquiries", body)) == "403 scope-missing"
        allowed = programs[Scope.BATCH].post("/api/v1/batch-inquiries", {**body, "mode": "AUTH"})
        assert allowed.status_code == 202


def reason_of(client, method: str, path: str) -> str:
    """Return what a signed-in person is told."""
    answer = client.generic(method, path, "{}" if method == "POST" else "", content_type="application/json")
    said = reason(answer)
    answer.close()
    return said


def _person(one: object) -> bool:
    return isinstance(one, ByPerson)
