"""`python -m creditmesh.client`: make a key, get a token, ask a question, fetch a proof."""

import argparse
import json
import os
import sys
from pathlib import Path
from uuid import UUID

from creditmesh.client.calling import Client
from creditmesh.client.decoding import plain
from creditmesh.client.questions import Question
from creditmesh.client.refusals import ClientError
from creditmesh.exchange.keys import Algorithm, PrivateKey
from creditmesh.kernel.errors import CreditmeshError


def make_key(given: argparse.Namespace) -> object:
    """Make a pair of keys in the folder; never overwrite one."""
    folder = Path(given.folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = PrivateKey.generate(Algorithm(given.algorithm))
    descriptor = os.open(folder / "key.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(key.to_pem())
    (folder / "public.pem").write_text(key.public.to_pem(), "ascii")
    return {
        "private": str(folder / "key.pem"),
        "public": str(folder / "public.pem"),
        "kid": key.public.thumbprint(),
    }


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


def inquire(given: argparse.Namespace) -> object:
    """Ask about an enterprise and print the answer, checked."""
    question = Question(
        subject=given.subject,
        items=given.items,
        mode=given.mode,
        purpose=given.purpose,
        authorisation=UUID(given.authorisation) if given.authorisation else None,
    )
    return plain(_client(given).inquire(question))


def proof(given: argparse.Namespace) -> object:
    """Print the proof file of an inquiry, checked."""
    return _client(given).proof(UUID(given.inquiry))


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 when done, 1 when refused, with the reason on standard error."""
    given = _parser().parse_args(arguments)
    try:
        found = given.run(given)
    except (ClientError, CreditmeshError, OSError, ValueError) as problem:
        sys.stderr.write(f"{getattr(problem, 'sentence', problem)}\n")
        return 1
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1, default=str) + "\n")
    return 0


def _client(given: argparse.Namespace) -> Client:
    return Client.from_folder(given.node, given.folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m creditmesh.client", description=__doc__)
    parser.add_argument("--node", default="http://127.0.0.1:8000", help="the node's address")
    parser.add_argument(
        "--folder", default="credentials", help="where client-id, client-secret and key.pem are"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    made = commands.add_parser("make-key", help="make a pair of keys in the folder")
    made.add_argument(
        "--algorithm", choices=[one.value for one in Algorithm], default=Algorithm.ED25519.value
    )
    made.set_defaults(run=make_key)
    commands.add_parser("pin", help="keep the node's keys in the folder").set_defaults(run=pin)
    commands.add_parser("token", help="get a token and say who one is").set_defaults(run=token)
    asked = commands.add_parser("inquire", help="ask about an enterprise")
    asked.add_argument("subject", help="unified social credit code")
    asked.add_argument("items", nargs="+", help="codes of information items, such as PEN-01")
    asked.add_argument("--mode", choices=["OPEN", "AUTH"], default="OPEN")
    asked.add_argument("--purpose", default="")
    asked.add_argument("--authorisation", default="", help="number of the authorisation (mode AUTH)")
    asked.set_defaults(run=inquire)
    proven = commands.add_parser("proof", help="print the proof file of an inquiry")
    proven.add_argument("inquiry", help="number of the inquiry")
    proven.set_defaults(run=proof)
    return parser


if __name__ == "__main__":
    sys.exit(main())
