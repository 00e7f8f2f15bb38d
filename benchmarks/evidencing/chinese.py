"""Chinese enterprises: the expert files and what is learnt, against illegal fund-raising and the lists of Jinan."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from benchmarks.evidencing import experts, measuring, models

from creditmesh.scoring.learning.model import folds, measures

FUNDRAISING_ON = date(2020, 9, 1)  # the contest opened; no record is later
JINAN_ON = date(2020, 1, 1)
STATES = {"开业": "active", "歇业": "suspended", "停业": "suspended", "清算": "liquidating"}
GENERAL_ITEMS = {"ENT-01", "ENT-04", "ENT-05", "OPI-01", "PEN-01"}
JINAN_TARGETS = {
    "court list of dishonest debtors": (("is_justice_credit", "is_justice_creditaic"), ("JN-JUD-01", "JN-JUD-02"), "0.659"),
    "any administrative penalty": (("is_punish", "is_brap"), ("JN-PEN-01", "JN-PEN-02"), "0.714"),
    "operating abnormal": (("is_bra", "is_except"), ("JN-ENT-01", "JN-ENT-05"), "0.584"),
}  # fmt: skip
JINAN_ITEMS = {
    "JN-CRD-01", "JN-ENT-01", "JN-ENT-02", "JN-ENT-03", "JN-ENT-04", "JN-ENT-05", "JN-GUA-01", "JN-HON-01",
    "JN-IPR-01", "JN-IPR-02", "JN-IPR-03", "JN-IPR-04", "JN-IPR-05", "JN-JUD-01", "JN-JUD-02", "JN-JUD-03",
    "JN-JUD-04", "JN-JUD-05", "JN-MKT-01", "JN-MKT-02", "JN-MKT-03", "JN-MKT-04", "JN-MKT-05", "JN-MKT-06",
    "JN-PEN-01", "JN-PEN-02", "JN-RND-01", "JN-RND-02", "JN-SAM-01", "JN-TAX-01",
}  # fmt: skip
JINAN = {  # input of public-credit-jinan: column, times
    "penalties": ("is_punish", 1), "risk_penalties": ("is_brap", 1), "risk_abnormal": ("is_bra", 1),
    "abnormal": ("is_except", 1), "pledges": ("pledgenum", 1), "tax_arrears": ("taxunpaidnum", 100),
    "branches": ("branchnum", 1), "investments": ("investnum", 1), "pass_rate": ("passpercent", 10_000),
    "dishonest": ("is_justice_credit", 1), "dishonest_regulator": ("is_justice_creditaic", 1),
    "enforced_amount": ("enforced_amt", 100), "trademarks": ("ibrand_num", 1), "copyrights": ("icopy_num", 1),
    "patents": ("ipat_num", 1), "bids": ("bidnum", 1), "shops": ("shopnum", 1), "sites": ("idom_num", 1),
    "postings_a": ("qcwynum", 1), "postings_b": ("zhycnum", 1), "postings_c": ("zlzpnum", 1),
}  # fmt: skip
JINAN_COUNTS = {"enforcements": "n_enforced", "as_defendant": "n_defendant", "judgments": "n_judgment",
                "guarantees": "n_guarantee"}  # fmt: skip
JINAN_TRUTHS = {"contract_keeping": "is_kcont", "well_known_mark": "is_infoa", "famous_mark": "is_infob",
                "specialised": "is_jnsn", "technology_centre": "tech_center"}  # fmt: skip


def run(data: Path, *, out: Path) -> dict[str, object]:
    """Return ways, lifts and readings of both sets."""
    return {
        "fundraising": fundraising(data / "cn_bdci2020_fundraising"),
        "jinan": jinan(data / "cn_jinan_credit"),
    }


def told(found: dict[str, object]) -> str:
    """Return the tables as Markdown."""
    texts = []
    for name, part in [("illegal fund-raising", found["fundraising"]), *found["jinan"].items()]:
        texts += [
            f"### {name}",
            measuring.markdown(part["ways"]),
            "Lift by grade:",
            measuring.markdown(part["lift"]),
        ]
        texts += ["Strongest in the learnt system: " + ", ".join(part["strongest"])]
        if part["indicators"]:
            texts += ["Indicators of the expert file:", measuring.markdown(part["indicators"])]
    return "\n\n".join(texts)


def compared(
    table: pd.DataFrame, bad: np.ndarray, expert: pd.DataFrame, *, system: str, published: dict[str, str]
) -> dict[str, object]:
    """Return the expert file beside what is learnt out of fold: figures, lift by grade, indicators read."""
    splits = folds.by_kind(bad, seed=0)
    task = models.task_of(table, bad)
    own = models.ours(task, splits)
    # worse grades first, and by score inside a grade: triggers and caps speak before the score
    ranked = expert["grade"].fillna("A").map({"A": 0, "B": 1, "C": 2, "D": 3}) * 1e9 + expert["score"].fillna(
        0
    )
    score = expert["score"].fillna(0).to_numpy(dtype=float)
    ways = {
        f"expert file {system}, by score": score, f"expert file {system}, grade then score": ranked.to_numpy(dtype=float),
        "ours, learnt": own.points, "logistic": models.logistic(table, bad, splits),
        "LightGBM": models.boosted(table, bad, splits, rounds=100),
    }  # fmt: skip
    rows = [
        {"by": name, **_figures(bad, found, splits), "README": published.get(name, "")}
        for name, found in ways.items()
    ]
    grade = expert["grade"].fillna("-").to_numpy(dtype=str)
    lifts = [{"by": "expert", **row} for row in measuring.lift(bad, grade)]
    lifts += [{"by": "learnt", **row} for row in measuring.lift(bad, experts.same_shares(own.points, grade))]
    quarters = np.sort(np.resize(np.array(["A", "B", "C", "D"]), len(bad)))
    lifts += [
        {"by": "learnt, quarters", **row}
        for row in measuring.lift(bad, experts.same_shares(own.points, quarters))
    ]
    return {
        "ways": rows,
        "lift": lifts,
        "indicators": experts.read_indicators(system, expert, bad),
        "strongest": models.strongest(task),
    }


def _figures(bad: np.ndarray, score: np.ndarray, splits: list[folds.Split]) -> dict[str, float]:
    aucs = [measures.auc(bad[test], score[test]) for _, test in splits]
    tenth = np.argsort(-score, kind="stable")[: len(bad) // 10]
    return {
        "AUC": float(np.mean(aucs)), "sd": float(np.std(aucs)),
        "KS": float(np.mean([measures.ks(bad[test], score[test]) for _, test in splits])),
        "lift of worst tenth": float(bad[tenth].mean() / bad.mean()),
    }  # fmt: skip


def fundraising(folder: Path) -> dict[str, object]:
    """Return the comparison on the labels of illegal fund-raising."""
    table = _fundraising(folder)
    bad = table["label"].to_numpy(dtype=int).astype(bool)
    known = {
        "status": table["state"].map(STATES),
        "suspended": table["state"].map(lambda one: one in ("歇业", "停业"), na_action="ignore"),
        "late_reports": table["years_unreported"], "employees": table["employees"],
        "negative_opinion": table["negative_in_year"].fillna(0),
        "penalty_amount": table["tax_fines"].fillna(0) * 100,
        "penalty_load": table["tax_fine_rows"].fillna(0) * 2_000,
    }  # fmt: skip
    expert = experts.graded("general", known, collected=GENERAL_ITEMS, on=FUNDRAISING_ON)
    inputs = table.drop(columns=["id", "label"])
    published = {"logistic": "0.804", "LightGBM": "0.805"}
    return compared(inputs, bad, expert, system="general", published=published)


def _fundraising(folder: Path) -> pd.DataFrame:
    """Return a row per labelled enterprise: what four tables say; nothing where a table has no row of it."""
    connection = duckdb.connect(config={"threads": 1})
    for name in ("labels", "annual_report", "tax", "news", "other"):
        connection.execute(f"CREATE VIEW {name} AS FROM '{folder / name}.parquet'")
    found = connection.sql(
        f"""SELECT l.id, l.label, r.* EXCLUDE (id), t.* EXCLUDE (id), n.* EXCLUDE (id), o.* EXCLUDE (id)
        FROM labels l LEFT JOIN (
            SELECT id, count(*) AS reports, max(ANCHEYEAR)::INT AS last_report, min(ANCHEYEAR)::INT AS first_report,
                greatest(2018 - greatest(min(ANCHEYEAR), 2016) + 1 - count(DISTINCT ANCHEYEAR)
                    FILTER (ANCHEYEAR >= 2016), 0)::INT AS years_unreported,
                arg_max(EMPNUM, ANCHEYEAR) AS employees, max(EMPNUM) - min(EMPNUM) AS employees_moved,
                arg_max(BUSSTNAME, ANCHEYEAR) AS state, max(FUNDAM) AS funds, max(COLGRANUM) AS graduates,
                max(COLEMPLNUM) AS graduates_employed, max(RETSOLNUM) AS veterans, max(UNEEMPLNUM) AS re_employed,
                arg_max(WEBSITSIGN, ANCHEYEAR)::VARCHAR AS web_site,
                arg_max(FORINVESTSIGN, ANCHEYEAR)::VARCHAR AS invests, max(EMPNUMSIGN)::VARCHAR AS shows_employees,
                arg_max(STOCKTRANSIGN, ANCHEYEAR)::VARCHAR AS shares_moved,
                arg_max(PUBSTATE, ANCHEYEAR)::VARCHAR AS published
            FROM annual_report GROUP BY id) r USING (id)
        LEFT JOIN (
            SELECT id, count(*) AS tax_rows, count(DISTINCT TAX_CATEGORIES) AS taxes, sum(TAX_AMOUNT) AS tax_paid,
                max(TAX_AMOUNT) AS largest_tax, count(*) FILTER (TAX_ITEMS LIKE '%滞纳金%') AS late_fee_rows,
                count(*) FILTER (TAX_CATEGORIES = '税务部门罚没收入') AS tax_fine_rows,
                sum(TAX_AMOUNT) FILTER (TAX_CATEGORIES = '税务部门罚没收入') AS tax_fines,
                count(*) FILTER (TAX_CATEGORIES = '个人所得税') AS income_tax_rows,
                count(*) FILTER (TAX_CATEGORIES = '营业税') AS business_tax_rows
            FROM tax GROUP BY id) t USING (id)
        LEFT JOIN (
            SELECT id, count(*) AS news, count(*) FILTER (positive_negtive = '消极') AS negative,
                count(*) FILTER (positive_negtive = '积极') AS positive, count(DISTINCT public_date) AS news_days,
                max(year(TRY_CAST(public_date AS DATE))) AS last_news,
                count(*) FILTER (positive_negtive = '消极' AND (TRY_CAST(public_date AS DATE) IS NULL
                    OR TRY_CAST(public_date AS DATE) > DATE '{FUNDRAISING_ON}' - INTERVAL 1 YEAR)) AS negative_in_year
            FROM news GROUP BY id) n USING (id)
        LEFT JOIN (
            SELECT id, max(legal_judgment_num) AS judgments, max(brand_num) AS brands, max(patent_num) AS patents
            FROM other GROUP BY id) o USING (id)
        ORDER BY l.id"""
    ).df()
    connection.close()
    for name in found.columns[1:]:
        if found[name].dtype == object and name not in (
            "state",
            "web_site",
            "invests",
            "shows_employees",
            "shares_moved",
            "published",
        ):
            found[name] = pd.to_numeric(found[name])
    return found


def jinan(folder: Path) -> dict[str, dict[str, object]]:
    """Return a comparison per target; the tables that hold a target are taken out of both sides."""
    table = jinan_table(folder)
    found = {}
    for name, (columns, items, readme) in JINAN_TARGETS.items():
        # who stands in no other table is here only because of the target: nothing to learn, much to be misled by
        held = table[table.drop(columns=list(columns)).notna().any(axis=1)].reset_index(drop=True)
        bad = held[list(columns)].notna().any(axis=1).to_numpy()
        known = _jinan(held, without=columns)
        expert = experts.graded("public-credit-jinan", known, collected=JINAN_ITEMS - set(items), on=JINAN_ON)
        found[name] = compared(
            held.drop(columns=list(columns)), bad, expert, system="public-credit-jinan",
            published={"logistic": readme},
        )  # fmt: skip
    graded = table[table["credit_grade"].isin(["A", "A-", "N+", "N"])].reset_index(drop=True)
    bad = (graded["credit_grade"] == "N").to_numpy()
    expert = experts.graded(
        "public-credit-jinan", _jinan(graded, without=("credit_grade",)), collected=JINAN_ITEMS - {"JN-CRD-01"},
        on=JINAN_ON,
    )  # fmt: skip
    found["municipal grade N against A, A-, N+"] = compared(
        graded.drop(columns="credit_grade"), bad, expert, system="public-credit-jinan",
        published={"logistic": "0.516"},
    )  # fmt: skip
    return found


def jinan_table(folder: Path) -> pd.DataFrame:
    """Return a row per enterprise; arrears are texts with commas in the file."""
    table = pd.read_parquet(folder / "features.parquet").drop(columns="entname")
    return table.assign(taxunpaidnum=pd.to_numeric(table["taxunpaidnum"].str.replace(",", "")))


def _jinan(table: pd.DataFrame, *, without: tuple[str, ...]) -> dict[str, pd.Series]:
    known = {name: table[column] * times for name, (column, times) in JINAN.items() if column not in without}
    known |= {name: table[column].fillna(0) for name, column in JINAN_COUNTS.items() if column not in without}
    known |= {name: table[column].notna() for name, column in JINAN_TRUTHS.items() if column not in without}
    if "credit_grade" not in without:
        known["municipal_grade"] = table["credit_grade"]
    return known
