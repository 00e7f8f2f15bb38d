"""How departments write what they know: headings, dates, amounts, choices, each in its own fashion."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from creditmesh.catalogue.headers import choice_of, columns_of, normalise_header
from creditmesh.catalogue.model import FieldDefinition, Item, Kind
from creditmesh.sample import dirt
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts.fact import Value

Cell = str | int | bool | date | None
Write = Callable[[Value], Cell]


@dataclass(frozen=True)
class Fashion:
    """How one department writes: file format, headings, dates; `native` keeps numbers and truth as such."""

    format: str
    headings: str = "labels"  # labels, aliases, codes (CF_*, XK_*), names
    dates: str = "iso"  # iso, slash, dot, chinese, numerals

    @property
    def native(self) -> bool:
        """Return whether the format can hold more than text."""
        return self.format in ("jsonl", "parquet")


def heading(item: Item, field: FieldDefinition, fashion: Fashion, chance: Chance) -> str:
    """Return what the department calls the column; always a name the catalogue accepts for it."""
    if fashion.headings == "names":
        return field.name
    if fashion.headings == "codes":
        return next(
            (one for one in field.aliases if one.startswith(("CF_", "XK_", "BZ", "DFBM"))), field.label.zh
        )
    taken = columns_of(item)
    aliases = [
        one
        for one in field.aliases
        if taken.get(normalise_header(one)) == field.name and not one.isascii() and _alone(item, one)
    ]
    if fashion.headings == "aliases" and aliases and chance.happens(0.5):
        return chance.choice(aliases)
    return field.label.zh


def _alone(item: Item, alias: str) -> bool:
    """Return whether no other field of the item may be meant by the alias."""
    spelled = normalise_header(alias)
    named = [
        field for field in item.fields if spelled in map(normalise_header, (field.label.zh, *field.aliases))
    ]
    return len(named) == 1


def writer(field: FieldDefinition, fashion: Fashion, chance: Chance) -> Write:
    """Return the function that writes the values of one column of one file."""
    if field.kind is Kind.DATE:
        return _native if fashion.format == "parquet" else lambda value: _day(value, fashion.dates)
    if field.kind is Kind.MONEY:
        return _money(field, chance)
    if field.kind is Kind.CHOICE:
        return _choice(field, fashion, chance)
    if field.kind is Kind.PERCENT:
        return _percent
    if fashion.native:
        return _native
    return _truth if field.kind is Kind.BOOLEAN else _plain


def _native(value: Value) -> Cell:
    return value


def _plain(value: Value) -> Cell:
    return "" if value is None else str(value)


def _truth(value: Value) -> Cell:
    return "" if value is None else "是" if value else "否"


def _percent(value: Value) -> Cell:
    if not isinstance(value, int):
        return ""
    return f"{value // 100}.{value % 100:02d}".rstrip("0").rstrip(".") + "%"


def _money(field: FieldDefinition, chance: Chance) -> Write:
    grouped = chance.happens(0.35)
    unit = (field.unit or "元") if chance.happens(0.15) else ""
    if field.unit == "万元":
        return lambda value: (
            f"{dirt.ten_thousands(value, grouped=grouped)}{unit}" if isinstance(value, int) else ""
        )
    return lambda value: f"{_yuan(value, grouped)}{unit}" if isinstance(value, int) else ""


def _yuan(fen: int, grouped: bool) -> str:
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:{',' if grouped else ''}}.{rest:02d}"


def _choice(field: FieldDefinition, fashion: Fashion, chance: Chance) -> Write:
    words = {value: value if fashion.native else label.zh for value, label in field.choices.items()}
    if not fashion.native:
        words |= {
            value: alias for alias, value in field.choice_aliases.items() if _meant(field, alias, chance)
        }
    return lambda value: words[value] if isinstance(value, str) else ""


def _meant(field: FieldDefinition, alias: str, chance: Chance) -> bool:
    known = not alias.isascii() and choice_of(field, alias) == field.choice_aliases[alias]
    return known and chance.happens(0.15)


_NUMERALS = str.maketrans("0123456789", "〇一二三四五六七八九")


@lru_cache(maxsize=40_000)
def _day(value: Value, fashion: str) -> str:
    if not isinstance(value, date):
        return ""
    if fashion == "iso":
        return value.isoformat()
    if fashion == "slash":
        return f"{value.year}/{value.month}/{value.day}"
    if fashion == "dot":
        return f"{value.year}.{value.month:02d}.{value.day:02d}"
    if fashion == "chinese":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{str(value.year).translate(_NUMERALS)}年{_numeral(value.month)}月{_numeral(value.day)}日"


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else "十" if tens == 1 else f"{str(tens).translate(_NUMERALS)}十"
    return ten + (str(ones).translate(_NUMERALS) if ones else "")
