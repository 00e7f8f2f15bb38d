"""The key this node signs with."""

from typing import Annotated

import typer

from creditmesh.cli import starting

keys = typer.Typer(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@keys.command("show")
def show(as_json: Json = False) -> None:
    """Show the node's public keys: the present one, and retired ones that old signatures need."""
    starting.start_django()
    from creditmesh.apps.ground.nodes.queries import this_node

    found = this_node().signer.jwks()
    lines = [f"{one['kid']}  {one['alg']:<8} {one.get('retired_at', 'present')}" for one in found]
    starting.show({"keys": found}, as_json=as_json, lines=lines)


@keys.command("rotate")
def rotate(
    algorithm: Annotated[str, typer.Option(help="Ed25519, ES256 or SM2SM3.")] = "Ed25519",
    as_json: Json = False,
) -> None:
    """Give the node a new key; running processes sign with it at once, and the old one is kept to check with."""
    starting.start_django()
    from creditmesh.apps.ground.nodes import operations
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE
    from creditmesh.exchange.keys import Algorithm

    if algorithm not in list(Algorithm):
        raise typer.BadParameter(f"{algorithm} is none of {', '.join(Algorithm)}.", param_hint="--algorithm")
    signer = operations.rotate_key(
        node=this_node(), algorithm=Algorithm(algorithm), by=COMMAND_LINE.who(), at=starting.now()
    )
    starting.show(
        {"key": signer.jwks()[0]},
        as_json=as_json,
        lines=[f"The node signs with {signer.key_id} from now on."],
    )
