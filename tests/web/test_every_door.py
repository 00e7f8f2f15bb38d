"""Risk classes are for regulators: every address is opened with every role, and none other shows them."""

import pytest
from tests.web import doors, town
from tests.web.conftest import signed_in

from creditmesh.apps.ground.parties.rules import Permission, permissions_of
from creditmesh.web.access import declared_permission

pytestmark = pytest.mark.django_db

# Who may do the same passes the same doors: one of each is sent round.
OTHERS = list(
    {
        permissions_of([role]): username
        for username, role in reversed(town.ROLE_OF.items())
        if Permission.SEE_RISK_CLASSES not in permissions_of([role])
    }.values()
)
# Pages of libraries, which know nothing of grades: sign-in, language, API description.
LIBRARIES = ("accounts/", "language/", "api/")


def body(answer) -> str:
    """Return everything an answer says, streamed or not."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    head = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    return head + content.decode("utf-8", "replace")


class TestEveryDoor:
    def test_says_who_may_pass(self, item, source):
        silent = [
            door.route
            for door in doors.every(item=item, source=source)
            if not door.route.startswith(LIBRARIES) and not declared_permission(door.callback)[0]
        ]
        assert silent == []

    def test_of_the_api_asks_who_it_is(self):
        operations = list(doors.api_operations())
        assert len(operations) > 10
        assert [path for path, _, one in operations if not one.auth_callbacks] == []

    @pytest.mark.usefixtures("small_town")
    @pytest.mark.parametrize("username", [*OTHERS, ""], ids=lambda one: one or "anonymous")
    def test_keeps_risk_classes_from(self, username, item, source):
        client = signed_in(username)
        client.raise_request_exception = False
        opened = 0
        for door in doors.every(item=item, source=source):
            for method in ("get", "post"):
                answer = getattr(client, method)(f"{door.path}?system=general&subject={town.subject_key(0)}")
                said = body(answer)
                assert town.marks_in(said) == set(), (method, door.path)
                if declared_permission(door.callback) == (True, Permission.SEE_RISK_CLASSES):
                    assert answer.status_code in ({403, 405} if username else {302, 405}), door.path
                opened += answer.status_code == 200
            if username and door.path.startswith("/accounts/logout"):
                client = signed_in(username)
                client.raise_request_exception = False
        assert opened > 3

    @pytest.mark.usefixtures("small_town")
    @pytest.mark.parametrize("username", [*OTHERS, ""], ids=lambda one: one or "anonymous")
    def test_of_the_api_keeps_them_too(self, username):
        client = signed_in(username)
        client.raise_request_exception = False
        for path, method, operation in doors.api_operations():
            answer = client.generic(method, path, data="{}", content_type="application/json")
            assert town.marks_in(body(answer)) == set(), (method, path)
            needed = {getattr(one, "permission", None) for one in operation.auth_callbacks}
            if Permission.SEE_RISK_CLASSES in needed:
                assert answer.status_code == (403 if username else 401), (method, path)


@pytest.mark.usefixtures("small_town")
class TestARegulator:
    def test_reads_what_the_others_may_not(self):
        client = signed_in("regulator")
        seen = set().union(
            *(town.marks_in(body(client.get(path))) for path in ("/regulator/", "/enterprises/"))
        )
        assert {town.MARK, "924.1", "chart-grades"} <= seen

    def test_reads_them_by_the_api(self):
        client = signed_in("regulator")
        said = [client.get(path) for path, method, _ in doors.api_operations() if method == "GET"]
        seen = "".join(body(answer) for answer in said if answer.status_code == 200)
        assert town.MARK in seen
        assert town.marks_in(seen) >= {"924137", '"share_bp": 4643'}, [
            (one.status_code, one.request["PATH_INFO"]) for one in said
        ]

    def test_takes_the_list_along(self):
        answer = signed_in("regulator").post(
            "/enterprises/export/?system=general", {"form": "csv", "why": "检查"}
        )
        assert town.MARK in body(answer)


@pytest.mark.usefixtures("small_town")
class TestAnOperator:
    def test_sees_that_there_are_runs_but_not_what_came_of_them(self):
        client = signed_in("operator")
        listed = client.get("/runs/")
        one = client.get(f"/runs/{town.uuid5(town.SPACE, 'run-2')}/")
        assert (listed.status_code, one.status_code) == (200, 200)
        assert town.marks_in(body(listed) + body(one)) == set()
