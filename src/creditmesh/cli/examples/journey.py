"""A first chapter for the demonstration: what a bank, an enterprise and a department did before you came."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from creditmesh.cli import starting
from creditmesh.cli.examples import supervision

if TYPE_CHECKING:
    from creditmesh.apps.ground.nodes.rules import ThisNode
    from creditmesh.apps.ground.parties.models import User
    from creditmesh.apps.ground.parties.rules import Actor

_LOOKED_AT = 400  # enterprises considered for the leading part
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def leading_enterprise(node: "ThisNode") -> str:
    """Return the enterprise of the register of which most is known, a penalty among it; empty when none is."""
    from creditmesh.apps.ground.parties.models import CreditSubject
    from creditmesh.apps.ground.records.queries import subject_records

    rows = CreditSubject.objects.filter(scheme="uscc", key__startswith="9199").order_by("number")
    best, most = "", 0
    for row in rows[:_LOOKED_AT]:
        counts = subject_records.item_counts(subject=row.key, catalogue=node.catalogue)
        known = {one.item for one in counts}
        weight = len(known) + 10 * ("PEN-01" in known) + 5 * ("TAX-02" in known)
        if weight > most:
            best, most = row.key, weight
    return best


def journey(as_json: Json = False) -> None:
    """Let the demonstration accounts authorise, inquire and object once; told already, it changes nothing."""
    starting.start_django()
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties import queries as parties
    from creditmesh.apps.ground.parties.models import User
    from creditmesh.apps.ground.parties.rules import Role
    from creditmesh.apps.sharing.authorisations import overview

    cast: dict[Role, User] = {}
    for role in Role:
        found = User.objects.filter(username=role.value, demo=True).order_by("id").first()
        if found is None:
            raise starting.NoNodeHere(
                "The demonstration accounts are missing: run `creditmesh demo-accounts`."
            )
        cast[role] = found
    owner = parties.actor(cast[Role.ENTERPRISE_OWNER])
    at = starting.now()
    told = bool(overview.given(owner.subject, at=at))
    if not told:
        tell(
            cast={role: parties.actor(user) for role, user in cast.items()}, owner=cast[Role.ENTERPRISE_OWNER]
        )
    watched = supervision.tell(
        cast=supervision.Cast(
            parties.actor(cast[Role.SUPERVISION_OFFICER]),
            parties.actor(cast[Role.SUPERVISION_HEAD]),
            parties.actor(cast[Role.INSPECTOR]),
            cast[Role.INSPECTOR].username,
        ),
        node=this_node(),
        at=at - timedelta(minutes=2),
    )
    lines = ["The story was told already." if told else "A bank asked, an enterprise signed and objected."]
    lines += ["A department planned, drew, inspected and published."] if watched else []
    starting.show(
        {"node": this_node().name, "told": not told, "watched": watched}, as_json=as_json, lines=lines
    )


def tell(*, cast: "dict[object, Actor]", owner: "User") -> None:
    """Let a cast of one person per role live through the chapter; Django must have been started.

    `owner` signs, and must have no second factor yet.
    """
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties.rules import Role

    node, at = this_node(), starting.now()
    subject = cast[Role.ENTERPRISE_OWNER].subject
    _look(cast, subject, at)
    _authorise_and_ask(cast, owner, node, at)
    _object(cast[Role.ENTERPRISE_USER], node, at)


def _look(cast: "dict[object, Actor]", subject: str, at: datetime) -> None:
    """Let a guarantor look at what is open, and a department ask for a duty."""
    from creditmesh.apps.ground.parties.rules import Role
    from creditmesh.apps.sharing.disclosure.operations.inquiring import inquire
    from creditmesh.apps.sharing.disclosure.rules.questions import Question
    from creditmesh.catalogue.model import Mode

    open_items = ("ENT-01", "PEN-01", "QUA-01")
    inquire(cast[Role.GUARANTOR_STAFF], Question(subject=subject, items=open_items, mode=Mode.OPEN), at)
    duty = Question(
        subject=subject,
        items=("ENT-01", "PEN-01"),
        mode=Mode.GOV,
        basis="行政许可法 第四十条（示例）",
        duty="许可证延续审查（示例）",
    )
    inquire(cast[Role.DATA_OFFICER], duty, at)


def _authorise_and_ask(cast: "dict[object, Actor]", owner: "User", node: "ThisNode", at: datetime) -> None:
    """Let the bank ask for two authorisations, the owner sign one, and the bank use it."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

    from creditmesh.apps.ground.parties.rules import Role
    from creditmesh.apps.sharing.authorisations.letters.drafting import Choice, Wish
    from creditmesh.apps.sharing.authorisations.operations import preparing, requesting, signing
    from creditmesh.apps.sharing.disclosure.operations.inquiring import inquire
    from creditmesh.apps.sharing.disclosure.operations.verifying import verify
    from creditmesh.apps.sharing.disclosure.rules.questions import Claim, Question, VerifyQuestion
    from creditmesh.catalogue.model import Mode
    from creditmesh.catalogue.purposes import EVALUATION

    bank, signer = cast[Role.BANK_STAFF], cast[Role.ENTERPRISE_OWNER]
    wish = Wish(
        items=(EVALUATION, "TAX-02", "SOC-01", "UTL-02", "ENT-05"),
        modes=(Mode.AUTH, Mode.VERIFY),
        data_months=24,
        life_days=60,
        max_queries=20,
        per_day=5,
        retention_months=6,
        reference="DEMO-0001",
    )
    asked = requesting.ask(by=bank, subject=signer.subject, purpose="pre-loan", wish=wish, node=node, at=at)
    offer = preparing.from_request(asked.uuid, by=signer, node=node, at=at)
    choice = Choice(
        items=wish.items, data_months=24, life_days=60, max_queries=20, per_day=5, clause_confirmed=True
    )
    draft = preparing.prepare(offer, choice=choice, by=signer, node=node, at=at)
    # The demonstration's owner signs with a second factor like everybody, and then gives it back, so that
    # whoever tries the demonstration can sign in and set up one of his own.
    secret = generate_totp_secret()
    factor = TOTP.activate(owner, secret)
    code = format_hotp_value(hotp_value(secret, int(at.timestamp()) // 30))
    signing.sign_here(draft.uuid, code=code, by=signer, node=node, at=at, place=signing.Place())
    Authenticator.objects.filter(pk=factor.instance.pk).delete()
    question = Question(
        subject=signer.subject,
        items=("TAX-02", "SOC-01", "UTL-02"),
        mode=Mode.AUTH,
        purpose="pre-loan",
        authorisation=draft.uuid,
    )
    inquire(bank, question, at)
    claims = (Claim(item="TAX-02", field="paid", value=1_000_000),)
    verify(
        bank,
        VerifyQuestion(subject=signer.subject, claims=claims, purpose="pre-loan", authorisation=draft.uuid),
        at,
    )
    again = Wish(
        items=("TAX-02", "SOC-01"),
        modes=(Mode.AUTH,),
        data_months=12,
        life_days=180,
        max_queries=6,
        per_day=1,
        retention_months=6,
        reference="DEMO-0002",
    )
    requesting.ask(by=bank, subject=signer.subject, purpose="post-loan", wish=again, node=node, at=at)


def _object(by: "Actor", node: "ThisNode", at: datetime) -> None:
    """Let the enterprise contest its latest penalty, if it has one."""
    from django.utils import timezone

    from creditmesh.apps.sharing.disclosure.operations import own_record
    from creditmesh.apps.sharing.rights.operations import objecting
    from creditmesh.apps.sharing.rights.rules.objections import Ground

    seen = own_record.view(by, at, on=timezone.localdate(at), items=("PEN-01",))
    lines = seen.blocks[0].lines if seen.blocks else ()
    if lines:
        complaint = objecting.Complaint(
            item="PEN-01", record=lines[0].ref, ground=Ground.WRONG, text="罚款金额与决定书不符（示例）。"
        )
        objecting.raise_objection(complaint=complaint, by=by, node=node, at=at)
