"""Amounts in whole fen, never in floating point, read from the many ways departments write them."""

import re
import unicodedata
from dataclasses import dataclass

from creditmesh.kernel.errors import CreditmeshError

LIMIT = 2**63 - 1  # a column holds 64 bits

# Hundredths of the currency's unit that one of the written scale is worth.
SCALES = {
    "": 100,
    "分": 1,
    "角": 10,
    "十": 1_000,
    "百": 10_000,
    "千": 100_000,
    "万": 1_000_000,
    "十万": 10_000_000,
    "百万": 100_000_000,
    "千万": 1_000_000_000,
    "亿": 10_000_000_000,
    "十亿": 100_000_000_000,
    "百亿": 1_000_000_000_000,
}
CURRENCIES = {
    "人民币": "CNY", "RMB": "CNY", "CNY": "CNY", "¥": "CNY", "美元": "USD", "美金": "USD", "USD": "USD", "$": "USD",
    "港元": "HKD", "港币": "HKD", "香港元": "HKD", "HKD": "HKD", "日元": "JPY", "日币": "JPY", "JPY": "JPY",
    "欧元": "EUR", "EUR": "EUR", "英镑": "GBP", "GBP": "GBP", "加元": "CAD", "加拿大元": "CAD", "CAD": "CAD",
    "澳元": "AUD", "澳大利亚元": "AUD", "AUD": "AUD", "新加坡元": "SGD", "新元": "SGD", "SGD": "SGD",
    "瑞士法郎": "CHF", "CHF": "CHF", "法国法郎": "FRF", "德国马克": "DEM", "丹麦克郎": "DKK", "瑞典克朗": "SEK",
    "韩元": "KRW", "KRW": "KRW", "新台币": "TWD", "台币": "TWD", "澳门元": "MOP", "卢布": "RUB",
}  # fmt: skip

_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(\.[0-9]+)?")
_BRACKETS = str.maketrans("", "", "()[]{}【】〔〕")
_MINUS = str.maketrans("－−—–", "----")
_CURRENCY_NAMES = "|".join(sorted(map(re.escape, CURRENCIES), key=len, reverse=True))
_SCALE_NAMES = "|".join(sorted(filter(None, SCALES), key=len, reverse=True))
_UNIT = re.compile(
    rf"(?P<before>{_CURRENCY_NAMES})?(?P<scale>{_SCALE_NAMES})?[元圆]?(?P<after>{_CURRENCY_NAMES})?[元圆]?整?"
)


class UnreadableAmount(CreditmeshError):
    """A text that is no amount, or may mean several."""

    code = "amount"


class ForeignCurrency(UnreadableAmount):
    """An amount in another currency where yuan is wanted; `money` holds it."""

    code = "amount-currency"

    def __init__(self, money: "Money", text: str) -> None:
        super().__init__(
            f"{text!r} is in {money.currency}, not in yuan; state the amount in yuan at the rate of the day."
        )
        self.money = money


@dataclass(frozen=True)
class Money:
    """An amount in hundredths of its currency's unit (fen for CNY), whatever coins that currency has."""

    fen: int
    currency: str = "CNY"


def parse(text: str, *, unit: str = "元") -> int:
    """Return an amount of yuan in fen; a bare number is in `unit`.

    Raises `UnreadableAmount` with a sentence, `ForeignCurrency` for an amount in another currency.

    >>> parse("1,000(万元人民币)"), parse("12.5", unit="万元"), parse("３亿元")
    (1000000000, 12500000, 30000000000)
    """
    money = read(text, unit=unit)
    if money.currency != "CNY":
        raise ForeignCurrency(money, text)
    return money.fen


def read(text: str, *, unit: str = "元") -> Money:
    """Return an amount with its currency; a bare number is in `unit`.

    Raises `UnreadableAmount` for a text without exactly one number and a known unit, for a comma that
    may be a decimal point, for less than a fen, and for more than 64 bits hold.

    >>> read("429(万美元)")
    Money(fen=429000000, currency='USD')
    """
    plain = _SPACE.sub("", unicodedata.normalize("NFKC", text)).translate(_MINUS).upper()
    head, number, tail = _split(plain, text)
    scale, currency = _unit(head, tail, text, unit)
    return Money(_scaled(number, scale, text), currency)


