"""Sharing lists, rule packs and purpose templates."""

from pathlib import Path
from typing import Annotated

import typer

from creditmesh.catalogue import loading, purposes
from creditmesh.cli import starting

app = typer.Typer(no_args_is_help=True)


@app.callback()
def catalogue() -> None:
    """Sharing lists, rule packs and purpose templates."""


@app.command("check")
def check(
    file: Annotated[
        Path,
        typer.Argument(exists=True, help="A sharing list (file or folder), rule pack or purpose template."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what is wrong in a sharing list, rule pack or purpose template, with file, line and rule."""
    found = (purposes if purposes.is_template(file) else loading).check_file(file)
    lines = [str(one) for one in found] or [f"{file}: nothing contradicts anything."]
    starting.show(
        {"file": str(file), "accepted": not found, "problems": starting.plain(found)},
        as_json=as_json,
        lines=lines,
    )
    if found:
        raise typer.Exit(starting.REFUSED)
