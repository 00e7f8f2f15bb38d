"""Two banks, two enterprises and two departments; one of each pair owns one of everything that has an address."""

from dataclasses import dataclass, replace
from io import BytesIO
from uuid import uuid4

from django.test import Client
from django.utils import timezone
from tests.apps.members.enterprises.conftest import PDF, protect
from tests.apps.members.institutions.bank import Bank, put_key
from tests.apps.sharing.authorisations.conftest import CHOICE, WISH
from tests.apps.sharing.credit_reports import shop
from tests.apps.sharing.disclosure import county
from tests.apps.sharing.disclosure.county import EAST, NORTH

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties import queries as people
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Actor, OrganisationKind, Role
from creditmesh.apps.ground.records.models import Batch
from creditmesh.apps.members.enterprises.models import Claim, Evidence, Invitation
from creditmesh.apps.members.enterprises.operations import admitting, evidence
from creditmesh.apps.members.enterprises.operations import registering as claiming
from creditmesh.apps.members.enterprises.rules import Capacity
from creditmesh.apps.members.institutions.operations import keys, noticing, programs
from creditmesh.apps.members.institutions.rules.scopes import Scope
from creditmesh.apps.sharing.authorisations.models import Request
from creditmesh.apps.sharing.authorisations.operations import preparing, registering, requesting
from creditmesh.apps.sharing.credit_reports.operations import issuing
from creditmesh.apps.sharing.disclosure.operations import batches, inquiring, own_record
from creditmesh.apps.sharing.disclosure.rules.questions import Question
from creditmesh.apps.sharing.rights.models import Appeal, Document, DutyNotice, Repair
from creditmesh.apps.sharing.rights.operations import appealing, documents, handling, objecting, repairing
from creditmesh.apps.sharing.rights.rules.appeals import About
from creditmesh.apps.sharing.rights.rules.objections import Ground
from creditmesh.catalogue.model import Mode
from creditmesh.exchange.keys import Algorithm, PrivateKey

PASSWORD = "quiet-river-under-stone-bridges"


@dataclass(frozen=True)
class Stage:
    """Who owns, who tries, and the identities of what is owned."""

    owners: dict[str, Client]  # by side: bank, enterprise, claimant, department
    others: dict[str, Client]
    programs: dict[str, Bank]  # owner, other
    owned: dict[str, str]


def build(node: ThisNode) -> Stage:
    """Fill the database."""
    at = timezone.now()
    county.build(at)
    shop.stocked(timezone.localdate(at))
    county.hold("TAX-02", county.tax_paid(EAST, months=2))
    for code, name, kind, sources in (
        (NORTH, "青禾县北坡养殖专业合作社", OrganisationKind.ENTERPRISE, ()),
        ("MARKET", "青禾县市场监督管理局", OrganisationKind.DEPARTMENT, ("samr",)),
    ):
        new = parties.NewOrganisation(code=code, name=name, kind=kind, region="990121", sources=sources)
        parties.create_organisation(by=COMMAND_LINE, new=new, at=at)
    member("sun", NORTH, Role.ENTERPRISE_OWNER)
    member("qian", EAST, Role.ENTERPRISE_VIEWER)
    member("li", "MARKET", Role.DATA_OFFICER)
    for username in ("zhou", "wu"):
        parties.create_user(by=COMMAND_LINE, username=username, password=PASSWORD, full_name=username, at=at)
    for username in ("zhao", "sun", "zhou", "wu"):
        protect(people.user(username=username).pk)
    owner, bank = _actor("zhao"), _actor("zheng")
    owned = {
        **_of_the_bank(bank, node),
        **_of_the_enterprise(owner, node),
        **_of_the_claimant(_actor("zhou"), node),
    }
    owned |= _asked_of_the_enterprise(owner, bank, node)
    owned["user"] = str(people.user(username="qian").pk)
    about = {"subject": EAST, "item": "PEN-01", "inquiries": []}
    told = DutyNotice(uuid=uuid4(), organisation="MARKET", kind="record.stopped", about=about, made_at=at)
    told.save()
    owned["duty_notice"] = str(told.uuid)
    owned["delivery"] = str(Batch.objects.filter(source="samr").order_by("id")[0].uuid)
    return Stage(
        owners=signed_in(bank="zheng", enterprise="zhao", claimant="zhou", department="li"),
        others=signed_in(bank="wang", enterprise="sun", claimant="wu", department="liu"),
        programs={"owner": _bank("BANK", owned), "other": _bank("RIVAL", {})},
        owned=owned,
    )


def _bank(code: str, owned: dict[str, str]) -> Bank:
    at = timezone.now()
    person = _actor("zheng" if code == "BANK" else "wang")
    made = programs.create(by=person, name="loan system", scopes=tuple(Scope), at=at)
    key = PrivateKey.generate(Algorithm.ED25519)
    put_key(person, client=made.client, key=key, at=at)
    waiting = PrivateKey.generate(Algorithm.ED25519).public.to_pem()
    owned["key"] = str(keys.register(by=person, client=made.client, material=waiting, at=at).uuid)
    owned["client"] = made.client
    bank = Bank(code=code, client=made.client, secret=made.secret, key=key, person=person)
    assert bank.fetch_token().status_code == 200
    return bank


