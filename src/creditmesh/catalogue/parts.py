"""A sharing list as it lies on disk: one file, or a folder whose list.yml is the head of several parts."""

from dataclasses import dataclass
from pathlib import Path

from creditmesh.catalogue.model import InfoClass, Item, Part, SharingList, Source
from creditmesh.catalogue.reading import CatalogueRefused, Contradiction, Document, read, validated

HEAD = "list.yml"


class ListPart(Part):
    """One file of a list that lies in a folder."""

    classes: tuple[InfoClass, ...] = ()
    sources: tuple[Source, ...] = ()
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class ReadPart:
    """A part with the document it came from, so that a check can name the line."""

    document: Document
    part: ListPart

    def at(self, *path: str | int) -> tuple[str, int]:
        """Return file and line of a place in this part."""
        return self.document.file, self.document.line_of(path)


@dataclass(frozen=True)
class ReadList:
    """A list with its parts still apart; `whole` is the list with all their content."""

    head: Document
    whole: SharingList
    parts: tuple[ReadPart, ...]


def lists_in(folder: Path) -> list[ReadList]:
    """Read every list of a folder, lists before those that extend them; raise `CatalogueRefused`."""
    found = [
        entry
        for entry in sorted(folder.iterdir())
        if (entry.is_dir() and (entry / HEAD).is_file()) or entry.suffix == ".yml"
    ]
    return [read_list(entry) for entry in found]


def read_list(path: Path) -> ReadList:
    """Read one list, a file or a folder with list.yml; raise `CatalogueRefused` with all shape errors."""
    if not path.is_dir():
        document = read(path)
        whole = validated(document, SharingList)
        return ReadList(document, whole, (_head_part(document, whole),))
    head = read(path / HEAD)
    problems: list[Contradiction] = []
    parts: list[ReadPart] = []
    for file in sorted(path.glob("*.yml")):
        if file.name == HEAD:
            continue
        try:
            document = read(file)
            parts.append(ReadPart(document, validated(document, ListPart)))
        except CatalogueRefused as refused:
            problems += refused.problems
    if problems:
        raise CatalogueRefused(problems)
    alone = validated(head, SharingList)
    every = (_head_part(head, alone), *parts)
    whole = alone.model_copy(
        update={
            "classes": tuple(one for each in every for one in each.part.classes),
            "sources": tuple(one for each in every for one in each.part.sources),
            "items": tuple(one for each in every for one in each.part.items),
        }
    )
    return ReadList(head, whole, every)


def _head_part(document: Document, whole: SharingList) -> ReadPart:
    return ReadPart(document, ListPart(classes=whole.classes, sources=whole.sources, items=whole.items))
