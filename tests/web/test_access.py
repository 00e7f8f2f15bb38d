"""Who may open what: pages by sign-in, the API by sign-in or key, every refusal in the ledger."""

import json
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path
from django.utils import timezone
from ninja import NinjaAPI, Schema

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.audit.models import LedgerOnlyGrows
from creditmesh.apps.ground.parties import operations
from creditmesh.apps.ground.parties.access import ByKey, BySession, may
from creditmesh.apps.ground.parties.queries import UnknownSubject
from creditmesh.apps.ground.parties.rules import (
    COMMAND_LINE,
    GRANTS,
    NotPermitted,
    OrganisationKind,
    Permission,
    Role,
    roles_for_kind,
)
from creditmesh.apps.members.institutions.access import ByPerson, ByProgram
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web import access
from creditmesh.web.api import api as the_api
from creditmesh.web.serving import errors
from creditmesh.web.serving.middleware import UploadLimit
from creditmesh.web.urls import accounts

pytestmark = pytest.mark.django_db


@access.requires(Permission.SEE_RISK_CLASSES)
def grades(request):
    return HttpResponse(f"grades for {access.actor_of(request).label}")


@access.signed_in
def own(request):
    return HttpResponse("own page")


@access.open_to_all
def front(_request):
    return HttpResponse("front")


def busy(_request):
    raise errors.OperationalError("database is locked")


api = NinjaAPI(urls_namespace="tried", docs_url=None, openapi_url=None)
errors.mount_on(api)


class Note(Schema):
    """Something to send."""

    text: str
    days: int


@api.get("/grades", auth=may(Permission.SEE_RISK_CLASSES))
def list_grades(request):
    return {"for": request.auth.label}


@api.post("/notes", auth=may(Permission.SEE_CATALOGUE))
def take_note(request, note: Note):
    return {"text": note.text}


@api.get("/missing", auth=may(Permission.SEE_CATALOGUE))
def missing(request):
    raise UnknownSubject("No enterprise “x” is held here: check the code.")


urlpatterns = [
    path("grades/", grades),
    path("own/", own),
    path("front/", front),
    path("busy/", busy),
    path("api/v1/", api.urls),
    path("accounts/", include(accounts)),
    path("language/", include("django.conf.urls.i18n")),
    path("", include("creditmesh.web.portals.urls")),
]
with_these_urls = override_settings(ROOT_URLCONF=__name__)


@pytest.fixture(autouse=True)
def _urls():
    with with_these_urls:
        yield


def refusals():
    return [one for one in ledger.ledger_page().lines if one.act == "access.refuse"]


class TestAPage:
    def test_is_shown_to_those_whose_role_grants_it(self, cast):
        answer = cast.client(Role.REGULATOR).get("/grades/")
        assert answer.content.decode() == "grades for 示例监管员"
        assert refusals() == []

    @pytest.mark.parametrize("role", sorted(set(Role) - GRANTS[Permission.SEE_RISK_CLASSES]))
    def test_is_refused_to_all_others_and_the_refusal_is_written_down(self, cast, role):
        request = RequestFactory().get("/grades/")
        request.user = cast.user(role)
        with pytest.raises(NotPermitted):
            grades(request)

        (line,) = refusals()
        assert (line.user_label, line.object_key) == (str(cast.user(role)), "GET /grades/")
        assert (line.why, line.outcome) == ("see_risk_classes", "refused")

    def test_sends_strangers_to_sign_in_and_back(self, client, db):
        for page in ("/grades/", "/own/"):
            answer = client.get(f"{page}?as=of")
            assert answer.status_code == 302
            assert answer.url == f"/accounts/login/?next={page}%3Fas%3Dof"

    def test_may_be_open_to_whoever_is_signed_in_or_to_all(self, cast, client):
        assert cast.client(Role.BANK_STAFF).get("/own/").status_code == 200
        assert client.get("/front/").status_code == 200

    def test_says_who_may_see_it(self):
        assert access.declared_permission(grades) == (True, Permission.SEE_RISK_CLASSES)
        assert access.declared_permission(own) == (True, None)
        assert access.declared_permission(front) == (True, None)
        assert access.declared_permission(busy) == (False, None)

    def test_looks_the_asker_up_once(self, cast, django_assert_num_queries):
        request = RequestFactory().get("/")
        request.user = cast.user(Role.REGULATOR)
        with django_assert_num_queries(1):
            first = access.actor_of(request)
        with django_assert_num_queries(0):
            assert access.actor_of(request) is first


