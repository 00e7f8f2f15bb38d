"""A random walk over everything the API says of itself: whatever is sent, no operation falls over."""

import json

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web import town
from tests.web.conftest import signed_in

from creditmesh.web.api import api

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_town")]

METHODS = ("get", "post", "put", "patch", "delete")
USUAL = {400, 401, 403, 404, 405, 409, 413, 422}
LIKELY = (
    "general",
    "PEN-01",
    "csv",
    "zh",
    "landed",
    "open",
    "tied",
    town.subject_key(0),
    "2026-01-01",
    "1",
    "true",
)
TEXT = st.one_of(st.sampled_from(LIKELY), st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
ANY = st.one_of(TEXT, st.integers(), st.uuids().map(str), st.booleans().map(str), st.floats().map(str))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=6,
)


def operations():
    """Return address, method and description of every operation the document names."""
    document = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return [
        (path, method, told, document["components"]["schemas"])
        for path, methods in document["paths"].items()
        for method, told in methods.items()
        if method in METHODS
    ]


def names_of_body(told, schemas):
    """Return the names an operation's body has by its description."""
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    known = schemas.get(content.get("$ref", "").rpartition("/")[2], {})
    return sorted(known.get("properties", {}))


@pytest.fixture(scope="module")
def described():
    found = operations()
    assert len(found) >= 20
    return found


@pytest.mark.parametrize("username", ["operator", "regulator", "officer", "banker", ""])
def test_no_operation_falls_over(username, described):
    client = signed_in(username) if username else Client()
    client.raise_request_exception = False
    seen = set()

    @settings(max_examples=60, suppress_health_check=list(HealthCheck), database=None)
    @given(data=st.data())
    def walk(data):
        path, method, told, schemas = data.draw(st.sampled_from(described))
        query, headers = {}, {}
        for one in told.get("parameters", ()):
            if one["in"] == "path":
                value = str(data.draw(ANY)).replace("/", "") or "x"
                path = path.replace(
                    f"{{{one['name']}}}", value.replace("%", "").replace("?", "").replace("#", "")
                )
            elif one["in"] == "query" and data.draw(st.booleans()):
                query[one["name"]] = data.draw(ANY)
            elif one["in"] == "header":
                headers[one["name"]] = data.draw(st.text("abc0123456789-é\"'", max_size=20))
        body = data.draw(
            st.fixed_dictionaries({}, optional=dict.fromkeys(names_of_body(told, schemas), JSON)) | JSON
        )
        answer = client.generic(
            method.upper(),
            path,
            json.dumps(body),
            content_type="application/json",
            query_params=query,
            headers=headers,
        )
        assert answer.status_code < 500, (method, path, query, body)
        assert answer.status_code < 300 or answer.status_code in USUAL, (answer.status_code, method, path)
        if not username and path.startswith("/api/v1/") and answer.status_code not in {404, 405, 400}:
            assert answer.status_code == 401
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json", (answer.status_code, method, path)
        answer.close()
        seen.add(answer.status_code)

    walk()
    assert seen
