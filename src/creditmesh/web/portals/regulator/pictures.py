"""The figures of the regulator's pages."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from creditmesh.apps.evaluation.grading.queries.distribution import Distribution, GroupTable
from creditmesh.web.portals.frame import words
from creditmesh.web.portals.frame.charts import Chart, Kind, Series, tone_of

MOST_ROWS = 20


def grade_name(symbol: str) -> str:
    """Return a grade with the words that say which way is better: `A low risk`."""
    return f"{symbol} {words.GRADES.get(symbol, '')}".strip()


def list_address(**filters: str) -> str:
    """Return the address of the list of enterprises, narrowed."""
    return f"{reverse('enterprises')}?{urlencode({name: value for name, value in filters.items() if value})}"


def by_grade(found: Distribution) -> Chart:
    """Return how many enterprises got which grade."""
    return Chart(
        key="grades",
        title=_("Enterprises by risk class"),
        category_label=_("Risk class"),
        categories=tuple(grade_name(one.grade) for one in found.grades),
        series=(
            Series(
                name=_("Enterprises"),
                values=tuple(one.subjects for one in found.grades),
                tones=tuple(tone_of(one.grade) for one in found.grades),
            ),
        ),
        hrefs=tuple(list_address(system=found.system, grade=one.grade) for one in found.grades),
    )


def by_group(
    table: GroupTable, *, key: str, title: str, label: str, hrefs: Sequence[str], as_shares: bool = False
) -> Chart:
    """Return grades stacked for each region or industry, largest first; in shares all bars are alike long."""
    rows = table.rows[:MOST_ROWS]
    rest = len(table.rows) - len(rows)
    note = (
        _("The %(shown)d largest of %(all)d.") % {"shown": MOST_ROWS, "all": len(table.rows)}
        if rest > 0
        else ""
    )
    return Chart(
        key=key,
        title=title,
        note=note,
        category_label=label,
        kind=Kind.STACKED,
        across=True,
        with_shares=True,
        as_shares=as_shares,
        categories=tuple(one.label for one in rows),
        series=tuple(
            Series(
                name=grade_name(symbol), values=tuple(one.counts[place] for one in rows), tone=tone_of(symbol)
            )
            for place, symbol in enumerate(table.grades)
        ),
        hrefs=tuple(hrefs[: len(rows)]),
    )
