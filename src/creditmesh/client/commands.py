"""The commands of `python -m creditmesh.client`, one function each: what was typed in, what to print out."""

import argparse
import csv
import json
import os
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from creditmesh.client.answers import Answer
from creditmesh.client.calling import Client
from creditmesh.client.decoding import plain
from creditmesh.client.questions import (
    BatchLine,
    Claim,
    ListOfQuestions,
    Question,
    RawQuestion,
    ReportQuestion,
    Verification,
    Wish,
)
from creditmesh.exchange.keys import Algorithm, PrivateKey

PAUSE = 2.0  # seconds between two looks at a list under way
USUAL = {"data_months": 12, "life_days": 30, "max_queries": 10, "per_day": 5}
"""What an authorisation is asked for with, where nothing else is said."""


def make_key(given: argparse.Namespace) -> object:
    """Make a pair of keys in the folder; never overwrite one."""
    folder = Path(given.folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = PrivateKey.generate(Algorithm(given.algorithm))
    _keep(folder / "key.pem", key)
    (folder / "public.pem").write_text(key.public.to_pem(), "ascii")
    return {
        "private": str(folder / "key.pem"),
        "public": str(folder / "public.pem"),
        "kid": key.public.thumbprint(),
    }


def change_key(given: argparse.Namespace) -> object:
    """Make a new key, bring it into force, use it from now on, and end the one used before.

    Interrupted, it goes on with the same new key when it is called again.
    """
    folder = Path(given.folder)
    fresh = folder / "next-key.pem"
    if not fresh.exists():
        _keep(fresh, PrivateKey.generate(Algorithm(given.algorithm)))
    new = PrivateKey.from_pem(fresh.read_text("ascii"))
    client = _client(given)
    before, keyid = client.session.key.public.thumbprint(), new.public.thumbprint()
    if keyid not in {one.keyid for one in client.signing_keys() if one.state == "active"}:
        client.register_key(new)
    fresh.replace(folder / "key.pem")
    (folder / "public.pem").write_text(new.public.to_pem(), "ascii")
    client = _client(given)
    for one in client.signing_keys():
        if one.keyid == before and one.state == "active":
            client.revoke_key(one.uuid)
    return {"kid": keyid, "ended": before}


def pin(given: argparse.Namespace) -> object:
    """Keep the node's keys in the folder: from then on no others are believed."""
    keys = _client(given).session.node_keys()
    (Path(given.folder) / "node-keys.json").write_text(json.dumps({"keys": keys}, indent=1), "utf-8")
    return {"kept": [one["kid"] for one in keys]}


def token(given: argparse.Namespace) -> object:
    """Get a token and say who one is with it."""
    client = _client(given)
    client.session.token()
    return {"token": "given", "institution": plain(client.institution())}


def purposes(given: argparse.Namespace) -> object:
    """List what an authorisation can be asked for, with the bounds of each."""
    return plain(_client(given).purposes())


def authorise(given: argparse.Namespace) -> object:
    """Ask an enterprise for an authorisation; raw detail is asked for by naming the mode RAW."""
    client = _client(given)
    bounds = next((one.bounds for one in client.purposes() if one.code == given.purpose), {})

    def much(name: str) -> int:
        stated: int | None = getattr(given, name)
        return min(USUAL[name], int(bounds.get(name, USUAL[name]))) if stated is None else stated

    wish = Wish(
        subject=given.subject,
        purpose=given.purpose,
        items=given.items,
        modes=given.modes,
        raw_detail="RAW" in given.modes,
        data_months=much("data_months"),
        life_days=much("life_days"),
        max_queries=much("max_queries"),
        per_day=much("per_day"),
        reference=given.reference,
    )
    return plain(client.request_authorisation(wish))


def request(given: argparse.Namespace) -> object:
    """Show a request for an authorisation: once the enterprise has signed, it names the authorisation."""
    return plain(_client(given).authorisation_request(_number(given.request)))


def inquire(given: argparse.Namespace) -> object:
    """Ask about an enterprise and print the answer, checked."""
    return plain(_inquiry(_client(given), given))


def _inquiry(client: Client, given: argparse.Namespace) -> Answer:
    number = _number(given.authorisation) if given.authorisation else None
    if given.mode == "RAW":
        if number is None:
            raise ValueError("Raw detail needs --authorisation and --purpose.")
        return client.raw(
            RawQuestion(subject=given.subject, items=given.items, purpose=given.purpose, authorisation=number)
        )
    question = Question(
        subject=given.subject,
        items=given.items,
        mode=given.mode,
        purpose=given.purpose,
        authorisation=number,
    )
    return client.inquire(question)


def verify(given: argparse.Namespace) -> object:
    """Have claims such as TAX-02.paid=1000000 compared, and print the answer, checked."""
    verification = Verification(
        subject=given.subject,
        claims=[claim(one, total=given.total) for one in given.claims],
        purpose=given.purpose,
        authorisation=_number(given.authorisation),
    )
    return plain(_client(given).verify(verification))


def report(given: argparse.Namespace) -> object:
    """Have a credit report issued on an authorisation and print it, checked; it counts as one use."""
    number = _number(given.authorisation)
    return plain(
        _client(given).issue_report(
            ReportQuestion(subject=given.subject, authorisation=number, purpose=given.purpose)
        )
    )


def claim(text: str, *, total: bool = False) -> Claim:
    """Return the claim that ITEM.FIELD=VALUE states; a number, true or false is taken as such. Raises ValueError."""
    name, equals, value = text.partition("=")
    item, dot, field = name.partition(".")
    if not (equals and dot and item and field):
        raise ValueError(f"“{text}” is no claim: write ITEM.FIELD=VALUE, such as TAX-02.paid=1000000.")
    return Claim(item=item, field=field, value=_value(value), total=total)


def _value(text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, bool | int | dict) else text


def batch(given: argparse.Namespace) -> object:
    """Hand in a list of inquiries, wait until it is done, and print every line with its answer or refusal.

    The file is CSV with the columns subject, authorisation, items (codes with spaces between).
    """
    with Path(given.file).open(encoding="utf-8-sig", newline="") as rows:
        lines = [_line(one) for one in csv.DictReader(rows)]
    client = _client(given)
    state = client.batch(ListOfQuestions(purpose=given.purpose, lines=lines, mode=given.mode))
    while state.state != "done":
        time.sleep(PAUSE)
        state = client.batch_state(state.uuid)
    return {**plain(state), "lines": [plain(one) for one in client.batch_results(state.uuid)]}


def _line(row: dict[str, str | None]) -> BatchLine:
    try:
        return BatchLine(
            subject=row["subject"] or "",
            authorisation=_number(row["authorisation"] or ""),
            items=(row["items"] or "").split(),
        )
    except KeyError as missing:
        raise ValueError(
            f"The list lacks the column {missing}: it has subject, authorisation, items."
        ) from None


def inquiries(given: argparse.Namespace) -> object:
    """List one's inquiries, newest first."""
    return plain(_client(given).inquiries(subject=given.subject))


def proof(given: argparse.Namespace) -> object:
    """Print the proof file of an inquiry, checked."""
    return _client(given).proof(_number(given.inquiry))


def outcome(given: argparse.Namespace) -> object:
    """Declare what followed an inquiry."""
    client = _client(given)
    return plain(client.declare_outcome(_number(given.inquiry), kind=given.kind, reference=given.reference))


def notices(given: argparse.Namespace) -> object:
    """List news for the institution, newest first; acknowledge what is listed, if told so."""
    client = _client(given)
    page = client.notices(unread=given.unread)
    if given.acknowledge:
        for one in page.notices:
            if one.acknowledged_at is None:
                client.acknowledge(one.uuid)
    return plain(page)


def only(found: Any, name: str) -> str:
    """Return one member of an answer as bare text, for use in a shell. Raises ValueError when it is not there."""
    value = found.get(name) if isinstance(found, dict) else None
    if value is None:
        raise ValueError(f"The answer has no “{name}”, or nothing in it yet.")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _number(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ValueError(
            f"“{text}” is no number of an inquiry, a request or an authorisation: copy it whole, as it was printed."
        ) from None


def _client(given: argparse.Namespace) -> Client:
    client = Client.from_folder(given.node, given.folder)
    client.session.language = given.language
    return client


def _keep(file: Path, key: PrivateKey) -> None:
    """Write a private key for its owner alone; raise FileExistsError when the file is there."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(key.to_pem())
