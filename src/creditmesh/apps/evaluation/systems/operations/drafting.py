"""Make a draft, save it, put it away."""

import hashlib
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction

from creditmesh.apps.evaluation.systems.models import Draft
from creditmesh.apps.evaluation.systems.queries import drafts, versions
from creditmesh.apps.evaluation.systems.rules.standing import (
    SHIPPED,
    ChangedMeanwhile,
    DraftState,
    identity,
    require_editor,
    require_open,
    require_revision,
)
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.catalogue.reading import LARGEST_BYTES
from creditmesh.kernel.errors import CreditmeshError


class DraftTooLarge(CreditmeshError):
    """A file is larger than the loader reads."""

    code = "draft-too-large"


@transaction.atomic
def copy(
    *, system: str, by: Actor, at: datetime, on: date, number: int | None = None, title: str = ""
) -> drafts.DraftRow:
    """Make a draft from the version valid on a day, or from one with a number, with its cases.

    Raises `NotPermitted`, `UnknownVersion`.
    """
    require_editor(by)
    chosen, content, cases = _base(system, number, on)
    made = _made(system=system, content=content, cases=cases, by=by, at=at, title=title)
    made.based_on, made.base_content, made.base_cases = chosen, content, cases
    made.save(force_insert=True)
    _tell(made, "system.draft", by, at, why=f"copy of version {chosen}")
    return drafts.row(made)


@transaction.atomic
def bring_in(
    *, system: str, content: bytes, cases: bytes, by: Actor, at: datetime, title: str = ""
) -> drafts.DraftRow:
    """Make a draft from a file, such as one learnt from outcomes; it is compared with nothing.

    Raises `NotPermitted`, `DraftTooLarge`.
    """
    require_editor(by)
    _require_size(content, cases)
    made = _made(system=system, content=content, cases=cases, by=by, at=at, title=title)
    made.base_content, made.base_cases = b"", b""
    made.save(force_insert=True)
    _tell(made, "system.draft", by, at, why="brought in as a file")
    return drafts.row(made)


@transaction.atomic
def save(
    *, draft: UUID, revision: int, content: bytes, cases: bytes, by: Actor, at: datetime
) -> drafts.DraftRow:
    """Save a draft that was seen at a revision; whatever the loader says of it, work in progress is kept.

    Raises `NotPermitted`, `UnknownDraft`, `NoLongerOpen`, `ChangedMeanwhile`, `DraftTooLarge`.
    """
    require_editor(by)
    _require_size(content, cases)
    found = drafts.stored(draft)
    require_open(open_=found.state == DraftState.OPEN, what="draft")
    require_revision(seen=revision, found=found.revision, by=found.changed_by)
    if bytes(found.content) == content and bytes(found.cases) == cases:
        return drafts.row(found)
    editors = sorted({*found.editors.split("\n"), identity(by)})
    changed = Draft.objects.filter(pk=found.pk, revision=revision, state=DraftState.OPEN.value).update(
        content=content,
        cases=cases,
        sha256=hashlib.sha256(content).hexdigest(),
        editors="\n".join(editors),
        revision=revision + 1,
        changed_by=by.who().label[:200],
        changed_at=at,
    )
    if not changed:
        raise ChangedMeanwhile(
            "Somebody saved this draft at the same moment; load it again and put yours in."
        )
    found.refresh_from_db()
    _tell(found, "system.edit", by, at, why=f"revision {found.revision}, {found.sha256}")
    return drafts.row(found)


@transaction.atomic
def discard(*, draft: UUID, by: Actor, at: datetime) -> None:
    """Put a draft away; raises `NotPermitted`, `UnknownDraft`, `NoLongerOpen`."""
    require_editor(by)
    found = drafts.stored(draft)
    changed = Draft.objects.filter(pk=found.pk, state=DraftState.OPEN.value).update(
        state=DraftState.DISCARDED.value
    )
    require_open(open_=bool(changed), what="draft")
    _tell(found, "system.discard", by, at, why=found.title)


def _base(system: str, number: int | None, on: date) -> tuple[int, bytes, bytes]:
    if number is None:
        live = versions.live(system, on)
        number = live.number if live is not None else SHIPPED
    if number != SHIPPED:
        found = versions.numbered(system, number)
        return found.number, found.content, found.cases
    shipped = versions.shipped_version(system)
    if shipped is None:
        raise versions.UnknownVersion(f"There is no index system '{system}' to copy.")
    return SHIPPED, shipped.content, versions.shipped_cases(system)


def _made(*, system: str, content: bytes, cases: bytes, by: Actor, at: datetime, title: str) -> Draft:
    label = by.who().label[:200]
    return Draft(
        uuid=uuid4(),
        system=system,
        title=(title.strip() or f"{system} · {label}")[:200],
        content=content,
        cases=cases,
        sha256=hashlib.sha256(content).hexdigest(),
        author=identity(by),
        author_label=label,
        editors=identity(by),
        changed_by=label,
        changed_at=at,
        made_at=at,
    )


def _require_size(content: bytes, cases: bytes) -> None:
    if max(len(content), len(cases)) > LARGEST_BYTES:
        raise DraftTooLarge(f"A file may have {LARGEST_BYTES} bytes at most.")


def _tell(found: Draft, act: str, by: Actor, at: datetime, *, why: str) -> None:
    audit.append(who=by.who(), act=act, thing=Thing("system-draft", str(found.uuid)), at=at, why=why)
