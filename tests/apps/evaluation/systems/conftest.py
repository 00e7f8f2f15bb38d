"""Two people who write systems, one who approves, and a draft between them."""

from datetime import UTC, date, datetime

import pytest

from creditmesh.apps.evaluation.systems.operations import drafting, proposing
from creditmesh.apps.evaluation.systems.queries import drafts, versions
from creditmesh.apps.evaluation.systems.rules.standing import Evidence
from creditmesh.apps.ground.parties.rules import Actor, Role
from creditmesh.catalogue import loading

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
SYSTEM = "public-credit"
EDITOR = Actor(user_id=1, label="编制员甲", roles=frozenset({Role.SYSTEM_EDITOR}))
COLLEAGUE = Actor(user_id=2, label="编制员乙", roles=frozenset({Role.SYSTEM_EDITOR, Role.SYSTEM_APPROVER}))
APPROVER = Actor(user_id=3, label="审批员", roles=frozenset({Role.SYSTEM_APPROVER}))
STRANGER = Actor(user_id=4, label="信贷员", roles=frozenset({Role.BANK_STAFF}))


@pytest.fixture(scope="session")
def catalogue():
    """The catalogue as shipped, read once."""
    return loading.load()


def renamed(draft: drafts.DraftRow, *, version: str) -> bytes:
    """Return the file of a draft under another version name."""
    lines = draft.text.split("\n")
    place = next(n for n, line in enumerate(lines) if line.startswith("version:"))
    lines[place] = f'version: "{version}"'
    return "\n".join(lines).encode()


def drafted(*, version: str, by: Actor = EDITOR, number: int | None = None) -> drafts.DraftRow:
    """Make a draft and give it a version name of its own."""
    made = drafting.copy(system=SYSTEM, by=by, at=NOON, on=TODAY, number=number)
    content = renamed(made, version=version)
    return drafting.save(
        draft=made.uuid, revision=made.revision, content=content, cases=made.cases, by=by, at=NOON
    )


def proposed(draft: drafts.DraftRow, catalogue, *, starts: date = TODAY, **more) -> versions.VersionRow:
    """Propose a draft as if it had been simulated."""
    more = {"by": EDITOR, "at": NOON, "why": "试算后调整", **more}
    evidence = Evidence(simulation="a-trial", sha256=draft.sha256)
    return proposing.propose(draft=draft.uuid, evidence=evidence, starts=starts, catalogue=catalogue, **more)
