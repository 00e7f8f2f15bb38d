"""How one value is masked: names, numbers, addresses, amounts. What is kept of each stands in the rule pack."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from creditmesh.catalogue.model import FieldDefinition, Kind
from creditmesh.catalogue.rule_packs import RulePack

Masked = str | int | bool | None | dict[str, int | None]
Mask = Callable[[object], Masked]
HIDDEN = "***"
_DOTS = re.compile(r"[·•‧∙⋅・]")
_COUNTY = re.compile(r"^(.*?(?:自治县|[县旗]|(?<!社)区(?!块)|(?<=市).{1,8}?市))")
_CITY = re.compile(r"^(.*?[市州盟])")
_LETTERS = re.compile(r"[A-Za-z]")
_MOST_STARS = 2


class Form(StrEnum):
    """What kind of text a field holds, as far as masking is concerned."""

    NAME = "name"
    PHONE = "phone"
    IDENTITY = "identity"
    ACCOUNT = "account"
    ADDRESS = "address"
    EMAIL = "email"


@dataclass(frozen=True)
class Conventions:
    """What the rule pack says of masking on a day."""

    forms: dict[str, Form]  # by field name
    public_codes: frozenset[str]
    keep: dict[str, tuple[int, int]]
    bands: dict[str, tuple[int, ...]]  # upper bounds in the stored unit
    surnames: frozenset[str]
    endings: tuple[str, ...]


def conventions(pack: RulePack, *, on: date) -> Conventions:
    """Return the conventions in force on a day; raise `UnknownRule` when the pack lacks one."""

    def words(rule: str) -> tuple[str, ...]:
        return tuple(str(pack.rule(rule, on=on).value).split())

    def numbers(rule: str, by: int = 1) -> tuple[int, ...]:
        return tuple(int(one) * by for one in words(rule))

    def ends(rule: str) -> tuple[int, int]:
        first, last = str(pack.rule(rule, on=on).value).split("+")
        return int(first), int(last)

    return Conventions(
        forms={name: form for form in Form for name in words(f"masking.form.{form}")},
        public_codes=frozenset(words("masking.public-codes")),
        keep={one: ends(f"masking.keep.{one}") for one in ("phone", "identity", "account", "uscc")},
        bands={
            "money": numbers("masking.bands.money", by=100),  # yuan in the pack, fen in records
            "count": numbers("masking.bands.count"),
            "percent": numbers("masking.bands.percent"),
        },
        surnames=frozenset(words("masking.surnames")),
        endings=words("masking.organisation-endings"),
    )


def mask_of(field: FieldDefinition, *, by: Conventions) -> Mask:
    """Return how a field's values are masked; text of no known form is hidden whole."""
    of_kind = _OF_KIND.get(field.kind)
    if of_kind is not None:
        return of_kind(by)
    form = by.forms.get(field.name)
    if form is Form.NAME:
        return lambda value: name(str(value), surnames=by.surnames, endings=by.endings)
    if form is Form.ADDRESS:
        return lambda value: address(str(value))
    if form is Form.EMAIL:
        return lambda value: email(str(value))
    if form is not None:
        kept = by.keep[form.value]
        return lambda value: ends(str(value), first=kept[0], last=kept[1])
    return lambda value: HIDDEN


def name(text: str, *, surnames: Iterable[str] = (), endings: Sequence[str] = ()) -> str:
    """Return a person's name with the surname kept; organisations are no persons and stay.

    A compound surname is kept whole, of a name with dots the first letter of the first part.

    >>> name("李小明"), name("李明"), name("欧阳修文", surnames={"欧阳"})
    ('李**', '李*', '欧阳**')
    >>> name("阿卜杜拉·买买提"), name("John Smith"), name("青禾麦香食品有限公司", endings=["公司"])
    ('阿**', 'J**', '青禾麦香食品有限公司')
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return ""
    if any(plain.upper().endswith(ending) for ending in endings if len(plain) > len(ending) + 1):
        return text
    if _DOTS.search(plain) or _LETTERS.match(plain):
        return plain[0] + "*" * _MOST_STARS
    compound = plain[:2] in surnames and len(plain) > 2
    kept = plain[:2] if compound else plain[:1]
    hidden = len(plain) - len(kept)
    return kept + "*" * min(max(hidden, 1), _MOST_STARS)


def ends(text: str, *, first: int, last: int) -> str:
    """Return the first and last characters of a number, stars between; a short one is hidden whole.

    >>> ends("13812345678", first=3, last=4), ends("6222020200112233", first=0, last=4), ends("123", first=3, last=4)
    ('138****5678', '****2233', '***')
    """
    plain = text.strip()
    # A number whose hidden part would be shorter than what is shown hides nothing.
    if len(plain) < first + last + 2:
        return HIDDEN
    return plain[:first] + "****" + (plain[-last:] if last else "")


def address(text: str) -> str:
    """Return an address down to its county, or its city; hidden when neither can be told.

    >>> address("山东省济南市历城区花园路100号"), address("青禾县幸福路1号"), address("幸福路1号")
    ('山东省济南市历城区***', '青禾县***', '***')
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _COUNTY.match(plain[:40]) or _CITY.match(plain[:40])
    return (found[1] if found else "") + HIDDEN


def email(text: str) -> str:
    """Return an e-mail address with the first letter of the box kept.

    >>> email("zhang.san@example.com"), email("nonsense")
    ('z***@example.com', '***')
    """
    box, at, domain = text.strip().partition("@")
    return f"{box[0]}{HIDDEN}@{domain}" if box and at and domain else HIDDEN


def band(value: int, *, bounds: Sequence[int]) -> dict[str, int | None]:
    """Return the band a number lies in as {"from", "to"}, both included; None at an open end.

    >>> band(30, bounds=[10, 50]), band(51, bounds=[10, 50]), band(-1, bounds=[10, 50])
    ({'from': 11, 'to': 50}, {'from': 51, 'to': None}, {'from': None, 'to': -1})
    """
    if value < 0:
        return {"from": None, "to": -1}
    low = 0
    for bound in bounds:
        if value <= bound:
            return {"from": low, "to": bound}
        low = bound + 1
    return {"from": low, "to": None}


def month(value: object) -> str:
    """Return the month of an ISO date.

    >>> month("2026-03-15")
    '2026-03'
    """
    return str(value)[:7]


def _banded(kind: str) -> Callable[[Conventions], Mask]:
    def of(by: Conventions) -> Mask:
        bounds = by.bands[kind]
        return lambda value: band(value, bounds=bounds) if isinstance(value, int) else HIDDEN

    return of


def _code(by: Conventions) -> Mask:
    first, last = by.keep["uscc"]
    return lambda value: ends(str(value), first=first, last=last)


def _kept(_by: Conventions) -> Mask:
    return _as_it_is


def _as_it_is(value: object) -> Masked:
    return value  # type: ignore[return-value]


_OF_KIND: dict[Kind, Callable[[Conventions], Mask]] = {
    Kind.MONEY: _banded("money"),
    Kind.INTEGER: _banded("count"),
    Kind.PERCENT: _banded("percent"),
    Kind.DATE: lambda _by: month,
    Kind.USCC: _code,
    # A word of a closed list cannot be shown in part: an item that must not show it has no such mode.
    Kind.CHOICE: _kept,
    Kind.BOOLEAN: _kept,
    Kind.REGION: lambda _by: lambda value: str(value)[:6],
    Kind.INDUSTRY: _kept,
    Kind.REGISTRATION_NUMBER: lambda by: lambda value: ends(str(value), first=0, last=4),
}
