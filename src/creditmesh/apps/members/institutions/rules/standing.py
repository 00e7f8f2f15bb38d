"""What an institution is to the node: its kind, whether it may ask, how much it may ask."""

from dataclasses import dataclass
from enum import StrEnum

from creditmesh.apps.ground.parties.rules import OrganisationKind, Role
from creditmesh.kernel.errors import CreditmeshError

ROLE_OF_KIND = {
    OrganisationKind.BANK: Role.BANK_STAFF,
    OrganisationKind.GUARANTOR: Role.GUARANTOR_STAFF,
    OrganisationKind.INSURER: Role.INSURER_STAFF,
}
"""In which role the programs of an institution act."""


class State(StrEnum):
    """Whether an institution may ask."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True)
class Limits:
    """How much an institution may ask; each is at least 1."""

    requests_per_minute: int
    inquiries_per_day: int
    raw_per_day: int


@dataclass(frozen=True)
class Institution:
    """A bank, guarantor or insurer that was admitted."""

    code: str
    name: str
    kind: OrganisationKind
    state: State
    sandbox: bool  # sees synthetic subjects only, and no other institution ever sees those
    limits: Limits
    callback: str = ""  # where notices are sent, empty: they wait in the inbox alone
    why: str = ""  # why it is suspended

    @property
    def active(self) -> bool:
        """Return whether it may ask."""
        return self.state is State.ACTIVE


class NotAdmitted(CreditmeshError):
    """The organisation is no bank, guarantor or insurer that was admitted."""

    code = "not-admitted"

    def __init__(self) -> None:
        super().__init__("Your organisation is not admitted as an institution: ask the operator of the node.")


class InstitutionSuspended(CreditmeshError):
    """The institution was suspended and may not ask until it is resumed."""

    code = "institution-suspended"

    def __init__(self) -> None:
        super().__init__(
            "Your institution is suspended: nothing is answered until the operator of the node resumes it."
        )
