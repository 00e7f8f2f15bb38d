"""Gather what a report may say: everything comes through the one door, which writes down that it was asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.queries import marks
from creditmesh.apps.ground.records.rules import MarkKind
from creditmesh.apps.members.institutions import sandbox
from creditmesh.apps.members.institutions.rules.counting import Passage
from creditmesh.apps.sharing.authorisations import queries as authorisations
from creditmesh.apps.sharing.authorisations.rules import Terms
from creditmesh.apps.sharing.credit_reports.rules.content import Block, Line
from creditmesh.apps.sharing.disclosure.operations import inquiring, own_record, results
from creditmesh.apps.sharing.disclosure.operations.inquiring import Worked
from creditmesh.apps.sharing.disclosure.operations.own_record import OwnBlock
from creditmesh.apps.sharing.disclosure.rules.bodies import moment
from creditmesh.apps.sharing.disclosure.rules.questions import EVALUATION, MOST_ITEMS, Question
from creditmesh.catalogue import purposes
from creditmesh.catalogue.model import Mode, Text


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What may be said about an enterprise, to whom and for what."""

    subject: str
    name: str
    blocks: tuple[Block, ...]
    evaluation: Mapping[str, Any] | None
    reader: str
    institution: str = ""
    authorisation: UUID | None = None
    purpose: str = ""
    purpose_label: Mapping[str, str] | None = None
    withheld: tuple[str, ...] = ()
    inquiries: tuple[str, ...] = ()


def own(by: Actor, *, at: datetime) -> Gathered:
    """Return what an enterprise's report on itself may say: what it could show to others, unmasked.

    Records for government alone stay out, and so does what is suspended or stopped. Raises `NotPermitted`.
    """
    held = own_record.view(by, at, on=timezone.localdate(at))
    seen = results.evaluation(by, by.subject, None, at)
    name = parties.subject(key=by.subject).name
    return Gathered(
        subject=by.subject,
        name=name,
        blocks=tuple(_own_block(one) for one in held.blocks),
        evaluation=seen.content,
        reader=name,
    )


def for_institution(
    by: Actor, *, subject: str, authorisation: UUID, purpose: str, at: datetime
) -> tuple[Gathered, tuple[Worked, ...]]:
    """Return what an institution's report may say, what is open and what the authorisation covers, masked; and the
    questions it is the answer to, worked out and settled by nobody yet: until then nobody may have it.

    The authorisation is asked for all of it at once, so a report is one use of it. A question that is refused
    already stands alone, with nothing gathered. Raises `NotPermitted`.
    """
    by.demand(Permission.INQUIRE)
    standing = authorisations.standing(authorisation)
    terms = standing.terms if standing else None
    covered = _covered(terms)
    seen = None if sandbox.holds(subject) else marks.order()
    carried = Question(
        subject=subject, items=covered, mode=Mode.AUTH, purpose=purpose, authorisation=authorisation
    )
    found = [inquiring.work_out(by, one, at=at) for one in _in_parts(carried)]
    told = None
    # Also where nothing is covered: the refusal says why.
    if terms is None or EVALUATION in terms.items or not covered:
        told = results.work_out(by, replace(carried, items=(EVALUATION,)), at=at)
        found.append(told)
    refused = next((one for one in found if one.intent.inquiry.refusal), None)
    if refused is not None:
        return _nothing(by, subject), (refused,)
    asked = tuple(item for one in found for item in one.intent.inquiry.items.split())
    opened = Question(subject=subject, items=_open_items(), mode=Mode.OPEN, purpose=purpose)
    found += [inquiring.work_out(by, one, at=at) for one in _in_parts(opened)]
    made = Gathered(
        subject=subject,
        name=_name_of(subject),
        blocks=_one_each(one for one in found if one is not told),
        evaluation=told.content["evaluation"] if told else None,
        reader=by.organisation_name or by.organisation,
        institution=by.organisation,
        authorisation=authorisation,
        purpose=purpose,
        purpose_label=_label(purpose, terms),
        withheld=_withheld(covered),
        inquiries=tuple(str(one.intent.inquiry.uuid) for one in found),
    )
    return made, _as_one(found, items=asked, marks_seen=seen)


