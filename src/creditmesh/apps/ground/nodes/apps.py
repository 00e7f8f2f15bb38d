"""Where this node is put together from its settings, once, at start."""

import sys

from django.apps import AppConfig
from django.conf import settings

from creditmesh.apps.ground.nodes.rules import FICTITIOUS, ThisNode
from creditmesh.catalogue import loading
from creditmesh.catalogue.reading import CatalogueRefused
from creditmesh.lake.store import Lake
from creditmesh.scoring.targets.spark.cluster import Cluster


class NodesConfig(AppConfig):
    """Build `ThisNode` when Django starts; a node whose catalogue contradicts itself does not start."""

    name = "creditmesh.apps.ground.nodes"
    default_auto_field = "django.db.models.BigAutoField"
    this_node: ThisNode

    def ready(self) -> None:
        """Put this node together, or say plainly what is wrong in the catalogue and exit with 1."""
        config = settings.CREDITMESH
        try:
            catalogue = loading.load(folder=config.catalogue_folder)
        except CatalogueRefused as refused:
            for problem in refused.problems:
                sys.stderr.write(f"{problem}\n")
            sys.stderr.write("The node does not start: mend the catalogue, see the lines above.\n")
            raise SystemExit(1) from None
        self.this_node = ThisNode(
            name=config.node_name,
            region=config.node_region,
            home=config.home,
            lake=Lake(config.lake),
            catalogue=catalogue,
            demo=config.demo,
            fictitious=config.fictitious or config.node_region.startswith(FICTITIOUS),
            tsa_url=config.tsa_url,
            tsa_roots=config.tsa_roots,
            callback_networks=config.callback_networks,
            cluster=Cluster(config.spark_master, config.spark_settings) if config.engine == "spark" else None,
            by_itself=config.cadence == "monthly",
        )
