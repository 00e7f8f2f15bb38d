"""A batch's receipt: counts as a picture, and reasons with what to do about each."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from creditmesh.apps.ground.records.queries.batches import BatchLine, ReasonLine
from creditmesh.catalogue.model import Item, Text
from creditmesh.web.portals.frame.charts import Chart, Kind, Series


@dataclass(frozen=True, kw_only=True)
class Count:
    """One number of the receipt; `tone` colours its tile, `label` says it."""

    label: str
    value: int
    tone: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why rows were refused or warned about, with the field as the catalogue calls it."""

    reason: ReasonLine
    field_label: Text | None


def counts(line: BatchLine) -> tuple[Count, ...]:
    """Return what became of the rows; nothing while they are not checked."""
    if line.received is None:
        return ()
    told = (
        (_("Rows delivered"), line.received, "", ""),
        (_("Accepted"), line.accepted, "fine", _accepted_note(line)),
        (
            _("Refused"),
            line.quarantined,
            "needs" if line.quarantined else "",
            _("a reason stands beside each"),
        ),
        (_("Repeated"), line.duplicates, "", _("the same record was there already")),
        (_("Unclear subject"), line.unresolved, "needs" if line.unresolved else "", _("wait for a decision")),
        (_("With a warning"), line.warned, "", _("accepted all the same")),
    )
    return tuple(
        Count(label=label, value=value, tone=tone, note=note)
        for label, value, tone, note in told
        if value is not None
    )


def picture(line: BatchLine) -> Chart | None:
    """Return what became of the rows as one bar; None while they are not checked."""
    if not line.received:
        return None
    parts = (
        (_("accepted"), line.accepted, "a"),
        (_("repeated"), line.duplicates, "n"),
        (_("unclear subject"), line.unresolved, "4"),
        (_("refused"), line.quarantined, "c"),
    )
    return Chart(
        key="rows",
        title=_("What became of the rows"),
        category_label=_("Batch"),
        kind=Kind.STACKED,
        across=True,
        categories=(_("rows"),),
        series=tuple(Series(name=name, values=(value or 0,), tone=tone) for name, value, tone in parts),
    )


def reasons(found: Sequence[ReasonLine], *, item: Item | None) -> tuple[Reason, ...]:
    """Return the reasons, each with the field it is about as the catalogue describes it."""
    fields = {one.name: one for one in item.fields} if item is not None else {}
    return tuple(
        Reason(reason=one, field_label=fields[one.field].label if one.field in fields else None)
        for one in found
    )


def _accepted_note(line: BatchLine) -> str:
    if line.added is None:
        return ""
    parts = [
        _("%(n)d new") % {"n": line.added},
        _("%(n)d updated") % {"n": line.updated or 0},
        _("%(n)d unchanged") % {"n": line.unchanged or 0},
    ]
    return " · ".join(parts)
