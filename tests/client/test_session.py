"""Calls: signed, believed only when the answer is, and refused in types a program can tell apart."""

import dataclasses
import json

import pytest
from tests.client.node import NOW, ORIGIN, Node, client_of, problem

from creditmesh.client.refusals import NotFound, NotSignedIn, Refused, TooMany, Unreachable, Untrusted
from creditmesh.exchange import messages
from creditmesh.exchange.keys import Algorithm, PrivateKey

INSTITUTION = {"code": "b1", "name": "银行", "kind": "bank", "state": "active", "sandbox": True, "limits": []}


@pytest.fixture
def node():
    """A node that says who the institution is."""
    made = Node()
    made.says = lambda _request: (200, INSTITUTION)
    return made


class TestACall:
    def test_brings_token_signature_and_a_nonce_of_its_own(self, node):
        client = client_of(node)
        assert client.institution().name == "银行"
        client.institution()
        nonces = {
            messages.verify_request(one, resolve=lambda _: node.program.public, now=NOW).nonce
            for one in node.asked
        }
        assert len(nonces) == 2
        assert min(map(len, nonces)) >= 16
        assert [one.headers["Authorization"] for one in node.asked] == ["Bearer token-1"] * 2

    def test_renews_its_token_in_time(self, node):
        client = client_of(node)
        client.institution()
        client.session.clock = lambda: NOW + 839
        client.session.token()
        assert node.tokens == 1
        client.session.clock = lambda: NOW + 841
        client.session.token()
        assert node.tokens == 2

    def test_asks_for_scopes_when_told(self, node, monkeypatch):
        sent = []
        exchange = node.exchange
        node.exchange = lambda *where, **what: (sent.append(what["body"]), exchange(*where, **what))[1]
        client = client_of(node)
        client.session.scopes = ("inquire", "verify")
        client.session.token()
        assert sent == [b"grant_type=client_credentials&scope=inquire+verify"]

    def test_gets_a_new_token_when_the_old_one_ended_early(self, node):
        node.says = lambda request: (
            problem(401, "token-refused")
            if "token-1" in request.headers["Authorization"]
            else (200, INSTITUTION)
        )
        client = client_of(node)
        assert client.institution().code == "b1"
        assert node.tokens == 2

    def test_does_not_try_for_ever(self, node):
        node.says = lambda _request: problem(401, "token-refused")
        with pytest.raises(NotSignedIn):
            client_of(node).institution()
        assert len(node.asked) == 2

    def test_keeps_the_token_another_thread_just_got(self, node):
        client = client_of(node)

        def other_thread_was_faster(_request):
            client.session._token = ("token-9", NOW + 900)
            node.says = lambda _request: (200, INSTITUTION)
            return problem(401, "token-refused")

        node.says = other_thread_was_faster
        client.institution()
        assert node.asked[-1].headers["Authorization"] == "Bearer token-9"
        assert node.tokens == 1


class TestAnAnswer:
    @pytest.mark.parametrize(
        "change",
        [
            lambda one: dataclasses.replace(one, body=one.body + b" "),
            lambda one: dataclasses.replace(one, status=201),
            lambda one: dataclasses.replace(one, headers={"content-type": "application/json"}),
            lambda one: dataclasses.replace(one, headers={**one.headers, "signature": "creditmesh=:AAAA:"}),
        ],
    )
    def test_that_was_changed_on_the_way_is_not_believed(self, node, change):
        node.change = change
        with pytest.raises(Untrusted):
            client_of(node).institution()

    def test_to_another_question_is_not_believed(self, node):
        kept = []
        node.change = lambda one: kept.append(one) or kept[0]
        client = client_of(node)
        client.institution()
        with pytest.raises(Untrusted):
            client.institution()

    def test_signed_by_a_stranger_or_with_a_retired_key_is_not_believed(self, node):
        stranger = PrivateKey.generate()
        with pytest.raises(Untrusted):
            client_of(node, node_keys=[stranger.public.jwk()]).institution()
        node.published = {
            "keys": [stranger.public.jwk(), {**node.key.public.jwk(), "retired_at": "2026-01-01"}]
        }
        with pytest.raises(Untrusted):
            client_of(node).institution()

    def test_signed_with_the_nodes_next_key_is_believed_unless_keys_are_pinned(self, node):
        client, pinned = client_of(node), client_of(node, node_keys=node.published["keys"])
        client.institution()
        pinned.institution()
        node.key = PrivateKey.generate(Algorithm.ED25519)
        node.published = {"keys": [node.key.public.jwk(), {"kty": "oct"}, "odd"]}
        assert client.institution().code == "b1"
        with pytest.raises(Untrusted):
            pinned.institution()

    @pytest.mark.parametrize("published", [{}, {"keys": 5}, b"<html>", b"{", [], b"[" * 100_000])
    def test_of_something_that_is_no_node_is_not_believed(self, node, published):
        node.published = published
        with pytest.raises(Unreachable, match="is it a node"):
            client_of(node).institution()

    @pytest.mark.parametrize(
        "told",
        [
            b"",
            b"x",
            b"[" * 100_000,
            {},
            [],
            {**INSTITUTION, "sandbox": "yes"},
            {**INSTITUTION, "limits": {}},
            {**INSTITUTION, "name": None},
        ],
    )
    def test_of_another_shape_is_not_taken(self, node, told):
        node.says = lambda _request: (200, told)
        with pytest.raises(Untrusted):
            client_of(node).institution()


