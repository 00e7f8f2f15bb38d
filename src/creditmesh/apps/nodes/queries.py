"""What this node is."""

from typing import cast

from django.apps import apps

from creditmesh.apps.nodes.rules import ThisNode


def this_node() -> ThisNode:
    """Return this node, as it was put together at start."""
    return cast("ThisNode", apps.get_app_config("nodes").this_node)  # type: ignore[attr-defined]
