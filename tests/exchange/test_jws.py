"""Detached signatures: what they bind, and every way in which one is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc
from joserfc.jwk import ECKey, OKPKey
from tests.exchange import vectors

from creditmesh.exchange.canonical import canonical, from_base64url, to_base64url
from creditmesh.exchange.jws import BadSignature, Reason, sign_detached, verify_detached
from creditmesh.exchange.keys import Algorithm, BadKey, PrivateKey, PublicKey

KEYS = {algorithm: PrivateKey.generate(algorithm) for algorithm in Algorithm}
KEY = KEYS[Algorithm.ED25519]
DOCUMENT = canonical({"授权": "贷前", "n": 1})
every_algorithm = pytest.mark.parametrize("algorithm", list(Algorithm))


def resolve(kid: str) -> PublicKey | None:
    """Return the test key of that name: the name of its algorithm."""
    return KEYS[Algorithm(kid)].public if kid in list(Algorithm) else None


def token(header: object, *, key: PrivateKey = KEY, payload: bytes = DOCUMENT) -> str:
    """Sign with any header, however wrong."""
    first = to_base64url(header if isinstance(header, bytes) else json.dumps(header).encode())
    return f"{first}..{to_base64url(key.sign(first.encode() + b'.' + payload))}"


def reason(text: str, payload: bytes = DOCUMENT) -> Reason:
    """Return why a token is refused."""
    with pytest.raises(BadSignature) as refused:
        verify_detached(text, payload, resolve=resolve)
    assert refused.value.sentence
    return refused.value.reason


GOOD = {"alg": "Ed25519", "kid": "Ed25519", "b64": False, "crit": ["b64"]}


class TestADetachedSignature:
    @every_algorithm
    def test_binds_document_and_header(self, algorithm):
        made = sign_detached(DOCUMENT, key=KEYS[algorithm], kid=algorithm, header={"typ": "authorisation"})
        found = verify_detached(made, DOCUMENT, resolve=resolve)
        assert (found.kid, found.algorithm, found.claims) == (algorithm, algorithm, {"typ": "authorisation"})
        assert reason(made, DOCUMENT + b" ") is Reason.BAD_SIGNATURE

    def test_takes_the_older_name_of_ed25519(self):
        assert verify_detached(token({**GOOD, "alg": "EdDSA"}), DOCUMENT, resolve=resolve).kid == "Ed25519"

    @pytest.mark.parametrize("name", ["alg", "kid", "b64", "crit"])
    def test_is_not_made_over_a_header_of_the_callers(self, name):
        with pytest.raises(ValueError, match="set by the signer"):
            sign_detached(b"", key=KEY, kid="k", header={name: 1})

    @pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.ES256])
    def test_is_understood_by_another_library(self, algorithm):
        made = sign_detached(b"plain text", key=KEYS[algorithm], kid="k")
        first, last = made.split("..")
        pem = KEYS[algorithm].public.to_pem()
        key = OKPKey.import_key(pem) if algorithm is Algorithm.ED25519 else ECKey.import_key(pem)
        found = joserfc.deserialize_compact(
            f"{first}.plain text.{last}".encode(),
            key,
            algorithms=[algorithm.value],
            registry=b64_registry(algorithm),
        )
        assert found.payload == b"plain text"

    def test_of_another_library_is_understood(self):
        header = {"alg": "ES256", "kid": "ES256", "b64": False, "crit": ["b64"]}
        made = joserfc.serialize_compact(
            header,
            DOCUMENT,
            ECKey.import_key(KEYS[Algorithm.ES256].to_pem()),
            registry=b64_registry(Algorithm.ES256),
        )
        first, last = made.split(".")[0], made.rsplit(".", 1)[1]
        assert verify_detached(f"{first}..{last}", DOCUMENT, resolve=resolve).kid == "ES256"


def b64_registry(algorithm: Algorithm) -> joserfc.JWSRegistry:
    """Return joserfc's rules, with this one algorithm."""
    return joserfc.JWSRegistry(algorithms=[algorithm.value])


