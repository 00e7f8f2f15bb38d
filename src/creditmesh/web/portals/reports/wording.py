"""How values of a report are written: in the language of the page, from what the report itself says."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from creditmesh.kernel import industries, regions
from creditmesh.web.portals.frame.figures import NOTHING, day, number, of_kind

FEN = 100
WAN = 10_000
LONGEST = 600  # characters of one value; the record itself may say more


def language() -> str:
    """Return "zh" or "en": the half of every text pair that is shown."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def words(pair: Mapping[str, str] | None) -> str:
    """Return a text of a report in the language of the page."""
    return str(pair[language()]) if pair else ""


def value(held: Any, field: Mapping[str, Any]) -> str:
    """Return one value of a record as its kind is written; bands of masked numbers as from–to."""
    if held is None or held == "":
        return NOTHING
    kind = field["kind"]
    if isinstance(held, Mapping):
        return band(held, kind=kind)
    if kind == "choice":
        return words(field["choices"].get(str(held))) or str(held)
    if kind == "region":
        return regions.name(str(held)) or str(held)
    if kind == "industry":
        return " ".join(part for part in (industries.name(str(held)), str(held)) if part)
    if kind == "integer" and field["name"] != "year" and isinstance(held, int):
        return number(held)
    text = of_kind(held, kind)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def band(held: Mapping[str, int | None], *, kind: str) -> str:
    """Return a band as people read it, such as 10–50 万元 or CNY 100,000–500,000."""
    low, high = held.get("from"), held.get("to")
    if high is not None and high < 0:
        return _("negative")
    if kind == "money":
        below = None if high is None else high // FEN
        # Bounds are stored to the fen, one above the band below: told in whole yuan.
        above = 0 if low is None else (low + FEN - 1) // FEN if low else 0
        return _amounts(above - 1 if above % 10 == 1 else above, below)
    unit = "%" if kind == "percent" else ""
    scale = 100 if kind == "percent" else 1
    top = None if high is None else number(high // scale)
    if top is None:
        return _("over %(low)s") % {"low": number((low or 0) // scale)} + unit
    return f"{number((low or 0) // scale)}–{top}{unit}"


def _amounts(low: int, high: int | None) -> str:
    in_wan = language() == "zh"

    def told(yuan: int) -> str:
        return number(yuan // WAN) if in_wan else number(yuan)

    pattern = "%s万元" if in_wan else "CNY %s"
    if high is None:
        return _("over %(low)s") % {"low": pattern % told(low)}
    if not low:
        return _("up to %(high)s") % {"high": pattern % told(high)}
    return pattern % f"{told(low)}–{told(high)}"


def iso_day(text: str) -> str:
    """Return an ISO day, month or moment as the language writes it."""
    if not text:
        return NOTHING
    if len(text) == 7:
        return text
    if len(text) == 10:
        return day(date.fromisoformat(text))
    return day(datetime.fromisoformat(text))
