"""What hangs on each weight, against scoring everybody again from the inputs."""

import duckdb
import pytest
from hypothesis import HealthCheck, given, reject, settings
from tests.scoring import random_systems
from tests.scoring.test_parity import by_python, synthetic

from creditmesh.apps.evaluation.trials.operations import weighing
from creditmesh.apps.evaluation.trials.rules.weights import reweighted, weights, with_weights
from creditmesh.scoring import loading
from creditmesh.scoring.language.parsing import NotUnderstood
from creditmesh.scoring.plan import compile_plan

PERCENT = 25


def told(system, rows, *, at_once=weighing.MOST_ROWS):
    """Return by id how many grades change when a weight is raised, and when it is lowered."""
    with duckdb.connect(config={"threads": 1}) as connection, pytest.MonkeyPatch.context() as patched:
        patched.setattr(weighing, "MOST_ROWS", at_once)
        connection.register("wide", rows)
        found = weighing.sensitivities(
            connection, system=system, relation="wide", percent=PERCENT, sample=1_000, tell=lambda done: None
        )
    assert found["sample"] == len(rows)
    return {(one["level"], one["id"]): (one["up"], one["down"]) for one in found["weights"]}


def scored_again(system, rows, chosen):
    """Return the same by scoring every row again from its inputs under each weighting."""
    plan, inputs = compile_plan(system), rows.to_pylist()
    stood = [one["grade"] for one in by_python(plan, inputs)]
    found = {}
    for one in chosen:
        counts = []
        for turn in (1, -1):
            moved = reweighted(system.definition, one.path, one.moved(turn=turn, percent=PERCENT))
            now = by_python(with_weights(plan, moved), inputs)
            counts.append(sum(row["grade"] != was for row, was in zip(now, stood, strict=True)))
        found[one.level, one.id] = tuple(counts)
    return found


class TestSensitivities:
    @pytest.mark.parametrize("name", ["general", "food-production-2022"])
    def test_of_a_shipped_system_are_those_of_scoring_everybody_again(self, name):
        system = loading.load(loading.shipped()[name])
        rows = synthetic(compile_plan(system), system, 150)
        found = told(system, rows)
        chosen = list(weights(system.definition))[::9]
        again = scored_again(system, rows, chosen)
        assert {key: found[key] for key in again} == again
        assert max(max(one) for one in found.values()) > 0

    @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
    @given(system=random_systems.systems())
    def test_of_any_system_are_those_of_scoring_everybody_again(self, system):
        try:
            rows = synthetic(compile_plan(system), system, 40)
        except NotUnderstood:
            reject()
        assert told(system, rows, at_once=100) == scored_again(system, rows, weights(system.definition))


class TestAWeighting:
    def test_still_makes_the_whole(self):
        definition = loading.load(loading.shipped()["general"]).definition
        for one in weights(definition):
            moved = reweighted(definition, one.path, one.moved(turn=1, percent=PERCENT))
            assert sum(group.weight for group in moved.groups) == 10_000
            group = moved.groups[one.path[0]]
            members = group.sub_groups or group.indicators
            assert (
                sum(member.weight for member in members if getattr(member, "role", "weighted") == "weighted")
                == 10_000
            )
