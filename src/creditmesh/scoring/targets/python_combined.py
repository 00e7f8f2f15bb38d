"""The steps of a combination as Python text: one line a value, missing where what it needs is."""

from creditmesh.scoring.combining import Act, Combined, Cut, Given, Held, Mean, Pairs, Piece, Sum, column_of


def lines(of: Combined, *, worse_is_more: bool) -> list[str]:
    """Return the lines that compute every step."""
    found = ["", "# combination"]
    for part in of.parts:
        found += _part(part)
    for act in of.acts:
        found += _act(act, worse_is_more)
    return found


def columns(of: Combined) -> list[str]:
    """Return the names of everything that is computed here."""
    known = [f"known_{part.name}_{end}" for part in of.parts for end in ("score", "rank")]
    return [*known, *map(column_of, of.acts)]


def refusals(of: Combined) -> list[str]:
    """Return when a part without a result makes the whole insufficient, as conditions."""
    named = (name for part in of.parts if part.refuses for name in (part.score, part.rank))
    return [f'_row["{name}"] is None' for name in named]


def _part(part: Given) -> list[str]:
    made = []
    for end, name, most, other in (
        ("score", part.score, part.highest, part.else_score),
        ("rank", part.rank, part.worst, part.else_rank),
    ):
        found = f'_row["{name}"]'
        made.append(f"known_{part.name}_{end} = {other} if {found} is None else min(max({found}, 0), {most})")
    return made


def _act(act: Act, worse_is_more: bool) -> list[str]:
    match act:
        case Mean():
            return _mean(act)
        case Sum():
            return _sum(act)
        case Cut():
            return [_cut(act, worse_is_more)]
        case Pairs():
            both = f"{act.rows} is None or {act.columns} is None"
            return [
                f"rank_{act.id} = {act.otherwise} if {both} else {act.table!r}[{act.rows}][{act.columns}]"
            ]
        case _:
            return [_held(act)]


def _turned(column: str, top: int | None) -> str:
    return column if top is None else f"({top} - {column})"


def _mean(act: Mean) -> list[str]:
    made = ["_total = _weight = 0"]
    for one in act.terms:
        made += [
            f"if {one.column} is not None:",
            f"    _total += {one.factor} * {_turned(one.column, one.top)}; _weight += {one.share}",
        ]
    return [*made, f"step_{act.id} = (2 * _total + _weight) // (2 * _weight) if _weight else None"]


def _sum(act: Sum) -> list[str]:
    made = ["_total = _weight = 0"]
    for one in act.pieces:
        made += [
            f"if {one.column} is not None:",
            f"    _total += {_piece(one)}; _weight += {one.points}",
        ]
    if act.onto is not None:
        return [*made, f"step_{act.id} = {act.onto} + _total if {act.onto} is not None else None"]
    whole = sum(one.points for one in act.pieces)
    stretched = f"(2 * _total * {whole} + _weight) // (2 * _weight)"
    return [*made, f"step_{act.id} = {stretched} if _weight else None"]


def _piece(one: Piece) -> str:
    if one.table is not None:
        return f"{one.table!r}[{one.column}]"
    return f"(2 * {one.rise} * {_turned(one.column, one.top)} + {one.run}) // {2 * one.run}"


def _cut(act: Cut, worse_is_more: bool) -> str:
    sign = "<=" if worse_is_more else ">="
    steps = " ".join(f"{rank} if {act.column} {sign} {bound} else" for rank, bound in enumerate(act.bounds))
    return f"rank_{act.id} = None if {act.column} is None else {steps} {len(act.bounds)}"


def _held(act: Held) -> str:
    floors = [f"0 if {column} is None else {ranks!r}[{column}] - {act.less}" for column, ranks in act.others]
    return f"rank_{act.id} = None if {act.of} is None else max({act.of}, {', '.join(floors)})"
