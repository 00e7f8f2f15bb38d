"""Time stamps: what is asked, what an answer proves, and what is refused."""

import hashlib
import http.client
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange import vectors
from tests.exchange.authority import Authority, serving

from creditmesh.exchange import timestamps
from creditmesh.exchange.timestamps import StampRefused

DIGEST = hashlib.sha256(b"tree head").digest()
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
AUTHORITY = Authority()


def why(data: bytes, *, digest: bytes = DIGEST, roots: list[str] | None = None) -> str:
    with pytest.raises(StampRefused) as refused:
        timestamps.answer(data, digest=digest, roots=[AUTHORITY.root_pem] if roots is None else roots)
    return refused.value.sentence


class TestAStamp:
    def test_tells_when_and_by_whom(self):
        data = AUTHORITY.answer(timestamps.question(DIGEST), at=NOON)
        found = timestamps.answer(data, digest=DIGEST, roots=[AUTHORITY.root_pem])
        assert (found.at, found.policy, found.authority) == (NOON, "1.2.3.4", "CN=测试时间戳机构")
        assert int(found.serial, 16) == AUTHORITY.serial

    def test_is_fetched_over_http(self):
        with serving(AUTHORITY, late=timedelta(hours=1)) as address:
            connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
            connection.request("POST", "/", body=timestamps.question(DIGEST))
            data = connection.getresponse().read()
            connection.close()
        found = timestamps.answer(
            data, digest=DIGEST, roots=[Authority("另一家").root_pem, AUTHORITY.root_pem]
        )
        assert found.at < datetime.now(UTC) - timedelta(minutes=59)


class TestRefused:
    def test_is_a_stamp_of_something_else(self):
        data = AUTHORITY.answer(timestamps.question(bytes(32)), at=NOON)
        assert "does not hold" in why(data)

    def test_is_an_authority_nobody_trusts(self):
        data = AUTHORITY.answer(timestamps.question(DIGEST), at=NOON)
        assert "does not hold" in why(data, roots=[Authority().root_pem])
        assert "does not hold" in why(data, roots=[])
        assert "does not hold" in why(data, roots=["no certificate"])

    def test_is_a_refusal(self):
        assert "status 2" in why(AUTHORITY.answer(b"", status=2))

    def test_is_a_stamp_over_another_kind_of_digest(self):
        sha384 = bytes.fromhex("608648016503040202")
        data = AUTHORITY.response(DIGEST, at=NOON, kind=sha384)
        assert "another kind" in why(data)

    def test_is_what_is_too_long(self):
        assert "too long" in why(bytes(300_000))

    @given(st.binary(max_size=60), st.integers(0))
    def test_is_anything_else_without_a_crash(self, data, place):
        good = AUTHORITY.response(DIGEST, at=NOON)
        assert why(data)
        assert why(good[: place % len(good)])

    def test_is_a_question_about_no_digest(self):
        with pytest.raises(ValueError, match="32 bytes"):
            timestamps.question(b"x")


class TestPublishedVectors:
    HELLO = hashlib.sha256(b"hello").digest()

    @pytest.mark.parametrize(
        ("file", "said"),
        [
            ("response-sha256", ""), ("response-sha384", "another kind"), ("response-sha512", "another kind"),
            ("response-invalid-signature", "does not hold"), ("response-no-embedded-cert", "does not hold"),
        ],
    )  # fmt: skip
    def test_of_sigstage(self, file, said):
        folder = vectors.folder("rfc3161") / "test" / "fixtures" / "sigstage"
        data, chain = (folder / f"{file}.tsr").read_bytes(), (folder / "ts_chain.pem").read_text("ascii")
        if said:
            assert said in why(data, digest=self.HELLO, roots=[chain])
        else:
            found = timestamps.answer(data, digest=self.HELLO, roots=[chain])
            assert found.at == datetime(2025, 5, 9, 11, 58, 55, tzinfo=UTC)

    def test_with_certificates_smuggled_in_or_expired(self):
        fixtures = vectors.folder("rfc3161") / "test" / "fixtures"
        own = (fixtures / "test_tsa" / "ts_chain.pem").read_text("ascii")
        smuggled = (fixtures / "test_tsa" / "response-injected-certs.tsr").read_bytes()
        assert why(smuggled, roots=[own])
        mock = (fixtures / "sigstore.mock" / "ts_chain.pem").read_text("ascii")
        expired = (fixtures / "sigstore.mock" / "response-expired.tsr").read_bytes()
        payload = (fixtures / "sigstore.mock" / "payload").read_bytes()
        assert why(expired, digest=hashlib.sha256(payload).digest(), roots=[mock])
