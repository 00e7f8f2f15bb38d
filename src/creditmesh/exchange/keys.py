"""Keys that sign: Ed25519, ECDSA P-256 and SM2, each tied to its one algorithm.

What algorithm checks a signature is asked of the key, never of the message, so no message can choose another.
Signatures of ES256 and SM2 are r || s, as RFC 7518 and RFC 9421 write them.
"""

import base64
import binascii
import functools
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from creditmesh.exchange import sm2
from creditmesh.exchange.canonical import canonical, from_base64url, to_base64url
from creditmesh.kernel.errors import CreditmeshError


class Algorithm(StrEnum):
    """The name an algorithm has in JOSE; RFC 9864 for Ed25519, our own for SM2 with SM3."""

    ED25519 = "Ed25519"
    ES256 = "ES256"
    SM2 = "SM2SM3"


class BadKey(CreditmeshError):
    """A key that cannot be read, or that must not be used."""

    code = "bad-key"


CURVES = {Algorithm.ED25519: "Ed25519", Algorithm.ES256: "P-256", Algorithm.SM2: "SM2"}
ECDSA = ec.ECDSA(hashes.SHA256())
SIGNATURE_BYTES = 64
# Points of order 1, 2, 4 and 8 by their y, and the prime: one signature of such a key would fit any message.
ED25519_P = 2**255 - 19
OF_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
SMALL_ORDER = {0, 1, ED25519_P - 1, OF_ORDER_8, ED25519_P - OF_ORDER_8}
PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]+)-----END \1-----\s*")


@dataclass(frozen=True)
class PublicKey:
    """A public key: its algorithm and its point (32 bytes for Ed25519, 65 uncompressed for the curves)."""

    algorithm: Algorithm
    point: bytes

    def __post_init__(self) -> None:
        """Refuse a point that is not on the curve, or of small order."""
        try:
            fine = self._usable()
        except ValueError:
            fine = False
        if not fine:
            raise BadKey(
                f"This is no usable {self.algorithm} public key: make a new pair and send its public part."
            )

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, object]) -> "PublicKey":
        """Return the key a JWK (RFC 7517) holds; raise BadKey for private, other or misspelt keys."""
        if "d" in jwk:
            raise BadKey("This JWK holds the private key: send the public part only, and make a new pair.")
        algorithm = _algorithm_of(jwk)
        try:
            parts = [from_base64url(str(jwk[name])) for name in _coordinates(algorithm)]
        except (KeyError, ValueError) as problem:
            raise BadKey(f"This JWK is incomplete or misspelt: {problem}.") from None
        if any(len(part) != 32 for part in parts):
            raise BadKey("This JWK has a coordinate that is not 32 bytes long.")
        prefix = b"" if algorithm is Algorithm.ED25519 else b"\x04"
        return cls(algorithm, prefix + b"".join(parts))

    @classmethod
    def from_pem(cls, text: str) -> "PublicKey":
        """Return the key of a PEM text (SubjectPublicKeyInfo); raise BadKey when it is none."""
        return cls.from_der(_pem_body(text, "PUBLIC KEY"))

    @classmethod
    def from_der(cls, der: bytes) -> "PublicKey":
        """Return the key of a SubjectPublicKeyInfo in DER; raise BadKey when it is none of ours."""
        if der.startswith(sm2.SPKI):
            return cls(Algorithm.SM2, der[len(sm2.SPKI) :])
        try:
            key = serialization.load_der_public_key(der)
        except (ValueError, UnsupportedAlgorithm):
            raise BadKey("This public key cannot be read: it must be Ed25519, P-256 or SM2.") from None
        if isinstance(key, ed25519.Ed25519PublicKey):
            return cls(Algorithm.ED25519, key.public_bytes_raw())
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            return cls(Algorithm.ES256, _point(key))
        raise BadKey("Keys of this kind are not accepted: use Ed25519, P-256 or SM2.")

    def to_pem(self) -> str:
        """Return the key as PEM text (SubjectPublicKeyInfo)."""
        if self.algorithm is Algorithm.SM2:
            return _to_pem(sm2.SPKI + self.point, "PUBLIC KEY")
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._native.public_bytes(serialization.Encoding.PEM, form).decode()

    def jwk(self) -> dict[str, str]:
        """Return the key as JWK, with its thumbprint as `kid`."""
        return {**self._members(), "kid": self.thumbprint(), "alg": self.algorithm.value, "use": "sig"}

    def thumbprint(self) -> str:
        """Return the SHA-256 thumbprint of RFC 7638, by which a key is named."""
        return self._thumbprint

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Return whether this key made the signature over the message; never raise."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        if self.algorithm is Algorithm.SM2:
            return sm2.verify_digest(self._sm2, signature, sm2.message_digest(self.point, message))
        try:
            if isinstance(self._native, ed25519.Ed25519PublicKey):
                self._native.verify(signature, message)
            else:
                r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
                self._native.verify(encode_dss_signature(r, s), message, ECDSA)
        except InvalidSignature:
            return False
        return True

    @functools.cached_property
    def _native(self) -> ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey:
        if self.algorithm is Algorithm.ED25519:
            return ed25519.Ed25519PublicKey.from_public_bytes(self.point)
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.point)

    @functools.cached_property
    def _sm2(self) -> sm2.Key:
        return sm2.public(self.point)

    @functools.cached_property
    def _thumbprint(self) -> str:
        return to_base64url(hashlib.sha256(canonical(self._members())).digest())

    def _usable(self) -> bool:
        if self.algorithm is Algorithm.SM2:
            return sm2.is_point(self.point) and bool(self._sm2)
        if self.algorithm is Algorithm.ES256:
            return len(self.point) == sm2.POINT_BYTES and bool(self._native)
        y = int.from_bytes(self.point, "little") & (2**255 - 1)
        return len(self.point) == 32 and y < ED25519_P and y not in SMALL_ORDER and bool(self._native)

    def _members(self) -> dict[str, str]:
        kind = "OKP" if self.algorithm is Algorithm.ED25519 else "EC"
        width = len(self.point) // 32 * 32
        coordinates = self.point[-width:]
        parts = {
            name: to_base64url(coordinates[at * 32 : at * 32 + 32])
            for at, name in enumerate(_coordinates(self.algorithm))
        }
        return {"kty": kind, "crv": CURVES[self.algorithm], **parts}


