"""Whatever is edited, deleted or put in another order behind the node's back, verification says so."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.apps.ground.audit.conftest import Ledger, unguarded

from creditmesh.apps.ground.audit.evidence.findings import Kind
from creditmesh.apps.ground.audit.evidence.kept import UnreadableHeads, read_heads
from creditmesh.apps.ground.audit.models import Head
from creditmesh.exchange.keys import Algorithm, PrivateKey
from creditmesh.exchange.proofs import SignedHead

TABLES = ("entry", "leaf", "tile", "log", "head", "stamp", "expired", "cutoff", "waiting")


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def flips(table: str) -> Iterator[tuple[str, str, bytes | int | None]]:
    """Yield an UPDATE for each byte of each value of a table, with what it changes."""
    columns = [name for _, name, *_ in sql(f"PRAGMA table_info(audit_{table})")]
    key = columns[0] if table != "log" else "rowid"
    for column in columns:
        for row, kind, value in sql(
            f"SELECT {key}, typeof({column}), CAST({column} AS BLOB) FROM audit_{table}"
        ):
            where = f" WHERE {key} = {row!r}" if isinstance(row, int) else f" WHERE {key} = '{row}'"
            yield from _flips_of(f"UPDATE OR IGNORE audit_{table} SET {column} = %s{where}", kind, value)


def _flips_of(update: str, kind: str, value: bytes | None) -> Iterator[tuple[str, str, bytes | int | None]]:
    if kind == "null":
        return
    if kind == "integer":
        number = int(value or b"0")
        for byte in range(3):
            yield update, kind, number ^ (1 << (8 * byte))
        return
    for at, byte in enumerate(value or b""):
        flipped = (value or b"")[:at] + bytes([byte ^ 1]) + (value or b"")[at + 1 :]
        yield update.replace("%s", "CAST(%s AS TEXT)") if kind == "text" else update, kind, flipped


def copy_of(head: Head) -> SignedHead:
    return SignedHead(json.loads(head.document), head.signature)


class TestALedgerNobodyTouched:
    def test_holds_when_it_is_empty(self, ledger: Ledger) -> None:
        assert ledger.verify().holds

    def test_holds_with_everything_in_it(self, full_ledger: Ledger) -> None:
        full_ledger.write()

        found = full_ledger.verify(
            kept=[copy_of(one) for one in Head.objects.all()], roots=(full_ledger.authority.root_pem,)
        )

        assert found.problems == []
        assert (found.size, found.entries, found.expired, found.waiting) == (4, 3, 1, 1)
        assert (found.heads, found.stamps, found.kept) == (2, 1, 2)

    def test_holds_over_many_tiles(self, ledger: Ledger) -> None:
        ledger.ask(300)
        ledger.sign(minutes=1)
        ledger.ask(4200 - 300)
        ledger.sign(minutes=1)

        assert ledger.verify().holds


class TestEveryByte:
    @pytest.mark.parametrize("table", TABLES)
    def test_that_is_flipped_is_found(self, full_ledger: Ledger, table: str) -> None:
        if connection.vendor != "sqlite":
            pytest.skip(
                "PostgreSQL keeps types: bytes are flipped on SQLite, which keeps whatever it is given"
            )
        if table == "waiting":
            full_ledger.write()
        tried, missed = 0, []
        roots = (full_ledger.authority.root_pem,)
        with unguarded():
            for update, kind, flipped in list(flips(table)):
                point = transaction.savepoint()
                sql(update, flipped)
                changed = sql("SELECT changes()")[0][0]
                # what is found without the roots of time stamps is found with them, and sooner
                if changed and full_ledger.verify().holds and full_ledger.verify(roots=roots).holds:
                    missed.append((update, kind, flipped))
                tried += changed
                transaction.savepoint_rollback(point)

        assert missed == []
        assert tried > 0


class TestWhoHasTheDatabaseToHimself:
    def test_cannot_delete_an_entry(self, full_ledger: Ledger) -> None:
        with unguarded():
            sql("DELETE FROM audit_entry WHERE act = 'inquiry.answer'")

        assert full_ledger.kinds() == {Kind.ENTRY_MISSING}

    def test_cannot_delete_an_entry_with_its_place(self, full_ledger: Ledger) -> None:
        with unguarded():
            sql("DELETE FROM audit_leaf WHERE position = 3")
            sql(
                "DELETE FROM audit_entry WHERE id NOT IN (SELECT entry_id FROM audit_leaf) AND act LIKE 'inq%%'"
            )

        assert Kind.PLACE_MISSING in full_ledger.kinds()

    def test_cannot_swap_two_entries(self, full_ledger: Ledger) -> None:
        (first,), (second,) = sql(
            "SELECT entry_id FROM audit_leaf WHERE position IN (2, 3) ORDER BY position"
        )
        with unguarded():
            sql("UPDATE audit_leaf SET entry_id = -1 WHERE position = 2")
            sql("UPDATE audit_leaf SET entry_id = %s WHERE position = 3", first)
            sql("UPDATE audit_leaf SET entry_id = %s WHERE position = 2", second)

        assert full_ledger.kinds() == {Kind.ENTRY_CHANGED}

    def test_cannot_build_another_tree_under_a_signed_head(self, ledger: Ledger) -> None:
        ledger.ask(3)
        head = ledger.sign(minutes=1)
        with unguarded():
            for table in ("entry", "leaf", "tile", "log"):
                sql(f"DELETE FROM audit_{table}")
        ledger.ask(3, why="never happened")

        assert ledger.kinds() == {Kind.NOT_WHAT_WAS_SIGNED}
        with unguarded():
            sql("DELETE FROM audit_head")
        assert ledger.kinds() == set()
        assert ledger.kinds(kept=[copy_of(head)]) == {Kind.NOT_WHAT_WAS_KEPT}

    def test_cannot_cut_off_the_end_where_a_head_was_kept(self, ledger: Ledger) -> None:
        ledger.ask(3)
        first = ledger.sign(minutes=1)
        state = {table: sql(f"SELECT * FROM audit_{table}") for table in ("tile", "log")}
        ledger.ask(2)
        second = ledger.sign(minutes=1)
        with unguarded():
            sql("DELETE FROM audit_leaf WHERE position >= 3")
            sql("DELETE FROM audit_entry WHERE id NOT IN (SELECT entry_id FROM audit_leaf)")
            sql("UPDATE audit_log SET size = 3, peaks = %s", state["log"][0][2])
            sql("UPDATE audit_tile SET hashes = %s", state["tile"][0][1])
            sql("DELETE FROM audit_head WHERE number = 2")

        assert ledger.kinds(kept=[copy_of(first)]) == set(), "a cut alone does not show from inside"
        assert ledger.kinds(kept=[copy_of(second)]) == {Kind.NOT_WHAT_WAS_KEPT}

    def test_cannot_take_a_head_or_a_stamp_away(self, full_ledger: Ledger) -> None:
        full_ledger.sign(minutes=1)
        with unguarded():
            sql("DELETE FROM audit_stamp")
            sql("DELETE FROM audit_head WHERE number = 2")

        assert full_ledger.kinds() == {Kind.HEAD_MISSING, Kind.STAMP_CHANGED}

    def test_cannot_sign_with_another_key(self, full_ledger: Ledger) -> None:
        right, full_ledger.key = full_ledger.key, PrivateKey.generate(Algorithm.ES256)
        forged = full_ledger.sign(minutes=1)
        full_ledger.key = right

        assert full_ledger.kinds() == {Kind.HEAD_NOT_SIGNED}
        assert full_ledger.kinds(kept=[copy_of(forged)]) == {Kind.HEAD_NOT_SIGNED, Kind.KEPT_NOT_SIGNED}

    def test_cannot_slip_in_an_entry_beside_the_tree(self, full_ledger: Ledger) -> None:
        full_ledger.sign(minutes=1)
        full_ledger.write(act="key.issue")
        sql("DELETE FROM audit_waiting")

        assert full_ledger.kinds() == {Kind.ENTRY_WITHOUT_PLACE}

    def test_cannot_let_a_young_body_expire(self, ledger: Ledger) -> None:
        ledger.ask(1)
        ledger.expire()
        ledger.ask(1)
        young = sql("SELECT id FROM audit_entry WHERE act = 'inquiry.answer'")[0][0]

        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            sql("DELETE FROM audit_entry WHERE id = %s", young)


class TestKeptHeads:
    def test_are_read_from_whatever_a_node_hands_out(self, full_ledger: Ledger) -> None:
        heads = [copy_of(one).as_json() for one in Head.objects.all()]

        assert len(read_heads("\n".join(json.dumps(one) for one in heads))) == 2
        assert len(read_heads(json.dumps({"heads": heads}))) == 2
        assert read_heads(json.dumps(heads[0]))[0].document == heads[0]["document"]
        assert (
            len(read_heads(json.dumps({"head": heads[0], "later": [{"head": heads[1], "consistency": []}]})))
            == 2
        )

    @pytest.mark.parametrize("text", ["", "[]", "{}", "7", "nonsense", '{"document": {"size": "x"}}'])
    def test_of_another_kind_are_refused(self, text: str) -> None:
        with pytest.raises(UnreadableHeads):
            read_heads(text)
