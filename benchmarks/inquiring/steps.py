"""Processor time of an answer in one process in which nothing waits: for machines that are not quiet.

    benchmarks/inquire --steps [--home DIR]

Requests go through the server's own application. What stands outside the group commit is timed with the commit left
out, then the commits of the very same questions in groups of twelve; the least of some rounds of each.
"""

import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

REQUESTS = 240
GROUP = 12
SIDES = ("bare", "AUTH", "VERIFY", "VERIFY 12")


def measure(orders: dict[str, dict[str, Any]], rounds: int) -> dict[str, float]:
    """Return milliseconds of processor time for each answer of each side, outside the group and in it."""
    django.setup()
    from creditmesh.apps.ground.audit.committing import Sealed
    from creditmesh.apps.sharing.disclosure.operations.settling import DOOR
    from creditmesh.web.serving.wsgi import application

    waiting: list[Any] = []

    def later(intent: Any) -> Sealed:
        waiting.append(intent)
        return Sealed(position=1, entry="018f3a5b-0000-7000-8000-000000000000", leaf="ab" * 32, result=None)

    said: list[str] = []

    def ask(requests: list[tuple[dict[str, Any], bytes]]) -> None:
        for environ, body in requests:
            given = {**environ, "wsgi.input": io.BytesIO(body)}
            told = b"".join(application(given, lambda status, *_: said.append(status)))
            assert said.pop().startswith("200"), told[:400]

    def commit() -> None:
        for start in range(0, len(waiting), GROUP):
            assert not any(one.result for one in DOOR.submit_all(waiting[start : start + GROUP]))

    found: dict[str, list[float]] = {}
    for number in range(rounds + 1):
        for side, order in orders.items():
            requests = _requests(order)
            DOOR.submit, submit = later, DOOR.submit
            outside = _timed(ask, requests)
            DOOR.submit = submit
            inside = _timed(commit) if waiting else 0.0
            waiting.clear()
            if number:  # the first round reads everything for the first time
                found.setdefault(f"{side}, outside the group", []).append(outside)
                found.setdefault(f"{side}, in a group of {GROUP}", []).append(inside)
    return {name: min(times) for name, times in found.items() if max(times)}


def _timed(work: Callable[..., None], *given: object) -> float:
    begun = time.process_time()
    work(*given)
    return (time.process_time() - begun) / REQUESTS * 1000


def _requests(order: dict[str, Any]) -> list[tuple[dict[str, Any], bytes]]:
    from inquiring.load import signed

    made = []
    for raw in signed(order):
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, path, _ = first.split(" ")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
        }
        for line in lines:
            name, _, value = line.partition(": ")
            field = name.upper().replace("-", "_")
            environ[
                field if field.startswith("CONTENT_T") or field == "CONTENT_LENGTH" else f"HTTP_{field}"
            ] = value
        made.append((environ, body))
    return made


def main() -> None:
    told = measure(json.loads(sys.stdin.read()), int(sys.argv[1]))
    for name, least in told.items():
        print(f"{name:32} {least:.3f} ms")
    sys.stdout.flush()
    os._exit(0)  # threads of libraries are not waited for


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    main()