@dataclass(frozen=True)
class PrivateKey:
    """A private key; its text form never appears in a representation."""

    algorithm: Algorithm
    native: "ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | sm2.Key"

    def __repr__(self) -> str:
        return f"<private key {self.algorithm} {self.public.thumbprint()}>"

    @classmethod
    def generate(cls, algorithm: Algorithm = Algorithm.ED25519) -> "PrivateKey":
        """Return a new key from the system's secure source."""
        if algorithm is Algorithm.SM2:
            return cls(algorithm, sm2.generate())
        if algorithm is Algorithm.ES256:
            return cls(algorithm, ec.generate_private_key(ec.SECP256R1()))
        return cls(Algorithm.ED25519, ed25519.Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, text: str) -> "PrivateKey":
        """Return the key of a PEM text (PKCS #8, or SEC 1); raise BadKey when it is none."""
        try:
            key = serialization.load_pem_private_key(text.encode(), password=None)
        except UnsupportedAlgorithm:
            return cls(Algorithm.SM2, _sm2_private(text))
        except (ValueError, TypeError):
            raise BadKey(
                "This private key cannot be read: it must be PEM (PKCS #8) without a password."
            ) from None
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return cls(Algorithm.ED25519, key)
        if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            return cls(Algorithm.ES256, key)
        raise BadKey("Keys of this kind are not accepted: use Ed25519, P-256 or SM2.")

    def to_pem(self) -> str:
        """Return the key as PEM text (PKCS #8, without a password: keep the file to its owner)."""
        if isinstance(self.native, sm2.Key):
            return _to_pem(sm2.to_der(self.native), "PRIVATE KEY")
        return self.native.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @functools.cached_property
    def public(self) -> PublicKey:
        """Return the public part."""
        if isinstance(self.native, sm2.Key):
            return PublicKey(Algorithm.SM2, sm2.point_of(self.native))
        if isinstance(self.native, ed25519.Ed25519PrivateKey):
            return PublicKey(Algorithm.ED25519, self.native.public_key().public_bytes_raw())
        return PublicKey(Algorithm.ES256, _point(self.native.public_key()))

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message, 64 bytes."""
        if isinstance(self.native, sm2.Key):
            return sm2.sign_digest(self.native, sm2.message_digest(self.public.point, message))
        if isinstance(self.native, ed25519.Ed25519PrivateKey):
            return self.native.sign(message)
        r, s = decode_dss_signature(self.native.sign(message, ECDSA))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _algorithm_of(jwk: Mapping[str, object]) -> Algorithm:
    for algorithm, curve in CURVES.items():
        kind = "OKP" if algorithm is Algorithm.ED25519 else "EC"
        if jwk.get("kty") == kind and jwk.get("crv") == curve:
            named = {algorithm.value, "EdDSA"} if algorithm is Algorithm.ED25519 else {algorithm.value}
            if jwk.get("alg", algorithm.value) not in named or jwk.get("use", "sig") != "sig":
                break
            return algorithm
    raise BadKey("Only signing keys on the curves Ed25519, P-256 and SM2 are accepted.")


def _coordinates(algorithm: Algorithm) -> tuple[str, ...]:
    return ("x",) if algorithm is Algorithm.ED25519 else ("x", "y")


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _sm2_private(text: str) -> sm2.Key:
    try:
        return sm2.private(_pem_body(text, "PRIVATE KEY"))
    except sm2.BadSm2Key:
        raise BadKey("Keys of this kind are not accepted: use Ed25519, P-256 or SM2.") from None


def _pem_body(text: str, label: str) -> bytes:
    found = PEM.fullmatch(text.strip())
    if found is None or found[1] != label:
        raise BadKey(f"This is not a PEM text of a {label.lower()}.")
    try:
        return base64.b64decode("".join(found[2].split()), validate=True)
    except binascii.Error:
        raise BadKey(f"The PEM text of this {label.lower()} is damaged.") from None


def _to_pem(der: bytes, label: str) -> str:
    lines = base64.encodebytes(der).decode().replace("\n", "")
    wrapped = "\n".join(lines[at : at + 64] for at in range(0, len(lines), 64))
    return f"-----BEGIN {label}-----\n{wrapped}\n-----END {label}-----\n"
