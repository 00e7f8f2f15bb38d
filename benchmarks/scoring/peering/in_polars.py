"""The definition in Polars as one writes it by hand: a lazy frame, four steps, the streaming engine."""

from pathlib import Path

import polars as pl
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


def run(wide: Path, out: Path, *, points: bool) -> None:
    """Read the rows, score them and write the answer."""
    keys = [f"key_{one.id}" for one in INDICATORS]
    frame = pl.scan_parquet(wide).with_columns(_points(one).alias(f"points_{one.id}") for one in INDICATORS)
    frame = frame.with_columns(_mean(group).alias(f"points_{group}") for group in GROUPS)
    frame = frame.with_columns(
        _half_up(_sum((weight, pl.col(f"points_{group}")) for group, weight in GROUPS.items()), pl.lit(ALL, pl.Int64))
        .cast(pl.Int32).alias("total"),
        *_rules(),
        *(_key(one, place).alias(f"key_{one.id}") for place, one in enumerate(INDICATORS)),
    )  # fmt: skip
    frame = frame.with_columns(pl.max_horizontal(keys).alias("key1"))
    for n in (2, 3):
        before = pl.col(f"key{n - 1}")
        below = (pl.when(pl.col(key) < before).then(pl.col(key)).otherwise(0) for key in keys)
        frame = frame.with_columns(pl.max_horizontal(below).alias(f"key{n}"))
    chosen = [*ANSWER[:1], *(POINTS if points else ()), *ANSWER[1:]]
    frame = frame.with_columns(
        pl.when(~pl.col("excluded")).then(pl.col("total")).alias("score"),
        _grade().alias("grade"),
        pl.when(pl.col("excluded")).then(pl.lit("excluded")).otherwise(pl.lit("graded")).alias("outcome"),
        *(_reason(n).alias(f"reason{n}") for n in (1, 2, 3)),
    )
    frame.select(chosen).sink_parquet(out, compression="zstd", engine="streaming")


def _points(one: Indicator) -> pl.Expr:
    value, other = pl.col(one.inputs[0]), 0 if one.zero_without else None
    none = pl.lit(other, pl.Int32)
    match one.kind:
        case "bands" | "days":
            value = (pl.col("as_of") - value).dt.total_days() if one.kind == "days" else value
            made = none
            for end, points in reversed(one.steps):
                test = value.is_not_null() if end is None else value <= end
                made = pl.when(test).then(pl.lit(points * MILLI, pl.Int32)).otherwise(made)
            return made
        case "per_event":
            [(each, most)] = one.steps
            made = pl.min_horizontal(value * (each * MILLI), pl.lit(most * MILLI, pl.Int64))
            return pl.when(value.is_not_null()).then(made.cast(pl.Int32)).otherwise(none)
        case "truth":
            return pl.when(value).then(pl.lit(one.steps[0][1] * MILLI, pl.Int32)).otherwise(none)
        case "lookup":
            words = {word: points * MILLI for word, points in one.steps}
            return value.replace_strict(words, default=None, return_dtype=pl.Int32)
        case "formula":
            a, b = one.steps[0]
            made = value * (a * MILLI) + pl.col(one.inputs[1]) * (b * MILLI)
            held = pl.min_horizontal(made, pl.lit(1_000_000, pl.Int64))
            return pl.when(made.is_not_null()).then(held.cast(pl.Int32)).otherwise(none)
        case _:
            return _line(one, none)


def _line(one: Indicator, none: pl.Expr) -> pl.Expr:
    value = pl.col(one.inputs[0])
    if one.kind == "ratio":
        whole = pl.col(one.inputs[1])
        value = pl.when(whole > 0).then(value * ALL // whole)
    made = pl.when(value.is_not_null()).then(pl.lit(one.steps[-1][1] * MILLI, pl.Int64)).otherwise(none)
    pairs = list(zip(one.steps, one.steps[1:], strict=False))
    for (x, y), (end, points) in reversed(pairs):
        rise, run = abs(points - y) * MILLI, end - x
        along = (2 * rise * (value - x) + run) // (2 * run)
        made = pl.when(value <= end).then(y * MILLI + (along if points >= y else -along)).otherwise(made)
    x, y = one.steps[0]
    return pl.when(value <= x).then(pl.lit(y * MILLI, pl.Int64)).otherwise(made).cast(pl.Int32)


def _sum(parts) -> pl.Expr:
    return sum(((part.cast(pl.Int64) * weight) for weight, part in parts), start=pl.lit(0, pl.Int64))


def _half_up(summed: pl.Expr, weight: pl.Expr) -> pl.Expr:
    return (2 * summed + weight) // (2 * weight)


def _mean(group: str) -> pl.Expr:
    its = [one for one in INDICATORS if one.group == group]
    summed = _sum(
        (
            one.weight,
            pl.col(f"points_{one.id}") if one.zero_without else pl.col(f"points_{one.id}").fill_null(0),
        )
        for one in its
    )
    weight = pl.lit(sum(one.weight for one in its if one.zero_without), pl.Int64)
    for one in its:
        if not one.zero_without:
            weight += pl.col(f"points_{one.id}").is_not_null().cast(pl.Int64) * one.weight
    return _half_up(summed, weight).cast(pl.Int32)


def _rules() -> list[pl.Expr]:
    triggers = [*map(pl.col, TRIGGERS.values()), pl.col(TRIGGER_FROM[1]) >= TRIGGER_FROM[2]]
    caps = [*map(pl.col, CAPS.values()), pl.col(CAP_FROM[1]) >= CAP_FROM[2]]
    return [
        (pl.col(EXCLUDED_WHEN[0]) == EXCLUDED_WHEN[1]).fill_null(value=False).alias("excluded"),
        pl.any_horizontal(one.fill_null(value=False) for one in triggers).alias("triggered"),
        pl.any_horizontal(one.fill_null(value=False) for one in caps).alias("capped"),
    ]


def _grade() -> pl.Expr:
    a, b, c = (end * MILLI for end in CUT_OFFS.values() if end is not None)
    total = pl.col("total")
    return (
        pl.when(pl.col("excluded")).then(None)
        .when(pl.col("triggered") | (total > c)).then(pl.lit("D"))
        .when(pl.col("capped") | (total > b)).then(pl.lit("C"))
        .when(total > a).then(pl.lit("B")).otherwise(pl.lit("A"))
    )  # fmt: skip


def _key(one: Indicator, place: int) -> pl.Expr:
    points = pl.col(f"points_{one.id}")
    key = points.cast(pl.Int64) * (one.importance * SLOTS) + (SLOTS - 1 - place)
    return pl.when(points > 0).then(key).otherwise(pl.lit(0, pl.Int64))


def _reason(n: int) -> pl.Expr:
    key = pl.col(f"key{n}")
    ids = pl.lit(pl.Series([one.id for one in INDICATORS]))
    return pl.when(key > 0).then(
        ids.gather((SLOTS - 1 - key % SLOTS).cast(pl.UInt32).clip(upper_bound=len(INDICATORS) - 1))
    )
