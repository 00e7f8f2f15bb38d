"""Hand refused rows back to who delivered them; rows may hold personal data, so the ledger says who took them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from uuid import UUID

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.ground.records.queries import batches
from creditmesh.apps.ground.records.rules import safe_filename


@dataclass(frozen=True, kw_only=True)
class RefusedRows:
    """The file of refused rows, each with its reason, and the name to save it under."""

    file: Path
    name: str


def hand_back(*, batch: UUID, by: Actor, node: ThisNode, at: datetime) -> RefusedRows:
    """Return the refused rows of a batch, to mend and send again, and write down who took them.

    Raises `UnknownBatch` for a batch the actor may not see, `NoRefusedRows` when no row was refused.
    """
    line = batches.progress(uuid=batch, viewer=by)
    file = batches.refused_file(uuid=batch, viewer=by, home=node.home)
    audit.append(who=by.who(), act="batch.take_refused", thing=Thing("batch", str(batch)), at=at)
    return RefusedRows(file=file, name=f"{PurePath(safe_filename(line.filename)).stem}-refused.csv")
