"""Send waiting notices to the callback addresses of institutions, signed by the node."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import WORKER, Outcome, Thing
from creditmesh.apps.members.institutions import models
from creditmesh.apps.members.institutions.operations import posting
from creditmesh.apps.members.institutions.operations.posting import NotDelivered, Post, Resolve, look_up
from creditmesh.apps.members.institutions.rules import callbacks
from creditmesh.apps.members.institutions.rules.notices import Delivery, pause_after
from creditmesh.exchange import messages
from creditmesh.exchange.canonical import canonical
from creditmesh.exchange.fields import Request
from creditmesh.exchange.keys import PrivateKey
from creditmesh.kernel.errors import CreditmeshError

_CLAIM = timedelta(minutes=5)  # within which nobody else tries the same notice
_SIGNATURE_LIFE = 300  # seconds


@dataclass(frozen=True)
class Caller:
    """What a node sends notices with: its key, and what it may reach."""

    key: PrivateKey
    key_id: str
    networks: Sequence[str] = ()  # private ones the operator named
    plain_allowed: bool = False  # http, for demonstrations
    resolve: Resolve = look_up


def deliver(*, notice: UUID, caller: Caller, at: datetime) -> datetime | None:
    """Try to send a notice once; return when to try again, None when it is delivered, given up or not due.

    Nothing is held locked while the institution's server takes its time.
    """
    row = _claim(notice, at=at)
    if row is None:
        return None
    try:
        _send(row, caller=caller, at=at)
    except (NotDelivered, CreditmeshError) as trouble:
        return _failed(row, str(trouble), at=at)
    models.Notice.objects.filter(pk=row.pk).update(
        delivery=Delivery.DELIVERED, attempts=row.attempts + 1, next_at=None, trouble=""
    )
    return None


@transaction.atomic
def try_again(*, institution: str, at: datetime) -> int:
    """Put the notices of an institution that were given up into the queue again; return how many."""
    rows = models.Notice.objects.filter(institution__organisation__code=institution, delivery=Delivery.DEAD)
    uuids = list(rows.values_list("uuid", flat=True))
    rows.update(delivery=Delivery.WAITING, attempts=0, next_at=at)
    for one in uuids:
        audit.announce(event="notice.made", key=str(one), at=at)
    return len(uuids)


def _claim(notice: UUID, *, at: datetime) -> models.Notice | None:
    waiting = models.Notice.objects.filter(uuid=notice, delivery=Delivery.WAITING, next_at__lte=at)
    if not waiting.update(next_at=at + _CLAIM):
        return None
    return models.Notice.objects.select_related("institution__organisation").get(uuid=notice)


def _send(row: models.Notice, *, caller: Caller, at: datetime) -> None:
    url = row.institution.callback
    if not url:
        raise NotDelivered("the institution has no callback address any more")
    target = callbacks.target(url, plain_allowed=caller.plain_allowed)
    body = canonical(
        {
            "notice": str(row.uuid),
            "institution": row.institution.organisation.code,
            "kind": row.kind,
            "about": row.about,
            "made_at": row.made_at.isoformat(),
        }
    )
    headers = {"Content-Type": "application/json", "User-Agent": "creditmesh"}
    created = int(at.timestamp())
    signed = messages.sign_request(
        Request("POST", url, headers, body),
        key=caller.key,
        keyid=caller.key_id,
        created=created,
        expires=created + _SIGNATURE_LIFE,
        nonce=secrets.token_urlsafe(18),
    )
    message = Post(target=target, headers={**headers, **signed}, body=body)
    posting.post(message, networks=caller.networks, resolve=caller.resolve)


def _failed(row: models.Notice, trouble: str, *, at: datetime) -> datetime | None:
    attempts = row.attempts + 1
    pause = pause_after(attempts)
    again = at + pause if pause is not None else None
    models.Notice.objects.filter(pk=row.pk).update(
        delivery=Delivery.WAITING if again else Delivery.DEAD,
        attempts=attempts,
        next_at=again,
        trouble=trouble[:300],
    )
    if again is None:
        audit.append(
            who=WORKER,
            act="notice.give_up",
            thing=Thing("notice", str(row.uuid)),
            at=at,
            why=trouble[:300],
            outcome=Outcome.FAILED,
        )
    return again
