"""What a node knows about itself."""

import functools
from dataclasses import dataclass
from pathlib import Path

from creditmesh.apps.ground.nodes.signing import KeyFile, Signer
from creditmesh.catalogue.model import Catalogue
from creditmesh.lake.store import Lake
from creditmesh.scoring.targets.spark.cluster import Cluster

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
    tsa_url: str = ""  # of the time-stamping authority for tree heads; empty: none
    tsa_roots: Path | None = None  # PEM file of its root certificates
    callback_networks: tuple[str, ...] = ()  # private ones that notices may be sent to
    cluster: Cluster | None = (
        None  # where evaluations of everyone are computed; None: in this process, by DuckDB
    )
    by_itself: bool = True  # live systems run every month and after changes; otherwise only when asked

    @property
    def signer(self) -> Signer:
        """Return what the node signs with now; the first use makes the key. Raises NodeKeyUnsafe."""
        return self.key_file.signer()

    @property
    def stamp_roots(self) -> tuple[str, ...]:
        """Return the root certificates (PEM) of the time-stamping authority, none when there is no such file."""
        file = self.tsa_roots
        return (file.read_text("utf-8"),) if file is not None and file.is_file() else ()

    @functools.cached_property
    def key_file(self) -> KeyFile:
        """Return the file of the node's key."""
        return KeyFile(self.home)
