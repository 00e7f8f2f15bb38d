"""What the forms of supervision have in common: days, lists of codes, and one step with its answer."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language

from creditmesh.apps.evaluation.supervision.queries import lists
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import NotPermitted
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.portals.frame import refusals, words

Label = str | Promise


def day_field(label: Label, *, required: bool = True, help_text: Label = "") -> forms.DateField:
    """Return a field for a day that browsers show as a calendar."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)  # type: ignore[arg-type]


def moment_field(label: Label, *, help_text: Label = "") -> forms.DateTimeField:
    """Return a field for a moment, in the time zone of the node."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")
    return forms.DateTimeField(label=label, widget=widget, help_text=help_text)  # type: ignore[arg-type]


def choices(vocabulary: str, *, blank: Label = "") -> list[tuple[str, Label]]:
    """Return the codes of a vocabulary with their words, after an empty choice when it has a name."""
    known: Mapping[str, Label] = words.VOCABULARIES[vocabulary]
    return [*([("", blank)] if blank else []), *known.items()]


def told(refusal: CreditmeshError) -> str:
    """Return what was refused in words; where the words are general, what exactly was wrong after them."""
    said = refusals.sentence(refusal)
    exact = refusal.sentence
    return said if said == exact or refusal.code not in EXACT else f"{said} {exact}"


# Their own sentences name the row, the number or the day; the words of the vocabulary cannot.
EXACT = frozenset({"list-refused", "bad-inspection-result", "bad-task-terms", "bad-draw-ratios"})


def try_step(request: HttpRequest, act: Callable[[], object], *, done: str) -> bool:
    """Take a step and say so; say why not when it is refused. What does not exist or is not allowed is raised."""
    try:
        act()
    except NotPermitted:
        raise
    except CreditmeshError as refusal:
        # What is named but does not exist is a page of its own, as everywhere (`web/serving/errors.py`).
        if type(refusal).__name__.startswith("Unknown"):
            raise
        messages.error(request, told(refusal))
        return False
    messages.success(request, done)
    return True


def unit_names(*codes: str) -> dict[str, str]:
    """Return what departments are called, by their codes."""
    return parties.organisation_names(code for code in codes if code)


def item_names(*, unit: str = "") -> dict[str, str]:
    """Return what check items are called, by their codes; where two departments use one code, the unit's own."""
    language = get_language() or "zh-hans"
    known = sorted(lists.items(), key=lambda one: one.unit == unit)
    return {one.code: one.name(language) for one in known}


def day_of(text: str) -> date | None:
    """Return a day as a form sends it, None for nonsense."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def uuid_of(text: str) -> UUID | None:
    """Return an id as a form sends it, None for nonsense."""
    try:
        return UUID(text)
    except ValueError:
        return None


def filled(request: HttpRequest) -> Any:
    """Return what a form was filled with, None when the page is only opened."""
    return request.POST if request.method == "POST" else None
