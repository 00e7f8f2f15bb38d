"""Versions of index systems, and which one is valid on a day; shipped files are version 0 of each."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from django.db.models import F, QuerySet

from creditmesh.apps.evaluation.systems.models import Version
from creditmesh.apps.evaluation.systems.rules.standing import (
    SHIPPED,
    Standing,
    State,
    Validity,
    standing,
)
from creditmesh.catalogue import reading
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring import loading

SHORT_LIST = 200


class UnknownVersion(CreditmeshError):
    """No version of an index system has this id or number."""

    code = "unknown-version"


@dataclass(frozen=True, kw_only=True)
class LiveSystem:
    """The file of a system that is valid on a day."""

    system: str
    content: bytes
    version: str  # as the file states it
    number: int  # 0 is the shipped file
    sha256: str
    effective_from: date
    effective_until: date | None


@dataclass(frozen=True, kw_only=True)
class VersionRow:
    """One version as pages show it."""

    uuid: UUID
    system: str
    number: int
    name: str
    content: bytes
    cases: bytes
    sha256: str
    based_on: int | None
    base_content: bytes
    rolls_back_to: int | None
    why: str
    author: str
    proposed_by: str
    proposed_at: datetime
    simulation: str
    shadow: bool
    wanted_from: date
    wanted_until: date | None
    state: State
    decided_by: str
    decided_at: datetime | None
    decision: str
    effective_from: date | None
    effective_until: date | None
    hands: tuple[str, ...]

    def standing(self, on: date) -> Standing:
        """Return what the version is on a day."""
        return standing(state=self.state, shadow=self.shadow, validity=self.validity, on=on)

    @property
    def validity(self) -> Validity | None:
        """Return the days it is valid on, None before it is approved."""
        if self.effective_from is None:
            return None
        return Validity(number=self.number, starts=self.effective_from, ends=self.effective_until)


def row(found: Version) -> VersionRow:
    """Return what may be shown of a version."""
    return VersionRow(
        uuid=found.uuid,
        system=found.system,
        number=found.number,
        name=found.name,
        content=bytes(found.content),
        cases=bytes(found.cases),
        sha256=found.sha256,
        based_on=found.based_on,
        base_content=bytes(found.base_content),
        rolls_back_to=found.rolls_back_to,
        why=found.why,
        author=found.author_label,
        proposed_by=found.proposed_by_label,
        proposed_at=found.proposed_at,
        simulation=found.simulation,
        shadow=found.shadow,
        wanted_from=found.wanted_from,
        wanted_until=found.wanted_until,
        state=State(found.state),
        decided_by=found.decided_by_label,
        decided_at=found.decided_at,
        decision=found.decision,
        effective_from=found.effective_from,
        effective_until=found.effective_until,
        hands=(found.author, found.proposed_by, *found.editors.split("\n")),
    )


def live(system: str, on: date) -> LiveSystem | None:
    """Return the version of a system that is valid on a day; None when none is.

    The shipped file counts until the first approved version starts; after that only approved ones do.
    """
    approved = _approved(system)
    found = approved.filter(effective_from__lte=on).exclude(effective_until__lte=on).first()
    if found is not None and found.effective_from is not None:
        return LiveSystem(
            system=system,
            content=bytes(found.content),
            version=found.name,
            number=found.number,
            sha256=found.sha256,
            effective_from=found.effective_from,
            effective_until=found.effective_until,
        )
    if approved.filter(effective_from__lte=on).exists():
        return None
    shipped = shipped_version(system)
    first = approved.order_by("effective_from").values_list("effective_from", flat=True).first()
    if shipped is None or first is None:
        return shipped
    return LiveSystem(**{**vars(shipped), "effective_until": first})


def shadows(system: str, on: date) -> list[VersionRow]:
    """Return the versions that run beside the live one on a day and decide nothing."""
    found = Version.objects.filter(
        system=system, state=State.APPROVED.value, shadow=True, effective_from__lte=on
    ).exclude(effective_until__lte=on)
    return [row(one) for one in found.order_by("number")]


def shipped_version(system: str) -> LiveSystem | None:
    """Return the file of a system that comes with the program, None when there is none."""
    path = loading.shipped().get(system)
    if path is None:
        return None
    content = path.read_bytes()
    name, starts, ends = _stated(path, hashlib.sha256(content).hexdigest())
    return LiveSystem(
        system=system,
        content=content,
        version=name,
        number=SHIPPED,
        sha256=hashlib.sha256(content).hexdigest(),
        effective_from=starts,
        effective_until=ends,
    )


@cache
def _stated(path: Path, _sha256: str) -> tuple[str, date, date | None]:
    """Return version and days of a shipped file; one that says only what differs from another is read in full."""
    told = reading.read(path).data
    stated = told if isinstance(told, dict) else {}
    if "effective_from" in stated and "version" in stated:
        return str(stated["version"]), date.fromisoformat(str(stated["effective_from"])), _end(stated)
    definition = loading.load(path).definition
    return definition.version, definition.effective_from, definition.effective_until


def stated_end(content: bytes) -> date | None:
    """Return the first day the file of a version itself says it is in force no more, None without an end."""
    told = reading.parse(content.decode("utf-8-sig"), file="").data
    return _end(told) if isinstance(told, dict) else None


def _end(stated: Mapping[str, object]) -> date | None:
    until = stated.get("effective_until")
    return date.fromisoformat(str(until)) if until else None


def shipped_cases(system: str) -> bytes:
    """Return the cases beside a shipped file, nothing when there are none."""
    path = loading.shipped().get(system)
    beside = path.with_suffix(".cases.yml") if path is not None else None
    return beside.read_bytes() if beside is not None and beside.is_file() else b""


def names() -> tuple[str, ...]:
    """Return every index system the node knows: shipped ones and those somebody published, by id."""
    published = Version.objects.filter(state=State.APPROVED.value, shadow=False).values_list(
        "system", flat=True
    )
    return tuple(sorted({*loading.shipped(), *published}))


def published(on: date) -> dict[str, str]:
    """Return by system the hash of the approved version that counts on a day, where it is not the shipped file.

    Where none is valid it is the one that was last, or of a system that is not shipped the first to come.
    """
    found: dict[str, str] = {}
    shipped = loading.shipped()
    # Of two that start on a day the one that ends then was taken over by the other, and never valid.
    in_turn = ("effective_from", F("effective_until").asc(nulls_last=True))
    approved = Version.objects.filter(state=State.APPROVED.value, shadow=False).order_by(*in_turn)
    for system, starts, sha256 in approved.values_list("system", "effective_from", "sha256"):
        if starts is not None and starts <= on:
            found[system] = sha256
        elif system not in shipped:
            found.setdefault(system, sha256)
    return found


def content_of(sha256: str) -> bytes:
    """Return the file of an approved version by its hash; raise `UnknownVersion`."""
    found = Version.objects.filter(sha256=sha256, state=State.APPROVED.value).values_list("content").first()
    if found is None:
        raise UnknownVersion("There is no such version. Look it up in the list of versions.")
    return bytes(found[0])


def stored(uuid: UUID) -> Version:
    """Return a version's own row, for operations; raise `UnknownVersion`."""
    found = Version.objects.filter(uuid=uuid).first()
    if found is None:
        raise UnknownVersion("There is no such version. Look it up in the list of versions.")
    return found