def _as_one(found: Sequence[Worked], *, items: tuple[str, ...], marks_seen: int | None) -> tuple[Worked, ...]:
    """Return the questions of one report so that they use the authorisation once, and no mark comes in between."""
    made = []
    for number, one in enumerate(found):
        ask = replace(one.intent.ask, items=items) if one.intent.ask and number == 0 else None
        owed = one.intent.passage or _owed(one)
        intent = replace(one.intent, ask=ask, passage=owed, marks_seen=marks_seen)
        made.append(Worked(intent, one.content, one.data))
    return tuple(made)


def _owed(one: Worked) -> Passage:
    row = one.intent.inquiry
    return Passage(institution=row.institution, measures=inquiring.measures(Mode(row.mode)))


def _nothing(by: Actor, subject: str) -> Gathered:
    return Gathered(subject=subject, name="", blocks=(), evaluation=None, reader=by.organisation)


def _covered(terms: Terms | None) -> tuple[str, ...]:
    items = this_node().catalogue.items
    return tuple(
        one for one in (terms.items if terms else ()) if one in items and Mode.AUTH in items[one].modes
    )


def _name_of(subject: str) -> str:
    invented = sandbox.subject(subject)
    return invented.name if invented else parties.subject(key=subject).name


def _in_parts(asked: Question) -> list[Question]:
    """Return a question as so many as it takes; each counts against the limits of the institution."""
    starts = range(0, len(asked.items), MOST_ITEMS)
    return [replace(asked, items=asked.items[start : start + MOST_ITEMS]) for start in starts]


def _one_each(answers: Iterable[Worked]) -> tuple[Block, ...]:
    # What is authorised says more than what is open: of an item in both, the authorised block stands.
    found: dict[str, Block] = {}
    for answer in answers:
        for block in blocks_of(answer.content["blocks"], mode=answer.intent.inquiry.mode):
            if block.item not in found:
                found[block.item] = block
    return tuple(found.values())


def _open_items() -> tuple[str, ...]:
    return tuple(code for code, item in this_node().catalogue.items.items() if Mode.OPEN in item.modes)


def _withheld(covered: Sequence[str]) -> tuple[str, ...]:
    items = this_node().catalogue.items
    return tuple(
        code
        for code, item in items.items()
        if Mode.AUTH in item.modes and Mode.OPEN not in item.modes and code not in covered
    )


def _label(purpose: str, terms: Terms | None) -> Mapping[str, str]:
    known = purposes.load().version(purpose, terms.purpose_version) if terms else None
    label = known.label if known else Text(zh=purpose, en=purpose)
    return {"zh": label.zh, "en": label.en}


def _own_block(block: OwnBlock) -> Block:
    sharable = [one for one in block.lines if set(one.modes) - {Mode.GOV}]
    return Block(
        item=block.item.code,
        mode="OWN",
        lines=tuple(
            Line(
                reference=one.ref,
                event_date=one.event_date,
                values=one.values,
                source=one.source,
                contested_since=timezone.localdate(one.mark.since).isoformat()
                if one.mark and one.mark.kind is MarkKind.DISPUTED
                else "",
            )
            for one in sharable
        ),
        as_of=max((moment(one.landed_at) for one in sharable if one.landed_at), default=""),
    )


def blocks_of(told: Sequence[Mapping[str, Any]], *, mode: str) -> tuple[Block, ...]:
    """Return the blocks of an answer of the door as a report takes them."""
    return tuple(
        Block(
            item=one["item"],
            mode=mode,
            lines=tuple(_line(record) for record in one["records"]),
            masked=tuple(one["masked"]),
            as_of=max((str(record["as_of"] or "") for record in one["records"]), default=""),
        )
        for one in told
    )


def _line(record: Mapping[str, Any]) -> Line:
    mark = record["mark"]
    return Line(
        reference=record["ref"],
        event_date=date.fromisoformat(record["event_date"]) if record["event_date"] else None,
        values=record["values"],
        source=record["source"],
        contested_since=str(mark["since"])[:10] if mark and mark["kind"] == "disputed" else "",
    )
