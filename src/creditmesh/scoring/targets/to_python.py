"""A plan as a plain Python function: one enterprise, the whole trace, about as fast as reading it aloud."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from creditmesh.scoring import plan as plans
from creditmesh.scoring.definition.given import STEPS
from creditmesh.scoring.definition.parts import State
from creditmesh.scoring.language import python
from creditmesh.scoring.plan import Level, Measure, Plan, Rule, Segment, Segments, Table, YesNo
from creditmesh.scoring.targets import python_combined


@dataclass(frozen=True)
class Scored:
    """What one enterprise got, and how: values, states and milli-points by id, coverage by group."""

    values: Mapping[str, object]
    states: Mapping[str, str]
    points: Mapping[str, int | None]
    coverages: Mapping[str, int]
    coverage: int
    score: int | None
    grade: str | None
    outcome: str
    exclusions: tuple[str, ...]
    triggers: tuple[str, ...]
    caps: tuple[str, ...]
    reasons: tuple[str, ...]
    rank: int | None = None  # by score, before adjustments, caps and triggers
    moved: int = 0  # grades by which a person moved it
    own: int | None = None  # of a combination: the score of the own groups
    steps: Mapping[str, int | str | None] = field(default_factory=dict)
    combined: Mapping[str, int | None] = field(default_factory=dict)  # what steps read and made, by column

    def columns(self, *, reasons: int) -> dict[str, object]:
        """Return the result as the columns of a result row, with room for so many reasons."""
        return {
            **{f"points_{id_}": points for id_, points in self.points.items()},
            **{f"coverage_{id_}": share for id_, share in self.coverages.items()},
            "coverage_bp": self.coverage,
            **({"score_own": self.own} if self.steps else {}),
            **{f"step_{id_}": found for id_, found in self.steps.items()},
            "score": self.score,
            "grade": self.grade,
            "outcome": self.outcome,
            "exclusions": ",".join(self.exclusions) or None,
            "triggers": ",".join(self.triggers) or None,
            "caps": ",".join(self.caps) or None,
            **{f"reason{n + 1}": (*self.reasons, *[None] * reasons)[n] for n in range(reasons)},
        }


def function(plan: Plan) -> Callable[[Mapping[str, object]], Scored]:
    """Return the generated function of a plan; it takes a row with every input, `as_of` and the collected flags."""
    known: dict[str, object] = {"Scored": Scored, "date": date}
    # The text comes from our own plan, whose names are plain identifiers and whose texts are repr()s.
    exec(compile(source(plan), f"<index system {plan.system} {plan.version}>", "exec"), known)  # noqa: S102
    return cast("Callable[[Mapping[str, object]], Scored]", known["score"])


def source(plan: Plan) -> str:
    """Return the Python text of a plan's function."""
    lines = ["def score(_row):"]
    lines += _inputs(plan)
    for one in plan.measures:
        lines += _measure(one)
    levels = {one.id: one for one in (*plan.sub_groups, *plan.groups)}
    for level in levels.values():
        lines += _level(plan, level, levels)
    lines += _level(plan, plan.total, levels)
    if plan.combined is not None:
        lines += python_combined.lines(plan.combined, worse_is_more=plan.worse_is_more)
    lines += _verdict(plan)
    lines += _reasons(plan)
    lines += _answer(plan)
    return "\n    ".join(lines) + "\n"


def _inputs(plan: Plan) -> list[str]:
    lines = [f'{name} = _row["{name}"]' for name in ("as_of", "region", "industry", *plan.collected)]
    for one in plan.inputs:
        name = one.name.name
        lines.append(f'{name} = _row["{name}"]')
        if one.held and one.name.bounds:
            low, high = one.name.bounds
            lines.append(f"if {name} is not None:")
            lines.append(f"    {name} = {low} if {name} < {low} else {high} if {name} > {high} else {name}")
    return lines


def _measure(one: Measure) -> list[str]:
    id_, value = one.id, f"value_{one.id}"
    lines = ["", f"# {id_}", f"{value} = {_value(one)}"]
    start = "if"
    if one.applies is not None:
        lines += [f"if not {python.condition(one.applies)}:", f"    points_{id_}, covered_{id_} = None, True"]
        lines += [f'    state_{id_} = "{State.NOT_APPLICABLE}"']
        start = "elif"
    lines += [
        f"{start} {value} is not None:",
        f"    points_{id_}, covered_{id_} = {_points(one, value)}, True",
    ]
    lines += [f'    state_{id_} = "{State.PRESENT}"']
    ways = [
        ("elif " + (" and ".join(one.collected) or "True"), State.MISSING, one.missing),
        ("else", State.NOT_COLLECTED, one.not_collected),
    ]
    for test, state, absent in ways:
        lines += [f"{test}:", f"    points_{id_}, covered_{id_} = {absent.points}, {absent.covered}"]
        lines += [f'    state_{id_} = "{state}"']
    return lines


