"""The words of the ledger: identifiers that sort by time, moments with a zone, bodies without empty fields."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from creditmesh.apps.ground.audit.rules import Draft, NoTimeZone, Thing, Who, body, moment, timed_id, written

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class TestTheNameOfAnEntry:
    @given(seconds=some.integers(0, 2**31), noise=some.binary(min_size=10, max_size=10))
    def test_is_a_uuid_of_version_seven_that_begins_with_its_time(self, seconds: int, noise: bytes) -> None:
        at = datetime.fromtimestamp(seconds, UTC)
        name = UUID(timed_id(at, noise))

        assert (name.version, name.variant) == (7, "specified in RFC 4122")
        assert name.int >> 80 == seconds * 1000
        assert timed_id(at, noise) == str(name)


class TestAMoment:
    def test_is_told_in_universal_time_to_the_microsecond(self) -> None:
        shanghai = timezone(timedelta(hours=8))
        assert moment(datetime(2026, 3, 2, 12, 0, 0, 5, tzinfo=shanghai)) == "2026-03-02T04:00:00.000005Z"

    def test_without_a_zone_is_none(self) -> None:
        with pytest.raises(NoTimeZone):
            moment(NOON.replace(tzinfo=None))


class TestABody:
    def test_names_every_detail_for_itself_and_leaves_out_what_is_empty(self) -> None:
        who = Who(label="Li Ming", user_id=0, organisation="XNB")
        draft = Draft(who=who, act="a" * 200, thing=Thing("batch"), at=NOON, details={"rows": 3, "": None})

        assert body(written(draft, entry="e")) == {
            "entry": "e",
            "at": "2026-03-02T04:00:00.000000Z",
            "user": "Li Ming",
            "user_id": 0,
            "organisation": "XNB",
            "act": "a" * 100,
            "object_kind": "batch",
            "outcome": "done",
            "details.rows": 3,
            "details.": None,
        }
