"""The sandbox: invented enterprises with records of every item, for engineers who try things out.

They exist here only: no department delivers about them, no register holds them, so nobody but a sandbox
institution ever meets one. Everything is worked out from the code of the enterprise, so the same question has
the same answer for a month; dates move with the month, so that periods and publicity can be tried.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from creditmesh.catalogue.model import Catalogue, FieldDefinition, Item, Kind
from creditmesh.kernel import organisation_code, uscc

REGION = "990000"
ADVERSE = "retention.adverse-record"
_TRADES = (
    "精密机械",
    "食品加工",
    "冷链物流",
    "软件科技",
    "建筑劳务",
    "纺织服装",
    "电子商务",
    "种植专业合作社",
)
_NUMBERS = "一二三四五六七八九十"
_PEOPLE = ("欧阳示例", "张示例", "司马样本", "李样本", "王测试")
# Which stories the enterprises tell, over and over.
GOOD, TROUBLED, EMPTY = "good", "troubled", "empty"
_PROFILES = (GOOD, TROUBLED, EMPTY, GOOD, TROUBLED, GOOD, GOOD, TROUBLED)
HOW_MANY = 20

Value = str | int | bool | None


@dataclass(frozen=True)
class Subject:
    """An invented enterprise; `profile`: good (nothing adverse), troubled (something), empty (no record)."""

    key: str
    name: str
    profile: str


@dataclass(frozen=True)
class Synthetic:
    """An invented record, with values as stored: fen, basis points, ISO dates."""

    item: str
    key: str
    event_date: date | None
    source: str
    values: dict[str, Value]


@cache
def subjects() -> tuple[Subject, ...]:
    """Return every enterprise of the sandbox; the first three are good, troubled and empty."""
    return tuple(
        Subject(key=_code(number), name=_name(number), profile=_PROFILES[number % len(_PROFILES)])
        for number in range(HOW_MANY)
    )


def subject(key: str) -> Subject | None:
    """Return the enterprise of the sandbox with that code, None when there is none."""
    return _by_key().get(key)


def holds(key: str) -> bool:
    """Return whether a code is one of the sandbox."""
    return key in _by_key()


def records(
    *, subject: str, items: tuple[str, ...], catalogue: Catalogue, on: date
) -> dict[str, list[Synthetic]]:
    """Return the invented records of an enterprise of the sandbox, by item, newest first.

    For codes outside the sandbox there are none. Raises `KeyError` for an unknown item.
    """
    known = _by_key().get(subject)
    month = on.replace(day=1)
    return {item: _records(known, catalogue.items[item], month) if known else [] for item in items}


def is_adverse(item: Item) -> bool:
    """Return whether records of an item speak against an enterprise: they are publicised, or kept as adverse."""
    return item.publicity is not None or item.retention == ADVERSE


@cache
def _by_key() -> dict[str, Subject]:
    return {one.key: one for one in subjects()}


def _code(number: int) -> str:
    inner = f"XX{number:06d}"
    body = f"91{REGION}{inner}{organisation_code.check_character(inner)}"
    return body + uscc.check_character(body)


def _name(number: int) -> str:
    tens, ones = divmod(number + 1, 10)  # 一 … 十, 十一 … 二十
    series = (
        ("" if tens < 2 else _NUMBERS[tens - 1])
        + ("十" if tens else "")
        + (_NUMBERS[ones - 1] if ones else "")
    )
    return f"沙箱{series}号{_TRADES[number % len(_TRADES)]}有限公司（虚构）"


def _records(known: Subject, item: Item, month: date) -> list[Synthetic]:
    if known.profile == EMPTY or (is_adverse(item) and known.profile != TROUBLED):
        return []
    chance = random.Random(f"{known.key} {item.code}")  # noqa: S311 - invented values, no secrets
    once = set(item.record_key) <= {item.subject.code, item.subject.name}
    found = {}
    for number in range(1 if once else chance.randint(2, 4)):
        happened = month - timedelta(days=20 + number * 75 + chance.randrange(15))
        values = {one.name: _value(one, known, item, happened, number, chance) for one in item.fields}
        key = "|".join(str(values[name]) for name in item.record_key)
        day = happened if item.event_date else None
        source = item.sources[0] if item.sources else ""
        found[key] = Synthetic(item=item.code, key=key, event_date=day, source=source, values=values)
    return list(found.values())


def _value(
    field: FieldDefinition, known: Subject, item: Item, happened: date, number: int, chance: random.Random
) -> Value:
    of_subject = {item.subject.code: known.key, item.subject.name: known.name}
    if field.name in of_subject:
        return of_subject[field.name]
    if field.name == item.event_date:
        return happened.isoformat()
    if field.name == item.subject.registration_number or field.kind is Kind.REGISTRATION_NUMBER:
        return None
    if field.kind in _AMOUNTS:
        return _amount(field, happened, chance)
    if field.name in _ENDED and number == 0:
        return None
    if field.kind is Kind.CHOICE:
        # The catalogue names the usual value first: active, paid, ordinary.
        usual = known.profile == GOOD or (field.name == "status" and number == 0)
        return next(iter(field.choices)) if usual else chance.choice(list(field.choices))
    return _word(field, happened, number, chance)


# Days on which a record came to an end. The newest one has none, so that a first question finds something.
_ENDED = frozenset({"removed_on", "repaired_on"})
_AMOUNTS = frozenset({Kind.MONEY, Kind.PERCENT, Kind.INTEGER})


def _amount(field: FieldDefinition, happened: date, chance: random.Random) -> int:
    if field.name == "year" or field.name.endswith("_year"):
        return happened.year
    low = field.minimum or 0
    usual = {Kind.MONEY: 500_000_000, Kind.PERCENT: 10_000, Kind.INTEGER: 120}[field.kind]
    high = min(field.maximum, low + usual) if field.maximum is not None else low + usual
    step = 10_000 if field.kind is Kind.MONEY and high - low > 1_000_000 else 1
    return low + chance.randrange(0, high - low + 1) // step * step


def _word(field: FieldDefinition, happened: date, number: int, chance: random.Random) -> Value:
    if field.kind is Kind.BOOLEAN:
        return chance.random() < 0.2
    if field.kind is Kind.DATE:
        return _day(field, happened, chance).isoformat()
    if field.kind is Kind.USCC:
        return _code(chance.randrange(HOW_MANY))
    if field.kind is Kind.REGION:
        return REGION
    if field.kind is Kind.INDUSTRY:
        return "C3311"
    if field.personal:
        return chance.choice(_PEOPLE)
    return f"{field.label.zh}示例{number + 1}"[: field.max_length]


def _day(field: FieldDefinition, happened: date, chance: random.Random) -> date:
    if field.not_in_future:
        day = happened - timedelta(days=chance.randrange(1, 900))
    else:
        day = happened + timedelta(days=chance.randrange(30, 720))
    return max(day, field.earliest) if field.earliest else day
