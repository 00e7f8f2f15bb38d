"""Random index systems and random rows, for what must hold whatever the system says."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from tests.scoring.example import TODAY, item

from creditmesh.scoring.definition.given import given
from creditmesh.scoring.definition.loaded import System, inputs
from creditmesh.scoring.definition.system import Definition
from creditmesh.scoring.language.tree import Type
from creditmesh.scoring.plan import Plan

WHOLE = {f"n{k}": {"kind": "integer", "minimum": -(10**k), "maximum": 10 ** (k + 2)} for k in range(1, 5)}
CHOICES = {"kind": "choice", "choices": {letter: {"zh": letter, "en": letter} for letter in "abcd"}}
OTHERS = {"t1": CHOICES, "t2": {}, "d1": {"kind": "date"}, "d2": {"kind": "date"}, "b1": {"kind": "boolean"}}
ITEMS = {"RND-01": item("RND-01", WHOLE, None), "RND-02": item("RND-02", OTHERS, None)}
FEATURES = {
    name: {"label": {"zh": name, "en": name}, "take": "latest", "item": code, "of": name}
    for code, fields in (("RND-01", WHOLE), ("RND-02", OTHERS))
    for name in fields
}
WORDS = {"zh": "字", "en": "words"}
CONSTANTS = st.integers(-1_000, 1_000).map(str)


def numbers(depth: int = 2) -> st.SearchStrategy[str]:
    """Expressions that give a number."""
    names = st.sampled_from([*WHOLE])
    leaf = names | CONSTANTS | st.sampled_from(["days(d1)", "days(d1, d2)"])
    if depth == 0:
        return leaf
    below = numbers(depth - 1)
    pair = st.tuples(below, below)
    return (
        leaf
        | pair.map(lambda two: f"({two[0]} + {two[1]})")
        | pair.map(lambda two: f"({two[0]} - {two[1]})")
        | st.tuples(below, CONSTANTS).map(lambda two: f"({two[0]} * {two[1]})")
        | pair.map(lambda two: f"min({two[0]}, {two[1]})")
        | pair.map(lambda two: f"max({two[0]}, {two[1]}, 5)")
        | pair.map(lambda two: f"or_else({two[0]}, {two[1]})")
        | st.tuples(names, below, st.sampled_from([1, 100, 10_000])).map(
            lambda t: f"ratio({t[0]}, {t[1]}, {t[2]})"
        )
    )


TEXTS = st.sampled_from(["t1", "t2", "prefix(t2, 1)", "or_else(t2, 'b')", "or_else(t1, 'd')"])


def conditions(depth: int = 2) -> st.SearchStrategy[str]:
    """Expressions that are true or false."""
    sign = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    number = numbers(1)
    leaf = (
        st.just("b1")
        | st.tuples(number, sign, number).map(" ".join)
        | st.tuples(number, sign, number, sign, number).map(" ".join)
        | st.tuples(TEXTS, st.sampled_from(["==", "!="])).map(lambda two: f"{two[0]} {two[1]} 'b'")
        | TEXTS.map(lambda text: f"{text} in ['a', 'c']")
        | TEXTS.map(lambda text: f"{text} not in ['b']")
        | number.map(lambda text: f"{text} in [1, 2, 100]")
        | st.sampled_from(["d1 < d2", "d1 >= as_of", "d2 == date('2026-01-01')"])
        | (number | TEXTS | st.sampled_from(["b1", "d1"])).map(lambda text: f"{text} is missing")
        | number.map(lambda text: f"{text} is not missing")
    )
    if depth == 0:
        return leaf
    below = conditions(depth - 1)
    return (
        leaf
        | below.map(lambda text: f"not ({text})")
        | st.tuples(below, below).map(lambda two: f"({two[0]} and {two[1]})")
        | st.tuples(below, below).map(lambda two: f"({two[0]} or {two[1]})")
    )


def policies(scale: int) -> st.SearchStrategy[Any]:
    """What is done without a value."""
    return st.sampled_from(["skip", "worst", "refuse"]) | st.integers(0, scale).map(lambda n: {"score": n})


@st.composite
def weights(draw: st.DrawFn, many: int) -> list[int]:
    """So many weights that sum to 10000."""
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=many - 1, max_size=many - 1)))
    return [high - low for low, high in zip([0, *cuts], [*cuts, 10_000], strict=True)]


@st.composite
def scorings(draw: st.DrawFn, scale: int, low: int) -> dict[str, Any]:
    """A value and the way it is scored."""
    points = st.integers(low, scale)
    way = draw(st.sampled_from(["bands", "linear", "per_event", "lookup", "closed", "boolean", "formula"]))
    if way == "boolean":
        return {"value": draw(conditions()), "boolean": {"yes": draw(points), "no": draw(points)}}
    if way == "closed":
        return {"value": "t1", "lookup": {"points": {letter: draw(points) for letter in "abcd"}}}
    if way == "lookup":
        table = {letter: draw(points) for letter in "ab"}
        return {"value": draw(TEXTS), "lookup": {"points": table, "otherwise": draw(points)}}
    if way == "formula":
        return {"formula": draw(numbers())}
    value = {"value": draw(numbers())}
    if way == "per_event":
        sign = draw(st.sampled_from([1, -1])) if low < 0 else 1
        each, cap, per = draw(st.integers(1, scale)), draw(st.integers(1, scale)), draw(st.integers(1, 1_000))
        return value | {"per_event": {"points": sign * each, "cap": sign * cap, "per": per}}
    ends = sorted(draw(st.sets(st.integers(-2_000, 20_000), min_size=2, max_size=5)))
    if way == "linear":
        return value | {"linear": [{"at": end, "points": draw(points)} for end in ends]}
    return value | {
        "bands": [*({"up_to": end, "points": draw(points)} for end in ends), {"points": draw(points)}]
    }


@st.composite
def indicator_lists(draw: st.DrawFn, prefix: str, scale: int) -> list[dict[str, Any]]:
    """Indicators of one list, the first of which weigh, the last of which may adjust."""
    many, more = draw(st.integers(1, 4)), draw(st.integers(0, 1))
    listed = []
    for n, weight in enumerate([*draw(weights(many)), *([draw(st.integers(0, 10_000))] if more else [])]):
        adjusts = n >= many
        one = {"id": f"{prefix}_{n}", "label": WORDS, "weight": weight, "reason": WORDS}
        one |= {"missing": draw(policies(scale)), "role": "adjustment" if adjusts else "weighted"}
        if draw(st.booleans()):
            one["not_collected"] = draw(policies(scale))
        if draw(st.integers(0, 4)) == 0:
            one["applies_when"] = draw(conditions(1))
        listed.append(one | draw(scorings(scale, -scale if adjusts else 0)))
    return listed


@st.composite
def groups(draw: st.DrawFn, scale: int) -> list[dict[str, Any]]:
    """The groups of a system."""
    found = []
    for g, weight in enumerate(draw(st.integers(1, 3).flatmap(weights))):
        group = {
            "id": f"g{g}",
            "label": WORDS,
            "weight": weight,
            "minimum_coverage": draw(st.sampled_from([0, 5_000])),
        }
        if draw(st.booleans()):
            group["indicators"] = draw(indicator_lists(f"i{g}", scale))
        else:
            subs = draw(st.integers(1, 2).flatmap(weights))
            group["sub_groups"] = [
                {
                    "id": f"s{g}_{s}",
                    "label": WORDS,
                    "weight": sub,
                    "indicators": draw(indicator_lists(f"i{g}_{s}", scale)),
                }
                for s, sub in enumerate(subs)
            ]
        found.append(group)
    return found


BOTH = ["higher_is_worse", "higher_is_better"]


@st.composite
def parts(draw: st.DrawFn) -> dict[str, Any]:
    """Another system's result: its scale, direction and grades, and what counts without it."""
    scale, symbols = draw(st.sampled_from([1, 7, 100, 1_000])), list("ABCDE"[: draw(st.integers(2, 5))])
    fallback = {"score": draw(st.integers(0, scale)), "grade": draw(st.sampled_from(symbols))}
    missing = draw(st.sampled_from(["skip", "refuse", fallback]))
    return {
        "label": WORDS,
        "system": "other",
        "scale": scale,
        "direction": draw(st.sampled_from(BOTH)),
        "grades": symbols,
        "missing": missing,
    }


