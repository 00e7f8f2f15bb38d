"""SQL that finds subjects by the beginning of a code or by a part of a name, in the order of relevance.

Each stage is one statement that an index answers and `LIMIT` cuts short, on SQLite (FTS5 over pairs of
letters) and on PostgreSQL (GIN over the same pairs); see migration 0002.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from creditmesh.kernel.names import name_grams, normalise_name

_LAST = "\U0010ffff"  # greater than every character a name or code may hold
_CODE = re.compile(r"[0-9A-Z:]{2,}")
_MOST_PARTS = 500  # names that hold the text somewhere; who finds more should ask more exactly
_TABLE = "parties_creditsubject"
_Condition = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Stage:
    """A statement that yields subject numbers, most relevant first; it takes a LIMIT as last parameter."""

    sql: str
    parameters: tuple[str, ...]


def stages(text: str, *, vendor: str) -> Iterator[Stage]:
    """Return the statements that together find `text`; none finds what one before it has found.

    `vendor` is Django's name of the database. Codes come first, then equal names, names that begin with
    the text, and names that hold it somewhere. A single letter finds only names that begin with it.
    """
    wanted = normalise_name(text)
    if not wanted:
        return
    sql = _Sqlite() if vendor == "sqlite" else _Postgresql()
    beyond: _Condition = ("", ())
    if _CODE.fullmatch(wanted):
        yield _prefix(sql, "key", wanted, beyond)
        beyond = _also_not(sql, beyond, "key", wanted)
        yield _prefix(sql, "registration_number", wanted, beyond)
        beyond = _also_not(sql, beyond, "registration_number", wanted)
    yield Stage(
        f"SELECT number FROM {_TABLE} WHERE name_normal = %s{beyond[0]} ORDER BY number LIMIT %s",  # noqa: S608
        (wanted, *beyond[1]),
    )
    longer = (f"{beyond[0]} AND name_normal <> %s", (*beyond[1], wanted))
    yield _prefix(sql, "name_normal", wanted, longer)
    grams = name_grams(wanted)
    if len(grams) > 1:
        yield sql.part(grams, _also_not(sql, beyond, "name_normal", wanted))


class _Sqlite:
    def begins(self, column: str, text: str) -> _Condition:
        return f"({column} >= %s AND {column} < %s)", (text, text + _LAST)

    def order(self, column: str) -> str:
        return column

    def part(self, grams: str, beyond: _Condition) -> Stage:
        return Stage(
            "SELECT number FROM parties_namesearch CROSS JOIN parties_creditsubject "  # noqa: S608
            "ON number = parties_namesearch.rowid "
            f"WHERE parties_namesearch MATCH %s{beyond[0]} ORDER BY parties_namesearch.rowid LIMIT %s",
            (f'"{grams}"', *beyond[1]),
        )


class _Postgresql:
    def begins(self, column: str, text: str) -> _Condition:
        escaped = re.sub(r"([%_\\])", r"\\\1", text)
        return f"{column} LIKE %s", (escaped + "%",)

    def order(self, column: str) -> str:
        # The order of the index that answers LIKE: of the characters, not of the database's language.
        return f"{column} USING ~<~"

    def part(self, grams: str, beyond: _Condition) -> Stage:
        return Stage(
            # The inner LIMIT stops the costly comparison of phrases before the rows are put in order.
            f"SELECT number FROM (SELECT number FROM {_TABLE} "  # noqa: S608
            f"WHERE to_tsvector('simple', name_grams) @@ phraseto_tsquery('simple', %s){beyond[0]} "
            f"LIMIT {_MOST_PARTS}) AS found ORDER BY number LIMIT %s",
            (grams, *beyond[1]),
        )


def _prefix(sql: _Sqlite | _Postgresql, column: str, text: str, beyond: _Condition) -> Stage:
    begins, parameters = sql.begins(column, text)
    return Stage(
        f"SELECT number FROM {_TABLE} WHERE {begins}{beyond[0]} ORDER BY {sql.order(column)} LIMIT %s",  # noqa: S608
        (*parameters, *beyond[1]),
    )


def _also_not(sql: _Sqlite | _Postgresql, beyond: _Condition, column: str, text: str) -> _Condition:
    begins, parameters = sql.begins(column, text)
    return f"{beyond[0]} AND ({column} IS NULL OR NOT {begins})", (*beyond[1], *parameters)
