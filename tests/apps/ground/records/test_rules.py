"""The rules of batches and of the inquiry index."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.apps.ground.records.words import CATALOGUE

from creditmesh.apps.ground.parties.rules import Actor, NotPermitted, Permission, Role
from creditmesh.apps.ground.records import rules
from creditmesh.apps.ground.records.rules import Delivery, Line, State
from creditmesh.catalogue.model import Update

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
MARKET = Actor(user_id=1, label="m", roles=frozenset({Role.DATA_OFFICER}), sources=frozenset({"market"}))
OPERATOR = Actor(user_id=2, label="o", roles=frozenset({Role.OPERATOR}))


def _delivery(**changes: str) -> Delivery:
    plain = {"item": "PEN", "source": "market", "filename": "a.csv", "idempotency_key": "k"}
    return Delivery(**{**plain, **changes})


class TestADelivery:
    def test_in_order_is_let_in(self) -> None:
        item, source = rules.require_delivery(delivery=_delivery(), catalogue=CATALOGUE, by=MARKET)

        assert (item.code, source.code) == ("PEN", "market")

    @pytest.mark.parametrize(
        ("changes", "refusal", "says"),
        [
            ({"item": "NONE"}, rules.UnknownItem, "sharing lists"),
            ({"source": "none"}, rules.UnknownSource, "ask the operator"),
            ({"source": "tax"}, rules.SourceMayNotDeliver, "delivered by market"),
            ({"idempotency_key": ""}, rules.BadDelivery, "1 to 200"),
            ({"idempotency_key": "x" * 201}, rules.BadDelivery, "1 to 200"),
        ],
    )
    def test_out_of_order_is_refused_with_what_to_do(
        self, changes: dict[str, str], refusal: type[Exception], says: str
    ) -> None:
        with pytest.raises(refusal, match=says):
            rules.require_delivery(delivery=_delivery(**changes), catalogue=CATALOGUE, by=OPERATOR)

    def test_for_a_source_of_others_is_refused(self) -> None:
        with pytest.raises(rules.NotYourSource) as refused:
            rules.require_delivery(
                delivery=_delivery(item="LST", source="tax"), catalogue=CATALOGUE, by=MARKET
            )

        assert "tax" in refused.value.sentence


class TestAState:
    def test_lets_a_batch_land_only_after_it_was_checked(self) -> None:
        rules.require_step(state=State.VALIDATED, to=State.LANDING)

        with pytest.raises(rules.WrongState):
            rules.require_step(state=State.RECEIVED, to=State.LANDING)

    @pytest.mark.parametrize("state", [State.LANDED, State.REFUSED])
    def test_at_the_end_is_final(self, state: State) -> None:
        assert not rules.TRANSITIONS[state]
        assert state not in rules.UNFINISHED


class TestAPermission:
    def test_is_required(self) -> None:
        rules.require_permission(actor=OPERATOR, permission=Permission.REINDEX)

        with pytest.raises(NotPermitted):
            rules.require_permission(actor=MARKET, permission=Permission.REINDEX)


class TestAFilename:
    @pytest.mark.parametrize(
        ("name", "plain"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\y.csv", "y.csv"),
            ("a\x00b\n.csv", "ab.csv"),
            ("", "delivery"),
        ],
    )
    def test_keeps_nothing_but_a_name(self, name: str, plain: str) -> None:
        assert rules.safe_filename(name) == plain

    def test_ends_as_something_known_or_as_csv(self) -> None:
        assert rules.suffix("A.XLSX") == ".xlsx"
        assert rules.suffix("a.exe") == ".csv"


class TestALease:
    @pytest.mark.parametrize(
        ("until", "dead", "free"),
        [
            (None, False, True),
            (NOON, False, True),
            (NOON + timedelta(seconds=1), False, False),
            (NOON + timedelta(seconds=1), True, True),
        ],
    )
    def test_ends_by_time_or_death(self, until: datetime | None, dead: bool, free: bool) -> None:
        assert rules.may_take(lease_until=until, holder_is_dead=dead, at=NOON) is free


class TestAFullDisk:
    def test_is_recognised_behind_other_errors(self) -> None:
        error = RuntimeError("write failed")
        error.__cause__ = OSError(28, "No space left on device")

        assert rules.is_disk_full(error)
        assert not rules.is_disk_full(ValueError("something else"))


class TestTheIndex:
    @given(st.text(min_size=1, max_size=30), st.integers(0, 1_000_000))
    def test_puts_a_subject_on_one_page_of_a_part(self, subject: str, rows: int) -> None:
        bits = rules.bucket_bits(rows)

        page = rules.bucket(subject, bits=bits)

        assert 0 <= page < 2**bits <= max(1, rows)
        assert rules.page_id(part=7, page=page) >> 24 == 7

    def test_reads_only_the_lines_of_one_subject(self) -> None:
        page = b'["A","k1",1,"2026-01-02",5,null]\n["AB","k2",1,null,6,"x"]\n["A","k3",2,null]\n'

        lines = rules.lines_of(page, subject="A", fields=["fine", "note"])

        assert lines == [
            Line(subject="A", key="k1", seq=1, event_date=date(2026, 1, 2), values={"fine": 5, "note": None}),
            Line(subject="A", key="k3", seq=2, event_date=None, values=None),
        ]

    @pytest.mark.parametrize(
        ("update", "fines"), [(Update.APPEND, [2]), (Update.UPSERT, [2]), (Update.REPLACE, [2, 1])]
    )
    @pytest.mark.parametrize("order", [1, -1])
    def test_counts_the_last_line_of_a_key_or_those_of_all_lists(
        self, update: Update, fines: list[int], order: int
    ) -> None:
        lines = [_line("k", seq=1, fine=1), _line("k", seq=2, fine=2), _line("k", seq=2, fine=2)][::order]

        assert [line.values["fine"] for line in rules.standing(lines, update=update) if line.values] == fines

    def test_drops_a_record_that_left_for_another_subject(self) -> None:
        gone = Line(subject="A", key="k", seq=3, event_date=None, values=None)

        assert rules.standing([_line("k", seq=1, fine=1), gone], update=Update.UPSERT) == []

    @pytest.mark.parametrize("order", [1, -1])
    def test_drops_the_line_of_a_list_that_was_corrected(self, order: int) -> None:
        gone = Line(subject="A", key="k", seq=1, event_date=None, values=None)
        other, corrected = _line("k", seq=2, fine=2), _line("k", seq=3, fine=3)
        lines = [_line("k", seq=1, fine=1), gone, other, corrected][::order]

        assert rules.standing(lines, update=Update.REPLACE) == [corrected, other]

    def test_shows_the_newest_event_first(self) -> None:
        old, new = _line("a", seq=1, fine=1, day=1), _line("b", seq=1, fine=2, day=2)

        assert rules.standing([old, new], update=Update.UPSERT) == [new, old]


def _line(key: str, *, seq: int, fine: int, day: int = 1) -> Line:
    return Line(subject="A", key=key, seq=seq, event_date=date(2026, 1, day), values={"fine": fine})


class TestParts:
    def test_are_merged_when_there_are_enough_and_not_too_unlike(self) -> None:
        assert rules.worth_merging([50, 100, 100, 100]) == 4
        assert rules.worth_merging([10, 10, 10, 10, 1000]) == 4
        assert rules.worth_merging([1, 1000, 1_000_000, 10**9]) == 0
        assert rules.worth_merging([10, 1000]) == 0

    def test_keep_the_line_that_landed_last(self) -> None:
        lines = [b'["91A","k",3,null]', b'["91A","k",1,null]', b'["91A","j",2,null]']
        assert rules.last_of_each(lines) == [b'["91A","k",3,null]', b'["91A","j",2,null]']
