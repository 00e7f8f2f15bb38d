"""What was known of each Chicago establishment on the first day of the window it is inspected in; no inspector.

Time is cut into blocks of sixty days that end where the test window begins. Everything of an inspection in a block is
computed from inspections before the block: neither its own result, nor that of the same day, nor the day of the
inspection itself (its weather, the days since the last) is known when the order is made. Place, risk class and kind are
those of the establishment's last inspection before the block; where there was none they are unknown, as in the test.
"""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd

TEST_BEGINS = date(2014, 9, 2)
BLOCK_DAYS = 60
FIRST = date(2012, 1, 1)  # earlier blocks have next to no history
LICENCES = {
    "consumption_on_premises_incidental_activity": "consumption_on_premises_incidental_activity",
    "tobacco": "tobacco_retail_over_counter", "package_goods": "package_goods", "outdoor_patio": "outdoor_patio",
    "public_place_of_amusement": "public_place_of_amusement", "limited_business_license": "limited_business_license",
    "childrens_services_facility_license": "childrens_services_facility_license", "tavern": "tavern",
    "regulated_business_license": "regulated_business_license", "filling_station": "filling_station",
    "caterers_liquor_license": "caterers_liquor_license", "mobile_food_license": "mobile_food_license",
}  # fmt: skip


def blocks() -> list[date]:
    """Return the first days of all blocks, the test window's last."""
    found = [TEST_BEGINS]
    while found[0] - timedelta(days=BLOCK_DAYS) >= FIRST:
        found.insert(0, found[0] - timedelta(days=BLOCK_DAYS))
    return found


def known(data: Path) -> pd.DataFrame:
    """Return a row per inspection with its features; those to order in the test have no day and no outcome."""
    folder = data / "chicago_food"
    connection = duckdb.connect(config={"threads": 1})
    starts = pd.DataFrame({"block": pd.to_datetime(blocks())})
    connection.register("starts", starts)
    for name in ("inspections_all", "model_data_train", "model_data_test_features_only"):
        connection.execute(f"CREATE VIEW {name} AS FROM '{folder / name}.parquet'")
    connection.execute(_rows())
    connection.execute(HISTORY)
    connection.execute(PLACES)
    found = connection.sql(
        f"SELECT * EXCLUDE (lat, lon, zip) FROM ({_own()}) LEFT JOIN ({AROUND}) USING (id) ORDER BY md5(est_id || id)"
    ).df()
    connection.close()
    return found


def _rows() -> str:
    licences = ", ".join(LICENCES.values())
    heats = "least(heat_burglary, 70) AS burglaries, least(heat_garbage, 50) AS garbage, least(heat_sanitation, 70) AS sanitation"
    return f"""CREATE TABLE asked AS
    SELECT Inspection_ID AS id, a.est_id, Inspection_Date::DATE AS day,
           (SELECT max(block) FROM starts WHERE block <= Inspection_Date)::DATE AS block, a.criticalCount > 0 AS bad,
           m.est_id IS NOT NULL AS modelled, coalesce(m.inspector, a.inspector_group) AS inspector,
           coalesce(m.kind, CASE WHEN Facility_Type = 'Restaurant' THEN 'Restaurant'
                                 WHEN Facility_Type = 'Grocery Store' THEN 'Grocery_Store' ELSE 'Other' END) AS kind,
           floor(least(ageAtInspection, 15)) AS licence_years, burglaries, garbage, sanitation,
           {", ".join(f"a.{name}::TINYINT AS {as_}" for name, as_ in LICENCES.items())}
    FROM inspections_all a LEFT JOIN (
        SELECT Inspection_ID, est_id, Facility_Type AS kind, Inspector_Assigned AS inspector, {heats}
        FROM model_data_train) m USING (Inspection_ID)
    WHERE Inspection_Date >= (SELECT min(block) FROM starts)
    UNION ALL BY NAME
    SELECT Inspection_ID AS id, est_id, NULL AS day, DATE '{TEST_BEGINS}' AS block, NULL AS bad, true AS modelled,
           Inspector_Assigned AS inspector, Facility_Type AS kind, floor(least(ageAtInspection, 15)) AS licence_years,
           {heats}, {", ".join(f"{name}::TINYINT AS {name}" for name in licences.split(", "))}
    FROM model_data_test_features_only"""


HISTORY = """CREATE TABLE history AS
SELECT *, CASE WHEN criticalCount > 0 THEN 1 ELSE 0 END AS critical, Inspection_Date::DATE AS day
FROM inspections_all"""

PLACES = """CREATE TABLE places AS
SELECT r.id, r.block, r.est_id, arg_max(h.lat2, h.day) AS lat, arg_max(h.lon2, h.day) AS lon, arg_max(h.Zip, h.day) AS zip
FROM asked r JOIN history h ON h.est_id = r.est_id AND h.day < r.block GROUP BY ALL"""

AROUND = """SELECT p.id,
    100 * (sum(w * critical) + 20 * 0.14) / (sum(w) + 20) AS around_critical,
    100 * (sum(w * (seriousCount > 0)::INT) + 20 * 0.3) / (sum(w) + 20) AS around_serious,
    100 * (sum(w * fail_flag) + 20 * 0.2) / (sum(w) + 20) AS around_failed
FROM places p JOIN (SELECT *, 1.0 AS w FROM history) h
  ON h.day < p.block AND h.day >= p.block - 365 AND h.est_id <> p.est_id
 AND h.lat2 BETWEEN p.lat - 0.0151 AND p.lat + 0.0151 AND h.lon2 BETWEEN p.lon - 0.0201 AND p.lon + 0.0201
GROUP BY p.id"""


def _own() -> str:
    fading = "power(0.5, date_diff('day', h.day, r.block) / 365.0)"
    return f"""SELECT r.*, p.lat, p.lon, p.zip, o.* EXCLUDE (id)
    FROM asked r LEFT JOIN places p USING (id) LEFT JOIN (
        SELECT r.id, date_diff('day', max(h.day), r.block) AS days_since,
            arg_max(h.Risk, h.day) AS risk_class,
            arg_max(h.criticalCount, h.day) AS last_critical, arg_max(h.seriousCount, h.day) AS last_serious,
            arg_max(h.minorCount, h.day) AS last_minor, arg_max(h.Results, h.day) AS last_result,
            (sum({fading} * critical) + 0.14) / (sum({fading}) + 1) AS critical_share,
            (sum({fading} * (seriousCount > 0)::INT) + 0.3) / (sum({fading}) + 1) AS serious_share,
            (sum({fading} * fail_flag) + 0.2) / (sum({fading}) + 1) AS failed_share,
            (sum({fading} * least(minorCount, 10)) + 4) / (sum({fading}) + 1) AS minor_mean,
            (sum({fading} * least(seriousCount, 5)) + 0.4) / (sum({fading}) + 1) AS serious_mean
        FROM asked r JOIN history h ON h.est_id = r.est_id AND h.day < r.block GROUP BY r.id, r.block
    ) o USING (id)"""
