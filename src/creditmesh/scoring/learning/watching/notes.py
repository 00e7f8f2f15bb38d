"""What is said beside a written system that its file cannot know: how it was set, what it was measured on, its limits.

`NAME.card.yml` stands beside `NAME.yml`, as its cases do. A system without such a file has a card all the same, which
says that nothing was measured.
"""

from pathlib import Path

from pydantic import Field

from creditmesh.catalogue.model import Part, Text
from creditmesh.catalogue.reading import read, validated

ENDING = ".card.yml"


class Measured(Part):
    """One look at whether the system's order agrees with what is known; figures as they were printed."""

    data: Text
    outcome: Text
    rows: int = Field(ge=1)
    share_bad: str
    auc: str
    ks: str | None = None
    reads: Text | None = None  # how much of what the system reads these data hold
    note: Text | None = None
    source: str  # where the figure stands and which command prints it


class Notes(Part):
    """The file as a whole."""

    cut_offs: Text  # how they were set
    measured: tuple[Measured, ...] = ()
    limits: tuple[Text, ...] = ()


def beside(file: Path) -> Notes | None:
    """Return what stands beside the file of a system, None when nothing does; raise `CatalogueRefused`."""
    place = file.with_suffix(ENDING)
    return validated(read(place), Notes) if place.is_file() else None
