"""What the checks say about one text of one field."""

from dataclasses import dataclass
from datetime import date

Value = str | int | bool | date


@dataclass(frozen=True)
class Words:
    """A rule that was broken, with the sentence for this very text."""

    rule: str
    zh: str
    en: str


@dataclass(frozen=True)
class Verdict:
    """The typed value of a text, or why it is refused; a warning may go with a value."""

    value: Value | None = None
    refused: Words | None = None
    warning: Words | None = None


def refused(rule: str, zh: str, en: str) -> Verdict:
    """Return the verdict that the text cannot be taken."""
    return Verdict(refused=Words(rule, zh, en))