def version(uuid: UUID) -> VersionRow:
    """Return one version; raise `UnknownVersion`."""
    return row(stored(uuid))


def numbered(system: str, number: int) -> VersionRow:
    """Return a version that was approved, by its number; raise `UnknownVersion`."""
    found = Version.objects.filter(system=system, number=number, state=State.APPROVED.value).first()
    if found is None:
        raise UnknownVersion(f"There is no approved version {number} of '{system}'.")
    return row(found)


def versions(*, system: str = "", states: Sequence[State] = ()) -> list[VersionRow]:
    """Return the newest versions first, of one system or all, in any state or in some; at most 200."""
    found = Version.objects.order_by("-proposed_at", "-id")
    if system:
        found = found.filter(system=system)
    if states:
        found = found.filter(state__in=[one.value for one in states])
    return [row(one) for one in found[:SHORT_LIST]]


def approved_days(system: str) -> list[Validity]:
    """Return the days of every approved version of a system that is no shadow."""
    return [
        Validity(number=one.number, starts=one.effective_from, ends=one.effective_until)
        for one in _approved(system)
        if one.effective_from is not None
    ]


def _approved(system: str) -> QuerySet[Version]:
    return Version.objects.filter(system=system, state=State.APPROVED.value, shadow=False).order_by(
        "-effective_from", "-number"
    )
