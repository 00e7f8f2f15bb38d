"""Chicago: the order of inspections by a learnt readable system, by the dataset's own method, without the inspector.

Windows of sixty days in time order, learnt only from what lies before each; then one system for the test window, whose
outcomes are not here: its scores are written, and the headline is computed where the outcomes are given.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.evidencing import chicago_features as features
from benchmarks.evidencing import measuring, models

from creditmesh.scoring.learning import applying, fitting
from creditmesh.scoring.learning.model.learning import Shape
from creditmesh.scoring.learning.options import Options

LEARNT_FROM = pd.Timestamp("2012-03-01")
WINDOWS_FROM = pd.Timestamp("2013-03-01")
MODELLED_UNTIL = pd.Timestamp("2014-05-01")  # the city's own columns are shared up to 2014-04-16
AROUND = ("around_critical", "around_serious", "around_failed")
OWN = (
    "kind", "licence_years", "days_since", "risk_class", "last_critical", "last_serious", "last_minor",
    "last_result", "critical_share", "serious_share", "failed_share", "minor_mean", "serious_mean",
    *features.LICENCES.values(),
)  # fmt: skip
# a worse record, of one's own or around, never makes less risk
WORSE = ("last_critical", "last_serious", "last_minor", "critical_share", "serious_share", "failed_share",
         "minor_mean", "serious_mean", "around_critical", "around_serious", "around_failed")  # fmt: skip
READABLE = Shape(most_tables=0)
SYSTEMS = {"ours": (*OWN, *AROUND), "ours, own record only": OWN}


def run(data: Path, *, out: Path, heldout: Path | None = None) -> dict[str, object]:
    """Return rows per window; write systems, features and scores of the test window to `out`."""
    table = features.known(data)
    table["block"] = pd.to_datetime(table["block"])
    table["day"] = pd.to_datetime(table["day"])
    found = {"windows": windows(table, data), "test": written(table, out)}
    if heldout is not None:
        found["headline"] = headline(out / "chicago.scores.parquet", heldout)
    return found


def windows(table: pd.DataFrame, data: Path) -> list[dict[str, object]]:
    """Return a row per window and way."""
    past = table[table["day"].notna() & (table["block"] >= LEARNT_FROM)].reset_index(drop=True)
    bad = past["bad"].to_numpy(dtype=bool)
    tasks = {name: _task(past, bad, columns) for name, columns in SYSTEMS.items()}
    city = _citys(past, data)
    found = []
    for begins in sorted(one for one in past["block"].unique() if one >= WINDOWS_FROM):
        modelled = past["modelled"].to_numpy() if begins < MODELLED_UNTIL else np.ones(len(past), dtype=bool)
        test = np.flatnonzero((past["block"] == begins).to_numpy() & modelled)
        before = np.flatnonzero((past["block"] < begins).to_numpy())
        scores = {name: models.ours(task, [(before, test)]).points[test] for name, task in tasks.items()}
        scores["LightGBM, our inputs"] = models.boosted(
            past[list(SYSTEMS["ours"])], bad, [(before, test)], rounds=100
        )[test]
        if begins < MODELLED_UNTIL:
            scores |= _published(city, past, bad, (before, test))
        found += _rows(past.iloc[test], begins.date(), scores)
    return found


def _task(past: pd.DataFrame, bad: np.ndarray, columns: tuple[str, ...]) -> models.validating.Task:
    task = models.task_of(past[list(columns)], bad, READABLE)
    places = {one.name: n for n, one in enumerate(task.columns) if not one.reads}
    kept = tuple(one for one in task.columns if not any(read.name in WORSE for read in one.reads))
    names = {one.id: n for n, one in enumerate(kept)}
    trends = {names[task.columns[places[name]].id]: "up" for name in WORSE if name in places}
    return replace(task, columns=kept, trends=trends)


def _citys(past: pd.DataFrame, data: Path) -> pd.DataFrame:
    """Return the columns of the city's own model but the inspector, for the inspections it was learnt from."""
    table = pd.read_parquet(data / "chicago_food" / "model_data_train.parquet").set_index("Inspection_ID")
    table = table.reindex(past["id"])
    made = {
        "past_serious": (table["pastSerious"] > 0), "past_critical": (table["pastCritical"] > 0),
        "time_since_last": table["timeSinceLast"], "older_than_four": table["ageAtInspection"] > 4,
        "alcohol": table["consumption_on_premises_incidental_activity"],
        "tobacco": table["tobacco_retail_over_counter"], "temperature": table["temperatureMax"],
        "burglary": table["heat_burglary"].clip(upper=70), "sanitation": table["heat_sanitation"].clip(upper=70),
        "garbage": table["heat_garbage"].clip(upper=50),
    }  # fmt: skip
    return pd.DataFrame(made).astype(float).reset_index(drop=True)


def _published(
    city: pd.DataFrame, past: pd.DataFrame, bad: np.ndarray, split: tuple[np.ndarray, np.ndarray]
) -> dict[str, np.ndarray]:
    before, test = split[0][past["modelled"].to_numpy()[split[0]]], split[1]
    inspector = past[["inspector"]].fillna("-")
    return {
        "city's columns, logistic": models.logistic(city, bad, [(before, test)])[test],
        "city's columns, LightGBM": models.boosted(city, bad, [(before, test)], rounds=100)[test],
        "(inspector alone)": models.logistic(inspector, bad, [(before, test)])[test],
    }


