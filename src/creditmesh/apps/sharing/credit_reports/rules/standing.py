"""Kinds of reports, their states, and what goes wrong with them."""

from enum import StrEnum

from creditmesh.kernel.errors import CreditmeshError


class Kind(StrEnum):
    """For whom a report is made."""

    OWN = "own"  # the enterprise's own, everything held that may be shown
    INSTITUTION = "institution"  # on an authorisation, masked, for one reader and one purpose


class State(StrEnum):
    """Where an issued report stands."""

    VALID = "valid"
    SUPERSEDED = "superseded"  # a later report on the same enterprise for the same reader took its place
    OUTDATED = "outdated"  # something in it was corrected or contested since
    REVOKED = "revoked"  # not to be relied upon at all


class Form(StrEnum):
    """How much of a report is printed."""

    SUMMARY = "summary"
    FULL = "full"


ENDS: dict[State, frozenset[State]] = {
    State.VALID: frozenset({State.SUPERSEDED, State.OUTDATED, State.REVOKED}),
    State.SUPERSEDED: frozenset({State.OUTDATED, State.REVOKED}),
    State.OUTDATED: frozenset({State.REVOKED}),
    State.REVOKED: frozenset(),
}
"""What may become of a report: it never comes back to being valid."""


class UnknownReport(CreditmeshError):
    """No report of that serial is among those one may see."""

    code = "unknown-report"


class ReportChanged(CreditmeshError):
    """The content of a report is not what its digest says."""

    code = "report-changed"


class ReportClosed(CreditmeshError):
    """A report can be opened no more: it was revoked, or the authorisation behind it has ended."""

    code = "report-closed"


class ReportStands(CreditmeshError):
    """A report cannot become what was asked for."""

    code = "report-wrong-state"


class NothingHeld(CreditmeshError):
    """No record at all is held on an enterprise."""

    code = "nothing-held"


class RecordsChanging(CreditmeshError):
    """Records of the enterprise were contested or corrected whenever a report was about to be issued."""

    code = "records-changing"

    def __init__(self) -> None:
        super().__init__(
            "Records of the enterprise are being contested or corrected right now: ask again in a minute."
        )


class CannotPrint(CreditmeshError):
    """The PDF cannot be made here: a system library or font is missing, or it is too large."""

    code = "cannot-print"


class TooManyChecks(CreditmeshError):
    """Somebody asks for serial after serial."""

    code = "too-many-checks"


def require_end(*, state: State, to: State) -> None:
    """Let a report end, or raise `ReportStands`."""
    if to not in ENDS[state]:
        raise ReportStands(f"A report that is {state} cannot become {to}: load it again to see its state.")
