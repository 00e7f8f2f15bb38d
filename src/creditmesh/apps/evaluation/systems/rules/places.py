"""Where every value of a YAML text stands, to the character."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any  # PyYAML's events say their marks and values only at run time

import yaml

Step = str | int
Path = tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a value stands: from one character up to another; `flow` is one inside brackets."""

    start: int
    end: int
    kind: str  # scalar | mapping | sequence
    flow: bool
    column: int
    plain: bool = True
    keys: Mapping[str, int] = field(default_factory=dict)  # where the keys of a mapping begin
    size: int = 0  # of a sequence


def spots(text: str) -> dict[Path, Spot]:
    """Return where every value stands, by its path; the text must be YAML without anchors."""
    found: dict[Path, Spot] = {}
    events = (
        one
        for one in yaml.parse(text, Loader=yaml.SafeLoader)
        if not isinstance(
            one, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentStartEvent | yaml.DocumentEndEvent
        )
    )
    first = next(events, None)
    if first is not None:
        _value(first, events, (), found)
    return found


def _value(event: Any, events: Iterator[Any], path: Path, found: dict[Path, Spot]) -> int:
    """Note a value and all below it; return where its last character ends."""
    start, column = event.start_mark.index, event.start_mark.column
    is_scalar = isinstance(event, yaml.ScalarEvent)
    if is_scalar:
        whole: int = event.end_mark.index
        found[path] = Spot(
            start=start, end=whole, kind="scalar", flow=False, column=column, plain=event.style is None
        )
        return whole
    keys: dict[str, int] = {}
    size, last = 0, start + 1
    is_mapping = isinstance(event, yaml.MappingStartEvent)
    closing = yaml.MappingEndEvent if is_mapping else yaml.SequenceEndEvent
    one = next(events)
    while type(one) is not closing:
        if is_mapping:
            keys[one.value] = one.start_mark.index
            last = _value(next(events), events, (*path, one.value), found)
        else:
            last = _value(one, events, (*path, size), found)
            size += 1
        one = next(events)
    flow = bool(event.flow_style)
    closed: Any = one  # the type of `one` was narrowed to events that may have no mark
    end: int = closed.end_mark.index if flow else last
    found[path] = Spot(
        start=start,
        end=end,
        kind="mapping" if is_mapping else "sequence",
        flow=flow,
        column=column,
        keys=keys,
        size=size,
    )
    return end
