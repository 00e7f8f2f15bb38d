"""A small ledger with everything in it: group commits, single entries, heads, a stamp, expired bodies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from tests.exchange.authority import Authority as Notary

from creditmesh.apps.ground.audit.committing import GroupCommit, Settled
from creditmesh.apps.ground.audit.evidence import expiring, findings, signing, stamping, verifying
from creditmesh.apps.ground.audit.models import Entry, Head
from creditmesh.apps.ground.audit.operations import append
from creditmesh.apps.ground.audit.rules import COMMAND_LINE, Draft, Thing, Who
from creditmesh.exchange.keys import Algorithm, PrivateKey, PublicKey

ASKS = Who(label="Zhang Wei [c-7]", user_id=7, organisation="XNB", role="bank_staff", request="r-1")
SUBJECT = "91990121MA1ABCDE0X"
TEN_YEARS = expiring.Retention(
    value=10, unit="year", jurisdiction="CN", status="default", source="creditmesh", version="cn@1"
)


@dataclass
class Ledger:
    """A ledger under test, with the key that signs for it."""

    at: datetime
    key: PrivateKey = field(default_factory=lambda: PrivateKey.generate(Algorithm.ED25519))
    authority: Notary = field(default_factory=Notary)
    log: str = "018f3a5b-0000-4000-8000-000000000000"

    @property
    def pen(self) -> signing.Pen:
        return signing.Pen(log=self.log, key=self.key, key_id=self.key.public.thumbprint())

    def resolve(self, key_id: str) -> PublicKey | None:
        return self.key.public if key_id == self.pen.key_id else None

    def draft(self, number: int, **changed: Any) -> Draft:
        stated: dict[str, Any] = {
            "who": ASKS,
            "act": "inquiry.answer",
            "thing": Thing("inquiry", str(number)),
            "at": self.at + timedelta(seconds=number),
            "details": {"answer": "ab" * 32, "purpose": "pre-loan"},
            "subject": SUBJECT,
            **changed,
        }
        return Draft(**stated)

    def ask(self, count: int = 1, **changed: Any) -> list[str]:
        """Write entries by group commit and return their names."""

        def settle(intents: Any) -> list[Settled]:
            return [Settled(self.draft(one, **changed)) for one in intents]

        return [one.entry for one in GroupCommit(settle).submit_all(range(count))]

    def write(self, **changed: Any) -> Entry:
        """Write one entry in the caller's transaction."""
        stated = {"who": COMMAND_LINE, "act": "batch.receive", "thing": Thing("batch", "17"), "at": self.at}
        return append(**{**stated, **changed})

    def sign(self, **later: float) -> Head:
        self.at += timedelta(**later)
        return signing.sign_head(pen=self.pen, at=self.at)

    def stamp(self, ask: Callable[[str, bytes], bytes] | None = None) -> Any:
        authority = stamping.Authority("http://stamps.example", (self.authority.root_pem,))
        answer = ask or (lambda _url, question: self.authority.answer(question, at=self.at))
        return stamping.stamp_latest(authority=authority, at=self.at, ask=answer)

    def expire(self, years: int = 11) -> int:
        self.at += timedelta(days=366 * years)
        return expiring.expire(retention=TEN_YEARS, by=COMMAND_LINE, at=self.at)

    def verify(self, **more: Any) -> findings.Findings:
        return verifying.verify(resolve=self.resolve, **more)

    def kinds(self, **more: Any) -> set[findings.Kind]:
        return {one.kind for one in self.verify(**more).problems}


@pytest.fixture
def ledger(db: None, noon: datetime) -> Ledger:
    """An empty ledger."""
    return Ledger(at=noon)


@pytest.fixture
def full_ledger(ledger: Ledger) -> Ledger:
    """A ledger with something in every table."""
    ledger.ask(1, why="检查")
    ledger.sign(minutes=1)
    ledger.stamp()
    assert ledger.expire() == 1
    ledger.ask(1)
    ledger.sign(minutes=1)
    return ledger


@contextmanager
def unguarded() -> Iterator[None]:
    """Take the triggers away, as someone does who has the database to himself."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = DEFAULT")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name LIKE 'audit_%'")
        guards = cursor.fetchall()
        for name, _ in guards:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, statement in guards:
            cursor.execute(statement)
