"""Keys: one key, one algorithm; what is no good key is refused."""

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange import vectors

from creditmesh.exchange.keys import Algorithm, BadKey, PrivateKey, PublicKey

every_algorithm = pytest.mark.parametrize("algorithm", list(Algorithm))
KEYS = {algorithm: PrivateKey.generate(algorithm) for algorithm in Algorithm}
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@every_algorithm
class TestAKey:
    def test_survives_its_text_forms(self, algorithm):
        key = PrivateKey.from_pem(KEYS[algorithm].to_pem())
        assert key.public == KEYS[algorithm].public
        assert PublicKey.from_pem(key.public.to_pem()) == key.public
        assert PublicKey.from_jwk(json.loads(json.dumps(key.public.jwk()))) == key.public
        assert key.public.verify(key.sign(b"x"), b"x")

    def test_signs_what_it_says_and_nothing_else(self, algorithm):
        key = KEYS[algorithm]
        signature = key.sign("授权".encode())
        assert key.public.verify(signature, "授权".encode())
        assert not key.public.verify(signature, "授權".encode())
        assert not KEYS[algorithm].public.verify(PrivateKey.generate(algorithm).sign(b"x"), b"x")

    def test_does_not_check_signatures_of_another_kind(self, algorithm):
        for other in set(Algorithm) - {algorithm}:
            assert not KEYS[other].public.verify(KEYS[algorithm].sign(b"x"), b"x")

    def test_refuses_signatures_of_zeros_ones_and_other_lengths(self, algorithm):
        public = KEYS[algorithm].public
        good = KEYS[algorithm].sign(b"x")
        order = P256_ORDER.to_bytes(32, "big")
        tries = [b"", bytes(64), b"\xff" * 64, good[:-1], good + b"\0", good[:32] + order, order + good[32:]]
        tries += [bytes(32) + good[32:], good[:32] + bytes(32)]
        assert not any(public.verify(one, b"x") for one in tries)

    def test_has_a_thumbprint_of_its_own(self, algorithm):
        public = KEYS[algorithm].public
        assert public.thumbprint() == public.jwk()["kid"]
        assert len({one.public.thumbprint() for one in KEYS.values()}) == len(Algorithm)

    def test_is_not_shown_in_representations(self, algorithm):
        shown = repr(KEYS[algorithm])
        assert KEYS[algorithm].public.thumbprint() in shown
        assert "PRIVATE" not in shown

    @given(signature=st.binary(max_size=70), message=st.binary(max_size=20))
    def test_never_raises_on_what_it_is_shown(self, algorithm, signature, message):
        assert not KEYS[algorithm].public.verify(signature, message)


class TestTheThumbprint:
    def test_is_that_of_rfc_8037(self):
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
        assert PublicKey.from_jwk(jwk).thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def jwk(algorithm: Algorithm, **changed: object) -> dict[str, object]:
    found: dict[str, object] = {**KEYS[algorithm].public.jwk(), **changed}
    return {name: value for name, value in found.items() if value is not None}


class TestRefused:
    @pytest.mark.parametrize(
        "changed",
        [
            {"d": "AAAA"}, {"kty": "oct"}, {"crv": "X25519"}, {"kty": "EC"}, {"x": None}, {"x": "AAAA"}, {"x": 7},
            {"x": "=" * 43}, {"alg": "ES256"}, {"use": "enc"}, {"alg": "none"},
        ],
    )  # fmt: skip
    def test_are_other_and_misspelt_jwks(self, changed):
        with pytest.raises(BadKey):
            PublicKey.from_jwk(jwk(Algorithm.ED25519, **changed))

    def test_is_not_the_old_name_of_ed25519(self):
        assert PublicKey.from_jwk(jwk(Algorithm.ED25519, alg="EdDSA")) == KEYS[Algorithm.ED25519].public

    @pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.SM2])
    def test_are_points_beside_the_curve(self, algorithm):
        with pytest.raises(BadKey, match="no usable"):
            PublicKey.from_jwk(jwk(algorithm, x="A" * 43))
        with pytest.raises(BadKey, match="no usable"):
            PublicKey(algorithm, b"\x04" + b"\xff" * 64)
        with pytest.raises(BadKey, match="no usable"):
            PublicKey(algorithm, b"\x02" + bytes(32))

    @pytest.mark.parametrize(
        "point",
        [
            "00" * 32, "01" + "00" * 31, "01" + "00" * 30 + "80", "ec" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", "01", "ff" * 32,
        ],
    )  # fmt: skip
    def test_are_ed25519_points_of_small_order_or_odd_spelling(self, point):
        with pytest.raises(BadKey, match="no usable"):
            PublicKey(Algorithm.ED25519, bytes.fromhex(point))

    @pytest.mark.parametrize(
        "key", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())]
    )
    def test_are_other_kinds_of_key(self, key):
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        with pytest.raises(BadKey, match="kind"):
            PrivateKey.from_pem(private)
        with pytest.raises(BadKey, match="kind"):
            PublicKey.from_pem(public.decode())

    @pytest.mark.parametrize(
        "text",
        [
            "", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----\nA\n-----END PUBLIC KEY-----", KEYS[Algorithm.ED25519].to_pem(),
        ],
    )  # fmt: skip
    def test_are_texts_that_hold_no_public_key(self, text):
        with pytest.raises(BadKey):
            PublicKey.from_pem(text)

    def test_are_private_keys_with_a_password_or_none_at_all(self):
        locked = ed25519.Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
        for text in (locked.decode(), "", "x", KEYS[Algorithm.ED25519].public.to_pem()):
            with pytest.raises(BadKey):
                PrivateKey.from_pem(text)

    def test_are_private_keys_on_curves_nobody_knows(self):
        good = KEYS[Algorithm.SM2].to_pem()
        # Another object identifier where the curve's stands.
        text = good.replace("CCqBHM9VAYIt", "CCqBHM9VAYIu")
        assert text != good
        with pytest.raises(BadKey):
            PrivateKey.from_pem(text)


class TestWycheproof:
    def test_ed25519(self):
        for group, one in vectors.wycheproof("ed25519"):
            key = PublicKey.from_jwk({**group["publicKeyJwk"], "alg": "Ed25519"})
            found = key.verify(bytes.fromhex(one["sig"]), bytes.fromhex(one["msg"]))
            assert found == (one["result"] == "valid"), one["tcId"]

    def test_ecdsa_with_p256(self):
        for group, one in vectors.wycheproof("ecdsa_secp256r1_sha256_p1363"):
            key = PublicKey.from_pem(group["publicKeyPem"])
            found = key.verify(bytes.fromhex(one["sig"]), bytes.fromhex(one["msg"]))
            assert found == (one["result"] == "valid"), one["tcId"]
