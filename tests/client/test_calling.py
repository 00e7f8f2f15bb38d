"""Every call: what it sends, what it makes of the answer, and that the OpenAPI document says the same."""

import base64
import dataclasses
import json
import subprocess
import sys
import types
import typing
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from ninja import Schema
from tests.client.node import Node, client_of
from tests.exchange import test_proofs

from creditmesh.client import answers, questions
from creditmesh.client.calling import API, OPERATIONS
from creditmesh.client.refusals import Untrusted
from creditmesh.exchange import jws
from creditmesh.exchange.canonical import canonical, sha256
from creditmesh.exchange.keys import PrivateKey

ONE = UUID("00000000-0000-4000-8000-000000000001")
SUBJECT = "91110000100006273X"


def sample(kind: Any) -> Any:
    """Return JSON of the shape a class of answers takes."""
    plain: dict[Any, Any] = {
        str: "x", int: 7, bool: True, UUID: str(ONE), datetime: "2026-03-02T04:00:00+00:00", date: "2026-03-02"
    }  # fmt: skip
    if kind in plain:
        return plain[kind]
    origin = typing.get_origin(kind)
    if origin is tuple:
        return [sample(typing.get_args(kind)[0])]
    if origin is types.UnionType:
        return None
    if origin is not None:
        return {"a": 1}
    return {name: sample(inner) for name, inner in typing.get_type_hints(kind).items()}


@pytest.fixture
def node() -> Node:
    return Node()


WISH = questions.Wish(
    subject=SUBJECT,
    purpose="pre-loan",
    items=["TAX-01"],
    modes=["AUTH"],
    data_months=12,
    life_days=30,
    max_queries=3,
)
CALLS: dict[str, tuple[Any, str, str, Any]] = {
    "institution": (lambda c: c.institution(), "GET", "/institution", None),
    "purposes": (lambda c: c.purposes(), "GET", "/purposes", None),
    "ask": (lambda c: c.request_authorisation(WISH), "POST", "/authorisation-requests", dataclasses.asdict(WISH) | {"items": ["TAX-01"], "onward_to": [], "branches": []}),
    "requests": (lambda c: c.authorisation_requests(), "GET", "/authorisation-requests", None),
    "request": (lambda c: c.authorisation_request(ONE), "GET", f"/authorisation-requests/{ONE}", None),
    "cancel": (lambda c: c.cancel_request(ONE), "POST", f"/authorisation-requests/{ONE}/cancel", None),
    "authorisations": (lambda c: c.authorisations(subject=SUBJECT), "GET", f"/authorisations?subject={SUBJECT}", None),
    "authorisation": (lambda c: c.authorisation(ONE), "GET", f"/authorisations/{ONE}", None),
    "hand_in": (
        lambda c: c.batch(questions.ListOfQuestions(purpose="post-loan", lines=[questions.BatchLine(subject="a", authorisation=ONE, items=["T"])])),
        "POST", "/batch-inquiries",
        {"mode": "AUTH", "purpose": "post-loan", "lines": [{"subject": "a", "authorisation": str(ONE), "items": ["T"]}]},
    ),
    "batch": (lambda c: c.batch_state(ONE), "GET", f"/batch-inquiries/{ONE}", None),
    "inquiries": (lambda c: c.inquiries(before=5), "GET", "/inquiries?before=5", None),
    "inquiry": (lambda c: c.inquiry(ONE), "GET", f"/inquiries/{ONE}", None),
    "reports": (lambda c: c.reports(), "GET", "/reports", None),
    "settle": (lambda c: c.settle("L1", settled_on=date(2026, 3, 2)), "POST", "/settlements", {"reference": "L1", "settled_on": "2026-03-02"}),
    "declare": (lambda c: c.declare_outcome(ONE, kind="loan", reference="L1"), "POST", f"/inquiries/{ONE}/outcome", {"kind": "loan", "reference": "L1"}),
    "waiting": (lambda c: c.outcomes_waiting(offset=50), "GET", "/outcomes/waiting?offset=50", None),
    "standing": (lambda c: c.standing(), "GET", "/outcomes/standing", None),
    "notices": (lambda c: c.notices(unread=True), "GET", "/notices?unread=true", None),
    "acknowledge": (lambda c: c.acknowledge(ONE), "POST", f"/notices/{ONE}/acknowledge", None),
    "keys": (lambda c: c.signing_keys(), "GET", "/signing-keys", None),
}  # fmt: skip


