"""What a node knows about itself."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ThisNode:
    """This node: built once at start from the settings and handed to whoever needs it."""

    name: str
    region: str
    home: Path
    demo: bool
    fictitious: bool
