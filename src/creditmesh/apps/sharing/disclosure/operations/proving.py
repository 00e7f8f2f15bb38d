"""Who asked about an enterprise, and the proof of each line that needs no trust in this node."""

from datetime import datetime
from typing import Any
from uuid import UUID

from creditmesh.apps.ground.audit.evidence import proofs, signing
from creditmesh.apps.ground.nodes.queries import identity, this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.disclosure.queries import inquiries, places
from creditmesh.exchange.canonical import JSON

_SHOWN = tuple(
    name for name in inquiries.InquiryLine.__dataclass_fields__ if name not in {"person", "user_id", "client"}
)


def about(by: Actor, *, before: int | None = None, size: int = inquiries.PAGE) -> dict[str, Any]:
    """Return a page of who asked about the actor's enterprise: the institution, never which of its people.

    Raises `NotPermitted` for whoever speaks for no enterprise.
    """
    by.demand(Permission.SEE_WHO_ASKED)
    page = inquiries.about(by.subject, before=before, size=size)
    names = parties.organisation_names(one.institution for one in page.lines)
    return {
        "lines": [
            {
                **{name: getattr(one, name) for name in _SHOWN},
                "institution_name": names.get(one.institution, one.institution),
                "by_program": bool(one.client),
            }
            for one in page.lines
        ],
        "older": page.older,
    }


def proof(inquiry: UUID, *, at: datetime) -> dict[str, JSON]:
    """Return the proof file of an inquiry, under a signed head that covers it; a new head is signed if none does.

    Whoever calls this has looked the inquiry up among those the asker may see. Raises `UnknownInquiry`, and
    what `audit.evidence.proofs.proof_file` refuses.
    """
    node = this_node()
    known = identity()
    entry = places.entry_of(inquiry)
    place = proofs.place_of(entry)
    pen = signing.Pen(
        log=str(known.id) if known else node.name, key=node.signer.key, key_id=node.signer.key_id
    )
    if place.position is not None:
        signing.head_over(position=place.position, pen=pen, at=at)
    return proofs.proof_file(entry=entry, keys=node.signer.jwks())