class TestACall:
    @pytest.mark.parametrize("name", CALLS)
    def test_sends_and_takes_what_its_operation_says(self, node, name):
        call, method, path, body = CALLS[name]
        node.says = lambda _request: (200, sample(OPERATIONS[name].gives))
        found = call(client_of(node))
        sent = node.asked[0]
        assert (sent.method, sent.url) == (method, node.origin + API + path)
        assert (json.loads(sent.body) if sent.body else None) == body
        kind = OPERATIONS[name].gives
        assert isinstance(found, tuple if typing.get_origin(kind) else kind)
        first = found[0] if isinstance(found, tuple) else found
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(first, dataclasses.fields(first)[0].name, "changed")

    def test_reads_a_list_to_its_end(self, node):
        pages = [{"lines": [{"n": 1}, {"n": 2}], "after": 2}, {"lines": [], "after": None}]
        node.says = lambda _request: (200, pages.pop(0))
        assert [line["n"] for line in client_of(node).batch_results(ONE)] == [1, 2]
        assert [one.url.partition("?")[2] for one in node.asked] == ["", "after=2"]

    def test_brings_a_new_key_into_force(self, node):
        key = PrivateKey.generate()

        def says(request):
            if request.url.endswith("/proof"):
                signature = json.loads(request.body)["signature"]
                assert key.public.verify(base64.b64decode(signature), b"challenge")
            else:
                assert json.loads(request.body) == {"material": key.public.to_pem()}
            return 200, sample(answers.SigningKey) | {"challenge": "challenge"}

        node.says = says
        client_of(node).register_key(key)
        assert len(node.asked) == 2

    def test_revokes_a_key(self, node):
        node.says = lambda _request: (204, b"")
        client_of(node).revoke_key(ONE)
        assert (node.asked[0].method, node.asked[0].url) == (
            "DELETE",
            f"{node.origin}{API}/signing-keys/{ONE}",
        )

    def test_closes(self, node):
        client_of(node).close()
        assert node.closed


def answering(node: Node, **changed: Any) -> None:
    """Let the node answer inquiries as a real one, but for what is changed."""

    def says(request):
        content = {"items": {"TAX-01": []}}
        return 200, {
            "answer": content, "answer_digest": sha256(canonical(content)), "at": "2026-03-02T04:00:00Z",
            "inquiry": str(ONE), "ledger": {"position": 1, "entry": str(ONE), "leaf": "00"},
            "request_digest": sha256(request.body), **changed,
        }  # fmt: skip

    node.says = says


ASK: dict[str, Any] = {
    "inquire": questions.Question(subject=SUBJECT, items=["TAX-01"], purpose="pre-loan", authorisation=ONE),
    "raw": questions.RawQuestion(subject=SUBJECT, items=["TAX-01"], purpose="pre-loan", authorisation=ONE),
    "verify": questions.Verification(
        subject=SUBJECT, purpose="pre-loan", authorisation=ONE, data_from=date(2025, 1, 1),
        claims=[questions.Claim(item="TAX-01", field="amount", value={"from": None, "to": 100}, where={"year": 2025})],
    ),
}  # fmt: skip


class TestAnInquiry:
    @pytest.mark.parametrize("name", ASK)
    def test_is_answered_with_its_place_in_the_ledger(self, node, name):
        answering(node)
        found = getattr(client_of(node), name)(ASK[name])
        assert (found.inquiry, found.ledger.position, found.answer["items"]) == (ONE, 1, {"TAX-01": []})
        assert node.asked[0].url == node.origin + API + OPERATIONS[name].path

    def test_leaves_out_what_was_not_said_and_keeps_open_ends(self, node):
        answering(node)
        client_of(node).verify(ASK["verify"])
        sent = json.loads(node.asked[0].body)
        assert "data_to" not in sent
        assert (sent["data_from"], sent["claims"][0]["value"]) == ("2025-01-01", {"from": None, "to": 100})

    @pytest.mark.parametrize(
        "changed",
        [
            {"request_digest": "00"},
            {"answer_digest": "00"},
            {"answer": {"other": 1}},
            {"answer": {"n": 2**60}},
        ],
    )
    def test_whose_answer_contradicts_itself_is_not_believed(self, node, changed):
        answering(node, **changed)
        with pytest.raises(Untrusted):
            client_of(node).inquire(ASK["inquire"])


class TestAProof:
    def test_is_checked_before_it_is_handed_out(self, node):
        made = test_proofs.proof(key=node.key)
        node.says = lambda _request: (200, made)
        assert client_of(node).proof(ONE) == made
        retired = {**node.key.public.jwk(), "retired_at": "2026-01-01T00:00:00+00:00"}
        node.key = PrivateKey.generate()
        node.published = {"keys": [node.key.public.jwk(), retired]}
        assert client_of(node).proof(ONE) == made

    def test_that_does_not_hold_is_not_handed_out(self, node):
        made = test_proofs.proof(key=PrivateKey.generate())
        node.says = lambda _request: (200, made)
        with pytest.raises(Untrusted, match="does not hold"):
            client_of(node).proof(ONE)
        node.published = {
            "keys": [node.key.public.jwk(), {**node.key.public.jwk(), "kid": made["keys"][0]["kid"]}]
        }
        with pytest.raises(Untrusted, match="does not hold"):
            client_of(node).proof(ONE)


