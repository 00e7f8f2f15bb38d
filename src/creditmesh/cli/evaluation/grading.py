"""Index systems: check them, run them over everyone, explain a result, compute a run again."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from creditmesh.cli import starting

systems = typer.Typer(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@systems.callback()
def system() -> None:
    """Index systems."""


@systems.command("check")
def check_system(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An index-system file.")],
    as_json: Json = False,
) -> None:
    """Read an index system and run the cases beside it."""
    from creditmesh.scoring import cases, loading

    found = loading.load(file)
    results = cases.check(file)
    failed = [one for one in results if not one.passed]
    lines = [
        f"{'ok    ' if one.passed else 'FAILED'} {one.name} {'' if one.passed else one.problem}"
        for one in results
    ]
    lines.append(f"{found.id}: {len(results) - len(failed)} of {len(results)} cases pass.")
    starting.show(
        {"file": str(file), "system": found.id, "accepted": not failed, "cases": starting.plain(results)},
        as_json=as_json,
        lines=lines,
    )
    if failed:
        raise typer.Exit(starting.REFUSED)


def classify(
    systems: Annotated[
        list[str] | None,
        typer.Argument(metavar="SYSTEM", help="Names of index systems, or the file of one."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every live system that has results here.")
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day as of which to classify; default: today."),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(help="duckdb, in this process, or spark, on a cluster; default: CREDITMESH_ENGINE."),
    ] = None,
    master: Annotated[
        str | None,
        typer.Option(
            help="Address of the Spark cluster, as spark://host:7077; default: CREDITMESH_SPARK_MASTER."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Classify every enterprise by index systems, now; several read the records once and each item in one pass."""
    if engine not in {None, "duckdb", "spark"}:
        raise typer.BadParameter("write duckdb or spark", param_hint="--engine")
    if bool(systems) == everything:
        raise typer.BadParameter("name index systems, or write --all", param_hint="SYSTEM")
    starting.start_django()
    from creditmesh.apps.evaluation.grading.operations import classifying
    from creditmesh.apps.evaluation.grading.operations.changes import cadence
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE

    day = as_of.date() if as_of else starting.today()
    node = classifying.on_engine(this_node(), engine=engine, master=master)
    names = systems or [one.id for one in cadence.in_use(on=day, node=node)]
    if len(names) > 1:
        found = classifying.classify_together(
            systems=names, as_of=day, by=COMMAND_LINE, node=node, clock=starting.now
        )
        lines = [line for told in found for line in _classified(told)]
        starting.show({"runs": found}, as_json=as_json, lines=lines)
        return
    if not names:
        raise typer.BadParameter("no live system has results here yet: name one", param_hint="--all")
    file = Path(names[0]) if names[0].endswith((".yml", ".yaml")) else None
    told = classifying.classify(
        system=file.stem if file else names[0],
        as_of=day,
        by=COMMAND_LINE,
        node=node,
        clock=starting.now,
        file=file,
    )
    starting.show(told, as_json=as_json, lines=_classified(told))


def _classified(told: dict[str, Any]) -> list[str]:
    grades = ", ".join(f"{grade} {count}" for grade, count in told["grades"].items())
    return [
        f"{told['system']} {told['version']} as of {told['as_of']}: {told['subjects']} enterprises; {grades}",
        f"insufficient data {told['insufficient']}; excluded {told['excluded']}",
        f"Run {told['run']}, {told['seconds']} s; {told['engine']}.",
    ]


def explain(
    subject: Annotated[str, typer.Argument(help="The enterprise's code.")],
    system: Annotated[str, typer.Option(help="Name of the index system.")],
    run: Annotated[UUID | None, typer.Option(help="A run; default: the latest.")] = None,
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    improve: Annotated[
        bool,
        typer.Option(
            "--improve", help="Say which smallest changes reach the next grade, and what time alone does."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Explain where an enterprise stands: grade, score, points, reasons, and the records behind them."""
    starting.start_django()
    if improve:
        _improve(subject, system=system, run=run, language=language, as_json=as_json)
        return
    from creditmesh.apps.evaluation.grading.operations import viewing
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE

    seen = viewing.view_subject(
        viewer=COMMAND_LINE,
        subject=subject,
        system=system,
        run=run,
        node=this_node(),
        at=starting.now(),
        why="command line",
    )
    told = viewing.as_plain_data(seen, language=language)
    starting.show(told, as_json=as_json, lines=_indented(told))


def _improve(subject: str, *, system: str, run: UUID | None, language: str, as_json: bool) -> None:
    from creditmesh.apps.evaluation.grading.operations import viewing
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE

    seen = viewing.view_improvement(
        viewer=COMMAND_LINE, subject=subject, system=system, run=run, node=this_node(), at=starting.now()
    )
    told = viewing.improvement_as_plain_data(seen, language=language)
    starting.show(told, as_json=as_json, lines=_indented(told))


def replay(
    run: Annotated[UUID, typer.Argument(help="The run's id.")],
    as_json: Json = False,
) -> None:
    """Compute a run again from what it recorded and compare every value; ends with 1 when one differs."""
    starting.start_django()
    from creditmesh.apps.evaluation.grading.operations import replaying
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE

    found = replaying.replay_run(run=run, node=this_node(), by=COMMAND_LINE, at=starting.now())
    same = "the same, bit for bit" if found.same else f"{found.rows_differing} rows differ"
    lines = [f"Run {found.run}: {found.subjects_recomputed} enterprises computed again; {same}."]
    starting.show(starting.plain(found), as_json=as_json, lines=lines)
    if not found.same:
        raise typer.Exit(starting.REFUSED)


def _indented(told: object, depth: int = 0) -> list[str]:
    """Return nested data as indented lines for people."""
    margin = "  " * depth
    if isinstance(told, dict):
        lines = []
        for name, value in told.items():
            if isinstance(value, (dict, list)) and value:
                lines += [f"{margin}{name}:", *_indented(value, depth + 1)]
            else:
                lines.append(f"{margin}{name}: {value if value not in (None, [], {}) else '-'}")
        return lines
    if isinstance(told, list):
        lines = []
        for one in told:
            inner = _indented(one, depth + 1)
            lines += [f"{margin}- {inner[0].strip()}", *inner[1:]] if inner else []
        return lines
    return [f"{margin}{told}"]
