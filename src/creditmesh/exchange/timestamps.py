"""Time stamps of an authority outside (RFC 3161): what to ask, and what an answer proves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from rfc3161_client import TimeStampResponse, VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError

from creditmesh.kernel.errors import CreditmeshError

DIGEST_BYTES = 32
LONGEST_ANSWER = 256 * 1024
# TimeStampReq of version 1: SHA-256 imprint of 32 bytes, no nonce (the digest is asked about once), send the
# certificate.
ASK = bytes.fromhex("3039020101 3031300d060960864801650304020105000420")
WITH_CERTIFICATE = bytes.fromhex("0101ff")
SHA256_OID = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")


class StampRefused(CreditmeshError):
    """An answer of a time-stamping authority that proves nothing."""

    code = "stamp-refused"


@dataclass(frozen=True)
class Stamp:
    """What an authority says: the digest was there at this time."""

    at: datetime
    serial: str
    policy: str
    authority: str


def question(digest: bytes) -> bytes:
    """Return the request to send (content type application/timestamp-query) for a SHA-256 digest."""
    if len(digest) != DIGEST_BYTES:
        raise ValueError("a SHA-256 digest has 32 bytes")
    return ASK + digest + WITH_CERTIFICATE


def answer(data: bytes, *, digest: bytes, roots: Sequence[str]) -> Stamp:
    """Return what an answer proves about a digest, checked up to the given roots (PEM); raise StampRefused."""
    if len(data) > LONGEST_ANSWER:
        raise StampRefused("The answer of the time-stamping authority is too long.")
    try:
        response = decode_timestamp_response(data)
        if response.status != 0:
            told = "; ".join(response.status_string)[:200]
            raise StampRefused(f"The time-stamping authority refused (status {response.status}): {told}")
        if response.tst_info.message_imprint.hash_algorithm != SHA256_OID:
            raise StampRefused("The time stamp is over another kind of digest than was asked.")
        _verify(response, digest, roots)
        authority = _authority(response)
    except (ValueError, TypeError, VerificationError) as problem:
        raise StampRefused(f"The time stamp does not hold: {str(problem)[:200]}.") from None
    stated = response.tst_info
    return Stamp(
        at=stated.gen_time,
        serial=f"{stated.serial_number:x}",
        policy=stated.policy.dotted_string,
        authority=authority,
    )


def _authority(response: TimeStampResponse) -> str:
    signer = response.signed_data.signer_infos.pop()
    sent = [x509.load_der_x509_certificate(one) for one in response.signed_data.certificates]
    named = (signer.issuer, signer.serial_number)
    return next(one.subject.rfc4514_string() for one in sent if (one.issuer, one.serial_number) == named)


def _verify(response: TimeStampResponse, digest: bytes, roots: Sequence[str]) -> None:
    builder = VerifierBuilder()
    for text in roots:
        for root in x509.load_pem_x509_certificates(text.encode()):
            builder = builder.add_root_certificate(root)
    builder.build().verify(response, digest)
