"""Systems learnt from any table: fit, score, drift; no node and no set-up."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from creditmesh.cli import starting
from creditmesh.cli.evaluation import tables

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Table = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        help="A table: CSV (UTF-8 or GB18030), Parquet, Excel, JSON lines; also packed (.gz).",
    ),
]
System = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="An index-system file over columns.")
]
EVALUATED_ON = date(2026, 1, 1)  # what `as_of` is where nobody says; learnt systems do not read it


def fit(  # noqa: PLR0913, PLR0917 - the options of a command
    file: Table,
    target: Annotated[str, typer.Option(help="The column with the outcome, of two values.")],
    out: Annotated[Path, typer.Option(help="Where to write the index-system file.")],
    as_json: Json = False,
    positive: Annotated[str | None, typer.Option(help="The value of the target that is bad.")] = None,
    id_column: Annotated[
        str | None, typer.Option("--id", help="A column that names the rows; not learnt from.")
    ] = None,
    time_column: Annotated[
        str | None, typer.Option("--time", help="A column of dates or years: validate forward in time.")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="A column with the weight of each row.")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="A column to leave out; may be repeated.")] = None,
    rejected: Annotated[
        str | None,
        typer.Option(
            help="A column of yes and no: rejected rows are not learnt from, and told of on the card."
        ),
    ] = None,
    cut: Annotated[
        list[str] | None,
        typer.Option(help="A column by whose values the card tells grades, bad and AUC; may be repeated."),
    ] = None,
    monotone: Annotated[
        list[str] | None, typer.Option(help="COLUMN=up or COLUMN=down: more is always worse, or better.")
    ] = None,
    sign: Annotated[
        bool, typer.Option("--sign/--no-sign", help="No column may count against its own evidence.")
    ] = True,
    grades: Annotated[
        str | None,
        typer.Option(help="A-D, A-E, or symbols with commas, best first; default: A-D, or as --based-on."),
    ] = None,
    shares: Annotated[
        str | None,
        typer.Option(help="Per cent of rows per grade, best first; default: by steps of the odds."),
    ] = None,
    max_features: Annotated[int, typer.Option(min=1, help="At most so many columns.")] = 40,
    max_tables: Annotated[int, typer.Option(min=0, help="At most so many tables of two columns.")] = 16,
    simple: Annotated[
        bool,
        typer.Option("--simple", help="Evidence and regression only: few bands, no refinement, no tables."),
    ] = False,
    holdout: Annotated[float, typer.Option(min=0, max=0.5, help="Share kept for a last look.")] = 0.0,
    challenger: Annotated[
        bool, typer.Option("--challenger/--no-challenger", help="Compare with LightGBM.")
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help="The same seed and file give the same system.")] = 0,
    purpose: Annotated[str, typer.Option(help="What the system is for, as in index-system files.")] = (
        "risk_classification"
    ),
    based_on: Annotated[
        str | None,
        typer.Option(help="A shipped system: the columns are its inputs, and the file can be published."),
    ] = None,
    card: Annotated[
        Path | None, typer.Option(help="Where the model card goes; default: beside the system.")
    ] = None,
) -> None:
    """Learn an index system from a table: bands, integer points, grades, and a model card."""
    from creditmesh.scoring import cases
    from creditmesh.scoring.learning import fitting
    from creditmesh.scoring.learning.model.learning import Shape
    from creditmesh.scoring.learning.options import (
        Options,
        purpose_of,
        shares_of,
        symbols_of,
        system_id,
        trends_of,
    )
    from creditmesh.scoring.learning.watching import cards as telling_cards

    _may_be_written(out)
    base = None if based_on is None else _shipped(based_on)
    options = Options(
        base=base,
        positive=positive,
        id_column=id_column,
        time_column=time_column,
        weight_column=weights,
        rejected_column=rejected,
        drop=tuple(drop or ()),
        cuts=tuple(cut or ()),
        trends=trends_of(monotone or ()),
        grades=symbols_of(grades or ("A-D" if base is None else ",".join(base.definition.symbols))),
        grade_shares=shares_of(shares),
        seed=seed,
        challenger=challenger,
        holdout=holdout,
        shape=Shape(most_columns=max_features, most_tables=max_tables, signed=sign, refined=not simple),
        system=system_id(out.stem),
        purpose=purpose_of(purpose) if base is None else base.definition.purpose,
    )
    made = fitting.fit(tables.read(file), target=target, options=options)
    cards = card or out.with_suffix(".card.json")
    out.write_text(made.system, encoding="utf-8")
    if base is not None:
        out.with_suffix(".cases.yml").write_text(cases.first(out), encoding="utf-8")
    cards.with_suffix(".json").write_text(made.card.as_json(), encoding="utf-8")
    cards.with_suffix(".md").write_text(telling_cards.learnt(made.card.data), encoding="utf-8")
    told = {"system": str(out), "card": str(cards.with_suffix(".json")), **_brief(made.card.data)}
    starting.show(told, as_json=as_json, lines=_lines(told, made.card.data))


def _brief(data: Any) -> dict[str, Any]:
    return {
        "rows": data["data"]["rows"],
        "bad": data["data"]["bad"],
        "bad_is": data["data"]["bad_is"],
        "validation": data["validation"]["kind"],
        "performance": data["performance"],
        "grades": data["grades"],
        "notes": data["notes"],
    }


def _lines(told: dict[str, Any], data: Any) -> list[str]:
    tested, other = data["performance"]["tested"], data["performance"].get("challenger")
    lines = [
        (
            f"{told['system']}: {told['rows']} rows, {told['bad']} bad "
            f"({data['data']['target']} is {told['bad_is']}); {len(data['indicators'])} indicators."
        )
    ]
    lines.append(
        f"On rows it had not seen ({told['validation']}): AUC {tested['auc']:.4f}, KS {tested['ks']:.4f}, "
        f"Brier {tested['brier']:.4f}."
    )
    held = data["performance"].get("held_out")
    if held:
        lines.append(
            f"On the {held['rows']} rows kept for a last look: AUC {held['auc']:.4f}, KS {held['ks']:.4f}, "
            f"Brier {held['brier']:.4f}."
        )
    if other:
        lines.append(
            f"LightGBM on the same: AUC {other['auc']:.4f}, KS {other['ks']:.4f}, Brier {other['brier']:.4f}; "
            f"readability costs {other['readability_costs_auc']:+.4f} AUC."
        )
    lines += [
        f"  {one['grade']}: {one['rows']} rows, {'-' if one['share_bad'] is None else format(one['share_bad'], '.2%')} bad"
        for one in data["grades"]
    ]
    lines += [f"note on {one['column']}: {one['en']}" for one in data["notes"]]
    return [*lines, f"Model card: {told['card']}"]


def score(
    system: System,
    file: Table,
    out: Annotated[Path, typer.Option(help="Where to write the scores, as Parquet.")],
    id_column: Annotated[str | None, typer.Option("--id", help="The column that names the rows.")] = None,
    probability: Annotated[
        bool,
        typer.Option(
            "--probability", help="Add a column: the probability of bad, by the card beside the system."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Score every row of a table: score, grade, and what each indicator adds, in thousandths of a point."""
    from collections import Counter

    import pyarrow.parquet as pq

    from creditmesh.scoring import loading
    from creditmesh.scoring.learning import applying
    from creditmesh.scoring.learning.watching import drifting

    _may_be_written(out)
    loaded = loading.load(system)
    table = tables.read(file)
    found = applying.score(loaded, table, on=EVALUATED_ON, id_column=id_column)
    if probability:
        line = drifting.line_of(_card(system.with_suffix(".card.json")))
        found = found.append_column("probability", applying.probability(found, line))
    pq.write_table(found, out)
    grades = dict(sorted(Counter(str(one) for one in found["grade"].to_pylist()).items()))
    direction = str(loaded.definition.direction)
    lost = applying.unreadable(loaded, table)
    told = {
        "rows": found.num_rows,
        "out": str(out),
        "grades": grades,
        "direction": direction,
        "unreadable": lost,
    }
    lines = [
        f"{out}: {found.num_rows} rows; " + ", ".join(f"{grade} {rows}" for grade, rows in grades.items()),
        (
            f"Scores are in thousandths of a point, 0 to {loaded.definition.scale * 1_000:,}; "
            f"{direction.replace('_', ' ')}; the columns points_... add up to the score."
        ),
        *_unreadable(lost),
    ]
    starting.show(told, as_json=as_json, lines=lines)


