"""Records laid straight into the inquiry index, and authorisations signed by the node: fast stages for the door."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties import queries as people
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Actor, OrganisationKind, Role, SubjectRow
from creditmesh.apps.ground.records.models import Batch, IndexPage, IndexPart
from creditmesh.apps.ground.records.rules import page_id
from creditmesh.apps.sharing.authorisations.letters import document
from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.authorisations.queries import PLATFORM
from creditmesh.apps.sharing.authorisations.rules import Authoriser, Grantee, Handler, State, Terms
from creditmesh.catalogue.model import Mode
from creditmesh.exchange.canonical import sha256
from creditmesh.exchange.jws import sign_detached

EAST = "91990121MA00000002"  # 东兴
NORTH = "91990121MA00000010"  # 北坡
NOWHERE = "91990121MA00000099"  # held by nobody
_CODEC = pa.Codec("lz4_raw")


def hold(
    item: str, rows: Sequence[tuple[str, str, date | None, Mapping[str, Any]]], *, source: str = "sta"
) -> None:
    """Lay rows (subject, key, event date, values) of an item into the index, as a landed batch leaves them."""
    fields = [one.name for one in this_node().catalogue.items[item].fields]
    at = datetime.now(UTC)
    seq = (Batch.objects.filter(item=item).count() or 0) + 1
    batch = Batch.objects.create(
        uuid=uuid4(),
        item=item,
        source=source,
        list_version="test",
        filename="test.csv",
        size=1,
        sha256=sha256(f"{item}{seq}".encode()),
        idempotency_key=f"{item}-{seq}",
        state="landed",
        seq=seq,
        delivered_by="test",
        received_at=at,
        finished_at=at,
    )
    lines = [
        [subject, key, seq, day and day.isoformat(), *(values.get(name) for name in fields)]
        for subject, key, day, values in rows
    ]
    text = b"".join(
        json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for one in lines
    )
    part = IndexPart.objects.create(
        item=item,
        source=source,
        batch=batch,
        seq=seq,
        fields=" ".join(fields),
        rows=len(rows),
        bits=0,
        live=True,
        written_at=at,
    )
    body = bytes(_CODEC.compress(text, asbytes=True))
    IndexPage.objects.create(id=page_id(part=part.id, page=0), size=len(text), body=body)


def tax_paid(
    subject: str, *, months: int = 6, paid: int = 1_234_567_00, until: date | None = None
) -> list[tuple[str, str, date | None, dict[str, Any]]]:
    """Return so many months of value-added tax, the last one just ended."""
    last = (until or datetime.now(UTC).date()).replace(day=1)
    rows = []
    for _ in range(months):
        end = last - timedelta(days=1)
        start = end.replace(day=1)
        values = {
            "uscc": subject,
            "name": "青禾县东兴食品加工有限公司",
            "tax_type": "value_added",
            "period_start": start.isoformat(),
            "period_end": end.isoformat(),
            "paid": paid,
            "payable": paid,
            "paid_on": end.isoformat(),
        }
        key = json.dumps([subject, "value_added", start.isoformat(), end.isoformat()])
        rows.append((subject, key, end, values))
        last = start
    return rows


def terms(subject: str, institution: str, *, at: datetime, **changes: Any) -> Terms:
    """Return the terms of an authorisation that covers the usual questions; `changes` replace parts of them."""
    today = at.date()
    usual: dict[str, Any] = {
        "uuid": uuid4(),
        "node": "test",
        "purpose": "pre-loan",
        "purpose_version": "2026.1",
        "authoriser": Authoriser(code=subject, name="青禾县东兴食品加工有限公司"),
        "handler": Handler(name="赵东兴", capacity="enterprise_owner", account="zhao"),
        "grantee": Grantee(code=institution, name="银行"),
        "items": ("TAX-01", "TAX-02", "SOC-01", "PER-01"),
        "modes": (Mode.AUTH, Mode.VERIFY),
        "data_from": today - timedelta(days=730),
        "valid_from": today - timedelta(days=1),
        "valid_to": today + timedelta(days=30),
        "time_zone": "Asia/Shanghai",
        "max_queries": 1000,
        "per_day": 1000,
        "retention_after_end_months": 6,
        "conspicuous_clause_confirmed": True,
    }
    return Terms(**{**usual, **changes})


def grant(signed: Terms, *, at: datetime, state: State = State.ACTIVE) -> UUID:
    """Keep an authorisation as the enterprise's signature leaves it, and return its identity."""
    body = document.body(signed)
    signer = this_node().signer
    Authorisation.objects.create(
        uuid=signed.uuid,
        **document.columns(signed),
        body=body,
        digest=sha256(body),
        notice="",
        jws=sign_detached(body, key=signer.key, kid=signer.key_id),
        method=PLATFORM,
        algorithm="Ed25519",
        kid=signer.key_id,
        verified_with=json.dumps(signer.key.public.jwk()),
        state=state.value,
        prepared_at=at,
        signed_at=at,
    )
    return signed.uuid


@dataclass(frozen=True)
class Town:
    """Who may ask, and whom."""

    at: datetime
    bank: Actor
    rival: Actor  # of another bank
    officer: Actor  # of a department
    owner: Actor  # of EAST

    def program(self) -> Actor:
        """The bank's program."""
        return replace(self.bank, user_id=None, label="loan system", client="client-1")

    def granted(self, **changes: Any) -> UUID:
        """An authorisation of EAST for the bank."""
        stated = terms(
            changes.pop("subject", EAST), changes.pop("institution", "BANK"), at=self.at, **changes
        )
        return grant(stated, at=self.at)


def build(at: datetime) -> Town:
    """Fill the database with two banks, a department, two enterprises and what is held on them."""
    from creditmesh.apps.members.institutions.operations import admitting
    from creditmesh.apps.members.institutions.rules.standing import Limits

    parties.register_subjects(
        rows=[
            SubjectRow(key=EAST, name="青禾县东兴食品加工有限公司", region="990121"),
            SubjectRow(key=NORTH, name="青禾县北坡养殖专业合作社", region="990121"),
        ]
    )
    kinds = OrganisationKind
    for code, name, kind in (
        ("BANK", "青禾农村商业银行（虚构）", kinds.BANK),
        ("RIVAL", "青禾城市商业银行（虚构）", kinds.BANK),
        ("TAXOFFICE", "青禾县税务局（虚构）", kinds.DEPARTMENT),
        (EAST, "青禾县东兴食品加工有限公司", kinds.ENTERPRISE),
    ):
        new = parties.NewOrganisation(code=code, name=name, kind=kind, region="990121")
        parties.create_organisation(by=COMMAND_LINE, new=new, at=at)
    roomy = Limits(requests_per_minute=100_000, inquiries_per_day=100_000, raw_per_day=100_000)
    for code in ("BANK", "RIVAL"):
        admitting.admit(by=COMMAND_LINE, organisation=code, limits=roomy, at=at)
    return Town(
        at=at,
        bank=_person("zheng", "BANK", Role.BANK_STAFF, at),
        rival=_person("wang", "RIVAL", Role.BANK_STAFF, at),
        officer=_person("liu", "TAXOFFICE", Role.DATA_OFFICER, at),
        owner=_person("zhao", EAST, Role.ENTERPRISE_OWNER, at),
    )


def _person(username: str, organisation: str, role: Role, at: datetime) -> Actor:
    made = parties.create_user(
        by=COMMAND_LINE, username=username, password="quiet-river-under-stone-bridges", at=at
    )
    parties.add_membership(by=COMMAND_LINE, username=username, organisation=organisation, role=role, at=at)
    return people.actor(made)
