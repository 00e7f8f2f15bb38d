"""The node's own key: one file, made once, replaced whole; what it signed before stays provable."""

import stat
import threading
from datetime import timedelta

import pytest

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.nodes import operations
from creditmesh.apps.ground.nodes.signing import KeyFile, NodeKeyUnsafe
from creditmesh.apps.ground.parties.rules import COMMAND_LINE
from creditmesh.exchange.keys import Algorithm, PublicKey

BY = COMMAND_LINE.who()


@pytest.fixture
def key_file(tmp_path):
    """The key of a node that was just made."""
    return KeyFile(tmp_path / "home")


class TestTheKey:
    def test_is_made_at_first_use_for_the_owner_alone(self, key_file):
        signer = key_file.signer()
        assert stat.S_IMODE(key_file.private.stat().st_mode) == 0o600
        assert signer.key_id == signer.key.public.thumbprint()
        assert [one.key for one in signer.public_keys] == [signer.key.public]

    def test_stays_the_same(self, key_file):
        assert key_file.signer() is key_file.signer()
        assert KeyFile(key_file.home).signer().key_id == key_file.signer().key_id

    def test_is_one_even_when_many_ask_for_it_first(self, key_file):
        found: list[str] = []
        ready = threading.Barrier(8)

        def ask() -> None:
            ready.wait()
            found.append(KeyFile(key_file.home).signer().key_id)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert len(found) == 8
        assert len(set(found)) == 1

    def test_is_made_once_when_another_process_was_faster(self, key_file, monkeypatch):
        other = KeyFile(key_file.home).signer()
        states = [None, key_file._state(), key_file._state()]
        monkeypatch.setattr(key_file, "_state", lambda: states.pop(0))
        assert key_file.signer().key_id == other.key_id

    def test_that_others_can_read_is_not_used(self, key_file):
        key_file.signer()
        key_file.private.chmod(0o640)
        with pytest.raises(NodeKeyUnsafe, match="chmod 600"):
            key_file.signer()

    @pytest.mark.parametrize("damaged", ["private", "public"])
    def test_that_is_damaged_is_not_used(self, key_file, noon, damaged):
        key_file.rotate(algorithm=Algorithm.ED25519, at=noon)
        getattr(key_file, damaged).write_text("x", "utf-8")
        with pytest.raises(NodeKeyUnsafe, match="damaged"):
            key_file.signer()


class TestRotation:
    @pytest.mark.parametrize("algorithm", list(Algorithm))
    def test_is_seen_by_running_processes_and_keeps_the_old_public_key(self, key_file, noon, algorithm):
        running = KeyFile(key_file.home)
        old = running.signer()
        new = key_file.rotate(algorithm=algorithm, at=noon)
        assert running.signer().key_id == new.key_id != old.key_id
        assert new.key.algorithm is algorithm
        assert new.resolve(old.key_id) == old.key.public
        assert new.resolve("other") is None
        assert stat.S_IMODE(key_file.private.stat().st_mode) == 0o600

    def test_publishes_the_present_key_first_and_when_others_were_retired(self, key_file, noon):
        for days in range(3):
            key_file.rotate(algorithm=Algorithm.ED25519, at=noon + timedelta(days=days))
        published = key_file.signer().jwks()
        assert [one.get("retired_at", "")[:10] for one in published] == [
            "",
            "2026-03-04",
            "2026-03-03",
            "2026-03-02",
        ]
        assert all(PublicKey.from_jwk(one).thumbprint() == one["kid"] for one in published)
        assert not any("d" in one for one in published)

    def test_that_died_half_way_leaves_the_old_key_in_force(self, key_file, noon, monkeypatch):
        old = key_file.signer()
        written = key_file._write

        def dies_at_the_second(file, text, mode):
            if file == key_file.private:
                raise OSError("no space left")
            written(file, text, mode)

        monkeypatch.setattr(key_file, "_write", dies_at_the_second)
        with pytest.raises(OSError, match="no space"):
            key_file.rotate(algorithm=Algorithm.ED25519, at=noon)
        found = KeyFile(key_file.home).signer()
        assert found.key_id == old.key_id
        assert "retired_at" not in found.jwks()[0]
        assert len(found.public_keys) == 1

    def test_starts_over_a_draft_left_behind(self, key_file, noon):
        old = key_file.signer()
        key_file.private.with_suffix(".draft").write_text("half", "utf-8")
        key_file.private.with_suffix(".draft").chmod(0o644)
        assert key_file.rotate(algorithm=Algorithm.ED25519, at=noon).key_id != old.key_id
        assert stat.S_IMODE(key_file.private.stat().st_mode) == 0o600


@pytest.mark.django_db
class TestTheNode:
    def test_signs_with_its_own_key(self, node):
        assert node.signer.key.public.verify(node.signer.key.sign(b"x"), b"x")
        assert (node.home / "node-key.pem").is_file()

    def test_writes_down_a_rotation(self, node, noon):
        old = node.signer.key_id
        new = operations.rotate_key(node=node, algorithm=Algorithm.ES256, by=BY, at=noon)
        assert node.signer.key_id == new.key_id
        line = ledger.ledger_page().lines[0]
        assert (line.act, line.object_key, line.why) == ("node.rotate-key", old, "ES256")

    def test_publishes_its_keys_to_everyone(self, node, noon, client):
        operations.rotate_key(node=node, algorithm=Algorithm.ED25519, by=BY, at=noon)
        answer = client.get("/.well-known/creditmesh/keys.json")
        assert answer.status_code == 200
        assert answer.json() == {"keys": node.signer.jwks()}
        assert "PRIVATE" not in answer.content.decode()
        assert client.post("/.well-known/creditmesh/keys.json").status_code == 405