class _Steps:
    """Draws steps one after another, each of which may read those before it."""

    def __init__(self, draw: st.DrawFn, symbols: list[str], named: dict[str, Any], scored: list[str]) -> None:
        self.draw, self.symbols, self.parts = draw, symbols, named
        self.scored = ["own", *scored, *named]
        self.graded = ["own", *named]

    def step(self, nth: int) -> dict[str, Any]:
        """Return one more step."""
        way = self.draw(st.sampled_from(["weighted", "budget", "add_on", "matrix", "floor"]))
        step = {"id": f"step{nth}", "label": WORDS, way: getattr(self, way)()}
        self.graded.append(step["id"])
        if way in {"weighted", "budget", "add_on"}:
            self.scored.append(step["id"])
            step["cut_offs"] = self.cuts()
        return step

    def cuts(self) -> list[int]:
        """Return bounds for the grades, in whatever order: a plan must not care."""
        return [self.draw(st.integers(0, 50)) for _ in self.symbols[1:]]

    def weighted(self) -> dict[str, Any]:
        shares = self.draw(st.integers(2, 3).flatmap(weights))
        scale = self.draw(st.sampled_from([1, 100, 120]))
        truth = st.booleans()
        read = [
            {"of": self.score(), "weight": one, "rescale": self.draw(truth), "turned": self.draw(truth)}
            for one in shares
        ]
        return {"scale": scale, "parts": read}

    def score(self) -> str:
        return self.draw(st.sampled_from(self.scored))

    def grade(self) -> str:
        return self.draw(st.sampled_from(self.graded))

    def budget(self) -> dict[str, Any]:
        return {"blocks": [self.block() for _ in range(self.draw(st.integers(2, 3)))]}

    def add_on(self) -> dict[str, Any]:
        return {"to": self.score(), "add": [self.block() for _ in range(self.draw(st.integers(1, 2)))]}

    def block(self) -> dict[str, Any]:
        points = self.draw(st.integers(1, 60))
        if self.draw(st.booleans()):
            return {"of": self.score(), "points": points, "turned": self.draw(st.booleans())}
        of = self.grade()
        table = {symbol: self.draw(st.integers(0, points)) for symbol in self.symbols_of(of)}
        return {"of": of, "points": points, "by_grade": table}

    def symbols_of(self, name: str) -> list[str]:
        return self.parts[name]["grades"] if name in self.parts else self.symbols

    def matrix(self) -> dict[str, Any]:
        rows, columns = self.grade(), self.grade()
        ours = st.sampled_from(self.symbols)
        table = {
            row: {one: self.draw(ours) for one in self.symbols_of(columns)} for row in self.symbols_of(rows)
        }
        return {
            "rows": rows,
            "columns": columns,
            "table": table,
            "otherwise": self.draw(st.sampled_from([None, *self.symbols])),
        }

    def floor(self) -> dict[str, Any]:
        for part in self.parts.values():
            part["becomes"] = {symbol: self.draw(st.sampled_from(self.symbols)) for symbol in part["grades"]}
        return {
            "of": self.draw(st.sampled_from([one for one in self.graded if one not in self.parts])),
            "not_better_than": [self.grade() for _ in range(self.draw(st.integers(1, 2)))],
            "less": self.draw(st.integers(0, 3)),
        }


