"""A small node with forty enterprises, a published system, and drafts that change it."""

from datetime import UTC, date, datetime

import pytest
from tests.apps.evaluation.grading import small

from creditmesh.apps.evaluation.grading.operations import executing as running
from creditmesh.apps.evaluation.systems.operations import approving, drafting, proposing
from creditmesh.apps.evaluation.systems.rules.standing import Evidence
from creditmesh.apps.evaluation.trials.operations import executing, reading, requesting
from creditmesh.apps.ground.parties.rules import Actor, Role

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
EDITOR = Actor(user_id=1, label="编制员", roles=frozenset({Role.SYSTEM_EDITOR}))
APPROVER = Actor(user_id=2, label="审批员", roles=frozenset({Role.SYSTEM_APPROVER}))
STRANGER = Actor(user_id=3, label="信贷员", roles=frozenset({Role.BANK_STAFF}))
CASES = """
system: small
cases:
  - {name: clean, input: {penalties: 0, related_bad: 0}, expect: {grade: A}}
  - {name: revoked, input: {revoked_licence: true, penalties: 1}, expect: {grade: D}}
"""
ENTERPRISES = [
    {
        "code": f"S{number:02d}",
        "name": f"青禾县第{number}商行",
        "region": f"9901210{1 + number % 3:02d}",
        "industry": ("C1441", "H6210", "F5212")[number % 3],
        "legal_representative": f"某{number}",
    }
    for number in range(40)
]
# The higher its number, the more decisions an enterprise has had; some more follow later, most of them among those.
PAST = [
    {
        "code": f"S{n:02d}",
        "number": f"P{n}-{k}",
        "kind": "fine",
        "fine": 100,
        "decided_on": date(2025, 5, 1 + k),
    }
    for n in range(20, 40)
    for k in range(1 if n < 30 else 3)
]
LATER = [
    {
        "code": f"S{n:02d}",
        "number": f"L{n}",
        "kind": "fine",
        "fine": 100,
        "decided_on": date(2025, 9, 1 + n % 20),
    }
    for n in (3, 22, 24, 31, 33, 35, 36, 38, 39)
]


@pytest.fixture
def node(tmp_path, monkeypatch):
    """A node whose lake holds the enterprises and decisions above, all of it collected."""
    node = small.small_node(tmp_path)
    small.land(node.lake, small.REGISTER, ENTERPRISES, seq=3)
    small.land(node.lake, small.PENALTIES, [*PAST, *LATER], seq=4)

    def everything(*, catalogue):
        return [(code, "") for code in catalogue.items]

    monkeypatch.setattr(reading, "collected", everything)
    monkeypatch.setattr(running, "collected", everything)
    return node


@pytest.fixture
def published(db, node):
    """The small system, published as its first version."""
    made = drafting.bring_in(
        system="small", content=small.SYSTEM.encode(), cases=CASES.encode(), by=EDITOR, at=NOON
    )
    version = proposing.propose(
        draft=made.uuid,
        evidence=Evidence(simulation="first", sha256=made.sha256),
        why="第一版",
        starts=TODAY,
        by=EDITOR,
        at=NOON,
        catalogue=node.catalogue,
    )
    return approving.approve(version=version.uuid, by=APPROVER, at=NOON)


@pytest.fixture
def drafted(published):
    """Make a draft of the small system with one text replaced by another."""

    def making(old: str = "", new: str = "", *, version: str = "2", cases: str = CASES):
        made = drafting.copy(system="small", by=EDITOR, at=NOON, on=TODAY)
        text = small.SYSTEM.replace('version: "1"', f'version: "{version}"').replace(old, new)
        return drafting.save(
            draft=made.uuid, revision=1, content=text.encode(), cases=cases.encode(), by=EDITOR, at=NOON
        )

    return making


@pytest.fixture
def simulated(node):
    """Simulate a draft and return the trial, done."""

    def simulating(draft):
        asked = requesting.simulate(draft=draft.uuid, by=EDITOR, node=node, at=NOON)
        return executing.execute(trial=asked.uuid, node=node, clock=lambda: NOON)

    return simulating
