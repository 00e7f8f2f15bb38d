"""A record that is put right changes results of systems that this node published itself, not only of shipped ones."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from creditmesh.apps.evaluation.grading.queries import runs
from creditmesh.apps.evaluation.systems.operations import approving, drafting, proposing
from creditmesh.apps.evaluation.systems.rules.standing import Evidence
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Role
from creditmesh.apps.sharing.rights.operations import telling
from creditmesh.scoring import loading

NOON = datetime(2026, 9, 1, 4, tzinfo=UTC)
EDITOR = Actor(user_id=1, label="编制员", roles=frozenset({Role.SYSTEM_EDITOR}))
APPROVER = Actor(user_id=2, label="审批员", roles=frozenset({Role.SYSTEM_APPROVER}))


@pytest.fixture
def published(db: None, node: ThisNode) -> str:
    """Publish a copy of a shipped system under a name of its own."""
    shipped = loading.shipped()["public-credit"]
    text, cases = (one.read_text(encoding="utf-8") for one in (shipped, shipped.with_suffix(".cases.yml")))
    made = drafting.bring_in(
        system="own-credit",
        content=text.replace("id: public-credit", "id: own-credit").encode(),
        cases=cases.replace("system: public-credit", "system: own-credit").encode(),
        by=EDITOR,
        at=NOON,
    )
    asked = proposing.propose(
        draft=made.uuid,
        evidence=Evidence(simulation="", sha256=made.sha256),
        why="本地体系",
        starts=NOON.date(),
        by=EDITOR,
        at=NOON,
        catalogue=node.catalogue,
    )
    approving.approve(version=asked.uuid, by=APPROVER, at=NOON)
    return "own-credit"


def test_are_run_again(published: str, node: ThisNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "systems_with_results", lambda: (published, "never-made"))

    wanted = telling.want_evaluation(item="PEN-01", case=uuid4(), node=node, at=NOON)

    assert wanted == ("own-credit",)
