"""Have heads stamped by a time-stamping authority outside (RFC 3161), where one is configured.

Nothing waits for the authority: what it does not answer stands in the ledger as tried in vain, and the operator's
page and /healthz say so until it answers again.
"""

import http.client
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction

from creditmesh.apps.ground.audit.models import Entry, Head, Stamp
from creditmesh.apps.ground.audit.operations import append
from creditmesh.apps.ground.audit.rules import WORKER, Outcome, Thing, moment
from creditmesh.exchange import timestamps
from creditmesh.exchange.canonical import JSON, sha256
from creditmesh.kernel.errors import CreditmeshError

ACT = "ledger.stamp"
AT_MOST_EVERY = timedelta(hours=1)
CLOCKS_APART = timedelta(minutes=15)
_SECONDS = 10


class AuthorityAway(CreditmeshError):
    """The time-stamping authority does not answer as one."""

    code = "authority-away"


class ClockWrong(CreditmeshError):
    """The time-stamping authority says another time than it is: such a stamp would prove what is not so."""

    code = "authority-clock-wrong"


@dataclass(frozen=True)
class Authority:
    """A time-stamping authority: where it answers, and the roots (PEM) its certificates must lead to."""

    url: str
    roots: Sequence[str]


Ask = Callable[[str, bytes], bytes]


def stamp_if_due(*, authority: Authority, at: datetime, ask: Ask | None = None) -> Stamp | None:
    """Have the last head stamped if the one stamped before is an hour older; return the stamp if there is one."""
    last = Head.objects.order_by("-number").first()
    stamped = Head.objects.filter(number__in=Stamp.objects.values("head_number")).order_by("-number").first()
    if last is None or (stamped and last.at - stamped.at < AT_MOST_EVERY):
        return None
    return stamp_latest(authority=authority, at=at, ask=ask)


def stamp_latest(*, authority: Authority, at: datetime, ask: Ask | None = None) -> Stamp | None:
    """Have the last head stamped, unless it is, and return the stamp; None when the authority is away.

    `ask` sends bytes to an address and returns the answer; by default by HTTP.
    """
    head = Head.objects.order_by("-number").first()
    if head is None:
        return None
    known = Stamp.objects.filter(head_number=head.number).first()
    if known is not None:
        return known
    digest = bytes.fromhex(sha256(head.document.encode()))
    thing = Thing("tree-head", str(head.number))
    try:
        token = (ask or by_http)(authority.url, timestamps.question(digest))
        stamp = timestamps.answer(token, digest=digest, roots=authority.roots)
        _require_now(stamp, at=at)
    except (CreditmeshError, OSError, http.client.HTTPException) as trouble:
        why = trouble.sentence if isinstance(trouble, CreditmeshError) else f"{type(trouble).__name__}"
        _write_down(thing, why[:300], at)
        return None
    with transaction.atomic():
        details = stamp_details(token=token, head=head.document, stamp=stamp)
        entry = append(who=WORKER, act=ACT, thing=thing, at=at, details=details)
        return Stamp.objects.create(
            head_number=head.number,
            entry_id=entry.id,
            token=token,
            at=stamp.at,
            authority=stamp.authority[:300],
            serial=stamp.serial[:100],
        )


def _require_now(stamp: timestamps.Stamp, *, at: datetime) -> None:
    # Certificates are checked for the time the stamp states: an expired one holds as soon as that time is made up.
    if abs(stamp.at - at) > CLOCKS_APART:
        raise ClockWrong(
            f"The time-stamping authority says that it is {moment(stamp.at)}: set its clock or ours right."
        )


def stamp_details(*, token: bytes, head: str, stamp: timestamps.Stamp) -> dict[str, JSON]:
    """Return what the ledger commits to about a stamp over the document of a head."""
    return {
        "token": sha256(token),
        "head": sha256(head.encode()),
        "at": moment(stamp.at),
        "authority": stamp.authority[:300],
        "serial": stamp.serial[:100],
    }


def _write_down(thing: Thing, why: str, at: datetime) -> None:
    # Once an hour: each entry calls for a head, and each head for a stamp.
    last = Entry.objects.filter(act=ACT).order_by("-id").first()
    if last is None or last.outcome != Outcome.FAILED or at - last.at >= AT_MOST_EVERY:
        append(who=WORKER, act=ACT, thing=thing, at=at, why=why, outcome=Outcome.FAILED)


def by_http(url: str, question: bytes) -> bytes:
    """Return what the authority answers to a question; raise `AuthorityAway`, OSError or HTTPException."""
    parts = urlsplit(url)
    kinds = {"https": http.client.HTTPSConnection, "http": http.client.HTTPConnection}
    if parts.scheme not in kinds or not parts.hostname:
        raise AuthorityAway("CREDITMESH_TSA_URL is no http or https address.")
    connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=_SECONDS)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, question, {"Content-Type": "application/timestamp-query"})
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise AuthorityAway(f"The time-stamping authority answered {answer.status}.")
        return bytes(answer.read(timestamps.LONGEST_ANSWER + 1))
    finally:
        connection.close()
