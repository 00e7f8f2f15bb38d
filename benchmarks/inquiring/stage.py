"""A node with many enterprises, six items held on each, a bank, and authorisations of some of them."""

import json
import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pyarrow as pa

ITEMS = ("TAX-02", "SOC-01", "HPF-01", "UTL-02", "TAX-01", "ENT-05")
MONEY = ("taxable", "payable", "paid", "base", "revenue", "assets", "liabilities", "net_profit", "amount")
PURPOSE = "pre-loan"


@dataclass(frozen=True)
class Stage:
    """What the load generator needs to know."""

    token: str
    key: str  # PEM
    pairs: list[tuple[str, str]]  # enterprise, authorisation


def code(number: int) -> str:
    from creditmesh.kernel import uscc

    body = f"91990121MA{number:07d}"
    return body + uscc.check_character(body)


def build(home: Path, *, rows: int, authorised: int) -> Stage:
    """Fill the database and return what is needed to ask."""
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.records.operations import reindexing

    at = datetime.now(UTC)
    for item in ITEMS:
        _hold(item, rows, at)
    reindexing.tidy(node=this_node(), clock=lambda: at)  # as the job does after landing
    stage = _bank(home, at)
    chosen = random.Random(5).sample(range(rows), authorised)  # noqa: S311
    pairs = [(code(one), str(uuid)) for one, uuid in zip(chosen, _authorisations(chosen, at), strict=True)]
    print(f"{rows:,} enterprises, {len(ITEMS)} items on {this_node().name}", flush=True)
    return Stage(token=stage.token, key=stage.key, pairs=pairs)


def _hold(item: str, rows: int, at: datetime) -> None:
    from django.db import transaction

    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.records.models import Batch
    from creditmesh.apps.ground.records.operations import indexing

    batch = Batch.objects.create(
        uuid=uuid4(), item=item, source="bench", list_version="bench", filename="bench", size=1, sha256="0" * 64,
        idempotency_key=item, state="landed", seq=1, delivered_by="bench", received_at=at, finished_at=at,
    )  # fmt: skip
    definition = this_node().catalogue.items[item]
    names = [one.name for one in definition.fields]
    place = indexing.Home(item=definition, batch=batch, source="bench", at=at)
    written = indexing.write(home=place, rows=_batches(item, names, rows, at.date()))
    with transaction.atomic():
        indexing.show(written=written)


def _batches(item: str, names: list[str], rows: int, today: date) -> Iterator[pa.RecordBatch]:
    day = (today.replace(day=1) - timedelta(days=1)).isoformat()
    dice = random.Random(item)  # noqa: S311
    for start in range(0, rows, 50_000):
        numbers = range(start, min(start + 50_000, rows))
        codes = [code(one) for one in numbers]
        count = len(codes)
        columns: dict[str, pa.Array] = {
            "_subject": pa.array(codes),
            "_key": pa.array([f"{one}|{item}|{day}" for one in codes]),
            "_seq": pa.array([1] * count, pa.int64()),
            "_event_date": pa.array([day] * count),
        }
        for name in names:
            columns[name] = _column(name, codes, day, dice)
        yield pa.RecordBatch.from_pydict(columns)


def _column(name: str, codes: list[str], day: str, dice: random.Random) -> pa.Array:
    if name in MONEY or name in ("insured", "employees", "persons", "quantity"):
        return pa.array([dice.randrange(10_000, 5_000_000_00) for _ in codes], pa.int64())
    if name == "uscc":
        return pa.array(codes)
    if name == "name":
        return pa.array([f"青禾县第{number[10:17]}食品加工有限公司" for number in codes])
    usual = {
        "grade": "B",
        "tax_type": "value_added",
        "insurance": "pension",
        "account_number": "9901000000012345",
    }
    if name in usual:
        return pa.array([usual[name]] * len(codes))
    if name.endswith(("_on", "_end", "_start", "_until")):
        return pa.array([day] * len(codes))
    return pa.array([None] * len(codes), pa.string())


