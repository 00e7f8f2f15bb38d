"""Compare claims with what is held: no value leaves, whoever asks, and guessing does not pay."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions.rules.counting import Passage
from creditmesh.apps.sharing.authorisations.rules import Ask, Standing
from creditmesh.apps.sharing.disclosure.operations.guessing import Counted
from creditmesh.apps.sharing.disclosure.operations.inquiring import (
    Checked,
    checked,
    complete,
    consents,
    measures,
    row_of,
    today,
)
from creditmesh.apps.sharing.disclosure.operations.settling import DOOR, Intent
from creditmesh.apps.sharing.disclosure.queries.standing import may_leave, shelf
from creditmesh.apps.sharing.disclosure.rules.bodies import digest, ordered
from creditmesh.apps.sharing.disclosure.rules.comparing import (
    Verdict,
    claim_digest,
    padding,
    require_comparable,
    verdict,
)
from creditmesh.apps.sharing.disclosure.rules.plans import Consent
from creditmesh.apps.sharing.disclosure.rules.questions import (
    Answer,
    AskAgain,
    Claim,
    Question,
    Reason,
    Sealed,
    TooManyClaims,
    VerifyQuestion,
    querier,
    require_bounds,
)
from creditmesh.catalogue.model import FieldDefinition, Mode
from creditmesh.kernel.errors import CreditmeshError


@dataclass(frozen=True)
class _Checked:
    """The claims with their fields, and which of them may be compared."""

    fields: tuple[FieldDefinition, ...]
    allowed: tuple[bool, ...]


def verify(by: Actor, asked: VerifyQuestion, at: datetime, *, passage: Passage | None = None) -> Answer:
    """Answer claims of an institution, and write it down first.

    Without an authorisation in force every claim is NOT_AUTHORISED, in the same shape and size as any other
    answer, and the refusal is written. Raises `BadClaim`, `TooManyClaims`, `NotPermitted`, and what settling
    the passage refuses.
    """
    by.demand(Permission.INQUIRE)
    require_bounds(claims=len(asked.claims))
    rules, on = shelf(), today(at)
    by_rules = rules.conventions(on=on)
    fields = tuple(
        require_comparable(one, number=number, item=rules.catalogue.items.get(one.item), by=by_rules)
        for number, one in enumerate(asked.claims, start=1)
    )
    items = tuple(dict.fromkeys(one.item for one in asked.claims))
    question = _question(asked, items)
    row = row_of(by, question, at=at)
    look = checked(by, question, asking=_ask, at=at)
    row.refusal = look.refusal or ""
    agreed = consents(asked.authorisation, items)
    allowed = _allowed(asked, fields, look.standing, agreed)
    verdicts, seen = (
        _verdicts(asked, _Checked(fields, allowed), period=look.period, on=on)
        if not row.refusal
        else ([Verdict.NOT_AUTHORISED] * len(fields), None)
    )
    content, none = _content(asked, verdicts), _content(asked, [Verdict.NOT_AUTHORISED] * len(fields))
    data, refused = ordered(content), ordered(none)
    row.answer_digest = digest(data)
    intent = Intent(
        by=by,
        inquiry=row,
        ask=look.ask,
        authorisation_digest=look.standing.digest if look.standing and not row.refusal else "",
        passage=passage and replace(passage, measures=measures(Mode.VERIFY)),
        claims=_counted(by, asked, allowed, look=look, on=on),
        marks_seen=seen,
        consents=frozenset(one.uuid for one in agreed),
        refused_digest=digest(refused),
    )
    place = DOOR.submit(intent)
    ledger = Sealed(position=place.position, entry=place.entry, leaf=place.leaf)
    if isinstance(place.result, CreditmeshError):
        raise place.result
    if place.result == Reason.TOO_MANY_CLAIMS:
        raise TooManyClaims(Reason.TOO_MANY_CLAIMS, inquiry=row.uuid, ledger=ledger)
    if place.result == Reason.CHANGED_MEANWHILE:
        raise AskAgain(Reason.CHANGED_MEANWHILE, inquiry=row.uuid, ledger=ledger)
    if place.result:
        return complete(row, none, refused, ledger=ledger)
    return complete(row, content, data, ledger=ledger)


def _question(asked: VerifyQuestion, items: tuple[str, ...]) -> Question:
    return Question(
        subject=asked.subject,
        items=items,
        mode=Mode.VERIFY,
        purpose=asked.purpose,
        authorisation=asked.authorisation,
        data_from=asked.data_from,
        data_to=asked.data_to,
        request_digest=asked.request_digest,
    )


def _ask(by: Actor, question: Question, standing: Standing | None, period: tuple[date, date] | None) -> Ask:
    """Return what the authorisation must carry: the items it names; claims on others are not compared."""
    named = standing.terms.items if standing else ()
    covered = tuple(one for one in question.items if one in named and _may_be_verified(one))
    return Ask(
        subject=question.subject,
        institution=by.organisation,
        items=covered,
        mode=Mode.VERIFY,
        purpose=question.purpose,
        data_from=period[0] if period else None,
        data_to=period[1] if period else None,
    )


def _may_be_verified(item: str) -> bool:
    return Mode.VERIFY in shelf().catalogue.items[item].modes


def _allowed(
    asked: VerifyQuestion,
    fields: Sequence[FieldDefinition],
    standing: Standing | None,
    agreed: Sequence[Consent],
) -> tuple[bool, ...]:
    named = standing.terms.items if standing else ()
    return tuple(
        one.item in named
        and _may_be_verified(one.item)
        and (not field.personal or any(by.shows(one.item, one.field, str(one.value)) for by in agreed))
        for one, field in zip(asked.claims, fields, strict=True)
    )


def _verdicts(
    asked: VerifyQuestion, checked: _Checked, *, period: tuple[date, date] | None, on: date
) -> tuple[list[Verdict], int | None]:
    rules = shelf()
    items = tuple(
        dict.fromkeys(one.item for one, ok in zip(asked.claims, checked.allowed, strict=True) if ok)
    )
    found = may_leave(subject=asked.subject, items=items, mode=Mode.VERIFY, window=period, on=on)
    records = {item: [one.held.values for one in rows] for item, rows in found.records.items()}
    tolerance = rules.number("verification.tolerance", on=on)
    verdicts = [
        verdict(one, field=field, records=records[one.item], tolerance=tolerance)
        if ok
        else Verdict.NOT_AUTHORISED
        for one, field, ok in zip(asked.claims, checked.fields, checked.allowed, strict=True)
    ]
    return verdicts, found.marks_seen


def _counted(
    by: Actor, asked: VerifyQuestion, allowed: Sequence[bool], *, look: Checked, on: date
) -> tuple[Counted, ...]:
    limit = shelf().number("verification.claims-per-day", on=on)
    who = querier(by)
    first = look.period[0] if look.period else None
    # Branches ask in the name of the institution, which learns what they learn.
    institution = look.standing.terms.institution if look.standing else by.organisation
    return tuple(
        Counted(
            institution=institution,
            querier=who,
            subject=asked.subject,
            item=one.item,
            # The first day as it holds: another authorisation may reach back further. An open end stays open,
            # or the same claim would be another one after midnight.
            claim=claim_digest(one, data_from=first, data_to=asked.data_to),
            limit=limit,
        )
        for one, ok in zip(asked.claims, allowed, strict=True)
        if ok
    )


def _content(asked: VerifyQuestion, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    return {
        "authorisation": str(asked.authorisation) if asked.authorisation else None,
        "claims": [_told(one, found) for one, found in zip(asked.claims, verdicts, strict=True)],
        "mode": Mode.VERIFY.value,
        "padding": padding(verdicts),
        "purpose": asked.purpose,
        "rule_pack": shelf().pack.version,
        "subject": asked.subject,
    }


def _told(claim: Claim, found: Verdict) -> dict[str, Any]:
    return {"answer": found.value, "field": claim.field, "item": claim.item}
