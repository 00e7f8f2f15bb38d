"""Where an item states no region, the code says where a subject was registered; else everything would count as collected."""

from datetime import date

import duckdb

from creditmesh.catalogue import loading as lists
from creditmesh.scoring import loading
from creditmesh.scoring.records import features


class TestASubjectKnownFromTheRegistryAlone:
    def test_is_not_taken_as_collected_by_departments_of_another_region(self):
        catalogue = lists.load()
        assert catalogue.items["CN-REG-01"].describes.region_of_code
        system = loading.load(loading.shipped()["general"], catalogue=catalogue)
        connection = duckdb.connect()
        for code, item in system.items.items():
            name = code.lower().replace("-", "_")
            kinds = {
                "date": "DATE",
                "integer": "BIGINT",
                "money": "BIGINT",
                "percent": "BIGINT",
                "boolean": "BOOLEAN",
            }
            fields = ", ".join(f'"{one.name}" {kinds.get(one.kind.value, "VARCHAR")}' for one in item.fields)
            connection.execute(
                f'CREATE TABLE "{name}" (_key VARCHAR, _subject VARCHAR, _row BIGINT, _digest BIGINT, '
                f"_event_date DATE, _warnings VARCHAR, {fields}, _source VARCHAR, _batch VARCHAR, _seq BIGINT)"
            )
        connection.execute("CREATE TABLE _collected (item VARCHAR, region_prefix VARCHAR)")
        connection.execute("CREATE TABLE _previous (subject VARCHAR, grade VARCHAR)")
        connection.execute("INSERT INTO _collected VALUES ('PEN-01', '9901'), ('ENT-06', '63')")
        connection.execute(
            'INSERT INTO cn_reg_01 (_key, _subject, _row, "name", _seq) '
            "VALUES ('a', '91630105579924770K', 1, '甲', 1), ('b', 'R:630100000000016', 2, '乙', 1)"
        )

        found = (
            connection.sql(features.statement(system, as_of=date(2026, 6, 30))).to_arrow_table().to_pylist()
        )

        assert {one["region"] for one in found} == {"630105", "630100"}
        assert [one["pen_01_collected"] for one in found] == [False, False]
        assert [one["ent_06_collected"] for one in found] == [True, True]
