"""Take whole sets in through the front door: the shared real sets, and deliveries made by the generator."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.ground.records.operations import advancing, receiving
from creditmesh.apps.ground.records.operations.holding import Clock
from creditmesh.apps.ground.records.queries.batches import BatchLine
from creditmesh.apps.ground.records.rules import Delivery
from creditmesh.kernel.errors import CreditmeshError

SETS = ("cn_registry", "cn_jinan_credit", "cn_jinan_credit/tables")
"""Folders of the shared data in which an item's files may lie."""


class NothingToLoad(CreditmeshError):
    """The folder holds none of the sets this node knows how to take in."""

    code = "nothing-to-load"


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A file to take in: what it holds, for which source it is delivered, and when if not now."""

    item: str
    source: str
    file: Path
    received_at: datetime | None = None  # when it counts as delivered: a made-up history has a past; else now


Told = Callable[[BatchLine], None]


def load(
    *, parcels: Iterable[Parcel], by: Actor, node: ThisNode, clock: Clock, told: Told | None = None
) -> tuple[BatchLine, ...]:
    """Receive and advance every parcel in order, telling of each as it is done; what came before changes nothing.

    Raises what `receiving.receive` and `advancing.advance` raise.
    """
    done = []
    for parcel in parcels:
        received = receiving.receive_file(
            delivery=Delivery(
                item=parcel.item,
                source=parcel.source,
                filename=parcel.file.name,
                idempotency_key=f"{parcel.item}:{receiving.key_of(parcel.file)}",
            ),
            file=parcel.file,
            by=by,
            node=node,
            at=parcel.received_at or clock(),
        )
        line = advancing.advance(batch=received.uuid, node=node, clock=clock)
        if told is not None:
            told(line)
        done.append(line)
    return tuple(done)


def load_shared(
    *, folder: Path, by: Actor, node: ThisNode, clock: Clock, told: Told | None = None
) -> tuple[BatchLine, ...]:
    """Take in the real sets of a folder: the Qinghai registry and the Jinan tables. Raises `NothingToLoad`."""
    parcels = list(shared_parcels(folder=folder, node=node))
    if not parcels:
        raise NothingToLoad(
            f"{folder} holds no file that an item of the catalogue is delivered as. Name the folder of the sets."
        )
    return load(parcels=parcels, by=by, node=node, clock=clock, told=told)


def shared_parcels(*, folder: Path, node: ThisNode) -> Iterator[Parcel]:
    """Return the files of the shared sets that the catalogue of this node says hold an item."""
    for item in node.catalogue.items.values():
        for name in item.delivered_as:
            file = next((place / name for place in _places(folder) if (place / name).is_file()), None)
            if file is not None and item.sources:
                yield Parcel(item=item.code, source=item.sources[0], file=file)


def _places(folder: Path) -> tuple[Path, ...]:
    return (folder, *(folder / name for name in SETS))
