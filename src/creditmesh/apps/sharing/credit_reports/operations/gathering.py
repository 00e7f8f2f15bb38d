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
from creditmesh.apps.ground.records.rules import MarkKind
from creditmesh.apps.members.institutions import sandbox
from creditmesh.apps.members.institutions.rules.counting import Passage
from creditmesh.apps.sharing.authorisations import queries as authorisations
from creditmesh.apps.sharing.authorisations.rules import Terms
from creditmesh.apps.sharing.credit_reports.rules.content import Block, Line
from creditmesh.apps.sharing.disclosure.operations import inquiring, own_record, results
from creditmesh.apps.sharing.disclosure.operations.own_record import OwnBlock
from creditmesh.apps.sharing.disclosure.rules.bodies import moment
from creditmesh.apps.sharing.disclosure.rules.questions import (
    EVALUATION,
    MOST_ITEMS,
    Answer,
    InquiryRefused,
    Question,
)
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


def for_institution(by: Actor, *, subject: str, authorisation: UUID, purpose: str, at: datetime) -> Gathered:
    """Return what an institution's report may say: what is open, and what the authorisation covers, masked.

    Raises `NotPermitted`, and `InquiryRefused` when the authorisation does not carry it.
    """
    by.demand(Permission.INQUIRE)
    standing = authorisations.standing(authorisation)
    terms = standing.terms if standing else None
    items = this_node().catalogue.items
    covered = tuple(
        one for one in (terms.items if terms else ()) if one in items and Mode.AUTH in items[one].modes
    )
    seen = None
    if terms is None or EVALUATION in terms.items:
        # Refused before anything open is asked: who has no authorisation gets no report, not half of one.
        seen = results.evaluation(by, subject, authorisation, at, purpose=purpose)
    answers: list[tuple[Answer, Mode]] = []
    carried = Question(
        subject=subject, items=covered, mode=Mode.AUTH, purpose=purpose, authorisation=authorisation
    )
    for question in (
        carried,
        Question(subject=subject, items=_open_items(), mode=Mode.OPEN, purpose=purpose),
    ):
        answers += _asked(by, question, at=at)
    if seen is None and not any(mode is Mode.AUTH for _, mode in answers):
        raise InquiryRefused("item-not-covered")
    proofs = [answer.inquiry for answer, _ in answers] + (
        [seen.answer.inquiry] if seen and seen.answer else []
    )
    return Gathered(
        subject=subject,
        name=_name_of(subject),
        blocks=_one_each(answers),
        evaluation=seen.content if seen else None,
        reader=by.organisation_name or by.organisation,
        institution=by.organisation,
        authorisation=authorisation,
        purpose=purpose,
        purpose_label=_label(purpose, terms),
        withheld=_withheld(covered),
        inquiries=tuple(str(one) for one in proofs),
    )


def _name_of(subject: str) -> str:
    invented = sandbox.subject(subject)
    return invented.name if invented else parties.subject(key=subject).name


def _asked(by: Actor, asked: Question, *, at: datetime) -> list[tuple[Answer, Mode]]:
    """Ask the door in as many questions as it takes; each counts against the limits of the institution."""
    found = []
    for start in range(0, len(asked.items), MOST_ITEMS):
        question = replace(asked, items=asked.items[start : start + MOST_ITEMS])
        owed = Passage(institution=by.organisation)
        found.append((inquiring.inquire(by, question, at, passage=owed), asked.mode))
    return found


def _one_each(answers: Iterable[tuple[Answer, Mode]]) -> tuple[Block, ...]:
    # What is authorised says more than what is open: of an item in both, the authorised block stands.
    found: dict[str, Block] = {}
    for answer, mode in answers:
        for block in blocks_of(answer.content["blocks"], mode=mode.value):
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
                contested_since=one.mark.since.date().isoformat()
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
