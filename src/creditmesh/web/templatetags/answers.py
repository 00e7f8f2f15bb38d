"""How the values of an answer are written: bands, months, choices, amounts."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from creditmesh.catalogue import purposes
from creditmesh.catalogue.model import Kind
from creditmesh.kernel import money
from creditmesh.web.portals.frame.answers import Cell
from creditmesh.web.portals.frame.figures import NOTHING, of_kind

register = template.Library()
_MONTH = len("2026-03")
_WAN = 1_000_000  # fen of ten thousand yuan


@register.filter
def written(cell: Cell) -> str:
    """Return a value as its kind is written; a masked amount as its band, a masked day as its month."""
    value, field = cell.value, cell.field
    if isinstance(value, Mapping):
        return _band(value, field.kind)
    if field.kind is Kind.CHOICE and isinstance(value, str) and value in field.choices:
        return field.choices[value].in_language(get_language() or "zh-hans")
    if field.kind is Kind.DATE and isinstance(value, str) and len(value) == _MONTH:
        return value
    return of_kind(value, field.kind.value)


@register.filter
def purpose_words(code: str) -> str:
    """Return what a purpose is called; the code itself when no template has it."""
    for file in purposes.load().files:
        if file.purpose == code:
            return file.label.in_language(get_language() or "zh-hans")
    return code


def _band(band: Mapping[str, Any], kind: Kind) -> str:
    low, high = band["from"], band["to"]
    if low is None and high is None:
        return NOTHING
    if low is None:
        return _("below zero")
    if high is None:
        return _("from %(low)s") % {"low": _amount(low, kind)}
    return _("%(low)s to %(high)s") % {"low": _amount(low, kind), "high": _amount(high, kind)}


def _amount(value: int, kind: Kind) -> str:
    if kind is Kind.MONEY:
        # A band begins one fen above the one before; nobody reads that fen, nor the noughts of a limit.
        language, whole = get_language() or "zh-hans", value - value % 100
        short = language.startswith("zh") and whole >= _WAN and whole % (_WAN // 100) == 0
        told = (money.format_short if short else money.format)(whole, language=language)
        return told.replace(".00", "", 1)
    return of_kind(value, kind.value)
