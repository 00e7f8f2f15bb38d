"""A file that says only what differs from a shipped system: what it does not say, it takes from there.

Keys at the top replace those of the system it is based on. Features, records and relations are added to, and
taken out by `NAME: null`. Lists (groups, triggers, caps, exclusions, grades) are the file's own, but a
group, indicator, trigger, cap or exclusion with an id of the other system takes what it does not say from there.
The version is stated, so that a later one never changes this file unseen.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from creditmesh.catalogue.model import Part
from creditmesh.catalogue.reading import CatalogueRefused, Contradiction, Document
from creditmesh.scoring.definition.indicators import WAYS

KEY = "based_on"
GROWING = ("features", "records", "relations")
RULES = ("exclusions", "triggers", "caps")
WAYS_OF_SCORING = frozenset(WAYS)
DEEPEST = 5
Data = dict[str, Any]
Find = Callable[[str], Document | None]


class BasedOn(Part):
    """The shipped system a file starts from, and the version of it."""

    system: str
    version: str


def completed(document: Document, *, find: Find, depth: int = 0) -> Document:
    """Return a document with what it does not say taken from the system it is based on.

    `find` gives the document of a shipped system by its id, or None. A document without `based_on` is
    returned as it is. Raises `CatalogueRefused` for an unknown system, another version of it, or a chain
    that does not end.
    """
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get(KEY), dict):
        return document
    wanted = data[KEY]
    base = _base(document, wanted, find=find, depth=depth)
    merged = _merged(dict(data), base)
    line = document.line_of((KEY,))
    lines = dict(document.lines)
    lines.update({(key,): line for key in merged if key not in data})
    return Document(file=document.file, data=merged, lines=lines)


def _base(document: Document, wanted: Data, *, find: Find, depth: int) -> Data:
    system = str(wanted.get("system"))
    found = find(system) if depth < DEEPEST else None
    if found is None:
        said = f"There is no shipped system '{system}' to be based on, or it leads back here."
        raise _refused(document, "based-on-unknown", said)
    base = completed(found, find=find, depth=depth + 1).data
    assert isinstance(base, dict)  # noqa: S101 - shipped systems are mappings
    if base.get("version") != wanted.get("version"):
        said = (
            f"{system} is version {base.get('version')} by now, not {wanted.get('version')}; "
            "look what changed and state the version you mean."
        )
        raise _refused(document, "based-on-version", said)
    return base


def _refused(document: Document, rule: str, sentence: str) -> CatalogueRefused:
    return CatalogueRefused([Contradiction(document.file, document.line_of((KEY,)), rule, sentence)])


def _merged(own: Data, base: Data) -> Data:
    merged = {**base, **own}
    for key in GROWING:
        said = own.get(key) or {}
        if isinstance(said, dict):  # anything else is refused when the shape is checked
            both = {**(base.get(key) or {}), **said}
            merged[key] = {name: one for name, one in both.items() if one is not None}
    if "groups" in own:
        known = _Known(base)
        merged["groups"] = _each(own["groups"], known.group)
    for key in RULES:
        if key in own:
            rules = {one["id"]: one for one in base.get(key) or ()}
            merged[key] = _each(own[key], partial(_filled, known=rules))
    return merged


class _Known:
    """The groups, sub-groups and indicators of the other system, by id."""

    def __init__(self, base: Data) -> None:
        self.groups: dict[str, Data] = {}
        self.indicators: dict[str, Data] = {}
        self._note(base.get("groups") or ())

    def _note(self, groups: Iterable[Data]) -> None:
        for group in groups:
            self.groups[group["id"]] = group
            self.indicators |= {one["id"]: one for one in group.get("indicators") or ()}
            self._note(group.get("sub_groups") or ())

    def group(self, own: Data) -> Data:
        """Return a group or sub-group with what it does not say; what it holds is its own list, if it has one."""
        base = self.groups.get(str(own.get("id")), {})
        if "indicators" in own or "sub_groups" in own:
            base = {key: value for key, value in base.items() if key not in ("indicators", "sub_groups")}
        filled = {**base, **own}
        if "indicators" in own:
            filled["indicators"] = _each(own["indicators"], partial(_filled, known=self.indicators))
        if "sub_groups" in own:
            filled["sub_groups"] = _each(own["sub_groups"], self.group)
        return filled


def _each(listed: object, change: Callable[[Data], Data]) -> object:
    if not isinstance(listed, list):
        return listed
    return [change(one) if isinstance(one, dict) else one for one in listed]


def _filled(one: Data, known: Mapping[str, Data]) -> Data:
    """Return an entry with what it does not say; a way of scoring of its own takes the place of the other's."""
    base = dict(known.get(str(one.get("id")), {}))
    if WAYS_OF_SCORING & set(one):
        base = {key: value for key, value in base.items() if key not in WAYS_OF_SCORING}
    if "formula" in one:
        base.pop("value", None)
    return {**base, **one}
