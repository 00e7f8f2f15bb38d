"""Every operation is fed nonsense made from its own description, by everyone who may use it.

Cases come from schemathesis: data that fits the description and data that breaks it. Whatever is sent, the
answer is one of those described, and what does not fit is never taken.
"""

import json
import re
import secrets
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks
from tests.apps.members.institutions.bank import ROOMY, open_bank
from tests.web import doors, town
from tests.web.conftest import signed_in

from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties import queries as people
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Permission, Role
from creditmesh.apps.members.institutions.operations import admitting
from creditmesh.exchange import messages
from creditmesh.exchange.fields import LONGEST, Request
from creditmesh.web.api import api

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_town")]

REFUSALS = {400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 429}
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
PEOPLE = ("operator", "officer", "regulator", "banker", "enterprise")
_BLANK, _as_described = re.compile(r"<(?:\w+:)?(\w+)>"), r"{\1}"
Environ = dict[str, Any]
Application = Callable[[Environ, Any], Any]


def described() -> Any:
    """Return the node's own description, as a program would fetch it."""
    return json.loads(json.dumps(api.get_openapi_schema(), default=str))


def needed() -> dict[str, set[Permission]]:
    """Return for each operation the permissions its doors ask for: the description does not name them."""
    return {
        f"{method} {_BLANK.sub(_as_described, '/' + door.route)}": {
            one.permission for one in operation.auth_callbacks
        }
        for door, method, operation in doors.api_doors()
    }


class Undone:
    """The node, from which every request is taken back once it is answered."""

    def __init__(self, sender: Callable[[Environ], None]) -> None:
        self.node = WSGIHandler()
        self.sender = sender

    def __call__(self, environ: Environ, start_response: Any) -> Any:
        """Answer one request as its sender would have sent it."""
        environ["HTTP_HOST"] = "testserver"
        self.sender(environ)
        for signal in (
            request_started,
            request_finished,
        ):  # the test's connection stays, as with Django's client
            signal.disconnect(close_old_connections)
        try:
            with transaction.atomic():
                answer = self.node(environ, start_response)
                whole = [b"".join(answer)]
                answer.close()
                transaction.set_rollback(True)
        finally:
            for signal in (request_started, request_finished):
                signal.connect(close_old_connections)
        return whole


def session(username: str) -> Callable[[Environ], None]:
    """Return what sends a request from a browser in which somebody is signed in."""
    if username == "banker":
        admitting.admit(by=COMMAND_LINE, organisation="BANK", limits=ROOMY, at=town.NOON)
    if username == "enterprise":
        home = people.actor(people.user(username=username)).organisation
        parties.add_membership(
            by=COMMAND_LINE, username=username, organisation=home, role=Role.ENTERPRISE_OWNER, at=town.NOON
        )
    cookie = signed_in(username).cookies["sessionid"].value
    token = secrets.token_hex(16)

    def send(environ: Environ) -> None:
        environ["HTTP_COOKIE"] = f"sessionid={cookie}; csrftoken={token}"
        environ["HTTP_X_CSRFTOKEN"] = token
        environ.pop("HTTP_AUTHORIZATION", None)

    return send


def program() -> Callable[[Environ], None]:
    """Return what signs every request as a bank's program does."""
    bank = open_bank("bank-fuzz")
    assert bank.fetch_token().status_code == 200

    def send(environ: Environ) -> None:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        environ["HTTP_AUTHORIZATION"] = f"Bearer {bank.token}"
        asked = WSGIRequest({**environ, "wsgi.input": BytesIO(body)})
        now = int(time.time())
        address = asked.build_absolute_uri(asked.get_full_path())
        if len(address) > LONGEST:
            return  # nobody can sign that: it goes as it is
        added = messages.sign_request(
            Request(asked.method or "", address, asked.headers, body),
            key=bank.key,
            keyid=bank.keyid,
            created=now,
            expires=now + 300,
            nonce=secrets.token_urlsafe(18),
        )
        environ.update({f"HTTP_{name.upper().replace('-', '_')}": value for name, value in added.items()})

    return send


def sent_by(who: str) -> Callable[[Environ], None]:
    """Return how somebody of these tests sends requests."""
    if who == "program":
        return program()
    return session(who) if who else lambda _environ: None


def fine(case: Any, answer: Any, who: str) -> None:
    """Check that an answer is one of those described, and that nonsense was refused."""
    status = answer.status_code
    where = (who, case.method, case.path, status)
    assert status < 500, where
    if status >= 400:
        assert status in REFUSALS, where
        assert answer.headers["content-type"] == ["application/problem+json"], where
        told = json.loads(answer.content)
        assert told["status"] == status, where
        assert {"type", "title", "instance"} <= set(told), where
    if not who:
        assert status in {400, 401, 403, 404, 405}, where
    case.validate_response(answer, checks=CHECKS[:-1] if status >= 400 else CHECKS)


def feed(who: str, *, examples: int) -> dict[str, set[int]]:
    """Send cases of every operation that concerns somebody, and return which statuses each answered with."""
    described_api = schemathesis.openapi.from_dict(described())
    described_api.config.generation.with_security_parameters = not who  # else the sender brings them
    described_api.app = Undone(sent_by(who))
    mine = set(Permission)
    if who:
        mine = people.actor(people.user(username="banker" if who == "program" else who)).permissions
    asked = needed()
    seen: dict[str, set[int]] = {}
    wrong: dict[str, str] = {}
    for found in described_api.get_all_operations():
        operation = found.ok()
        if not asked[operation.label] & mine:
            continue
        seen[operation.label] = set()
        for mode in GenerationMode:

            @settings(
                max_examples=examples,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def feeding(case: Any) -> None:
                answer = case.call()
                seen[operation.label].add(answer.status_code)  # noqa: B023 - called before the next turn
                fine(case, answer, who)

            try:
                feeding()
            except Unsatisfiable:
                pass  # takes nothing that could be wrong
            except Exception as error:  # noqa: BLE001 - all operations are tried before the test tells
                wrong[f"{operation.label} {mode}"] = str(error)[:1500]
    assert wrong == {}, "\n\n".join(f"{name}\n{told}" for name, told in wrong.items())
    return seen


class TestNonsense:
    @pytest.mark.parametrize("who", ["program", *PEOPLE, ""], ids=lambda who: who or "nobody")
    def test_is_refused_by_every_operation(self, who):
        seen = feed(who, examples=2 if who == "program" else 1)
        assert len(seen) > 5
        if not who:
            assert len(seen) == sum(len(methods) for methods in described()["paths"].values())

    @pytest.mark.slow
    @pytest.mark.parametrize("who", ["program", *PEOPLE], ids=lambda who: who)
    def test_is_refused_however_much_of_it_comes(self, who):
        assert feed(who, examples=20)
