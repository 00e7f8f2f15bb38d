"""Publish index systems from a shell: by the same rules and the same two people as on the pages."""

import time
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from creditmesh.cli import starting

if TYPE_CHECKING:
    from creditmesh.apps.evaluation.systems.queries.versions import VersionRow
    from creditmesh.apps.evaluation.trials.queries.trials import TrialRow
    from creditmesh.apps.ground.parties.rules import Actor

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Who = Annotated[
    str,
    typer.Option(
        "--as", help="The user who does it; the password is asked for unless standard input has it."
    ),
]
Day = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="First day it is valid on; default: today."),
]
LEFT_OUT = ("content", "cases", "base_content", "hands")


def list_systems(as_json: Json = False) -> None:
    """List the index systems: what is valid today, and what waits for approval."""
    starting.start_django()
    from creditmesh.apps.evaluation.systems.queries import versions
    from creditmesh.apps.evaluation.systems.rules.standing import State

    today = starting.today()
    live = [one for name in versions.names() if (one := versions.live(name, today)) is not None]
    waiting = versions.versions(states=[State.PROPOSED])
    lines = [
        f"{one.system:<24} {one.version:<12} number {one.number}, from {one.effective_from}" for one in live
    ]
    lines += [f"waits for approval: {one.uuid} {one.system} {one.name}: {one.why}" for one in waiting]
    told = {"live": [_plain(one) for one in live], "proposed": [_plain(one) for one in waiting]}
    starting.show(told, as_json=as_json, lines=lines)


def propose(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An index-system file.")],
    why: Annotated[str, typer.Option(help="Why it shall be valid.")],
    username: Who,
    starts: Day = None,
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Let it run beside the live version and decide nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Simulate a file with the cases beside it on today's enterprises and ask for its approval."""
    starting.start_django()
    from creditmesh.apps.evaluation.systems.operations import drafting
    from creditmesh.apps.evaluation.trials.operations import proposing, requesting
    from creditmesh.apps.ground.nodes.queries import this_node

    by, node, at = _person(username), this_node(), starting.now()
    content, beside = file.read_bytes(), file.with_suffix(".cases.yml")
    cases = beside.read_bytes() if beside.is_file() else b""
    system = requesting.loaded(content, catalogue=node.catalogue).id
    draft = drafting.bring_in(
        system=system, content=content, cases=cases, by=by, at=at, title=file.name[:200]
    )
    asked = requesting.simulate(draft=draft.uuid, by=by, node=node, at=at)
    simulated = _carried_out(asked.uuid)
    made = proposing.propose(
        draft=draft.uuid,
        why=why,
        starts=_day(starts) or starting.today(),
        shadow=shadow,
        by=by,
        node=node,
        at=starting.now(),
    )
    moved = simulated.result["moved"]
    lines = [
        f"Simulated on {simulated.result['subjects']} enterprises: {moved['worse']} worse, {moved['better']} better.",
        f"Proposed as {made.uuid}. Somebody else approves it: creditmesh system approve {made.uuid} --as APPROVER",
    ]
    starting.show({**_plain(made), "moved": moved}, as_json=as_json, lines=lines)


def approve(
    version: Annotated[UUID, typer.Argument(help="The proposal's id.")],
    username: Who,
    why: Annotated[str, typer.Option(help="What was looked at.")] = "",
    as_json: Json = False,
) -> None:
    """Approve a proposal as somebody who did not write it."""
    starting.start_django()
    from creditmesh.apps.evaluation.systems.operations import approving

    made = approving.approve(version=version, by=_person(username), at=starting.now(), why=why)
    lines = [f"'{made.system}' {made.name} is approved and valid from {made.effective_from}."]
    starting.show(_plain(made), as_json=as_json, lines=lines)


def roll_back(
    system: Annotated[str, typer.Argument(help="Name of the index system.")],
    to: Annotated[
        int, typer.Option(min=0, help="Number of the version to go back to; 0 is the shipped one.")
    ],
    why: Annotated[str, typer.Option(help="What is wrong with the one that is valid.")],
    username: Who,
    starts: Day = None,
    as_json: Json = False,
) -> None:
    """Ask for an earlier version to be valid again."""
    starting.start_django()
    from creditmesh.apps.evaluation.systems.operations import rolling_back

    made = rolling_back.roll_back(
        system=system, to=to, why=why, by=_person(username), at=starting.now(), starts=_day(starts)
    )
    lines = [
        f"Proposed as {made.uuid}. Somebody else approves it: creditmesh system approve {made.uuid} --as APPROVER"
    ]
    starting.show(_plain(made), as_json=as_json, lines=lines)


def _person(username: str) -> "Actor":
    """Return somebody who knows their password: a shell alone is one pair of eyes."""
    from django.contrib.auth import authenticate

    from creditmesh.apps.ground.parties import queries

    password = typer.prompt(f"Password of {username}", hide_input=True, err=True)
    user = authenticate(username=username, password=password)
    if user is None:
        typer.echo(f"There is no user “{username}” with this password, or the account is closed.", err=True)
        raise typer.Exit(starting.REFUSED)
    return queries.actor(queries.user(username=username), key_name="command line")


def _carried_out(trial: UUID) -> "TrialRow":
    """Carry a trial out here, or wait for the worker that was quicker; end with 1 when it fails."""
    from creditmesh.apps.evaluation.trials.operations import executing
    from creditmesh.apps.evaluation.trials.queries import trials
    from creditmesh.apps.ground.nodes.queries import this_node

    executing.execute_if_free(trial=trial, node=this_node(), clock=starting.now)
    while (found := trials.row(trials.stored(trial))).is_unfinished:
        time.sleep(0.5)
    if not found.is_done:
        typer.echo(found.failure, err=True)
        raise typer.Exit(starting.REFUSED)
    return found


def _day(said: datetime | None) -> date | None:
    return said.date() if said else None


def _plain(one: "VersionRow | object") -> dict[str, object]:
    return {name: starting.plain(value) for name, value in vars(one).items() if name not in LEFT_OUT}
