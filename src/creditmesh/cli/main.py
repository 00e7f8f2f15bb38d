"""`creditmesh`: every command of the node, each one call."""

from importlib.metadata import version
from typing import Annotated

import typer

from creditmesh.cli import catalogue, collecting, keys, ledger, node, people
from creditmesh.cli.evaluation import drawing, grading, learning, systems
from creditmesh.cli.examples import journey, sample, sandbox
from creditmesh.cli.starting import Commands

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A node of the network of financing credit service platforms. "
    "Ends with 0 when done, 1 when refused (the reason is printed), 2 when used wrongly.",
)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"creditmesh {version('creditmesh')}")
        raise typer.Exit


@app.callback()
def start(
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take what comes before the command."""


app.command("init")(node.init)
app.command("serve")(node.serve)
app.command("worker")(node.worker)
app.command("demo-accounts")(people.demo_accounts)
app.command("collect")(collecting.collect)
app.command("quality")(collecting.quality)
app.command("reindex")(collecting.reindex)
app.command("classify")(grading.classify)
app.command("explain")(grading.explain)
app.command("fit")(learning.fit)
app.command("score")(learning.score)
app.command("drift")(learning.drift)
app.command("weights")(learning.weights)
app.command("replay")(grading.replay)
app.add_typer(catalogue.app, name="catalogue", help="Sharing lists and rule packs.")
grading.systems.command("card")(learning.card_of)
grading.systems.command("list")(systems.list_systems)
grading.systems.command("propose")(systems.propose)
grading.systems.command("approve")(systems.approve)
grading.systems.command("rollback")(systems.roll_back)
app.add_typer(grading.systems, name="system", help="Index systems.")
sample.app.command("journey")(journey.journey)
app.add_typer(sample.app, name="sample", help="The fictitious sample region.")
app.add_typer(sandbox.app, name="sandbox", help="Invented enterprises for engineers of institutions.")
app.add_typer(drawing.app, name="draw", help="Double random draws: verify a published one.")
app.add_typer(people.organisations, name="organisation", help="Departments, regulators, banks and others.")
app.add_typer(people.users, name="user", help="People who sign in.")
app.add_typer(people.keys, name="key", help="API keys for programs.")
app.add_typer(ledger.app, name="ledger", help="The ledger: verify, heads, proofs, expiry.")
app.add_typer(keys.keys, name="keys", help="The key this node signs with.")

if __name__ == "__main__":
    app()