class TestAReport:
    QUESTION = questions.ReportQuestion(subject=SUBJECT, authorisation=ONE, purpose="pre-loan")

    def told(self, node: Node, **changed: Any) -> dict[str, Any]:
        content = {"subject": SUBJECT, "sections": []}
        signature = jws.sign_detached(canonical(content), key=node.key, kid=node.key.public.thumbprint())
        return {
            "serial": "R1", "state": "valid", "content_digest": sha256(canonical(content)), "ledger_entry": "e",
            "signature": signature, "report": content, **changed,
        }  # fmt: skip

    def test_is_checked_before_it_is_handed_out(self, node):
        node.says = lambda _request: (200, self.told(node))
        client = client_of(node)
        assert client.issue_report(self.QUESTION).serial == "R1"
        assert client.report("R/1").report["subject"] == SUBJECT
        assert node.asked[1].url.endswith("/reports/R%2F1")

    @pytest.mark.parametrize(
        "changed", [{"content_digest": "0"}, {"signature": "x"}, {"report": {}}, {"report": {"n": 2**60}}]
    )
    def test_that_does_not_hold_is_not_handed_out(self, node, changed):
        node.says = lambda _request: (200, self.told(node, **changed))
        with pytest.raises(Untrusted):
            client_of(node).report("R1")


@pytest.fixture(scope="module")
def document() -> Any:
    """The node's OpenAPI document."""
    from creditmesh.web.api import api

    return api.get_openapi_schema()


def api_routers() -> Any:
    """Return the routers of the API with their prefixes."""
    from creditmesh.web.api import api

    return api._routers


class TestTheOpenApiDocument:
    def schema(self, document, found):
        while "$ref" in found or "allOf" in found:
            found = (
                found["allOf"][0]
                if "allOf" in found
                else document["components"]["schemas"][found["$ref"].rpartition("/")[2]]
            )
        return found

    def operation(self, document, name):
        stated = OPERATIONS[name]
        paths = {
            path.replace("{uuid}", "{}").replace("{serial}", "{}"): one
            for path, one in document["paths"].items()
        }
        return paths[API + stated.path.replace("{uuid}", "{}").replace("{serial}", "{}")][
            stated.method.lower()
        ]

    @pytest.mark.parametrize("name", OPERATIONS)
    def test_knows_every_operation_and_its_answer(self, document, name):
        told = self.operation(document, name)["responses"]
        kind = OPERATIONS[name].gives
        if kind is None:
            return
        good = next(one for status, one in told.items() if str(status).startswith("2"))
        self.compare(document, kind, good["content"]["application/json"]["schema"])

    def compare(self, document, kind, found):
        found = self.schema(document, found)
        if typing.get_origin(kind) is tuple:
            assert found["type"] == "array"
            self.compare(document, typing.get_args(kind)[0], found["items"])
        elif dataclasses.is_dataclass(kind):
            hints = typing.get_type_hints(kind)
            assert set(found["properties"]) == set(hints), kind.__name__
            for member, inner in hints.items():
                if typing.get_origin(inner) is tuple or dataclasses.is_dataclass(inner):
                    self.compare(document, inner, found["properties"][member])
                empty = typing.get_origin(inner) is types.UnionType
                can_be_empty = any(
                    one.get("type") == "null" for one in found["properties"][member].get("anyOf", [])
                )
                assert empty == can_be_empty, f"{kind.__name__}.{member}"

    @pytest.mark.parametrize("name", [name for name, one in OPERATIONS.items() if one.sends])
    def test_knows_every_question(self, document, name):
        body = self.operation(document, name)["requestBody"]["content"]["application/json"]["schema"]
        self.compare_sent(document, OPERATIONS[name].sends, self.schema(document, body))

    def compare_sent(self, document, kind, found):
        members = {one.name: one for one in dataclasses.fields(kind)}
        assert set(members) == set(found["properties"]), kind.__name__
        needed = {
            name
            for name, one in members.items()
            if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
        }
        assert set(found.get("required", ())) <= needed | {"mode"}, kind.__name__
        for name, inner in (("claims", questions.Claim), ("lines", questions.BatchLine)):
            if name in members:
                self.compare_sent(document, inner, self.schema(document, found["properties"][name]["items"]))

    def test_has_one_schema_for_each_name(self, document):
        """Two classes of one name would silently describe each other's answers."""
        found: dict[str, set[str]] = {}
        waiting = [Schema]
        while waiting:
            for one in waiting.pop().__subclasses__():
                waiting.append(one)
                if (
                    one.__module__.startswith("creditmesh.")
                    and one.__name__ in document["components"]["schemas"]
                ):
                    found.setdefault(one.__name__, set()).add(one.__module__)
        assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}
        assert len(found) > 20

    def test_reaches_every_operation_it_names(self, document):
        """An address that two routers share answers only what the first of them knows."""
        addresses = [path for _, router in api_routers() for path in router.path_operations]
        assert sorted(addresses) == sorted(set(addresses))
        assert len(addresses) == len(document["paths"])

    def test_names_the_kinds_of_outcome(self, document):
        sent = self.operation(document, "declare")["requestBody"]["content"]["application/json"]["schema"]
        assert set(self.schema(document, sent)["properties"]) == {"kind", "reference"}


def test_a_client_needs_no_django():
    code = (
        "import sys, creditmesh.client.__main__; sys.exit('django' in sys.modules or 'ninja' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_operation_has_a_method():
    assert {name for name in OPERATIONS if name not in CALLS} == {
        "inquire", "raw", "verify", "result", "proof", "issue", "report", "register", "prove", "revoke"
    }  # fmt: skip
