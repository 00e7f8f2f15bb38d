"""Proof files, checked twice: by the engine, and by the script that anyone can run, which shares no code with it."""

import base64
import copy
import json
import runpy
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.authority import Authority
from tests.exchange.test_merkle import Store

from creditmesh.exchange import commitments, merkle, proofs
from creditmesh.exchange.jws import BadSignature
from creditmesh.exchange.keys import Algorithm, PrivateKey, PublicKey
from creditmesh.exchange.proofs import Later, Place, ProofRefused
from creditmesh.exchange.standalone import verify_proof

SCRIPT = Path(verify_proof.__file__)
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SALT = bytes(range(32))
BODY = {
    "act": "disclosure.inquire",
    "subject": "91110000100006273X",
    "why": "贷前审查",
    "items": ["A", 1, None, True],
}
KEYS = {algorithm: PrivateKey.generate(algorithm) for algorithm in Algorithm}
POSITION = 5


def log(size: int, *, forged: int | None = None) -> Store:
    """Return a log in which the entry of the tests stands at its position."""
    leaves = [merkle.leaf_hash(f"entry {one}{one == forged}".encode()) for one in range(size)]
    leaves[POSITION] = commitments.commit(BODY, salt=SALT).leaf
    store = Store()
    store.grow(leaves)
    return store


def head(size: int, *, key: PrivateKey = KEYS[Algorithm.ED25519], **of_log: Any) -> proofs.SignedHead:
    store = log(max(size, POSITION + 1), **of_log)
    root = merkle.root(size, store.read)
    return proofs.sign_head(log="n1", size=size, root=root, at=NOON, key=key, kid=key.public.thumbprint())


def later(first: int, second: int, **of_log: Any) -> Later:
    return Later(head(second, **of_log), merkle.consistency(first, second, log(second, **of_log).read))


def proof(
    size: int = 9, *, key: PrivateKey = KEYS[Algorithm.ED25519], grown: tuple[Later, ...] = (), **more: Any
) -> Any:
    made = proofs.build(
        opening=commitments.opened(BODY, salt=SALT, show=["act", "why", "items"]),
        place=Place(POSITION, merkle.inclusion(POSITION, size, log(size).read)),
        head=head(size, key=key),
        keys=[key.public.jwk()],
        later=grown,
        **more,
    )
    return json.loads(json.dumps(made))


def resolve(kid: str) -> PublicKey | None:
    return next((key.public for key in KEYS.values() if key.public.thumbprint() == kid), None)


def holds(made: Any, **files: Any) -> tuple[bool, str]:
    report = verify_proof.check(made, files.get("keys"), files.get("head"), files.get("path"))
    return report.holds(), report.text()


