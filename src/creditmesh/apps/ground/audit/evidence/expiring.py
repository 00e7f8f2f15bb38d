"""Let bodies expire after the years a rule pack says; their places and digests stay, and so does every proof.

First an entry of the ledger says up to when, then a row points at that entry, and only then do the triggers of
the database let bodies go: older ones, with a place, whose digests were kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction

from creditmesh.apps.ground.audit.evidence import proofs, stored
from creditmesh.apps.ground.audit.models import Cutoff, Entry, Expired
from creditmesh.apps.ground.audit.operations import append
from creditmesh.apps.ground.audit.rules import Thing, Who, body, moment
from creditmesh.apps.ground.audit.tree import rows, sealing
from creditmesh.apps.ground.audit.tree.growing import LedgerDamaged
from creditmesh.catalogue.rule_packs import Rule, RulePack
from creditmesh.exchange import commitments
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.periods import add_months

RULE = "retention.query-log"
STAYS = "ledger."  # acts of the ledger on itself: they tell of no person, and explain what is gone
_AT_ONCE = 500
_MONTHS = {"year": 12, "month": 1}


class NoRetention(CreditmeshError):
    """The rule on how long the ledger is kept has a unit that cannot be counted back."""

    code = "no-retention"


@dataclass(frozen=True)
class Retention:
    """How long bodies are kept, and who says so."""

    value: int
    unit: str
    jurisdiction: str
    status: str
    source: str
    version: str  # of the rule packs

    def before(self, today: date) -> datetime:
        """Return the moment before which bodies may go: midnight UTC after the whole day has passed."""
        day = add_months(today, -self.value * _MONTHS[self.unit]) - timedelta(days=1)
        return datetime.combine(day, time(), UTC)


def retention(*, packs: RulePack, region: str, on: date) -> Retention:
    """Return the rule for the ledger in force on a day in a region; raise `UnknownRule`, `NoRetention`."""
    rule: Rule = packs.rule(RULE, on=on, jurisdiction=region)
    if rule.unit not in _MONTHS or not isinstance(rule.value, int) or rule.value < 1:
        raise NoRetention(f"The rule {RULE} must count years or months, at least one.")
    return Retention(
        value=rule.value,
        unit=rule.unit,
        jurisdiction=rule.jurisdiction,
        status=rule.status.value,
        source=rule.source_doc,
        version=packs.version,
    )


def expire(*, retention: Retention, by: Who, at: datetime) -> int:
    """Delete the bodies that are older than the rule says and return how many there were.

    Each was found to be what its leaf commits to before it goes: LedgerDamaged otherwise, and that body and
    what follows stay. Safe to run again after an interruption.
    """
    before = retention.before(at.astimezone(UTC).date())
    sealing.seal_waiting()
    old = Entry.objects.filter(at__lt=before).exclude(act__startswith=STAYS).order_by("id")
    if not old.exists():
        return 0
    _announce(before, retention, by, at)
    gone = 0
    while chunk := list(old[:_AT_ONCE]):
        _let_go(chunk)
        gone += len(chunk)
    return gone


def _announce(before: datetime, retention: Retention, by: Who, at: datetime) -> None:
    details = {
        "before": moment(before),
        "rule": RULE,
        "kept": f"{retention.value} {retention.unit}",
        "jurisdiction": retention.jurisdiction,
        "rules": retention.version,
    }
    entry = append(who=by, act="ledger.expire", thing=Thing("ledger"), at=at, details=details)
    sealing.seal_waiting()
    Cutoff.objects.create(entry_id=entry.id, before=before)


@transaction.atomic
def _let_go(chunk: Sequence[Entry]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA secure_delete = ON")  # else the text stays in the file until it is reused
        Expired.objects.bulk_create([_remains(row) for row in chunk])
        # Entries refuse to be deleted through the model; here the triggers decide, row by row.
        cursor.executemany("DELETE FROM audit_entry WHERE id = %s", [(row.id,) for row in chunk])


def _remains(row: Entry) -> Expired:
    salt = bytes(row.salt)
    made = commitments.commit(body(rows.read_back(row)), salt=salt)
    place = proofs.place_of(row.uuid)
    if place.position is None or proofs.leaf(place.position) != made.leaf:
        raise LedgerDamaged
    names, digests = stored.remains(list(made.fields), list(made.fields.values()))
    opening = commitments.field_salt(salt, "entry")
    return Expired(entry_id=row.id, uuid=row.uuid, opening=opening, names=names, digests=digests)
