"""Signed with a certificate: of the enterprise, in force, under a root the node trusts."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.apps.sharing.authorisations.conftest import OTHER, SUBJECT, Stage
from tests.apps.sharing.authorisations.test_signing import outside
from tests.exchange.issuing import Issuer, pem

from creditmesh.apps.sharing.authorisations import queries
from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.authorisations.operations import signing
from creditmesh.exchange.certificates import BadCertificate
from creditmesh.exchange.jws import sign_detached
from creditmesh.exchange.keys import PrivateKey


class Holder:
    """A key with a certificate under a root."""

    def __init__(self, root: Issuer, called: str, *, days: int = 300) -> None:
        now = datetime.now(UTC)
        made = ec.generate_private_key(ec.SECP256R1())
        text = made.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self.key = PrivateKey.from_pem(text.decode())
        start = now - timedelta(days=400)
        self.certificate = pem(
            root.issue(called, made.public_key(), start=start, end=now + timedelta(days=days))
        )

    def signs(self, draft: Authorisation) -> str:
        """The detached signature over a draft."""
        return sign_detached(bytes(draft.body), key=self.key, kid=self.key.public.thumbprint())


@pytest.fixture
def root(stage: Stage) -> Issuer:
    """An authority the node trusts."""
    made = Issuer("测试电子认证")
    folder = stage.node.home / signing.ROOTS
    folder.mkdir()
    (folder / "test.pem").write_text(made.pem, encoding="utf-8")
    return made


class TestACertificate:
    def test_of_the_enterprise_is_accepted(self, stage: Stage, root: Issuer) -> None:
        holder, draft = Holder(root, SUBJECT), stage.draft()
        row = outside(stage, draft, holder.signs(draft), holder.certificate)
        assert (row.method, row.algorithm) == ("certificate", "ES256")
        assert row.certificate_serial
        assert queries.standing(row.uuid) is not None

    def test_of_another_or_of_more_than_the_code_is_not(self, stage: Stage, root: Issuer) -> None:
        for called in (OTHER, f"{SUBJECT}9", f"X{SUBJECT}"):
            holder, draft = Holder(root, called), stage.draft()
            with pytest.raises(signing.SignatureNotAccepted):
                outside(stage, draft, holder.signs(draft), holder.certificate)

    def test_that_expired_is_not(self, stage: Stage, root: Issuer) -> None:
        holder, draft = Holder(root, SUBJECT, days=-1), stage.draft()
        with pytest.raises(BadCertificate):
            outside(stage, draft, holder.signs(draft), holder.certificate)

    def test_of_an_authority_nobody_trusts_is_not(self, stage: Stage, root: Issuer) -> None:
        holder, draft = Holder(Issuer("别处"), SUBJECT), stage.draft()
        with pytest.raises(BadCertificate):
            outside(stage, draft, holder.signs(draft), holder.certificate)

    def test_with_a_signature_of_another_key_is_not(self, stage: Stage, root: Issuer) -> None:
        holder, other, draft = Holder(root, SUBJECT), Holder(root, SUBJECT), stage.draft()
        with pytest.raises(signing.SignatureNotAccepted):
            outside(stage, draft, other.signs(draft), holder.certificate)


def test_without_trusted_roots_no_certificate_counts(stage: Stage) -> None:
    holder, draft = Holder(Issuer("x"), SUBJECT), stage.draft()
    with pytest.raises(signing.NoTrustedRoots):
        outside(stage, draft, holder.signs(draft), holder.certificate)
