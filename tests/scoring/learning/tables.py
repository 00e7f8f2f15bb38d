"""Small made-up tables whose truth is known."""

import numpy as np
import pyarrow as pa

LETTERS = ("甲", "乙", "丙")


def loans(rows: int = 500, *, seed: int = 0) -> pa.Table:
    """Return loans that default by debt (with a step), by sector and by whether age is missing; noise beside."""
    random = np.random.default_rng(seed)
    debt = random.integers(0, 100, rows)
    sector = random.integers(0, 3, rows)
    age = np.where(random.random(rows) < 0.15, np.nan, random.normal(40, 8, rows).round(1))
    odds = -2.2 + 2.5 * (debt > 60) + 1.2 * (sector == 2) + 1.6 * np.isnan(age)
    bad = random.random(rows) < 1 / (1 + np.exp(-odds))
    return pa.table(
        {
            "编号": [f"L{n:05}" for n in range(rows)],
            "debt": debt,
            "行业": [LETTERS[n] for n in sector],
            "age {years}": pa.array([None if np.isnan(one) else float(one) for one in age]),
            "noise": random.normal(0, 1, rows),
            "same": [1] * rows,
            "year": random.integers(2015, 2021, rows),
            "y": bad.astype(int),
        }
    )