@st.composite
def combinations(draw: st.DrawFn, symbols: list[str], own: list[str]) -> dict[str, Any]:
    """One to four steps over up to two parts and the groups."""
    named = {f"part{n}": draw(parts()) for n in range(draw(st.integers(0, 2)))}
    steps = _Steps(draw, symbols, named, own)
    made = [steps.step(n) for n in range(draw(st.integers(1, 4)))]
    return {"parts": named, "own_cut_offs": steps.cuts(), "steps": made}


@st.composite
def systems(draw: st.DrawFn) -> System:
    """A whole system; its text is right in shape, and may make no sense to people."""
    worse = draw(st.booleans())
    scale = draw(st.sampled_from([1, 100, 1_000, 100_000]))
    many = draw(st.integers(2, min(6, scale + 1)))
    cuts = sorted(
        draw(st.sets(st.integers(0, scale), min_size=many - 1, max_size=many - 1)), reverse=not worse
    )
    symbols = [chr(ord("A") + n) for n in range(many)]
    grades = [
        {"symbol": symbol, "label": WORDS, "up_to" if worse else "at_least": cut}
        for symbol, cut in zip(symbols, cuts, strict=False)
    ]
    rules = {
        kind: [
            {
                "id": f"{kind}_{n}",
                "label": WORDS,
                "when": draw(conditions()),
                **({} if key is None else {key: draw(st.sampled_from(symbols))}),
            }
            for n in range(draw(st.integers(0, 2)))
        ]
        for kind, key in (("exclusions", None), ("triggers", "grade"), ("caps", "not_better_than"))
    }
    leaves = draw(groups(scale))
    more: dict[str, Any] = {}
    if draw(st.booleans()):
        more["combination"] = draw(combinations(symbols, [one["id"] for one in leaves]))
    if draw(st.booleans()):
        more["adjustments"] = {"better": draw(st.integers(0, 2)), "worse": draw(st.integers(1, 2))}
    data = {
        "id": "random", "version": "1", "label": WORDS, "owner": WORDS, "purpose": "quality_score", "lifecycle": "draft",
        "status": "fictitious", "source": "drawn", "effective_from": date(2026, 1, 1), "rounding": "half_up",
        "direction": "higher_is_worse" if worse else "higher_is_better", "scale": scale,
        "cut_offs": "upper_inclusive" if worse else "lower_inclusive",
        "population": {"items": ["RND-01"]}, "features": FEATURES, "groups": leaves,
        "grades": [*grades, {"symbol": symbols[-1], "label": WORDS}], "not_collected": draw(policies(scale)),
        "minimum_coverage": draw(st.sampled_from([0, 3_000])), "reasons": draw(st.integers(0, 4)),
        "insufficient": {"not_better_than": draw(st.sampled_from([None, *symbols]))}, **rules,
    }  # fmt: skip
    return System(Definition.model_validate(data), ITEMS)


DAYS = st.integers(-5_000, 2_000).map(lambda n: TODAY + timedelta(n))
VALUES = {
    Type.INTEGER: st.integers(-5, 5) | st.integers(-2_000, 20_000) | st.integers(-(2**63), 2**63 - 1),
    Type.TEXT: st.sampled_from(["a", "b", "c", "d", "ba", "", "'", "企业"]),
    Type.DATE: DAYS,
    Type.TRUTH: st.booleans(),
}


@st.composite
def rows(draw: st.DrawFn, system: System, plan: Plan) -> dict[str, object]:
    """One row of inputs, whatever it may hold."""
    row: dict[str, object] = {"subject": "s", "name": None, "region": None, "industry": "C", "as_of": TODAY}
    for name, one in (inputs(system) | given(system)).items():
        row[name] = draw(st.none() | VALUES[one.type] | VALUES[one.type])
    return row | {flag: draw(st.booleans()) for flag in plan.collected}
