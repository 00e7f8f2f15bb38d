"""A small catalogue, a node with a lake of its own, and people of two departments."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from tests.apps.ground.records.words import CATALOGUE, a_node

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Role
from creditmesh.apps.ground.records.operations import advancing, receiving
from creditmesh.apps.ground.records.queries.batches import BatchLine
from creditmesh.apps.ground.records.rules import Delivery

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class Clock:
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def node(tmp_path: Path) -> ThisNode:
    """A node with an empty lake."""
    return a_node(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


MARKET = Actor(
    user_id=1,
    label="officer of market",
    roles=frozenset({Role.DATA_OFFICER}),
    sources=frozenset({"market"}),
)


@pytest.fixture
def market() -> Actor:
    """A data officer of the market regulator."""
    return MARKET


@pytest.fixture
def tax() -> Actor:
    """A data officer of the tax bureau."""
    return Actor(
        user_id=2, label="officer of tax", roles=frozenset({Role.DATA_OFFICER}), sources=frozenset({"tax"})
    )


@pytest.fixture
def operator() -> Actor:
    return Actor(user_id=3, label="operator", roles=frozenset({Role.OPERATOR}))


Deliver = Callable[..., BatchLine]


@pytest.fixture
def deliver(node: ThisNode, clock: Clock) -> Deliver:
    """Deliver a CSV text and advance the batch as far as it goes."""
    return delivering(node, clock)


def delivering(node: ThisNode, clock: Clock) -> Deliver:
    """Return what delivers a CSV text to a node and advances the batch as far as it goes."""

    def doing(
        text: str, *, item: str = "PEN", source: str = "market", by: Actor | None = None, key: str = ""
    ) -> BatchLine:
        received = receiving.receive(
            delivery=Delivery(
                item=item, source=source, filename="file.csv", idempotency_key=key or f"{item}{hash(text)}"
            ),
            content=BytesIO(text.encode()),
            by=by or MARKET,
            node=node,
            at=clock(),
        )
        return advancing.advance(batch=received.uuid, node=node, clock=clock)

    return doing


__all__ = ["CATALOGUE", "date"]
