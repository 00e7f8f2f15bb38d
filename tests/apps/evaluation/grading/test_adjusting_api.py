"""Adjustments through the API: for regulators, with a file, and never a word to anybody else."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from creditmesh.apps.evaluation.grading.models import Adjustment, UnitTotal
from creditmesh.apps.ground.parties.rules import Role

pytestmark = pytest.mark.urls("tests.apps.evaluation.grading.urls")
API = "/api/v1"
D1 = {"subject": "D1", "name": "青禾乳业", "score": 900, "grade": "D"}


@pytest.fixture
def proposed(keep_run) -> Adjustment:
    run = keep_run(D1)
    return Adjustment.objects.create(
        uuid=uuid4(), system="example", subject="D1", name="青禾乳业", steps=-1, reason="已整改", run=run,
        file_name="证据.pdf", file_type="application/pdf", file_size=9, file_sha256="0" * 64, state="proposed",
        proposed_by="user:0", proposed_by_label="林监管", proposed_at=timezone.now(),
        expires_on=timezone.localdate() + timedelta(30),
    )  # fmt: skip


class TestAdjustments:
    def test_are_listed_and_decided_by_regulators(self, cast, proposed) -> None:
        regulator = cast.client(Role.REGULATOR)
        [listed] = regulator.get(f"{API}/adjustments?system=example&state=proposed").json()
        shown = regulator.get(f"{API}/adjustments/{proposed.uuid}").json()
        assert listed == shown
        answer = regulator.post(
            f"{API}/adjustments/{proposed.uuid}/approve", {}, content_type="application/json"
        )
        assert (answer.status_code, answer.json()["state"]) == (200, "approved")
        ended = regulator.post(
            f"{API}/adjustments/{proposed.uuid}/withdraw",
            {"why": "线索不实"},
            content_type="application/json",
        )
        assert ended.json()["ended_why"] == "线索不实"
        again = regulator.post(
            f"{API}/adjustments/{proposed.uuid}/refuse", {"why": "x"}, content_type="application/json"
        )
        assert (again.status_code, again.json()["type"]) == (409, "urn:creditmesh:problem:adjustment-closed")

    def test_are_proposed_with_a_file(self, cast, keep_run) -> None:
        keep_run(D1)
        fields = {
            "system": "example",
            "subject": "D9",
            "steps": 1,
            "reason": "x",
            "expires_on": date(2030, 1, 1),
        }
        file = SimpleUploadedFile("x.pdf", b"%PDF")
        answer = cast.client(Role.REGULATOR).post(f"{API}/adjustments", {**fields, "evidence": file})
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:creditmesh:problem:unknown-standing")
        without = cast.client(Role.REGULATOR).post(f"{API}/adjustments", fields)
        assert without.status_code == 422

    def test_keep_their_evidence_where_it_belongs(self, cast, proposed) -> None:
        answer = cast.client(Role.REGULATOR).get(f"{API}/adjustments/{proposed.uuid}/evidence")
        assert (answer.status_code, answer.json()["type"]) == (
            404,
            "urn:creditmesh:problem:unknown-adjustment",
        )

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.BANK_STAFF, Role.DATA_OFFICER])
    def test_are_nobody_elses(self, cast, proposed, role) -> None:
        client = cast.client(role)
        for address in ("", f"/{proposed.uuid}", f"/{proposed.uuid}/evidence"):
            assert client.get(f"{API}/adjustments{address}").status_code == 403
        assert client.post(f"{API}/adjustments/{proposed.uuid}/approve").status_code == 403


class TestTotalsOfDevices:
    def test_are_listed_worst_first(self, cast, keep_run) -> None:
        run = keep_run(D1)
        UnitTotal.objects.create(
            run=run, tie="user", enterprise="E1", units=2, scored=2, worst_score=9, mean_score=5
        )
        [row] = cast.client(Role.REGULATOR).get(f"{API}/systems/example/units?tie=user").json()
        assert (row["enterprise"], row["units"], row["mean_score"]) == ("E1", 2, 5)
