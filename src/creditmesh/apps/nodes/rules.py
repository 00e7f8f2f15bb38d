"""What a node knows about itself."""

import functools
from dataclasses import dataclass
from pathlib import Path

from creditmesh.apps.nodes.signing import KeyFile, Signer
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
    callback_networks: tuple[str, ...] = ()  # private ones that notices may be sent to

    @property
    def signer(self) -> Signer:
        """Return what the node signs with now; the first use makes the key. Raises NodeKeyUnsafe."""
        return self.key_file.signer()

    @functools.cached_property
    def key_file(self) -> KeyFile:
        """Return the file of the node's key."""
        return KeyFile(self.home)
