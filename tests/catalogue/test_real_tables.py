"""The local lists fit the real files they were written for: every column has a field, keys hold."""

from pathlib import Path

import duckdb
import pytest

from creditmesh.catalogue import loading
from creditmesh.catalogue.headers import columns_of, normalise_header
from creditmesh.catalogue.model import Item

DATA = Path(__file__).parents[3] / "shared" / "data"
JINAN = DATA / "cn_jinan_credit" / "tables"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real sets of ../shared/data are not here")

DELIVERED = [
    pytest.param(item, DATA / file, id=item.code)
    for item in loading.load().items.values()
    for file in item.delivered_as
]


def columns(path: Path) -> list[str]:
    """Return the column names of a Parquet file."""
    with duckdb.connect() as connection:
        found = connection.execute("SELECT name FROM parquet_schema(?) WHERE type IS NOT NULL", [str(path)])
        return [str(row[0]) for row in found.fetchall()]


@pytest.mark.parametrize(("item", "path"), DELIVERED)
class TestAnItemWithAFile:
    def test_knows_every_column_of_its_file(self, item: Item, path: Path):
        known = columns_of(item)
        assert [one for one in columns(path) if normalise_header(one) not in known] == []

    def test_finds_the_columns_it_requires(self, item: Item, path: Path):
        known = columns_of(item)
        there = {known[normalise_header(one)] for one in columns(path)}
        assert [field.name for field in item.fields if field.required and field.name not in there] == []

    def test_has_a_key_that_hardly_ever_repeats(self, item: Item, path: Path):
        known = columns_of(item)
        written = {known[normalise_header(one)]: one for one in columns(path)}
        key = ", ".join(f'"{written[name]}"' for name in item.record_key)
        with duckdb.connect() as connection:
            counts = connection.execute(
                f"SELECT count(*), count(DISTINCT ({key})) FROM read_parquet(?)", [str(path)]
            ).fetchall()
        rows, keys = counts[0]
        assert keys >= rows * 0.9


class TestTheRealSets:
    def test_are_all_catalogued(self):
        files = {f"cn_jinan_credit/tables/{path.name}" for path in JINAN.glob("*.parquet")}
        catalogued = {file for item in loading.load().items.values() for file in item.delivered_as}
        assert files <= catalogued

    @pytest.mark.parametrize("name", ["qinghai", "shanghai", "national_sample", "odd_codes"])
    def test_of_the_registry_fit_one_item(self, name: str):
        known = columns_of(loading.load().items["CN-REG-01"])
        assert [one for one in columns(DATA / "cn_registry" / f"{name}.parquet") if one not in known] == []
