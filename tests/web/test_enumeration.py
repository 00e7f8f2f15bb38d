"""Whether an enterprise is known here cannot be told: not by words, not by size, not by the work done."""

import difflib
import json
import re
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.apps.members.enterprises.conftest import PDF
from tests.apps.sharing.disclosure import county
from tests.apps.sharing.disclosure.county import EAST, NORTH, NOWHERE
from tests.web import two_of_each
from tests.web.two_of_each import Stage

from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.rules import SubjectRow
from creditmesh.kernel import uscc

pytestmark = pytest.mark.django_db

CHANGING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}|/a/[\w-]+/|\d{4}-\d\d-\d\dT[\d:.]+Z?|\"position\": ?\d+|CR-[\w-]+|\d\d:\d\d(?::\d\d)?"
)
HEADERS = ("Content-Type", "Cache-Control", "WWW-Authenticate", "Retry-After", "Location", "Vary", "Allow")
WISH = {
    "purpose": "pre-loan",
    "items": ["TAX-02"],
    "modes": ["AUTH"],
    "data_months": 12,
    "life_days": 30,
    "max_queries": 1,
}
CLAIM = {"item": "TAX-02", "field": "paid", "value": 1}


@pytest.fixture
def stage(node, db) -> Stage:
    """A bank that was given nothing, and enterprises that are known, authorise others, or are unknown."""
    return two_of_each.build(node)


def looked_at(send):
    """Return everything an onlooker could tell apart: status, words, size, headers, number of statements."""
    cache.clear()
    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        answer = send()
        transaction.set_rollback(True)
    said = answer.content.decode()
    for subject in (EAST, NORTH, NOWHERE):
        said = said.replace(subject, "SUBJECT")
    plain = CHANGING.sub("#", said)
    headers = {name: CHANGING.sub("#", answer.get(name, "")) for name in HEADERS}
    return answer.status_code, plain, headers, len(asked)


QUESTIONS = {
    "authorisation-requests": lambda _authorisation: WISH,
    "inquiries": lambda authorisation: {
        "items": ["TAX-02"], "mode": "AUTH", "purpose": "pre-loan", "authorisation": authorisation,
    },
    "raw": lambda authorisation: {"items": ["TAX-02"], "purpose": "pre-loan", "authorisation": authorisation},
    "verifications": lambda authorisation: {
        "claims": [CLAIM, CLAIM], "purpose": "pre-loan", "authorisation": authorisation,
    },
    "reports": lambda authorisation: {"purpose": "pre-loan", "authorisation": authorisation},
}  # fmt: skip


class TestAQuestion:
    def test_tells_a_stranger_nothing_of_whom_it_is_about(self, stage):
        bank = stage.programs["other"]
        authorisations = (stage.owned["authorisation"], str(uuid4()))
        cases = [(subject, one) for subject in (EAST, NORTH, NOWHERE) for one in authorisations]
        for operation, question in QUESTIONS.items():
            seen = {}
            for subject, authorisation in [cases[0], *cases]:  # once before, so that nothing is read anew
                body = {"subject": subject, **question(authorisation)}
                seen[subject, authorisation] = looked_at(bank.signed("POST", f"/api/v1/{operation}", body).go)
            told = set(map(json.dumps, seen.values()))
            assert len(told) == 1, (operation, "\n".join(sorted(told)))
            assert next(iter(seen.values()))[0] in {200, 201, 403}

    def test_in_a_list_tells_nothing_either(self, stage):
        bank = stage.programs["other"]
        told = set()
        for subject in (EAST, EAST, NORTH, NOWHERE):
            line = {"subject": subject, "authorisation": stage.owned["authorisation"], "items": ["TAX-02"]}
            body = {"mode": "AUTH", "purpose": "pre-loan", "lines": [line]}
            told.add(json.dumps(looked_at(bank.signed("POST", "/api/v1/batch-inquiries", body).go)))
        assert len(told) == 1, "\n".join(sorted(told))


class TestAClaim:
    def test_tells_nobody_whether_the_enterprise_or_the_name_is_known(self, stage):
        known, unknown = (
            body + uscc.check_character(body) for body in ("91990121MA0000077", "91990121MA0000088")
        )
        parties.register_subjects(rows=[SubjectRow(key=known, name="青禾县麦香有限公司", status="active")])
        values = {"uscc": known, "name": "青禾县麦香有限公司", "legal_representative": "欧阳明远"}
        county.hold("ENT-01", [(known, known, None, values)], source="samr")
        client = stage.others["claimant"]
        told = {}
        for subject, name in (
            (known, "欧阳明远"),
            (known, "欧阳明远"),
            (known, "司马无名"),
            (unknown, "欧阳明远"),
        ):

            def whole_way(subject=subject, name=name):
                said = {"subject": subject, "name": "青禾县麦香有限公司", "representative": name,
                        "capacity": "legal_representative"}  # fmt: skip
                begun = client.post("/register/enterprise/", said)
                assert begun.status_code == 302
                page = client.get("/register/enterprise/").content.decode()
                claim = re.search(r"/register/enterprise/([0-9a-f-]{36})/", page)[1]
                client.post(f"/register/enterprise/{claim}/file/", {"file": SimpleUploadedFile("x.pdf", PDF)})
                answer = client.post(f"/register/enterprise/{claim}/hand-in/", follow=True)
                answer.content = (
                    re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
                    .replace(subject, "SUBJECT").replace(name, "NAME").encode()
                )  # fmt: skip
                return answer

            told[json.dumps(looked_at(whole_way))] = (subject, name)
        assert len(told) == 1, "\n".join(difflib.unified_diff(*(one.split("\\n") for one in [*told][:2])))
