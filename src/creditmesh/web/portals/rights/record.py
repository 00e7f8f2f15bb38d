"""An enterprise's own record: everything held, item by item, with what can be done about each record."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.sharing.disclosure.operations import own_record
from creditmesh.apps.sharing.disclosure.operations.own_record import OwnBlock, OwnLine
from creditmesh.apps.sharing.rights.queries import cases
from creditmesh.apps.sharing.rights.queries.cases import CaseLine
from creditmesh.apps.sharing.rights.rules import repairs
from creditmesh.apps.sharing.rights.rules.repairs import Publicity
from creditmesh.catalogue import rule_packs
from creditmesh.catalogue.model import Item, Text
from creditmesh.kernel.periods import add_months
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import charts, paging
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.rights.showing import Value, values

FEW, PAGE, MONTHS = 3, 30, 12


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One record with everything its page says of it."""

    line: OwnLine
    title: str
    values: tuple[Value, ...]
    source: Text | None
    publicity: Publicity | None
    can_repair: bool
    case: CaseLine | None  # an open one


@dataclass(frozen=True, kw_only=True)
class Group:
    """The records of one item, as many as are shown."""

    item: Item
    total: int
    records: tuple[Shown, ...]
    is_open: bool  # shown unfolded: adverse records, and any that is contested


@requires(Permission.SEE_OWN_RECORD)
@require_GET
def record(request: HttpRequest) -> HttpResponse:
    """Show what is held on the enterprise, all of it or what is looked for."""
    by, at = actor_of(request), timezone.now()
    today, catalogue = timezone.localdate(at), this_node().catalogue
    only = request.GET.get("item", "")
    seen = own_record.view(by, at, on=today, items=(only,) if only in catalogue.items else ())
    wanted, marked = request.GET.get("q", "").strip()[:100], request.GET.get("only") == "marked"
    found = [
        (block.item, [line for line in block.lines if _fits(block.item, line, wanted, marked=marked)])
        for block in seen.blocks
    ]
    found = [(item, lines) for item, lines in found if lines]
    pages = None
    if only in catalogue.items and found:
        pages = paging.asked(request.GET, total=len(found[0][1]), size=PAGE)
    open_cases = cases.open_on(by.subject)
    groups = [
        Group(
            item=item,
            total=len(lines),
            is_open=repairs.is_repairable(item) or any(line.mark for line in lines),
            records=tuple(
                _shown(item, line, open_cases.get((item.code, line.key)), today)
                for line in (lines[pages.offset : pages.offset + PAGE] if pages else lines[:FEW])
            ),
        )
        for item, lines in found
    ]
    context = {
        "groups": groups,
        "pages": pages,
        "wanted": wanted,
        "marked": marked,
        "only": only,
        "picture": _picture(seen.blocks, today) if not only else None,
        "records": sum(len(block.lines) for block in seen.blocks),
        "marks": sum(line.mark is not None for block in seen.blocks for line in block.lines),
        "lookers": len(
            {one.institution for block in seen.blocks for line in block.lines for one in line.seen_by}
        ),
        "names": _names(groups),
        "may_object": by.may(Permission.OBJECT),
    }
    return show(request, "rights/record.html", context)


def _fits(item: Item, line: OwnLine, wanted: str, *, marked: bool) -> bool:
    if marked and line.mark is None:
        return False
    if not wanted:
        return True
    texts = [
        item.label.zh,
        item.label.en,
        item.code,
        line.source,
        *(str(one) for one in line.values.values()),
    ]
    return any(wanted.lower() in text.lower() for text in texts)


def _shown(item: Item, line: OwnLine, case: CaseLine | None, today: date) -> Shown:
    publicity = None
    if repairs.is_repairable(item):
        publicity = repairs.publicity(
            line.values,
            item=item,
            event_date=line.event_date,
            pack=rule_packs.load(),
            place=this_node().region,
            on=today,
        )
    said = values(item, line.values)
    named = [one for one in said if one.name in item.record_key and one.kind == "text"]
    source = this_node().catalogue.sources.get(line.source)
    return Shown(
        line=line,
        title=" · ".join(str(one.value) for one in named[:2]),
        values=said,
        source=source.label if source else None,
        publicity=publicity,
        can_repair=publicity is not None and (line.mark is None or line.mark.kind != "stopped"),
        case=case,
    )


def _names(groups: Iterable[Group]) -> dict[str, str]:
    codes = {one.institution for group in groups for record in group.records for one in record.line.seen_by}
    return parties.organisation_names(codes)


def _picture(blocks: Sequence[OwnBlock], today: date) -> charts.Chart:
    """Draw how many records came about and how often institutions received any, month by month."""
    first = add_months(today.replace(day=1), 1 - MONTHS)
    months = [add_months(first, number) for number in range(MONTHS)]
    events: Counter[date] = Counter()
    views: Counter[date] = Counter()
    for block in blocks:
        for line in block.lines:
            if line.event_date is not None:
                events[line.event_date.replace(day=1)] += 1
            views.update(timezone.localdate(one.at).replace(day=1) for one in line.seen_by)
    chinese = (get_language() or "zh").startswith("zh")
    return charts.Chart(
        key="own-record",
        title=_("Your record and who received it, month by month"),
        category_label=_("Month"),
        categories=tuple(f"{one:%Y年%-m月}" if chinese else f"{one:%b %Y}" for one in months),
        series=(
            charts.Series(
                name=_("records of that month"), values=tuple(events[one] for one in months), tone="1"
            ),
            charts.Series(
                name=_("records received by institutions"),
                values=tuple(views[one] for one in months),
                tone="4",
            ),
        ),
        kind=charts.Kind.STACKED,
        note=_("The last twelve months"),
    )
