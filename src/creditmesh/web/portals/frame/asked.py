"""Inquiries as lists show them: items in words, and how many there were day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.sharing.disclosure.queries import counting
from creditmesh.apps.sharing.disclosure.queries.inquiries import InquiryLine
from creditmesh.apps.sharing.disclosure.rules.questions import EVALUATION, Outcome
from creditmesh.web.portals.frame import charts, words

DAYS = 30
_FEW = 3


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One inquiry with the words its page needs."""

    line: InquiryLine
    institution: str
    items: tuple[str, ...]  # in words
    refused: str  # code of the refusal, empty when it was answered

    @property
    def first_items(self) -> tuple[str, ...]:
        """Return the first few items, for a line of a list."""
        return self.items[:_FEW]

    @property
    def other_items(self) -> int:
        """Return how many items a line of a list leaves out."""
        return max(0, len(self.items) - _FEW)


def rows(lines: Sequence[InquiryLine]) -> tuple[Asked, ...]:
    """Return inquiries with names of institutions and items in the language of the page."""
    names = parties.organisation_names(one.institution for one in lines)
    return tuple(
        Asked(
            line=one,
            institution=names.get(one.institution, one.institution),
            items=tuple(_item(code) for code in one.items),
            refused=one.refusal if one.outcome is Outcome.REFUSED else "",
        )
        for one in lines
    )


def before(request: HttpRequest) -> int | None:
    """Return from where a page of a list goes on, None for its start or for nonsense."""
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def daily(*, at: datetime, institution: str = "", subject: str = "") -> charts.Chart | None:
    """Return the inquiries of the last days as a figure; None when there were none."""
    counted = counting.per_day(since=at - timedelta(days=DAYS - 1), institution=institution, subject=subject)
    if not counted:
        return None
    today = timezone.localdate(at)
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    tones = {Outcome.ANSWERED: "1", Outcome.REFUSED: "d"}
    return charts.Chart(
        key="inquiries",
        title=_("Inquiries of the last 30 days"),
        category_label=_("Day"),
        categories=tuple(f"{day:%m-%d}" for day in days),
        series=tuple(
            charts.Series(
                name=str(words.VOCABULARIES["inquiry_outcome"][outcome]),
                values=tuple(counted.get(day, {}).get(outcome, 0) for day in days),
                tone=tone,
            )
            for outcome, tone in tones.items()
        ),
        kind=charts.Kind.STACKED,
    )


def _item(code: str) -> str:
    if code == EVALUATION:
        return _("Public credit evaluation")
    item = this_node().catalogue.items.get(code)
    return item.label.in_language(get_language() or "zh-hans") if item else code
