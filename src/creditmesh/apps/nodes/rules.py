"""What a node knows about itself."""

from dataclasses import dataclass
from pathlib import Path

from creditmesh.catalogue.model import Catalogue
from creditmesh.lake.store import Lake

FICTITIOUS = "99"  # codes under which no region of the country lies: the sample region


@dataclass(frozen=True)
class ThisNode:
    """This node: built once at start from the settings and handed to whoever needs it."""

    name: str
    region: str
    home: Path
    lake: Lake
    catalogue: Catalogue
    demo: bool
    fictitious: bool
