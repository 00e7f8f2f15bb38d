"""Give entries that were written in other transactions their place in the tree."""

from django.db import connection, transaction

from creditmesh.apps.ground.audit.models import Entry, Waiting
from creditmesh.apps.ground.audit.tree import growing, rows
from creditmesh.apps.ground.audit.tree.leaves import leaf_of

_AT_ONCE = 1_000


def seal_waiting() -> int:
    """Put every entry that waits into the tree, oldest first, and return how many there were.

    When none waits, the database is only read. Safe to run in several processes at once.
    """
    sealed = 0
    while Waiting.objects.exists():
        count = _seal_some()
        sealed += count
        if count < _AT_ONCE:
            break
    return sealed


def _seal_some() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        edge = growing.lock_edge(cursor)
        numbers = list(Waiting.objects.order_by("entry_id").values_list("entry_id", flat=True)[:_AT_ONCE])
        found = {row.id: row for row in Entry.objects.filter(id__in=numbers)}
        if not numbers:
            return 0  # another process was quicker
        if len(found) != len(numbers):
            raise growing.LedgerDamaged
        leaves = [leaf_of(rows.read_back(found[one]), bytes(found[one].salt)) for one in numbers]
        growing.extend(cursor, at_edge=edge, entries=numbers, hashes=leaves)
        Waiting.objects.filter(entry_id__in=numbers).delete()
    return len(numbers)
