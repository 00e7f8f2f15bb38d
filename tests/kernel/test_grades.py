"""Grade sets of any length, best first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.kernel.grades import BadGradeSet, Grade, GradeSet, MixedGradeSets, UnknownGrade

NATIONAL = GradeSet("national", ("A", "B", "C", "D"))
SHANDONG = GradeSet("shandong", ("A", "B", "C", "D", "E"))


@st.composite
def grades(draw, of=SHANDONG):
    return Grade(of, draw(st.integers(0, len(of) - 1)))


class TestAGradeSet:
    def test_is_ordered_best_first(self):
        assert [str(grade) for grade in NATIONAL] == ["A", "B", "C", "D"]
        assert (NATIONAL.best.symbol, NATIONAL.worst.symbol) == ("A", "D")
        assert len(SHANDONG) == 5

    @pytest.mark.parametrize("symbols", [(), ("A", "A"), ("A", "")])
    def test_needs_symbols_that_differ(self, symbols):
        with pytest.raises(BadGradeSet):
            GradeSet("bad", symbols)

    def test_refuses_a_symbol_it_has_not(self):
        with pytest.raises(UnknownGrade, match="A, B, C, D"):
            NATIONAL.grade("E")

    def test_may_have_a_single_grade(self):
        only = GradeSet("only", ("listed",))
        assert only.best == only.worst == only.best.step(3)


class TestAGrade:
    def test_compares(self):
        assert NATIONAL.grade("C").is_worse_than(NATIONAL.grade("B"))
        assert NATIONAL.grade("A").is_better_than(NATIONAL.grade("B"))
        assert not NATIONAL.grade("B").is_better_than(NATIONAL.grade("B"))

    def test_does_not_compare_across_sets(self):
        with pytest.raises(MixedGradeSets, match="cannot be compared"):
            NATIONAL.grade("A").worse_of(SHANDONG.grade("A"))

    def test_is_capped(self):
        assert NATIONAL.grade("A").capped_at(NATIONAL.grade("C")).symbol == "C"
        assert NATIONAL.grade("D").capped_at(NATIONAL.grade("C")).symbol == "D"

    def test_steps_within_the_set(self):
        assert NATIONAL.grade("B").step(1).symbol == "C"
        assert NATIONAL.grade("B").step(-5).symbol == "A"
        assert NATIONAL.grade("B").step(9).symbol == "D"

    @given(grades(), grades())
    def test_has_one_worse_and_one_better_of_two(self, one, other):
        assert {one.worse_of(other), one.better_of(other)} == {one, other}
        assert not one.better_of(other).is_worse_than(one.worse_of(other))

    @given(grades(), grades(), grades())
    def test_is_never_improved_by_a_cap(self, one, cap, tighter):
        assert not one.capped_at(cap).is_better_than(one)
        assert one.capped_at(cap).capped_at(tighter) == one.capped_at(tighter).capped_at(cap)
