"""The catalogue as a page: lists, classes, items, fields; a template to fill for each item."""

from collections import defaultdict
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.catalogue.model import InfoClass, Item, SharingList
from creditmesh.collecting import template
from creditmesh.web.access import requires
from creditmesh.web.portals.frame.rendering import show

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """A class of a list with its items."""

    info_class: InfoClass
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A sharing list with its classes in order."""

    sharing_list: SharingList
    shelves: tuple[Shelf, ...]
    count: int


@requires(Permission.SEE_CATALOGUE)
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show every list with its classes and items, narrowed by a word."""
    sought = request.GET.get("q", "").strip()[:60]
    lists = tuple(_list_page(one, sought) for one in this_node().catalogue.lists)
    found = sum(one.count for one in lists)
    context = {"lists": lists, "sought": sought, "found": found}
    return show(request, "collection/catalogue.html", context, part="results")


@requires(Permission.SEE_CATALOGUE)
@require_GET
def item(request: HttpRequest, code: str) -> HttpResponse:
    """Show one item: who delivers it, how it is kept and shared, and each of its fields."""
    found = item_named(code)
    known = this_node().catalogue
    context = {
        "item": found,
        "list": known.list_of(found.code),
        "info_class": known.classes.get(found.class_code),
        "sources": [known.sources[one] for one in found.sources if one in known.sources],
        "key_fields": [found.field(name) for name in found.record_key],
    }
    return show(request, "collection/item.html", context)


@requires(Permission.SEE_CATALOGUE)
@require_GET
def item_template(request: HttpRequest, code: str) -> HttpResponse:
    """Hand out the Excel file a department fills for an item."""
    found = item_named(code)
    answer = HttpResponse(template.workbook(found), content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.code}.xlsx"'
    return answer


def item_named(code: str) -> Item:
    """Return an item of the catalogue; raise `Http404` for a code it does not hold."""
    try:
        return this_node().catalogue.items[code]
    except KeyError:
        raise Http404(_("The catalogue has no item %(code)s.") % {"code": code}) from None


def _list_page(one: SharingList, sought: str) -> ListPage:
    by_class: dict[str, list[Item]] = defaultdict(list)
    for entry in one.items:
        if _matches(entry, sought):
            by_class[entry.class_code].append(entry)
    classes = this_node().catalogue.classes
    shelves = tuple(Shelf(info_class=classes[code], items=tuple(items)) for code, items in by_class.items())
    return ListPage(sharing_list=one, shelves=shelves, count=sum(len(shelf.items) for shelf in shelves))


def _matches(entry: Item, sought: str) -> bool:
    language = get_language() or "zh"
    names = (entry.code, entry.label.zh, entry.label.en, entry.authority.in_language(language))
    return any(sought.casefold() in name.casefold() for name in names)
