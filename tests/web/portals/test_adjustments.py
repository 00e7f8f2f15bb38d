"""Adjustments on their pages: seen by regulators only, decided by somebody else, withdrawn with a reason."""

from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from tests.apps.members.enterprises.conftest import PDF
from tests.web import town
from tests.web.conftest import signed_in

from creditmesh.apps.evaluation.grading.models import Adjustment, Run, SystemFile
from creditmesh.apps.evaluation.systems.rules.standing import identity
from creditmesh.apps.ground.parties import queries as people
from creditmesh.apps.ground.parties.models import User
from creditmesh.scoring import loading


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


@pytest.fixture
def adjustable(small_town) -> str:
    """The address of the form for an enterprise of the last run, whose system lets people move grades."""
    content = loading.shipped()[town.SYSTEM].read_bytes() + b"\nadjustments: {better: 1, worse: 1}\n"
    file = SystemFile.objects.create(
        sha256=sha256(content).hexdigest(),
        name=town.SYSTEM,
        version="1",
        content=content,
        kept_at=timezone.now(),
    )
    Run.objects.filter(system=town.SYSTEM).update(file=file)
    return f"/enterprises/{town.subject_key(0)}/adjust/?system={town.SYSTEM}"


def form(**changed):
    usual = {
        "steps": "-1",
        "reason": "has mended everything",
        "expires_on": timezone.localdate() + timedelta(days=30),
        "file": SimpleUploadedFile("整改.pdf", PDF, content_type="application/pdf"),
    }
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}


class TestTheFormOfAProposal:
    def test_proposes_with_its_evidence_and_leaves_the_decision_to_a_colleague(self, adjustable):
        regulator = signed_in("regulator")
        assert "1 class better" in regulator.get(adjustable).content.decode()

        page = regulator.post(adjustable, form(), follow=True)

        made = Adjustment.objects.get()
        assert page.redirect_chain == [(f"/adjustments/{made.uuid}/", 302)]
        assert "A colleague decides on it" in page.content.decode()
        assert (made.state, made.steps, made.subject, made.file_name) == (
            "proposed",
            -1,
            town.subject_key(0),
            "整改.pdf",
        )
        evidence = regulator.get(f"/adjustments/{made.uuid}/evidence/")
        assert b"".join(evidence.streaming_content) == PDF
        assert "attachment" in evidence["Content-Disposition"]
        again = regulator.post(adjustable, form())
        assert (again.status_code, Adjustment.objects.count()) == (422, 1)
        assert "has mended everything" in again.content.decode()

    @pytest.mark.parametrize(
        "changed",
        [
            {"file": None},
            {"steps": "-2"},
            {"steps": "0"},
            {"reason": ""},
            {"expires_on": "2020-01-01"},
            {"expires_on": "tomorrow"},
            {"file": SimpleUploadedFile("x.pdf", b"MZ not a document")},
        ],
        ids=lambda one: next(iter(one)),
    )
    def test_is_shown_again_with_what_is_wrong(self, adjustable, changed):
        answer = signed_in("regulator").post(adjustable, form(**changed))

        assert (answer.status_code, Adjustment.objects.count()) == (422, 0)

    def test_is_for_regulators(self, adjustable):
        for other in ("planner", "enterprise", "operator"):
            assert signed_in(other).get(adjustable).status_code == 403, other
            assert signed_in(other).post(adjustable, form()).status_code == 403, other
        assert not Adjustment.objects.exists()
