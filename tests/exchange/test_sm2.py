"""SM2 through the system's OpenSSL: vectors, the command-line tool as a second opinion, and doing without."""

import base64
import re
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from tests.exchange import vectors

from creditmesh.exchange import sm2
from creditmesh.exchange.keys import Algorithm, BadKey, PrivateKey, PublicKey


@pytest.fixture
def no_library(monkeypatch):
    """A machine without OpenSSL."""
    sm2.library.cache_clear()
    monkeypatch.setattr("ctypes.util.find_library", lambda _name: None)
    yield
    sm2.library.cache_clear()


def raw(der: bytes) -> bytes:
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class TestSm2:
    def test_agrees_with_the_published_vectors(self):
        text = (vectors.folder("sm2") / "evppkey_sm2.txt").read_text("ascii")
        pem = re.search(r"-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----", text, re.DOTALL)
        assert pem
        key = PrivateKey.from_pem(pem[0])
        cases = re.findall(r"digest:SM3\nInput = (\S+)\nOutput = (\S+)", text)
        assert len(cases) == 2
        for digest, signature in cases:
            public = sm2.public(key.public.point)
            assert sm2.verify_digest(public, raw(bytes.fromhex(signature)), bytes.fromhex(digest))
            assert not sm2.verify_digest(public, raw(bytes.fromhex(signature)), bytes(32))

    @pytest.mark.skipif(not shutil.which("openssl"), reason="the program openssl is not here")
    def test_agrees_with_the_openssl_program(self, tmp_path):
        key = PrivateKey.generate(Algorithm.SM2)
        (tmp_path / "key.pem").write_text(key.to_pem())
        (tmp_path / "message").write_bytes("企业信用授权书".encode())
        made = subprocess.run(
            ["openssl", "dgst", "-sm3", "-sign", "key.pem", "-sigopt", "distid:1234567812345678", "message"],
            cwd=tmp_path, capture_output=True, check=False,
        )  # fmt: skip
        if made.returncode:
            pytest.skip("this openssl cannot sign with SM2")
        assert key.public.verify(raw(made.stdout), "企业信用授权书".encode())

    def test_refuses_signatures_out_of_range(self):
        key = sm2.generate()
        for r, s in ((0, 1), (1, 0), (sm2.N, 1), (1, sm2.N)):
            assert not sm2.verify_digest(key, r.to_bytes(32, "big") + s.to_bytes(32, "big"), bytes(32))
        assert not sm2.verify_digest(key, bytes(63), bytes(32))

    def test_refuses_what_is_no_key(self):
        with pytest.raises(sm2.BadSm2Key):
            sm2.private(b"x")
        other = base64.b64decode("".join(PrivateKey.generate(Algorithm.ES256).to_pem().splitlines()[1:-1]))
        with pytest.raises(sm2.BadSm2Key, match="not of SM2"):
            sm2.private(other)

    def test_says_when_openssl_fails(self):
        key = sm2.generate()
        with pytest.raises(sm2.NoSm2, match="could not sign"):
            sm2.sign_digest(key, b"")

    def test_says_when_openssl_makes_no_keys(self, monkeypatch):
        class Poor:
            def __getattr__(self, name):
                return lambda *_unused: 0

        monkeypatch.setattr(sm2, "library", Poor)
        with pytest.raises(sm2.NoSm2, match="cannot make"):
            sm2.generate()


class TestWithoutOpenssl:
    def test_sm2_says_what_to_install(self, no_library):
        with pytest.raises(sm2.NoSm2, match="install"):
            PrivateKey.generate(Algorithm.SM2)

    def test_an_sm2_key_is_not_taken_in_that_could_not_be_checked(self, no_library):
        point = b"\x04" + sm2.G
        with pytest.raises(sm2.NoSm2):
            PublicKey(Algorithm.SM2, point)
        with pytest.raises(BadKey):
            PublicKey(Algorithm.SM2, point[:-1])

    def test_a_library_that_is_too_old_is_none(self, no_library, monkeypatch):
        monkeypatch.setattr("ctypes.util.find_library", lambda _name: "libc.so.6")
        with pytest.raises(sm2.NoSm2):
            sm2.library()

    def test_the_other_kinds_of_key_work(self, no_library):
        key = PrivateKey.generate(Algorithm.ED25519)
        assert key.public.verify(key.sign(b"x"), b"x")
