"""Signed messages against another implementation, both ways, and against the vectors of RFC 9421."""

import dataclasses
import datetime
import json
from typing import Any

import http_message_signatures as other
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange import vectors

from creditmesh.exchange import fields, messages
from creditmesh.exchange.fields import Message, Request
from creditmesh.exchange.keys import Algorithm, PrivateKey, PublicKey
from creditmesh.exchange.messages import Response

NOW = int(datetime.datetime.now(datetime.UTC).timestamp())
KEYS = {one: PrivateKey.generate(one) for one in (Algorithm.ED25519, Algorithm.ES256)}
THEIRS = {Algorithm.ED25519: other.algorithms.ED25519, Algorithm.ES256: other.algorithms.ECDSA_P256_SHA256}
every_algorithm = pytest.mark.parametrize("algorithm", list(KEYS))


class TheirRequest:
    """A request as the other library wants it."""

    def __init__(self, request: Request) -> None:
        self.method, self.url, self.headers, self.body = (
            request.method,
            request.url,
            dict(request.headers),
            request.body,
        )


class TheirResponse:
    """An answer as the other library wants it."""

    def __init__(self, response: Response, request: Request) -> None:
        self.status_code, self.headers, self.body = response.status, dict(response.headers), response.body
        self.request = TheirRequest(request)


class Keys(other.HTTPSignatureKeyResolver):
    """Keys of the tests, by the name of their algorithm."""

    def resolve_public_key(self, key_id: str) -> Any:
        return load_pem_private_key(KEYS[Algorithm(key_id)].to_pem().encode(), None).public_key()  # type: ignore[union-attr]

    def resolve_private_key(self, key_id: str) -> Any:
        return load_pem_private_key(KEYS[Algorithm(key_id)].to_pem().encode(), None)


def resolve(keyid: str) -> PublicKey:
    return KEYS[Algorithm(keyid)].public


def accepted(algorithm: Algorithm, message: Any) -> list[Any]:
    """Return what the other library finds good in a message."""
    verifier = other.HTTPMessageVerifier(signature_algorithm=THEIRS[algorithm], key_resolver=Keys())
    found: list[Any] = verifier.verify(message)
    return found


requests = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    url=st.sampled_from(
        [
            "https://node.example/",
            "https://node.example:8443/a/b?x=1&y=%E4%BC%81",
            "http://Node.Example:80/?",
            "https://node.example/a?b?c=/",
        ]
    ),
    headers=st.just({"Authorization": "Bearer abc"}) | st.just({"X": "  a b\t"}),
    body=st.binary(max_size=20),
)


def signed(request: Request, algorithm: Algorithm) -> Request:
    added = messages.sign_request(
        request,
        key=KEYS[algorithm],
        keyid=algorithm,
        created=NOW,
        expires=NOW + 80_000,  # the other library looks at its own clock, and a long run is no fault
        nonce="n-0123456789abcdef",
    )
    return dataclasses.replace(request, headers={**request.headers, **added})


class TestTheOtherLibrary:
    @every_algorithm
    @given(request=requests)
    def test_accepts_what_we_sign(self, algorithm, request):
        (found,) = accepted(algorithm, TheirRequest(signed(request, algorithm)))
        assert found.parameters["nonce"] == "n-0123456789abcdef"

    @every_algorithm
    @given(request=requests, body=st.binary(max_size=20), status=st.sampled_from([200, 403]))
    def test_accepts_our_answers(self, algorithm, request, body, status):
        asked = signed(request, algorithm)
        response = Response(status, {"Content-Type": "application/json"}, body)
        added = messages.sign_response(response, asked, key=KEYS[algorithm], keyid=algorithm, created=NOW)
        answer = dataclasses.replace(response, headers={**response.headers, **added})
        assert messages.verify_response(answer, asked, resolve=resolve, now=NOW)
        assert accepted(algorithm, TheirResponse(answer, asked))

    @every_algorithm
    @given(request=requests, whole=st.booleans())
    def test_signs_what_we_accept(self, algorithm, request, whole):
        message = TheirRequest(request)
        address = ("@target-uri",) if whole else ("@authority", "@path", "@query")
        more = tuple(name.lower() for name in request.headers)
        signer = other.HTTPMessageSigner(signature_algorithm=THEIRS[algorithm], key_resolver=Keys())
        start = datetime.datetime.fromtimestamp(NOW, datetime.UTC)
        signer.sign(
            message, key_id=algorithm, created=start, expires=start + datetime.timedelta(seconds=80_000),
            nonce="n-0123456789abcdef", tag="creditmesh", label="bank1",
            covered_component_ids=("@method", *address, *more), body=request.body,
        )  # fmt: skip
        sent = dataclasses.replace(request, headers=message.headers)
        assert messages.verify_request(sent, resolve=resolve, now=NOW).keyid == algorithm