class TestAProof:
    @pytest.mark.parametrize("algorithm", list(Algorithm))
    def test_proves_fields_place_and_time(self, algorithm):
        made = proof(key=KEYS[algorithm])
        found = proofs.verify(made, resolve=resolve)
        assert found.fields == {name: BODY[name] for name in ("act", "why", "items")}
        assert (found.position, found.size, found.log, found.at) == (
            5,
            9,
            "n1",
            "2026-03-02T04:00:00.000000Z",
        )
        ok, text = holds(made)
        assert ok
        assert "贷前审查" in text
        assert "91110000100006273X" not in json.dumps(made)

    @pytest.mark.parametrize("size", [6, 7, 8, 9, 16, 33])
    def test_holds_at_every_size_and_as_the_log_grows(self, size):
        made = proof(size, grown=(later(size, size + 1), later(size, 2 * size)))
        assert proofs.verify(made, resolve=resolve).size == size
        assert holds(made)[0]

    def test_says_what_it_leaves_open(self):
        _, text = holds(proof())
        assert "--keys" in text
        assert "--head" in text
        assert "1 more fields" in text
        whole = proof()
        whole["entry"]["shown"].update(commitments.opened(BODY, salt=SALT, show=["subject"])["shown"])
        assert "more fields" not in holds(whole)[1]

    def test_with_a_head_of_another_day_shows_that_the_log_only_grew(self):
        made = proof(9)
        newer = later(9, 20)
        stated = {"head": newer.head.as_json(), "consistency": [one.hex() for one in newer.path]}
        ok, text = holds(made, head=stated, keys={"keys": made["keys"]})
        assert ok
        assert "From 9 to 20" in text
        older = later(3, 9)
        stated = {"head": head(3).as_json(), "consistency": [one.hex() for one in older.path]}
        assert holds(made, head=stated)[0]
        assert holds(made, head=head(9).as_json())[0]

    def test_is_held_against_the_list_of_heads_somebody_kept(self):
        made = proof(9)
        kept = {"heads": [head(9).as_json(), head(3).as_json()]}
        ok, text = holds(made, head=kept)
        assert ok
        assert "From 9 to 9" in text
        forged = {"heads": [head(9, forged=1).as_json()]}
        assert not holds(made, head=forged)[0], "a ledger with another first entry"

    @pytest.mark.parametrize(("kept", "first", "second"), [(3, 3, 9), (20, 9, 20)])
    def test_leads_to_a_head_of_another_size_by_the_path_of_the_node(self, kept, first, second):
        made, heads = proof(9), {"heads": [head(kept).as_json()]}
        ok, text = holds(made, head=heads)
        assert ok
        assert f"consistency.json?first={first}&second={second} and add it by --path" in text
        path = {
            "first": first,
            "second": second,
            "consistency": [one.hex() for one in later(first, second).path],
        }
        ok, text = holds(made, head=heads, path=path)
        assert ok
        assert f"From {first} to {second}" in text
        assert "add it by --path" not in text
        forged = {"heads": [head(kept, forged=1).as_json()]}
        assert not holds(made, head=forged, path=path)[0]

    def test_with_a_time_stamp_says_when_it_was_there(self):
        authority = Authority()
        made = proof(stamps=[authority.response(head(9).digest, at=NOON)])
        ok, text = holds(made)
        assert ok
        assert "20260302040000Z" in text
        other = proof(stamps=[authority.response(bytes(32), at=NOON)])
        assert not holds(other)[0]

    @pytest.mark.parametrize("algorithm", list(Algorithm))
    def test_with_the_signature_of_another_proof_is_refused(self, algorithm):
        made, other = proof(key=KEYS[algorithm]), proof(10, key=KEYS[algorithm])
        made["head"]["signature"] = other["head"]["signature"]
        ok, text = holds(made)
        assert not ok
        assert "signature of the head does not hold" in text

    def test_of_a_key_of_another_kind_is_refused_plainly(self):
        made = proof()
        made["keys"][0]["crv"] = "Ed448"
        assert "cannot check signatures of Ed25519" in holds(made)[1]


def changed(made: Any, path: list[Any], value: Any) -> Any:
    """Return a proof in which one thing is another."""
    copied = copy.deepcopy(made)
    place = copied
    for step in path[:-1]:
        place = place[step]
    if callable(value):
        value = value(place[path[-1]])
    place[path[-1]] = value
    return copied


def flipped(text: str) -> str:
    return ("1" if text[0] == "0" else "0") + text[1:]


