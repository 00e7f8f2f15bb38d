"""Heads, stamps, proofs and expiry: what is handed out can be checked by anyone, and stays true."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from tests.apps.ground.audit.conftest import TEN_YEARS, Ledger, unguarded

from creditmesh.apps.ground.audit import queries
from creditmesh.apps.ground.audit.evidence import expiring, heads, proofs, signing
from creditmesh.apps.ground.audit.models import Entry, Event, Expired, Waiting
from creditmesh.apps.ground.audit.rules import COMMAND_LINE, Written, body
from creditmesh.apps.ground.audit.tree import growing, sealing, tiles
from creditmesh.apps.ground.audit.tree.leaves import leaf_of
from creditmesh.catalogue import rule_packs
from creditmesh.exchange import merkle
from creditmesh.exchange import proofs as files
from creditmesh.exchange.canonical import NotCanonical
from creditmesh.exchange.commitments import commit
from creditmesh.exchange.standalone import verify_proof


def published(ledger: Ledger) -> heads.HeadLine:
    found = heads.latest_head()
    assert found is not None
    return found


def checked(proof: object) -> bool:
    """Check a proof file as the stand-alone script does."""
    return verify_proof.check(json.loads(json.dumps(proof)), None, None).holds()


class TestTiles:
    @given(size=some.integers(1, 5000))
    @settings(max_examples=60)
    def test_hold_every_node_once_and_grow_only_at_their_end(self, size: int) -> None:
        rows: dict[int, bytes] = {}
        nodes: dict[tuple[int, int], bytes] = {}
        at = 0
        for count in (1, 63, 64, 65, 200, size):
            leaves = [merkle.leaf_hash(bytes([at + one & 255, (at + one) >> 8])) for one in range(count)]
            stored = merkle.append(at, leaves, lambda level, index: tiles.node_in(rows, level, index))
            nodes.update({(level, index): value for level, index, value in stored})
            for row, added, before in tiles.packed(stored):
                assert len(rows.get(row, b"")) == before
                rows[row] = rows.get(row, b"") + added
            at += count

        assert all(tiles.node_in(rows, *place) == value for place, value in nodes.items())
        assert sum(map(len, rows.values())) == 32 * len(nodes) == 32 * (2 * at - at.bit_count())

    def test_refuse_an_edge_that_cannot_be(self) -> None:
        with pytest.raises(growing.LedgerDamaged):
            growing.edge(3, b"x" * 32)


class TestTheLeafOfAnEntry:
    text = some.text(some.characters(exclude_categories=("Cs",)), max_size=12)

    @given(
        why=text,
        label=text,
        user=some.none() | some.integers(0, 2**40),
        details=some.dictionaries(
            text, text | some.integers(-9, 9) | some.booleans() | some.none(), max_size=4
        ),
    )
    def test_is_the_one_everybody_computes(
        self, why: str, label: str, user: int | None, details: dict[str, object]
    ) -> None:
        row = written(why=why, user_label=label, user_id=user, details=details)

        assert leaf_of(row, b"s" * 32) == commit(body(row), salt=b"s" * 32).leaf

    def test_refuses_what_json_cannot_say(self) -> None:
        with pytest.raises(NotCanonical):
            leaf_of(written(why="\ud800"), b"s" * 32)


def written(**changed: object) -> Written:
    stated: dict[str, object] = dict.fromkeys(Written.__dataclass_fields__, "")
    stated |= {"at": datetime(2026, 3, 2, tzinfo=UTC), "user_id": None, "details": {}, **changed}
    return Written(**stated)  # type: ignore[arg-type]


class TestHeads:
    def test_are_due_hourly_and_sooner_when_the_ledger_grew(self, ledger: Ledger) -> None:
        assert signing.head_is_due(at=ledger.at)
        ledger.sign()
        assert not signing.head_is_due(at=ledger.at + timedelta(minutes=59))
        assert signing.head_is_due(at=ledger.at + timedelta(hours=1))
        ledger.ask(1)
        assert not signing.head_is_due(at=ledger.at + timedelta(minutes=4))
        assert signing.head_is_due(at=ledger.at + timedelta(minutes=5))
        assert signing.sign_if_due(pen=ledger.pen, at=ledger.at + timedelta(minutes=4)) is None
        assert signing.sign_if_due(pen=ledger.pen, at=ledger.at + timedelta(minutes=6)) is not None

    def test_cover_what_waited_and_tell_of_themselves(self, ledger: Ledger) -> None:
        ledger.write()
        head = ledger.sign()

        assert (head.number, head.size) == (1, 1)
        assert not Waiting.objects.exists()
        assert Event.objects.get(name=signing.SIGNED).key == "1"
        files.verify_head(files.SignedHead(json.loads(head.document), head.signature), resolve=ledger.resolve)

    def test_never_go_back_in_time(self, ledger: Ledger) -> None:
        first = ledger.sign()
        second = ledger.sign(hours=-3)

        assert (second.number, second.at) == (2, first.at)

    def test_are_kept_outside_the_database_even_after_half_a_line(
        self, ledger: Ledger, tmp_path: Path
    ) -> None:
        ledger.sign()
        assert signing.keep_heads(home=tmp_path) == 1
        with (tmp_path / signing.KEPT).open("a") as kept:
            kept.write('{"number": 2, "docu')
        ledger.sign(minutes=1)
        ledger.sign(minutes=1)

        assert signing.keep_heads(home=tmp_path) == 2
        assert signing.keep_heads(home=tmp_path) == 0
        lines = (tmp_path / signing.KEPT).read_text().splitlines()
        assert [json.loads(one)["number"] for one in lines] == [1, 2, 3]

    def test_are_kept_once_when_two_keep_them_at_a_time(
        self, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ledger.sign()
        ledger.sign(minutes=1)
        waited: list[int] = []

        def lock(file: object, how: int) -> None:
            del file, how
            if not waited:  # another process was quicker, and has kept them before this one gets the lock
                waited.append(1)
                assert signing.keep_heads(home=tmp_path) == 2

        monkeypatch.setattr(signing.fcntl, "flock", lock)
        assert signing.keep_heads(home=tmp_path) == 0
        lines = (tmp_path / signing.KEPT).read_text().splitlines()
        assert [json.loads(one)["number"] for one in lines] == [1, 2]

    def test_warn_when_they_are_late(self, ledger: Ledger) -> None:
        ledger.write()
        assert heads.Alert.HEAD_LATE in heads.alerts(at=ledger.at, stamps_wanted=False)
        late = ledger.at + timedelta(hours=3)
        assert heads.Alert.NOT_SEALED in heads.alerts(at=late, stamps_wanted=False)
        ledger.sign(hours=3)
        assert heads.alerts(at=ledger.at, stamps_wanted=False) == ()


class TestProofs:
    def test_show_the_institution_and_keep_the_person_as_a_digest(self, ledger: Ledger) -> None:
        entry = UUID(ledger.ask(5)[2])
        ledger.sign()

        proof = proofs.proof_file(entry=entry, keys=[ledger.key.public.jwk()])
        proved = files.verify(proof, resolve=ledger.resolve)

        assert (proved.fields["organisation"], proved.position, proved.size) == ("XNB", 2, 5)
        assert proved.fields["details.purpose"] == "pre-loan"
        assert "user" not in proved.fields
        assert "Zhang Wei" not in json.dumps(proof)
        assert checked(proof)
        everything = proofs.proof_file(entry=entry, keys=[], show=proofs.fields_of(entry))
        assert files.verify(everything, resolve=ledger.resolve).fields["user"] == "Zhang Wei [c-7]"

    @given(data=some.data())
    @settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_of_every_place_under_every_head_hold(self, ledger: Ledger, data: some.DataObject) -> None:
        sizes = [data.draw(some.integers(1, 90)) for _ in range(3)]
        for count in sizes:
            ledger.ask(count)
            ledger.sign(minutes=1)
        found = list(reversed(heads.heads(size=3)))
        head = data.draw(some.sampled_from(found))
        positions = data.draw(some.lists(some.integers(0, head.size - 1), min_size=1, max_size=20))

        paths = proofs.inclusions(positions=positions, head=head)

        for position, path in zip(positions, paths, strict=True):
            assert path == proofs.inclusion(position=position, size=head.size)
            leaf = proofs.leaf(position)
            root = bytes.fromhex(head.root)
            assert merkle.verify_inclusion(
                index=position, size=head.size, leaf=leaf, path=path, expected=root
            )
        path = proofs.consistency(first=head.size, second=found[-1].size)
        assert merkle.verify_consistency(
            first=head.size,
            second=found[-1].size,
            first_root=bytes.fromhex(head.root),
            second_root=bytes.fromhex(found[-1].root),
            path=path,
        )

    def test_are_found_by_the_hash_of_the_leaf(self, ledger: Ledger) -> None:
        names = ledger.ask(130)

        for position in (0, 63, 64, 129):
            assert proofs.position_of(proofs.leaf(position)) == position
            assert str(proofs.entry_at(position).entry) == names[position]
        with pytest.raises(proofs.UnknownEntry):
            proofs.position_of(b"x" * 32)
        with pytest.raises(proofs.UnknownEntry):
            proofs.entry_at(130)

    def test_are_not_made_of_what_no_head_covers(self, ledger: Ledger) -> None:
        waiting = ledger.write().uuid
        with pytest.raises(proofs.NotYetSealed):
            proofs.proof_file(entry=UUID(str(waiting)), keys=[])
        with pytest.raises(proofs.UnknownEntry):
            proofs.proof_file(entry=uuid4(), keys=[])
        with pytest.raises(heads.UnknownHead):
            heads.head_for(0)
        with pytest.raises(heads.UnknownHead):
            heads.head(1)
        for first, second in ((1, 0), (0, 1), (-1, 0)):
            with pytest.raises(proofs.NoSuchTree):
                proofs.consistency(first=first, second=second)
        with pytest.raises(proofs.NoSuchTree):
            proofs.inclusion(position=0, size=1)
        with pytest.raises(proofs.UnknownEntry):
            proofs.leaf(0)

    def test_cover_at_once_what_somebody_asks_for(self, ledger: Ledger) -> None:
        ledger.ask(1)
        assert signing.head_over(position=0, pen=ledger.pen, at=ledger.at).number == 1
        assert signing.head_over(position=0, pen=ledger.pen, at=ledger.at).number == 1
        ledger.ask(1)
        assert signing.head_over(position=1, pen=ledger.pen, at=ledger.at).number == 2

    def test_are_never_made_from_a_tree_that_was_changed(self, ledger: Ledger) -> None:
        ledger.ask(3)
        ledger.sign()
        with unguarded(), connection.cursor() as cursor:
            cursor.execute("UPDATE audit_tile SET hashes = %s", [b"x" * 32 * 4])

        with pytest.raises(growing.LedgerDamaged):
            proofs.inclusions(positions=[1], head=published(ledger))
        with pytest.raises(proofs.NoSuchTree):
            proofs.inclusions(positions=[3], head=published(ledger))


class TestWhenBodiesExpire:
    def test_proofs_made_before_stay_true_and_the_text_is_gone(self, ledger: Ledger) -> None:
        old = UUID(ledger.ask(3, why="a long time ago")[1])
        ledger.sign()
        ledger.stamp()
        proof = proofs.proof_file(entry=old, keys=[ledger.key.public.jwk()])
        assert ledger.expire(years=9) == 0

        assert ledger.expire(years=2) == 3
        assert ledger.expire(years=0) == 0

        assert checked(proof)
        assert proofs.place_of(old).expired
        assert proofs.entry_at(1).entry == old
        assert Expired.objects.count() == 3
        assert [one.act for one in queries.ledger_page().lines] == ["ledger.expire", "ledger.stamp"]
        with pytest.raises(proofs.BodyExpired):
            proofs.proof_file(entry=old, keys=[])
        with pytest.raises(proofs.BodyExpired):
            proofs.fields_of(old)
        assert ledger.verify().holds
        assert proofs.inclusion(position=1, size=3) == [bytes.fromhex(one) for one in proof["inclusion"]]  # type: ignore[union-attr]

    @pytest.mark.parametrize("table", ["entry", "leaf", "tile", "log", "head", "stamp", "expired", "cutoff"])
    @pytest.mark.parametrize("act", ["DELETE FROM audit_{}", "UPDATE audit_{0} SET {1} = {1}"])
    def test_the_database_still_refuses_everything_else(
        self, full_ledger: Ledger, table: str, act: str
    ) -> None:
        column = {"entry": "why", "tile": "id", "log": "size", "head": "size", "leaf": "entry_id"}.get(
            table, "entry_id"
        )
        if table == "tile" and act.startswith("UPDATE"):
            column, act = "hashes", "UPDATE audit_{0} SET {1} = ''"
        if table == "stamp":
            column = "serial"
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            connection.cursor().execute(act.format(table, column))

    def test_a_cut_off_needs_an_entry_with_a_place(self, ledger: Ledger) -> None:
        entry = ledger.write()
        with (
            pytest.raises(DatabaseError, match="only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "INSERT INTO audit_cutoff (entry_id, before) VALUES (%s, %s)",
                [entry.id, "2099-01-01 00:00:00+00"],
            )

    def test_a_body_that_was_changed_stays_as_evidence(self, ledger: Ledger) -> None:
        ledger.ask(1)
        with unguarded(), connection.cursor() as cursor:
            cursor.execute("UPDATE audit_entry SET why = 'edited'")

        with pytest.raises(growing.LedgerDamaged):
            ledger.expire()
        assert Entry.objects.filter(why="edited").exists()

    def test_the_years_come_from_the_rule_pack(self) -> None:
        today = datetime(2026, 3, 2, tzinfo=UTC).date()
        national = expiring.retention(packs=rule_packs.load(), region="990121", on=today)
        shenzhen = expiring.retention(packs=rule_packs.load(), region="440304", on=today)

        assert (national.value, shenzhen.value) == (10, 5)
        assert national.before(today) == datetime(2016, 3, 1, tzinfo=UTC)
        assert TEN_YEARS.before(today) == national.before(today)


class TestSealing:
    def test_goes_by_hundreds_and_only_once(self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sealing, "_AT_ONCE", 3)
        for number in range(7):
            ledger.write(why=str(number))

        assert sealing.seal_waiting() == 7
        assert sealing.seal_waiting() == 0
        assert ledger.verify().holds

    def test_refuses_when_an_entry_is_gone(self, ledger: Ledger) -> None:
        ledger.write()
        with unguarded(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM audit_entry")

        with pytest.raises(growing.LedgerDamaged):
            sealing.seal_waiting()

    def test_refuses_to_grow_on_a_tree_that_was_changed(self, ledger: Ledger) -> None:
        ledger.ask(2)
        with unguarded(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM audit_tile")
        ledger.write(who=COMMAND_LINE)

        with pytest.raises(growing.LedgerDamaged):
            sealing.seal_waiting()
        assert Waiting.objects.count() == 1
