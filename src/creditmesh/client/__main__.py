"""`python -m creditmesh.client`: make a key, get a token, ask for authorisations and records, fetch proofs."""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from creditmesh.client import commands
from creditmesh.client.refusals import ClientError
from creditmesh.exchange.keys import Algorithm
from creditmesh.kernel.errors import CreditmeshError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 when done, 1 when refused, with the reason on standard error."""
    given = _parser().parse_args(arguments)
    try:
        found = given.run(given)
        told = commands.only(found, given.only) if given.only else _shown(found)
    except (ClientError, CreditmeshError, OSError, ValueError) as problem:
        sys.stderr.write(f"{getattr(problem, 'sentence', problem)}\n")
        return 1
    sys.stdout.write(told + "\n")
    return 0


def _shown(found: object) -> str:
    return json.dumps(found, ensure_ascii=False, indent=1, default=str)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m creditmesh.client", description=__doc__)
    parser.add_argument("--node", default="http://127.0.0.1:8000", help="the node's address")
    parser.add_argument(
        "--folder", default="credentials", help="where client-id, client-secret and key.pem are"
    )
    parser.add_argument("--language", default="", help="of the node's sentences, such as en; else its own")
    parser.add_argument("--only", default="", metavar="NAME", help="print only this member of the answer")
    adding = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], object], told: str) -> argparse.ArgumentParser:
        made = adding.add_parser(name, help=told, description=run.__doc__)
        made.set_defaults(run=run)
        return made

    _keys(add)
    _authorisations(add)
    _questions(add)
    _afterwards(add)
    return parser


Adding = Callable[[str, Callable[[argparse.Namespace], object], str], argparse.ArgumentParser]


def _keys(add: Adding) -> None:
    for name, run, told in (
        ("make-key", commands.make_key, "make a pair of keys in the folder"),
        ("change-key", commands.change_key, "make a new key, use it from now on, end the old one"),
    ):
        made = add(name, run, told)
        made.add_argument(
            "--algorithm", choices=[one.value for one in Algorithm], default=Algorithm.ED25519.value
        )
    add("pin", commands.pin, "keep the node's keys in the folder")
    add("token", commands.token, "get a token and say who one is")


def _authorisations(add: Adding) -> None:
    add("purposes", commands.purposes, "list what an authorisation can be asked for")
    asked = add("authorise", commands.authorise, "ask an enterprise for an authorisation")
    _subject_and_items(asked)
    asked.add_argument("--purpose", required=True, help="such as pre-loan")
    asked.add_argument("--modes", nargs="+", choices=["AUTH", "VERIFY", "RAW"], default=["AUTH"])
    for name, told in (
        ("data_months", "how far back the records may go"),
        ("life_days", "how long it holds"),
        ("max_queries", "how often it may be used"),
        ("per_day", "how often on one day"),
    ):
        usual = f"{commands.USUAL[name]}, or what the purpose allows where that is less"
        asked.add_argument(f"--{name.replace('_', '-')}", type=int, help=f"{told} (default: {usual})")
    asked.add_argument("--reference", default="", help="your own number of the matter")
    looked = add("request", commands.request, "show a request for an authorisation")
    looked.add_argument("request", help="number of the request")


def _questions(add: Adding) -> None:
    asked = add("inquire", commands.inquire, "ask about an enterprise")
    _subject_and_items(asked)
    asked.add_argument("--mode", choices=["OPEN", "AUTH", "RAW"], default="OPEN")
    _standing_on(asked, required=False)
    verified = add("verify", commands.verify, "have claims compared")
    verified.add_argument("subject", help="unified social credit code")
    verified.add_argument("claims", nargs="+", help="ITEM.FIELD=VALUE, amounts in fen: TAX-02.paid=1000000")
    verified.add_argument("--total", action="store_true", help="claim the sum over all records of the period")
    _standing_on(verified, required=True)
    issued = add("report", commands.report, "take a credit report")
    issued.add_argument("subject", help="unified social credit code")
    _standing_on(issued, required=True)
    listed = add("list", commands.batch, "hand in a list of inquiries and wait for the answers")
    listed.add_argument("file", help="CSV with the columns subject, authorisation, items")
    listed.add_argument("--purpose", required=True, help="such as post-loan")
    listed.add_argument("--mode", choices=["AUTH", "RAW"], default="AUTH")


def _afterwards(add: Adding) -> None:
    found = add("inquiries", commands.inquiries, "list one's inquiries")
    found.add_argument("--subject", default="", help="of this enterprise only")
    for name, run, told in (
        ("proof", commands.proof, "print the proof file of an inquiry"),
        ("outcome", commands.outcome, "declare what followed an inquiry"),
    ):
        add_of: Any = add(name, run, told)
        add_of.add_argument("inquiry", help="number of the inquiry")
        if run is commands.outcome:
            add_of.add_argument("kind", help="such as applied, granted or no-business")
            add_of.add_argument("--reference", default="", help="your own number of the matter")
    news = add("notices", commands.notices, "list news for the institution")
    news.add_argument("--unread", action="store_true", help="only what was not acknowledged")
    news.add_argument("--acknowledge", action="store_true", help="acknowledge what is listed")


def _subject_and_items(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("subject", help="unified social credit code")
    parser.add_argument("items", nargs="+", help="codes of information items, such as PEN-01")


def _standing_on(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--purpose", required=required, default="", help="such as pre-loan")
    parser.add_argument(
        "--authorisation", required=required, default="", help="number of the authorisation (not for OPEN)"
    )


if __name__ == "__main__":
    sys.exit(main())
