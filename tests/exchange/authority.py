"""A time-stamping authority of our own: real RFC 3161 answers, signed with a throw-away key, over loopback HTTP."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
LATEST = datetime(2049, 1, 1, tzinfo=UTC)
SEQUENCE, SET, INTEGER, OCTETS, OID, TIME = 0x30, 0x31, 0x02, 0x04, 0x06, 0x18
SHA256 = bytes.fromhex("608648016503040201")
ECDSA_SHA256 = bytes.fromhex("2a8648ce3d040302")
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
TST_INFO = bytes.fromhex("2a864886f70d0109100104")
CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
SIGNING_CERTIFICATE = bytes.fromhex("2a864886f70d010910022f")
POLICY = bytes.fromhex("2a0304")  # 1.2.3.4


def der(tag: int, *parts: bytes) -> bytes:
    """Return one DER element."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def number(value: int) -> bytes:
    """Return a DER integer."""
    return der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def name(text: str) -> x509.Name:
    """Return a distinguished name of one part."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """A root, a certificate for time stamps under it, and answers signed by it."""

    def __init__(self, called: str = "测试时间戳机构") -> None:
        root_key = ec.generate_private_key(ec.SECP256R1())
        self.key = ec.generate_private_key(ec.SECP256R1())
        blank = x509.CertificateBuilder().not_valid_before(EARLIEST).not_valid_after(LATEST)
        root = (
            blank.subject_name(name(f"{called}根")).issuer_name(name(f"{called}根")).serial_number(1)
            .public_key(root_key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(root_key, hashes.SHA256())
        )  # fmt: skip
        self.certificate = (
            blank.subject_name(name(called)).issuer_name(root.subject).serial_number(2)
            .public_key(self.key.public_key())
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .sign(root_key, hashes.SHA256())
        )  # fmt: skip
        self.root_pem = root.public_bytes(Encoding.PEM).decode()
        self.serial = 1000
        self.asked = 0

    def answer(self, question: bytes, *, at: datetime | None = None, status: int = 0) -> bytes:
        """Return the TimeStampResp to a TimeStampReq as `exchange.timestamps.question` makes it."""
        self.asked += 1
        if status:
            return der(SEQUENCE, der(SEQUENCE, number(status)))
        start = question.index(SHA256) + len(SHA256)
        digest = question[question.index(b"\x04\x20", start) + 2 :][:32]
        return self.response(digest, at=at or datetime.now(UTC))

    def response(self, digest: bytes, *, at: datetime, kind: bytes = SHA256) -> bytes:
        """Return a granted TimeStampResp over a digest, of SHA-256 unless another kind is named."""
        self.serial += 1
        algorithm = der(SEQUENCE, der(OID, SHA256))
        info = der(
            SEQUENCE,
            number(1),
            der(OID, POLICY),
            der(SEQUENCE, der(SEQUENCE, der(OID, kind)), der(OCTETS, digest)),
            number(self.serial),
            der(TIME, at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode()),
        )
        certificate = self.certificate.public_bytes(Encoding.DER)
        named = der(SEQUENCE, der(SEQUENCE, der(SEQUENCE, der(OCTETS, hashlib.sha256(certificate).digest()))))
        attributes = sorted(
            der(SEQUENCE, der(OID, kind), der(SET, value))
            for kind, value in (
                (CONTENT_TYPE, der(OID, TST_INFO)),
                (MESSAGE_DIGEST, der(OCTETS, hashlib.sha256(info).digest())),
                (SIGNING_CERTIFICATE, named),
            )
        )
        signer = der(
            SEQUENCE,
            number(1),
            der(SEQUENCE, self.certificate.issuer.public_bytes(), number(self.certificate.serial_number)),
            algorithm,
            der(0xA0, *attributes),
            der(SEQUENCE, der(OID, ECDSA_SHA256)),
            der(OCTETS, self.key.sign(der(SET, *attributes), ec.ECDSA(hashes.SHA256()))),
        )
        signed = der(
            SEQUENCE,
            number(3),
            der(SET, algorithm),
            der(SEQUENCE, der(OID, TST_INFO), der(0xA0, der(OCTETS, info))),
            der(0xA0, certificate),
            der(SET, signer),
        )
        return der(
            SEQUENCE, der(SEQUENCE, number(0)), der(SEQUENCE, der(OID, SIGNED_DATA), der(0xA0, signed))
        )


@contextmanager
def serving(authority: Authority, *, late: timedelta = timedelta(0)) -> Iterator[str]:
    """Answer questions over HTTP on loopback, with a clock that is late; yield the address."""

    class Counter(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            data = authority.answer(asked, at=datetime.now(UTC) - late)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_unused: object) -> None:
            """Stay silent."""

    server = HTTPServer(("127.0.0.1", 0), Counter)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
