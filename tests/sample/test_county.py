"""The county: made twice it is the same, and every department delivers what the catalogue asks for."""

import hashlib
from datetime import date

import pytest
from tests.sample.conftest import table

from creditmesh.catalogue.headers import columns_of, normalise_header
from creditmesh.catalogue.model import Catalogue, Kind
from creditmesh.sample import county
from creditmesh.sample.facts.recipes import RECIPES


def digests(deliveries):
    return {one.file.name: hashlib.sha256(one.file.read_bytes()).hexdigest() for one in deliveries}


class TestTheSameSeed:
    def test_makes_the_same_bytes(self, tmp_path, catalogue):
        one, other = (
            county.generate(folder=tmp_path / name, catalogue=catalogue, seed=3, enterprises=120)
            for name in "ab"
        )
        assert {delivery.format for delivery in one} == {
            "csv-gb18030", "csv-utf8-bom", "xlsx", "jsonl", "parquet",
        }  # fmt: skip
        assert digests(one) == digests(other)

    def test_is_needed_for_that(self, tmp_path, catalogue):
        one, other = (
            county.generate(folder=tmp_path / str(seed), catalogue=catalogue, seed=seed, enterprises=60)
            for seed in (3, 4)
        )
        shared = digests(one).keys() & digests(other).keys()
        assert shared
        assert all(digests(one)[name] != digests(other)[name] for name in shared)


class TestTheDeliveries:
    def test_cover_every_item_of_the_national_list_and_the_supplement(self, deliveries, catalogue):
        wanted = {
            item.code
            for one in catalogue.lists
            if one.id in ("national-2024", "local-supplement", "food-and-equipment")
            for item in one.items
        }
        assert len(wanted) >= 37
        assert {one.item for one in deliveries} == wanted

    def test_come_from_departments_that_may(self, deliveries, catalogue):
        for one in deliveries:
            assert one.source in catalogue.items[one.item].sources
            assert all(region.startswith("99") for region in catalogue.sources[one.source].regions)

    def test_name_their_columns_as_the_catalogue_knows_them(self, deliveries, catalogue):
        for one in deliveries:
            item = catalogue.items[one.item]
            headings, _ = table(one)
            fields = [columns_of(item)[normalise_header(heading)] for heading in headings]
            assert len(set(fields)) == len(fields)
            assert {field.name for field in item.fields if field.required} <= set(fields)

    def test_use_the_names_of_the_wild(self, deliveries):
        headings = {heading for one in deliveries for heading in table(one)[0]}
        assert {"CF_XDR_MC", "CF_WSH", "CF_NR_FK", "XK_XDR_SHXYM", "XK_WSH"} <= headings

    def test_hold_the_rows_they_say(self, deliveries):
        for one in deliveries:
            assert len(table(one)[1]) == one.rows > 0

    def test_come_in_time_order_with_a_history_updates_and_something_late(self, deliveries):
        days = [one.on for one in deliveries]
        assert days == sorted(days)
        assert max(days) == county.UNTIL
        for item in ("ENT-01", "PEN-01", "JUD-01", "TAX-01"):
            assert len({one.on for one in deliveries if one.item == item}) >= 2
        assert any("-late" in one.file.name for one in deliveries)
        assert deliveries[0].item == "ENT-01"

    def test_tell_nothing_of_the_future(self, deliveries, catalogue):
        for one in deliveries:
            item = catalogue.items[one.item]
            known = [field.name for field in item.fields if field.kind is Kind.DATE and field.not_in_future]
            if one.format != "parquet":
                continue
            headings, rows = table(one)
            for name in set(known) & set(headings):
                place = headings.index(name)
                assert all(row[place] <= one.on for row in rows if row[place])

    def test_of_a_list_that_replaces_leave_out_who_is_gone(self, deliveries, world, told):
        last = [one for one in deliveries if one.item == "ENT-02"][-1]
        headings, rows = table(last)
        names = {row[headings.index("name")] for row in rows}
        ended = [one for one in world.enterprises if one.ended_on and one.holders]
        assert ended
        assert len([one for one in ended if one.name_on(one.established) in names]) < len(ended) / 20

    def test_end_on_the_day_asked_for(self, tmp_path, catalogue):
        made = county.generate(folder=tmp_path, catalogue=catalogue, enterprises=80, until=date(2024, 3, 1))
        assert max(one.on for one in made) == date(2024, 3, 1)


class TestWhatCannotBeMade:
    def test_a_county_of_nobody(self, tmp_path, catalogue):
        with pytest.raises(county.CountyRefused, match="at least 10"):
            county.generate(folder=tmp_path, catalogue=catalogue, enterprises=9)

    def test_a_county_without_time(self, tmp_path, catalogue):
        with pytest.raises(county.CountyRefused, match="after 2022"):
            county.generate(folder=tmp_path, catalogue=catalogue, until=date(2022, 12, 31))

    def test_a_county_without_departments(self, tmp_path, catalogue):
        national = Catalogue(lists=catalogue.lists[:1])
        with pytest.raises(county.CountyRefused, match="sample county"):
            county.generate(folder=tmp_path, catalogue=national)


def test_every_recipe_is_for_an_item_of_the_catalogue(catalogue):
    assert RECIPES.keys() <= catalogue.items.keys()
