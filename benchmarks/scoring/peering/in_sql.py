"""The definition in DuckDB's SQL as one writes it by hand: points, sums, keys, three maxima, one statement."""

from benchmarks.scoring.peering.definition import (
    ALL,
    ANSWER,
    CAP_FROM,
    CAPS,
    CUT_OFFS,
    EXCLUDED_WHEN,
    GROUPS,
    INDICATORS,
    MILLI,
    POINTS,
    SLOTS,
    TRIGGER_FROM,
    TRIGGERS,
    Indicator,
)  # fmt: skip


def statement(*, points: bool) -> str:
    """Return the statement over the table `wide`; with `points` it also tells every indicator's and group's."""
    keys = [f"key_{one.id}" for one in INDICATORS]
    chosen = [*ANSWER[:1], *(POINTS if points else ()), *ANSWER[1:]]
    ids = "[" + ", ".join(f"'{one.id}'" for one in INDICATORS) + "]"
    told = {
        f"reason{n}": f"CASE WHEN key{n} > 0 THEN {ids}[{SLOTS} - key{n} % {SLOTS}] END" for n in (1, 2, 3)
    }
    told |= {"score": "CASE WHEN NOT excluded THEN total END", "grade": _grade(),
             "outcome": "CASE WHEN excluded THEN 'excluded' ELSE 'graded' END"}  # fmt: skip
    columns = ", ".join(f"{told[name]} AS {name}" if name in told else name for name in chosen)
    held = ", ".join(f"CASE WHEN {key} < {{0}} THEN {key} ELSE 0 END" for key in keys)
    below = f"greatest({held})"
    return (
        f"WITH scored AS (SELECT *, {', '.join(f'{_points(one)} AS points_{one.id}' for one in INDICATORS)} FROM wide),"
        f" grouped AS (SELECT *, {', '.join(f'{_mean(group)} AS points_{group}' for group in GROUPS)} FROM scored),"
        f" summed AS (SELECT *, {_total()} AS total, {_rules()},"
        f" {', '.join(f'{_key(one, place)} AS key_{one.id}' for place, one in enumerate(INDICATORS))} FROM grouped),"
        f" first AS (SELECT *, greatest({', '.join(keys)}) AS key1 FROM summed),"
        f" second AS (SELECT *, {below.format('key1')} AS key2 FROM first),"
        f" third AS (SELECT *, {below.format('key2')} AS key3 FROM second)"
        f" SELECT {columns} FROM third"
    )


def _points(one: Indicator) -> str:
    value, other = one.inputs[0], "0" if one.zero_without else "NULL"
    match one.kind:
        case "bands" | "days":
            value = f"(as_of - {value})" if one.kind == "days" else value
            return _case([(_up_to(value, end), f"{points * MILLI}") for end, points in one.steps], other)
        case "per_event":
            [(each, most)] = one.steps
            reached = [
                (f"{value} * {each} < {most}", f"{value} * {each * MILLI}"),
                (f"{value} IS NOT NULL", f"{most * MILLI}"),
            ]
            return f"({_case(reached, other)})::INTEGER"
        case "truth":
            return f"CASE WHEN {value} THEN {one.steps[0][1] * MILLI} ELSE {other} END"
        case "lookup":
            found = " ".join(f"WHEN '{word}' THEN {points * MILLI}" for word, points in one.steps)
            return f"CASE {value} {found} END"
        case "formula":
            a, b = one.steps[0]
            summed = f"({value} * {a} + {one.inputs[1]} * {b})"
            held = [(f"{summed} < 1000", f"{summed} * {MILLI}"), (f"{summed} IS NOT NULL", f"{1000 * MILLI}")]
            return f"({_case(held, other)})::INTEGER"
        case _:
            return _line(one, other)


def _case(branches: list[tuple[str, str]], other: str) -> str:
    return "CASE " + " ".join(f"WHEN {test} THEN {then}" for test, then in branches) + f" ELSE {other} END"


def _up_to(value: str, end: int | str | None) -> str:
    return f"{value} IS NOT NULL" if end is None else f"{value} <= {end}"


def _line(one: Indicator, other: str) -> str:
    value = one.inputs[0]
    if one.kind == "ratio":
        value = f"(CASE WHEN {one.inputs[1]} > 0 THEN {value} * {ALL} // {one.inputs[1]} END)"
    (x, y), *_ = one.steps
    branches = [(f"{value} <= {x}", f"{y * MILLI}")]
    for (x, y), (end, points) in zip(one.steps, one.steps[1:], strict=False):
        rise, run = abs(points - y) * MILLI, end - x
        sign = "+" if points >= y else "-"
        along = f"(2 * {rise}::BIGINT * ({value} - {x}) + {run}) // {2 * run}"
        branches.append((f"{value} <= {end}", f"{y * MILLI} {sign} {along}"))
    branches.append((f"{value} IS NOT NULL", f"{one.steps[-1][1] * MILLI}"))
    return f"({_case(branches, other)})::INTEGER"


def _mean(group: str) -> str:
    its = [one for one in INDICATORS if one.group == group]
    summed = " + ".join(
        f"{one.weight}::BIGINT * points_{one.id}" if one.zero_without
        else f"{one.weight}::BIGINT * coalesce(points_{one.id}, 0)" for one in its
    )  # fmt: skip
    sure = sum(one.weight for one in its if one.zero_without)
    maybe = (
        f"CASE WHEN points_{one.id} IS NULL THEN 0 ELSE {one.weight} END"
        for one in its
        if not one.zero_without
    )
    weight = " + ".join([str(sure), *maybe])
    return f"((2 * ({summed}) + ({weight})) // (2 * ({weight})))::INTEGER"


def _total() -> str:
    summed = " + ".join(f"{weight}::BIGINT * points_{group}" for group, weight in GROUPS.items())
    return f"((2 * ({summed}) + {ALL}) // {2 * ALL})::INTEGER"


def _rules() -> str:
    triggered = [*TRIGGERS.values(), f"{TRIGGER_FROM[1]} >= {TRIGGER_FROM[2]}"]
    capped = [*CAPS.values(), f"{CAP_FROM[1]} >= {CAP_FROM[2]}"]
    return (
        f"coalesce({EXCLUDED_WHEN[0]} = '{EXCLUDED_WHEN[1]}', FALSE) AS excluded,"
        f" {' OR '.join(f'coalesce({one}, FALSE)' for one in triggered)} AS triggered,"
        f" {' OR '.join(f'coalesce({one}, FALSE)' for one in capped)} AS capped"
    )


def _grade() -> str:
    a, b, c = (end * MILLI for end in CUT_OFFS.values() if end is not None)
    return (
        f"CASE WHEN excluded THEN NULL WHEN triggered OR total > {c} THEN 'D' WHEN capped OR total > {b} THEN 'C'"
        f" WHEN total > {a} THEN 'B' ELSE 'A' END"
    )


def _key(one: Indicator, place: int) -> str:
    return f"CASE WHEN points_{one.id} > 0 THEN points_{one.id} * {one.importance * SLOTS}::BIGINT + {SLOTS - 1 - place} ELSE 0 END"
