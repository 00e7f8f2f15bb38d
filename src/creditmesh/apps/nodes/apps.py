"""Where this node is put together from its settings, once, at start."""

from django.apps import AppConfig
from django.conf import settings

from creditmesh.apps.nodes.rules import ThisNode


class NodesConfig(AppConfig):
    """Build `ThisNode` when Django starts."""

    name = "creditmesh.apps.nodes"
    default_auto_field = "django.db.models.BigAutoField"
    this_node: ThisNode

    def ready(self) -> None:
        """Put this node together."""
        config = settings.CREDITMESH
        self.this_node = ThisNode(
            name=config.node_name,
            region=config.node_region,
            home=config.home,
            demo=config.demo,
            fictitious=config.fictitious,
        )
