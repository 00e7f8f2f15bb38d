"""A desk: many questions worked out side by side, one commit for all, and to each its own answer."""

import threading
import weakref
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import datetime

import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from tests.apps.ground.audit.test_group_commit import Office

from creditmesh.apps.ground.audit.committing import GroupCommit
from creditmesh.apps.ground.audit.desk import LARGEST, PATIENCE_SECONDS, Desks, put_aside
from creditmesh.apps.ground.audit.models import Entry, Log

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desks() -> Iterator[Desks]:
    """Desks of this test's own."""
    opened = Desks()
    yield opened
    opened.close()


class Crowd:
    """Askers who come while the desks are busy with one who came before, so that they are taken together."""

    def __init__(self, desks: Desks, busy: int) -> None:
        self.desks = desks
        self.busy = busy
        self.told: dict[object, object] = {}

    def ask(self, works: dict[object, Callable[[], object]], *, keep: float = 0) -> dict[object, object]:
        """Return what each got: its answer, or what was raised; the desks stay busy for so many seconds more."""
        begun, leave = threading.Semaphore(0), threading.Event()

        def keep_busy() -> None:
            begun.release()
            leave.wait(120)

        first = []
        for number in range(self.busy):  # one by one, or one desk might take two of them
            first.append(self._asker(("busy", number), keep_busy))
            assert begun.acquire(timeout=120)
        others = [self._asker(name, work) for name, work in works.items()]
        while self.desks._waiting.qsize() < len(works):
            pass
        leave.wait(keep)
        leave.set()
        for thread in first + others:
            thread.join(timeout=120)
        return {name: self.told[name] for name in works}

    def _asker(self, name: object, work: Callable[[], object]) -> threading.Thread:
        def ask() -> None:
            try:
                self.told[name] = self.desks.ask(work)
            except BaseException as raised:  # noqa: BLE001 (looked at by the test)
                self.told[name] = raised

        thread = threading.Thread(target=ask)
        thread.start()
        return thread


@pytest.fixture
def crowd(desks: Desks) -> Crowd:
    """Askers before those desks."""
    return Crowd(desks, busy=1 if connection.vendor == "sqlite" else 4)


class TestQuestionsThatComeTogether:
    def test_share_one_transaction_and_each_gets_its_own_answer(self, noon: datetime, crowd: Crowd) -> None:
        office = Office(noon)
        door = GroupCommit(office.settle)

        told = crowd.ask({one: lambda one=one: (one, door.submit(one)) for one in range(100, 120)})

        assert sum(office.groups) == 20
        assert len(office.groups) <= crowd.busy, "no more transactions than desks"
        assert sorted(sealed.position for _, sealed in told.values()) == list(range(20))
        assert all(one == own and sealed.result == 2 * one for one, (own, sealed) in told.items())
        assert Log.objects.get().size == 20

    def test_do_not_suffer_from_one_that_fails_before_in_or_after_its_commit(
        self, noon: datetime, crowd: Crowd
    ) -> None:
        door = GroupCommit(Office(noon).settle)

        def before() -> None:
            raise LookupError("before")

        def after() -> None:
            door.submit(5)
            raise LookupError("after")

        told = crowd.ask(
            {
                "before": before,
                "refused": lambda: door.submit(13),
                "after": after,
                "good": lambda: door.submit(7).result,
            }
        )

        assert str(told["before"]) == "before"
        assert isinstance(told["refused"], ValueError)
        assert str(told["after"]) == "after"
        assert told["good"] == 14
        assert set(Entry.objects.values_list("object_key", flat=True)) == {"5", "7"}

    def test_may_commit_more_than_once_and_at_more_than_one_door(self, noon: datetime, crowd: Crowd) -> None:
        one, other = GroupCommit(Office(noon).settle), GroupCommit(Office(noon).settle)

        told = crowd.ask(
            {
                "twice": lambda: [one.submit(1).result, one.submit(2).result],
                "elsewhere": lambda: other.submit(3).result,
                "not at all": lambda: "nothing",
            }
        )

        assert told == {"twice": [2, 4], "elsewhere": 6, "not at all": "nothing"}
        assert Log.objects.get().size == 3

    def test_know_nothing_of_each_others_context(self, noon: datetime, crowd: Crowd) -> None:
        door, language = GroupCommit(Office(noon).settle), ContextVar("language", default="none")

        def speak(own: str, number: int) -> str:
            before = language.get()
            language.set(own)
            door.submit(number)
            return f"{before}, {language.get()}"

        told = crowd.ask(
            {name: lambda name=name, n=n: speak(name, n) for n, name in enumerate(("zh", "en", "fr"))}
        )

        assert told == {"zh": "none, zh", "en": "none, en", "fr": "none, fr"}

    def test_are_taken_a_bounded_number_at_a_time(self, noon: datetime, crowd: Crowd) -> None:
        office = Office(noon)
        door = GroupCommit(office.settle)

        crowd.ask({one: lambda one=one: door.submit(one) for one in range(100, 100 + LARGEST + 10)})

        assert sum(office.groups) == LARGEST + 10
        assert max(office.groups) <= LARGEST


