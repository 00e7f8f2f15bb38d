"""Pools as they are frozen: who is left out and why, and what their digests cover."""

from datetime import date, timedelta

import pytest
from tests.drawing.conftest import DAY, GRADES, LEAVING, inspectors, pool_of

from creditmesh.drawing.pools import (
    BadPool,
    Candidate,
    Inspector,
    Leaving,
    freeze,
    freeze_inspectors,
)
from creditmesh.drawing.pools import pool_of as as_listed
from creditmesh.drawing.sealing import seal
from creditmesh.drawing.written import written

YESTERDAY = DAY - timedelta(days=1)
LONG_AGO = DAY - timedelta(days=180)


class TestAnObject:
    @pytest.mark.parametrize(
        ("candidate", "reason"),
        [
            (Candidate("x", "A"), ""),
            (Candidate("x", "A", in_scope=False, exempt_until=DAY), "out_of_scope"),
            (Candidate("x", "A", exempt_until=DAY, last_inspected=YESTERDAY), "exempt"),
            (Candidate("x", "D", exempt_until=DAY), "exempt"),
            (Candidate("x", "A", exempt_until=YESTERDAY), ""),
            (Candidate("x", "A", last_inspected=YESTERDAY), "cool_down"),
            (Candidate("x", "D", last_inspected=YESTERDAY, visits=9), ""),
            (Candidate("x", "A", last_inspected=LONG_AGO), ""),
            (Candidate("x", "A", last_inspected=LONG_AGO + timedelta(days=1)), "cool_down"),
            (Candidate("x", "A", visits=1), "visits"),
            (Candidate("x", "C", visits=1), ""),
            (Candidate("x", "C", visits=2), "visits"),
        ],
        ids=str,
    )
    def test_is_left_out_for_the_first_reason_that_holds(self, candidate, reason):
        pool = freeze([candidate], grades=GRADES, leaving=LEAVING)
        assert pool.rows[0].excluded == reason
        assert pool.left_out == ({reason: 1} if reason else {})

    def test_is_drawn_for_key_items_whenever_it_was_inspected(self):
        leaving = Leaving(on=DAY, cool_down_days=180, most_visits={"A": 1}, key_items=True)
        pool = freeze(
            [Candidate("x", "A", last_inspected=YESTERDAY, visits=5)], grades=GRADES, leaving=leaving
        )
        assert pool.rows[0].excluded == ""


class TestAPool:
    def test_has_the_same_digest_in_any_order(self):
        candidates = [Candidate(name, "B") for name in "cab"]
        one = freeze(candidates, grades=GRADES, leaving=LEAVING)
        other = freeze(sorted(candidates), grades=GRADES, leaving=LEAVING)
        assert one.sha256 == other.sha256
        assert [row.id for row in one.rows] == ["a", "b", "c"]

    def test_has_another_digest_when_anything_differs(self):
        first = pool_of({"A": 3})
        digests = {first.sha256}
        for change in ({"grade": "B"}, {"key": True}, {"region": "1"}, {"excluded": "exempt"}):
            rows = (first.rows[0]._replace(**change), *first.rows[1:])
            digests.add(as_listed(rows, grades=GRADES).sha256)
        assert len(digests) == 5

    def test_is_written_as_json_whatever_its_ids_hold(self):
        candidates = [Candidate(name, "B", region='"') for name in ('a"b', "c\\d", "e\u2028", "企业")]
        for found in (candidates, candidates[3:], []):
            pool = freeze(found, grades=GRADES, leaving=LEAVING)
            assert pool.written == written(pool.rows)
            assert len(pool) == len(found)

    def test_counts_two_reasons_apart(self):
        pool = freeze(
            [
                Candidate("a", "A", visits=1),
                Candidate("b", "A", visits=1),
                Candidate("c", "A", in_scope=False),
            ],
            grades=GRADES,
            leaving=LEAVING,
        )
        assert pool.left_out == {"visits": 2, "out_of_scope": 1}

    def test_of_inspectors_has_nobody_twice(self):
        one = Inspector("i", "samr", "", "2027-01-01", ("b", "a"))
        assert freeze_inspectors([one]).rows[0].specialties == ("a", "b")
        with pytest.raises(BadPool):
            freeze_inspectors([one, one])
        assert inspectors().sha256 != inspectors(samr=11).sha256


class TestATicket:
    def test_opens_to_its_object_only(self):
        one, other = seal(["x", "y"], noise=bytes)
        assert one.holds
        assert one.ticket != other.ticket
        assert not type(one)(one.ticket, one.salt, "y").holds

    def test_says_nothing_by_itself(self):
        assert seal(["x"])[0].ticket != seal(["x"])[0].ticket


def test_a_day_in_the_past_is_no_exemption():
    candidate = Candidate("x", "A", exempt_until=date(2020, 1, 1))
    assert freeze([candidate], grades=GRADES, leaving=LEAVING).rows[0].excluded == ""
