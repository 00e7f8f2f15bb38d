"""Group commit: many at once in one transaction, each with a place of its own, or with its own refusal."""

import threading
from collections.abc import Sequence
from datetime import datetime

import pytest
from django.db import OperationalError, connection, transaction

from creditmesh.apps.ground.audit.committing import GroupCommit, Sealed, Settled
from creditmesh.apps.ground.audit.models import Entry, Leaf, Log
from creditmesh.apps.ground.audit.rules import Draft, Thing, Who
from creditmesh.apps.ground.audit.tree import growing


class Office:
    """Settles numbers: each becomes an entry; 13 is refused."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.groups: list[int] = []

    def settle(self, intents: Sequence[int]) -> list[Settled]:
        self.groups.append(len(intents))
        if 13 in intents:
            raise ValueError("thirteen")
        return [
            Settled(
                Draft(
                    who=Who(label="Xining Bank", organisation="XNB"),
                    act="inquiry.answer",
                    thing=Thing("inquiry", str(one)),
                    at=self.at,
                    details={"number": one},
                    subject="91990121MA1ABCDE0X",
                ),
                result=one * 2,
            )
            for one in intents
        ]


def at_once(commit: GroupCommit[int], intents: Sequence[int]) -> dict[int, Sealed | Exception]:
    """Submit from as many threads as there are intents."""
    told: dict[int, Sealed | Exception] = {}

    def submit(one: int) -> None:
        try:
            told[one] = commit.submit(one)
        except (ValueError, OperationalError) as refused:
            told[one] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=submit, args=(one,)) for one in intents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return told


@pytest.mark.django_db
class TestOneIntent:
    def test_gets_the_next_place_and_its_result(self, noon: datetime) -> None:
        commit = GroupCommit(Office(noon).settle)

        first, second = commit.submit(1), commit.submit(2)

        assert (first.position, second.position) == (0, 1)
        assert (first.result, second.result) == (2, 4)
        assert str(Entry.objects.get(id=Leaf.objects.get(position=1).entry_id).uuid) == second.entry
        assert Entry.objects.filter(subject="91990121MA1ABCDE0X").count() == 2

    def test_in_a_transaction_that_is_rolled_back_never_was(self, noon: datetime) -> None:
        def fail_afterwards() -> None:
            with transaction.atomic():
                GroupCommit(Office(noon).settle).submit(1)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_afterwards()
        assert not Entry.objects.exists()
        assert not Leaf.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def test_get_places_without_a_gap_in_fewer_transactions(self, noon: datetime) -> None:
        office = Office(noon)
        commit = GroupCommit(office.settle, largest=8)

        told = at_once(commit, range(100, 140))

        sealed = [one for one in told.values() if isinstance(one, Sealed)]
        assert sorted(one.position for one in sealed) == list(range(40))
        assert {number: one.result for number, one in told.items() if isinstance(one, Sealed)} == {
            number: number * 2 for number in range(100, 140)
        }
        assert max(office.groups) <= 8
        assert Log.objects.get().size == 40

    def test_do_not_suffer_from_one_that_is_refused(self, noon: datetime) -> None:
        told = at_once(GroupCommit(Office(noon).settle), range(5, 20))

        assert isinstance(told[13], ValueError)
        assert [number for number, one in told.items() if not isinstance(one, Sealed)] == [13]
        assert sorted(one.position for one in told.values() if isinstance(one, Sealed)) == list(range(14))

    def test_all_learn_that_the_database_is_away_and_nothing_was_written(
        self, noon: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office, full = Office(noon), OperationalError("database or disk is full")

        def fail(*_given: object, **_more: object) -> None:
            raise full

        with monkeypatch.context() as patched:
            patched.setattr(growing, "extend", fail)
            told = at_once(GroupCommit(office.settle), range(100, 110))

        assert all(one is full for one in told.values())
        assert sum(office.groups) == 10, "nobody tried again"
        assert not Entry.objects.exists()
        assert GroupCommit(office.settle).submit(1).position == 0

    def test_are_let_go_when_the_leader_is_stopped(self, noon: datetime) -> None:
        def stop(_intents: Sequence[int]) -> list[Settled]:
            raise KeyboardInterrupt

        commit = GroupCommit(stop)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                commit.submit(1)

    def test_of_one_caller_go_in_transactions_of_a_size(self, noon: datetime) -> None:
        office = Office(noon)

        places = GroupCommit(office.settle, largest=8).submit_all(range(100, 120))

        assert office.groups == [8, 8, 4]
        assert [one.position for one in places] == list(range(20))
        assert [one.result for one in places] == [2 * one for one in range(100, 120)]
