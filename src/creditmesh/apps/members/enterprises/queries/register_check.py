"""The built-in check of a claim: what the node's own registration records say."""

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.records.queries.subject_records import records_of
from creditmesh.apps.members.enterprises.rules import Checked, Registered, Statement, compare

ITEM = "ENT-01"  # basic registration, of the national list


class MatchesTheRegister:
    """Compare a claim with the registration item held here; nothing held, nothing said."""

    name = "register"

    def __call__(self, stated: Statement) -> Checked:
        """Return what agrees with the latest registration held."""
        return compare(stated, held(stated.subject), by=self.name)


def held(subject: str) -> Registered | None:
    """Return what the registration item held says of a subject, None when nothing is held."""
    catalogue = this_node().catalogue
    if ITEM not in catalogue.items:
        return None
    found = records_of(subject=subject, item=ITEM, catalogue=catalogue, limit=1).records
    if not found:
        return None
    values = found[0].values
    return Registered(
        name=str(values.get("name") or ""),
        representative=str(values.get("legal_representative") or ""),
        status=str(values.get("status") or ""),
        entity_type=str(values.get("entity_type") or ""),
    )
