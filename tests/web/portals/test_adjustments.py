"""Adjustments on their pages: seen by regulators only, decided by somebody else, withdrawn with a reason."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from tests.web import town
from tests.web.conftest import signed_in

from creditmesh.apps.evaluation.grading.models import Adjustment, Run
from creditmesh.apps.evaluation.systems.rules.standing import identity
from creditmesh.apps.ground.parties import queries as people
from creditmesh.apps.ground.parties.models import User


@pytest.fixture
def proposed(small_town):
    """An adjustment the town's regulator proposed."""
    return Adjustment.objects.create(
        uuid=uuid4(),
        system=town.SYSTEM,
        subject=town.subject_key(0),
        name=town.NAMES[0],
        steps=-1,
        reason="has mended everything",
        run=Run.objects.order_by("-id")[0],
        file_name="proof.pdf",
        file_type="application/pdf",
        file_size=10,
        file_sha256="ab" * 32,
        state="proposed",
        proposed_by=identity(people.actor(User.objects.get(username="regulator"))),
        proposed_by_label="王监管",
        proposed_at=timezone.now(),
        expires_on=timezone.localdate() + timedelta(days=30),
    )


def test_an_adjustment_is_listed_and_not_decided_by_its_proposer(proposed):
    regulator = signed_in("regulator")
    page = regulator.get("/adjustments/").content.decode()
    assert "has mended everything" in page
    assert "1 class better" in page
    address = f"/adjustments/{proposed.uuid}/"
    refused = regulator.post(f"{address}decide/", {"act": "approve"}, follow=True).content.decode()
    assert "ask a colleague" in refused
    regulator.post(f"{address}decide/", {"act": "withdraw", "why": "a mistake"})
    proposed.refresh_from_db()
    assert (proposed.state, proposed.ended_why) == ("withdrawn", "a mistake")
    assert "a mistake" in regulator.get(address).content.decode()
    assert signed_in("planner").get(address).status_code == 403