def _rows(part: pd.DataFrame, begins: date, scores: dict[str, np.ndarray]) -> list[dict[str, object]]:
    bad, days = part["bad"].to_numpy(dtype=bool), part["day"].to_numpy().astype("datetime64[D]")
    inspectors = part["inspector"].fillna("-").to_numpy()
    random = measuring.random_days(days, bad)
    head = {"begins": begins.isoformat(), "rows": len(part), "critical": int(bad.sum())}
    found = [
        {**head, "by": "random", "days": random[0], "half": 0.5, "auc": 0.5, "auc within inspector": 0.5}
    ]
    for name, score in {**scores, "perfect": bad.astype(float)}.items():
        within = measuring.auc_within(bad, score, inspectors)
        found.append(
            {**head, "by": name, **measuring.ordered(days, bad, score), "auc within inspector": within}
        )
    return found


def written(table: pd.DataFrame, out: Path) -> dict[str, object]:
    """Learn from everything before the test window; write systems, cards, features and scores."""
    past = table[table["day"].notna() & (table["block"] >= LEARNT_FROM)]
    asked = table[table["day"].isna()].reset_index(drop=True)
    scores = asked[["id", "est_id"]].rename(columns={"id": "Inspection_ID"})
    told: dict[str, object] = {"learnt from": len(past), "to order": len(asked)}
    for (name, columns), stem in zip(SYSTEMS.items(), ("chicago", "chicago-own-record"), strict=True):
        learning = past[[*columns, "day", "bad"]].assign(bad=past["bad"].astype(bool))
        options = Options(
            time_column="day", trends={one: "up" for one in WORSE if one in columns}, shape=READABLE,
            challenger=False, system=stem, grade_shares=(25, 25, 25, 25),
        )  # fmt: skip
        made = fitting.fit(
            pa.Table.from_pandas(learning, preserve_index=False), target="bad", options=options
        )
        (out / f"{stem}.system.yml").write_text(made.system, encoding="utf-8")
        (out / f"{stem}.card.json").write_text(made.card.as_json(), encoding="utf-8")
        rows = pa.Table.from_pandas(asked[list(columns)], preserve_index=False)
        result = applying.score(fitting.system_of(made.system), rows, on=features.TEST_BEGINS)
        suffix = "" if name == "ours" else "_own_record"
        scores[f"score{suffix}"] = result["score"].to_numpy()
        scores[f"grade{suffix}"] = result["grade"].to_pylist()
        scores[f"place{suffix}"] = (-scores[f"score{suffix}"]).rank(method="first").astype(int)
        told[f"{name}: indicators"] = len(made.card.data["indicators"])
        told[f"{name}: AUC forward in time"] = made.card.data["performance"]["tested"]["auc"]
    pq.write_table(
        pa.Table.from_pandas(asked[["id", *SYSTEMS["ours"]]], preserve_index=False),
        out / "chicago.features.parquet",
    )
    pq.write_table(pa.Table.from_pandas(scores, preserve_index=False), out / "chicago.scores.parquet")
    return told


def headline(scores: Path, heldout: Path) -> list[dict[str, object]]:
    """Return the dataset's own figures for the written scores, from a file with the outcomes of the test window."""
    truth = pd.read_csv(heldout) if heldout.suffix == ".csv" else pd.read_parquet(heldout)
    outcome = "criticalFound" if "criticalFound" in truth else "criticalCount"
    truth = truth[["Inspection_ID", "Inspection_Date", outcome]]
    table = pd.read_parquet(scores).merge(truth, on="Inspection_ID", validate="one_to_one")
    if len(table) < len(pd.read_parquet(scores)):
        print(f"note: outcomes of only {len(table)} of the scored inspections are given")
    bad, days = (
        table[outcome].to_numpy() > 0,
        pd.to_datetime(table["Inspection_Date"]).to_numpy().astype("datetime64[D]"),
    )
    random = measuring.random_days(days, bad)
    found = [{"by": "random", "days": random[0], "half": 0.5, "auc": 0.5}]
    ways = {"ours": -table["place"], "ours, own record only": -table["place_own_record"], "perfect": bad * 1}
    return found + [
        {
            "by": name,
            **measuring.ordered(days, bad, score.to_numpy() if hasattr(score, "to_numpy") else score),
        }
        for name, score in ways.items()
    ]


def told(found: dict[str, object]) -> str:
    """Return the tables as Markdown."""
    every = pd.DataFrame(found["windows"])
    days = every.pivot(index="by", columns="begins", values="days")
    days = days.loc[list(dict.fromkeys(every["by"]))]
    common = [one for one in days if pd.Timestamp(one) < MODELLED_UNTIL]
    part = every[every["begins"].isin(common)].groupby("by")
    rows = [
        {"order by": name, **{one[2:]: float(value) for one, value in line.items()}}
        for name, line in days.iterrows()
    ]
    means = [
        {"order by": name, "days": float(part["days"].mean()[name]), "sd": float(part["days"].std()[name]),
         "first half": float(part["half"].mean()[name]), "AUC": float(part["auc"].mean()[name]),
         "AUC within inspector": float(part["auc within inspector"].mean()[name])}
        for name in days.index
    ]  # fmt: skip
    texts = [
        "Days earlier, by first day of the window:", measuring.markdown(rows),
        f"Means over the {len(common)} windows for which the city's own columns are shared:", measuring.markdown(means),
        "Test window 2014-09-02 to 2014-10-31:", "\n".join(f"- {k}: {v}" for k, v in found["test"].items()),
    ]  # fmt: skip
    if "headline" in found:
        texts += ["Headline, from the outcomes given:", measuring.markdown(found["headline"])]
    return "\n\n".join(texts)