def _unreadable(lost: dict[str, int]) -> list[str]:
    return [
        f"note on {column}: {number} values cannot be read as what the system was learnt from; they count as missing"
        for column, number in lost.items()
    ]


def _shipped(name: str) -> Any:
    from creditmesh.scoring import loading

    file = loading.shipped().get(name)
    if file is None:
        known = ", ".join(loading.shipped())
        raise typer.BadParameter(f"'{name}' is none of {known}.", param_hint="--based-on")
    return loading.load(file)


def _may_be_written(out: Path) -> None:
    if not out.parent.is_dir() or out.is_dir():
        raise typer.BadParameter(
            f"{out} cannot be written: name a file in a folder that is there.", param_hint="--out"
        )


def _card(place: Path) -> Any:
    import json

    from creditmesh.scoring.learning.watching import drifting

    try:
        return json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise drifting.NoReference(f"There is no model card {place}; `creditmesh fit` writes it.") from None
    except ValueError:
        raise drifting.NoReference(f"{place} is not the JSON that `creditmesh fit` wrote.") from None


def card_of(
    system: Annotated[str, typer.Argument(help="An index-system file, or the name of a shipped system.")],
    out: Annotated[
        Path | None, typer.Option(help="Write the card here as Markdown; default: print it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the model card of an index system, learnt or written by experts."""
    import json

    from creditmesh.scoring import loading
    from creditmesh.scoring.learning.watching import cards, notes, written

    file = loading.shipped().get(system, Path(system))
    if not file.is_file():
        known = ", ".join(loading.shipped())
        raise typer.BadParameter(f"{system} is neither a file nor one of {known}.", param_hint="SYSTEM")
    beside = file.with_suffix(".card.json")
    if beside.is_file():
        data = json.loads(beside.read_text(encoding="utf-8"))
        text = cards.learnt(data)
    else:
        data = written.card(loading.load(file), notes.beside(file))
        text = cards.told(data)
    if out is not None:
        out.write_text(text, encoding="utf-8")
    starting.show(data, as_json=as_json, lines=[text.rstrip()])


def drift(
    system: System,
    file: Table,
    card: Annotated[Path | None, typer.Option(help="The system's model card; default: beside it.")] = None,
    as_json: Json = False,
) -> None:
    """Tell whether the rows of a table still look like those a system was learnt from."""
    from creditmesh.scoring import loading
    from creditmesh.scoring.learning import applying
    from creditmesh.scoring.learning.watching import drifting

    found = loading.load(system)
    reference = _card(card or system.with_suffix(".card.json"))
    rows = tables.read(file)
    result = applying.run(found, rows, on=EVALUATED_ON)
    lost = applying.unreadable(found, rows)
    moved = drifting.drift(found, card=reference, result=result)
    told = {
        "rows": result.num_rows,
        "drift": [{**starting.plain(one), "verdict": one.verdict} for one in moved],
        "unreadable": lost,
    }
    lines = [f"{'':24} PSI     KS      missing before / now"]
    for one in moved:
        missing = one.missing
        lines.append(f"{one.id:24} {one.psi:.4f}  {one.ks:.4f}  {missing}  {one.verdict}")
    lines += _unreadable(lost)
    starting.show(told, as_json=as_json, lines=lines)


def weights(
    file: System,
    table: Annotated[
        Path | None,
        typer.Option(exists=True, help="Inputs of a run, or a table: how grades hang on each weight."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(exists=True, help="A result with points_...: weights by entropy and CRITIC."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the weights of a system, what they come from, and how many grades hang on each."""
    from creditmesh.scoring import loading
    from creditmesh.scoring.learning.watching import telling

    told = telling.weights(
        loading.load(file),
        table=None if table is None else tables.read(table),
        result=None if data is None else tables.read(data),
        on=EVALUATED_ON,
    )
    starting.show(told, as_json=as_json, lines=telling.lines(told))
