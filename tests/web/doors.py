"""Every address of the node, found in its URL patterns, with something to put into their blanks."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import PathView
from tests.web import town


@dataclass(frozen=True)
class Door:
    """One URL pattern: its address with blanks filled, and who answers."""

    route: str
    path: str
    callback: Any

    @property
    def is_ours(self) -> bool:
        """Return whether a view of ours answers, not one of a library."""
        return str(self.callback.__module__).startswith("creditmesh")


FILLINGS = {
    "serial": "CR-2026-0000-0000-0000-0000-P",
    "form": "csv",
    "case": "1",
    "name": "general",
    "system": town.SYSTEM,
    "subject": town.subject_key(0),
    "prefix": "0123456789ab",
    "key": "x",
}


def every(*, item: str, source: str) -> list[Door]:
    """Return every door of the node."""
    doors = []
    for route, callback in _callbacks(get_resolver().url_patterns, ""):
        path = "/" + route
        for blank, converter in _blanks(route).items():
            path = path.replace(f"<{converter}{blank}>", _filling(route, blank, item, source))
        doors.append(Door(route=route, path=path, callback=callback))
    return doors


def api_doors() -> Iterator[tuple[Door, str, Any]]:
    """Yield door, method and operation of everything the API offers."""
    for door in every(item="PEN-01", source="x"):
        view = (
            inspect.getclosurevars(door.callback).nonlocals.get("self")
            if inspect.isfunction(door.callback)
            else None
        )
        if isinstance(view, PathView):
            for operation in view.operations:
                for method in operation.methods:
                    yield door, method, operation


def api_operations() -> Iterator[tuple[str, str, Any]]:
    """Yield address, method and operation of everything the API offers."""
    for door, method, operation in api_doors():
        yield door.path, method, operation


def _callbacks(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for one in patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _callbacks(one.url_patterns, route)
        elif isinstance(one, URLPattern):
            yield route, one.callback


def _blanks(route: str) -> dict[str, str]:
    found = {}
    for part in route.split("<")[1:]:
        inside = part.split(">")[0]
        converter, _, name = inside.rpartition(":")
        found[name] = f"{converter}:" if converter else ""
    return found


def _filling(route: str, blank: str, item: str, source: str) -> str:
    if blank in {"uuid", "run", "batch"}:
        return str(town.uuid5(town.SPACE, "run-2" if "runs/" in route else "batch-5"))
    if blank == "item":
        return item
    if blank == "source":
        return source
    if blank == "code":
        return item if "catalogue" in route or "item" in route else "BANK"
    return FILLINGS.get(blank, "1")
