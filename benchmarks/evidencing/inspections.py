"""San Francisco and Louisville: a bad score at the next routine inspection, found earlier by a learnt order.

Shared is only what lies before the split day, so the windows are cut there; complete files (--data) give the row of
the split itself. Two ways: `next` is the README's (known is everything before each inspection), `window` is what an
office can do (known is what came before the window's first day; one inspection per establishment).
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from benchmarks.evidencing import measuring, models

WINDOW_DAYS = 260  # the README's test window in San Francisco
WINDOWS = 3
BAD_BELOW = 85
KINDS = 30  # violations told apart, by how often they were found before the first window
KEYS = ["business_id", "day", "bad"]


@dataclass(frozen=True)
class City:
    """A city's file, its routine inspections, the split of the README and its published figures."""

    name: str
    file: str
    routine: str
    split: str
    violations: str = ""
    places: str = ""


CITIES = (
    City("San Francisco", "sf_inspections", "routine", "2017-06-01", "sf_violations", "sf_businesses"),
    City("Louisville", "louisville_inspections", "REGULAR", "2014-07-01"),
)


def run(data: Path) -> dict[str, object]:
    """Return rows per city, way and window."""
    rows = []
    for city in CITIES:
        for way in ("next", "window"):
            for begins in _windows(city, data / "us_inspections"):
                rows += _measured(city, data / "us_inspections", way, begins)
    return {"rows": rows}


def told(found: dict[str, object]) -> str:
    """Return the tables as Markdown: every window, then means."""
    every = pd.DataFrame(found["rows"])
    means = every.groupby(["city", "way", "by"], sort=False)[["days", "half", "auc"]].agg(["mean", "std"])
    rows = [
        {"city": c, "way": w, "by": b, "days": float(one[("days", "mean")]), "± days": float(one[("days", "std")]),
         "first half": float(one[("half", "mean")]), "AUC": float(one[("auc", "mean")])}
        for (c, w, b), one in means.iterrows()
    ]  # fmt: skip
    return measuring.markdown(found["rows"]) + "\n\nMeans over the windows:\n\n" + measuring.markdown(rows)


def _windows(city: City, folder: Path) -> list[pd.Timestamp]:
    split = pd.Timestamp(city.split)
    found = [split - pd.Timedelta(days=WINDOW_DAYS * n) for n in range(WINDOWS, 0, -1)]
    days = pd.read_parquet(folder / f"{city.file}.parquet", columns=["date"])["date"]
    found = [one for one in found if (days < one).mean() > 0.25]
    return [*found, split] if days.max() >= split else found


def _measured(city: City, folder: Path, way: str, begins: pd.Timestamp) -> list[dict[str, object]]:
    ends = begins + pd.Timedelta(days=WINDOW_DAYS)
    table = _known(city, folder, way, begins)
    table = table[table["day"] < ends].reset_index(drop=True)
    bad, days = table["bad"].to_numpy(dtype=bool), table["day"].to_numpy().astype("datetime64[D]")
    rows, test = np.flatnonzero(table["day"] < begins), np.flatnonzero(table["day"] >= begins)
    inputs = table.drop(columns=KEYS)
    few = inputs[[one for one in ("last_score", "last_violations") if one in inputs]]
    split = [(rows, test)]
    scores = {
        "previous score and violations, logistic": models.logistic(few, bad, split),
        "LightGBM, our inputs": models.boosted(inputs, bad, split, rounds=100),
        "ours": models.ours(models.task_of(inputs, bad), split).points,
        "perfect": bad.astype(float),
    }
    random = measuring.random_days(days[test], bad[test])
    head = {
        "city": city.name, "way": way, "begins": begins.date().isoformat(), "learnt": len(rows), "rows": len(test),
        "bad share": float(bad[test].mean()),
    }  # fmt: skip
    found = [{**head, "by": "random", "days": random[0], "half": 0.5, "auc": 0.5}]
    return found + [
        {**head, "by": name, **measuring.ordered(days[test], bad[test], score[test])}
        for name, score in scores.items()
    ]


