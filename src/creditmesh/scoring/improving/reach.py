"""The best rank by score that levers can bring together, whatever each of them is set to: proven, never tried.

Every value between the points of measures and the rank is an interval of what it can come to. Means, sums and cut-offs
take the ends to the ends; tables of grades are looked through for every rank that is within reach. Nothing is promised
where a value could appear or disappear, for then weights move.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product

from creditmesh.scoring.combining import Act, Combined, Cut, Given, Held, Mean, Pairs, Piece, Sum, column_of
from creditmesh.scoring.improving.gains import Gains, Reading, total_of
from creditmesh.scoring.improving.levers import Lever
from creditmesh.scoring.plan import Plan

Ends = tuple[int, int]  # the least and the most
Allowed = Mapping[int, Sequence[int]]  # places of choices by lever, 0 for as it is; levers not named stay
Values = dict[str, Ends | None]
STAYS = (0,)


class Reach:
    """What is within reach of a row when some levers are free."""

    def __init__(
        self, plan: Plan, *, levers: Sequence[Lever], row: Mapping[str, object], gains: Gains
    ) -> None:
        self.plan, self.levers, self.row, self.gains = plan, levers, row, gains
        self.promised = all(one.points is not None for one in gains.readings)
        self._seen: dict[tuple[str, tuple[Sequence[int], ...]], Ends | None] = {}

    def best(self, allowed: Allowed) -> int | None:
        """Return the best rank by score that the allowed choices could bring; None where none is promised."""
        if not self.promised:
            return None
        points: Values = {id_: None if one is None else (one, one) for id_, one in self.gains.base.items()}
        for reading in self.gains.readings:
            points[reading.measure] = self._of_measure(reading, allowed)
        points |= self._levels(points)
        if self.plan.combined is None:
            ranks = self._cut(points["total"], self.plan.cut_offs)
        else:
            ranks = self._combined(self.plan.combined, points, allowed)
        return None if ranks is None else ranks[0]

    def _of_measure(self, reading: Reading, allowed: Allowed) -> Ends | None:
        if self.gains.base[reading.measure] is None:
            return None
        free = tuple(tuple(allowed.get(lever, STAYS)) for lever in reading.levers)
        key = (reading.measure, free)
        if key not in self._seen:
            told = reading.points or {}
            reached = [one for one in (told[places] for places in product(*free)) if one is not None]
            self._seen[key] = (min(reached), max(reached))
        return self._seen[key]

    def _levels(self, points: Values) -> Values:
        found: list[dict[str, int | None]] = []
        for end in (0, 1):
            taken = {id_: None if one is None else one[end] for id_, one in points.items()}
            found.append(total_of(self.plan, taken))
        return {id_: _ends(found[0][id_], found[1][id_]) for id_ in found[0]}

    def _combined(self, of: Combined, points: Values, allowed: Allowed) -> Ends | None:
        values: Values = {f"points_{id_}": one for id_, one in points.items()}
        for part in of.parts:
            values |= self._part(part, allowed)
        for act in of.acts:
            values[column_of(act)] = self._act(act, values)
        return values[of.rank]

    def _part(self, part: Given, allowed: Allowed) -> Values:
        found: Values = {}
        for end, column, most, otherwise in (
            ("score", part.score, part.highest, part.else_score),
            ("rank", part.rank, part.worst, part.else_rank),
        ):
            held = [one.get(column, self.row.get(column)) for one in self._chosen(part, allowed)]
            known: list[int | None] = [min(max(one, 0), most) for one in held if isinstance(one, int)]
            found[f"known_{part.name}_{end}"] = _span(known or [otherwise])
        return found

    def _chosen(self, part: Given, allowed: Allowed) -> list[Mapping[str, object]]:
        """Return what each allowed choice makes of a part; nothing where it stays as it is."""
        for nth, lever in enumerate(self.levers):
            if part.score in lever.columns:
                return [lever.choices[n - 1].values if n else {} for n in allowed.get(nth, STAYS)]
        return [{}]

    def _act(self, act: Act, values: Values) -> Ends | None:
        match act:
            case Mean():
                return _mean(act, values)
            case Sum():
                return _sum(act, values)
            case Cut():
                return self._cut(values[act.column], act.bounds)
            case Pairs():
                return _pairs(act, values)
            case _:
                return _held(act, values)

    def _cut(self, score: Ends | None, bounds: tuple[int, ...]) -> Ends | None:
        if score is None:
            return None
        worse = self.plan.worse_is_more
        ranks = [
            next(
                (rank for rank, bound in enumerate(bounds) if (one <= bound if worse else one >= bound)),
                len(bounds),
            )
            for one in score
        ]
        return min(ranks), max(ranks)


def _ends(one: int | None, other: int | None) -> Ends | None:
    return None if one is None or other is None else (min(one, other), max(one, other))


def _span(known: Sequence[int | None]) -> Ends | None:
    there = [one for one in known if one is not None]
    return (min(there), max(there)) if there else None


def _turned(found: Ends | None, top: int | None) -> Ends | None:
    return found if found is None or top is None else (top - found[1], top - found[0])


def _mean(act: Mean, values: Values) -> Ends | None:
    there = [(one, _turned(values[one.column], one.top)) for one in act.terms]
    weight = sum(one.share for one, found in there if found is not None)
    if not weight:
        return None
    whole = [sum(one.factor * found[end] for one, found in there if found is not None) for end in (0, 1)]
    return (2 * whole[0] + weight) // (2 * weight), (2 * whole[1] + weight) // (2 * weight)


def _sum(act: Sum, values: Values) -> Ends | None:
    there = [(one, _piece(one, values[one.column])) for one in act.pieces]
    whole = [sum(found[end] for _, found in there if found is not None) for end in (0, 1)]
    if act.onto is not None:
        onto = values[act.onto]
        return None if onto is None else (onto[0] + whole[0], onto[1] + whole[1])
    weight = sum(one.points for one, found in there if found is not None)
    most = sum(one.points for one in act.pieces)
    stretched: Callable[[int], int] = lambda one: (2 * one * most + weight) // (2 * weight)  # noqa: E731 - of both ends
    return (stretched(whole[0]), stretched(whole[1])) if weight else None


def _piece(one: Piece, found: Ends | None) -> Ends | None:
    if found is None:
        return None
    if one.table is not None:
        return _span(one.table[found[0] : found[1] + 1])
    turned = _turned(found, one.top) or found
    return tuple((2 * one.rise * end + one.run) // (2 * one.run) for end in turned)  # type: ignore[return-value]


def _pairs(act: Pairs, values: Values) -> Ends | None:
    rows, columns = values[act.rows], values[act.columns]
    if rows is None or columns is None:
        return None if act.otherwise is None else (act.otherwise, act.otherwise)
    return _span(
        [one for row in act.table[rows[0] : rows[1] + 1] for one in row[columns[0] : columns[1] + 1]]
    )


def _held(act: Held, values: Values) -> Ends | None:
    of = values[act.of]
    if of is None:
        return None
    ends = list(of)
    for column, ranks in act.others:
        found = values[column]
        span = None if found is None else _span(ranks[found[0] : found[1] + 1])
        if span is not None:
            ends = [max(end, one - act.less) for end, one in zip(ends, span, strict=True)]
    return ends[0], ends[1]
