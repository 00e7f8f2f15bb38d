"""What the worker does for enterprises: one call each."""

from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from django.apps import apps
from django_tasks import task

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.members.enterprises.apps import EnterprisesConfig
from creditmesh.apps.members.enterprises.operations import deciding, evidence
from creditmesh.apps.members.enterprises.queries.claims import unchecked
from creditmesh.apps.members.enterprises.rules import Check


@task()
def check_claim(claim: str) -> None:
    """Check the claim that `enterprise.claimed` told of."""
    deciding.check(UUID(claim), by=_check(), node=this_node(), at=datetime.now(UTC))


@task()
def resume_claims() -> int:
    """Check claims that a dead worker left behind and return how many there were."""
    waiting = unchecked()
    for claim in waiting:
        deciding.check(claim, by=_check(), node=this_node(), at=datetime.now(UTC))
    return len(waiting)


@task()
def forget_evidence() -> int:
    """Delete the files of registrations that are over, past their keeping; return how many went."""
    return evidence.expire(node=this_node(), at=datetime.now(UTC))


def _check() -> Check:
    config = cast("EnterprisesConfig", apps.get_app_config("enterprises"))
    return config.check_claims
