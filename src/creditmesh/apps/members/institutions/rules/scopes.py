"""What a program may be allowed to do: groups of permissions a token is asked for."""

from collections.abc import Iterable
from enum import StrEnum

from creditmesh.apps.ground.parties.rules import Permission


class Scope(StrEnum):
    """One thing a program may be allowed to do."""

    INQUIRE = "inquire"
    VERIFY = "verify"
    RAW = "raw"
    BATCH = "batch"
    AUTHORISATIONS = "authorisations"
    OUTCOMES = "outcomes"
    REPORTS = "reports"


OPENS: dict[Scope, frozenset[Permission]] = {
    Scope.INQUIRE: frozenset({Permission.INQUIRE}),
    Scope.VERIFY: frozenset({Permission.INQUIRE}),
    Scope.RAW: frozenset({Permission.INQUIRE}),
    Scope.BATCH: frozenset({Permission.INQUIRE}),
    Scope.AUTHORISATIONS: frozenset({Permission.REQUEST_AUTHORISATIONS}),
    Scope.OUTCOMES: frozenset({Permission.DECLARE_OUTCOMES}),
    Scope.REPORTS: frozenset({Permission.INQUIRE}),
}
ALWAYS = frozenset(
    {
        Permission.SEE_CATALOGUE,
        Permission.SEE_NOTICES,
        Permission.SEE_OWN_INQUIRIES,
        Permission.MANAGE_OWN_CLIENTS,  # a program renews its own signing key
    }
)
"""What every program may do with any token: what was asked in its own name, and its news."""


def scopes_of(text: str) -> frozenset[Scope]:
    """Return the scopes named in a text with spaces between; what is none is left out."""
    known = {one.value for one in Scope}
    return frozenset(Scope(one) for one in text.split() if one in known)


def opens(*, held: Iterable[Scope], permission: Permission, scope: Scope | None = None) -> bool:
    """Return whether scopes let a program do what needs a permission, and that one scope if it is named."""
    has = frozenset(held)
    if scope is not None:
        return scope in has and permission in OPENS[scope]
    return permission in ALWAYS or any(permission in OPENS[one] for one in has)