class TestAChangedProof:
    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (["format"], "other"), (["entry", "shown", "why", "value"], "贷后"), (["entry", "shown", "why", "salt"], flipped),
            (["entry", "fields", "why"], flipped), (["entry", "fields", "subject"], flipped), (["leaf"], flipped),
            (["position"], 4), (["position"], -1), (["position"], 9), (["position"], "5"), (["position"], None),
            (["inclusion", 0], flipped), (["inclusion"], []), (["inclusion"], lambda path: [*path, "00" * 32]),
            (["head", "document", "root"], flipped), (["head", "document", "size"], 8),
            (["head", "document", "size"], "9"), (["head", "document", "at"], "2026"), (["head", "signature"], "x"),
            (["head", "signature"], lambda text: text[:-4] + "AAAA"), (["head"], None), (["entry"], []),
            (["entry", "shown", "why"], "x"), (["entry", "shown", "why", "salt"], "x"), (["later"], [{}]),
            (["entry", "fields"], {}), (["entry", "shown", "other"], {"value": 1, "salt": ""}),
            (["later", 0, "consistency"], []), (["later", 0, "consistency"], lambda path: [*path, "00" * 32]),
            (["head", "signature"], "!..y"), (["later", 0, "consistency", 0], flipped),
            (["later", 0, "head", "document", "log"], "n2"), (["later", 0, "head", "document", "root"], flipped),
            (["later", 0, "head", "signature"], "x..y"), (["entry", "shown", "why", "value"], 1.5),
        ],
    )  # fmt: skip
    def test_is_refused_by_both(self, path, value):
        made = changed(proof(grown=(later(9, 12),)), path, value)
        with pytest.raises((ProofRefused, BadSignature)):
            proofs.verify(made, resolve=resolve)
        ok, text = holds(made)
        assert not ok
        assert "[!!]" in text

    def test_of_a_log_that_was_rewritten_is_refused(self):
        made = proof(grown=(later(9, 12, forged=2),))
        with pytest.raises(ProofRefused, match="changed"):
            proofs.verify(made, resolve=resolve)
        assert "two heads" in holds(made)[1]

    def test_signed_by_a_stranger_is_refused(self):
        stranger = PrivateKey.generate()
        made = proof(key=stranger)
        with pytest.raises(BadSignature):
            proofs.verify(made, resolve=resolve)
        assert holds(made)[0], "its own keys fit, which is why the script asks for --keys"
        assert not holds(made, keys={"keys": [KEYS[Algorithm.ED25519].public.jwk()]})[0]

    @pytest.mark.parametrize(
        "header", [{"alg": "ES256"}, {"alg": "none"}, {"crit": ["b64", "x"]}, {"b64": True}]
    )
    def test_with_another_header_is_refused(self, header):
        made = proof()
        first, last = made["head"]["signature"].split("..")
        stated = json.loads(base64.urlsafe_b64decode(first + "=="))
        other = base64.urlsafe_b64encode(json.dumps({**stated, **header}).encode()).decode().rstrip("=")
        made["head"]["signature"] = f"{other}..{last}"
        with pytest.raises(BadSignature):
            proofs.verify(made, resolve=resolve)
        assert not holds(made)[0]

    @pytest.mark.parametrize("cut", [1, 40, 300])
    def test_with_a_damaged_stamp_is_refused(self, cut):
        token = Authority().response(head(9).digest, at=NOON)
        assert not holds(proof(stamps=[token[:cut]]))[0]
        other = token.replace(bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040203"))
        assert not holds(proof(stamps=[other]))[0]

    @given(
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda one: (
                st.lists(one)
                | st.dictionaries(
                    st.sampled_from(["format", "entry", "head", "keys", "document", "shown", "fields"]), one
                )
            ),
            max_leaves=8,
        )
    )
    def test_that_is_something_else_is_refused_without_a_crash(self, value):
        made = {**(value if isinstance(value, dict) else {}), "format": proofs.FORMAT}
        with pytest.raises((ProofRefused, BadSignature)):
            proofs.verify(made, resolve=resolve)
        assert not holds(made)[0]


class TestTheScript:
    def run(self, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
        # -I: neither this project nor its environment variables are seen.
        command = [sys.executable, "-I", "-X", "utf8", str(SCRIPT), *arguments]
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
        )

    def test_runs_alone(self, tmp_path):
        made = proof(grown=(later(9, 12),))
        (tmp_path / "proof.json").write_text(json.dumps(made), "utf-8")
        (tmp_path / "keys.json").write_text(json.dumps({"keys": made["keys"]}), "utf-8")
        (tmp_path / "head.json").write_text(json.dumps(made["later"][0]), "utf-8")
        done = self.run(tmp_path, "proof.json", "--keys", "keys.json", "--head", "head.json")
        assert (done.returncode, done.stderr) == (0, "")
        assert "结论：成立" in done.stdout
        (tmp_path / "proof.json").write_text(json.dumps(changed(made, ["position"], 4)), "utf-8")
        assert self.run(tmp_path, "proof.json").returncode == 1

    def test_imports_nothing_but_the_standard_library_and_cryptography(self):
        lines = SCRIPT.read_text("utf-8").splitlines()
        found = {line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))}
        assert found - set(sys.stdlib_module_names) == {"cryptography"}

    def test_says_when_it_cannot_read(self, tmp_path, capsys):
        assert verify_proof.main([str(tmp_path / "nothing.json")]) == 1
        (tmp_path / "bad.json").write_text("{", "utf-8")
        assert verify_proof.main([str(tmp_path / "bad.json")]) == 1
        (tmp_path / "list.json").write_text("[]", "utf-8")
        assert verify_proof.main([str(tmp_path / "list.json")]) == 1
        assert "Result" in capsys.readouterr().out

    def test_reports_and_ends_with_zero_or_one(self, tmp_path, capsys, monkeypatch):
        (tmp_path / "proof.json").write_text(json.dumps(proof()), "utf-8")
        monkeypatch.setattr(sys, "argv", ["verify_proof.py", str(tmp_path / "proof.json")])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(SCRIPT), run_name="__main__")
        assert ended.value.code == 0
        assert verify_proof.main([str(tmp_path / "proof.json")]) == 0
        assert "it holds" in capsys.readouterr().out
