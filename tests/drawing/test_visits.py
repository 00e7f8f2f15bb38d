"""Who goes where: two officers, fitting, not recused, near; departments that go together."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing.conftest import DAY

from creditmesh.drawing.pools import Duty, Inspector, freeze_inspectors
from creditmesh.drawing.visits.joint import Errand, merge
from creditmesh.drawing.visits.officers import BadNeed, Bench, Member, Need, Staffing, Team, Visit, assign
from creditmesh.drawing.visits.recusal import Conflict, Interest, Tie, conflicts

SEED = "ab" * 32
VISITS = [Visit(f"o{number}", "990121") for number in range(6)]


def someone(name, unit="samr", **other):
    return Inspector(
        **{"id": name, "unit": unit, "region": "990121", "valid_to": "2026-12-31", "specialties": ()} | other
    )


TWO = (Need("samr", 2),)


def teams(people, *, needs=TWO, visits=VISITS, barred=(), **other):
    staffing = Staffing(needs=needs, valid_on=DAY, **other)
    return assign(
        visits=visits,
        pool=freeze_inspectors(people),
        staffing=staffing,
        conflicts=barred,
        seed=SEED,
        task="T",
    )


class TestATeam:
    @given(
        st.integers(0, 8),
        st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7)), max_size=30),
        st.integers(1, 4),
        st.booleans(),
    )
    def test_is_whole_or_none_and_never_of_one(self, number, pairs, load, joint):
        people = [someone(f"i{place}") for place in range(number)] + [
            someone("f0", "fire"),
            someone("f1", "fire"),
        ]
        barred = [Conflict(f"o{one}", f"i{other}", "relative") for one, other in pairs]
        needs = (Need("samr", 2), Need("fire", 1)) if joint else (Need("samr", 2),)
        found = teams(people, needs=needs, barred=barred, load=load)
        visited: dict[str, int] = {}
        for team in found:
            assert bool(team.members) != bool(team.failure)
            assert len(team.members) in {0, 2 + joint}
            away = {one.inspector for one in barred if one.object == team.object}
            assert not away & {one.inspector for one in team.members}
            for member in team.members:
                visited[member.inspector] = visited.get(member.inspector, 0) + 1
        assert all(times <= load for times in visited.values())

    def test_has_a_lead_of_the_leading_department(self):
        people = [
            *(someone(f"i{number}") for number in range(4)),
            someone("f", "fire", duty=Duty.EXPERT.value),
        ]
        people += [someone(f"f{number}", "fire") for number in range(3)]
        needs = (Need("samr", 2), Need("fire", 1, (), 1))
        for team in teams(people, needs=needs):
            assert [one.role for one in team.members] == ["lead", "assistant", "assistant", "expert"]
            assert [one.unit for one in team.members] == ["samr", "samr", "fire", "fire"]

    def test_does_not_depend_on_the_order_of_the_pool(self):
        people = [someone(f"i{number}") for number in range(9)]
        assert teams(people) == teams(people[::-1])

    @pytest.mark.parametrize(
        "unfit",
        [
            {"valid_to": (DAY - timedelta(days=1)).isoformat()},
            {"unit": "tax"},
            {"active": False},
            {"duty": "expert"},
            {"specialties": ("lifts",)},
            {"load": 30},
        ],
        ids=str,
    )
    def test_has_nobody_who_does_not_fit(self, unfit):
        needs = (Need("samr", 2, ("food",)),)
        fit = [someone("a", specialties=("food",)), someone("b", specialties=("food", "lifts"))]
        third = someone("c", **({"specialties": ("food",)} | unfit))
        for team in teams([*fit, third], needs=needs):
            assert {one.inspector for one in team.members} == {"a", "b"}
        for team in teams([fit[0], third], needs=needs):
            assert team.members == ()
            assert team.failure == "samr: 1 of 2 officers, 0 of 0 experts"

    def test_comes_from_near_first_and_from_farther_when_it_must(self):
        near = [someone("n0"), someone("n1")]
        city = [someone("c0", region="990188"), someone("c1", region="990188")]
        assert {one.width for one in teams([*near, *city])} == {6}
        found = teams([near[0], *city])
        assert {one.width for one in found} == {4}
        assert teams([someone("x", region="11"), someone("y", region="12")])[0].width == 0

    def test_is_found_anew_for_one_place_only(self):
        people = [someone(f"i{number}") for number in range(4)]
        bench = Bench(rows=people, staffing=Staffing(needs=(Need("samr", 2),), valid_on=DAY, load=1))
        bench.count(Team("o", 6, (Member("i0", "samr", "lead"),)))
        asked = {"unit": "samr", "duty": Duty.OFFICER, "visit": VISITS[0], "rank": "x"}
        found = bench.another(barred={"i1"}, **asked)
        assert found is not None
        assert found.id in {"i2", "i3"}
        assert bench.another(barred={"i1", "i2", "i3"}, **asked) is None

    @pytest.mark.parametrize(
        ("needs", "other"),
        [
            ((), {}),
            ((Need("a", 1),), {}),
            ((Need("a", 2), Need("a", 2)), {}),
            ((Need("a", 2), Need("b", 0)), {}),
            ((Need("a", 2, (), -1),), {}),
            ((Need("a", 2),), {"least": 3}),
            ((Need("a", 2),), {"least": 1}),
        ],
        ids=str,
    )
    def test_cannot_be_asked_for_too_small(self, needs, other):
        with pytest.raises(BadNeed):
            Staffing(needs=needs, valid_on=DAY, **other)


class TestARecusal:
    @pytest.mark.parametrize(
        ("interest", "bars"),
        [
            (Interest(kind=Tie.RELATIVE, object="o1"), True),
            (Interest(kind=Tie.RELATIVE, object="o1", until=DAY - timedelta(days=1)), False),
            (Interest(kind=Tie.SHAREHOLDER, object="o1", until=DAY), True),
            (Interest(kind=Tie.EMPLOYEE, object="o1", until=date(2023, 3, 2)), True),
            (Interest(kind=Tie.EMPLOYEE, object="o1", until=date(2023, 3, 1)), False),
            (Interest(kind=Tie.EMPLOYEE, object="o1", until=date(2024, 2, 29)), True),
            (Interest(kind=Tie.DECLARED, object="other"), False),
        ],
        ids=str,
    )
    def test_follows_from_what_was_declared(self, interest, bars):
        found = conflicts(
            objects=["o1"],
            interests={"i": [interest]},
            on=DAY,
            former_employee_years=3,
            last_officers={},
        )
        assert found == ((Conflict("o1", "i", interest.kind.value),) if bars else ())

    def test_counts_years_from_a_leap_day(self):
        tie = Interest(kind=Tie.EMPLOYEE, object="x", until=date(2024, 2, 29))
        assert tie.bars(on=date(2027, 2, 28), former_employee_years=3)
        assert not tie.bars(on=date(2027, 3, 1), former_employee_years=3)

    def test_keeps_the_same_pair_from_meeting_twice_running(self):
        found = conflicts(
            objects=["o1", "o2"],
            interests={},
            on=DAY,
            former_employee_years=3,
            last_officers={"o1": {"i"}, "o9": {"i"}},
        )
        assert found == (Conflict("o1", "i", "same_as_last_time"),)


def errand(task, unit, object_="x", first=1, last=10, items=("a",)):
    return Errand(
        task=task,
        unit=unit,
        object=object_,
        items=items,
        first=date(2026, 5, first),
        last=date(2026, 5, last),
    )


class TestAJointVisit:
    def test_unites_items_days_and_departments(self):
        found = merge(
            [errand("T1", "samr"), errand("T2", "fire", first=5, last=20, items=("b", "a"))],
            precedence=["fire"],
        )
        assert len(found) == 1
        assert (found[0].lead, found[0].units) == ("fire", ("fire", "samr"))
        assert found[0].items == ("a", "b")
        assert (found[0].first.day, found[0].last.day) == (5, 10)

    def test_is_not_made_of_days_that_do_not_meet(self):
        found = merge([errand("T1", "samr", last=4), errand("T2", "fire", first=5)])
        assert [one.units for one in found] == [("samr",), ("fire",)]

    def test_is_of_one_object(self):
        assert len(merge([errand("T1", "samr"), errand("T2", "fire", object_="y")])) == 2

    @given(st.lists(st.tuples(st.integers(1, 28), st.integers(0, 9)), min_size=1, max_size=8), st.randoms())
    def test_has_days_on_which_everyone_can_come(self, days, chance):
        errands = [
            errand(f"T{number}", f"u{number}", first=first, last=min(first + more, 31))
            for number, (first, more) in enumerate(days)
        ]
        mixed = list(errands)
        chance.shuffle(mixed)
        found = merge(mixed)
        assert found == merge(errands)
        assert sorted(task for one in found for task in one.tasks) == sorted(one.task for one in errands)
        for one in found:
            assert one.first <= one.last
            assert all(
                each.first <= one.first <= one.last <= each.last for each in errands if each.task in one.tasks
            )
