"""The ledger: verify it, sign and list its heads, prove an entry, let old bodies expire."""

import json
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from creditmesh.cli import starting

app = typer.Typer(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.callback()
def ledger() -> None:
    """Who did what and why, provably."""


@app.command("verify")
def verify(
    head: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="Heads kept elsewhere: JSON, or a proof file."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compute the whole ledger again and hold it against everything that was signed; ends with 1 if it differs.

    HOME/heads.jsonl is looked at too. What was found is written into the ledger.
    """
    starting.start_django()
    from creditmesh.apps.ground.audit.evidence import kept
    from creditmesh.apps.ground.nodes import ledger as own
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE

    heads = [one for file in head or [] for one in kept.read_heads(file.read_text("utf-8"))]
    found = own.verify(node=this_node(), by=COMMAND_LINE.who(), at=starting.now(), heads=heads)
    lines = [
        f"{found.size} entries in the tree, {found.expired} of them expired; {found.waiting} wait for a place",
        f"root {found.root}",
        f"{found.heads} signed heads, {found.stamps} time stamps, {found.kept} kept heads looked at",
        *(
            f"WRONG {one.kind} {one.where if one.where is not None else ''} {one.sentence}"
            for one in found.problems
        ),
        *([f"... and {found.more} more"] if found.more else []),
        "The ledger holds." if found.holds else "The ledger does NOT hold.",
    ]
    starting.show({**starting.plain(found), "holds": found.holds}, as_json=as_json, lines=lines)
    if not found.holds:
        raise typer.Exit(starting.REFUSED)


@app.command("heads")
def list_heads(
    sign: Annotated[bool, typer.Option("--sign", help="Sign a head of the ledger as it is now.")] = False,
    size: Annotated[int, typer.Option(min=1, max=1000, help="How many to list.")] = 20,
    as_json: Json = False,
) -> None:
    """List signed tree heads, newest first."""
    starting.start_django()
    from creditmesh.apps.ground.audit.evidence import heads, signing
    from creditmesh.apps.ground.nodes import ledger as own
    from creditmesh.apps.ground.nodes.queries import this_node

    if sign:
        signing.sign_head(pen=own.pen(this_node()), at=starting.now())
        signing.keep_heads(home=this_node().home)
    found = heads.heads(size=size)
    lines = [
        f"{one.number:>8}  {one.at:%Y-%m-%d %H:%M:%S}  {one.size:>12}  {one.root}"
        f"{'  stamped' if one.stamp else ''}"
        for one in found
    ]
    lines = [f"{'head':>8}  {'signed (UTC)':<19}  {'entries':>12}  root", *lines] if lines else lines
    told = [heads.published(one) for one in found]
    starting.show({"heads": told}, as_json=as_json, lines=lines or ["No head has been signed yet."])


@app.command("prove")
def prove(
    entry: Annotated[UUID, typer.Argument(help="The entry's identifier.")],
    file: Annotated[
        Path | None, typer.Option(help="Where to write the proof file; default: print it.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="Show names of people and reasons too.")
    ] = False,
) -> None:
    """Write the proof file of an entry: whoever has it needs neither this node nor its word."""
    starting.start_django()
    from creditmesh.apps.ground.nodes import ledger as own
    from creditmesh.apps.ground.nodes.queries import this_node

    proof = own.prove(node=this_node(), entry=entry, at=starting.now(), everything=everything)
    text = json.dumps(proof, ensure_ascii=False, indent=1)
    if file is None:
        typer.echo(text)
    else:
        file.write_text(text + "\n", encoding="utf-8")


@app.command("expire")
def expire(as_json: Json = False) -> None:
    """Delete the text of entries older than the rule pack says; their places, digests and proofs stay."""
    starting.start_django()
    from creditmesh.apps.ground.audit.evidence import expiring
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE
    from creditmesh.catalogue import rule_packs

    at = starting.now()
    rule = expiring.retention(packs=rule_packs.load(), region=this_node().region, on=starting.today())
    gone = expiring.expire(retention=rule, by=COMMAND_LINE.who(), at=at)
    told = {"expired": gone, "before": rule.before(starting.today()), "rule": starting.plain(rule)}
    line = (
        f"{gone} entries expired; kept are {rule.value} {rule.unit}s "
        f"({rule.source}, {rule.jurisdiction}, {rule.status})."
    )
    starting.show(told, as_json=as_json, lines=[line])
