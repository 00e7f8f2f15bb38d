"""Make a node and run it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from creditmesh.cli import starting

FOLDERS = ("lake", "uploads", "cache")


def init(
    name: Annotated[str, typer.Option(help="The node's name, as every page shows it.")] = "",
    region: Annotated[str, typer.Option(help="Region code the node stands for.")] = "",
) -> None:
    """Make a node in CREDITMESH_HOME, or bring an existing one up to this version; nothing is lost."""
    home = starting.home()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in FOLDERS:
        (home / folder).mkdir(mode=0o700, exist_ok=True)
    _keep_settings(home, {"CREDITMESH_NODE_NAME": name, "CREDITMESH_NODE_REGION": region})
    starting.start_django(made=False)
    from django.core.management import call_command

    from creditmesh.apps.ground.nodes import operations
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE

    call_command("prepare")
    operations.establish(node=this_node(), by=COMMAND_LINE.who(), at=starting.now())
    typer.echo(f"The node “{this_node().name}” is ready in {home}.")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; default: CREDITMESH_HOST.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on; default: CREDITMESH_PORT.")] = 0,
    workers: Annotated[
        int, typer.Option(min=-1, help="Background workers; default: CREDITMESH_WORKER_COUNT.")
    ] = -1,
) -> None:
    """Serve the pages and the API, with the background worker, until told to stop."""
    starting.start_django()
    from django.core.management import call_command

    call_command("serve", host=host, port=port, workers=workers)


def worker(
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is left to do.")] = False,
) -> None:
    """Run one more background worker, on this or another machine of the node."""
    starting.start_django()
    from django.core.management import call_command

    call_command("work", once=once)


def _keep_settings(home: Path, stated: dict[str, str]) -> None:
    """Write what was stated into HOME/settings.env, beside what stands there already."""
    file = home / "settings.env"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    for name, value in stated.items():
        if value:
            lines = [line for line in lines if not line.startswith(f"{name}=")]
            quoted = value.replace("\\", "\\\\").replace("'", "\\'")
            lines.append(f"{name}='{quoted}'")
    if lines:
        draft = file.with_suffix(".draft")
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.replace(draft, file)  # noqa: PTH105
