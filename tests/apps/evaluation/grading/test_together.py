"""Several systems at once: one pass over each item, the same results bit for bit, parts before what takes them along."""

from datetime import date

import pytest
from tests.apps.evaluation.grading import small
from tests.apps.evaluation.grading.test_parts import COMBINED, GENERAL

from creditmesh.apps.evaluation.grading.models import RunPart
from creditmesh.apps.evaluation.grading.operations import classifying, executing, replaying, requesting
from creditmesh.apps.evaluation.grading.queries import runs, systems
from creditmesh.apps.ground.parties.rules import COMMAND_LINE
from creditmesh.scoring import evaluate, loading
from creditmesh.scoring.records.shared import unions

DAY = date(2026, 3, 1)
OTHER_COUNTING = """
records:
  TST-02: {counts_when: "kind != 'fine'"}
"""


@pytest.fixture
def node(tmp_path):
    return small.small_node(tmp_path)


@pytest.fixture(autouse=True)
def files(monkeypatch, node):
    """Let the node know the two systems by name."""
    for name, text in {"small": COMBINED, "other": GENERAL}.items():
        (node.home / f"{name}.yml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(systems, "valid", lambda name, *, on, home: home / f"{name}.yml")
    monkeypatch.setattr(executing, "collected", lambda *, catalogue: [(code, "") for code in catalogue.items])


@pytest.fixture
def gathered(monkeypatch):
    """The systems whose inputs were gathered in one go, as that happens."""
    found = []
    real = evaluate.gather_own

    def counted(connection, **asked):
        found.append(asked["system"])
        return real(connection, **asked)

    monkeypatch.setattr(evaluate, "gather_own", counted)
    return found


@pytest.mark.computed
def test_give_what_each_gives_alone_and_a_part_its_result_in_the_same_go(db, node, noon, gathered) -> None:
    told = classifying.classify_together(
        systems=["small", "other"], as_of=DAY, by=COMMAND_LINE, node=node, clock=lambda: noon
    )

    assert [one["system"] for one in told] == ["other", "small"]
    assert len(gathered) == 1
    assert len([one for one in gathered[0].definition.features.values() if one.item]) == 3
    [part] = RunPart.objects.filter(run__uuid=told[1]["run"])
    assert str(part.source.uuid) == told[0]["run"]
    for one in told:
        run = runs.run(one["run"])
        assert replaying.replay_run(run=run.uuid, node=node, by=COMMAND_LINE, at=noon).same
        assert {table.lake_version for table in runs.tables(run.uuid)} == {1}
    assert list((node.home / "runs").iterdir()) == []


def test_of_the_same_due_day_are_executed_by_whoever_takes_the_first(db, node, noon, gathered) -> None:
    for name in ("third", "fourth"):
        (node.home / f"{name}.yml").write_text(GENERAL.replace("id: other", f"id: {name}"), encoding="utf-8")
    asked = {
        name: requesting.request_run(
            system=name, as_of=DAY, by=COMMAND_LINE, node=node, at=noon, due=due
        ).uuid
        for name, due in (("other", DAY), ("third", DAY), ("fourth", None))
    }
    clock = {"node": node, "clock": lambda: noon}

    assert classifying.execute_due(run=asked["third"], **clock) == 2
    assert [runs.run(one).state.value for one in asked.values()] == ["done", "done", "requested"]
    assert len(gathered) == 1
    assert classifying.execute_due(run=asked["other"], **clock) == 0  # its own task comes later
    assert replaying.replay_run(run=asked["other"], node=node, by=COMMAND_LINE, at=noon).same
    assert runs.run(asked["other"]).digest == runs.run(asked["third"]).digest
    assert classifying.execute_due(run=asked["fourth"], **clock) == 1


def test_of_the_same_due_day_begin_with_the_one_whose_task_it_is(db, node, noon, monkeypatch) -> None:
    (node.home / "third.yml").write_text(GENERAL.replace("id: other", "id: third"), encoding="utf-8")
    first, second = (
        requesting.request_run(system=name, as_of=DAY, by=COMMAND_LINE, node=node, at=noon, due=DAY).uuid
        for name in ("other", "third")
    )
    real = executing.execute_run

    def failing(*, run, **about):
        return 1 / 0 if run == first else real(run=run, **about)

    monkeypatch.setattr(executing, "execute_run", failing)
    with pytest.raises(ZeroDivisionError):
        classifying.execute_due(run=second, node=node, clock=lambda: noon)
    assert [runs.run(one).state.value for one in (first, second)] == ["requested", "done"]


def test_that_count_rows_otherwise_have_a_pass_of_their_own(tmp_path) -> None:
    found = []
    for name, text in {"a": GENERAL, "b": GENERAL + OTHER_COUNTING, "c": GENERAL}.items():
        path = tmp_path / f"{name}.yml"
        path.write_text(text.replace("id: other", f"id: {name}"), encoding="utf-8")
        found.append(loading.load(path, catalogue=small.CATALOGUE, alone=True))
    assert [sorted(union.columns) for union in unions(found)] == [["a", "c"], ["b"]]
