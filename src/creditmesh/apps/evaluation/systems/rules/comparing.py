"""What two files of a system differ in, value by value, each with the words around it."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

KEYS = ("id", "symbol", "name")
MOST_LINES = 4_000


@dataclass(frozen=True, kw_only=True)
class Change:
    """One value that differs: under which headings, in which field, what it was and what it is.

    `trail` are the labels passed on the way down, each in Chinese and English; None stands for what is not there.
    """

    trail: tuple[tuple[str, str], ...]
    field: tuple[str, ...]
    before: str | None
    after: str | None

    @property
    def is_number(self) -> bool:
        """Return whether a number became another number."""
        return all(one is not None and one.lstrip("-").isdigit() for one in (self.before, self.after))


def changes(before: object, after: object) -> tuple[Change, ...]:
    """Return every difference of two documents, in the order of the later one; what is gone comes last."""
    return tuple(_differences(before, after, (), ()))


def unified(before: str, after: str, *, context: int = 3) -> tuple[str, ...]:
    """Return the lines of the usual difference of two texts, without their file names."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=context)
    return tuple(lines)[2 : MOST_LINES + 2]


def _differences(
    before: object, after: object, trail: tuple[tuple[str, str], ...], field: tuple[str, ...]
) -> Iterator[Change]:
    if before == after:
        return
    old, new = _mapping(before), _mapping(after)
    if old is None or new is None:
        yield Change(trail=trail, field=field, before=_text(before), after=_text(after))
        return
    here = _label(new) or _label(old)
    deeper, fields = ((*trail, here), ()) if here is not None else (trail, field)
    for key in [*new, *(key for key in old if key not in new)]:
        yield from _differences(old.get(key), new.get(key), deeper, (*fields, key))


def _mapping(value: object) -> Mapping[str, object] | None:
    """Return a mapping as it is, and a list by the ids of its items or their places."""
    if isinstance(value, Mapping):
        return {str(key): one for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return {_key(one, place): one for place, one in enumerate(value)}
    return None


def _key(item: object, place: int) -> str:
    if isinstance(item, Mapping):
        for key in KEYS:
            if key in item:
                return str(item[key])
    return str(place + 1)


def _label(value: Mapping[str, object]) -> tuple[str, str] | None:
    """Return what a block is called, None where it has no label of its own or only its label is looked at."""
    label = value.get("label")
    if isinstance(label, Mapping):
        return str(label.get("zh", "")), str(label.get("en", ""))
    return None


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_text(one) or '–'}" for key, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(_text(one) or "–" for one in value)
    return str(value)
