"""What this node is, and which of its workers are alive."""

from datetime import datetime
from typing import cast

from django.apps import apps

from creditmesh.apps.ground.nodes.models import Node, WorkerBeat
from creditmesh.apps.ground.nodes.rules import ThisNode


def this_node() -> ThisNode:
    """Return this node, as it was put together at start."""
    return cast("ThisNode", apps.get_app_config("nodes").this_node)  # type: ignore[attr-defined]


def identity() -> Node | None:
    """Return the node's identity, None before `creditmesh init`."""
    return Node.objects.filter(is_self=True).order_by("id").first()


def live_workers() -> dict[str, datetime]:
    """Return the background workers that gave a sign of life, with the last time they did."""
    return dict(WorkerBeat.objects.order_by("worker").values_list("worker", "at"))