def _known(city: City, folder: Path, way: str, begins: pd.Timestamp) -> pd.DataFrame:
    """Return a row per routine inspection with a history; for `window` by blocks that end where the window begins."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(
        f"""CREATE TABLE held AS SELECT business_id, date::DATE AS day, score, type, score < {BAD_BELOW} AS bad
        FROM '{folder / city.file}.parquet' WHERE score IS NOT NULL"""
    )
    cut = (
        "day"
        if way == "next"
        else f"(DATE '{begins.date()}' + (floor(date_diff('day', DATE '{begins.date()}', day) / {WINDOW_DAYS}.0) * {WINDOW_DAYS})::INT)"
    )
    connection.execute(
        f"""CREATE TABLE asked AS SELECT business_id, day, bad, {cut}::DATE AS cut FROM held WHERE type = '{city.routine}'
        QUALIFY row_number() OVER (PARTITION BY business_id, {"day" if way == "next" else "cut"} ORDER BY day) = 1"""
    )
    more = _violations(connection, city, folder, begins) if city.violations else ""
    fading = "power(0.5, date_diff('day', h.day, r.cut) / 365.0)"
    found = connection.sql(
        f"""SELECT r.* EXCLUDE (cut), o.* EXCLUDE (business_id, day) {", v.* EXCLUDE (business_id, day)" if more else ""}
        FROM asked r JOIN (SELECT r.business_id, r.day, arg_max(h.score, h.day) AS last_score, min(h.score) AS least_score,
            count(*) AS inspections, date_diff('day', max(h.day), r.cut) AS days_since,
            (sum({fading} * h.score) + 92) / (sum({fading}) + 1) AS mean_score,
            (sum({fading} * h.bad::INT) + 0.15) / (sum({fading}) + 1) AS bad_share,
            arg_max(h.score, h.day) - coalesce(arg_max(h.score, h.day, 2)[2], arg_max(h.score, h.day)) AS change,
            count(*) FILTER (h.type NOT IN ('{city.routine}')) AS other_visits
            FROM asked r JOIN held h ON h.business_id = r.business_id AND h.day < r.cut
            GROUP BY r.business_id, r.day, r.cut) o USING (business_id, day)
        {more} ORDER BY md5(business_id || day)"""
    ).df()
    connection.close()
    found["day"] = pd.to_datetime(found["day"])
    numbers = found.select_dtypes("number").columns
    found[numbers] = found[numbers].fillna(0)  # nothing was ever found
    return found


def _violations(connection: duckdb.DuckDBPyConnection, city: City, folder: Path, begins: pd.Timestamp) -> str:
    """Return the join that adds what was found; a note on when it was mended lies after the day and is cut off."""
    connection.execute(
        f"""CREATE TABLE lacks AS SELECT business_id, date::DATE AS day, trim(regexp_replace(description, '\\[.*', '')) AS what
        FROM '{folder / city.violations}.parquet'"""
    )
    kinds = connection.execute(
        "SELECT what FROM lacks WHERE day < ? GROUP BY what ORDER BY count(*) DESC, what LIMIT ?",
        [begins.date(), KINDS],
    ).fetchall()
    fading = "power(0.5, date_diff('day', h.day, r.cut) / 365.0)"
    told = [
        f"""coalesce(sum({fading}) FILTER (h.what = '{what.replace("'", "''")}'), 0) AS "{what.lower()}" """
        for (what,) in kinds
    ]
    risks = [
        f"coalesce(sum({fading}) FILTER (h.what LIKE '{one} risk%'), 0) AS {one.lower()}_risk"
        for one in ("High", "Moderate")
    ]
    last = "count(*) FILTER (h.day = (SELECT max(day) FROM held b WHERE b.business_id = r.business_id AND b.day < r.cut))"
    connection.execute(
        f"""CREATE TABLE places AS SELECT business_id, postal_code FROM '{folder / city.places}.parquet'"""
    )
    connection.execute(
        f"""CREATE TABLE found AS SELECT r.business_id, r.day, {last} AS last_violations, sum({fading}) AS violations,
        {", ".join([*risks, *told])} FROM asked r JOIN lacks h ON h.business_id = r.business_id AND h.day < r.cut
        GROUP BY r.business_id, r.day, r.cut"""
    )
    connection.execute(
        """CREATE TABLE joined AS SELECT r.business_id, r.day, p.postal_code, coalesce(f.last_violations, 0) AS
        last_violations, f.* EXCLUDE (business_id, day, last_violations)
        FROM asked r LEFT JOIN found f USING (business_id, day) LEFT JOIN places p USING (business_id)"""
    )
    return "LEFT JOIN joined v USING (business_id, day)"
