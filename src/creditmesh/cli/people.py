"""Organisations, users and keys."""

from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from creditmesh.cli import starting
from creditmesh.cli.examples import journey, sandbox

organisations = typer.Typer(no_args_is_help=True)
users = typer.Typer(no_args_is_help=True)
keys = typer.Typer(no_args_is_help=True)

E = TypeVar("E", bound=StrEnum)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@organisations.command("create")
def create_organisation(
    code: Annotated[str, typer.Argument(help="A code of your choice; for an enterprise its credit code.")],
    name: Annotated[str, typer.Argument(help="Its name.")],
    kind: Annotated[str, typer.Option(help="operator, department, regulator, bank, guarantor, insurer ...")],
    region: Annotated[str, typer.Option(help="Region code.")] = "",
    source: Annotated[list[str] | None, typer.Option(help="A source it delivers for; repeatable.")] = None,
) -> None:
    """Make an organisation."""
    starting.start_django()
    from creditmesh.apps.ground.parties import operations
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE, OrganisationKind

    new = operations.NewOrganisation(
        code=code,
        name=name,
        kind=_choice(OrganisationKind, kind),
        region=region,
        sources=_known_sources(source or []),
    )
    operations.create_organisation(by=COMMAND_LINE, new=new, at=starting.now())
    typer.echo(f"The organisation “{code}” is made.")


@organisations.command("list")
def list_organisations(as_json: Json = False) -> None:
    """List the organisations."""
    starting.start_django()
    from creditmesh.apps.ground.parties import queries

    found = queries.organisations()
    lines = [f"{one.kind:<12} {one.code:<20} {one.name}" for one in found] or ["There are none yet."]
    starting.show({"organisations": starting.plain(found)}, as_json=as_json, lines=lines)


@users.command("create")
def create_user(
    username: Annotated[str, typer.Argument(help="The name to sign in with.")],
    organisation: Annotated[str, typer.Option(help="Code of the organisation the person acts for.")],
    role: Annotated[str, typer.Option(help="operator, auditor, data_officer, regulator, bank_staff ...")],
    full_name: Annotated[str, typer.Option(help="The person's name.")] = "",
) -> None:
    """Make a user with a role, and ask for the password (twice, unseen)."""
    starting.start_django()
    from django.db import transaction

    from creditmesh.apps.ground.parties import operations
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Role

    held = _choice(Role, role)
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    with transaction.atomic():
        operations.create_user(
            by=COMMAND_LINE, username=username, password=password, at=starting.now(), full_name=full_name
        )
        operations.add_membership(
            by=COMMAND_LINE, username=username, organisation=organisation, role=held, at=starting.now()
        )
    typer.echo(f"The user “{username}” can sign in now.")


@users.command("password")
def set_password(username: Annotated[str, typer.Argument(help="The name to sign in with.")]) -> None:
    """Give a user a new password (asked for twice, unseen)."""
    starting.start_django()
    from creditmesh.apps.ground.parties import operations
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE

    password = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    operations.set_password(by=COMMAND_LINE, username=username, password=password, at=starting.now())
    typer.echo(f"“{username}” has a new password.")


@users.command("list")
def list_users(as_json: Json = False) -> None:
    """List the people with their roles."""
    starting.start_django()
    from creditmesh.apps.ground.parties import queries

    found = queries.members()
    lines = [f"{one.username:<20} {one.role:<16} {one.organisation}" for one in found]
    starting.show({"members": starting.plain(found)}, as_json=as_json, lines=lines or ["There are none yet."])


@keys.command("issue")
def issue_key(
    username: Annotated[str, typer.Argument(help="The user the program acts as.")],
    name: Annotated[str, typer.Option(help="What the key is for.")],
    days: Annotated[int, typer.Option(help="Days it is valid, at most 366.")] = 90,
    as_json: Json = False,
) -> None:
    """Make an API key and show it once."""
    starting.start_django()
    from creditmesh.apps.ground.parties import operations, queries
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE

    user = queries.user(username=username)
    issued = operations.issue_api_key(by=COMMAND_LINE, user=user, name=name, days=days, at=starting.now())
    lines = [issued.secret, f"Valid until {issued.expires_at:%Y-%m-%d}. It is not shown again."]
    starting.show(starting.plain(issued), as_json=as_json, lines=lines)


@keys.command("revoke")
def revoke_key(
    username: Annotated[str, typer.Argument(help="The user who holds the key.")],
    prefix: Annotated[str, typer.Argument(help="The middle part of the key, as lists show it.")],
) -> None:
    """End an API key at once."""
    starting.start_django()
    from creditmesh.apps.ground.parties import operations, queries
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE

    user = queries.user(username=username)
    operations.revoke_api_key(by=COMMAND_LINE, user=user, prefix=prefix, at=starting.now())
    typer.echo(f"The key {prefix} no longer opens anything.")


def demo_accounts(
    new_passwords: Annotated[
        bool, typer.Option("--new-passwords", help="Give the existing accounts new passwords.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make one demonstration account per role, with random passwords shown once."""
    starting.start_django()
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties import demo_accounts as demo
    from creditmesh.apps.ground.parties.models import User
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Role

    node = this_node()
    new = not User.objects.filter(username=Role.ENTERPRISE_OWNER.value).exists()
    made = demo.make(
        by=COMMAND_LINE,
        region=node.region,
        sources=tuple(node.catalogue.sources),
        at=starting.now(),
        enterprise=journey.leading_enterprise(node) if new else "",
        new_passwords=new_passwords,
    )
    sandbox.admit_demo()
    lines = [f"  {one.username:<17} {one.password}   {one.organisation}" for one in made]
    if made:
        lines = [
            "Accounts for trying things out, one per role (the passwords are shown this once):",
            *lines,
            "Lost? `creditmesh demo-accounts --new-passwords`.",
            "Sign in first as regulator, then as bank_staff and enterprise_owner: each sees another side.",
        ]
    else:
        lines = [
            "The demo accounts exist already; `creditmesh demo-accounts --new-passwords` gives them new passwords."
        ]
    starting.show({"accounts": starting.plain(made)}, as_json=as_json, lines=lines)


def _known_sources(codes: list[str]) -> tuple[str, ...]:
    from creditmesh.apps.ground.nodes.queries import this_node

    known = this_node().catalogue.sources
    for code in codes:
        if code not in known:
            raise typer.BadParameter(f"the catalogue has no source “{code}”; it has {', '.join(known)}")
    return tuple(codes)


def _choice(kind: type[E], text: str) -> E:
    try:
        return kind(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}” is none of: {', '.join(one.value for one in kind)}") from None
