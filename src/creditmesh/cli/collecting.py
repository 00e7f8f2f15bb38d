"""Bring records in, see how good they are, rebuild the index."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from creditmesh.cli import starting

if TYPE_CHECKING:
    from creditmesh.apps.ground.records.queries.batches import BatchDetail, BatchLine

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def collect(
    item: Annotated[str, typer.Argument(help="Code of the information item, such as PEN-01.")],
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV, Excel, JSON lines, Parquet.")
    ],
    source: Annotated[str, typer.Option(help="Code of the source that delivers.")],
    key: Annotated[str, typer.Option(help="Idempotency key; default: the content of the file.")] = "",
    as_json: Json = False,
) -> None:
    """Collect a file of one item: check every row, land the good ones, say what is wrong with the others."""
    starting.start_django()
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE
    from creditmesh.apps.ground.records.operations import advancing, receiving
    from creditmesh.apps.ground.records.queries import batches, folders
    from creditmesh.apps.ground.records.rules import Delivery, State

    node = this_node()
    received = receiving.receive_file(
        delivery=Delivery(
            item=item,
            source=source,
            filename=file.name,
            idempotency_key=key or f"{item}:{receiving.key_of(file)}",
        ),
        file=file,
        by=COMMAND_LINE,
        node=node,
        at=starting.now(),
    )
    line = advancing.advance(batch=received.uuid, node=node, clock=starting.now)
    detail = batches.batch(uuid=received.uuid, viewer=COMMAND_LINE)
    refused = folders.refused(home=node.home, batch=received.uuid)
    starting.show(
        _told(detail, again=received.again, refused_file=refused),
        as_json=as_json,
        lines=_lines(detail, again=received.again, refused_file=refused),
    )
    if line.state == State.REFUSED:
        raise typer.Exit(starting.REFUSED)


def quality(
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    item: Annotated[str, typer.Option(help="Only this item.")] = "",
    as_json: Json = False,
) -> None:
    """Show how accurate, complete, continuous and timely deliveries are, per source and item."""
    starting.start_django()
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE
    from creditmesh.apps.ground.records.queries import quality as measured

    cells = measured.matrix(viewer=COMMAND_LINE, source=source, item=item)
    lines = [f"{'source':<24} {'item':<12} {'rows':>10} accurate complete continuous timely"]
    lines += [
        f"{one.source:<24} {one.item:<12} {one.latest.received:>10} "
        + " ".join(
            [
                f"{_percent(one.latest.accuracy_bp):>8}",
                f"{_percent(one.latest.completeness_bp):>8}",
                f"{_percent(one.latest.continuity_bp):>10}",
                f"{_percent(one.latest.timeliness_bp):>6}",
            ]
        )
        for one in cells
    ]
    if not cells:
        lines = ["Nothing has been landed yet."]
    starting.show({"quality": starting.plain(cells)}, as_json=as_json, lines=lines)


def reindex(
    item: Annotated[list[str] | None, typer.Option(help="Only this item; repeatable.")] = None,
    as_json: Json = False,
) -> None:
    """Rebuild the inquiry index and the register of subjects from the lake."""
    starting.start_django()
    from creditmesh.apps.ground.nodes.queries import this_node
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE
    from creditmesh.apps.ground.records.operations import reindexing

    node = this_node()
    for code in item or []:
        if code not in node.catalogue.items:
            raise typer.BadParameter(f"the catalogue has no item “{code}”")
    done = reindexing.reindex(by=COMMAND_LINE, node=node, clock=starting.now, items=item)
    lines = [f"{one.item:<12} {one.rows:>10} rows" for one in done if one.rows]
    starting.show(
        {"items": starting.plain(done)}, as_json=as_json, lines=lines or ["The lake holds nothing yet."]
    )


def told_line(line: "BatchLine") -> str:
    """Return one line that says how a batch went."""
    counts = {
        "received": line.received,
        "accepted": line.accepted,
        "new": line.added,
        "updated": line.updated,
        "quarantined": line.quarantined,
        "duplicates": line.duplicates,
        "unresolved": line.unresolved,
    }
    told = ", ".join(f"{name} {count}" for name, count in counts.items() if count is not None)
    return f"{line.item} {line.filename} ({line.source}): {line.state}; {told}"


def _told(detail: "BatchDetail", *, again: bool, refused_file: Path) -> dict[str, object]:
    line = detail.line
    return {
        "batch": str(line.uuid),
        "state": str(line.state),
        "again": again,
        "received": line.received,
        "accepted": line.accepted,
        "added": line.added,
        "updated": line.updated,
        "unchanged": line.unchanged,
        "quarantined": line.quarantined,
        "duplicate": line.duplicates,
        "unresolved": line.unresolved,
        "warned": line.warned,
        "refused_file": str(refused_file) if detail.has_refused_file else None,
        "refusal": line.refusal or None,
        "quality": starting.plain(detail.quality),
        "reasons": starting.plain(detail.reasons),
    }


def _lines(detail: "BatchDetail", *, again: bool, refused_file: Path) -> list[str]:
    lines = ["The same delivery came before; nothing was changed."] if again else []
    lines.append(told_line(detail.line))
    lines += [
        f"  {one.rows:>8} × {one.field}: {one.sentence('en')} (e.g. {one.example})" for one in detail.reasons
    ]
    if detail.has_refused_file:
        lines.append(f"Refused rows, to mend and send again: {refused_file}")
    if detail.line.refusal:
        lines.append(detail.line.refusal)
    return lines


def _percent(basis_points: int | None) -> str:
    return "-" if basis_points is None else f"{basis_points / 100:.1f}%"