def _value(one: Measure) -> str:
    if isinstance(one.points, YesNo):
        present = python.every(tuple(f"{name} is not None" for name in one.reads))
        # false on the strength of something missing is not false
        return f"True if {python.condition(one.value)} else False if {present} else None"
    piece = python.value(one.value)
    present_if = list(piece.present)
    if isinstance(one.points, Table) and one.points.otherwise is None:
        present_if.append(f"{piece.text} in {tuple(one.points.points)!r}")
    return f"{piece.text} if {python.every(tuple(present_if))} else None" if present_if else piece.text


def _points(one: Measure, value: str) -> str:
    match one.points:
        case Segments(pieces=pieces):
            return " ".join(_segment(piece, value) for piece in pieces)
        case Table(points=table, otherwise=otherwise):
            return f"{dict(table)!r}.get({value}, {otherwise})"
        case YesNo(yes=yes, no=no):
            return f"{yes} if {value} else {no}"
        case formula:
            return f"min({formula.highest}, max({formula.lowest}, {value} * {plans.MILLI}))"


def _segment(piece: Segment, value: str) -> str:
    text = str(piece.points)
    if piece.slope is not None:
        slope = piece.slope
        distance = f"({value} - {slope.origin}) * {slope.rise}"
        if slope.run > 1:
            distance = f"(2 * {distance} + {slope.run}) // {2 * slope.run}"
        text = f"{text} {'+' if slope.sign > 0 else '-'} {distance}"
    return text if piece.up_to is None else f"{text} if {value} <= {piece.up_to} else"


def _level(plan: Plan, level: Level, levels: Mapping[str, Level]) -> list[str]:
    id_ = level.id
    lines = ["", f"# {id_}: weighted mean", "_total = _weight = _covered = 0"]
    for member, weight in level.members:
        lines += [
            f"if points_{member} is not None:",
            f"    _total += {weight} * points_{member}; _weight += {weight}",
        ]
        below = f"coverage_{member}" if member in levels else f"covered_{member}"
        lines += [f"_covered += {weight} * {below}"]
    for member, weight in level.adjustments:
        lines += [f"if points_{member} is not None:", f"    _total += {weight} * points_{member}"]
    if level.adjustments:
        lines += [f"_total = min(max(_total, 0), {plan.highest} * _weight)"]
    lines += [f"points_{id_} = (2 * _total + _weight) // (2 * _weight) if _weight else None"]
    # members that are levels carry basis points of their own
    nested = any(member in levels for member, _ in level.members)
    lines += [
        f"coverage_{id_} = (2 * _covered + {plans.ALL}) // {2 * plans.ALL}"
        if nested
        else f"coverage_{id_} = _covered"
    ]
    return lines


def _verdict(plan: Plan) -> list[str]:
    lines = [""]
    for kind, rules in (("exclusions", plan.exclusions), ("triggers", plan.triggers), ("caps", plan.caps)):
        lines += _hits(kind, rules)
    refused = [
        f'state_{one.id} == "{state}"'
        for one in plan.measures
        for state, absent in ((State.MISSING, one.missing), (State.NOT_COLLECTED, one.not_collected))
        if absent.refuses
    ]
    thin = [
        f"coverage_{one.id} < {one.minimum_coverage}"
        for one in (*plan.groups, plan.total)
        if one.minimum_coverage
    ]
    if plan.combined is not None:
        refused += [f"{plan.combined.rank} is None", *python_combined.refusals(plan.combined)]
    lines += [f"_insufficient = {' or '.join(['points_total is None', *thin, *refused])}"]
    lines += _by_score(plan)
    for rules, kind in ((plan.triggers, "triggers"), (plan.caps, "caps")):
        lines += (
            [f"if {kind}:", f"    _ranks += [_rank for _id, _rank in {_ranks(rules)} if _id in {kind}]"]
            if rules
            else []
        )
    lines += [
        'outcome = "excluded" if exclusions else "insufficient" if _insufficient and not triggers else "graded"'
    ]
    lines += ['if outcome == "insufficient":', f"    _ranks.append({plan.insufficient_rank})"]
    no_grade = ' or outcome == "insufficient"' if plan.insufficient_rank is None else ""
    lines += [f"grade = None if exclusions{no_grade} else {plan.symbols!r}[max(_ranks)]"]
    return lines


