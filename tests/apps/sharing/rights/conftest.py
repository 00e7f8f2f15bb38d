"""An enterprise with a penalty that a bank has seen, a department that delivered it, and operators who decide."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit import queries as news
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Actor, OrganisationKind, Role
from creditmesh.apps.ground.records.operations import advancing, receiving
from creditmesh.apps.ground.records.rules import Delivery
from creditmesh.apps.members.institutions.operations import admitting
from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.disclosure.operations import own_record
from creditmesh.apps.sharing.disclosure.operations.own_record import OwnLine
from creditmesh.apps.sharing.disclosure.rules.questions import Outcome
from creditmesh.catalogue.model import Mode
from creditmesh.web import wiring

ITEM, SOURCE = "PEN-01", "qinghe-samr"
SUBJECT, OTHER = "91350100M000100Y43", "91110000101623741K"
RECEIVED = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)  # a Monday morning; holidays from Thursday on

HEADER = "企业名称,统一社会信用代码,行政处罚决定书文号,违法事实,处罚类别,罚款金额,处罚决定日期,处罚机关"


class Clock:
    """The time of a story, put forward by hand."""

    def __init__(self) -> None:
        self.now = RECEIVED - timedelta(days=3)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def on(self, month: int, day: int) -> datetime:
        """Go to ten o'clock of a day of the year of the story."""
        self.now = datetime(2026, month, day, 2, 0, tzinfo=UTC)
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("creditmesh.apps.sharing.rights.jobs._now", made)
    monkeypatch.setattr("creditmesh.apps.ground.records.jobs._clock", made)
    return made


@pytest.fixture
def owner() -> Actor:
    return _of(1, "赵企业", SUBJECT, Role.ENTERPRISE_OWNER, subject=SUBJECT)


@pytest.fixture
def stranger() -> Actor:
    """Somebody of another enterprise."""
    return _of(2, "钱企业", OTHER, Role.ENTERPRISE_OWNER, subject=OTHER)


@pytest.fixture
def operator() -> Actor:
    return _of(3, "周运营", "OPERATOR", Role.OPERATOR)


@pytest.fixture
def colleague() -> Actor:
    return _of(4, "吴运营", "OPERATOR", Role.OPERATOR)


@pytest.fixture
def officer() -> Actor:
    return _of(5, "李数据", "MARKET", Role.DATA_OFFICER, sources=frozenset({SOURCE}))


def _of(
    user: int,
    label: str,
    organisation: str,
    role: Role,
    *,
    subject: str = "",
    sources: frozenset[str] = frozenset(),
) -> Actor:
    return Actor(
        user_id=user,
        label=label,
        organisation=organisation,
        roles=frozenset({role}),
        subject=subject,
        sources=sources,
    )


Deliver = Callable[..., None]


@pytest.fixture
def deliver(node: ThisNode, officer: Actor, clock: Clock, db: None) -> Deliver:
    """Deliver penalties as CSV rows and take them all the way in."""

    def doing(*rows: str, item: str = ITEM, header: str = HEADER) -> None:
        received = receiving.receive(
            delivery=Delivery(item=item, source=SOURCE, filename="p.csv", idempotency_key=str(hash(rows))),
            content=BytesIO("\n".join([header, *rows]).encode()),
            by=officer,
            node=node,
            at=clock(),
        )
        line = advancing.advance(batch=received.uuid, node=node, clock=clock)
        assert line.accepted == len(rows), line

    return doing


def a_penalty(number: int = 1, *, subject: str = SUBJECT, kind: str = "罚款", on: str = "2026-05-06") -> str:
    """A row of a penalty."""
    return f"青禾县东兴食品加工有限公司,{subject},青市监罚〔2026〕{number}号,虚假宣传,{kind},2,{on},青禾县市场监督管理局"


@pytest.fixture
def penalty(deliver: Deliver) -> None:
    deliver(a_penalty(1), a_penalty(2, subject=OTHER))


def lines(by: Actor, at: datetime) -> list[OwnLine]:
    """The penalties an enterprise sees on its own page."""
    seen = own_record.view(by, at, on=timezone.localdate(at), items=(ITEM,))
    return [line for block in seen.blocks for line in block.lines]


def settle(at: datetime) -> list[str]:
    """Do all work that waiting news wakes, as the worker does, and return the news."""
    passed = []
    while waiting := news.unhandled_events():
        for event in waiting:
            passed.append(event.name)
            for task in wiring.EVENTS[event.name]:
                task.call(event.key)
        audit.mark_handled(events=[one.id for one in waiting], at=at)
    return passed


@pytest.fixture
def bank(db: None) -> Actor:
    """A bank that received the first penalty of the enterprise in an answer."""
    new = parties.NewOrganisation(
        code="BANK", name="青禾农村商业银行", kind=OrganisationKind.BANK, region="990121"
    )
    parties.create_organisation(by=COMMAND_LINE, new=new, at=RECEIVED)
    admitting.admit(by=COMMAND_LINE, organisation="BANK", at=RECEIVED)
    return _of(9, "郑信贷", "BANK", Role.BANK_STAFF)


def received(institution: str, line: OwnLine, at: datetime, *, item: str = ITEM) -> None:
    """Note that an institution received a record of the enterprise."""
    Inquiry.objects.create(
        uuid=uuid4(),
        at=at,
        institution=institution,
        person="郑信贷",
        subject=SUBJECT,
        mode=Mode.OPEN,
        items=item,
        records=line.ref,
        outcome=Outcome.ANSWERED,
    )
