"""Dates as departments write them."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
EARLIEST_YEAR = 1000  # a year of fewer digits is a slip of the pen
_TIME = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_SEPARATED = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(?:[01]\d|2[0-3])[0-5]\d[0-5]\d)?", re.ASCII)
_CHINESE = re.compile(rf"(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})[日号]?{_TIME}", re.ASCII)
_EPOCH_MS = re.compile(r"(-?\d{11,13})(?:\.0+)?", re.ASCII)
_DIGITS = str.maketrans("〇零○Ｏ一二三四五六七八九", "0000123456789")
_NUMBERS = re.compile(r"([\d]{4})年([一二三四五六七八九十\d]{1,3})月([一二三四五六七八九十\d]{1,3})[日号]?")


def parse(text: str) -> date | None:
    """Return the day a text names, or None when it names none; the time of day is dropped.

    Milliseconds since 1970 (as some databases export) are read in Chinese time.

    >>> parse("2026年1月5日"), parse("20260105"), parse("二〇一七年十月二十三日"), parse("1416931200000")
    (datetime.date(2026, 1, 5), datetime.date(2026, 1, 5), datetime.date(2017, 10, 23), datetime.date(2014, 11, 26))
    """
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    if found := _SEPARATED.fullmatch(plain):
        return _day(found[1], found[3], found[4])
    if found := _COMPACT.fullmatch(plain) or _CHINESE.fullmatch(plain):
        return _day(found[1], found[2], found[3])
    if found := _EPOCH_MS.fullmatch(plain):
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(found[1]))
        return moment.astimezone(CHINA).date()
    if found := _NUMBERS.fullmatch(plain[:4].translate(_DIGITS) + plain[4:].replace(" ", "")):
        return _day(found[1], str(_number(found[2])), str(_number(found[3])))
    return None


def _number(text: str) -> int:
    """Return a number below a hundred written in Chinese or in digits; 0 for what is neither."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    digits = "一二三四五六七八九"
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return (digits.find(tens) + 1 if tens else 1) * 10 * bool(ten) + (digits.find(ones) + 1 if ones else 0)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found.year >= EARLIEST_YEAR else None