def _by_score(plan: Plan) -> list[str]:
    """Return the lines that find the rank by score and move it by the adjusted steps."""
    if plan.combined is not None:
        lines = [f"_by_score = {plan.combined.rank}"]
    else:
        sign = "<=" if plan.worse_is_more else ">="
        steps = " ".join(
            f"{rank} if points_total {sign} {bound} else" for rank, bound in enumerate(plan.cut_offs)
        )
        lines = [f"_by_score = None if points_total is None else {steps} {len(plan.cut_offs)}"]
    if plan.adjustable is None:
        return [*lines, "_moved = 0", "_ranks = [_by_score or 0]"]
    better, worse = plan.adjustable
    last = len(plan.symbols) - 1
    return [
        *lines,
        f'_moved = min(max(_row["{STEPS}"] or 0, {better}), {worse})',
        f"_ranks = [0 if _by_score is None else min(max(_by_score + _moved, 0), {last})]",
    ]


def _hits(kind: str, rules: tuple[Rule, ...]) -> list[str]:
    listed = "".join(f"({rule.id!r}, {python.condition(rule.when)}), " for rule in rules)
    return [f"{kind} = (*[_id for _id, _hit in ({listed}) if _hit],)" if rules else f"{kind} = ()"]


def _ranks(rules: tuple[Rule, ...]) -> str:
    return repr(tuple((rule.id, rule.rank) for rule in rules))


def _reasons(plan: Plan) -> list[str]:
    lines = ["", "_keys = []"]
    for place, one in enumerate(plan.measures):
        lines += [f"if points_{one.id} is not None and {bad_if(plan, one)}:"]
        lines += [
            f"    _keys.append({badness(plan, one)} * {one.importance * plan.slots} + {plan.slots - 1 - place})"
        ]
    ids = tuple(one.id for one in plan.measures)
    lines += ["_keys.sort(reverse=True)"]
    lines += [
        f"reasons = (*[{ids!r}[{plan.slots - 1} - _key % {plan.slots}] for _key in _keys[:{plan.reasons}]],)"
    ]
    return lines


def bad_if(plan: Plan, one: Measure) -> str:
    """Return when the points of a measure speak against the enterprise."""
    if plan.worse_is_more:
        return f"points_{one.id} > 0"
    return f"points_{one.id} < {0 if one.adjusts else plan.highest}"


def badness(plan: Plan, one: Measure) -> str:
    """Return how much the points of a measure speak against the enterprise, above zero."""
    if plan.worse_is_more:
        return f"points_{one.id}"
    return f"({0 if one.adjusts else plan.highest} - points_{one.id})"


def _answer(plan: Plan) -> list[str]:
    def mapping(prefix: str, ids: list[str]) -> str:
        return "{" + ", ".join(f'"{id_}": {prefix}_{id_}' for id_ in ids) + "}"

    score = "points_total" if plan.combined is None else plan.combined.score
    measures = [one.id for one in plan.measures]
    levels = [one.id for one in (*plan.sub_groups, *plan.groups)]
    return [
        "return Scored(",
        f"    values={mapping('value', measures)},",
        f"    states={mapping('state', measures)},",
        f"    points={mapping('points', measures + levels)},",
        f"    coverages={mapping('coverage', [one.id for one in plan.groups])},",
        f"    coverage=coverage_total, score=None if exclusions else {score}, grade=grade, outcome=outcome,",
        "    exclusions=exclusions, triggers=triggers, caps=caps, reasons=reasons,",
        f"    rank=_by_score, moved=_moved, {_steps(plan)}",
        ")",
    ]


def _steps(plan: Plan) -> str:
    if plan.combined is None:
        return ""
    shown = ", ".join(
        f'"{id_}": ' + (f"None if {name} is None else {plan.symbols!r}[{name}]" if graded else name)
        for id_, name, graded in plan.combined.shown
    )
    read = ", ".join(f'"{name}": {name}' for name in python_combined.columns(plan.combined))
    own = "own=None if exclusions else points_total"
    return f"{own}, steps={{{shown}}}, combined={{'points_total': points_total, {read}}},"
