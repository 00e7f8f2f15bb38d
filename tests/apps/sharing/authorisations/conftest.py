"""A bank, an enterprise whose owner has an authenticator app, and a request between them."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties import queries as people
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Actor, OrganisationKind, Role, SubjectRow
from creditmesh.apps.members.institutions.operations import admitting
from creditmesh.apps.sharing.authorisations.letters.drafting import Choice, Wish
from creditmesh.apps.sharing.authorisations.models import Authorisation, Request
from creditmesh.apps.sharing.authorisations.operations import preparing, requesting, signing
from creditmesh.apps.sharing.authorisations.rules import Ask
from creditmesh.catalogue.model import Mode
from creditmesh.kernel.periods import add_months

SUBJECT = "91990121MA00000002"
OTHER = "91990121MA00000010"
WISH = Wish(
    items=("TAX-02", "SOC-01", "UTL-02"),
    modes=(Mode.AUTH, Mode.VERIFY),
    data_months=24,
    life_days=60,
    max_queries=10,
    per_day=3,
    retention_months=3,
    reference="LN-2026-0001",
)
CHOICE = Choice(
    items=WISH.items, data_months=24, life_days=60, max_queries=10, per_day=3, clause_confirmed=True
)


@dataclass
class Stage:
    """Who plays, and the moves of the play in one word each."""

    node: ThisNode
    owner: Actor
    clerk: Actor  # enterprise_user: prepares and withdraws, does not sign
    bank: Actor
    stranger: Actor  # owner of another enterprise
    secret: str
    now: datetime
    _counter: int = 0

    def code(self) -> str:
        """A code of the owner's authenticator app: the present step, or the next one of the few allowed."""
        step = int(self.now.timestamp()) // 30 - 1 + self._counter
        self._counter += 1
        return format_hotp_value(hotp_value(self.secret, step))

    def asked(self, *, purpose: str = "pre-loan", wish: Wish = WISH, subject: str = SUBJECT) -> Request:
        """A request of the bank."""
        return requesting.ask(
            by=self.bank, subject=subject, purpose=purpose, wish=wish, node=self.node, at=self.now
        )

    def draft(
        self, *, choice: Choice = CHOICE, purpose: str = "pre-loan", wish: Wish = WISH
    ) -> Authorisation:
        """A draft of the enterprise that answers a request."""
        offer = preparing.from_request(
            self.asked(purpose=purpose, wish=wish).uuid, by=self.owner, node=self.node, at=self.now
        )
        return preparing.prepare(offer, choice=choice, by=self.owner, node=self.node, at=self.now)

    def sign(self, draft: Authorisation) -> Authorisation:
        """The draft, signed with the node's key after the second factor."""
        return signing.sign_here(
            draft.uuid, code=self.code(), by=self.owner, node=self.node, at=self.now, place=signing.Place()
        )

    def signed(self, **stated: object) -> Authorisation:
        """A signed authorisation."""
        return self.sign(self.draft(**stated))  # type: ignore[arg-type]

    def ask(self, **stated: object) -> Ask:
        """An inquiry the signed authorisation covers, unless something else is stated."""
        usual: dict[str, object] = {
            "subject": SUBJECT,
            "institution": self.bank.organisation,
            "items": ("TAX-02",),
            "mode": Mode.AUTH,
            "purpose": "pre-loan",
            "data_from": add_months(self.now.date(), -12),
        }
        return Ask(**{**usual, **stated})  # type: ignore[arg-type]


@pytest.fixture
def stage(db: None, node: ThisNode) -> Stage:
    """Everybody in place, on the day of the test: codes of authenticator apps follow the clock."""
    return build_stage(node)


def build_stage(node: ThisNode) -> Stage:
    """Fill the database with the bank, two enterprises and their people."""
    now = datetime.now(UTC)
    parties.register_subjects(
        rows=[
            SubjectRow(key=SUBJECT, name="青禾县东兴食品加工有限公司", region="990121"),
            SubjectRow(key=OTHER, name="青禾县北坡养殖专业合作社", region="990121"),
        ]
    )
    for code, name, kind in (
        ("BANK", "青禾农村商业银行（虚构）", OrganisationKind.BANK),
        (SUBJECT, "青禾县东兴食品加工有限公司", OrganisationKind.ENTERPRISE),
        (OTHER, "青禾县北坡养殖专业合作社", OrganisationKind.ENTERPRISE),
    ):
        new = parties.NewOrganisation(code=code, name=name, kind=kind, region="990121")
        parties.create_organisation(by=COMMAND_LINE, new=new, at=now)
    admitting.admit(by=COMMAND_LINE, organisation="BANK", at=now)
    owner = _person("zhao", "赵东兴", SUBJECT, Role.ENTERPRISE_OWNER, now)
    secret = generate_totp_secret()
    TOTP.activate(people.user(username="zhao"), secret)
    return Stage(
        node=node,
        owner=owner,
        clerk=_person("qian", "钱会计", SUBJECT, Role.ENTERPRISE_USER, now),
        bank=_person("zheng", "郑信贷", "BANK", Role.BANK_STAFF, now),
        stranger=_person("sun", "孙北坡", OTHER, Role.ENTERPRISE_OWNER, now),
        secret=secret,
        now=now,
    )


def _person(username: str, name: str, organisation: str, role: Role, at: datetime) -> Actor:
    made = parties.create_user(
        by=COMMAND_LINE,
        username=username,
        password="quiet-river-under-stone-bridges",
        full_name=name,
        at=at,
    )
    parties.add_membership(by=COMMAND_LINE, username=username, organisation=organisation, role=role, at=at)
    return people.actor(made)