class TestTheApi:
    def test_lets_a_person_in_by_session(self, cast):
        answer = cast.client(Role.REGULATOR).get("/api/v1/grades")
        assert answer.json() == {"for": "示例监管员"}

    def test_lets_a_program_in_by_key(self, cast, client):
        key = cast.key(Role.REGULATOR, at=timezone.now())
        answer = client.get("/api/v1/grades", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 200

    @pytest.mark.parametrize("role", sorted(set(Role) - GRANTS[Permission.SEE_RISK_CLASSES]))
    def test_refuses_others_with_a_problem_and_writes_it_down(self, cast, role):
        key = cast.key(role, at=timezone.now())
        for answer in (
            cast.client(role).get("/api/v1/grades"),
            Client().get("/api/v1/grades", headers={"Authorization": f"Bearer {key}"}),
        ):
            assert answer.status_code == 403
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["type"] == "urn:creditmesh:problem:not-permitted"
        assert [one.why for one in refusals()] == ["see_risk_classes"] * 2
        assert "(key test)" in refusals()[0].user_label

    def test_tells_strangers_how_to_come_in(self, client):
        answer = client.get("/api/v1/grades")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["type"].endswith("not-signed-in")

    def test_refuses_a_key_that_is_over(self, cast, client):
        key = cast.key(Role.REGULATOR, at=timezone.now() - timedelta(days=2), days=1)
        answer = client.get("/api/v1/grades", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 401

    def test_writes_wrong_keys_down_but_lets_nobody_fill_the_ledger(self, client):
        for number in range(5):
            client.get("/api/v1/grades", headers={"Authorization": f"Bearer cm_{number}_secret-part"})
        (line,) = refusals()
        assert line.why.startswith("unknown key")
        assert "secret-part" not in line.why

    def test_does_not_fall_back_to_the_session_when_the_key_is_wrong(self, cast):
        browser = cast.client(Role.REGULATOR)
        answer = browser.get("/api/v1/grades", headers={"Authorization": "Bearer cm_x_y"})
        assert answer.status_code == 401

    def test_wants_the_csrf_token_of_a_session_but_not_of_a_key(self, cast):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(cast.user(Role.OPERATOR))
        note = json.dumps({"text": "x", "days": 1})
        send = {"data": note, "content_type": "application/json"}
        assert browser.post("/api/v1/notes", **send).status_code == 403

        key = cast.key(Role.OPERATOR, at=timezone.now())
        stranger = Client(enforce_csrf_checks=True)
        answer = stranger.post("/api/v1/notes", headers={"Authorization": f"Bearer {key}"}, **send)
        assert answer.status_code == 200

    def test_names_field_and_rule_of_what_is_malformed(self, cast):
        answer = cast.client(Role.OPERATOR).post(
            "/api/v1/notes", data='{"days": "many"}', content_type="application/json"
        )
        assert answer.status_code == 422
        found = {(one["field"], one["rule"]) for one in answer.json()["errors"]}
        assert found == {("note.text", "missing"), ("note.days", "int_parsing")}

    def test_answers_what_is_no_json_at_all(self, cast):
        answer = cast.client(Role.OPERATOR).post("/api/v1/notes", data="{", content_type="application/json")
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"

    def test_says_what_is_not_there(self, cast):
        answer = cast.client(Role.OPERATOR).get("/api/v1/missing")
        assert answer.status_code == 404
        assert answer.json()["type"].endswith("unknown-subject")


class TestTheRealApi:
    def operations(self):
        for prefix, router in the_api._routers:
            for address, view in router.path_operations.items():
                for operation in view.operations:
                    yield f"{operation.methods} {prefix}{address}", operation

    def test_serves_no_operation_without_a_declared_permission(self):
        for name, operation in self.operations():
            given = operation.auth_callbacks
            assert given, f"{name} declares no permission"
            assert all(isinstance(one, (ByKey, BySession, ByProgram, ByPerson)) for one in given), name
            assert len({one.permission for one in given}) == 1, name

    def test_shows_grades_to_regulators_only(self):
        for name, operation in self.operations():
            if any(word in name for word in ("standings", "distribution", "export", "movements")):
                (permission,) = {one.permission for one in operation.auth_callbacks}
                assert GRANTS[permission] <= roles_for_kind(OrganisationKind.REGULATOR), name


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (NotPermitted(Permission.SEE_LEDGER), 403),
            (UnknownSubject("x"), 404),
            (operations.NameTaken("x"), 409),
            (LedgerOnlyGrows(), 409),
            (CreditmeshError("x"), 409),
        ],
    )
    def test_have_one_status_each(self, error, status):
        assert errors.status_of(error) == status

    def test_of_a_database_that_is_away_are_said_plainly(self, client):
        client.raise_request_exception = False
        request = RequestFactory().get("/api/v1/busy")
        answer = errors.ErrorPages(busy).process_exception(request, errors.OperationalError("locked"))
        assert answer.status_code == 503
        assert json.loads(answer.content)["type"].endswith("database-away")

    def test_that_are_bugs_are_left_to_the_log(self):
        request = RequestFactory().get("/")
        assert errors.ErrorPages(busy).process_exception(request, ZeroDivisionError()) is None

    def test_too_large_a_body_is_refused_unread(self):
        guard = UploadLimit(lambda _request: HttpResponse("taken"))
        small = RequestFactory().post("/api/v1/batches", data=b"x", content_type="text/csv")
        assert guard(small).content == b"taken"

        large = RequestFactory().post("/api/v1/batches", data=b"x", content_type="text/csv")
        large.META["CONTENT_LENGTH"] = str((guard.limit_mb + 1) * 1024 * 1024)
        answer = guard(large)
        assert answer.status_code == 413
        assert json.loads(answer.content)["type"].endswith("too-large")


class TestEveryAnswer:
    def test_has_a_number_that_the_ledger_knows(self, cast):
        answer = cast.client(Role.BANK_STAFF).get("/api/v1/grades")
        assert answer["X-Request-Id"] == refusals()[0].request

    def test_allows_the_browser_nothing_from_elsewhere(self, client):
        answer = client.get("/front/")
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"

    def test_speaks_chinese_unless_asked_for_english(self, client):
        assert client.get("/front/")["Content-Language"] == "zh-hans"
        english = client.get("/front/", headers={"Accept-Language": "en"})
        assert english["Content-Language"] == "en"


def test_the_key_of_a_user_who_is_out_opens_nothing(cast, client):
    key = cast.key(Role.REGULATOR, at=timezone.now())
    operations.set_active(by=COMMAND_LINE, username="regulator", active=False, at=timezone.now())
    assert client.get("/api/v1/grades", headers={"Authorization": f"Bearer {key}"}).status_code == 401
