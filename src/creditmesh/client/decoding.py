"""JSON into frozen dataclasses, by their annotations: what is missing or of another type is refused."""

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar, Union, cast
from uuid import UUID

from creditmesh.client.refusals import Untrusted

T = TypeVar("T")
TEXTS: dict[type, Any] = {UUID: UUID, datetime: datetime.fromisoformat, date: date.fromisoformat}


def decoded(kind: type[T], value: object) -> T:
    """Return a value of JSON as `kind`; members a later version adds are left out. Raises Untrusted."""
    try:
        return cast("T", _decoded(kind, value))
    except (KeyError, TypeError, ValueError) as problem:
        raise Untrusted(f"The answer has another shape than this client knows: {problem!r}.") from None


def plain(value: object) -> Any:
    """Return what a request sends of a value: members of a question that are None are left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        members = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
        return {name: plain(one) for name, one in members.items() if one is not None}
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


@functools.cache
def _members(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decoded(kind: Any, value: Any) -> Any:
    if kind is Any:
        return value
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = next(one for one in typing.get_args(kind) if one is not type(None))
        return None if value is None else _decoded(inner, value)
    if origin is tuple:
        return tuple(_decoded(typing.get_args(kind)[0], one) for one in _of(list, value))
    if origin is not None:
        return types.MappingProxyType(_of(dict, value))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        held = _of(dict, value)
        return kind(**{name: _decoded(inner, held[name]) for name, inner in _members(kind).items()})
    if kind in TEXTS:
        return TEXTS[kind](_of(str, value))
    return _of(kind, value)


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} was expected, not {type(value).__name__}")
    return value
