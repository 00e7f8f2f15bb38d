"""Use authorisations: the last decision before data leave, under a lock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.sharing.authorisations import queries
from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.authorisations.queries import Kept
from creditmesh.apps.sharing.authorisations.rules import (
    Ask,
    Refusal,
    Standing,
    State,
    decide,
    is_between,
    use,
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What an answer rests on that shows, or compares, names of persons who agreed to it themselves."""

    authorisation: UUID
    consents: frozenset[UUID]
    subject: str
    institution: str
    spends: bool  # whether the authorisation is decided on by `spend` anyway


def spend(asks: Sequence[tuple[UUID, Ask]], *, at: datetime) -> list[Refusal | None]:
    """Decide each ask again on its authorisation as it is now, count the uses, and return the decisions.

    Works inside the caller's transaction and locks the rows, in the order of their ids, until it ends: a
    withdrawal that was committed before refuses the inquiry, one that comes later waits for it. Of several
    asks on one authorisation each counts, in the order given; the last use sets it EXHAUSTED.
    """
    rows = _locked({uuid for uuid, _ in asks})
    now = {uuid: queries.stands(row) for uuid, row in rows.items()}
    decided: list[Refusal | None] = []
    used: set[UUID] = set()
    for uuid, ask in asks:
        standing = now.get(uuid)
        refusal = decide(standing, ask, at=at)
        decided.append(refusal)
        if refusal is None and standing is not None:
            counts = use(standing, at=at)
            now[uuid] = replace(
                standing,
                used=counts.used,
                used_day=counts.used_day,
                used_today=counts.used_today,
                state=counts.state,
            )
            used.add(uuid)
    _keep([(rows[uuid], found) for uuid in sorted(used) if (found := now[uuid]) is not None], at=at)
    return decided


def still_agreed(shown: Sequence[Shown], *, at: datetime, spent: Collection[UUID] = ()) -> list[bool]:
    """Return of each answer whether all persons whose consent it rests on still agree, and it is still theirs to give.

    Works inside the caller's transaction, as `spend` does, and before it: a consent that was withdrawn before is
    seen, one that is withdrawn later waits. `spent` are the authorisations the caller spends next; all rows are
    locked in one order, authorisations before consents, or two answers could wait for each other.
    """
    rows = _locked({one.authorisation for one in shown} | set(spent))
    given = queries.still_given({uuid for one in shown for uuid in one.consents})
    return [one.consents <= given and (one.spends or _stands(rows, one, at=at)) for one in shown]


def _stands(rows: dict[UUID, Kept], one: Shown, *, at: datetime) -> bool:
    # A consent goes with its authorisation, also beside a question that needs none.
    row = rows.get(one.authorisation)
    standing = queries.stands(row) if row is not None else None
    return standing is not None and is_between(
        standing, subject=one.subject, institution=one.institution, at=at
    )


def _locked(uuids: set[UUID]) -> dict[UUID, Kept]:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("spend works inside the caller's transaction only")
    return queries.kept(uuids, lock=True)


def _keep(changed: Sequence[tuple[Kept, Standing]], *, at: datetime) -> None:
    if not changed:
        return
    table = connection.ops.quote_name(Authorisation._meta.db_table)
    # One statement with many rows of values: as many as wait for one group commit.
    statement = f"UPDATE {table} SET used=%s, used_day=%s, used_today=%s, state=%s WHERE id=%s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [
                (
                    found.used,
                    connection.ops.adapt_datefield_value(found.used_day),
                    found.used_today,
                    found.state.value,
                    row.id,
                )
                for row, found in changed
            ],
        )
    ended = [row for row, found in changed if found.state == State.EXHAUSTED]
    if ended:
        Authorisation.objects.filter(id__in=[row.id for row in ended]).update(ended_at=at)
    for row in ended:
        audit.announce(event="authorisation.exhausted", key=str(row.uuid), at=at)
