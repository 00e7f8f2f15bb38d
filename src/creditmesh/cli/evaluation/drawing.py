"""Draws: verify a published one, without a node and without trusting whoever drew."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from creditmesh.cli import starting
from creditmesh.drawing.standalone import verify_draw
from creditmesh.kernel.errors import CreditmeshError

app = typer.Typer(no_args_is_help=True)


class NotADraw(CreditmeshError):
    """A file that holds no JSON object."""

    code = "not-a-draw"


File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="The published file of a draw (JSON).")
]


@app.callback()
def draw() -> None:
    """Double random draws."""


@app.command("verify")
def verify(
    file: File,
    announcement: Annotated[
        str, typer.Option(help="Digest of the announcement, as published before the draw.")
    ] = "",
    openings: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="For auditors: what opens the tickets.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compute a published draw again and say what is right or wrong; ends with 1 if it does not hold."""
    told = _read(file)
    opened = _read(openings) if openings else None
    report = verify_draw.check(told, announcement, opened)
    found = [{"kind": kind, "zh": chinese, "en": english} for kind, chinese, english in report.lines]
    ending = "The draw holds." if report.holds() else "The draw does NOT hold."
    lines = [*report.text().splitlines(), ending]
    starting.show({"holds": report.holds(), "findings": found}, as_json=as_json, lines=lines)
    if not report.holds():
        raise typer.Exit(starting.REFUSED)


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError) as broken:
        raise NotADraw(f"{file.name} holds no JSON: fetch the file of the draw again.") from broken
    if not isinstance(found, dict):
        raise NotADraw(f"{file.name} holds no draw: fetch the file of the draw again.")
    return found
