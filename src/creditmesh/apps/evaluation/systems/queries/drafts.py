"""What is known of drafts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from creditmesh.apps.evaluation.systems.models import Draft
from creditmesh.apps.evaluation.systems.rules.standing import DraftState
from creditmesh.kernel.errors import CreditmeshError

MOST = 100


class UnknownDraft(CreditmeshError):
    """No draft has this id."""

    code = "unknown-draft"


@dataclass(frozen=True, kw_only=True)
class DraftRow:
    """One draft as pages show it."""

    uuid: UUID
    system: str
    title: str
    content: bytes
    cases: bytes
    sha256: str
    based_on: int | None
    base_content: bytes
    base_cases: bytes
    author: str
    revision: int
    changed_by: str
    changed_at: datetime
    made_at: datetime
    state: DraftState

    @property
    def text(self) -> str:
        """Return the file as text."""
        return self.content.decode("utf-8", errors="replace")

    @property
    def cases_text(self) -> str:
        """Return the cases as text."""
        return self.cases.decode("utf-8", errors="replace")


def row(found: Draft) -> DraftRow:
    """Return what may be shown of a draft."""
    return DraftRow(
        uuid=found.uuid,
        system=found.system,
        title=found.title,
        content=bytes(found.content),
        cases=bytes(found.cases),
        sha256=found.sha256,
        based_on=found.based_on,
        base_content=bytes(found.base_content),
        base_cases=bytes(found.base_cases),
        author=found.author_label,
        revision=found.revision,
        changed_by=found.changed_by,
        changed_at=found.changed_at,
        made_at=found.made_at,
        state=DraftState(found.state),
    )


def stored(uuid: UUID) -> Draft:
    """Return a draft's own row, for operations; raise `UnknownDraft`."""
    found = Draft.objects.filter(uuid=uuid).first()
    if found is None:
        raise UnknownDraft("There is no such draft. Look it up in the list of drafts.")
    return found


def draft(uuid: UUID) -> DraftRow:
    """Return one draft; raise `UnknownDraft`."""
    return row(stored(uuid))


def open_drafts() -> list[DraftRow]:
    """Return the drafts people work on, the last changed first; at most 100."""
    found = Draft.objects.filter(state=DraftState.OPEN.value).order_by("-changed_at", "-id")
    return [row(one) for one in found[:MOST]]