class TestRefused:
    @pytest.mark.parametrize(
        "text",
        [
            "", "..", "a.b.c", "a..", "..b", "a...b", "a..=", "A" * 5000 + "..AA",
            token(b"[]"), token(b"{"), token(b"\xff"), token({**GOOD, "kid": 5}), token({**GOOD, "kid": ""}),
            token({**GOOD, "kid": "k" * 300}), token(b'{"alg":"Ed25519","alg":"none","b64":false,"crit":["b64"]}'),
            token(b'{"a":' * 1500 + b"1" + b"}" * 1500),
        ],
        ids=[f"text {number}" for number in range(16)],  # signatures differ, names of tests must not
    )  # fmt: skip
    def test_are_texts_that_cannot_be_read(self, text):
        assert reason(text) is Reason.MALFORMED

    @pytest.mark.parametrize(
        "changed",
        [
            {"crit": ["b64", "exp"]}, {"crit": ["b64", "b64"]}, {"crit": []}, {"crit": "b64"}, {"b64": True},
            {"b64": None}, {"b64": 0}, {"crit": None},
        ],
    )  # fmt: skip
    def test_are_extensions_that_are_not_understood(self, changed):
        assert reason(token({**GOOD, **changed})) is Reason.CRITICAL

    def test_is_a_header_without_crit(self):
        assert (
            reason(token({name: value for name, value in GOOD.items() if name != "crit"})) is Reason.CRITICAL
        )

    def test_is_a_key_nobody_knows(self):
        assert reason(token({**GOOD, "kid": "other"})) is Reason.UNKNOWN_KEY

    @pytest.mark.parametrize(
        "alg", ["none", "None", "HS256", "ES256", "RS256", "SM2SM3", "ed25519", None, 7, ""]
    )
    def test_is_any_algorithm_but_that_of_the_key(self, alg):
        assert reason(token({**GOOD, "alg": alg})) is Reason.ALGORITHM

    def test_is_the_public_key_used_as_a_secret(self):
        # Key confusion: an HMAC keyed with the public key, which everybody has.
        first = to_base64url(json.dumps({**GOOD, "alg": "HS256"}).encode())
        assert reason(f"{first}..{to_base64url(bytes(32))}") is Reason.ALGORITHM

    def test_is_a_signature_of_zeros(self):
        for algorithm in Algorithm:
            first = to_base64url(json.dumps({**GOOD, "alg": algorithm, "kid": algorithm}).encode())
            assert reason(f"{first}..{to_base64url(bytes(64))}") is Reason.BAD_SIGNATURE

    @given(
        st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,80}\.\.[A-Za-z0-9_-]{0,90}", fullmatch=True)
    )
    def test_is_anything_else_without_a_crash(self, text):
        assert reason(text) in Reason

    @given(st.integers(0), st.integers(1, 255))
    def test_is_a_good_one_with_one_character_changed(self, place, change):
        made = sign_detached(DOCUMENT, key=KEY, kid="Ed25519")
        place %= len(made)
        changed = made[:place] + chr(ord(made[place]) ^ change) + made[place + 1 :]
        assert reason(changed) in Reason


def embedded(jws: str) -> tuple[str, bytes]:
    """Return a compact JWS as header..signature and the payload it signs (encoded, as b64=true has it)."""
    first, payload, last = jws.split(".")
    return f"{first}..{last}", payload.encode()


class TestPublishedVectors:
    def test_of_wycheproof_never_pass_for_what_they_are_not(self):
        """Every vector embeds its payload (b64=true), so none may pass; and their keys or signatures say why."""
        tried = 0
        for _group, one in vectors.wycheproof("json_web_signature"):
            text = one["jws"] if isinstance(one["jws"], str) else json.dumps(one["jws"])
            head, _, last = text.rpartition(".")
            assert reason(f"{head.split('.')[0]}..{last}", head.encode()) in Reason, one["tcId"]
            tried += 1
        assert tried > 300

    def test_of_wycheproof_with_our_curve_have_the_signatures_they_say(self):
        """ES256 as such, over the signing input that the vector gives."""
        tried = 0
        for group, one in vectors.wycheproof("json_web_signature"):
            public = group.get("public", {})
            if public.get("crv") != "P-256" or not isinstance(one["jws"], str) or one["jws"].count(".") != 2:
                continue
            signed, _, last = one["jws"].rpartition(".")
            try:
                header = json.loads(from_base64url(signed.split(".")[0]))
                from_base64url(signed.split(".")[1])
                key = PublicKey.from_jwk({name: public[name] for name in ("kty", "crv", "x", "y")})
                good = header.get("alg") == "ES256" and key.verify(from_base64url(last), signed.encode())
            except (ValueError, BadKey, AttributeError):
                good = False
            if one["result"] == "valid":
                assert good, one["tcId"]
            elif "alg" in public and not set(one["flags"]) & {"InvalidKey"}:
                assert not good, one["tcId"]
            tried += 1
        assert tried

    def test_of_the_cookbook_for_curve_25519(self):
        found = json.loads((vectors.folder("jose-cookbook") / "curve25519" / "jws.json").read_text("utf-8"))
        key = PublicKey.from_jwk({name: found["input"]["key"][name] for name in ("kty", "crv", "x")})
        compact = found["output"]["compact"]
        signed, _, last = compact.rpartition(".")
        assert key.verify(from_base64url(last), signed.encode())
