"""Certificates: whose key it is, until when, and whether someone trusted says so."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.issuing import Issuer, pem, sm2_certificate, usage

from creditmesh.exchange import certificates
from creditmesh.exchange.certificates import BadCertificate
from creditmesh.exchange.keys import Algorithm, PrivateKey

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ROOT = Issuer("根证书")
OTHER = Issuer("另一个根")
KEY = ec.generate_private_key(ec.SECP256R1())


def why(text: str, roots: list[str] | None = None, at: datetime = NOW) -> str:
    with pytest.raises(BadCertificate) as refused:
        certificates.public_key(text, at=at, roots=[ROOT.pem] if roots is None else roots)
    return refused.value.sentence


class TestACertificate:
    def test_tells_key_holder_and_until_when(self):
        leaf = ROOT.issue("山东泰山轴承有限公司", KEY.public_key(), extensions=(usage("digital_signature"),))
        found = certificates.public_key(pem(leaf), at=NOW, roots=[OTHER.pem, ROOT.pem])
        assert found.key.algorithm is Algorithm.ES256
        assert found.subject == "CN=山东泰山轴承有限公司"
        assert found.serial == f"{leaf.serial_number:x}"
        assert found.not_after.year == 2049

    def test_of_ed25519_under_an_intermediate_of_an_rsa_root(self):
        root = Issuer("RSA", rsa.generate_private_key(65537, 2048))
        between = root.below("中间证书", depth=0)
        leaf = between.issue("甲", ed25519.Ed25519PrivateKey.generate().public_key())
        text = pem(leaf) + between.pem
        assert certificates.public_key(text, at=NOW, roots=[root.pem]).key.algorithm is Algorithm.ED25519
        assert certificates.public_key(text + root.pem, at=NOW, roots=[root.pem])
        assert "not issued under" in why(pem(leaf), [root.pem])
        assert "not issued under" in why(text, [ROOT.pem])

    def test_that_is_itself_trusted_needs_no_issuer(self):
        assert certificates.public_key(ROOT.pem, at=NOW, roots=[ROOT.pem])

    def test_without_roots_says_only_whose_key_it_claims_to_be(self):
        assert certificates.public_key(pem(OTHER.issue("甲", KEY.public_key())), at=NOW).subject == "CN=甲"

    @given(st.text(max_size=100) | st.binary(max_size=100).map(repr))
    def test_that_is_none_is_refused(self, text):
        assert "not a certificate" in why(text)


class TestRefused:
    def test_is_one_that_is_not_yet_or_no_longer_valid(self):
        leaf = pem(
            ROOT.issue(
                "甲",
                KEY.public_key(),
                start=datetime(2025, 1, 1, tzinfo=UTC),
                end=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )
        assert "expired on 2026-01-01" in why(leaf)
        assert "only from 2025-01-01" in why(leaf, at=datetime(2024, 1, 1, tzinfo=UTC))

    def test_is_one_for_other_uses(self):
        assert "not for signatures" in why(
            pem(ROOT.issue("甲", KEY.public_key(), extensions=(usage("crl_sign"),)))
        )
        fine = pem(ROOT.issue("甲", KEY.public_key(), extensions=(usage("content_commitment"),)))
        assert certificates.public_key(fine, at=NOW, roots=[ROOT.pem])

    def test_is_one_of_a_server_and_not_of_a_signer(self):
        def of(*purposes: x509.ObjectIdentifier) -> str:
            return pem(
                ROOT.issue("甲", KEY.public_key(), extensions=(x509.ExtendedKeyUsage(list(purposes)),))
            )

        both = of(ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
        assert certificates.public_key(both, at=NOW, roots=[ROOT.pem])
        for purpose in (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CODE_SIGNING):
            assert "not for signatures" in why(of(purpose))

    def test_is_one_whose_issuer_may_not_issue(self):
        for allowed, refused in (("key_cert_sign", False), ("digital_signature", True)):
            between = ROOT.below("中间证书", extensions=(usage(allowed),))
            chain = pem(between.issue("甲", KEY.public_key())) + between.pem
            if refused:
                assert "not issued under a root" in why(chain)
            else:
                assert certificates.public_key(chain, at=NOW, roots=[ROOT.pem])

    def test_is_one_of_another_root_or_of_a_namesake(self):
        assert "not issued under" in why(pem(OTHER.issue("甲", KEY.public_key())))
        assert "not issued under" in why(pem(Issuer("根证书").issue("甲", KEY.public_key())))

    def test_is_one_issued_by_an_ordinary_certificate(self):
        ordinary = ROOT.issue("乙", KEY.public_key())
        leaf = Issuer("乙", KEY, ordinary).issue("甲", KEY.public_key())
        assert "not issued under" in why(pem(leaf) + pem(ordinary))
        no_authority = ROOT.issue(
            "乙", KEY.public_key(), extensions=(x509.BasicConstraints(ca=False, path_length=None),)
        )
        assert "not issued under" in why(pem(leaf) + pem(no_authority))

    def test_is_one_deeper_than_its_issuer_may_go(self):
        root = Issuer("深", ROOT.key, ROOT.issue("深", ROOT.key.public_key(), ca=True, depth=0))
        root.certificate = root.issue("深", root.key.public_key(), ca=True, depth=0)
        between = root.below("中")
        leaf = between.issue("甲", KEY.public_key())
        assert "not issued under" in why(pem(leaf) + between.pem, [root.pem])
        assert certificates.public_key(pem(root.issue("甲", KEY.public_key())), at=NOW, roots=[root.pem])

    def test_is_one_under_an_expired_root(self):
        root = Issuer("旧", ROOT.key, ROOT.certificate)
        root.certificate = root.issue(
            "旧", ROOT.key.public_key(), ca=True, end=datetime(2021, 1, 1, tzinfo=UTC)
        )
        assert "not issued under" in why(pem(root.issue("甲", KEY.public_key())), [root.pem])

    def test_is_a_chain_without_end(self):
        leaf = pem(ROOT.issue("甲", KEY.public_key()))
        assert "more than 6" in why(leaf * 7)
        assert "not a certificate" in why(leaf * 200)

    def test_is_a_key_of_another_kind(self):
        leaf = ROOT.issue("甲", rsa.generate_private_key(65537, 2048).public_key())
        assert "not accepted" in why(pem(leaf))

    def test_is_one_whose_extensions_cannot_be_read(self):
        broken = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.15"), b"\xff\xff")
        assert "extensions" in why(pem(ROOT.issue("甲", KEY.public_key(), extensions=(broken,))))
        between = ROOT.below("中间证书", extensions=(broken,))
        assert "not issued under a root" in why(pem(between.issue("甲", KEY.public_key())) + between.pem)


class TestOfSm2:
    root, leaf = PrivateKey.generate(Algorithm.SM2), PrivateKey.generate(Algorithm.SM2)
    root_pem = pem(sm2_certificate("国密根", root, issuer="国密根", signer=root, ca=True))

    def test_tells_its_key(self):
        text = pem(sm2_certificate("甲", self.leaf, issuer="国密根", signer=self.root))
        found = certificates.public_key(text, at=NOW, roots=[ROOT.pem, self.root_pem])
        assert (found.key, found.subject) == (self.leaf.public, "CN=甲")

    def test_of_the_first_version_is_read_too(self):
        text = pem(sm2_certificate("甲", self.leaf, issuer="国密根", signer=self.root, version=0))
        assert certificates.public_key(text, at=NOW, roots=[self.root_pem]).key == self.leaf.public

    def test_signed_by_another_key_is_refused(self):
        forged = pem(sm2_certificate("甲", self.leaf, issuer="国密根", signer=self.leaf))
        assert "not issued under" in why(forged, [self.root_pem])
        namesake = Issuer("国密根")
        assert "not issued under" in why(forged, [namesake.pem])
        of_rsa = Issuer("国密根", rsa.generate_private_key(65537, 2048))
        assert "not issued under" in why(forged, [of_rsa.pem])
