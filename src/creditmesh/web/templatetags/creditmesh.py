"""What templates need to write figures, words and pictures the same way on every page."""

from collections.abc import Mapping

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.translation import get_language

from creditmesh.apps.evaluation.grading.queries.detail import Evidence
from creditmesh.apps.evaluation.grading.queries.distribution import section_label
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.catalogue.model import Text
from creditmesh.kernel import regions
from creditmesh.web.portals.frame import figures, refusals, words
from creditmesh.web.portals.regulator.choosing import title_of

register = template.Library()

for figure in (
    figures.number,
    figures.percent,
    figures.points,
    figures.seconds,
    figures.day,
    figures.moment,
    figures.of_kind,
    figures.yes_no,
):
    register.filter(figure)


@register.filter
def in_words(text: Text | None) -> str:
    """Return a text of the catalogue in the language of the page."""
    return text.in_language(get_language() or "zh-hans") if isinstance(text, Text) else figures.NOTHING


@register.filter
def sentence_of(reason: object) -> str:
    """Return the words of a reason in the language of the page."""
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    return str(getattr(reason, f"sentence_{language}"))


@register.filter
def chosen(zh: str, en: str) -> str:
    """Return the first words on a Chinese page, the second on any other."""
    return zh if (get_language() or "zh").startswith("zh") else en


@register.filter
@stringfilter
def status_words(status: str) -> str:
    """Return how sure we are of a rule or a list, in words."""
    return str(words.STATUS.get(status, (status, ""))[0])


@register.filter
@stringfilter
def status_meaning(status: str) -> str:
    """Return what a status means for the reader."""
    return str(words.STATUS.get(status, ("", ""))[1])


@register.filter
@stringfilter
def word(code: str, vocabulary: str) -> str:
    """Return the words for a code of a named vocabulary; the code itself when there are none."""
    return str(words.VOCABULARIES[vocabulary].get(code, code))


@register.filter
def may(actor: Actor | None, permission: str) -> bool:
    """Return whether who is signed in may do something: no link leads to a door that stays shut."""
    return actor is not None and actor.may(Permission(permission))


@register.filter
@stringfilter
def tone(code: str) -> str:
    """Return the colour class that goes with a state; words always stand beside it."""
    return words.TONES.get(code, "")


@register.filter
def entry(mapping: Mapping[str, object], key: str) -> object:
    """Return what a mapping holds under a key, an empty text when nothing."""
    return mapping.get(key, "") if mapping else ""


@register.filter
@stringfilter
def source_words(code: str) -> str:
    """Return what a source of the catalogue is called; the code itself when this node has no such source."""
    source = this_node().catalogue.sources.get(code)
    return source.label.in_language(get_language() or "zh-hans") if source else code


@register.filter
@stringfilter
def region_words(code: str) -> str:
    """Return what a region is called, a dash for none; the code itself when it has no name."""
    return (regions.name(code) or code) if code else figures.NOTHING


@register.filter
@stringfilter
def section_words(code: str) -> str:
    """Return what a section of industries is called."""
    return section_label(code, language=get_language() or "zh-hans")


@register.filter
@stringfilter
def system_words(name: str) -> str:
    """Return what an index system is called; its id when it is not known here."""
    return title_of(name)


@register.filter
def or_dash(value: object) -> object:
    """Return the value, or a dash when there is nothing to show."""
    return figures.NOTHING if value is None or value == "" else value


@register.filter
def refusal(code: str, otherwise: str) -> str:
    """Return what went wrong in the language of the page."""
    return refusals.in_words(code=code, otherwise=otherwise)


@register.filter
@stringfilter
def file_rule(rule: str) -> str:
    """Return what a rule of index-system files asks, in the language of the page."""
    return refusals.of_a_file(rule)


@register.filter
@stringfilter
def spoken(text: str) -> str:
    """Return the half of a text in two languages that is in the language of the page."""
    return refusals.spoken(text)


@register.filter
def rows_in_words(evidence: Evidence) -> list[list[str]]:
    """Return the records of an input with every value as its kind is written."""
    kinds = [column.kind for column in evidence.columns]
    return [
        [figures.of_kind(value, kind) for value, kind in zip(row, kinds, strict=True)]
        for row in evidence.rows
    ]


@register.inclusion_tag("parts/icon.html")
def icon(name: str, *, label: str = "") -> dict[str, str]:
    """Draw a symbol of the sprite; without a label it is hidden from screen readers."""
    return {"name": name, "label": label}


@register.inclusion_tag("parts/status.html")
def status(value: object) -> dict[str, object]:
    """Show how sure we are of a number or a list."""
    return {"status": str(getattr(value, "value", value))}


@register.inclusion_tag("parts/grade.html", takes_context=True)
def grade(
    context: Mapping[str, object], symbol: str | None, *, outcome: str = "graded", size: str = ""
) -> dict[str, object]:
    """Show a risk class with its letter, its colour and what it means to the system of the page.

    The page's `grade_labels` name the grades of its system; D is not the worst of every one.
    """
    labels = context.get("grade_labels")
    own = labels.get(symbol or "", "") if isinstance(labels, Mapping) else ""
    meaning = own or words.GRADES.get(symbol or "", "")
    return {"symbol": symbol, "outcome": outcome, "size": size, "meaning": meaning}


@register.inclusion_tag("parts/empty.html")
def empty(
    title: str, text: str = "", *, symbol: str = "inbox", href: str = "", action: str = ""
) -> dict[str, str]:
    """Say that there is nothing yet, and what to do next."""
    return {"title": title, "text": text, "symbol": symbol, "href": href, "action": action}


@register.inclusion_tag("parts/chart.html")
def chart(value: object, *, size: str = "") -> dict[str, object]:
    """Draw a figure: a table with bars that reads without scripts, a chart with them."""
    return {"chart": value, "size": size}
