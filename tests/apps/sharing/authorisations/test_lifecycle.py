"""The life of authorisations as a state machine: whatever happens in whatever order, only live ones carry."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.apps.sharing.authorisations.conftest import CHOICE, SUBJECT, WISH, Stage
from tests.apps.sharing.authorisations.test_signing import outside, own_key

from creditmesh.apps.sharing.authorisations import overview, queries
from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.authorisations.operations import expiring, settling, withdrawing
from creditmesh.apps.sharing.authorisations.operations.spending import spend
from creditmesh.apps.sharing.authorisations.rules import LIVE, TRANSITIONS, State, WrongMove
from creditmesh.exchange.jws import sign_detached
from creditmesh.exchange.keys import PrivateKey

LIFE, MOST, PER_DAY = 30, 4, 2
REFERENCES = ("LN-1", "LN-2")


@dataclass
class Told:
    """What must be true of one authorisation, kept apart from the code that is tested."""

    reference: str
    first: date
    last: date
    ended: bool = False
    uses: list[date] = field(default_factory=list)
    seen: State = State.SIGNED

    def carries(self, today: date) -> bool:
        """Whether an inquiry on that day must be answered."""
        fresh = len(self.uses) < MOST and self.uses.count(today) < PER_DAY
        return not self.ended and self.first <= today <= self.last and fresh


class Life(RuleBasedStateMachine):
    """Sign, use, withdraw, settle, let days pass."""

    stage: Stage
    key: PrivateKey

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[UUID, Told] = {}
        self.now: datetime = self.stage.now

    @property
    def today(self) -> date:
        """Which day it is at the node."""
        return (self.now + timedelta(hours=8)).date()

    @rule(reference=st.sampled_from(REFERENCES), wait=st.integers(min_value=0, max_value=3))
    def sign(self, reference: str, wait: int) -> None:
        """Sign one; it takes the place of the one before of the same reference."""
        stage = replace(self.stage, now=self.now)
        starts = self.today + timedelta(days=wait)
        wish = replace(WISH, reference=reference, life_days=LIFE, max_queries=MOST, per_day=PER_DAY)
        choice = replace(CHOICE, life_days=LIFE, max_queries=MOST, per_day=PER_DAY, starts_on=starts)
        draft = stage.draft(purpose="post-loan", wish=wish, choice=choice)
        row = outside(
            stage, draft, sign_detached(bytes(draft.body), key=self.key, kid=self.key.public.thumbprint())
        )
        for one in self.told.values():
            one.ended = one.ended or one.reference == reference
        self.told[row.uuid] = Told(reference, starts, starts + timedelta(days=LIFE - 1))

    @precondition(lambda self: self.told)
    @rule(number=st.integers(min_value=0, max_value=9), times=st.integers(min_value=1, max_value=3))
    def use(self, number: int, times: int) -> None:
        """Use one, several times in one go."""
        uuid = list(self.told)[number % len(self.told)]
        question = self.stage.ask(purpose="post-loan", data_from=self.today)
        with transaction.atomic():
            found = spend([(uuid, question)] * times, at=self.now)
        for refusal in found:
            carries = self.told[uuid].carries(self.today)
            assert (refusal is None) == carries, refusal
            if carries:
                self.told[uuid].uses.append(self.today)

    @precondition(lambda self: self.told)
    @rule(number=st.integers(min_value=0, max_value=9))
    def withdraw(self, number: int) -> None:
        """Withdraw one."""
        uuid = list(self.told)[number % len(self.told)]
        state = State(Authorisation.objects.get(uuid=uuid).state)
        if state in LIVE:
            withdrawing.withdraw(uuid, by=self.stage.clerk, at=self.now)
        else:
            with pytest.raises(WrongMove):
                withdrawing.withdraw(uuid, by=self.stage.clerk, at=self.now)
        self.told[uuid].ended = True

    @rule(reference=st.sampled_from(REFERENCES))
    def settle(self, reference: str) -> None:
        """Settle a loan."""
        settling.settle(reference, on=self.today, by=self.stage.bank, region="990121", at=self.now)
        for one in self.told.values():
            if one.reference == reference and not one.ended:
                one.last = min(one.last, self.today + timedelta(days=30))

    @rule(days=st.integers(min_value=1, max_value=20))
    def pass_days(self, days: int) -> None:
        """Let days pass."""
        self.now += timedelta(days=days)

    @rule()
    def tidy(self) -> None:
        """Bring kept states up to the day."""
        expiring.tidy(at=self.now)
        for row in Authorisation.objects.filter(uuid__in=self.told):
            standing = queries.stands(row)
            assert standing is not None
            live = standing.terms.valid_from <= self.today <= standing.last_day
            assert (row.state == State.ACTIVE) <= live

    @invariant()
    def follows_the_table(self) -> None:
        """Check that states only move as the table says, and the list counts as we do."""
        for line in overview.given(SUBJECT, at=self.now):
            told = self.told[line.uuid]
            kept = State(Authorisation.objects.get(uuid=line.uuid).state)
            assert kept in _reachable(told.seen)
            told.seen = kept
            assert line.used == len(told.uses)
            assert line.sound


def _reachable(state: State) -> set[State]:
    found = {state}
    for leads in TRANSITIONS[state].values():
        found |= _reachable(leads)
    return found


@contextmanager
def undone() -> Iterator[None]:
    """Undo in the database whatever happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_only_live_authorisations_carry(stage: Stage) -> None:
    key = own_key(stage)

    class OnThisStage(Life):
        def __init__(self) -> None:
            self.stage, self.key = stage, key
            self.undo = undone()
            self.undo.__enter__()
            super().__init__()

        def teardown(self) -> None:
            self.undo.__exit__(None, None, None)

    run_state_machine_as_test(
        OnThisStage, settings=settings(max_examples=12, stateful_step_count=14, deadline=None)
    )
