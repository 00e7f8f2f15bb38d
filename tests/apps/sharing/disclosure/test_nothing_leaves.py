"""Random authorisations, withdrawals, times and questions: nothing leaves without a live matching authorisation.

The oracle knows the rules in its own words and no code of the node's.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.apps.sharing.disclosure.county import EAST, NORTH, build, grant, hold, tax_paid, terms

from creditmesh.apps.ground.audit.models import Entry, Leaf
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.sharing.authorisations.operations import withdrawing
from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.disclosure.operations.inquiring import inquire
from creditmesh.apps.sharing.disclosure.rules.questions import InquiryRefused, Question
from creditmesh.catalogue.model import Mode

ITEMS = ("TAX-02", "SOC-01", "TAX-01")
MAY = {"TAX-02": {Mode.AUTH, Mode.RAW}, "SOC-01": {Mode.AUTH}, "TAX-01": {Mode.AUTH}}
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Believed:
    """What the oracle knows of one authorisation."""

    subject: str
    institution: str
    items: frozenset[str]
    modes: frozenset[Mode]
    explicit: bool
    first: date
    last: date
    data_from: date
    left: int
    per_day: int
    withdrawn: bool = False
    days: tuple[date, ...] = ()

    def carries(self, who: str, question: Question, today: date) -> bool:
        """Whether anything may leave, in the words of the law."""
        return (
            not self.withdrawn
            and who == self.institution
            and question.subject == self.subject
            and question.purpose == "pre-loan"
            and set(question.items) <= self.items
            and question.mode in self.modes
            and (question.mode is not Mode.RAW or self.explicit)
            and self.first <= today <= self.last
            and (question.data_from is None or question.data_from >= self.data_from)
            and self.left > 0
            and self.days.count(today) < self.per_day
        )


class TheDoor(RuleBasedStateMachine):
    """People give and take back, time passes, banks ask for anything."""

    @initialize()
    def town(self) -> None:
        """Begin with an empty ledger."""
        self.now = datetime.now(UTC)
        self.town = CURRENT["town"]
        self.before = Inquiry.objects.count()
        self.asked = self.answered = 0
        self.known: dict[UUID, Believed] = {}
        today = self.now.astimezone(SHANGHAI).date()
        wide = Believed(
            EAST, "BANK", frozenset(ITEMS), frozenset({Mode.AUTH}), False,
            today, today + timedelta(days=9), today - timedelta(days=200), 9, 5,
        )  # fmt: skip
        signed = terms(
            EAST, "BANK", at=self.now, items=ITEMS, modes=(Mode.AUTH,), valid_from=wide.first, valid_to=wide.last,
            data_from=wide.data_from, max_queries=wide.left, per_day=wide.per_day,
        )  # fmt: skip
        self.known[grant(signed, at=self.now)] = wide

    @rule(
        subject=st.sampled_from([EAST, NORTH]),
        institution=st.sampled_from(["BANK", "RIVAL"]),
        items=st.sets(st.sampled_from(ITEMS), min_size=1),
        modes=st.sets(st.sampled_from([Mode.AUTH, Mode.RAW]), min_size=1),
        explicit=st.booleans(),
        starts=st.integers(-2, 1),
        lasts=st.integers(0, 4),
        reach=st.integers(1, 200),
        most=st.integers(1, 3),
        per_day=st.integers(1, 2),
    )
    def give(
        self, *, subject, institution, items, modes, explicit, starts, lasts, reach, most, per_day
    ) -> None:
        """An enterprise authorises."""
        today = self.now.astimezone(SHANGHAI).date()
        first, reaching = today + timedelta(days=starts), today - timedelta(days=reach)
        last = first + timedelta(days=lasts)
        signed = terms(
            subject, institution, at=self.now, items=tuple(sorted(items)), modes=tuple(sorted(modes)),
            raw_detail_explicit=explicit, valid_from=first, valid_to=last, data_from=reaching,
            max_queries=most, per_day=per_day,
        )  # fmt: skip
        self.known[grant(signed, at=self.now)] = Believed(
            subject,
            institution,
            frozenset(items),
            frozenset(modes),
            explicit,
            first,
            last,
            reaching,
            most,
            per_day,
        )

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def take_back(self, data) -> None:
        """The enterprise withdraws one of its own that is in force."""
        today = self.now.astimezone(SHANGHAI).date()
        mine = [
            uuid
            for uuid, one in self.known.items()
            if one.subject == EAST and not one.withdrawn and one.left and today <= one.last
        ]
        if not mine:
            return
        uuid = data.draw(st.sampled_from(mine))
        withdrawing.withdraw(uuid, by=self.town.owner, at=self.now, why="")
        self.known[uuid].withdrawn = True

    @rule(days=st.integers(1, 2))
    def pass_time(self, days) -> None:
        """A day or two go by."""
        self.now += timedelta(days=days)

    @rule(data=st.data(), purpose=st.sampled_from(["pre-loan", "pre-loan", "pre-loan", "post-loan"]))
    def ask(self, data, purpose) -> None:
        """A bank asks, mostly about what somebody gave, and gets exactly what the oracle allows."""
        uuid = data.draw(st.sampled_from([*self.known, None]))
        near = self.known.get(uuid)
        # Mostly what somebody gave, with one thing or another wrong.
        faithful = near is not None and data.draw(st.integers(0, 3)) < 3
        subject = near.subject if faithful else data.draw(st.sampled_from([EAST, NORTH]))
        who = near.institution if faithful else data.draw(st.sampled_from(["BANK", "RIVAL"]))
        mode = data.draw(st.sampled_from(sorted(near.modes) if faithful else [Mode.AUTH, Mode.RAW]))
        items = data.draw(st.sets(st.sampled_from(sorted(near.items) if faithful else ITEMS), min_size=1))
        back = None if faithful else data.draw(st.none() | st.integers(0, 250))
        today = self.now.astimezone(SHANGHAI).date()
        question = Question(
            subject=subject, items=tuple(sorted(items)), mode=mode, purpose=purpose, authorisation=uuid,
            data_from=today - timedelta(days=back) if back is not None else None,
        )  # fmt: skip
        self._asked(question, who=who, near=near, today=today)

    @rule(item=st.sampled_from(ITEMS))
    def ask_as_agreed(self, item) -> None:
        """The bank asks what the first authorisation lets it ask, for as long as that is in force."""
        uuid, near = next(iter(self.known.items()))
        question = Question(
            subject=EAST, items=(item,), mode=Mode.AUTH, purpose="pre-loan", authorisation=uuid
        )
        today = self.now.astimezone(SHANGHAI).date()
        self._asked(question, who="BANK", near=near, today=today)

    def _asked(self, question: Question, *, who: str, near: Believed | None, today: date) -> None:
        by = replace(self.town.bank if who == "BANK" else self.town.rival)
        possible = all(question.mode in MAY[one] for one in question.items)
        allowed = near is not None and near.carries(who, question, today) and possible
        self.asked += 1
        try:
            content = inquire(by, question, self.now).content
        except InquiryRefused:
            assert not allowed
            return
        assert allowed
        assert near is not None
        self.answered += 1
        self._check(content, near, question, today)
        CURRENT["answered"] += 1
        near.left -= 1
        near.days = (*near.days, today)

    def _check(self, content: dict[str, Any], near: Believed, question: Question, today: date) -> None:
        for block in content["blocks"]:
            assert block["item"] in near.items
            for record in block["records"]:
                assert near.data_from.isoformat() <= record["event_date"] <= today.isoformat()
                paid = record["values"].get("paid")
                assert isinstance(paid, dict if question.mode is Mode.AUTH else int)

    @invariant()
    def everything_is_written_down(self) -> None:
        """Each question stands in the ledger, in the tree, with how it ended."""
        if not hasattr(self, "before"):
            return
        rows = Inquiry.objects.order_by("-id")[: self.asked] if self.asked else []
        assert Inquiry.objects.count() - self.before == self.asked
        assert sum(one.outcome == "answered" for one in rows) == self.answered
        keys = [str(one.uuid) for one in rows]
        entries = Entry.objects.filter(object_kind="inquiry", object_key__in=keys)
        assert Leaf.objects.filter(entry_id__in=entries.values_list("id", flat=True)).count() == self.asked


CURRENT: dict[str, Any] = {}


def _walk(examples: int, steps: int) -> None:
    at = datetime.now(UTC)
    CURRENT.update(town=build(at), answered=0)
    for subject in (EAST, NORTH):
        hold("TAX-02", tax_paid(subject))
    run_state_machine_as_test(
        TheDoor,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert CURRENT["answered"] >= 3, "most questions were refused: the test would prove little"


def test_nothing_leaves_without_a_live_matching_authorisation(db: None, node: ThisNode) -> None:
    _walk(examples=12, steps=25)


@pytest.mark.slow
def test_nothing_leaves_however_long_one_tries(db: None, node: ThisNode) -> None:
    _walk(examples=300, steps=50)
