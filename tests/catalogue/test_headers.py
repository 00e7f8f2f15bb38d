"""A column or a choice is found by its name, either label or an alias, however it is spaced."""

from creditmesh.catalogue.headers import choice_of, columns_of, ignored_by, normalise_header
from creditmesh.catalogue.model import FieldDefinition, Kind, Text

FIELD = FieldDefinition(
    name="state",
    label=Text(zh="登记状态", en="Registration status"),
    kind=Kind.CHOICE,
    choices={"active": Text(zh="存续", en="Active"), "A-": Text(zh="甲-", en="Grade A-")},
    choice_aliases={"开业（正常）": "active"},
)


class TestAHeader:
    def test_ignores_width_spaces_case_and_a_byte_order_mark(self):
        assert normalise_header("\ufeff ＣＦ_ WSH ") == "cf_wsh"
        assert normalise_header("罚款金额（万元）") == normalise_header("罚款金额(万元)")


class TestAChoice:
    def test_is_found_by_value_labels_and_aliases(self):
        assert [choice_of(FIELD, text) for text in ("active", "存续", "ACTIVE", "开业(正常)")] == [
            "active"
        ] * 4
        assert choice_of(FIELD, "a-") == "A-"

    def test_is_not_guessed(self):
        assert choice_of(FIELD, "其他") is None


class TestColumns:
    def test_of_an_item_lead_to_its_fields(self, catalogue):
        item = catalogue.items["ENT-01"]
        known = columns_of(item)
        assert {
            known[normalise_header(one)] for one in ("uscc", "统一社会信用代码", "Unified social credit code")
        } == {"uscc"}

    def test_to_be_dropped_are_not_fields(self, catalogue):
        item = catalogue.items["PEN-01"]
        assert not ignored_by(item) & columns_of(item).keys()
        assert "cf_fr_zjhm" in ignored_by(item)
