"""What a node knows about itself."""

from dataclasses import dataclass
from pathlib import Path

from creditmesh.catalogue.model import Catalogue


@dataclass(frozen=True)
class ThisNode:
    """This node: built once at start from the settings and handed to whoever needs it."""

    name: str
    region: str
    home: Path
    catalogue: Catalogue
    demo: bool
    fictitious: bool
