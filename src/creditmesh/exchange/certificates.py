"""Certificates (X.509) that say whose a signing key is, of P-256, Ed25519 and SM2, up to roots that are trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from creditmesh.exchange.keys import Algorithm, BadKey, PublicKey
from creditmesh.kernel.errors import CreditmeshError

SM2_WITH_SM3 = x509.ObjectIdentifier("1.2.156.10197.1.501")
LONGEST_CHAIN = 6
LONGEST_PEM = 64 * 1024
LONG_LENGTH = 0x80
VERSION = 0xA0
OF_MACHINES = frozenset(
    {
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CODE_SIGNING,
        ExtendedKeyUsageOID.TIME_STAMPING,
        ExtendedKeyUsageOID.OCSP_SIGNING,
    }
)
"""Purposes of certificates that sit on servers: an enterprise's name in one does not make its holder a signer."""

Extension = TypeVar("Extension", bound=x509.ExtensionType)


class BadCertificate(CreditmeshError):
    """A certificate that does not show whose key this is."""

    code = "bad-certificate"


@dataclass(frozen=True)
class Certified:
    """The key a certificate is about, and what the certificate says of its holder."""

    key: PublicKey
    serial: str
    subject: str
    not_after: datetime


def public_key(pem: str, *, at: datetime, roots: Sequence[str] = ()) -> Certified:
    """Return the key of a certificate that is valid at a time, and issued under one of the roots (PEM).

    The text holds the certificate, then those between it and the root. Without roots nothing is said about who
    issued it. Raises BadCertificate.
    """
    chain = _read(pem)
    leaf = chain[0]
    for one in chain:
        _check_dates(one, at)
    _check_use(leaf)
    if roots:
        _check_chain(chain, [root for text in roots for root in _read(text)], at)
    return Certified(
        key=_key(leaf),
        serial=f"{leaf.serial_number:x}",
        subject=leaf.subject.rfc4514_string(),
        not_after=leaf.not_valid_after_utc,
    )


def _read(pem: str) -> list[x509.Certificate]:
    try:
        if len(pem) > LONGEST_PEM:
            raise ValueError("too long")
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise BadCertificate(
            "This is not a certificate in PEM form: export it as Base64 (PEM, .pem or .crt)."
        ) from None
    if len(found) > LONGEST_CHAIN:
        raise BadCertificate(
            f"These are more than {LONGEST_CHAIN} certificates: send yours and its issuers only."
        )
    return found


def _check_dates(one: x509.Certificate, at: datetime) -> None:
    if at < one.not_valid_before_utc:
        raise BadCertificate(
            f"A certificate is valid only from {one.not_valid_before_utc:%Y-%m-%d}: wait, or renew."
        )
    if at > one.not_valid_after_utc:
        raise BadCertificate(f"A certificate expired on {one.not_valid_after_utc:%Y-%m-%d}: renew it first.")


def _check_use(leaf: x509.Certificate) -> None:
    try:
        extensions = leaf.extensions
    except ValueError:
        raise BadCertificate(
            "The extensions of this certificate cannot be read: ask its issuer for another."
        ) from None
    usage, purposes = _of(extensions, x509.KeyUsage), _of(extensions, x509.ExtendedKeyUsage)
    signs = usage is None or usage.digital_signature or usage.content_commitment
    if not signs or (purposes is not None and set(purposes) <= OF_MACHINES):
        raise BadCertificate(
            "This certificate is not for signatures: send the signing certificate of your pair."
        )


def _of(extensions: x509.Extensions, kind: type[Extension]) -> Extension | None:
    return next((one.value for one in extensions if isinstance(one.value, kind)), None)


def _check_chain(chain: list[x509.Certificate], roots: list[x509.Certificate], at: datetime) -> None:
    for depth, (one, issuer) in enumerate(zip(chain, [*chain[1:], None], strict=True)):
        if one in roots or any(_issued(one, root, depth, at) for root in roots):
            return
        if issuer is not None and not _issued(one, issuer, depth, at):
            break
    raise BadCertificate(
        "The certificate is not issued under a root trusted here: send it with its issuers, in order."
    )


def _issued(child: x509.Certificate, issuer: x509.Certificate, depth: int, at: datetime) -> bool:
    """Return whether the issuer, a valid authority for chains this deep, signed the child."""
    try:
        extensions = issuer.extensions
    except ValueError:
        return False
    limits, usage = _of(extensions, x509.BasicConstraints), _of(extensions, x509.KeyUsage)
    if limits is None or not limits.ca or (limits.path_length is not None and limits.path_length < depth):
        return False
    if usage is not None and not usage.key_cert_sign:
        return False
    if not issuer.not_valid_before_utc <= at <= issuer.not_valid_after_utc:
        return False
    if child.signature_algorithm_oid == SM2_WITH_SM3:
        return child.issuer == issuer.subject and _signed_by_sm2(child, issuer)
    try:
        child.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _signed_by_sm2(child: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        key = _key(issuer)
        r, s = decode_dss_signature(child.signature)
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    except (BadCertificate, ValueError, OverflowError):
        return False
    return key.algorithm is Algorithm.SM2 and key.verify(signature, child.tbs_certificate_bytes)


def _key(one: x509.Certificate) -> PublicKey:
    try:
        return PublicKey.from_der(_public_key_info(one))
    except BadKey as problem:
        raise BadCertificate(problem.sentence) from None


def _public_key_info(one: x509.Certificate) -> bytes:
    """Return the SubjectPublicKeyInfo; cryptography loads no SM2 key, but has checked the outer structure."""
    data = one.public_bytes(Encoding.DER)
    at, _ = _content(data, 0)
    at, _ = _content(data, at)
    before = 6 if data[at] == VERSION else 5  # version, serial, algorithm, issuer, validity, subject
    for _ in range(before):
        at = _content(data, at)[1]
    return data[at : _content(data, at)[1]]


def _content(data: bytes, at: int) -> tuple[int, int]:
    """Return where the content of the DER element at a place starts and ends."""
    length, start = data[at + 1], at + 2
    if length & LONG_LENGTH:
        more = length & ~LONG_LENGTH
        length, start = int.from_bytes(data[start : start + more], "big"), start + more
    return start, start + length
