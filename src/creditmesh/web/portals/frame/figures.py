"""How figures, days and stored values are written in the language of the page."""

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from creditmesh.kernel import money

NOTHING = "–"
BABEL_LOCALES = {"zh-hans": "zh_Hans_CN", "en": "en_GB"}


def _locale() -> str:
    return BABEL_LOCALES.get((get_language() or "zh-hans").lower(), "zh_Hans_CN")


def number(value: int | Decimal | None) -> str:
    """Return a number grouped as the language writes it, a dash for none."""
    if value is None or value == "":
        return NOTHING
    return str(format_decimal(value, locale=_locale()))


def percent(basis_points: int | None) -> str:
    """Return basis points as a percentage with one decimal, a dash for none."""
    if basis_points is None:
        return NOTHING
    return str(format_decimal(Decimal(basis_points) / 100, format="#,##0.0", locale=_locale())) + "%"


def points(milli_points: int | None) -> str:
    """Return milli-points as points with one decimal, a dash for none."""
    if milli_points is None:
        return NOTHING
    return str(format_decimal(Decimal(milli_points) / 1000, format="#,##0.0", locale=_locale()))


def seconds(value: float | None) -> str:
    """Return seconds with at most two decimals, a dash for none."""
    if value is None:
        return NOTHING
    return str(format_decimal(value, format="#,##0.##", locale=_locale()))


def day(value: date | datetime | None) -> str:
    """Return a date as the language writes it, a dash for none."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return str(format_date(value, format="medium", locale=_locale()))


def moment(value: datetime | None) -> str:
    """Return a date with time in the node's time zone, a dash for none."""
    if value is None:
        return NOTHING
    return str(format_datetime(timezone.localtime(value), format="medium", locale=_locale()))


def of_kind(value: object, kind: str) -> str:
    """Return a stored value as its kind is written: money in yuan, a percentage, a date, yes or no."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, str) and kind == "date":
        return _day_in(value)
    if isinstance(value, int) and kind == "money":
        return money.format(value, language=get_language() or "zh-hans")
    if isinstance(value, int) and kind == "percent":
        return percent(value)
    return str(value)


def _day_in(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def yes_no(value: bool | None) -> str:
    """Return yes or no in words, a dash when not stated."""
    if value is None:
        return NOTHING
    return _("yes") if value else _("no")