def _bank(home: Path, at: datetime) -> Stage:
    import base64

    from oauth2_provider.models import AccessToken, Application

    from creditmesh.apps.ground.parties import operations as parties
    from creditmesh.apps.ground.parties import queries as people
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE, OrganisationKind, Role
    from creditmesh.apps.members.institutions.operations import admitting, keys, programs
    from creditmesh.apps.members.institutions.rules.scopes import Scope
    from creditmesh.apps.members.institutions.rules.standing import Limits
    from creditmesh.exchange.keys import Algorithm, PrivateKey

    new = parties.NewOrganisation(code="BANK", name="银行", kind=OrganisationKind.BANK)
    parties.create_organisation(by=COMMAND_LINE, new=new, at=at)
    most = 1_000_000
    limits = Limits(requests_per_minute=most, inquiries_per_day=most, raw_per_day=most)
    admitting.admit(by=COMMAND_LINE, organisation="BANK", limits=limits, at=at)
    made = parties.create_user(by=COMMAND_LINE, username="clerk", password=secrets.token_urlsafe(), at=at)
    parties.add_membership(
        by=COMMAND_LINE, username="clerk", organisation="BANK", role=Role.BANK_STAFF, at=at
    )
    clerk = people.actor(made)
    program = programs.create(by=clerk, name="loan system", scopes=tuple(Scope), at=at)
    key = PrivateKey.generate(Algorithm.ED25519)
    line = keys.register(by=clerk, client=program.client, material=key.public.to_pem(), at=at)
    signature = base64.b64encode(key.sign(line.challenge.encode())).decode()
    keys.prove(by=clerk, key=line.uuid, signature=signature, at=at)
    token = secrets.token_urlsafe(32)
    AccessToken.objects.create(
        application=Application.objects.get(client_id=program.client),
        token=token,
        expires=at + timedelta(days=1),
        scope=" ".join(Scope),
    )
    (home / "bench-key.json").write_text(json.dumps(key.public.jwk()))
    return Stage(token=token, key=key.to_pem(), pairs=[])


def _authorisations(numbers: list[int], at: datetime) -> list[UUID]:
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.sharing.authorisations.letters import document
    from creditmesh.apps.sharing.authorisations.models import Authorisation
    from creditmesh.apps.sharing.authorisations.queries import PLATFORM
    from creditmesh.apps.sharing.authorisations.rules import Authoriser, Grantee, Handler, State, Terms
    from creditmesh.catalogue.model import Mode
    from creditmesh.exchange.canonical import sha256
    from creditmesh.exchange.jws import sign_detached

    signer = this_node().signer
    made = []
    for number in numbers:
        terms = Terms(
            uuid=uuid4(), node="bench", purpose=PURPOSE, purpose_version="2026.1",
            authoriser=Authoriser(code=code(number), name="企业"),
            handler=Handler(name="赵", capacity="enterprise_owner", account="zhao"),
            grantee=Grantee(code="BANK", name="银行"), items=ITEMS, modes=(Mode.AUTH, Mode.VERIFY),
            data_from=at.date() - timedelta(days=730), valid_from=at.date() - timedelta(days=1),
            valid_to=at.date() + timedelta(days=60), time_zone="Asia/Shanghai", max_queries=100_000,
            per_day=100_000, retention_after_end_months=6, conspicuous_clause_confirmed=True,
        )  # fmt: skip
        body = document.body(terms)
        made.append(
            Authorisation(
                uuid=terms.uuid, **document.columns(terms), body=body, digest=sha256(body), notice="",
                jws=sign_detached(body, key=signer.key, kid=signer.key_id), method=PLATFORM, algorithm="Ed25519",
                kid=signer.key_id, verified_with=json.dumps(signer.key.public.jwk()), state=State.ACTIVE.value,
                prepared_at=at, signed_at=at,
            )
        )  # fmt: skip
    Authorisation.objects.bulk_create(made, batch_size=500)
    return [one.uuid for one in made]
