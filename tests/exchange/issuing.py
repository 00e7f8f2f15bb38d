"""Certificates for tests: of P-256, Ed25519, RSA through cryptography, of SM2 written by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from tests.exchange.authority import EARLIEST, LATEST, OID, SEQUENCE, TIME, der, name, number

from creditmesh.exchange import sm2
from creditmesh.exchange.keys import PrivateKey

ANY: Any = None
SM2_WITH_SM3 = bytes.fromhex("2a811ccf55018375")
BASIC_CONSTRAINTS = bytes.fromhex("551d13")
USAGE = {
    "digital_signature": False, "content_commitment": False, "key_encipherment": False, "data_encipherment": False,
    "key_agreement": False, "key_cert_sign": False, "crl_sign": False, "encipher_only": False, "decipher_only": False,
}  # fmt: skip


def usage(*names: str) -> x509.KeyUsage:
    """Return a key usage of these."""
    return x509.KeyUsage(**{**USAGE, **dict.fromkeys(names, True)})


class Issuer:
    """A certificate with its key, under which more can be issued."""

    def __init__(self, called: str, key: Any = None, certificate: x509.Certificate | None = None) -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.name = name(called)
        self.certificate = certificate or self.issue(called, self.key.public_key(), ca=True)

    @property
    def pem(self) -> str:
        """Return the certificate as text."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(
        self, called: str, key: Any, *, ca: bool = False, extensions: tuple[Any, ...] = (),
        start: datetime = EARLIEST, end: datetime = LATEST, depth: int | None = None,
    ) -> x509.Certificate:  # fmt: skip
        """Return a certificate for a public key."""
        builder = (
            x509.CertificateBuilder().subject_name(name(called)).issuer_name(self.name).public_key(key)
            .serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)
        )  # fmt: skip
        if ca:
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
        for one in extensions:
            builder = builder.add_extension(one, critical=False)
        kind = hashes.SHA256() if not hasattr(self.key, "private_bytes_raw") else None
        return builder.sign(self.key, kind)

    def below(self, called: str, **how: Any) -> "Issuer":
        """Return an issuer under this one."""
        key = ec.generate_private_key(ec.SECP256R1())
        return Issuer(called, key, self.issue(called, key.public_key(), ca=True, **how))


def pem(certificate: x509.Certificate | bytes) -> str:
    """Return a certificate as text."""
    if isinstance(certificate, bytes):
        certificate = x509.load_der_x509_certificate(certificate)
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def sm2_certificate(
    called: str, key: PrivateKey, *, issuer: str, signer: PrivateKey, ca: bool = False, version: int = 2
) -> bytes:
    """Return a certificate for an SM2 key, signed with SM2 and SM3, in DER."""
    algorithm = der(SEQUENCE, der(OID, SM2_WITH_SM3))
    dates = (
        one.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode() for one in (EARLIEST, LATEST + timedelta(366))
    )
    constraint = x509.BasicConstraints(ca=ca, path_length=None).public_bytes()
    extension = der(SEQUENCE, der(OID, BASIC_CONSTRAINTS), b"\x01\x01\xff", der(0x04, constraint))
    body = der(
        SEQUENCE,
        der(0xA0, number(version)) if version else b"",
        number(77),
        algorithm,
        name(issuer).public_bytes(),
        der(SEQUENCE, *(der(TIME, one) for one in dates)),
        name(called).public_bytes(),
        sm2.SPKI + key.public.point,
        der(0xA3, der(SEQUENCE, extension)) if version else b"",
    )
    signature = signer.sign(body)
    halves = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    return der(SEQUENCE, body, algorithm, der(0x03, b"\0", encode_dss_signature(*halves)))
