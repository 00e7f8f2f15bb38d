"""The figures of the regulator's pages."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from creditmesh.apps.evaluation.grading.queries.distribution import Distribution, GroupTable
from creditmesh.web.portals.frame import words
from creditmesh.web.portals.frame.charts import Chart, Kind, Series, tone_of
from creditmesh.web.portals.regulator.choosing import grade_labels

MOST_ROWS = 20


def grade_name(symbol: str, *, system: str = "") -> str:
    """Return a grade with the words its system has for it, or that say which way is better: `A low risk`."""
    return f"{symbol} {grade_labels(system).get(symbol) or words.GRADES.get(symbol, '')}".strip()


def list_address(**filters: str) -> str:
    """Return the address of the list of enterprises, narrowed."""
    return f"{reverse('enterprises')}?{urlencode({name: value for name, value in filters.items() if value})}"


def by_grade(found: Distribution, *, key: str = "grades") -> Chart:
    """Return how many enterprises, or `devices`, got which grade."""
    devices = key == "devices"
    return Chart(
        key=key,
        title=_("Devices by risk class") if devices else _("Enterprises by risk class"),
        category_label=_("Risk class"),
        categories=tuple(grade_name(one.grade, system=found.system) for one in found.grades),
        series=(
            Series(
                name=_("Devices") if devices else _("Enterprises"),
                values=tuple(one.subjects for one in found.grades),
                tones=tuple(tone_of(one.grade) for one in found.grades),
            ),
        ),
        hrefs=tuple(list_address(system=found.system, grade=one.grade) for one in found.grades),
    )


def by_group(  # noqa: PLR0913 - a figure has a name, a title, labels and links
    table: GroupTable,
    *,
    key: str,
    title: str,
    label: str,
    hrefs: Sequence[str],
    as_shares: bool = False,
    system: str = "",
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
                name=grade_name(symbol, system=system),
                values=tuple(one.counts[place] for one in rows),
                tone=tone_of(symbol),
            )
            for place, symbol in enumerate(table.grades)
        ),
        hrefs=tuple(hrefs[: len(rows)]),
    )
