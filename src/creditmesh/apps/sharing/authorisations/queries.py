"""How authorisations stand: for decisions, for the enterprise that gave them, for the institution that may use
them.
"""

import json
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from django.db import connection

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.sharing.authorisations.letters import document
from creditmesh.apps.sharing.authorisations.letters.persons import Consent
from creditmesh.apps.sharing.authorisations.models import Authorisation, PersonalConsent
from creditmesh.apps.sharing.authorisations.rules import Standing, State
from creditmesh.exchange.canonical import sha256

PLATFORM = "platform"  # the method of a signature made with the node's key
_OWN_KEYS: set[tuple[str, str, str]] = set()

logger = logging.getLogger(__name__)


def standing(uuid: UUID) -> Standing | None:
    """Return how an authorisation stands; None for one that does not exist, is not signed, or whose columns,
    bytes and signature do not all say the same.
    """
    row = kept([uuid]).get(uuid)
    return None if row is None else stands(row)


@dataclass(slots=True)
class Kept:
    """What is kept of an authorisation, as far as it bears on a decision."""

    id: int
    uuid: UUID
    subject: str
    institution: str
    purpose: str
    purpose_version: str
    reference: str
    items: str
    modes: str
    raw_detail_explicit: bool
    data_from: date
    data_to: date | None
    valid_from: date
    valid_to: date
    max_queries: int
    per_day: int
    body: bytes
    digest: str
    jws: str
    method: str
    kid: str
    verified_with: str
    state: str
    used: int
    used_day: date | None
    used_today: int
    ends_on: date | None


# Plain SQL: this stands in the way of every inquiry, twice.
_COLUMNS = ", ".join(one.name for one in fields(Kept))
_KEPT = f"SELECT {_COLUMNS} FROM authorisations_authorisation WHERE uuid IN ({{places}}) ORDER BY id"  # noqa: S608


def kept(uuids: Collection[UUID], *, lock: bool = False) -> dict[UUID, Kept]:
    """Return what is kept of authorisations, in the order of their ids; those that do not exist are left out.

    With `lock` the rows are locked in that order until the transaction ends.
    """
    if not uuids:
        return {}
    # SQLite locks the whole file when the transaction begins; there the clause is not known.
    clause = " FOR UPDATE" if lock and connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(
            _KEPT.format(places=", ".join(["%s"] * len(uuids))) + clause, [one.hex for one in uuids]
        )
        rows = [Kept(*row) for row in cursor.fetchall()]
    for row in rows:
        row.uuid = UUID(str(row.uuid))  # SQLite keeps it as text
    return {row.uuid: row for row in rows}


def standings(uuids: Iterable[UUID]) -> dict[UUID, Standing]:
    """Return how authorisations stand; those that carry nothing (see `standing`) are left out."""
    rows = Authorisation.objects.filter(uuid__in=set(uuids)).order_by("uuid")
    return {row.uuid: found for row in rows if (found := stands(row)) is not None}


def live_for(*, subject: str, institution: str, purpose: str = "") -> Sequence[Standing]:
    """Return the standings of signed authorisations of an enterprise for an institution, newest first."""
    rows = Authorisation.objects.filter(
        subject=subject, institution=institution, state__in=(State.SIGNED.value, State.ACTIVE.value)
    ).order_by("-id")
    if purpose:
        rows = rows.filter(purpose=purpose)
    return [found for row in rows if (found := stands(row)) is not None]


def stands(row: Authorisation | Kept) -> Standing | None:
    """Return how a row stands; None when it is not signed or does not say what was signed."""
    if row.state == State.DRAFT:
        return None
    signed = bytes(row.body)
    terms = document.agreed(row, signed=signed, digest=row.digest)
    if terms is None or terms.uuid != row.uuid or not _signed(row, signed):
        logger.error("Authorisation %s does not say what was signed; it carries nothing.", row.uuid)
        return None
    return Standing(
        terms=terms,
        state=State(row.state),
        used=row.used,
        used_today=row.used_today,
        digest=row.digest,
        used_day=row.used_day,
        ends_on=row.ends_on,
    )


def _signed(row: Authorisation | Kept, signed: bytes) -> bool:
    if row.method == PLATFORM and not _is_of_this_node(row.kid, row.verified_with):
        return False
    return document.carries(signed, row.jws, row.verified_with)


def _is_of_this_node(kid: str, jwk: str) -> bool:
    # The node's keys lie in a file beside the database: who can write rows cannot sign them.
    node = this_node()
    known = (str(node.home), kid, jwk)
    if known not in _OWN_KEYS and any(json.dumps(one.key.jwk()) == jwk for one in node.signer.public_keys):
        _OWN_KEYS.add(known)
    return known in _OWN_KEYS


def _stated_by_this_node(said: bytes, jws: str) -> bool:
    # As with authorisations: a row can be written by whoever has the database, the signature cannot.
    keys = this_node().signer.public_keys
    return any(document.carries(said, jws, json.dumps(one.key.jwk())) for one in keys)


def personal_consents(uuid: UUID) -> tuple[Consent, ...]:
    """Return which persons consented themselves that their names be shown with an authorisation.

    Only consents in force whose evidence is whole; `Consent.shows` says which values they cover. Without one a
    personal field stays masked.
    """
    rows = PersonalConsent.objects.filter(authorisation__uuid=uuid, state="given").order_by("id")
    return tuple(found for row in rows if (found := _consent(uuid, row)) is not None)


def still_given(consents: Collection[UUID]) -> frozenset[UUID]:
    """Return those personal consents that are still given, locked, in the order of their ids, until the caller's
    transaction ends.
    """
    rows = PersonalConsent.objects.select_for_update().filter(uuid__in=consents, state="given").order_by("id")
    return frozenset(rows.values_list("uuid", flat=True))


def _consent(authorisation: UUID, row: PersonalConsent) -> Consent | None:
    said = bytes(row.statement or b"")
    if sha256(said) != row.evidence_digest or not _stated_by_this_node(said, row.jws):
        logger.error("Personal consent %s is not as it was signed; it shows nothing.", row.uuid)
        return None
    told = json.loads(said)
    kept = (str(authorisation), row.role, row.name_digest, json.loads(row.fields))
    if (told["authorisation"], told["role"], told["name_digest"], told["fields"]) != kept:
        logger.error("Personal consent %s does not say what was agreed to; it shows nothing.", row.uuid)
        return None
    return Consent(
        uuid=row.uuid,
        authorisation=authorisation,
        role=row.role,
        name_digest=row.name_digest,
        fields=frozenset(told["fields"]),
    )
