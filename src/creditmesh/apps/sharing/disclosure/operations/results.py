"""The public credit evaluation of an enterprise, through the door like every record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from creditmesh.apps.evaluation.grading.queries import evaluations
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions.rules.counting import Passage
from creditmesh.apps.sharing.disclosure.operations.inquiring import (
    Worked,
    answer_of,
    ask_of,
    checked,
    measures,
    row_of,
)
from creditmesh.apps.sharing.disclosure.operations.settling import DOOR, Intent
from creditmesh.apps.sharing.disclosure.rules.bodies import digest, plain
from creditmesh.apps.sharing.disclosure.rules.questions import EVALUATION, Answer, Question, Sealed
from creditmesh.catalogue.model import Mode


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """An evaluation as one may see it; None when none was made. `answer` is what left, for an institution."""

    content: dict[str, Any] | None
    answer: Answer | None


def evaluation(
    by: Actor,
    subject: str,
    authorisation: UUID | None,
    at: datetime,
    *,
    purpose: str = "",
    digest_of: str = "",
) -> Evaluation:
    """Return the latest public credit evaluation of an enterprise, and write down that it was seen.

    The enterprise itself sees all of it; an institution, on an authorisation that names EVALUATION among
    its items, sees it without what would tell single records. Raises `InquiryRefused`, `NotPermitted`.
    """
    if by.subject and by.subject == subject:
        return _own(by, at)
    by.demand(Permission.INQUIRE)
    question = Question(
        subject=subject,
        items=(EVALUATION,),
        mode=Mode.AUTH,
        purpose=purpose,
        authorisation=authorisation,
        request_digest=digest_of,
    )
    worked = work_out(by, question, at=at)
    place = DOOR.submit(worked.intent)
    ledger = Sealed(position=place.position, entry=place.entry, leaf=place.leaf)
    answer = answer_of(worked, sealed=place.result, ledger=ledger)
    return Evaluation(content=worked.content["evaluation"], answer=answer)


def work_out(by: Actor, question: Question, *, at: datetime) -> Worked:
    """Return a question for the evaluation checked and, if nothing is against it, its answer; nothing is written."""
    by.demand(Permission.INQUIRE)
    row = row_of(by, question, at=at)
    look = checked(by, question, asking=ask_of, at=at)
    row.refusal = look.refusal or ""
    content: dict[str, Any] = {}
    if not row.refusal:
        found = evaluations.latest(subject=question.subject, node=this_node())
        content = {
            "subject": question.subject,
            "purpose": question.purpose,
            "authorisation": str(question.authorisation),
            "evaluation": None if found is None else evaluations.outline(found),
        }
        row.answer_digest = digest(plain(content))
    intent = Intent(
        by=by,
        inquiry=row,
        ask=look.ask,
        authorisation_digest=look.standing.digest if look.standing and not row.refusal else "",
        passage=Passage(institution=by.organisation, measures=measures(Mode.AUTH)),
    )
    return Worked(intent, content, plain(content))


def _own(by: Actor, at: datetime) -> Evaluation:
    by.demand(Permission.SEE_OWN_RECORD)
    audit.append(
        who=by.who(),
        act="own-evaluation.view",
        thing=Thing("subject", by.subject),
        at=at,
        outcome=Outcome.ALLOWED,
        subject=by.subject,
    )
    return Evaluation(content=evaluations.latest(subject=by.subject, node=this_node()), answer=None)
