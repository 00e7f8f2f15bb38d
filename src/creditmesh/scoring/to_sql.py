"""A plan as staged SQL: a few named steps over one wide table, built as a tree so that other dialects can follow.

`held` holds values inside their bounds, `measured` computes each value once, `scored` gives it points; then come
sub-groups, groups, the total, the verdict, and the reasons: successive maxima instead of a sort, each looked for only
inside the group that held the one before.
"""

from collections.abc import Iterable, Sequence

from sqlglot import exp

from creditmesh.scoring import plan as plans
from creditmesh.scoring.language import tree as language
from creditmesh.scoring.language.sql import (
    SMALL,
    Writer,
    absent,
    chosen,
    column,
    greatest,
    number,
    one_of,
    present,
    than,
    total,
)
from creditmesh.scoring.plan import (
    Absent,
    Level,
    Measure,
    Plan,
    Rule,
    Segment,
    Segments,
    Slope,
    Table,
    YesNo,
)
from creditmesh.scoring.staged import reasons

ABOUT = ("subject", "name", "region", "industry", "as_of")
Columns = dict[str, exp.Expr]


def statement(plan: Plan, *, inputs: str, dialect: str = "duckdb") -> str:
    """Return the SELECT that scores every row of the table or view `inputs`."""
    return tree(plan, inputs=inputs).sql(dialect=dialect, pretty=True)


def tree(plan: Plan, *, inputs: str) -> exp.Select:
    """Return the statement as a sqlglot tree."""
    steps = _Steps(plan)
    query = exp.select()
    before = inputs
    for name, made in steps.all():
        if made:
            step = exp.select("*", *(_as(what, alias) for alias, what in made.items())).from_(before)
            query = query.with_(name, as_=step, copy=False)
            before = name
    return query.select(*(_as(what, alias) for alias, what in steps.result().items())).from_(before)


def columns(plan: Plan) -> list[str]:
    """Return the names of the result's columns, in order."""
    return list(_Steps(plan).result())


