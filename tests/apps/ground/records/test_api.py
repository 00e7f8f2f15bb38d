"""Records through the API: deliver, follow, fetch refused rows, decide; nobody sees what is another's."""

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.test import Client
from tests.apps.ground.records.words import code, penalties

from creditmesh.apps.ground.parties.models import DeliveredSource
from creditmesh.apps.ground.parties.rules import Role
from creditmesh.apps.ground.records.models import Batch

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.apps.evaluation.grading.urls")]
API = "/api/v1"
GOOD = penalties([(1, "a", "100")])
BAD_ROW = f"{code(2)},企业2,b,much,2026-01-05\n"


@pytest.fixture(autouse=True)
def _as_this_node(node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The node of these tests is the node the API serves."""
    monkeypatch.setattr(apps.get_app_config("nodes"), "this_node", replace(node, name="served"))


@pytest.fixture
def officer(cast: Any) -> Client:
    """A data officer whose organisation delivers for the market source alone."""
    home = cast.actor(Role.DATA_OFFICER).organisation
    organisation = cast.user(Role.DATA_OFFICER).memberships.get().organisation
    assert organisation.code == home
    DeliveredSource.objects.filter(organisation=organisation).delete()
    DeliveredSource.objects.create(organisation=organisation, source="market")
    return cast.client(Role.DATA_OFFICER)


@pytest.fixture
def operator(cast: Any) -> Client:
    return cast.client(Role.OPERATOR)


def deliver(client: Client, text: str, *, key: str = "k", wait: str = "true", **more: str) -> Any:
    asked = {"item": "PEN", "source": "market", "filename": "p.csv", "wait": wait, **more}
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return client.post(
        f"{API}/batches?{query}", text.encode(), content_type="text/csv", headers={"Idempotency-Key": key}
    )


class TestADelivery:
    def test_as_the_body_itself_is_landed_when_asked_to_wait(self, officer: Client) -> None:
        answer = deliver(officer, GOOD)

        assert answer.status_code == 200
        assert (
            answer.json()["batch"] | {"state": "landed", "accepted": 1, "added": 1} == answer.json()["batch"]
        )

    def test_is_answered_at_once_and_followed_by_its_link(self, officer: Client) -> None:
        answer = deliver(officer, GOOD, wait="false")

        assert answer.status_code == 202
        receipt = officer.get(answer.json()["links"]["batch"]).json()
        assert receipt["batch"]["state"] == "received"
        assert receipt["quality"] is None

    def test_as_a_part_of_a_form(self, officer: Client) -> None:
        file = BytesIO(GOOD.encode())
        file.name = "part.csv"
        answer = officer.post(
            f"{API}/batches?item=PEN&source=market&wait=true",
            {"file": file},
            headers={"Idempotency-Key": "k"},
        )
        empty = officer.post(
            f"{API}/batches?item=PEN&source=market", {"x": "1"}, headers={"Idempotency-Key": "l"}
        )

        assert (answer.status_code, answer.json()["batch"]["filename"]) == (200, "part.csv")
        assert empty.status_code == 409

    def test_sent_again_changes_nothing_and_says_so(self, officer: Client) -> None:
        first, again = deliver(officer, GOOD), deliver(officer, GOOD)

        assert again.json()["again"] is True
        assert again.json()["uuid"] == first.json()["uuid"]
        assert deliver(officer, GOOD + BAD_ROW).status_code == 409
        assert Batch.objects.count() == 1

    def test_without_a_key_or_with_an_endless_one_is_malformed(self, officer: Client) -> None:
        missing = officer.post(f"{API}/batches?item=PEN&source=market", GOOD, content_type="text/csv")
        endless = deliver(officer, GOOD, key="k" * 201)

        assert (missing.status_code, endless.status_code) == (422, 422)

    @pytest.mark.parametrize(
        ("changes", "status"),
        [({"item": "NONE"}, 404), ({"source": "tax"}, 409), ({"item": "LST", "source": "tax"}, 403)],
    )
    def test_out_of_order_is_refused(self, officer: Client, changes: dict[str, str], status: int) -> None:
        answer = deliver(officer, GOOD, **changes)

        assert answer.status_code == status
        assert answer.json()["title"]
        assert Batch.objects.count() == 0

    @pytest.mark.parametrize("role", [one for one in Role if one not in (Role.DATA_OFFICER, Role.OPERATOR)])
    def test_by_anyone_else_is_refused(self, cast: Any, role: Role) -> None:
        assert deliver(cast.client(role), GOOD).status_code == 403

    def test_by_nobody_is_refused(self, client: Client) -> None:
        assert deliver(client, GOOD).status_code == 401


class TestABatch:
    def test_hands_out_its_refused_rows_with_reasons(self, officer: Client) -> None:
        uuid = deliver(officer, GOOD + BAD_ROW).json()["uuid"]
        receipt = officer.get(f"{API}/batches/{uuid}").json()

        file = officer.get(receipt["links"]["refused_rows"])

        assert receipt["batch"]["quarantined"] == 1
        assert [one["field"] for one in receipt["reasons"] if one["refused"]] == ["fine"]
        assert "much" in b"".join(file.streaming_content).decode("utf-8-sig")
        assert "p-refused.csv" in file["Content-Disposition"]

    def test_without_refused_rows_says_so(self, officer: Client) -> None:
        uuid = deliver(officer, GOOD).json()["uuid"]

        assert officer.get(f"{API}/batches/{uuid}/refused").status_code == 409

    def test_of_another_source_does_not_exist_for_a_department(
        self, officer: Client, operator: Client
    ) -> None:
        text = f"code,level\n{code(1)},A\n{code(2)[:-1]}#,A\n"
        uuid = deliver(operator, text, item="LST", source="tax").json()["uuid"]

        for address in (f"/batches/{uuid}", f"/batches/{uuid}/refused"):
            assert officer.get(API + address).status_code == 404
            seen = operator.get(API + address)
            assert seen.status_code == 200
            assert b"".join(seen)  # read to the end; closing it by hand would close the tests' connection
        assert officer.post(f"{API}/batches/{uuid}/continue").status_code == 404
        assert officer.get(f"{API}/batches").json()["total"] == 0
        assert officer.get(f"{API}/batches?source=tax").json()["total"] == 0
        assert officer.get(f"{API}/quality").json() == []
        assert [one["source"] for one in operator.get(f"{API}/quality").json()] == ["tax"]

    def test_is_listed_with_filters_within_bounds(self, officer: Client) -> None:
        deliver(officer, GOOD)

        assert officer.get(f"{API}/batches?item=PEN&state=landed&q=p.csv").json()["total"] == 1
        assert officer.get(f"{API}/batches?q=other").json()["total"] == 0
        for beyond in ("page=0", "page=99999999", "q=" + "x" * 101):
            assert officer.get(f"{API}/batches?{beyond}").status_code == 422


class TestTheCatalogue:
    def test_lists_items_with_what_has_come_of_them(self, officer: Client) -> None:
        deliver(officer, GOOD)

        held = {one["code"]: one["records"] for one in officer.get(f"{API}/items").json()}

        assert held == {"PEN": 1, "APP": 0, "LST": 0, "REG": 0}

    def test_shows_an_item_and_its_workbook(self, officer: Client) -> None:
        shown = officer.get(f"{API}/items/PEN").json()
        workbook = openpyxl.load_workbook(BytesIO(officer.get(f"{API}/items/PEN/template").content))

        assert shown["record_key"] == ["number"]
        assert workbook.sheetnames
        assert officer.get(f"{API}/items/NONE").status_code == 404
        assert officer.get(f"{API}/items/NONE/template").status_code == 404


class TestARowWithoutASubject:
    @pytest.fixture
    def case(self, operator: Client) -> dict[str, Any]:
        """A penalty that names an enterprise the register does not know by that name alone."""
        deliver(
            operator, f"code,name,founded\n{code(7)},青禾第七商贸有限公司,2020-02-03\n", item="REG", key="r"
        )
        text = "code,name,number,fine,decided\n,青禾七商贸公司,x1,50,2026-01-05\n"
        answer = deliver(operator, text, key="p").json()
        assert answer["batch"]["unresolved"] == 1
        (found,) = operator.get(f"{API}/reviews").json()["cases"]
        return found

    def test_waits_for_a_decision_with_its_values(self, case: dict[str, Any], officer: Client) -> None:
        assert (case["name"], case["values"]["number"]) == ("青禾七商贸公司", "x1")
        assert officer.get(f"{API}/reviews").status_code == 403

    def test_lands_when_it_is_tied(self, case: dict[str, Any], operator: Client, node: Any) -> None:
        answer = operator.post(
            f"{API}/reviews/{case['id']}",
            json.dumps({"subject": code(7), "why": "same address"}),
            content_type="application/json",
        )
        follow_up = answer.json()["follow_up"]
        from tests.apps.ground.records.conftest import Clock

        from creditmesh.apps.ground.nodes.queries import this_node
        from creditmesh.apps.ground.records.operations import advancing
        from creditmesh.apps.ground.records.queries import subject_records

        line = advancing.advance(
            batch=Batch.objects.get(uuid=follow_up).uuid, node=this_node(), clock=Clock()
        )

        assert (line.state, line.added, line.unresolved) == ("landed", 1, 0)
        (held,) = subject_records.records_of(subject=code(7), item="PEN", catalogue=node.catalogue).records
        assert (held.values["number"], held.values["fine"]) == ("x1", 5_000)
        (decided,) = operator.get(f"{API}/reviews?state=tied").json()["cases"]
        assert (decided["subject"], decided["why"]) == (code(7), "same address")

    def test_can_be_refused_once(self, case: dict[str, Any], operator: Client) -> None:
        refuse = json.dumps({"subject": None, "why": "no such enterprise"})
        first, second = (
            operator.post(f"{API}/reviews/{case['id']}", refuse, content_type="application/json")
            for _ in range(2)
        )

        assert first.json() == {"follow_up": None}
        assert second.status_code == 409
        assert operator.get(f"{API}/reviews").json()["total"] == 0

    @pytest.mark.parametrize(
        ("decision", "status"),
        [
            ({"subject": "91990121999999999X", "why": "x"}, 404),
            ({"subject": None, "why": ""}, 422),
            ({"subject": None, "why": "  "}, 409),
        ],
    )
    def test_is_not_decided_by_a_poor_decision(
        self, case: dict[str, Any], operator: Client, decision: dict[str, Any], status: int
    ) -> None:
        answer = operator.post(
            f"{API}/reviews/{case['id']}", json.dumps(decision), content_type="application/json"
        )

        assert answer.status_code == status
        assert operator.get(f"{API}/reviews").json()["total"] == 1


class TestTheRegister:
    def test_is_searched_by_those_who_may(self, officer: Client, operator: Client) -> None:
        deliver(
            operator, f"code,name,founded\n{code(7)},青禾第七商贸有限公司,2020-02-03\n", item="REG", key="r"
        )

        assert [one["key"] for one in operator.get(f"{API}/subjects?q=第七商贸").json()] == [code(7)]
        assert operator.get(f"{API}/subjects?q=").status_code == 422
        assert officer.get(f"{API}/subjects?q=第七").status_code == 403
