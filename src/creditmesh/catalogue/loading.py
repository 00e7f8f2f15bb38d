"""All sharing lists a node works with, merged, or refused with the file, line and rule."""

from functools import cache
from pathlib import Path

from creditmesh.catalogue import rule_packs
from creditmesh.catalogue.checking.lists import contradictions
from creditmesh.catalogue.model import Catalogue, Item, SharingList
from creditmesh.catalogue.parts import HEAD, ReadList, lists_in, read_list
from creditmesh.catalogue.reading import CatalogueRefused, Contradiction, read

SHIPPED = Path(__file__).parent / "sharing-lists"


def load(*, folder: Path | None = None) -> Catalogue:
    """Return the shipped catalogue, or that of a folder of lists on top of the shipped lists they extend.

    Raises `CatalogueRefused` when a list contradicts itself or another. The shipped catalogue is read
    once per process.
    """
    if folder is None:
        return _shipped()
    return _catalogue(_with_extended(lists_in(folder)))


def check_file(path: Path) -> list[Contradiction]:
    """Return what is wrong in a sharing list (file, part or folder) or rule pack, beside the shipped ones."""
    try:
        if path.is_file() and "rules" in _keys(path):
            return rule_packs.check_file(path)
        where = path.parent if path.is_file() and (path.parent / HEAD).is_file() else path
        _catalogue(_with_extended([read_list(where)]))
    except CatalogueRefused as refused:
        return list(refused.problems)
    return []


@cache
def _shipped() -> Catalogue:
    return _catalogue(lists_in(SHIPPED))


def _keys(path: Path) -> list[str]:
    data = read(path).data
    return list(data) if isinstance(data, dict) else []


def _with_extended(lists: list[ReadList]) -> list[ReadList]:
    """Add the shipped lists that these extend, so that a local list can be checked on its own."""
    given = {one.whole.id for one in lists}
    wanted = {one.whole.extends for one in lists if one.whole.extends} - given
    if not wanted:
        return lists
    shipped = {one.whole.id: one for one in lists_in(SHIPPED)}
    added = [shipped[one] for one in sorted(wanted & shipped.keys())]
    return _with_extended([*added, *lists]) if added else lists


def _catalogue(lists: list[ReadList]) -> Catalogue:
    packs = rule_packs.load()
    problems = contradictions(lists, knows_rule=packs.knows)
    if problems:
        raise CatalogueRefused(problems)
    return Catalogue(lists=_with_deliverers(_ordered([one.whole for one in lists])))


def _ordered(lists: list[SharingList]) -> list[SharingList]:
    """Return every list after the one it extends, otherwise in the order given."""
    placed: list[SharingList] = []
    waiting = list(lists)
    while waiting:
        ids = {one.id for one in placed}
        ready = next(one for one in waiting if one.extends is None or one.extends in ids)
        placed.append(ready)
        waiting.remove(ready)
    return placed


def _with_deliverers(lists: list[SharingList]) -> tuple[SharingList, ...]:
    """Name in each item every source that delivers it, those of later lists included."""
    added: dict[str, list[str]] = {}
    for one in lists:
        for source in one.sources:
            for code in source.delivers:
                added.setdefault(code, []).append(source.code)

    def completed(item: Item) -> Item:
        codes = dict.fromkeys((*item.sources, *added.get(item.code, ())))
        return item.model_copy(update={"sources": tuple(codes)})

    return tuple(
        one.model_copy(update={"items": tuple(completed(item) for item in one.items)}) for one in lists
    )
