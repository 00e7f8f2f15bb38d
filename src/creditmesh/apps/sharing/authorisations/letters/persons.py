"""Persons named in records: what their own consent is about, and how it is matched without keeping their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from creditmesh.apps.sharing.authorisations.rules import Terms
from creditmesh.catalogue.model import Catalogue, Item, Mode
from creditmesh.exchange.canonical import JSON, canonical, sha256
from creditmesh.kernel.names import normalise_name

ROLES: dict[str, tuple[str, ...]] = {
    "legal_representative": ("legal_representative",),
    "shareholder": ("shareholder",),
    "manager": ("person", "manager"),
}
"""In which role a person is asked, and the fields of records that name somebody in it. Numbers of identity
papers are in none: no consent shows them.
"""


@dataclass(frozen=True)
class Consent:
    """A person's own consent that goes with an authorisation."""

    uuid: UUID
    authorisation: UUID
    role: str
    name_digest: str
    fields: frozenset[str]  # "ITEM.field"

    def shows(self, item: str, field: str, name: str) -> bool:
        """Return whether a value of a field, a person's name, may be shown on the strength of this consent."""
        return f"{item}.{field}" in self.fields and name_digest(self.authorisation, name) == self.name_digest


def name_digest(authorisation: UUID, name: str) -> str:
    """Return the digest a person's name is known by within one authorisation, and nowhere else."""
    return sha256(f"{authorisation} {normalise_name(name)}".encode())


def masked(name: str) -> str:
    """Return a name as the enterprise recognises whom it asked: the first letter, then stars."""
    kept = name.strip()
    return kept[:1] + "*" * min(2, max(1, len(kept) - 1))


def fields_of(role: str, terms: Terms, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the personal fields, "ITEM.field", that name somebody of a role where the grantee may look."""
    return tuple(
        f"{item.code}.{field.name}"
        for item in _seen(terms, catalogue)
        for field in item.fields
        if field.personal and field.name in ROLES[role]
    )


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a person agreed to, when, and how it was known who the person is."""

    consent: UUID
    role: str
    name_digest: str
    fields: Sequence[str]
    at: str
    method: str


def statement(given: Given, *, terms: Terms) -> bytes:
    """Return what a person agrees to as canonical JSON: the bytes that are signed and kept as evidence."""
    said: dict[str, JSON] = {
        "type": "creditmesh/personal-consent/1",
        "consent": str(given.consent),
        "authorisation": str(terms.uuid),
        "enterprise": terms.subject,
        "grantee": terms.institution,
        "purpose": terms.purpose,
        "role": given.role,
        "name_digest": given.name_digest,
        "fields": list(given.fields),
        "valid_to": terms.valid_to.isoformat(),
        "given_at": given.at,
        "method": given.method,
    }
    return canonical(said)


def _seen(terms: Terms, catalogue: Catalogue) -> list[Item]:
    # Public items need no authorisation, but the persons in them are masked all the same.
    return [one for one in catalogue.items.values() if one.code in terms.items or Mode.OPEN in one.modes]