def _split(plain: str, text: str) -> tuple[str, re.Match[str], str]:
    start = re.search(r"[-+0-9.]", plain)
    number = _NUMBER.match(plain, start.start()) if start else None
    if start is None or number is None or not (number[2] or number[3]):
        raise UnreadableAmount(f"{text!r} holds no number; write digits such as 1,234.50 or 100万元.")
    head, tail = plain[: start.start()], plain[number.end() :]
    if tail.startswith(",") or ("," in number[0] and tail[:1].isdigit()) or number[2] is None:
        raise UnreadableAmount(
            f"{text!r} can be read in two ways; group thousands by threes and write 0 before a decimal point."
        )
    if re.search(r"[0-9]", tail):
        raise UnreadableAmount(f"{text!r} holds more than one number; state a single amount.")
    if head.count("(") and number[1] == "" and not tail.translate(_BRACKETS):
        raise UnreadableAmount(f"{text!r} may mean a negative amount; write a minus sign if it does.")
    return head, number, tail


def _unit(head: str, tail: str, text: str, unit: str) -> tuple[int, str]:
    written = head.translate(_BRACKETS), tail.translate(_BRACKETS)
    before = re.fullmatch(_CURRENCY_NAMES, written[0])
    found = _UNIT.fullmatch(written[1])
    if (written[0] and before is None) or found is None:
        raise UnreadableAmount(
            f"The unit of {text!r} is not known; use 元, 万元 or 亿元, with a currency if it is not yuan."
        )
    named = {CURRENCIES[one] for one in (written[0], found["before"], found["after"]) if one}
    if len(named) > 1:
        raise UnreadableAmount(f"{text!r} names two currencies; state one.")
    # Only a currency, or nothing: the number itself is bare and the column's unit counts.
    if not tail.translate(_BRACKETS):
        default = _UNIT.fullmatch(unit)
        if default is None:
            raise ValueError(f"{unit!r} is no unit of money")
        return SCALES[default["scale"] or ""], named.pop() if named else _currency(default)
    return SCALES[found["scale"] or ""], named.pop() if named else "CNY"


def _currency(found: re.Match[str]) -> str:
    return CURRENCIES[found["before"] or found["after"] or "CNY"]


def _scaled(number: re.Match[str], scale: int, text: str) -> int:
    decimals = (number[3] or ".")[1:].rstrip("0")
    digits = int(number[2].replace(",", "") + decimals)
    divisor: int = 10 ** len(decimals)
    fen, rest = divmod(digits * scale, divisor)
    if rest:
        raise UnreadableAmount(f"{text!r} is finer than one fen; round it where it comes from.")
    if fen > LIMIT:
        raise UnreadableAmount(f"{text!r} is larger than any amount kept here; check the unit.")
    return -fen if number[1] == "-" else fen


def format(fen: int, *, language: str) -> str:
    """Return the exact amount in words for a language code such as `zh-hans` or `en`.

    >>> format(123456789, language="zh-hans"), format(-50, language="en")
    ('1,234,567.89元', 'CNY -0.50')
    """
    yuan, rest = divmod(abs(fen), 100)
    number = f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02d}"
    return f"{number}元" if language.lower().startswith("zh") else f"CNY {number}"


def format_short(fen: int, *, language: str) -> str:
    """Return the amount rounded to two places of 万 or 亿 (thousand, million, billion), for charts and lists.

    >>> format_short(123456789, language="zh-hans"), format_short(123456789, language="en")
    ('123.46万元', 'CNY 1.23m')
    """
    chinese = language.lower().startswith("zh")
    steps = [(10**10, "亿"), (10**6, "万")] if chinese else [(10**11, "bn"), (10**8, "m"), (10**5, "k")]
    for size, word in steps:
        if abs(fen) >= size:
            hundredths = (abs(fen) * 200 + size) // (size * 2)
            number = f"{'-' if fen < 0 else ''}{hundredths // 100:,}.{hundredths % 100:02d}"
            return f"{number}{word}元" if chinese else f"CNY {number}{word}"
    return format(fen, language=language)
