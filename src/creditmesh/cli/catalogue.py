"""Sharing lists and rule packs."""

from pathlib import Path
from typing import Annotated

import typer

from creditmesh.catalogue import loading
from creditmesh.cli import starting

app = typer.Typer(no_args_is_help=True)


@app.callback()
def catalogue() -> None:
    """Sharing lists and rule packs."""


@app.command("check")
def check(
    file: Annotated[
        Path, typer.Argument(exists=True, help="A sharing list (file or folder) or a rule pack.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what is wrong in a sharing list or rule pack, with file, line and rule."""
    found = loading.check_file(file)
    lines = [str(one) for one in found] or [f"{file}: nothing contradicts anything."]
    starting.show(
        {"file": str(file), "accepted": not found, "problems": starting.plain(found)},
        as_json=as_json,
        lines=lines,
    )
    if found:
        raise typer.Exit(starting.REFUSED)
