"""Nonces and counters: spent once, counted right, in one transaction with what they let through."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Event, Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.apps.members.institutions.bank import ROOMY, open_bank

from creditmesh.apps.ground.parties.rules import COMMAND_LINE
from creditmesh.apps.members.institutions import jobs, models, queries
from creditmesh.apps.members.institutions.operations import (
    admitting,
    keys,
    limiting,
    programs,
    settling,
    suspending,
)
from creditmesh.apps.members.institutions.rules.counting import (
    NONCE_LIFE,
    Measure,
    Passage,
    TooManyRequests,
    admitted,
    window,
)
from creditmesh.apps.members.institutions.rules.signing import Replayed, SigningKeyEnded
from creditmesh.apps.members.institutions.rules.standing import InstitutionSuspended, Limits, NotAdmitted

AT = datetime(2026, 11, 20, 4, 0, 15, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
FEW = Limits(requests_per_minute=3, inquiries_per_day=5, raw_per_day=1)


def used(code: str, measure: Measure) -> int:
    return queries.used(institution=code, measure=measure, period=window(measure, at=AT, zone=ZONE).name)


class TestAWindow:
    @given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1)))  # noqa: DTZ001
    def test_ends_when_it_says(self, naive):
        at = naive.replace(tzinfo=UTC)
        for measure in Measure:
            now = window(measure, at=at, zone=ZONE)
            later = at + timedelta(seconds=now.seconds_left)
            assert window(measure, at=later, zone=ZONE).name > now.name
            before = later - timedelta(seconds=2)
            assert before < at or window(measure, at=before, zone=ZONE).name == now.name

    def test_of_a_day_begins_at_midnight_of_the_node(self):
        midnight = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
        assert window(Measure.INQUIRIES, at=midnight, zone=ZONE).name == "2026-11-20"
        assert window(Measure.RAW, at=midnight - timedelta(seconds=1), zone=ZONE).name == "2026-11-19"


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 300))
def test_never_more_are_admitted_than_there_is_room(before, asked, limit):
    fit = admitted(asked=asked, after=before + asked, limit=limit)
    assert 0 <= fit <= asked
    assert fit == asked or before + fit >= limit


@pytest.mark.django_db
class TestManyRequestsAtOnce:
    def test_are_settled_with_few_statements(self, django_assert_num_queries):
        one, two = open_bank("one"), open_bank("two")
        key_of = {
            bank.code: models.SigningKey.objects.get(program__application__client_id=bank.client).id
            for bank in (one, two)
        }
        passages = [
            Passage(
                institution=bank.code,
                measures=(Measure.REQUESTS, Measure.INQUIRIES),
                key=key_of[bank.code],
                nonce=f"nonce-{number:012d}",
            )
            for number in range(64)
            for bank in (one, two)
        ]
        lock = connection.vendor == "postgresql"
        with transaction.atomic(), django_assert_num_queries(4 + lock):
            assert settling.settle(passages, at=AT) == [None] * 128
        assert (used("one", Measure.INQUIRIES), used("two", Measure.REQUESTS)) == (64, 64)
        again = settling.settle(passages, at=AT)
        assert {type(refusal) for refusal in again} == {Replayed}
        assert used("one", Measure.INQUIRIES) == 64

    def test_with_one_nonce_let_one_through(self):
        bank = open_bank("one")
        key = models.SigningKey.objects.get().id
        twice = [Passage(institution=bank.code, key=key, nonce="n" * 20)] * 3
        assert [refusal is None for refusal in settling.settle(twice, at=AT)] == [True, False, False]

    def test_beyond_the_limits_let_the_first_through(self):
        open_bank("one", limits=FEW)
        asked = [Passage(institution="one", measures=(Measure.INQUIRIES,))] * 8
        refusals = settling.settle(asked, at=AT)
        assert [refusal is None for refusal in refusals] == [True] * 5 + [False] * 3
        assert used("one", Measure.INQUIRIES) == 5
        last = refusals[-1]
        assert isinstance(last, TooManyRequests)
        assert last.measure is Measure.INQUIRIES
        assert 0 < int(last.headers["Retry-After"]) <= 86_400

    def test_count_each_measure_on_its_own(self):
        open_bank("one", limits=FEW)
        raw = Passage(institution="one", measures=(Measure.INQUIRIES, Measure.RAW))
        plain = Passage(institution="one", measures=(Measure.INQUIRIES,))
        refusals = settling.settle([raw, raw, plain], at=AT)
        assert [refusal is None for refusal in refusals] == [True, False, True]
        assert (used("one", Measure.INQUIRIES), used("one", Measure.RAW)) == (2, 1)

    def test_of_whoever_was_ended_meanwhile_are_refused(self):
        ended, suspended = open_bank("one"), open_bank("two")
        rows = models.SigningKey.objects.order_by("id")
        first, second = rows[0], rows[1]
        keys.revoke(by=ended.person, institution="one", key=first.uuid, at=AT)
        suspending.suspend(institution=suspended.code, why="", by=COMMAND_LINE.who(), at=AT)
        refusals = settling.settle(
            [
                Passage(institution="one", key=first.id, nonce="n" * 20),
                Passage(institution="two", key=second.id, nonce="n" * 20),
                Passage(institution="nobody"),
            ],
            at=AT,
        )
        assert [type(one) for one in refusals] == [SigningKeyEnded, InstitutionSuspended, NotAdmitted]
        assert not models.Nonce.objects.exists()

    def test_leave_nothing_when_their_transaction_fails(self):
        open_bank("one")
        key = models.SigningKey.objects.get().id
        passage = Passage(institution="one", key=key, nonce="n" * 20)
        with transaction.atomic():
            settling.settle([passage], at=AT)
            transaction.set_rollback(True)
        assert settling.settle([passage], at=AT) == [None]

    def test_of_nobody_are_nothing(self):
        assert settling.settle([], at=AT) == []


@pytest.mark.django_db
class TestAdmit:
    def test_counts_and_refuses(self):
        open_bank("one", limits=FEW)
        for _ in range(3):
            limiting.admit(institution="one", at=AT)
        with pytest.raises(TooManyRequests):
            limiting.admit(institution="one", at=AT)
        limiting.admit(institution="one", at=AT + timedelta(minutes=1))

    def test_follows_the_operators_limits_at_once(self):
        open_bank("one", limits=FEW)
        admitting.limit(by=COMMAND_LINE, institution="one", limits=ROOMY, at=AT)
        for _ in range(6):
            limiting.admit(institution="one", at=AT)
        with pytest.raises(admitting.BadLimit):
            admitting.limit(by=COMMAND_LINE, institution="one", limits=Limits(0, 1, 1), at=AT)


@pytest.mark.django_db
class TestPruning:
    def test_forgets_what_cannot_be_replayed_any_more(self):
        open_bank("one")
        key = models.SigningKey.objects.get().id
        settling.settle([Passage(institution="one", key=key, nonce="n" * 20)], at=AT)
        assert settling.prune(at=AT + NONCE_LIFE - timedelta(seconds=1)) == 0
        assert settling.prune(at=AT + NONCE_LIFE + timedelta(seconds=1)) == 1
        assert settling.prune(at=AT + timedelta(days=1)) == 1  # the counter of the minute
        assert not models.Usage.objects.exists()

    def test_forgets_tokens_that_ended(self):
        bank = open_bank("one")
        bank.fetch_token()
        assert settling.prune(at=datetime.now(UTC)) == 0
        assert settling.prune(at=datetime.now(UTC) + timedelta(minutes=16)) == 1

    def test_goes_on_by_itself_once_however_many_workers_start(self):
        from django_tasks_db.models import DBTaskResult

        for _ in range(3):
            jobs.prune.func()
        assert DBTaskResult.objects.filter(task_path=jobs.prune.module_path).count() == 1


TURNS = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="SQLite's writers take turns, and its test database has one file",
)


def _beside(act):
    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = Thread(target=run, daemon=True)
    thread.start()
    return thread


@TURNS
@pytest.mark.django_db(transaction=True)
class TestAnEndWhileOthersAreAnswered:
    """Whoever was let through is answered; whoever ends an institution, program or key waits for that."""

    @pytest.mark.parametrize("what", ["institution", "program", "key", "secret"])
    def test_waits_and_holds_from_then_on(self, what):
        bank = open_bank("one")
        key = models.SigningKey.objects.get()
        acts = {
            "institution": lambda: suspending.suspend(
                institution="one", why="", by=COMMAND_LINE.who(), at=AT
            ),
            "program": lambda: programs.end(by=bank.person, institution="one", client=bank.client, at=AT),
            "key": lambda: keys.revoke(by=bank.person, institution="one", key=key.uuid, at=AT),
            "secret": lambda: programs.renew_secret(by=bank.person, client=bank.client, at=AT),
        }
        passage = Passage(institution="one", key=key.id, nonce="n" * 20)
        done, early = Event(), []

        with transaction.atomic():
            assert settling.settle([passage], at=AT) == [None]
            other = _beside(lambda: (acts[what](), done.set()))
            early.append(done.wait(0.4))
        other.join(120)

        assert early == [False]
        assert done.is_set()
        if what != "secret":  # that ends tokens: see TestAnEndActsAtOnce
            again = Passage(institution="one", key=key.id, nonce="m" * 20)
            assert settling.settle([again], at=AT) != [None]


@TURNS
@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_nonce_let_one_through():
    open_bank("one")
    key = models.SigningKey.objects.get().id
    passage = Passage(institution="one", key=key, nonce="n" * 20)
    start, answers = Barrier(4), []

    def ask() -> None:
        start.wait()
        try:
            answers.append(settling.settle([passage], at=AT)[0])
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(type(one).__name__) for one in answers) == ["NoneType"] + ["Replayed"] * 3
    assert used("one", Measure.REQUESTS) == 1
