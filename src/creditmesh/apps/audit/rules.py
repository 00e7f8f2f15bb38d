"""Who acted on what with which outcome: the words of the ledger."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How an act ended: permitted, refused, carried out, or tried in vain."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Who:
    """Someone who acts: a user, an API key, or the node itself (`user_id` is None)."""

    label: str
    user_id: int | None = None
    organisation: str = ""
    role: str = ""
    request: str = ""  # id of the request it came with, to tell acts of one request together


@dataclass(frozen=True)
class Thing:
    """What was acted on: a kind of object and its key, such as ("batch", "17")."""

    kind: str
    key: str = ""


COMMAND_LINE = Who(label="command line", role="operator")
WORKER = Who(label="worker")
NOBODY = Who(label="anonymous")
