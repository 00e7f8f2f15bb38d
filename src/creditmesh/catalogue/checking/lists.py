"""What several lists may not say to each other: codes twice, classes, sources and rules nobody knows."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set

from creditmesh.catalogue.checking.fields import Finding
from creditmesh.catalogue.checking.items import of_item
from creditmesh.catalogue.model import Item, Source
from creditmesh.catalogue.parts import ReadList, ReadPart
from creditmesh.catalogue.reading import Contradiction


def contradictions(lists: Sequence[ReadList], *, knows_rule: Callable[[str], bool]) -> list[Contradiction]:
    """Return everything wrong in and between the lists, in the order of files and lines."""
    parts = [part for one in lists for part in one.parts]
    found = [
        *_of_lists(lists),
        *_of_codes(parts),
        *_of_classes(parts),
        *_of_sources(parts),
    ]
    for part in parts:
        for number, item in enumerate(part.part.items):
            found += _of_rules(part, number, item, knows_rule)
            for path, rule, sentence in of_item(item):
                found.append(_at(part, ("items", number, *path), rule, sentence))
    return sorted(found, key=lambda one: (one.file, one.line))


def _at(part: ReadPart, path: tuple[str | int, ...], rule: str, sentence: str) -> Contradiction:
    file, line = part.at(*path)
    return Contradiction(file, line, rule, sentence)


def _of_lists(lists: Sequence[ReadList]) -> Iterator[Contradiction]:
    ids = Counter(one.whole.id for one in lists)
    for one in lists:
        file, whole = one.head.file, one.whole
        if ids[whole.id] > 1:
            said = f"The list id '{whole.id}' is used by several lists; give each its own."
            yield Contradiction(file, one.head.line_of(("id",)), "list-twice", said)
        if whole.extends is not None and whole.extends not in ids:
            said = f"The list extends '{whole.extends}', which is not loaded; correct the id."
            yield Contradiction(file, one.head.line_of(("extends",)), "extends-unknown", said)
        elif whole.extends is not None and _circular(whole.id, lists):
            said = f"The list extends itself through '{whole.extends}'; break the circle."
            yield Contradiction(file, one.head.line_of(("extends",)), "extends-circle", said)


def _circular(start: str, lists: Sequence[ReadList]) -> bool:
    above = {one.whole.id: one.whole.extends for one in lists}
    now = above.get(start)
    for _ in lists:
        if now is None or now == start:
            break
        now = above.get(now)
    return now == start


def _of_codes(parts: Sequence[ReadPart]) -> Iterator[Contradiction]:
    for kind, word in (("classes", "class"), ("sources", "source"), ("items", "item")):
        first: dict[str, str] = {}
        for part in parts:
            for number, one in enumerate(getattr(part.part, kind)):
                file, line = part.at(kind, number)
                if one.code in first:
                    said = f"The {word} code '{one.code}' is taken by {first[one.code]}; choose another."
                    yield _at(part, (kind, number, "code"), f"{word}-twice", said)
                first.setdefault(one.code, f"{file}:{line}")


def _of_classes(parts: Sequence[ReadPart]) -> Iterator[Contradiction]:
    known = {one.code for part in parts for one in part.part.classes}
    used = {item.class_code for part in parts for item in part.part.items}
    for part in parts:
        for number, one in enumerate(part.part.classes):
            if one.code not in used:
                said = f"The class '{one.code}' has no item; add one or take the class out."
                yield _at(part, ("classes", number), "class-empty", said)
        for number, item in enumerate(part.part.items):
            if item.class_code not in known:
                said = f"{item.code}: the class '{item.class_code}' is not known; add it under classes."
                yield _at(part, ("items", number, "class_code"), "class-unknown", said)


def _of_sources(parts: Sequence[ReadPart]) -> Iterator[Contradiction]:
    known = {one.code for part in parts for one in part.part.sources}
    items = {item.code for part in parts for item in part.part.items}
    for part in parts:
        for number, source in enumerate(part.part.sources):
            for path, rule, sentence in _of_source(source, items):
                yield _at(part, ("sources", number, *path), rule, sentence)
        for number, item in enumerate(part.part.items):
            for position, code in enumerate(item.sources):
                if code not in known:
                    said = f"{item.code}: the source '{code}' is not known; add it under sources."
                    yield _at(part, ("items", number, "sources", position), "source-unknown", said)


def _of_source(source: Source, items: Set[str]) -> Iterator[Finding]:
    for position, code in enumerate(source.delivers):
        if code not in items:
            said = f"The source '{source.code}' delivers '{code}', which is no item; correct the code."
            yield ("delivers", position), "delivers-unknown", said
    for position, region in enumerate(source.regions):
        if region and not (region.isascii() and region.isdigit()):
            said = f"The region '{region}' of source '{source.code}' must be digits of a region code."
            yield ("regions", position), "region-digits", said


def _of_rules(
    part: ReadPart, number: int, item: Item, knows_rule: Callable[[str], bool]
) -> Iterator[Contradiction]:
    for key in ("retention", "publicity"):
        rule_id = getattr(item, key)
        if rule_id is not None and not knows_rule(rule_id):
            said = f"{item.code}: the {key} rule '{rule_id}' stands in no rule pack."
            yield _at(part, ("items", number, key), "rule-unknown", said)
