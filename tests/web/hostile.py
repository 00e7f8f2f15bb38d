"""What the hostile tests share: nasty texts, clients that show faults, and what a fine answer is."""

import json

from tests.web import doors, town
from tests.web.conftest import signed_in

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
EVERYONE = [username for username, *_ in town.PEOPLE]


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


def pages(item, source):
    """Return our own pages, with blanks filled."""
    return [one for one in doors.every(item=item, source=source) if one.is_ours and "api" not in one.route]