class _Steps:
    """The columns each step adds to the ones before."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.levels = {one.id: one for one in (*plan.sub_groups, *plan.groups)}
        self.measures = {one.id: one for one in plan.measures}
        self.held_names = frozenset(one.name.name for one in plan.inputs if one.held and one.name.bounds)
        self.write = Writer(self.input, wide=self.held_names)
        self.lacking = self._lacking()

    def input(self, name: str) -> exp.Expr:
        return column(f"held_{name}" if name in self.held_names else name)

    def all(self) -> Iterable[tuple[str, Columns]]:
        yield "held", self.held()
        yield (
            "measured",
            {f"value_{one.id}": self.value(one) for one in self.plan.measures if _is_computed(one)},
        )
        yield "scored", {f"points_{one.id}": self.points(one) for one in self.plan.measures}
        yield from self.rolled_up("sub_groups", self.plan.sub_groups)
        yield from self.rolled_up("groups", self.plan.groups)
        yield from self.rolled_up("totals", (self.plan.total,))
        yield "checked", self.checks()
        yield "ranked", self.ranked()
        yield from reasons.steps(self.plan)

    def held(self) -> Columns:
        made: Columns = {}
        for one in self.plan.inputs:
            if one.name.name in self.held_names:
                low, high = language.limits(one.name)
                value = exp.cast(column(one.name.name), "BIGINT")
                below, above = than(exp.LT, value, low), than(exp.GT, value, high)
                made[f"held_{one.name.name}"] = (
                    exp.case()
                    .when(below, number(low, wide=True))
                    .when(above, number(high, wide=True))
                    .else_(value)
                )
        return made

    def value(self, one: Measure) -> exp.Expr:
        if isinstance(one.points, YesNo):
            yes = exp.case().when(self.write.condition(one.value), exp.true())
            if not one.reads:
                return yes.else_(exp.false())
            # false on the strength of something missing is not false
            return yes.when(exp.and_(*(present(self.write.name(name)) for name in one.reads)), exp.false())
        value = self.write.value(one.value)
        if isinstance(one.points, Table) and one.points.otherwise is None:
            texts = [exp.Literal.string(text) for text in one.points.points]
            return exp.case().when(one_of(value, texts), value.copy())
        return value

    def measured(self, one: Measure) -> exp.Expr:
        """Return the column that holds a measure's value."""
        if isinstance(one.value, language.Name) and not _is_computed(one):
            return self.write.name(one.value.name)
        return column(f"value_{one.id}")

    def points(self, one: Measure) -> exp.Expr:
        case = exp.case()
        if one.applies is not None:
            case = case.when(exp.not_(exp.paren(self.write.surely(one.applies))), exp.null())
        for test, points in self.branches(one):
            case = case.when(test, points)
        otherwise = self.without(one)
        return case if isinstance(otherwise, exp.Null) else case.else_(otherwise)

    def branches(self, one: Measure) -> Iterable[tuple[exp.Expr, exp.Expr]]:
        value = self.measured(one)
        match one.points:
            case Segments(pieces=pieces):
                for piece in pieces:
                    test = present(value) if piece.up_to is None else than(exp.LTE, value, piece.up_to)
                    yield test, _segment(piece, value)
            case Table(points=table, otherwise=otherwise):
                looked_up = exp.case(value.copy())
                for text, points in table.items():
                    looked_up = looked_up.when(exp.Literal.string(text), number(points))
                yield present(value), looked_up if otherwise is None else looked_up.else_(number(otherwise))
            case YesNo(yes=yes, no=no):
                yield value.copy(), number(yes)
                yield exp.not_(value.copy()), number(no)
            case formula:
                lowest, highest = formula.lowest, formula.highest
                yield than(exp.LTE, value, lowest // plans.MILLI), number(lowest)
                yield (
                    than(exp.LT, value, highest // plans.MILLI),
                    exp.cast(exp.cast(value.copy(), "BIGINT") * number(plans.MILLI), "INTEGER"),
                )
                yield present(value), number(highest)

    def without(self, one: Measure) -> exp.Expr:
        missing, never = _points_or_null(one.missing), _points_or_null(one.not_collected)
        if one.missing.points == one.not_collected.points or not one.collected:
            return missing
        return exp.case().when(_collected(one), missing).else_(never)

    def rolled_up(self, step: str, levels: Sequence[Level]) -> Iterable[tuple[str, Columns]]:
        """Yield the sums of some levels, then their means and coverages."""
        sums: Columns = {}
        for level in levels:
            sums[f"sum_{level.id}"] = self.sum(level)
            if (weight := self.weight(level)) is not None:
                sums[f"weight_{level.id}"] = weight
        yield f"{step}_sums", sums
        means = {f"points_{level.id}": self.mean(level) for level in levels}
        yield step, means | {f"coverage_{level.id}": self.coverage(level) for level in levels}

    def sum(self, level: Level) -> exp.Expr:
        shared = plans.shared_factor(level)
        everything = sum(weight for _, weight in (*level.members, *level.adjustments)) // shared
        wide = 2 * everything * (self.plan.highest + 1) > SMALL
        return total(
            number(weight // shared, wide=wide) * self.or_zero(member)
            for member, weight in (*level.members, *level.adjustments)
        )

    def weight(self, level: Level) -> exp.Expr | None:
        """Return the weight of what is there, None when everything always is."""
        if not any(member in self.lacking for member, _ in level.members):
            return None
        shared = plans.shared_factor(level)
        return total(
            exp.case().when(present(column(f"points_{member}")), number(weight // shared)).else_(number(0))
            if member in self.lacking
            else number(weight // shared)
            for member, weight in level.members
        )

    def mean(self, level: Level) -> exp.Expr:
        sum_ = column(f"sum_{level.id}")
        whole = sum(weight for _, weight in level.members) // plans.shared_factor(level)
        constant = not any(member in self.lacking for member, _ in level.members)
        weight = number(whole) if constant else column(f"weight_{level.id}")
        if level.adjustments:
            top = exp.Least(
                this=sum_, expressions=[number(self.plan.highest, wide=True) * weight], ignore_nulls=True
            )
            sum_ = greatest([number(0), top])
        twice = number(2 * whole) if constant else exp.paren(number(2) * weight)
        mean = exp.cast(exp.paren(number(2) * sum_ + weight.copy()) // twice, "INTEGER")
        return exp.case().when(than(exp.GT, weight, 0), mean) if level.id in self.lacking else mean

    def or_zero(self, id_: str) -> exp.Expr:
        points = column(f"points_{id_}")
        return exp.Coalesce(this=points, expressions=[number(0)]) if id_ in self.lacking else points

    def _lacking(self) -> frozenset[str]:
        """Return the ids whose points may be NULL."""
        lacking = {one.id for one in self.plan.measures if one.may_lack}
        for level in (*self.levels.values(), self.plan.total):
            if not any(weight for member, weight in level.members if member not in lacking):
                lacking.add(level.id)
        return frozenset(lacking)

    def coverage(self, level: Level) -> exp.Expr:
        if any(member in self.levels for member, _ in level.members):
            summed = total(number(weight) * column(f"coverage_{member}") for member, weight in level.members)
            return exp.paren(number(2) * exp.paren(summed) + number(plans.ALL)) // number(2 * plans.ALL)
        covered = [
            exp.case().when(self.uncovered(self.measures[member]), number(0)).else_(number(weight))
            for member, weight in level.members
        ]
        return total(covered)

    def uncovered(self, one: Measure) -> exp.Expr:
        gone = [absent(self.measured(one))]
        if one.missing.covered:
            gone.append(exp.not_(_collected(one)))
        if one.applies is not None:
            gone.append(self.write.condition(one.applies))
        return exp.and_(*gone)

    def checks(self) -> Columns:
        made = {f"is_{rule.id}": self.write.surely(rule.when) for rule in self.rules()}
        thin = [
            than(exp.LT, column(f"coverage_{one.id}"), one.minimum_coverage)
            for one in (*self.plan.groups, self.plan.total)
            if one.minimum_coverage
        ]
        refused = [test for one in self.plan.measures for test in self.refusals(one)]
        made["is_insufficient"] = exp.or_(absent(column("points_total")), *thin, *refused)
        return made

    def rules(self) -> tuple[Rule, ...]:
        return (*self.plan.exclusions, *self.plan.triggers, *self.plan.caps)

    def refusals(self, one: Measure) -> Iterable[exp.Expr]:
        gone = [absent(self.measured(one))]
        if one.applies is not None:
            gone.append(self.write.surely(one.applies))
        collected = _collected(one)
        if one.missing.refuses:
            yield exp.and_(*gone, collected)
        if one.not_collected.refuses:
            yield exp.and_(*(part.copy() for part in gone), exp.not_(collected.copy()))

    def ranked(self) -> Columns:
        plan = self.plan
        excluded, triggered = _any(plan.exclusions), _any(plan.triggers)
        insufficient = exp.and_(column("is_insufficient"), exp.not_(triggered))
        sign = exp.LTE if plan.worse_is_more else exp.GTE
        by_score = exp.case().when(absent(column("points_total")), number(0))
        for rank, bound in enumerate(plan.cut_offs):
            by_score = by_score.when(than(sign, column("points_total"), bound), number(rank))
        ranks: list[exp.Expr] = [by_score.else_(number(len(plan.cut_offs)))]
        ranks += [
            exp.case().when(column(f"is_{rule.id}"), number(rule.rank)).else_(number(0))
            for rule in (*plan.triggers, *plan.caps)
        ]
        no_grade: list[exp.Expr] = [excluded]
        if plan.insufficient_rank is None:
            no_grade.append(insufficient.copy())
        else:
            ranks.append(
                exp.case().when(insufficient.copy(), number(plan.insufficient_rank)).else_(number(0))
            )
        outcome = (
            exp.case().when(excluded.copy(), _text("excluded")).when(insufficient, _text("insufficient"))
        )
        return {
            "outcome": outcome.else_(_text("graded")),
            "rank": exp.case().when(exp.not_(exp.or_(*no_grade)), greatest(ranks)),
        }

    def result(self) -> Columns:
        plan = self.plan
        kept = [*ABOUT, *(one.name.name for one in plan.inputs), *plan.collected]
        kept += [f"points_{id_}" for id_ in (*self.measures, *self.levels)]
        kept += [f"coverage_{one.id}" for one in plan.groups]
        scored = exp.case().when(exp.not_(_any(plan.exclusions)), column("points_total"))
        return {
            **{name: column(name) for name in kept},
            "coverage_bp": column("coverage_total"),
            "score": scored if plan.exclusions else column("points_total"),
            "grade": chosen(column("rank"), plan.symbols),
            "outcome": column("outcome"),
            "exclusions": _listed(plan.exclusions),
            "triggers": _listed(plan.triggers),
            "caps": _listed(plan.caps),
            **{f"reason{nth}": reasons.text(plan, nth) for nth in range(1, plan.reasons + 1)},
        }


def _as(what: exp.Expr, alias: str) -> exp.Expr:
    return (
        what if isinstance(what, exp.Column) and what.name == alias else exp.alias_(what, alias, quoted=True)
    )


def _text(text: str) -> exp.Expr:
    return exp.Literal.string(text)


def _is_computed(one: Measure) -> bool:
    partial = isinstance(one.points, Table) and one.points.otherwise is None
    return partial or not isinstance(one.value, language.Name)


def _segment(piece: Segment, value: exp.Expr) -> exp.Expr:
    if piece.slope is None:
        return number(piece.points)
    along = _along(piece.slope, value)
    if piece.slope.sign < 0:
        along = exp.Sub(this=number(piece.points), expression=along)
    elif piece.points:
        along = exp.Add(this=number(piece.points), expression=along)
    return exp.cast(along, "INTEGER")


def _along(slope: Slope, value: exp.Expr) -> exp.Expr:
    distance = exp.cast(value.copy(), "BIGINT")
    from_origin = exp.paren(distance - number(slope.origin)) if slope.origin else distance
    way = from_origin * number(slope.rise)
    if slope.run == 1:
        return way
    return exp.paren(number(2) * way + number(slope.run)) // number(2 * slope.run)


def _points_or_null(absent: Absent) -> exp.Expr:
    return exp.null() if absent.points is None else number(absent.points)


def _collected(one: Measure) -> exp.Expr:
    return exp.and_(*(column(name) for name in one.collected)) if one.collected else exp.true()


def _any(rules: tuple[Rule, ...]) -> exp.Expr:
    return exp.paren(exp.or_(*(column(f"is_{rule.id}") for rule in rules))) if rules else exp.false()


def _listed(rules: tuple[Rule, ...]) -> exp.Expr:
    """Return the ids of the rules that hold, joined by commas, NULL when none does."""
    if not rules:
        return exp.cast(exp.null(), "TEXT")
    hits = [exp.case().when(column(f"is_{rule.id}"), _text(rule.id)) for rule in rules]
    return exp.case().when(
        _any(rules), exp.ConcatWs(expressions=[_text(","), *hits], safe=True, coalesce=True)
    )