class TestARefusal:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [(401, NotSignedIn), (404, NotFound), (429, TooMany), (409, Refused), (500, Refused)],
    )
    def test_is_of_a_type_and_says_why(self, node, status, kind):
        node.says = lambda _request: problem(status, "expired", server_time=5)
        with pytest.raises(kind) as refused:
            client_of(node).institution()
        error = refused.value
        assert (error.code, error.status, error.title, error.signed) == (
            "expired",
            status,
            "about expired",
            True,
        )
        assert error.members["server_time"] == 5
        assert str(error) == f"{status} expired: about expired"
        assert error.retry_after == (17 if status == 429 else None)

    def test_without_signature_says_so(self, node):
        node.signs = False
        node.says = lambda _request: problem(401, "signature-too-old")
        with pytest.raises(NotSignedIn) as refused:
            client_of(node).institution()
        assert not refused.value.signed

    def test_with_a_wrong_signature_is_not_even_a_refusal(self, node):
        node.says = lambda _request: problem(403, "expired")
        node.change = lambda one: dataclasses.replace(one, body=one.body.replace(b"expired", b"forgery"))
        with pytest.raises(Untrusted):
            client_of(node).institution()

    @pytest.mark.parametrize("body", [b"", b"Bad Gateway", b"[]", b"[" * 100_000])
    def test_of_a_proxy_on_the_way_is_a_refusal_too(self, node, body):
        node.signs = False
        node.says = lambda _request: (502, body)
        with pytest.raises(Refused) as refused:
            client_of(node).institution()
        assert (refused.value.code, refused.value.status) == ("unknown", 502)

    def test_in_another_form_than_json_is_read_as_none(self, node):
        node.signs = False
        node.change = lambda one: dataclasses.replace(one, headers={"content-type": "text/html"})
        node.says = lambda _request: problem(502, "x")
        with pytest.raises(Refused, match="no reason"):
            client_of(node).institution()

    @pytest.mark.parametrize(
        ("told", "code"),
        [
            ((401, {"error": "invalid_client", "error_description": "wrong secret"}), "invalid_client"),
            ((429, {"error": "slow_down"}), "slow_down"), ((200, {"access_token": 5}), "no-token"), ((500, b""), "no-token"),
            ((200, {"access_token": "t", "expires_in": "soon"}), "no-token"),
        ],
    )  # fmt: skip
    def test_of_a_token_says_why(self, node, told, code):
        node.token_answer = told
        with pytest.raises(Refused) as refused:
            client_of(node).institution()
        assert refused.value.code == code


class TestTheFolder:
    def test_holds_what_a_program_needs(self, node, tmp_path):
        from creditmesh.client.calling import Client

        (tmp_path / "client-id").write_text("p1\n", "ascii")
        (tmp_path / "client-secret").write_text("s\n", "ascii")
        (tmp_path / "key.pem").write_text(node.program.to_pem(), "ascii")
        client = Client.from_folder(ORIGIN, tmp_path)
        client.session.wire, client.session.clock = node, lambda: NOW
        assert client.institution().code == "b1"
        (tmp_path / "node-keys.json").write_text(json.dumps({"keys": []}), "utf-8")
        pinned = Client.from_folder(ORIGIN, tmp_path)
        pinned.session.wire, pinned.session.clock = node, lambda: NOW
        with pytest.raises(Untrusted):
            pinned.institution()
