"""Let requests of institutions through for good: spend their nonces and count them, in one transaction.

A request is checked first (`access.program`) and settled later, together with what it brings about: whoever
commits many requests at once (an inquiry's group commit) settles them at once, and pays for one commit.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from oauth2_provider.models import AccessToken

from creditmesh.apps.members.institutions import models, queries
from creditmesh.apps.members.institutions.operations import in_force, limiting
from creditmesh.apps.members.institutions.rules.counting import (
    MINUTES_KEPT,
    NONCE_LIFE,
    Measure,
    Passage,
    window,
)
from creditmesh.apps.members.institutions.rules.signing import (
    Replayed,
    RequestRefused,
    SigningKeyEnded,
    TokenRefused,
)
from creditmesh.apps.members.institutions.rules.standing import (
    InstitutionSuspended,
    Limits,
    NotAdmitted,
    State,
)
from creditmesh.exchange.messages import SignatureRefused, Why
from creditmesh.kernel.errors import CreditmeshError


@transaction.atomic(savepoint=False)
def settle(passages: Sequence[Passage], *, at: datetime) -> list[CreditmeshError | None]:
    """Settle requests in the caller's transaction; return for each None, or the refusal to raise for it.

    Looks again whether institutions and keys are in force, and holds that until the transaction ends, so that a
    suspension or revocation holds also for what is under way; spends each nonce (refused: `Replayed`), then counts (refused: `TooManyRequests`).
    Four statements and a lock, however many requests there are. Nothing may be answered to a refused one.
    """
    in_force.hold()
    states, limits = _institutions({one.institution for one in passages})
    live = _live({one.key for one in passages if one.key is not None and one.shown is None})
    now = {shown: queries.presented(token_digest=shown[0], thumbprint=shown[1]) for shown in _shown(passages)}
    refusals = [
        _standing(one, states=states, live=live) or _as_let_in(one, now=now, at=at) for one in passages
    ]
    _spend_nonces(passages, refusals, at=at)
    left = [number for number, refusal in enumerate(refusals) if refusal is None]
    counted = limiting.count([passages[number] for number in left], limits=limits, at=at)
    for number, refusal in zip(left, counted, strict=True):
        refusals[number] = refusal
    return refusals


def ended_since(passage: Passage | None, *, at: datetime) -> CreditmeshError | None:
    """Return why a request that was let in by what was read before must not be answered now, None if it may."""
    if passage is None or passage.shown is None:
        return None
    found = queries.presented(token_digest=passage.shown[0], thumbprint=passage.shown[1])
    return _as_let_in(passage, now={passage.shown: found}, at=at)


def settle_one(passage: Passage, *, at: datetime) -> None:
    """Settle one request in a transaction of its own; raise its refusal."""
    refusal = settle([passage], at=at)[0]
    if refusal is not None:
        raise refusal


def prune(*, at: datetime, most: int = 20_000) -> int:
    """Forget nonces too old to be replayed, counters of past minutes and ended tokens; return how many went.

    At most so many of each, so that nobody waits for it long. Days are kept: pages show them.
    """
    until = window(Measure.REQUESTS, at=at - MINUTES_KEPT, zone=timezone.get_default_timezone()).name
    return (
        _forget(models.Nonce.objects.filter(until__lt=int(at.timestamp())), most)
        + _forget(models.Usage.objects.filter(measure=Measure.REQUESTS, period__lt=until), most)
        + _forget(AccessToken.objects.filter(expires__lt=at), most)
    )


def _forget(rows: QuerySet[Any], most: int) -> int:
    ids = list(rows.order_by("id").values_list("id", flat=True)[:most])
    gone: int = rows.model._default_manager.filter(id__in=ids).delete()[0]
    return gone


# Plain SQL: these stand in the way of every inquiry.
_INSTITUTIONS = """
SELECT o.code, i.state, i.requests_per_minute, i.inquiries_per_day, i.raw_per_day
FROM institutions_institution i JOIN parties_organisation o ON o.id = i.organisation_id
WHERE o.code IN ({places})
"""
_LIVE = """
SELECT k.id FROM institutions_signingkey k JOIN institutions_program p ON p.id = k.program_id
WHERE k.id IN ({places}) AND k.state = 'active' AND p.ended_at IS NULL
"""


def _institutions(codes: set[str]) -> tuple[dict[str, str], dict[str, Limits]]:
    rows = _rows(_INSTITUTIONS, sorted(codes))
    return {row[0]: row[1] for row in rows}, {row[0]: Limits(*row[2:]) for row in rows}


def _live(keys: set[int]) -> set[int]:
    return {row[0] for row in _rows(_LIVE, sorted(keys))}


def _rows(sql: str, values: Sequence[str] | Sequence[int]) -> list[tuple[Any, ...]]:
    if not values:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql.format(places=", ".join(["%s"] * len(values))), list(values))
        return list(cursor.fetchall())


def _standing(one: Passage, *, states: dict[str, str], live: set[int]) -> CreditmeshError | None:
    state = states.get(one.institution)
    if state is None:
        return NotAdmitted()
    if state != State.ACTIVE:
        return InstitutionSuspended()
    return SigningKeyEnded() if one.key is not None and one.shown is None and one.key not in live else None


def _shown(passages: Sequence[Passage]) -> list[queries.Shown]:
    return sorted({one.shown for one in passages if one.shown is not None})


def _as_let_in(
    one: Passage, *, now: dict[queries.Shown, queries.Presented | None], at: datetime
) -> CreditmeshError | None:
    """Return the refusal of a request whose token and key no longer stand for what they stood for."""
    if one.shown is None:
        return None
    found = now[one.shown]
    if found == one.stood_for and found is not None and found.in_force(at):
        return None
    queries.forget_presented(token_digest=one.shown[0], thumbprint=one.shown[1])
    if found is None or not found.lets_in(at):
        return TokenRefused()
    if not found.key_in_force(at):
        return RequestRefused(SignatureRefused(Why.UNKNOWN_KEY), at=at)
    # Suspended, moved in or out of the sandbox, or given other scopes: what was worked out is not for them.
    return InstitutionSuspended() if found.state is not State.ACTIVE else TokenRefused()


def _spend_nonces(
    passages: Sequence[Passage], refusals: list[CreditmeshError | None], *, at: datetime
) -> None:
    until = int((at + NONCE_LIFE).timestamp())
    asked: dict[tuple[int, str], int] = {}
    for number, one in enumerate(passages):
        if one.key is None or refusals[number] is not None:
            continue
        if (one.key, one.nonce) in asked:
            refusals[number] = Replayed()
        else:
            asked[one.key, one.nonce] = number
    if not asked:
        return
    # In one order everywhere, or two transactions could wait for each other's nonces.
    rows = [(key, nonce, until) for key, nonce in sorted(asked)]
    sql = (
        "INSERT INTO institutions_nonce (key, nonce, until) VALUES "  # noqa: S608
        + ", ".join(["(%s, %s, %s)"] * len(rows))
        + " ON CONFLICT (key, nonce) DO NOTHING RETURNING key, nonce"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for row in rows for value in row])
        fresh = {(key, nonce) for key, nonce in cursor.fetchall()}
    for pair, number in asked.items():
        if pair not in fresh:
            refusals[number] = Replayed()
