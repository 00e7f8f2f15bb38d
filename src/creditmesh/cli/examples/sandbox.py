"""The sandbox for engineers of institutions, and the institutions of a demonstration."""

import os
from pathlib import Path
from typing import Annotated

import typer

from creditmesh.cli import starting

app = typer.Typer(no_args_is_help=True)
CODE = "sandbox-bank"
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("create")
def create(
    code: Annotated[
        str, typer.Option(help="Code of the sandbox institution; made when it is not there.")
    ] = CODE,
    key: Annotated[
        Path | None, typer.Option(help="The engineer's public key (PEM); empty: a pair is made here.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where the new program's files go; default: HOME/sandbox.")
    ] = None,
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="Do nothing when the folder holds a program already.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a sandbox with invented enterprises, and a program that may ask about them at once."""
    place = folder or starting.home() / "sandbox"
    if if_missing and (place / "client-id").is_file():
        typer.echo(f"The sandbox is there already; its files are in {place}.")
        return
    starting.start_django()
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE
    from creditmesh.apps.members.institutions import sandbox
    from creditmesh.apps.members.institutions.operations import sandboxing
    from creditmesh.exchange.keys import PrivateKey, PublicKey

    public = PublicKey.from_pem(key.read_text(encoding="ascii")) if key else None
    private = None if public else PrivateKey.generate()
    made = sandboxing.create(by=COMMAND_LINE, code=code, key=private, public=public, at=starting.now())
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep(place / "client-id", made.client)
    _keep(place / "client-secret", made.secret)
    if private:
        _keep(place / "key.pem", private.to_pem())
    first = sandbox.subjects()[:3]
    lines = [
        f"The sandbox “{code}” is ready. For its program, in {place}: client-id, client-secret"
        + (", key.pem." if private else "."),
        "Invented enterprises to ask about:",
        *(f"  {one.key}  {one.name}  ({one.profile})" for one in first),
        "How to ask: docs/how-a-bank-connects.md, in ten minutes.",
    ]
    told = {**starting.plain(made), "folder": str(place), "subjects": starting.plain(sandbox.subjects())}
    starting.show(told, as_json=as_json, lines=lines)


@app.command("subjects")
def subjects(as_json: Json = False) -> None:
    """List the invented enterprises of the sandbox."""
    starting.start_django()
    from creditmesh.apps.members.institutions import sandbox

    found = sandbox.subjects()
    lines = [f"{one.key}  {one.profile:<9} {one.name}" for one in found]
    starting.show({"subjects": starting.plain(found)}, as_json=as_json, lines=lines)


def admit_demo() -> None:
    """Admit the banks, guarantors and insurers of the demonstration; Django must have been started."""
    from creditmesh.apps.ground.parties import queries as parties
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE
    from creditmesh.apps.members.institutions import queries
    from creditmesh.apps.members.institutions.operations import admitting
    from creditmesh.apps.members.institutions.rules.standing import ROLE_OF_KIND

    admitted = {one.code for one in queries.institutions()}
    for one in parties.organisations():
        if one.code.startswith("demo-") and one.kind in ROLE_OF_KIND and one.code not in admitted:
            admitting.admit(by=COMMAND_LINE, organisation=one.code, at=starting.now())


def _keep(file: Path, text: str) -> None:
    # Written aside and moved: nobody else ever reads it, and a crash leaves no half of it.
    draft = file.with_name(f"{file.name}.{os.getpid()}.draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    draft.replace(file)
