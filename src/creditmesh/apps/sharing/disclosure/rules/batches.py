"""The states of a list of inquiries and of its lines."""

from enum import StrEnum

from creditmesh.catalogue.model import Mode
from creditmesh.kernel.errors import CreditmeshError


class BatchState(StrEnum):
    """Where a list stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


class LineState(StrEnum):
    """Where a line stands."""

    WAITING = "waiting"
    ANSWERED = "answered"
    REFUSED = "refused"


class ListTooLong(CreditmeshError):
    """A list has more lines than the rule pack allows."""

    code = "list-of-inquiries-too-long"


class LineTaken(CreditmeshError):
    """A line of a list was answered by another worker."""

    code = "line-taken"


class UnknownInquiryBatch(CreditmeshError):
    """No list of inquiries of that identity is among one's own."""

    code = "unknown-inquiry-batch"


class ResultsExpired(CreditmeshError):
    """The answers of a list are kept for some days only."""

    code = "inquiry-results-expired"


class ListOfAnother(CreditmeshError):
    """Raw detail goes to the program or person that asked for it, not to all of the institution."""

    code = "list-of-another"


def require_reader(*, mode: Mode, asked_by: tuple[str, int | None], reads: tuple[str, int | None]) -> None:
    """Refuse raw detail to whoever did not ask for it; raise `ListOfAnother`.

    Who asked and who reads are a program's id and a person's: the one that acts, the other is empty. Masked
    answers are the institution's: its programs for lists and its people read them.
    """
    if mode is Mode.RAW and asked_by != reads:
        raise ListOfAnother(
            "This list holds raw detail, which is handed to the program or person that asked for it alone:"
            " have that one fetch it, or hand the list in yourself if you may."
        )


def progress(*, done: int, total: int) -> int:
    """Return how far a list is, in percent.

    >>> progress(done=1, total=3), progress(done=0, total=0)
    (33, 100)
    """
    return 100 if total == 0 else done * 100 // total
