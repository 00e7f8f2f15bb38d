"""Ask a person: about an evaluation, an automatic refusal, a refused repair; answered with a name and a reason."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing, Who
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.rights.models import Appeal
from creditmesh.apps.sharing.rights.rules import clocks
from creditmesh.apps.sharing.rights.rules.appeals import About, Answer, State, answer_term
from creditmesh.apps.sharing.rights.rules.objections import require_reason
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.workdays import Calendar


class AlreadyAsked(CreditmeshError):
    """A person was asked about this already and has not answered yet."""

    code = "already-asked"


class UnknownAppeal(CreditmeshError):
    """There is no such appeal among those one may see."""

    code = "unknown-appeal"


class AnsweredBefore(CreditmeshError):
    """A person has answered this appeal."""

    code = "answered-before"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a person is asked to look at: what kind, which one, and what seems wrong."""

    about: About
    reference: str
    text: str


def ask(*, question: Question, by: Actor, node: ThisNode, at: datetime) -> UUID:
    """Ask a person about a result or refusal that concerns one's own enterprise.

    Raises `NotPermitted`, `ReasonMissing`, `AlreadyAsked`.
    """
    by.demand(Permission.OBJECT)
    today = timezone.localdate(at)
    term = answer_term(pack=rule_packs.load(), place=node.region, on=today)
    row = Appeal(
        uuid=uuid4(),
        subject=by.subject,
        about=question.about,
        reference=question.reference[:200],
        text=require_reason(question.text),
        raised_by=by.label[:200],
        raised_by_id=by.user_id,
        state=State.OPEN,
        received_at=at,
        due=clocks.ends(term, start=today, calendar=Calendar.shipped()) or today,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            _write_down(row, act="appeal.ask", by=by.who(), at=at)
            audit.announce(event="appeal.received", key=str(row.uuid), at=at)
    except IntegrityError as error:
        raise AlreadyAsked("A person was asked about this already: wait for the answer.") from error
    return row.uuid


def answer(uuid: UUID, *, found: Answer, reason: str, by: Actor, at: datetime) -> None:
    """Answer an appeal in one's own name. Raises `NotPermitted`, `UnknownAppeal`, `AnsweredBefore`, `ReasonMissing`.

    Programs have no name to answer with: only a signed-in person can.
    """
    by.demand(Permission.HANDLE_OBJECTIONS)
    said = require_reason(reason)
    with transaction.atomic():
        row = Appeal.objects.select_for_update().filter(uuid=uuid).order_by("id").first()
        if row is None or by.user_id is None or by.key_name:
            raise UnknownAppeal("There is no such appeal that you could answer. Look at the list.")
        if row.state != State.OPEN:
            raise AnsweredBefore(f"{row.answered_by} has answered this appeal. Load the page again.")
        row.state, row.found, row.reason = State.ANSWERED, found, said
        row.answered_by, row.answered_at = by.label[:200], at
        row.save()
        _write_down(row, act="appeal.answer", by=by.who(), at=at)


def _write_down(row: Appeal, *, act: str, by: Who, at: datetime) -> None:
    audit.append(
        who=by,
        act=act,
        thing=Thing("appeal", str(row.uuid)),
        at=at,
        why=f"{row.about} {row.found}".strip(),
        subject=row.subject,
    )
