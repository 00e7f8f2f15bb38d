"""Lists of inquiries, such as those after a loan: each line fully checked, answered once, written down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.parties import queries as people
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.members.institutions.rules.counting import Passage
from creditmesh.apps.members.institutions.rules.standing import ROLE_OF_KIND
from creditmesh.apps.sharing.disclosure.models import InquiryBatch, InquiryLine
from creditmesh.apps.sharing.disclosure.operations.inquiring import measures, today, work_out
from creditmesh.apps.sharing.disclosure.operations.settling import DOOR, Intent, Line
from creditmesh.apps.sharing.disclosure.queries.standing import shelf
from creditmesh.apps.sharing.disclosure.rules.batches import BatchState, LineState, LineTaken, ListTooLong
from creditmesh.apps.sharing.disclosure.rules.questions import Question, require_bounds
from creditmesh.catalogue.model import Mode

CHUNK = 32
"""Lines settled in one transaction: what a kill can undo, and what others wait for."""

RECEIVED = "inquiry-batch.received"


@dataclass(frozen=True, kw_only=True)
class AskedLine:
    """One line of a list."""

    subject: str
    authorisation: UUID
    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AskedBatch:
    """A list of inquiries for one purpose in one mode."""

    mode: Mode
    purpose: str
    lines: tuple[AskedLine, ...]
    request_digest: str = ""


def hand_in(by: Actor, asked: AskedBatch, *, at: datetime) -> UUID:
    """Keep a list of inquiries for the worker and return its identity.

    Raises `NotPermitted`, `ListTooLong`, `QuestionTooLong`. What each line may get is decided line by line.
    """
    by.demand(Permission.INQUIRE)
    most = shelf().number("disclosure.batch-lines", on=today(at))
    if not 1 <= len(asked.lines) <= most:
        raise ListTooLong(f"A list of inquiries has 1 to {most} lines: split it.")
    require_bounds(items=max(len(one.items) for one in asked.lines))
    days = shelf().number("disclosure.batch-result-days", on=today(at))
    with transaction.atomic():
        batch = InquiryBatch.objects.create(
            uuid=uuid4(),
            institution=by.organisation,
            user_id=by.user_id,
            person=by.who().label[:200],
            client=by.client,
            sandbox=by.sandbox,
            mode=asked.mode.value,
            purpose=asked.purpose,
            request_digest=asked.request_digest,
            total=len(asked.lines),
            received_at=at,
            kept_until=at + timedelta(days=days),
        )
        InquiryLine.objects.bulk_create(
            InquiryLine(
                batch=batch,
                number=number,
                subject=one.subject,
                authorisation=one.authorisation,
                items=" ".join(one.items),
            )
            for number, one in enumerate(asked.lines, start=1)
        )
        audit.append(
            who=by.who(),
            act="inquiry-batch.receive",
            thing=Thing("inquiry-batch", str(batch.uuid)),
            at=at,
            outcome=Outcome.ALLOWED,
            details={"lines": batch.total, "mode": batch.mode, "purpose": batch.purpose},
        )
        audit.announce(event=RECEIVED, key=str(batch.uuid), at=at)
    return batch.uuid


def run(uuid: UUID, *, clock: Callable[[], datetime]) -> int:
    """Answer the waiting lines of a list and return how many were; a list that is done is left alone.

    Killed at any moment it is taken up again: a line and its inquiry are written in one transaction. Two
    workers at one list do not answer a line twice; the later one stops.
    """
    batch = InquiryBatch.objects.filter(uuid=uuid).order_by("id").first()
    if batch is None or batch.state == BatchState.DONE:
        return 0
    InquiryBatch.objects.filter(pk=batch.pk).update(state=BatchState.RUNNING)
    answered = 0
    while lines := list(batch.lines.filter(state=LineState.WAITING).order_by("number")[:CHUNK]):
        at, by = clock(), _actor(batch)
        intents = [_intent(by, batch, one, at=at) for one in lines]
        try:
            DOOR.submit_all(intents)
        except LineTaken:
            return answered
        answered += len(lines)
    InquiryBatch.objects.filter(pk=batch.pk).update(state=BatchState.DONE, finished_at=clock())
    return answered


def unfinished() -> Sequence[UUID]:
    """Return the lists that are not done, oldest first."""
    rows = InquiryBatch.objects.exclude(state=BatchState.DONE).order_by("id")
    return list(rows.values_list("uuid", flat=True))


def forget_answers(*, at: datetime) -> int:
    """Remove the answers of lists past their last day and return how many went; what was asked stays."""
    old = InquiryLine.objects.filter(batch__kept_until__lt=at).exclude(answer="")
    return old.update(answer="")


def _intent(by: Actor, batch: InquiryBatch, line: InquiryLine, *, at: datetime) -> Intent:
    mode = Mode(batch.mode)
    question = Question(
        subject=line.subject,
        items=tuple(line.items.split()),
        mode=mode,
        purpose=batch.purpose,
        authorisation=line.authorisation,
        request_digest=batch.request_digest,
    )
    worked = work_out(by, question, at=at)
    owed = Passage(institution=batch.institution, measures=measures(mode)[1:])
    kept = Line(id=line.pk, answer=worked.data.decode())
    return replace(worked.intent, passage=owed, line=kept)


def _actor(batch: InquiryBatch) -> Actor:
    """Return who handed a list in, with the rights held now; without rights every line is refused."""
    if batch.user_id is not None:
        user = User.objects.filter(pk=batch.user_id).first()
        actor = people.actor(user) if user is not None else None
        if actor is not None and actor.organisation == batch.institution and actor.may(Permission.INQUIRE):
            return replace(actor, sandbox=batch.sandbox)
        return _nobody(batch)
    home = institutions.institution(batch.institution)
    programs = institutions.programs(institution=batch.institution)
    running = next((one for one in programs if one.client == batch.client and one.ended_at is None), None)
    if running is None:
        return _nobody(batch)
    return Actor(
        user_id=None,
        label=running.name,
        organisation=batch.institution,
        organisation_name=home.name,
        roles=frozenset({ROLE_OF_KIND[home.kind]}),
        client=batch.client,
        sandbox=batch.sandbox,
    )


def _nobody(batch: InquiryBatch) -> Actor:
    return Actor(
        user_id=batch.user_id, label=batch.person, organisation=batch.institution, client=batch.client
    )
