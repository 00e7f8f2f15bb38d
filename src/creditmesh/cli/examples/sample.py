"""The fictitious sample region: write its files, or take them in through the front door."""

from datetime import datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from creditmesh.catalogue import loading as catalogues
from creditmesh.cli import starting
from creditmesh.cli.collecting import told_line
from creditmesh.sample import county
from creditmesh.sample.delivering import Delivery

if TYPE_CHECKING:
    from creditmesh.apps.ground.records.queries.batches import BatchLine

app = typer.Typer(no_args_is_help=True)
ARRIVES = time(9)  # departments deliver in the morning

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same region.")]
Enterprises = Annotated[int, typer.Option(min=10, help="How many enterprises.")]


@app.command("generate")
def generate(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where to write the files.")],
    enterprises: Enterprises = county.ENTERPRISES,
    seed: Seed = county.SEED,
    as_json: Json = False,
) -> None:
    """Write what the departments of the sample region deliver; needs no node."""
    folder.mkdir(parents=True, exist_ok=True)
    made = county.generate(folder=folder, catalogue=catalogues.load(), seed=seed, enterprises=enterprises)
    lines = [f"{one.on} {one.item:<8} {one.source:<20} {one.rows:>8} rows  {one.file.name}" for one in made]
    starting.show({"deliveries": starting.plain(made)}, as_json=as_json, lines=lines)


@app.command("load")
def load(
    data: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Folder of real sets to take in as well."),
    ] = None,
    enterprises: Enterprises = county.ENTERPRISES,
    seed: Seed = county.SEED,
    as_json: Json = False,
) -> None:
    """Take in the sample region, and the real sets of a folder; what is here already changes nothing."""
    starting.start_django()
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE
    from creditmesh.apps.ground.records.operations import loading

    node = this_node()

    def told(line: "BatchLine") -> None:
        if not as_json:
            typer.echo(told_line(line))

    with TemporaryDirectory(prefix="sample-", dir=node.home) as folder:
        made = county.generate(
            folder=Path(folder), catalogue=node.catalogue, seed=seed, enterprises=enterprises
        )
        parcels = [
            loading.Parcel(item=one.item, source=one.source, file=one.file, received_at=_arrival(one))
            for one in made
        ]
        done = list(loading.load(parcels=parcels, by=COMMAND_LINE, node=node, clock=starting.now, told=told))
    if data is not None:
        done += loading.load_shared(folder=data, by=COMMAND_LINE, node=node, clock=starting.now, told=told)
    starting.show({"batches": starting.plain(done)}, as_json=as_json, lines=[f"{len(done)} batches."])


def _arrival(delivery: Delivery) -> datetime:
    from django.utils import timezone

    return timezone.make_aware(datetime.combine(delivery.on, ARRIVES))
