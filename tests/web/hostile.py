"""What the hostile tests share: nasty texts, clients that show faults, and what a fine answer is."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache
from django.db import transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from tests.web import doors, town
from tests.web.conftest import signed_in

from creditmesh.apps.ground.parties.rules import permissions_of
from creditmesh.web.access import declared_permission

NASTY = (
    "%_", "';--", '"a" OR *', "NEAR(a b)", "a*^-(", "\\", "{{7*7}}", "../../etc/passwd", "\u202e\ufeff", "x" * 5_000, "\u0000",
    "\n", "-1", "99999999999999999999999", "2026-99-99", "²９",
)  # fmt: skip
LEAKS = (
    "Traceback",
    "site-packages",
    "/src/creditmesh",
    "DoesNotExist",
    "django.db",
    "sqlite3",
    "psycopg",
    "SELECT ",
)
# Who may do the same passes the same doors: one of each is sent round.
EVERYONE = sorted({permissions_of([role]): username for username, role in town.ROLE_OF.items()}.values())


def browser(username, **extra):
    """Return a signed-in client that shows faults as the node would, not as exceptions."""
    made = signed_in(username)
    made.raise_request_exception = False
    made.defaults.update(extra)
    return made


def body(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode("utf-8", "replace")


def fine(answer, *where):
    """Check that an answer is no fault and tells nothing about the inside; return what it says."""
    said = body(answer)
    assert answer.status_code < 500, (answer.status_code, *where)
    assert [one for one in LEAKS if one in said] == [], where
    asked = answer.wsgi_request
    if answer.status_code >= 400 and asked.path.startswith("/api/") and asked.method != "HEAD":
        assert answer["Content-Type"] == "application/problem+json", (answer.status_code, said[:200], *where)
        assert json.loads(said)["status"] == answer.status_code
    return said


def pages(item, source, *, username=""):
    """Return our own pages, with blanks filled; of somebody: those whose permission they hold."""
    return [
        one
        for one in doors.every(item=item, source=source)
        if one.is_ours and "api" not in one.route and (not username or may(username, one))
    ]


def may(username, door):
    """Tell whether somebody of the town holds the permission a door asks for; libraries ask for none."""
    permission = declared_permission(door.callback)[1]
    return permission is None or permission in permissions_of([town.ROLE_OF[username]])


def first_to(username, among, door):
    """Tell whether somebody is the first of several who may pass a door; doors of the API say it elsewhere."""
    able = [one for one in among if may(one, door)] or among
    return username == able[0] or not declared_permission(door.callback)[0]


# Answers that let a view read on.
GOOD = {"system": town.SYSTEM, "form": "csv", "kind": "bank", "role": "bank_staff", "act": "refuse"}
USUAL = ("q", "page", "before", "after", "system", "region", "source", "from", "item", "state", "why", "limit", "offset")  # fmt: skip


@contextmanager
def read_names() -> Iterator[set[str]]:
    """Note which fields of queries and forms are read; "*" when all of them are."""
    names: set[str] = set()
    with_name = {one: getattr(MultiValueDict, one) for one in ("__getitem__", "getlist", "get")}
    whole = {one: getattr(MultiValueDict, one) for one in ("items", "lists", "keys", "dict")}

    def noting(one, known):
        def read(self, *asked, **more):
            if type(self) is QueryDict:
                names.add(str(asked[0]) if asked else "*")
            return known(self, *asked, **more)

        return read

    for one, known in (with_name | whole).items():
        setattr(QueryDict, one, noting(one, known))
    try:
        yield names
    finally:
        for one in with_name | whole:
            delattr(QueryDict, one)


def readers(client, method, *, item, source, of=None):
    """Yield every door that reads fields of its query or form for this person, with the names of the fields.

    `of`: which doors to try, a condition; all without it.
    """
    for door in doors.every(item=item, source=source):
        if door.path.startswith("/accounts/logout") or not (of is None or of(door)):
            continue
        found: set[str] = set()
        for _ in range(3):
            with transaction.atomic(), read_names() as names:
                send(client, method, door.path, {name: GOOD.get(name, "1") for name in found})
                transaction.set_rollback(True)
            if names <= found:
                break
            found |= names | (set(USUAL) if "*" in names else set())
        if found - {"*"}:
            yield door, sorted(found - {"*"})


def send(client, method, path, fields):
    """Send fields as a query or as a form, and undo what came of it."""
    cache.clear()  # nobody is locked out for asking often
    with transaction.atomic():
        answer = client.get(path, fields) if method == "GET" else client.post(path, fields)
        said = fine(answer, path, fields)
        transaction.set_rollback(True)
    return said
