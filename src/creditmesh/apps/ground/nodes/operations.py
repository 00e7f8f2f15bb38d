"""Give the node its identity; keep track of which workers are alive."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing, Who
from creditmesh.apps.ground.nodes.models import Node, WorkerBeat
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.nodes.signing import Signer
from creditmesh.exchange.keys import Algorithm


@transaction.atomic
def establish(*, node: ThisNode, by: Who, at: datetime) -> uuid.UUID:
    """Give this node an identity that stays with its database; later calls only keep name and region.

    Return the identity.
    """
    row, new = Node.objects.select_for_update().get_or_create(
        is_self=True,
        defaults={"id": uuid.uuid4(), "name": node.name, "region": node.region, "established_at": at},
    )
    if new:
        audit.append(who=by, act="node.establish", thing=Thing("node", str(row.id)), at=at, why=node.name)
    elif (row.name, row.region) != (node.name, node.region):
        row.name, row.region = node.name, node.region
        row.save(update_fields=["name", "region"])
        audit.append(who=by, act="node.rename", thing=Thing("node", str(row.id)), at=at, why=node.name)
    return row.id


@transaction.atomic
def rotate_key(*, node: ThisNode, algorithm: Algorithm, by: Who, at: datetime) -> Signer:
    """Give the node a new key and write that down; what the old key signed can still be checked."""
    old = node.signer.key_id
    audit.append(who=by, act="node.rotate-key", thing=Thing("node-key", old), at=at, why=algorithm.value)
    return node.key_file.rotate(algorithm=algorithm, at=at)


def beat(*, worker: str, at: datetime) -> None:
    """Note that a background worker is alive."""
    WorkerBeat.objects.update_or_create(worker=worker, defaults={"at": at})


def leave(*, worker: str) -> None:
    """Note that a background worker has stopped by itself."""
    WorkerBeat.objects.filter(worker=worker).delete()


def forget_silent(*, at: datetime, lease: timedelta) -> int:
    """Forget workers that have been silent for longer than the lease; return how many."""
    return WorkerBeat.objects.filter(at__lt=at - lease).delete()[0]
