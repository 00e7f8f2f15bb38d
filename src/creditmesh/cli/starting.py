"""What every command needs: the node's folder, Django when it is wanted, and one way to print."""

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from creditmesh.kernel.errors import CreditmeshError

REFUSED = 1


class NoNodeHere(CreditmeshError):
    """The data folder holds no node yet."""

    code = "no-node-here"


class Commands(TyperGroup):
    """End every command with 0 when it is done, 1 when it is refused, 2 when it is used wrongly."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command; a refusal is one sentence on standard error, never a traceback."""
        try:
            return super().invoke(ctx)
        except CreditmeshError as refused:
            typer.echo(refused.sentence, err=True)
        except (OSError, UnicodeDecodeError) as trouble:
            typer.echo(f"{type(trouble).__name__}: {trouble}", err=True)
        raise typer.Exit(REFUSED)


def home() -> Path:
    """Return the node's data folder: CREDITMESH_HOME, or ~/.creditmesh."""
    return Path(os.environ.get("CREDITMESH_HOME") or "~/.creditmesh").expanduser().absolute()


def node_made() -> bool:
    """Return whether the data folder holds a node."""
    return (home() / "secret-key").is_file()


def start_django(*, made: bool = True) -> None:
    """Start Django for this node; with `made`, raise `NoNodeHere` unless `creditmesh init` was run."""
    if made and not node_made():
        raise NoNodeHere(f"There is no node in {home()} yet: run `creditmesh init` first.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditmesh.web.settings")
    import django
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    try:
        django.setup()
    except ValidationError as wrong:
        for one in wrong.errors():
            name = "CREDITMESH_" + "_".join(str(part) for part in one["loc"]).upper()
            typer.echo(f"The setting {name} is wrong: {one['msg']}.", err=True)
        raise typer.Exit(REFUSED) from None
    except SettingsError as wrong:
        typer.echo(f'{wrong}. Lists are written as JSON, such as ["node.example.cn"].', err=True)
        raise typer.Exit(REFUSED) from None


def now() -> datetime:
    """Return this moment, for operations, which never look at the clock themselves."""
    return datetime.now(UTC)


def today() -> date:
    """Return the day it is in the node's time zone; Django must have been started."""
    from django.utils import timezone

    return timezone.localdate()


def show(result: object, *, as_json: bool, lines: list[str]) -> None:
    """Print a result: one JSON object for programs, or lines for people."""
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, default=str))
    else:
        typer.echo("\n".join(lines))


def plain(value: object) -> Any:
    """Return dataclasses, enums and identifiers as what JSON knows."""
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is not None:
        return {name: plain(getattr(value, name)) for name in fields}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def progress(text: str) -> None:
    """Tell a person at a terminal how far the work is; say nothing to a file or another program."""
    if sys.stderr.isatty():
        typer.echo(text, err=True)