def _of_the_bank(bank: Actor, node: ThisNode) -> dict[str, str]:
    at = timezone.now()
    authorisation = county.grant(county.terms(EAST, "BANK", at=at, items=("TAX-02", "PEN-01")), at=at)
    question = Question(
        subject=EAST,
        items=("TAX-02",),
        mode=Mode.AUTH,
        purpose="pre-loan",
        authorisation=authorisation,
        request_digest="ab" * 32,
    )
    line = batches.AskedLine(subject=EAST, authorisation=authorisation, items=("TAX-02",))
    asked = batches.AskedBatch(mode=Mode.AUTH, purpose="pre-loan", lines=(line,))
    handed_in = batches.hand_in(bank, asked, at=at)
    batches.run(handed_in, clock=timezone.now)
    return {
        "authorisation": str(authorisation),
        "inquiry": str(inquiring.inquire(bank, question, at).inquiry),
        "batch": str(handed_in),
        "notice": str(
            noticing.notify(institution="BANK", kind="authorisation.withdrawn", about={}, at=at).uuid
        ),
        "report": issuing.issue_for_institution(
            bank,
            subject=EAST,
            authorisation=authorisation,
            purpose="pre-loan",
            place=issuing.Place(node=node, verify_at="https://node.example/check/"),
            at=at,
        ),
    }


def _asked_of_the_enterprise(owner: Actor, bank: Actor, node: ThisNode) -> dict[str, str]:
    at = timezone.now()
    answered = requesting.ask(by=bank, subject=EAST, purpose="pre-loan", wish=WISH, node=node, at=at)
    offer = preparing.from_request(answered.uuid, by=owner, node=node, at=at)
    draft = preparing.prepare(offer, choice=CHOICE, by=owner, node=node, at=at)
    asked = Request.objects.get(uuid=answered.uuid)
    key = PrivateKey.generate(Algorithm.ED25519).public.to_pem()
    return {
        "request": str(asked.uuid),
        "draft": str(draft.uuid),
        "enterprise_key": str(registering.offer_key(name="k", pem=key, by=owner, at=at).uuid),
    }


def _of_the_enterprise(owner: Actor, node: ThisNode) -> dict[str, str]:
    at = timezone.now()
    seen = own_record.view(owner, at, on=timezone.localdate(at), items=("PEN-01",))
    first, second = [line.ref for block in seen.blocks for line in block.lines][:2]
    complaint = objecting.Complaint(item="PEN-01", record=first, ground=Ground.WRONG, text="not ours")
    objection = objecting.raise_objection(complaint=complaint, by=owner, node=node, at=at)
    handling.forward(objection, by=replace(COMMAND_LINE, user_id=0), at=at)
    application = repairing.Application(item="PEN-01", record=second, commitment="never again")
    repairing.apply_for(application=application, by=owner, node=node, at=at)
    question = appealing.Question(about=About.EVALUATION, reference="r", text="why")
    appealing.ask(question=question, by=owner, node=node, at=at)
    documents.attach(objection, content=BytesIO(PDF), filename="x.pdf", by=owner, node=node, at=at)
    admitting.invite(role=Role.ENTERPRISE_VIEWER, note="", by=owner, node=node, at=at)
    place = issuing.Place(node=node, verify_at="https://node.example/check/")
    return {
        "record": second,
        "objection": str(objection),
        "repair": str(Repair.objects.get().uuid),
        "appeal": str(Appeal.objects.get().uuid),
        "document": str(Document.objects.get().uuid),
        "invitation": str(Invitation.objects.get().uuid),
        "own_report": issuing.issue_own(owner, place=place, at=at),
    }


def _of_the_claimant(by: Actor, node: ThisNode) -> dict[str, str]:
    at = timezone.now()
    said = claiming.Draft(subject=NORTH, name="x", representative="y", capacity=Capacity.HANDLER)
    claim = claiming.draft(said, by=by, at=at)
    evidence.attach(claim, content=BytesIO(PDF), filename="x.pdf", by=by, node=node, at=at)
    return {"claim": str(Claim.objects.get().uuid), "evidence": str(Evidence.objects.get().uuid)}


def member(username: str, organisation: str, role: Role) -> None:
    """Make somebody a member of an organisation."""
    at = timezone.now()
    parties.create_user(by=COMMAND_LINE, username=username, password=PASSWORD, full_name=username, at=at)
    parties.add_membership(by=COMMAND_LINE, username=username, organisation=organisation, role=role, at=at)


def _actor(username: str) -> Actor:
    return people.actor(people.user(username=username))


def signed_in(**usernames: str) -> dict[str, Client]:
    """Return a browser for each side in which its person is signed in."""
    found = {}
    for side, username in usernames.items():
        found[side] = Client(headers={"Accept-Language": "en"})
        found[side].raise_request_exception = False
        found[side].force_login(User.objects.get(username=username))
    return found
