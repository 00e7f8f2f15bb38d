"""The client and the node together: what a bank's engineer does in the first ten minutes, without sockets."""

import json
from uuid import uuid4

import pytest
from django.apps import apps
from django.utils import timezone
from tests.client.direct import DirectWire

from creditmesh.apps.ground.parties.rules import COMMAND_LINE
from creditmesh.apps.members.institutions import sandbox
from creditmesh.apps.members.institutions.operations import sandboxing
from creditmesh.client import __main__ as command
from creditmesh.client import commands
from creditmesh.client.calling import Client
from creditmesh.client.questions import Claim, Question, Verification
from creditmesh.client.refusals import NotFound, NotSignedIn, Refused
from creditmesh.exchange.keys import Algorithm, PrivateKey
from creditmesh.exchange.standalone import verify_proof

pytestmark = pytest.mark.django_db


@pytest.fixture
def credentials(node, noon, tmp_path):
    """The files of a sandbox's program, as `creditmesh sandbox create` writes them."""
    key = PrivateKey.generate(Algorithm.ES256)
    made = sandboxing.create(by=COMMAND_LINE, code="sandbox-bank", key=key, public=None, at=timezone.now())
    folder = tmp_path / "credentials"
    folder.mkdir()
    for name, text in (("client-id", made.client), ("client-secret", made.secret), ("key.pem", key.to_pem())):
        (folder / name).write_text(text, "ascii")
    return folder


@pytest.fixture
def client(credentials):
    """A client of that program whose wire leads into the node."""
    made = Client.from_folder("http://localhost", credentials)
    made.session.wire = DirectWire()
    return made


SUBJECT = sandbox.subjects()[1].key


class TestTheFirstTenMinutes:
    def test_end_with_an_answer_and_its_proof(self, client, credentials, tmp_path):
        assert client.institution().sandbox
        answer = client.inquire(Question(subject=SUBJECT, items=["PEN-01"], mode="OPEN"))
        assert answer.answer["subject"] == SUBJECT
        assert client.inquiry(answer.inquiry).answer_digest == answer.answer_digest
        assert [one.uuid for one in client.inquiries(subject=SUBJECT).lines] == [answer.inquiry]
        proof = client.proof(answer.inquiry)
        report = verify_proof.check(proof, {"keys": client.session.node_keys()}, None)
        assert report.holds()
        assert SUBJECT in report.text()
        assert answer.answer_digest in report.text()

    def test_show_what_can_be_asked_for(self, client):
        purposes = {one.code: one for one in client.purposes()}
        assert "pre-loan" in purposes
        assert purposes["pre-loan"].bounds["max_queries"]
        assert client.authorisations() == ()
        assert client.standing().asked == 0
        assert client.outcomes_waiting().total == 0
        assert client.notices().older is None

    def test_change_the_key_without_a_gap(self, client, credentials):
        old = client.signing_keys()[0]
        new = PrivateKey.generate(Algorithm.ED25519)
        registered = client.register_key(new)
        assert (registered.state, registered.keyid) == ("active", new.public.thumbprint())
        renewed = Client(
            "http://localhost",
            client_id=(credentials / "client-id").read_text("ascii"),
            client_secret=(credentials / "client-secret").read_text("ascii"),
            key=new,
        )
        renewed.session.wire = DirectWire()
        assert renewed.institution().code == client.institution().code
        renewed.revoke_key(old.uuid)
        with pytest.raises(NotSignedIn) as refused:
            client.institution()
        assert refused.value.code == "signature-unknown-key"
        assert renewed.institution().code == "sandbox-bank"

    def test_survive_a_rotation_of_the_nodes_key(self, client, noon):
        answer = client.inquire(Question(subject=SUBJECT, items=["PEN-01"], mode="OPEN"))
        proof = client.proof(answer.inquiry)
        this_node = apps.get_app_config("nodes").this_node
        this_node.key_file.rotate(algorithm=Algorithm.ES256, at=noon)
        again = client.inquire(Question(subject=SUBJECT, items=["PEN-01"], mode="OPEN"))
        assert again.ledger.position > answer.ledger.position
        assert verify_proof.check(proof, {"keys": client.session.node_keys()}, None).holds()


class TestRefusals:
    def test_come_typed_and_signed(self, client):
        with pytest.raises(Refused) as refused:
            client.inquire(Question(subject=SUBJECT, items=["TAX-01"], purpose="pre-loan"))
        assert (refused.value.code, refused.value.status, refused.value.signed) == (
            "not-authorised",
            403,
            True,
        )
        with pytest.raises(NotFound):
            client.inquiry(uuid4())

    def test_of_an_unauthorised_claim_are_refusals_too(self, client):
        ask = Verification(
            subject=SUBJECT,
            purpose="pre-loan",
            authorisation=uuid4(),
            claims=[Claim(item="TAX-01", field="taxpayer_name", value="x")],
        )
        with pytest.raises(Refused) as refused:
            client.verify(ask)
        assert refused.value.status in {403, 422}

    def test_of_a_clock_that_is_wrong_say_so(self, client):
        clock = client.session.clock
        client.session.token()
        client.session.clock = lambda: clock() - 3600
        with pytest.raises(NotSignedIn) as refused:
            client.institution()
        assert refused.value.code == "signature-too-old"
        assert refused.value.members["server_time"] > clock() - 60


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def _through_the_node(self, monkeypatch, client):
        monkeypatch.setattr(commands.Client, "from_folder", lambda _node, _folder: client)

    def run(self, capsys, *arguments):
        assert command.main(list(arguments)) == 0
        return json.loads(capsys.readouterr().out)

    def test_asks_and_proves(self, capsys, tmp_path):
        assert self.run(capsys, "token")["institution"]["sandbox"] is True
        answer = self.run(capsys, "inquire", SUBJECT, "PEN-01")
        assert answer["answer"]["mode"] == "OPEN"
        proof = self.run(capsys, "proof", answer["inquiry"])
        assert proof["entry"]["shown"]["subject"]["value"] == SUBJECT

    def test_keeps_the_nodes_keys(self, capsys, tmp_path, node):
        kept = self.run(capsys, "--folder", str(tmp_path), "pin")
        assert kept == {"kept": [node.signer.key_id]}
        assert json.loads((tmp_path / "node-keys.json").read_text("utf-8"))["keys"] == node.signer.jwks()

    def test_says_why_not(self, capsys):
        assert (
            command.main(
                [
                    "inquire",
                    SUBJECT,
                    "TAX-01",
                    "--mode",
                    "AUTH",
                    "--purpose",
                    "pre-loan",
                    "--authorisation",
                    "00000000-0000-4000-8000-000000000001",
                ]
            )
            == 1
        )
        assert "403 not-authorised" in capsys.readouterr().err
        assert command.main(["proof", "nonsense"]) == 1


class TestMakingAKey:
    @pytest.mark.parametrize("algorithm", list(Algorithm))
    def test_writes_it_for_its_owner_and_never_twice(self, tmp_path, capsys, algorithm):
        folder = tmp_path / "keys"
        assert command.main(["--folder", str(folder), "make-key", "--algorithm", algorithm]) == 0
        told = json.loads(capsys.readouterr().out)
        key = PrivateKey.from_pem((folder / "key.pem").read_text("ascii"))
        assert told["kid"] == key.public.thumbprint()
        assert (folder / "key.pem").stat().st_mode & 0o077 == 0
        assert "PRIVATE" not in (folder / "public.pem").read_text("ascii")
        assert command.main(["--folder", str(folder), "make-key"]) == 1
        assert "exists" in capsys.readouterr().err
