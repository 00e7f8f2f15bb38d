"""Pools as they were frozen: who could be drawn, who was left out and why, each pool with its digest."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import islice, pairwise
from json.encoder import encode_basestring
from operator import eq, itemgetter
from typing import NamedTuple

from creditmesh.drawing.written import SEPARATOR, require_identifier, sha256, written
from creditmesh.kernel.errors import CreditmeshError


class BadPool(CreditmeshError):
    """A pool with an object twice, or with a grade the task does not know."""

    code = "bad-pool"


class Left(StrEnum):
    """Why an object is left out of a draw; the first that holds is the reason."""

    OUT_OF_SCOPE = "out_of_scope"  # deregistered, moved away, not what the items are about
    EXEMPT = "exempt"  # an exempt period was granted
    COOL_DOWN = "cool_down"  # inspected a short while ago
    VISITS = "visits"  # inspected as often this year as its grade allows


class Candidate(NamedTuple):
    """An object with all that decides whether it may be drawn. `last_inspected` is the day of the last visit."""

    id: str
    grade: str
    key: bool = False  # on a list of key units
    region: str = ""
    last_inspected: date | None = None
    visits: int = 0  # this year
    exempt_until: date | None = None  # the last day it is exempt
    in_scope: bool = True


class Listed(NamedTuple):
    """A line of a frozen pool. `excluded` is empty or one of `Left`."""

    id: str
    grade: str
    key: bool
    region: str
    excluded: str


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """When objects are left out. Source of the numbers: the rule pack (domain facts, section 3, step 1)."""

    on: date
    cool_down_days: int
    most_visits: Mapping[str, int]  # by grade, a year; a grade without one has no limit
    key_items: bool = False  # for key items neither cool-down nor a yearly limit holds

    def reason(self, one: Candidate, *, worst: str) -> str:
        """Return why a candidate is left out, empty when it takes part.

        Cool-down spares neither the worst grade nor key items: what is dangerous may be seen again at once.
        """
        if not one.in_scope:
            return Left.OUT_OF_SCOPE.value
        if one.exempt_until is not None and self.on <= one.exempt_until:
            return Left.EXEMPT.value
        if self.key_items or one.grade == worst:
            return ""
        last = one.last_inspected
        if last is not None and (self.on - last).days < self.cool_down_days:
            return Left.COOL_DOWN.value
        most = self.most_visits.get(one.grade)
        return Left.VISITS.value if most is not None and one.visits >= most else ""


class Columns(NamedTuple):
    """The lines of a frozen pool side by side: a pool may hold a million, and a tuple a line costs more than the draw."""

    ids: tuple[str, ...]
    grades: tuple[str, ...]
    keys: tuple[bool, ...]
    regions: tuple[str, ...]
    excluded: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ObjectPool:
    """The objects of a draw, by id; `grades` from best to worst."""

    grades: tuple[str, ...]
    columns: Columns

    def __len__(self) -> int:
        """Return how many objects there are, those left out among them."""
        return len(self.columns.ids)

    @cached_property
    def rows(self) -> tuple[Listed, ...]:
        """Return the lines one by one."""
        return tuple(map(Listed._make, zip(*self.columns, strict=True)))

    @cached_property
    def written(self) -> bytes:
        """Return the bytes that are hashed: a JSON list of [id, grade, key, region, excluded], by id."""
        ids, *rest = self.columns
        joined = "".join(ids)
        if encode_basestring(joined) != f'"{joined}"':
            return written(self.rows)
        # The ends of the lines are few and written once; an id without anything to escape is its own JSON.
        rests = list(zip(*rest, strict=True))
        ends = {one: '","' + written(one)[2:].decode() for one in set(rests)}
        lines = map('["'.__add__, map(str.__add__, ids, map(ends.__getitem__, rests)))
        return f"[{','.join(lines)}]".encode()

    @cached_property
    def sha256(self) -> str:
        """Return the digest of what is written."""
        return sha256(self.written)

    @cached_property
    def left_out(self) -> dict[str, int]:
        """Return how many are left out, by reason."""
        counted = Counter(self.columns.excluded)
        del counted[""]
        return dict(counted)


def freeze(candidates: Iterable[Candidate], *, grades: Sequence[str], leaving: Leaving) -> ObjectPool:
    """Return the pool as it is now, each object with the reason why it is left out, if it is.

    Raises `BadPool`, `BadIdentifier`.
    """
    rows = sorted(candidates, key=itemgetter(0))
    if not rows:
        return pool_of((), grades=grades)
    # A column at a time: zip(*rows) would make an iterator for each of a million lines.
    ids, own, keys, regions, *facts = (tuple(map(itemgetter(place), rows)) for place in range(len(rows[0])))
    return _checked(Columns(ids, own, keys, regions, _excluded(rows, facts, grades[-1], leaving)), grades)


def pool_of(rows: Sequence[Sequence[object]], *, grades: Sequence[str]) -> ObjectPool:
    """Return a pool of lines that are in order of their ids; raise `BadPool`, `BadIdentifier`."""
    columns = (tuple(map(itemgetter(place), rows)) for place in range(len(Columns._fields)))
    return _checked(Columns._make(columns), grades)


def _excluded(
    rows: Sequence[Candidate], facts: Sequence[Sequence[object]], worst: str, leaving: Leaving
) -> tuple[str, ...]:
    """Return the reasons; of an object nothing was ever noted of, nearly all of a million, nothing is asked."""
    lasts, visits, exempts, scopes = facts
    found = [""] * len(rows)
    noted: set[int] = set()
    for column, usual in ((lasts, None), (visits, 0), (exempts, None), (scopes, True)):
        if column.count(usual) != len(column):
            noted.update(place for place, value in enumerate(column) if value != usual)
    for place in noted:
        found[place] = leaving.reason(rows[place], worst=worst)
    return tuple(found)


def _checked(columns: Columns, grades: Sequence[str]) -> ObjectPool:
    ids = columns.ids
    if SEPARATOR in "".join(ids) or "" in ids[:1]:
        require_identifier(next(name for name in ids if not name or SEPARATOR in name), what="object")
    strange = set(columns.grades).difference(grades)
    if strange:
        name, grade = next(_of_grades(columns, strange))
        raise BadPool(f"The object '{name[:60]}' has the grade '{grade}', which the task lacks.")
    # sorted() on what is sorted costs one comparison a line.
    if list(ids) != sorted(ids) or any(map(eq, ids, islice(ids, 1, None))):
        name = next(after for before, after in pairwise(ids) if after <= before)
        raise BadPool(f"The object '{name[:60]}' stands twice in the pool, or out of order.")
    return ObjectPool(grades=tuple(grades), columns=columns)


def _of_grades(columns: Columns, strange: Iterable[str]) -> Iterator[tuple[str, str]]:
    return (pair for pair in zip(columns.ids, columns.grades, strict=True) if pair[1] in strange)


class Duty(StrEnum):
    """What someone in the inspector pool can be drawn as."""

    OFFICER = "officer"
    EXPERT = "expert"  # goes along, never counts as an officer


class Inspector(NamedTuple):
    """A line of the inspector pool. `facts` commits to declared interests without showing them."""

    id: str
    unit: str  # department
    region: str
    valid_to: str  # the last day the certificate is valid, ISO
    specialties: tuple[str, ...]
    duty: str = Duty.OFFICER.value
    active: bool = True
    load: int = 0  # visits still open when the pool was frozen
    facts: str = ""


@dataclass(frozen=True, kw_only=True)
class InspectorPool:
    """The inspectors of a draw, by id."""

    rows: tuple[Inspector, ...]

    @cached_property
    def sha256(self) -> str:
        """Return the digest of the rows, a JSON list of lists, by id."""
        return sha256(written(self.rows))


def freeze_inspectors(inspectors: Iterable[Inspector]) -> InspectorPool:
    """Return the inspector pool in order; raise `BadPool`, `BadIdentifier`."""
    rows = sorted(one._replace(specialties=tuple(sorted(one.specialties))) for one in inspectors)
    before = ""
    for row in rows:
        require_identifier(row.id, what="inspector")
        if row.id == before:
            raise BadPool(f"The inspector '{row.id[:60]}' stands twice in the pool.")
        before = row.id
    return InspectorPool(rows=tuple(rows))
