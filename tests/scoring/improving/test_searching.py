"""The search finds exactly what trying everything finds."""

from hypothesis import HealthCheck, assume, given, settings
from tests.scoring.improving.small import Small, every_smallest, small

from creditmesh.scoring.improving.searching import reaches, search

QUICK = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


class TestTheSearch:
    @given(small())
    @QUICK
    def test_finds_the_smallest_sets_and_no_others(self, one: Small):
        rank = one.score(one.row).grade
        assume(rank not in {None, one.plan.symbols[0]} and one.levers)
        target = one.plan.symbols.index(str(rank)) - 1
        rest = {"row": one.row, "score": one.score, "target": target}

        found = search(one.plan, levers=one.levers, **rest)

        assert found.settled
        brute = every_smallest(one.plan, all_levers=one.levers, **rest)
        assert [(way.effort, tuple(n for n, _ in way.changes)) for way in found.found] == brute

    @given(small())
    @QUICK
    def test_proposes_nothing_that_does_not_give_the_grade(self, one: Small):
        grade = one.score(one.row).grade
        assume(grade not in {None, one.plan.symbols[0]} and one.levers)

        for target in range(one.plan.symbols.index(str(grade))):
            found = search(one.plan, levers=one.levers, row=one.row, score=one.score, target=target)
            for way in found.found:
                assert reaches(one.plan, one.score({**one.row, **way.values()}), target)
