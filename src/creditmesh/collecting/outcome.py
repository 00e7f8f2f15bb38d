"""What came of a delivered file: the receipt a department can act on."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Reason:
    """Why rows were refused or warned about: a stable rule, words in both languages, how often, one example.

    `rule` names what is wrong for machines; `field` is the item's field, or None for a whole row;
    `example` is a text that broke the rule and `row` the first data row it stands in, counted from 1.
    """

    field: str | None
    rule: str
    sentence_zh: str
    sentence_en: str
    rows: int
    example: str | None
    row: int | None = None
    refused: bool = True  # False: the rows were accepted, with a warning

    def sentence(self, language: str) -> str:
        """Return the words for a language code such as `zh-hans` or `en`."""
        return self.sentence_zh if language.lower().startswith("zh") else self.sentence_en


@dataclass(frozen=True)
class Quality:
    """The four measures in basis points; None where nothing can be measured."""

    accuracy_bp: int | None
    completeness_bp: int | None
    continuity_bp: int | None
    timeliness_bp: int | None


@dataclass(frozen=True)
class Outcome:
    """Counts (received = accepted + quarantined + duplicates + unresolved), files, reasons and measures."""

    received: int
    accepted: int
    quarantined: int
    duplicates: int
    unresolved: int
    warned: int
    accepted_file: Path
    refused_file: Path | None
    unresolved_file: Path | None
    reasons: tuple[Reason, ...]
    quality: Quality
    earliest_event: date | None
    latest_event: date | None
    file_sha256: str
