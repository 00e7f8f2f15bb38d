"""What anybody who holds a report on paper may learn of it: that it was issued, and whether it still stands."""

from dataclasses import dataclass
from datetime import datetime

from creditmesh.apps.members.institutions import sandbox
from creditmesh.apps.sharing.credit_reports.models import Printing, Report
from creditmesh.apps.sharing.credit_reports.rules import serials
from creditmesh.apps.sharing.credit_reports.rules.standing import Form, Kind, State

SHORTEST_DIGEST = 16  # characters of a digest that a person must type to compare


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What is told about a serial. The enterprise's name is masked: who holds the paper can compare it."""

    serial: str
    kind: Kind
    issuer: str
    issued_at: datetime
    name: str
    digest: str
    state: State
    state_at: datetime | None
    invented: bool  # about an enterprise of the sandbox: genuine, and proof of nothing


@dataclass(frozen=True, kw_only=True)
class Matched:
    """What a digest is the digest of: the content, or one of the files handed out."""

    whole: bool  # the content itself
    form: Form | None = None
    language: str = ""
    printed_at: datetime | None = None


def checked(text: str) -> Checked | None:
    """Return what is told about a serial as somebody typed it, None when there is no such report."""
    serial = serials.read(text)
    found = Report.objects.defer("content").filter(serial=serial).first() if serial else None
    if found is None:
        return None
    return Checked(
        serial=found.serial,
        kind=Kind(found.kind),
        issuer=found.issuer,
        issued_at=found.issued_at,
        name=masked(found.name),
        digest=found.content_digest,
        state=State(found.state),
        state_at=found.state_at,
        invented=sandbox.holds(found.subject),
    )


def matched(*, serial: str, digest: str) -> Matched | None:
    """Return what a digest, or the beginning of one, is of; None when it belongs to nothing of this report."""
    typed = "".join(one for one in digest.lower() if one in "0123456789abcdef")[:64]
    if len(typed) < SHORTEST_DIGEST:
        return None
    found = Report.objects.defer("content").filter(serial=serial).first()
    if found is None:
        return None
    if found.content_digest.startswith(typed):
        return Matched(whole=True)
    printed = Printing.objects.filter(report=found, sha256__startswith=typed).order_by("id").first()
    if printed is None:
        return None
    return Matched(
        whole=False, form=Form(printed.form), language=printed.language, printed_at=printed.printed_at
    )


def masked(name: str) -> str:
    """Return a name of which only the ends are shown, so that a serial alone tells no enterprise.

    >>> masked("青禾麦香食品有限公司"), masked("麦香"), masked("")
    ('青禾******公司', '麦*', '')
    """
    if len(name) < 6:
        return name[:1] + "*" * max(0, len(name) - 1)
    return name[:2] + "*" * (len(name) - 4) + name[-2:]