class TestTheVectorsOfTheRfc:
    @pytest.fixture
    def found(self):
        return json.loads((vectors.folder("rfc9421") / "vectors.json").read_text("utf-8"))

    def message(self, found: Any, case: Any) -> Message:
        stated = found[f"test_{case['message']}"]
        headers = {name.lower(): value for name, value in stated["headers"]}
        if (
            case["label"] == "sig-b24"
        ):  # the digest printed with the message is not of its body; that of the base is
            base = case["signature_base"]
            headers["content-digest"] = base.partition('"content-digest": ')[2].splitlines()[0]
            return Message(headers, stated["body"].encode(), status=200)
        method, path, _ = stated["start"].split()
        return Message(
            headers, stated["body"].encode(), Request(method, f"https://example.com{path}", headers)
        )

    @pytest.mark.parametrize("label", ["sig-b21", "sig-b23", "sig-b24", "sig-b25", "sig-b26"])
    def test_have_the_bases_we_build(self, found, label):
        case = next(one for one in found["cases"] if one["label"] == label)
        message = self.message(found, case)
        one = fields.stated(case["signature_input"], case["signature"])
        assert fields.base(one.components, one.text, message).decode() == case["signature_base"]
        digest = message.headers["content-digest"]
        assert fields.digest_fits(digest, message.body)

    def test_name_a_component_we_do_not_understand(self, found):
        case = next(one for one in found["cases"] if one["label"] == "sig-b22")
        with pytest.raises(ValueError, match="flag name"):
            fields.stated(case["signature_input"], case["signature"])

    @pytest.mark.parametrize(("label", "key"), [("sig-b24", "ecc-p256"), ("sig-b26", "ed25519")])
    def test_hold_for_our_kinds_of_key(self, found, label, key):
        case = next(one for one in found["cases"] if one["label"] == label)
        pem = next((vectors.folder("rfc9421") / "keys").rglob(f"test-key-{key}.key")).read_text("ascii")
        public = PublicKey.from_pem(pem) if "PUBLIC" in pem else PrivateKey.from_pem(pem).public
        _, signature = fields.signature_member(case["signature"])
        assert public.verify(signature, case["signature_base"].encode())
        assert not public.verify(signature, case["signature_base"].encode() + b" ")

    def test_are_refused_where_they_cover_too_little(self, found):
        case = next(one for one in found["cases"] if one["label"] == "sig-b26")
        stated = found["test_request"]
        headers = dict(stated["headers"]) | {
            "Signature-Input": case["signature_input"],
            "Signature": case["signature"],
        }
        request = Request(
            "POST", "https://example.com/foo?param=Value&Pet=dog", headers, stated["body"].encode()
        )
        with pytest.raises(messages.SignatureRefused) as refused:
            messages.verify_request(request, resolve=resolve, now=1618884473)
        assert refused.value.reason is messages.Why.INCOMPLETE


class TestStructuredFields:
    """The library of structured fields as oracle: what we take, it takes, with the same meaning."""

    @given(
        st.from_regex(
            r'[a-z]=\(("@?[a-z-]{1,8}"(;req)? ?){0,3}\)(;[a-z]{2,7}=("[a-z\\"]{0,6}"|[0-9]{1,4})){0,4}',
            fullmatch=True,
        )
    )
    def test_that_we_take_are_valid_and_canonical(self, text):
        import http_sf

        try:
            one = fields.stated(text, text[0] + "=:AAAA:")
        except ValueError:
            return
        parsed = http_sf.parse(text.encode(), tltype="dictionary")
        members, parameters = parsed[text[0]]
        assert [member[0] for member in members] == [component.name for component in one.components]
        assert dict(parameters) == {**one.numbers, **one.texts}
        assert http_sf.ser(parsed) == text
