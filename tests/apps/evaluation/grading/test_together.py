"""Several systems at once: one pass over each item, the same results bit for bit, parts before what takes them along."""

from datetime import date

import pytest
from tests.apps.evaluation.grading import small
from tests.apps.evaluation.grading.test_parts import COMBINED, GENERAL

from creditmesh.apps.evaluation.grading.models import RunPart
from creditmesh.apps.evaluation.grading.operations import classifying, executing, replaying
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
    known = {}
    for name, text in {"small": COMBINED, "other": GENERAL}.items():
        known[name] = node.home / f"{name}.yml"
        known[name].write_text(text, encoding="utf-8")
    monkeypatch.setattr(systems, "valid", lambda name, *, on, home: known[name])
    monkeypatch.setattr(executing, "collected", lambda *, catalogue: [(code, "") for code in catalogue.items])


def test_give_what_each_gives_alone_and_a_part_its_result_in_the_same_go(db, node, noon) -> None:
    gathered = []
    real = evaluate.gather_own

    def counted(connection, **asked):
        gathered.append(asked["system"])
        return real(connection, **asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "gather_own", counted)
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


def test_that_count_rows_otherwise_have_a_pass_of_their_own(tmp_path) -> None:
    found = []
    for name, text in {"a": GENERAL, "b": GENERAL + OTHER_COUNTING, "c": GENERAL}.items():
        path = tmp_path / f"{name}.yml"
        path.write_text(text.replace("id: other", f"id: {name}"), encoding="utf-8")
        found.append(loading.load(path, catalogue=small.CATALOGUE, alone=True))
    assert [sorted(union.columns) for union in unions(found)] == [["a", "c"], ["b"]]
