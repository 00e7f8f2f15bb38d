"""Cases of rights as three portals show them: values in words, the line of progress, lists by deadline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.members.enterprises.stored_files import Opened
from creditmesh.apps.sharing.rights.models import Objection, Step
from creditmesh.apps.sharing.rights.operations import documents
from creditmesh.apps.sharing.rights.queries.cases import CaseLine
from creditmesh.apps.sharing.rights.rules.appeals import About
from creditmesh.apps.sharing.rights.rules.clocks import Deadlines, Regime
from creditmesh.apps.sharing.rights.rules.objections import State
from creditmesh.catalogue.model import Item
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of
from creditmesh.web.portals.frame import refusals, words


@dataclass(frozen=True, kw_only=True)
class Value:
    """A field of a record in words; `before` is what another version says when it differs."""

    name: str
    label: str
    value: object
    kind: str
    before: object = None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of a case: done with its moment, now with its last day, or to come."""

    what: str
    place: str  # done, now, late, next
    at: datetime | None = None
    due: date | None = None


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A case in a list, in words."""

    line: CaseLine
    label: str
    name: str  # of the enterprise
    is_late: bool
    days_left: int | None


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """A rule behind a clock: what it says and where it stands."""

    label: str
    days: int
    unit: str
    source: str
    status: str


def values(
    item: Item | None, held: Mapping[str, Any], *, only: Iterable[str] | None = None
) -> tuple[Value, ...]:
    """Return the stated values of a record in the order of the catalogue, in the language of the page."""
    if item is None:
        return tuple(
            Value(name=one, label=one, value=said, kind="text") for one, said in held.items() if said
        )
    shown = None if only is None else set(only)
    language = get_language() or "zh-hans"
    found = []
    for field in item.fields:
        said = held.get(field.name)
        if said in (None, "") or (shown is not None and field.name not in shown):
            continue
        choice = field.choices.get(str(said))
        found.append(
            Value(
                name=field.name,
                label=field.label.in_language(language),
                value=choice.in_language(language) if choice else said,
                kind="text" if choice else field.kind.value,
            )
        )
    return tuple(found)


def label_of(item: str) -> str:
    """Return the words for an item, or for what an appeal is about."""
    known = this_node().catalogue.items.get(item)
    if known is not None:
        return known.label.in_language(get_language() or "zh-hans")
    return str(words.VOCABULARIES["appeal_about"].get(item, item)) if item in set(About) else item


def listed(lines: Iterable[CaseLine], *, names: bool) -> tuple[Listed, ...]:
    """Return cases as a list shows them; `names` adds those of the enterprises."""
    found, today = list(lines), timezone.localdate()
    known = parties.subjects(keys=sorted({one.subject for one in found})) if names else {}
    return tuple(
        Listed(
            line=one,
            label=label_of(one.item),
            name=known[one.subject].name if one.subject in known else one.subject,
            is_late=one.is_late(today),
            days_left=None if one.due is None else (one.due - today).days,
        )
        for one in found
    )


def progress(row: Objection, steps: Iterable[Step], days: Deadlines) -> tuple[Stage, ...]:
    """Return the stages of an objection, done ones with their moment and the present one with its last day."""
    reached = {step.what: step.at for step in steps}
    checking = State.FORWARDED if State.FORWARDED in reached else State.OWN_CHECK
    order = [State.RECEIVED, State.MARKED, checking, State.DECIDED, State.NOTIFIED]
    if State.REVIEW_REQUESTED in reached:
        order += [State.REVIEW_REQUESTED, State.REVIEWED]
    order.append(State.CLOSED)
    if row.state == State.CLOSED:
        order = [one for one in order if one in reached]
    late = row.due is not None and row.due < timezone.localdate()
    present = State(row.state)
    last_days = {State.RECEIVED: days.mark, checking: days.provider if row.forwarded_at else days.own}
    found = []
    for stage in order:
        if stage in reached and stage is not present:
            found.append(Stage(what=stage, place="done", at=reached[stage]))
        elif stage is present:
            place = "done" if stage is State.CLOSED else "late" if late else "now"
            found.append(Stage(what=stage, place=place, at=reached.get(stage), due=row.due))
        else:
            found.append(Stage(what=stage, place="next", due=last_days.get(stage)))
    return tuple(found)


def rules_of(clock: Regime) -> tuple[RuleLine, ...]:
    """Return the rules behind a clock with their sources."""
    language = get_language() or "zh-hans"
    return tuple(
        RuleLine(
            label=rule.label.in_language(language),
            days=int(rule.value),
            unit=str(words.VOCABULARIES["day_unit"].get(rule.unit, rule.unit)),
            source=f"{rule.source_doc} {rule.source_article or ''}".strip(),
            status=rule.status.value,
        )
        for rule in clock.rules
    )


def keep_file(request: HttpRequest, case: Any, *, name: str = "file") -> bool:
    """Keep the file that came with a form, if one did; say what is wrong with it. Return whether all is well."""
    sent = request.FILES.get(name)
    if not isinstance(sent, UploadedFile):
        return True
    try:
        documents.attach(
            case,
            content=sent,
            filename=sent.name or "",
            by=actor_of(request),
            node=this_node(),
            at=timezone.now(),
        )
    except CreditmeshError as refusal:
        messages.error(request, _("The file was not kept.") + " " + refusals.sentence(refusal))
        return False
    return True


def file_answer(opened: Opened) -> FileResponse:
    """Hand out a file so that no browser runs it or shows it as a page of the node."""
    answer = FileResponse(
        opened.path.open("rb"),
        as_attachment=True,
        filename=opened.filename,
        content_type=opened.media_type.value,
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    return answer
