"""The ledger for programs: heads, and the paths that prove what they say.

Heads and consistency are public; they stand at /ledger/heads.json and /ledger/consistency.json for everybody.
"""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from creditmesh.apps.ground.audit.evidence import heads, proofs
from creditmesh.apps.ground.nodes import ledger
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.access import may
from creditmesh.apps.ground.parties.rules import Permission

router = Router(tags=["ledger"])
SEE = may(Permission.SEE_LEDGER)
SEE_HEADS = may(Permission.SEE_TREE_HEADS)
LARGEST = 2**62
Size = Annotated[int, Field(ge=0, le=LARGEST)]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class HeadOut(Schema):
    """A signed tree head; the signature is a detached JWS over the canonical JSON of `document`."""

    number: int
    document: dict[str, Any]
    signature: str
    stamps: list[dict[str, str]] | None = None


class HeadsOut(Schema):
    """Heads, newest first."""

    heads: list[HeadOut]


class StateOut(Schema):
    """How the ledger stands now, signed or not."""

    size: int
    root: str
    waiting: int
    head: HeadOut | None
    alerts: list[str]


class ConsistencyOut(Schema):
    """The path that shows that the tree of `first` leaves begins that of `second` (RFC 9162, 2.1.4)."""

    first: int
    second: int
    path: list[str]


class InclusionOut(Schema):
    """The path from a leaf to the root of the first `size` leaves (RFC 9162, 2.1.3)."""

    entry: UUID | None
    position: int
    leaf: str
    size: int
    path: list[str]
    expired: bool


@router.get("/ledger/heads", auth=SEE_HEADS, response=HeadsOut, operation_id="list_tree_heads")
def list_heads(
    request: HttpRequest,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    size: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """List signed tree heads, newest first, older than number `before`."""
    return {"heads": [heads.published(one) for one in heads.heads(before=before, size=size)]}


@router.get("/ledger/heads/{number}", auth=SEE_HEADS, response=HeadOut, operation_id="tree_head")
def one_head(request: HttpRequest, number: Annotated[int, Field(ge=0, le=LARGEST)]) -> dict[str, Any]:
    """Return one signed tree head."""
    return heads.published(heads.head(number))


@router.get("/ledger/consistency", auth=SEE_HEADS, response=ConsistencyOut, operation_id="ledger_consistency")
def consistency(request: HttpRequest, first: Size, second: Size) -> dict[str, Any]:
    """Prove that the ledger of `second` entries has grown out of that of `first`."""
    path = proofs.consistency(first=first, second=second)
    return {"first": first, "second": second, "path": [one.hex() for one in path]}


@router.get("/ledger/state", auth=SEE, response=StateOut, operation_id="ledger_state")
def state(request: HttpRequest) -> dict[str, Any]:
    """Tell how the ledger stands."""
    found = heads.state()
    alerts = heads.alerts(at=timezone.now(), stamps_wanted=bool(this_node().tsa_url))
    return {
        "size": found.size,
        "root": found.root,
        "waiting": found.waiting,
        "head": heads.published(found.head) if found.head else None,
        "alerts": [one.value for one in alerts],
    }


@router.get("/ledger/entries/{entry}/inclusion", auth=SEE, response=InclusionOut, operation_id="inclusion")
def inclusion(request: HttpRequest, entry: UUID, size: Size | None = None) -> dict[str, Any]:
    """Prove that an entry stands in the ledger of `size` entries; default: that of the last head."""
    place = proofs.place_of(entry)
    if place.position is None:
        raise proofs.NotYetSealed
    return {**_inclusion(place.position, size), "entry": entry, "expired": place.expired}


@router.get("/ledger/leaves/{leaf}/inclusion", auth=SEE, response=InclusionOut, operation_id="leaf_inclusion")
def leaf_inclusion(request: HttpRequest, leaf: Hash, size: Size | None = None) -> dict[str, Any]:
    """Prove that a leaf stands in the ledger, by its hash."""
    found = proofs.entry_at(proofs.position_of(bytes.fromhex(leaf)))
    return {**_inclusion(found.position or 0, size), "entry": found.entry, "expired": found.expired}


@router.get("/ledger/entries/{entry}/proof", auth=SEE, operation_id="entry_proof")
def proof(request: HttpRequest, entry: UUID) -> dict[str, Any]:
    """Return the proof file of an entry, without names of people; a head is signed if none covers it yet."""
    return dict(ledger.prove(node=this_node(), entry=entry, at=timezone.now()))


def _inclusion(position: int, size: int | None) -> dict[str, Any]:
    last = heads.latest_head()
    if size is None:
        if last is None or last.size <= position:
            raise proofs.NotYetSealed
        size = last.size
    path = proofs.inclusion(position=position, size=size)
    leaf = proofs.leaf(position).hex()
    return {"position": position, "leaf": leaf, "size": size, "path": [one.hex() for one in path]}
