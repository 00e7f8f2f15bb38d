"""Grading through the API: runs for those who conduct them, results for regulators, nothing for others."""

import csv
import io
from uuid import uuid4

import pytest
from django.utils import timezone

from creditmesh.apps.ground.audit.models import Entry, Event
from creditmesh.apps.ground.parties.rules import GRANTS, Permission, Role
from creditmesh.scoring import loading

pytestmark = pytest.mark.urls("tests.apps.evaluation.grading.urls")
API = "/api/v1"
D1 = {"subject": "D1", "name": "青禾乳业", "score": 900, "grade": "D"}
A1 = {"subject": "A1", "name": "+山口", "score": 100, "grade": "A", "region": "630102"}
RESULTS = (
    "/systems/example/distribution",
    "/systems/example/regions",
    "/systems/example/industries",
    "/systems/example/movements",
    "/systems/example/standings",
    "/systems/example/export.csv?why=x",
    "/systems/example/export.xlsx?why=x",
    "/systems/example/subjects/D1",
)
NOT_REGULATORS = sorted(set(Role) - GRANTS[Permission.SEE_RISK_CLASSES])
NOT_CONDUCTORS = [role for role in NOT_REGULATORS if role is not Role.OPERATOR]


class TestResults:
    @pytest.mark.parametrize("role", NOT_REGULATORS)
    def test_are_refused_to_everyone_but_regulators(self, cast, keep_run, role) -> None:
        keep_run(D1, A1)
        client = cast.client(role)
        for address in RESULTS:
            answer = client.get(API + address)
            assert answer.status_code == 403, address
            assert answer.json()["type"] == "urn:creditmesh:problem:not-permitted"
            assert "青禾" not in answer.content.decode()

    def test_are_refused_to_strangers(self, client, db) -> None:
        for address in RESULTS:
            assert client.get(API + address).status_code == 401, address

    def test_are_read_by_a_regulator(self, cast, keep_run) -> None:
        keep_run(D1, A1)
        regulator = cast.client(Role.REGULATOR)
        spread = regulator.get(f"{API}/systems/example/distribution").json()
        assert [(one["grade"], one["subjects"]) for one in spread["grades"]] == [
            ("A", 1),
            ("B", 0),
            ("C", 0),
            ("D", 1),
        ]
        regions = regulator.get(f"{API}/systems/example/regions?language=en").json()
        assert {one["key"] for one in regions["rows"]} == {"990121001", "630102"}
        industries = regulator.get(f"{API}/systems/example/industries").json()
        assert [one["key"] for one in industries["rows"]] == ["C"]
        assert len(regulator.get(f"{API}/systems/example/movements").json()) == 2

    def test_by_a_key_as_well(self, cast, client, keep_run) -> None:
        keep_run(D1)
        bearer = {"Authorization": f"Bearer {cast.key(Role.REGULATOR, at=timezone.now())}"}
        assert client.get(f"{API}/systems/example/distribution", headers=bearer).status_code == 200

    def test_lists_are_narrowed_and_paged(self, cast, keep_run) -> None:
        keep_run(D1, A1)
        regulator = cast.client(Role.REGULATOR)
        first = regulator.get(f"{API}/systems/example/standings?size=1").json()
        assert [one["subject"] for one in first["rows"]] == ["D1"]
        rest = regulator.get(f"{API}/systems/example/standings?after={first['following']}").json()
        assert [one["subject"] for one in rest["rows"]] == ["A1"]
        some = regulator.get(f"{API}/systems/example/standings?region=63&outcome=graded").json()
        assert some["total"] == 1

    @pytest.mark.parametrize(
        "query",
        [
            "size=0",
            "size=9999",
            "region=63;",
            "sort=random",
            "outcome=hired",
            "moved=sideways",
            f"text={'x' * 101}",
            "run=7",
        ],
    )
    def test_nonsense_is_refused_with_the_field(self, cast, db, query) -> None:
        answer = cast.client(Role.REGULATOR).get(f"{API}/systems/example/standings?{query}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == query.partition("=")[0]

    def test_before_the_first_run_say_what_to_do(self, cast, db) -> None:
        regulator = cast.client(Role.REGULATOR)
        answer = regulator.get(f"{API}/systems/example/distribution")
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:creditmesh:problem:no-results-yet")
        assert regulator.get(f"{API}/systems/example/distribution?run={uuid4()}").status_code == 404

    def test_an_export_is_a_safe_file_and_in_the_ledger(self, cast, keep_run) -> None:
        keep_run(D1, A1)
        regulator = cast.client(Role.REGULATOR)
        answer = regulator.get(f"{API}/systems/example/export.csv?why=monthly plan&language=en")
        assert answer["Content-Disposition"] == 'attachment; filename="example-2026-03-01.csv"'
        rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert [row[2] for row in rows] == ["Name", "青禾乳业", "'+山口"]
        assert "monthly plan" in Entry.objects.get(act="standing.export").why

    def test_an_export_needs_a_reason(self, cast, keep_run) -> None:
        keep_run(D1)
        assert cast.client(Role.REGULATOR).get(f"{API}/systems/example/export.csv").status_code == 422


class TestRuns:
    @pytest.mark.parametrize("role", NOT_CONDUCTORS)
    def test_are_refused_to_those_who_do_not_conduct_them(self, cast, keep_run, role) -> None:
        run = keep_run(D1)
        client = cast.client(role)
        assert client.get(f"{API}/runs").status_code == 403
        assert client.get(f"{API}/runs/{run.uuid}").status_code == 403
        assert client.get(f"{API}/runs/{run.uuid}/tables").status_code == 403
        assert client.post(f"{API}/runs/{run.uuid}/abandon").status_code == 403
        body = {"system": "general"}
        assert client.post(f"{API}/runs", body, content_type="application/json").status_code == 403

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.REGULATOR])
    def test_are_asked_for_seen_and_given_up(self, cast, db, role) -> None:
        client = cast.client(role)
        name = min(loading.shipped())
        asked = client.post(f"{API}/runs", {"system": name}, content_type="application/json")
        assert asked.status_code == 202, asked.content.decode()
        uuid = asked.json()["uuid"]
        assert Event.objects.get(name="run.requested").key == uuid
        assert client.get(f"{API}/runs").json()[0]["uuid"] == uuid
        assert client.get(f"{API}/runs?system=other").json() == []
        assert client.get(f"{API}/runs/{uuid}").json()["state"] == "requested"
        assert client.get(f"{API}/runs/{uuid}/tables").json() == []
        again = client.post(f"{API}/runs", {"system": name}, content_type="application/json")
        assert (again.status_code, again.json()["type"]) == (409, "urn:creditmesh:problem:already-under-way")
        assert client.post(f"{API}/runs/{uuid}/abandon").json()["state"] == "abandoned"

    def test_tell_an_operator_no_grade(self, cast, keep_run) -> None:
        run = keep_run(D1, A1, insufficient=1, excluded=0)
        told = cast.client(Role.OPERATOR).get(f"{API}/runs/{run.uuid}").json()
        assert told["subjects"] == 2
        assert not {"grades", "insufficient", "excluded", "standings"} & set(told)

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"system": "no-such-system"}, 404),
            ({"system": "../../etc/passwd"}, 404),
            ({"system": "general", "as_of": "2099-01-01"}, 409),
            ({"system": "general", "as_of": "yesterday"}, 422),
            ({"system": ""}, 422),
            ({}, 422),
        ],
    )
    def test_nonsense_is_refused(self, cast, db, body, status) -> None:
        answer = cast.client(Role.REGULATOR).post(f"{API}/runs", body, content_type="application/json")
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"

    def test_an_unknown_run_is_not_found(self, cast, db) -> None:
        assert cast.client(Role.OPERATOR).get(f"{API}/runs/{uuid4()}").status_code == 404


class TestSystems:
    def test_are_listed_with_their_status(self, cast, db) -> None:
        found = cast.client(Role.OPERATOR).get(f"{API}/systems").json()
        assert {one["id"] for one in found} == set(loading.shipped())
        assert all(one["grades"] and one["status"] for one in found)

    @pytest.mark.parametrize("role", [Role.BANK_STAFF, Role.ENTERPRISE_USER])
    def test_are_not_for_banks_and_enterprises(self, cast, db, role) -> None:
        assert cast.client(role).get(f"{API}/systems").status_code == 403
