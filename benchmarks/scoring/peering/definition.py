"""The definition all sides compute: 45 indicators over 60 inputs, as data, as one of our files, and as a table of rows.

Five groups of nine indicators; six rules over eight more inputs. Points run from 0 to 1000 and are kept in thousandths;
weights are basis points; every quotient is rounded half up. An indicator without a value scores 0, or is left out and
its weight shared by the others of its group. What follows is only data, so that no side is derived from another.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

AS_OF = date(2026, 6, 30)
MILLI, ALL, SLOTS = 1_000, 10_000, 64
WEIGHTS = (2000, 1500, 1200, 1100, 1000, 900, 900, 800, 600)
GROUPS = {"basic": 1500, "dynamics": 1500, "regulatory": 4000, "relations": 1500, "social": 1500}
CUT_OFFS = {"A": 110, "B": 190, "C": 280, "D": None}
BIG = 10**12  # no amount counts for more
TEXTS = ("low", "usual", "raised", "high", "grave")


@dataclass(frozen=True)
class Indicator:
    """One indicator: its inputs, how its value becomes points, and whether it scores 0 without one."""

    id: str
    group: str
    weight: int
    kind: str
    inputs: tuple[str, ...]
    steps: tuple[tuple[int | str | None, int], ...] = ()
    zero_without: bool = True

    @property
    def importance(self) -> int:
        """Return what a thousandth of a point of this indicator deducts, in millionths of the whole score."""
        return GROUPS[self.group] * self.weight // 100


def _of_group(nth: int, group: str) -> list[Indicator]:
    up = nth * 10
    kinds: list[tuple[str, tuple[str, ...], tuple[tuple[int | str | None, int], ...], bool]] = [
        ("bands", ("count_a",), ((0, 0), (1, 200 + up), (3, 500), (None, 1000)), True),
        ("bands", ("count_b",), ((0, 0), (2, 300), (4, 600 + up), (None, 1000)), True),
        ("per_event", ("count_c",), ((150 + up, 1000),), True),
        ("truth", ("flag",), ((1, 1000), (0, 0)), True),
        ("lookup", ("class",), tuple(zip(TEXTS, (0, 100, 300 + up, 700, 1000), strict=True)), False),
        ("line", ("amount",), ((0, 0), (700_000 + up, 400), (100_000_000, 1000)), True),
        ("ratio", ("part", "whole"), ((0, 1000), (3000, 400 + up), (10_000, 0)), False),
        ("days", ("day",), ((364, 600), (1094, 300 - up), (None, 0)), False),
        ("per_event", ("count_d",), ((250, 900),), False)
        if nth < 3
        else ("formula", ("count_d", "count_e"), ((90 + up, 35),), True),
    ]  # fmt: skip
    return [
        Indicator(f"{group}_{place + 1}", group, weight, kind, tuple(f"{group}_{name}" for name in names), steps, zero)
        for place, (weight, (kind, names, steps, zero)) in enumerate(zip(WEIGHTS, kinds, strict=True))
    ]  # fmt: skip


INDICATORS = [one for nth, group in enumerate(GROUPS) for one in _of_group(nth, group)]
EXCLUDED_WHEN = ("status", "deregistered")
TRIGGERS = {
    "listed": "serious_list",
    "revoked": "licence_revoked",
    "convicted": "conviction",
    "accident": "accident",
}
TRIGGER_FROM = ("repeated", "late_payments", 7)  # at least so many: D
CAPS = {"abnormal": "abnormal_list"}  # not better than C
CAP_FROM = ("unsettled", "open_cases", 3)  # at least so many: not better than C


def kind_of(name: str) -> str:
    """Return the kind of an input: count, flag, class, amount or day."""
    last = name.rsplit("_", 1)[-1]
    if name == EXCLUDED_WHEN[0] or last == "class":
        return "class"
    if name in {*TRIGGERS.values(), *CAPS.values()} or last == "flag":
        return "flag"
    return "day" if last == "day" else "amount" if last in {"amount", "part", "whole"} else "count"


INPUTS = [
    *(name for one in INDICATORS for name in one.inputs),
    EXCLUDED_WHEN[0], *TRIGGERS.values(), TRIGGER_FROM[1], *CAPS.values(), CAP_FROM[1],
]  # fmt: skip
ANSWER = ["subject", "score", "grade", "outcome", "reason1", "reason2", "reason3"]
POINTS = [f"points_{one.id}" for one in INDICATORS] + [f"points_{group}" for group in GROUPS]
assert (len(INDICATORS), len(INPUTS), len(set(INPUTS))) == (45, 60, 60)


def generate(rows: int, out: Path) -> None:
    """Write the rows: mostly clean, some bad all over, one value in ten missing."""
    import duckdb

    bad = "(hash(i, 1) % 100 + hash(i, 2) % 100)::BIGINT"  # 0..198; the higher, the worse in everything
    made = [
        "i AS subject",
        "NULL::VARCHAR AS name",
        "'630102' AS region",
        "'F5211' AS industry",
        f"DATE '{AS_OF}' AS as_of",
    ]
    for salt, name in enumerate(INPUTS, start=10):
        dice = f"hash(i, {salt})"
        worse = f"({dice} % 1000)::BIGINT + {bad} * 2"
        match kind_of(name):
            case "count":
                value = f"CASE WHEN {worse} < 900 THEN 0 ELSE 1 + ({dice} // 1000 % 7)::BIGINT END"
            case "flag":
                value = f"{worse} >= {1340 if name in TRIGGERS.values() else 1150}"
            case "class" if name == EXCLUDED_WHEN[0]:
                value = f"CASE WHEN {dice} % 200 = 0 THEN 'deregistered' ELSE 'active' END"
            case "class":
                value = f"{list(TEXTS)!r}[1 + least(4, ({worse}) // 320)::INTEGER]"
            case "day":
                value = f"DATE '{AS_OF}' - ({dice} % 6000)::INTEGER"
            case _:
                value = f"CASE WHEN {worse} < 600 THEN 0 ELSE ({dice} % 150000000)::BIGINT END"
        made.append(f"CASE WHEN hash(i, {salt + 500}) % 10 > 0 THEN {value} END AS {name}")
    spill = {"temp_directory": str(out.parent / "spill"), "memory_limit": "2GB", "threads": 2}
    with duckdb.connect(config=spill) as connection:
        query = f"SELECT {', '.join(made)} FROM range({rows}) AS r(i)"
        connection.execute(f"COPY ({query}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)")


def index_system() -> str:
    """Return the definition as an index-system file of this project over the columns of a table."""
    types = {"count": "integer", "amount": "integer", "flag": "truth", "class": "text", "day": "date"}
    features = "\n".join(f"  {name}: {{label: {{zh: x, en: x}}, column: {name}, type: {types[kind_of(name)]}"
                         f"{_bounds(name)}}}" for name in INPUTS)  # fmt: skip
    groups = "".join(
        f"  - id: {group}\n    label: {{zh: x, en: x}}\n    weight: {weight}\n    indicators:\n"
        + "".join(_written(one) for one in INDICATORS if one.group == group)
        for group, weight in GROUPS.items()
    )
    grades = "\n".join(
        f"  - {{symbol: {symbol}, label: {{zh: x, en: x}}{'' if end is None else f', up_to: {end}'}}}"
        for symbol, end in CUT_OFFS.items()
    )
    rules = {**TRIGGERS, TRIGGER_FROM[0]: f"{TRIGGER_FROM[1]} >= {TRIGGER_FROM[2]}"}
    caps = {**CAPS, CAP_FROM[0]: f"{CAP_FROM[1]} >= {CAP_FROM[2]}"}
    return HEAD.format(
        features=features,
        groups=groups,
        grades=grades,
        excluded=f"{EXCLUDED_WHEN[0]} == '{EXCLUDED_WHEN[1]}'",
        triggers="\n".join(
            f'  - {{id: {id_}, label: {{zh: x, en: x}}, when: "{when}", grade: D}}' for id_, when in rules.items()
        ),
        caps="\n".join(
            f'  - {{id: {id_}, label: {{zh: x, en: x}}, when: "{when}", not_better_than: C}}'
            for id_, when in caps.items()
        ),
    )  # fmt: skip


def _bounds(name: str) -> str:
    highest = {"count": 1000, "amount": BIG}.get(kind_of(name))
    return "" if highest is None else f", bounds: {{lowest: 0, highest: {highest}}}"


def _written(one: Indicator) -> str:
    first, steps = one.inputs[0], one.steps
    listed = ", ".join(
        f"{{points: {points}}}" if end is None else f"{{up_to: {end}, points: {points}}}"
        for end, points in steps
    )
    knots = ", ".join(f"{{at: {at}, points: {points}}}" for at, points in steps)
    way = {
        "bands": lambda: f"value: {first}, bands: [{listed}]",
        "days": lambda: f"value: days({first}), bands: [{listed}]",
        "per_event": lambda: f"value: {first}, per_event: {{points: {steps[0][0]}, cap: {steps[0][1]}}}",
        "truth": lambda: f"value: {first}, boolean: {{yes: {steps[0][1]}, no: {steps[1][1]}}}",
        "lookup": lambda: (
            f"value: {first}, lookup: {{points: {{{', '.join(f'{k}: {v}' for k, v in steps)}}}, otherwise: 500}}"
        ),
        "line": lambda: f"value: {first}, linear: [{knots}]",
        "ratio": lambda: f"value: 'ratio({first}, {one.inputs[1]}, {ALL})', linear: [{knots}]",
        "formula": lambda: f'formula: "min(1000, {first} * {steps[0][0]} + {one.inputs[1]} * {steps[0][1]})"',
    }[one.kind]()
    missing = "{score: 0}" if one.zero_without else "skip"
    return (
        f"      - {{id: {one.id}, label: {{zh: x, en: x}}, weight: {one.weight}, {way}, missing: {missing},"
        " reason: {zh: x, en: x}, actionable: false}\n"
    )


HEAD = """id: peers
version: "1"
label: {{zh: 基准, en: Benchmark}}
owner: {{zh: x, en: x}}
purpose: risk_classification
lifecycle: draft
status: fictitious
source: made up for a benchmark
effective_from: 2026-01-01
direction: higher_is_worse
scale: 1000
rounding: half_up
cut_offs: upper_inclusive
reasons: 3
not_collected: skip
insufficient: {{not_better_than: B}}
minimum_coverage: 0
features:
{features}
exclusions:
  - {{id: gone, label: {{zh: x, en: x}}, when: "{excluded}"}}
triggers:
{triggers}
caps:
{caps}
groups:
{groups}grades:
{grades}
"""
