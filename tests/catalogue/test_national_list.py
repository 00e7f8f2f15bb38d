"""The working list of 2024: 17 classes and 37 items, each complete enough to collect with."""

import pytest

from creditmesh.catalogue import loading
from creditmesh.catalogue.headers import columns_of, normalise_header
from creditmesh.catalogue.model import Item, Kind, Mode, Sensitivity, Status

NATIONAL = next(one for one in loading.load().lists if one.id == "national-2024")
ITEMS_2024 = {
    "ENT": 6, "PER": 1, "QUA": 2, "PEN": 2, "COE": 1, "JUD": 4, "BLK": 1, "TAX": 4, "SOC": 2, "HPF": 1, "CUS": 2,
    "UTL": 3, "EST": 2, "IPR": 2, "RND": 2, "ENV": 1, "AGR": 1,
}  # fmt: skip
every_item = pytest.mark.parametrize("item", loading.load().items.values(), ids=lambda item: item.code)


class TestTheListOf2024:
    def test_has_17_classes_and_37_items(self):
        assert len(NATIONAL.classes) == 17
        assert len(NATIONAL.items) == 37
        assert [one.code for one in NATIONAL.classes] == list(ITEMS_2024)
        expected = {
            f"{letters}-{number:02}" for letters, most in ITEMS_2024.items() for number in range(1, most + 1)
        }
        assert {item.code for item in NATIONAL.items} == expected

    def test_says_that_it_is_reconstructed(self):
        assert NATIONAL.status is Status.RECONSTRUCTED
        assert {item.status for item in NATIONAL.items} == {Status.RECONSTRUCTED}
        assert all(item.evidence for item in NATIONAL.items)

    def test_never_opens_what_needs_consent(self):
        unpublished = loading.load().items["ENT-05"]
        assert set(unpublished.modes) == {Mode.AUTH, Mode.VERIFY, Mode.GOV}
        assert unpublished.sensitivity is Sensitivity.L3

    def test_opens_only_the_best_tax_grade(self):
        graded = loading.load().items["TAX-01"].open_when
        assert graded is not None
        assert (graded.field, graded.values) == ("grade", ("A",))

    def test_takes_the_penalty_columns_of_double_publicity(self):
        columns = columns_of(loading.load().items["PEN-01"])
        expected = {
            "CF_XDR_MC": "name", "CF_XDR_SHXYM": "uscc", "CF_XDR_GSZC": "registration_number",
            "CF_XDR_GSDJ": "registration_number", "CF_WSH": "decision_number", "CF_CFLB": "penalty_kind",
            "CFLB1": "penalty_kind", "CF_NR_FK": "fine", "CF_JDRQ": "decided_on", "CF_CFJG": "authority_name",
            "行政处罚决定书文号": "decision_number", "BZ": "remarks",
        }  # fmt: skip
        assert {one: columns[normalise_header(one)] for one in expected} == expected

    def test_reads_a_bare_fine_as_ten_thousands_of_yuan(self):
        penalty = loading.load().items["PEN-01"]
        assert (penalty.field("fine").unit, penalty.field("confiscated").unit) == ("万元", "万元")

    def test_takes_the_licence_columns_of_double_publicity(self):
        columns = columns_of(loading.load().items["QUA-01"])
        names = "XK_XDR_SHXYM XK_XKWS XK_WSH XK_XKLB XK_XKZS XK_XKBH XK_NR XK_YXQZ XK_YXQZI XK_XKJG XK_ZT XK_JZQ DFBM"
        assert {one for one in names.split() if normalise_header(one) not in columns} == set()

    def test_never_keeps_an_identity_number(self):
        for code in ("PEN-01", "QUA-01"):
            item = loading.load().items[code]
            assert any(one.endswith("FR_ZJHM") for one in item.ignored_columns)


@every_item
class TestEveryItem:
    def test_has_fields_enough_to_be_useful(self, item: Item):
        assert len(item.fields) >= (2 if item.code.startswith("JN-") else 8)

    def test_may_be_delivered_by_somebody(self, item: Item):
        assert item.sources
        assert set(item.sources) <= loading.load().sources.keys()

    def test_is_labelled_in_both_languages(self, item: Item):
        labels = [item.label, item.authority, *(field.label for field in item.fields)]
        assert all(any("\u4e00" <= sign <= "\u9fff" for sign in one.zh) or one.zh == one.en for one in labels)
        assert all(one.en.isascii() for one in labels)

    def test_is_keyed_by_required_fields(self, item: Item):
        assert all(item.field(name).required for name in item.record_key)

    def test_has_its_class_and_its_list(self, item: Item):
        assert item.class_code in loading.load().classes
        assert item in loading.load().list_of(item.code).items

    def test_states_the_unit_of_every_amount(self, item: Item):
        assert all(
            field.unit for field in item.fields if field.kind in {Kind.MONEY, Kind.INTEGER, Kind.PERCENT}
        )


class TestTheSampleCounty:
    def test_delivers_every_national_and_supplementary_item(self):
        catalogue = loading.load()
        county = {code for code in catalogue.sources if code.startswith("qinghe-")}
        wanted = [
            one
            for part in catalogue.lists
            if part.id in {"national-2024", "local-supplement", "food-and-equipment"}
            for one in part.items
        ]
        assert [item.code for item in wanted if not county & set(item.sources)] == []

    def test_is_marked_as_fictitious_in_every_name(self):
        county = [one for code, one in loading.load().sources.items() if code.startswith("qinghe-")]
        assert all("虚构" in one.label.zh and "fictitious" in one.label.en for one in county)
        assert {one.regions for one in county} == {("9901",)}
