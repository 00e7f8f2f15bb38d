"""The one decision, the transition table, and the cases that stand beside the purposes."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.apps.sharing.authorisations.terms import FIRST, NOON, SUBJECT, ask, standing, terms, widest_terms

from creditmesh.apps.sharing.authorisations.rules import (
    LIVE,
    TRANSITIONS,
    Ask,
    Grantee,
    Move,
    Refusal,
    Standing,
    State,
    Terms,
    WrongMove,
    after,
    decide,
    narrowed,
    one_family,
    state_at,
    use,
    window,
)
from creditmesh.catalogue import purposes
from creditmesh.catalogue.model import Mode
from creditmesh.catalogue.reading import read
from creditmesh.kernel.periods import add_months

ITEMS = ("TAX-02", "SOC-01", "UTL-02", "EVALUATION")
MODES = (Mode.AUTH, Mode.VERIFY, Mode.RAW)
DAY = timedelta(days=1)


def cases() -> list[Any]:
    """Every case beside a purpose."""
    found = []
    for path in sorted(Path(purposes.SHIPPED).glob("*" + purposes.CASES)):
        data: Any = read(path).data
        found += [
            pytest.param(data["purpose"], one, id=f"{data['purpose']}: {one['name']}")
            for one in data["cases"]
        ]
    return found


@pytest.mark.parametrize(("code", "case"), cases())
def test_a_case_of_a_purpose(code: str, case: dict[str, Any]) -> None:
    said, asked = case.get("standing", {}), case["ask"]
    given_terms = widest_terms(purposes.purpose(code, on=FIRST), raw=bool(said.get("raw")))
    settled = said.get("settled_after")
    stands = standing(
        State(said.get("state", "active")),
        of=given_terms,
        used=said.get("used", 0),
        used_today=said.get("used_today", 0),
        used_day=FIRST,
        ends_on=None if settled is None else FIRST + timedelta(days=settled + 30),
    )
    question = ask(
        subject=asked.get("subject", SUBJECT),
        institution=asked.get("institution", "BANK"),
        items=(asked["item"],),
        mode=Mode(asked["mode"]),
        purpose=asked.get("purpose", code),
        data_from=add_months(FIRST, -asked["months"]),
    )
    found = decide(stands, question, at=NOON + asked.get("day", 0) * DAY)
    assert (found or "permitted") == case["expect"]


def test_every_purpose_has_cases() -> None:
    assert {one.values[0] for one in cases()} == set(purposes.load().codes)


class TestDeciding:
    """Each reason, alone."""

    @pytest.mark.parametrize(
        ("stands", "question", "refusal"),
        [
            (standing(), ask(), None),
            (None, ask(), Refusal.NO_AUTHORISATION),
            (standing(State.DRAFT), ask(), Refusal.NO_AUTHORISATION),
            (standing(State.SIGNED), ask(), None),
            (standing(State.REVOKED), ask(), Refusal.WITHDRAWN),
            (standing(State.EXHAUSTED), ask(), Refusal.EXHAUSTED),
            (standing(State.SUPERSEDED), ask(), Refusal.SUPERSEDED),
            (standing(State.EXPIRED), ask(), Refusal.EXPIRED),
            (standing(), ask(institution="OTHER"), Refusal.OTHER_GRANTEE),
            (standing(), ask(subject="X"), Refusal.OTHER_SUBJECT),
            (standing(), ask(purpose="insurance"), Refusal.PURPOSE_MISMATCH),
            (standing(), ask(items=("TAX-02", "EST-01")), Refusal.ITEM_NOT_COVERED),
            (standing(), ask(items=()), Refusal.ITEM_NOT_COVERED),
            (standing(), ask(mode=Mode.RAW), Refusal.MODE_NOT_COVERED),
            (standing(), ask(mode=Mode.GOV), Refusal.MODE_NOT_COVERED),
            (standing(of=terms(modes=MODES)), ask(mode=Mode.RAW), Refusal.RAW_NOT_EXPLICIT),
            (standing(of=terms(modes=MODES, raw_detail_explicit=True)), ask(mode=Mode.RAW), None),
            (standing(), ask(data_from=None), Refusal.PERIOD_EXCEEDED),
            (standing(), ask(data_from=date(2020, 1, 1)), Refusal.PERIOD_EXCEEDED),
            (standing(), ask(data_to=FIRST), None),
            (standing(), ask(data_to=FIRST + DAY), Refusal.PERIOD_EXCEEDED),
            (standing(of=terms(data_to=FIRST - DAY)), ask(), Refusal.PERIOD_EXCEEDED),
            (standing(of=terms(data_to=FIRST - DAY)), ask(data_to=FIRST - DAY), None),
            (standing(used=10), ask(), Refusal.EXHAUSTED),
            (standing(used=3, used_today=3, used_day=FIRST), ask(), Refusal.TOO_FREQUENT),
            (standing(used=3, used_today=3, used_day=FIRST - DAY), ask(), None),
            (standing(ends_on=FIRST - DAY), ask(), Refusal.EXPIRED),
            (standing(of=terms(valid_from=FIRST + DAY)), ask(), Refusal.NOT_YET_VALID),
        ],
    )
    def test_says_why(self, stands: Standing | None, question: Ask, refusal: Refusal | None) -> None:
        assert decide(stands, question, at=NOON) == refusal

    def test_branches_ask_in_the_name_of_the_grantee(self) -> None:
        stands = standing(of=terms(grantee=Grantee(code="BANK", name="x", branches=("BANK-2",))))
        assert decide(stands, ask(institution="BANK-2"), at=NOON) is None
        assert decide(stands, ask(institution="BANK-3"), at=NOON) == Refusal.OTHER_GRANTEE

    def test_days_are_days_of_the_node(self) -> None:
        last = datetime.fromisoformat("2027-01-20T23:59:59+08:00")
        assert decide(standing(), ask(), at=last) is None
        assert decide(standing(), ask(), at=last + timedelta(seconds=1)) == Refusal.EXPIRED

    def test_the_window_is_what_an_inquiry_may_see(self) -> None:
        for given_terms in (terms(), terms(data_to=FIRST - DAY), terms(data_to=FIRST + DAY)):
            first, last = window(given_terms, at=NOON)
            assert decide(standing(of=given_terms), ask(data_from=first, data_to=last), at=NOON) is None


days = st.integers(min_value=-400, max_value=400).map(lambda days: FIRST + timedelta(days=days))


@st.composite
def some_terms(draw: st.DrawFn) -> Terms:
    """Any terms, mostly ones that might carry something."""
    start = draw(st.integers(min_value=-30, max_value=30))
    return terms(
        purpose=draw(st.sampled_from(["pre-loan", "insurance"])),
        items=tuple(draw(st.lists(st.sampled_from(ITEMS), unique=True))),
        modes=tuple(draw(st.lists(st.sampled_from(MODES), unique=True))),
        raw_detail_explicit=draw(st.booleans()),
        data_from=draw(days),
        data_to=draw(st.none() | days),
        valid_from=FIRST + start * DAY,
        valid_to=FIRST + (start + draw(st.integers(min_value=0, max_value=60))) * DAY,
        max_queries=draw(st.integers(min_value=1, max_value=6)),
        per_day=draw(st.integers(min_value=1, max_value=3)),
    )


@st.composite
def some_standing(draw: st.DrawFn) -> Standing:
    """Any standing."""
    used = draw(st.integers(min_value=0, max_value=7))
    return Standing(
        terms=draw(some_terms()),
        state=draw(st.sampled_from([*State, State.ACTIVE, State.SIGNED])),
        used=used,
        used_today=draw(st.integers(min_value=0, max_value=used)),
        used_day=draw(st.none() | st.just(FIRST)),
        ends_on=draw(st.none() | days),
    )


asks = st.builds(
    Ask,
    subject=st.sampled_from([SUBJECT, SUBJECT, "OTHER"]),
    institution=st.sampled_from(["BANK", "BANK", "OTHER"]),
    items=st.lists(st.sampled_from(ITEMS), unique=True, max_size=3).map(tuple),
    mode=st.sampled_from([*MODES, Mode.GOV]),
    purpose=st.sampled_from(["pre-loan", "insurance"]),
    data_from=st.none() | days,
    data_to=st.none() | days,
)
moments = st.integers(min_value=-60 * 24, max_value=60 * 24).map(lambda hours: NOON + timedelta(hours=hours))


@st.composite
def fitting(draw: st.DrawFn) -> tuple[Standing, Ask, datetime]:
    """An authorisation in force and an inquiry it carries."""
    life = draw(st.integers(min_value=0, max_value=60))
    most = draw(st.integers(min_value=1, max_value=6))
    back = draw(st.integers(min_value=0, max_value=400))
    items = draw(st.lists(st.sampled_from(ITEMS), unique=True, min_size=1))
    held = terms(
        items=tuple(items),
        modes=MODES,
        raw_detail_explicit=True,
        data_from=FIRST - back * DAY,
        valid_to=FIRST + life * DAY,
        max_queries=most,
        per_day=draw(st.integers(min_value=1, max_value=most)),
    )
    question = ask(
        items=tuple(items[: draw(st.integers(min_value=1, max_value=len(items)))]),
        mode=draw(st.sampled_from(MODES)),
        data_from=held.data_from + draw(st.integers(min_value=0, max_value=back)) * DAY,
    )
    stands = Standing(
        terms=held,
        state=draw(st.sampled_from(sorted(LIVE))),
        used=draw(st.integers(min_value=0, max_value=most - 1)),
    )
    return stands, question, NOON + draw(st.integers(min_value=0, max_value=life)) * DAY


@st.composite
def narrower(draw: st.DrawFn, whole: Terms) -> Terms:
    """The same terms or narrower ones."""

    def fewer(kept: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(one for one in kept if draw(st.booleans()))

    def later(day: date) -> date:
        return day + draw(st.integers(min_value=0, max_value=40)) * DAY

    last = draw(st.none() | days)
    ends = [one for one in (whole.data_to, last) if one is not None]
    return whole.model_copy(
        update={
            "items": fewer(whole.items),
            "modes": fewer(whole.modes),
            "raw_detail_explicit": whole.raw_detail_explicit and draw(st.booleans()),
            "data_from": later(whole.data_from),
            "data_to": min(ends) if ends else None,
            "valid_from": later(whole.valid_from),
            "valid_to": whole.valid_to - draw(st.integers(min_value=0, max_value=40)) * DAY,
            "max_queries": draw(st.integers(min_value=1, max_value=whole.max_queries)),
            "per_day": draw(st.integers(min_value=1, max_value=whole.per_day)),
        }
    )


class TestWhatAlwaysHolds:
    @given(st.one_of(fitting(), st.tuples(some_standing(), asks, moments)), st.data())
    def test_narrowing_never_turns_a_refusal_into_a_permit(
        self, asked: tuple[Standing, Ask, datetime], data: st.DataObject
    ) -> None:
        stands, question, at = asked
        less = replace(stands, terms=data.draw(narrower(stands.terms)))
        if decide(less, question, at=at) is None:
            assert decide(stands, question, at=at) is None

    @given(st.one_of(fitting(), st.tuples(some_standing(), asks, moments)))
    def test_what_is_permitted_is_covered_in_every_respect(
        self, asked: tuple[Standing, Ask, datetime]
    ) -> None:
        stands, question, at = asked
        held, today = stands.terms, stands.terms.day(at)
        covered = [
            stands.state in LIVE,
            held.valid_from <= today <= min(held.valid_to, stands.ends_on or held.valid_to),
            0 < len(question.items) == len(set(question.items) & set(held.items)),
            question.mode in held.modes,
            question.mode != Mode.RAW or held.raw_detail_explicit,
            (question.subject, question.institution, question.purpose) == (SUBJECT, "BANK", held.purpose),
            stands.used < held.max_queries,
            stands.used_on(today) < held.per_day,
            question.data_from is not None and window(held, at=at)[0] <= question.data_from,
            (question.data_to or today) <= window(held, at=at)[1],
        ]
        assert (decide(stands, question, at=at) is None) == all(covered)

    @given(fitting())
    def test_asking_for_less_of_what_is_permitted_is_permitted(
        self, asked: tuple[Standing, Ask, datetime]
    ) -> None:
        stands, question, at = asked
        assert decide(stands, question, at=at) is None
        assert decide(stands, replace(question, items=question.items[:1]), at=at) is None

    @given(fitting())
    def test_uses_run_out(self, asked: tuple[Standing, Ask, datetime]) -> None:
        stands, question, at = asked
        for _ in range(stands.terms.max_queries - stands.used):
            if decide(stands, question, at=at) is not None:
                break
            counts = use(stands, at=at)
            stands = replace(
                stands,
                used=counts.used,
                used_day=counts.used_day,
                used_today=counts.used_today,
                state=counts.state,
            )
        assert decide(stands, question, at=at) in {Refusal.EXHAUSTED, Refusal.TOO_FREQUENT}
        assert stands.used <= stands.terms.max_queries

    @given(some_standing(), moments, moments)
    def test_time_only_begins_and_ends(self, stands: Standing, one: datetime, other: datetime) -> None:
        order = [State.SIGNED, State.ACTIVE, State.EXPIRED]
        first, second = (state_at(stands, at=at) for at in sorted((one, other)))
        if stands.state in LIVE:
            assert order.index(first) <= order.index(second)
        else:
            assert first == second == stands.state


class TestTransitions:
    def test_nothing_leads_back_from_an_end(self) -> None:
        ends = {state for state, moves in TRANSITIONS.items() if not moves}
        assert ends == set(State) - {State.DRAFT, State.SIGNED, State.ACTIVE}
        assert set(TRANSITIONS) == set(State)

    def test_refuses_every_other_move(self) -> None:
        for state in State:
            for move in Move:
                if move in TRANSITIONS[state]:
                    assert after(state, move) == TRANSITIONS[state][move]
                else:
                    with pytest.raises(WrongMove):
                        after(state, move)


class TestSmallThings:
    def test_a_newer_one_of_the_family_takes_the_place(self) -> None:
        assert one_family(terms(), terms(items=("SOC-01",)))
        assert not one_family(terms(), terms(reference="B"))

    def test_what_was_not_asked_for_is_not_given(self) -> None:
        assert narrowed(("A", "B", "C"), ("C", "A", "X")) == ("A", "C")

    def test_what_is_left_is_never_negative(self) -> None:
        assert standing(used=12).left() == 0