class TestADesk:
    def test_stays_open_when_a_question_stops_it(self, noon: datetime, desks: Desks) -> None:
        def stop(_intents: object) -> list[object]:
            raise SystemExit

        with pytest.raises(SystemExit):
            desks.ask(lambda: GroupCommit(stop).submit(1))
        assert desks.ask(lambda: GroupCommit(Office(noon).settle).submit(1).position) == 0

    def test_tells_its_asker_that_the_database_is_away_and_goes_on_when_it_is_back(
        self, noon: datetime, desks: Desks, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        away = OperationalError("the database is away")

        def fail(_connection: object) -> None:
            raise away

        with monkeypatch.context() as patched:
            patched.setattr(BaseDatabaseWrapper, "ensure_connection", fail)
            with pytest.raises(OperationalError):
                desks.ask(lambda: "answered")
        assert desks.ask(lambda: GroupCommit(Office(noon).settle).submit(1).position) == 0

    def test_is_left_by_whoever_loses_patience_and_does_not_begin_what_nobody_waits_for(
        self, desks: Desks, crowd: Crowd
    ) -> None:
        desks._patience = 0.2
        begun: list[str] = []
        told = crowd.ask({"impatient": lambda: begun.append("impatient")}, keep=1.0)
        assert isinstance(told["impatient"], OperationalError)
        desks._patience = 30
        assert desks.ask(lambda: "answered") == "answered"
        assert begun == []

    def test_that_cannot_be_opened_is_tried_again_with_the_next_question(
        self, desks: Desks, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_thread: object) -> None:
            raise RuntimeError("can't start new thread")

        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", fail)
            with pytest.raises(RuntimeError):
                desks.ask(lambda: "answered")
        assert desks.ask(lambda: "answered") == "answered"

    def test_keeps_nothing_of_what_it_answered(self, desks: Desks) -> None:
        class Answer:
            """Something that can be looked after."""

        seen = weakref.ref(desks.ask(Answer))
        assert desks.ask(lambda: None) is None
        desks.close()
        assert seen() is None

    def test_answers_a_caller_in_a_transaction_where_it_stands(self, noon: datetime, desks: Desks) -> None:
        here = threading.get_ident()
        with transaction.atomic():
            assert desks.ask(threading.get_ident) == here
            assert desks.ask(lambda: GroupCommit(Office(noon).settle).submit(1).position) == 0
        assert desks.ask(threading.get_ident) != here

    def test_opens_again_after_it_was_closed(self, desks: Desks) -> None:
        assert desks.ask(lambda: 1) == 1
        desks.close()
        desks.close()
        assert desks.ask(lambda: 2) == 2

    def test_answers_what_came_before_it_was_closed(self, desks: Desks, crowd: Crowd) -> None:
        closing = threading.Thread(target=desks.close)

        def close_meanwhile() -> str:
            closing.start()
            return "answered"

        assert crowd.ask({"last": close_meanwhile}) == {"last": "answered"}
        closing.join(timeout=120)
        assert not closing.is_alive()

    @pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer, and one desk")
    def test_is_not_the_only_one_where_the_database_is_elsewhere(self, desks: Desks) -> None:
        came, leave = threading.Event(), threading.Event()

        def wait() -> bool:
            came.set()
            return leave.wait(120)

        waiting = threading.Thread(target=desks.ask, args=(wait,))
        waiting.start()
        assert came.wait(120)
        assert desks.ask(lambda: "meanwhile") == "meanwhile"
        leave.set()
        waiting.join(timeout=120)

    def test_puts_nothing_aside_for_others(self, noon: datetime) -> None:
        assert not put_aside(GroupCommit(Office(noon).settle), None)


def test_an_asker_waits_longer_than_the_database_makes_anyone_wait() -> None:
    if connection.vendor == "sqlite":
        most = connection.settings_dict["OPTIONS"]["timeout"]
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT setting::int / 1000 FROM pg_settings WHERE name = 'lock_timeout'")
            (most,) = cursor.fetchone()
    assert 0 < most < PATIENCE_SECONDS
