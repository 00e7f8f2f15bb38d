"""Serials, sections, endings and the composition of content, without a database."""

import string
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.apps.sharing.credit_reports.shop import EVALUATION

from creditmesh.apps.sharing.credit_reports.rules import content, endings, sections, serials
from creditmesh.apps.sharing.credit_reports.rules.sections import Section
from creditmesh.apps.sharing.credit_reports.rules.standing import ReportStands, State, require_end
from creditmesh.catalogue import loading, rule_packs
from creditmesh.exchange.canonical import canonical

CATALOGUE, PACK, TODAY = loading.load(), rule_packs.load(), date(2026, 11, 22)
RULING = endings.Ruling(pack=PACK, place="990121", on=TODAY)
GROUNDS = content.Grounds(catalogue=CATALOGUE, pack=PACK, place="990121", on=TODAY)
DAYS = st.dates(min_value=date(2015, 1, 1), max_value=TODAY)


def ending(item="PEN-01", day=TODAY, *, adverse=True, **values):
    return endings.ending_of(values, item=CATALOGUE.items[item], event_date=day, by=RULING, adverse=adverse)


def line(reference="r", day=TODAY, **values):
    return content.Line(reference=reference, event_date=day, values=values, source="samr")


def composed(*blocks, evaluation=None, withheld=()):
    head = {"serial": "x", "kind": "own"}
    return content.composed(blocks, grounds=GROUNDS, head=head, evaluation=evaluation, withheld=withheld)


def in_section(said, section):
    blocks = next(one["blocks"] for one in said["sections"] if one["id"] == section)
    return [entry["reference"] for block in blocks for entry in block["lines"]]


class TestSerials:
    def test_reads_what_it_wrote_however_it_was_typed(self):
        serial = serials.new(on=TODAY)

        assert serials.read(serial) == serial
        assert serials.read(serial.lower().replace("-", " ")) == serial
        assert serial.startswith("CR-2026-")

    def test_no_two_are_alike(self):
        assert len({serials.new(on=TODAY) for _ in range(500)}) == 500

    @given(st.integers(3, 24), st.sampled_from(serials.ALPHABET))
    def test_finds_one_wrong_character(self, place, other):
        serial = serials.new(on=TODAY)
        if serial[place] in ("-", other):
            return
        assert serials.read(serial[:place] + other + serial[place + 1 :]) is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "CR",
            "CR-2026-0000",
            "2026" * 40,
            "CR-ABCD-0000-0000-0000-0000-0",
            "报告",
            "CR-2026-UUUU-0000-0000-0000-0",
        ],
    )
    def test_says_what_is_no_serial(self, text):
        assert serials.read(text) is None

    @given(st.text(alphabet=string.printable, max_size=80))
    def test_never_fails_on_anything_typed(self, text):
        assert serials.read(text) is None or text


class TestEndings:
    def test_a_general_penalty_ends_by_the_order_in_force(self):
        found = ending(day=date(2026, 1, 10), seriousness="general")

        assert found.until == date(2027, 1, 9)
        assert found.rule.id == "publicity.penalty.general.max"

    def test_a_penalty_of_unknown_seriousness_is_as_serious_as_its_kind(self):
        day = date(2026, 1, 10)
        assert ending(day=day, penalty_kind="warning").until == date(2026, 4, 9)
        assert ending(day=day, penalty_kind="licence_revoked").until == date(2029, 1, 9)
        assert ending(day=day).until == date(2027, 1, 9)

    def test_what_the_source_states_earlier_counts(self):
        found = ending(day=date(2026, 1, 10), seriousness="general", publicity_until="2026-12-01")

        assert (found.until, found.rule) == (date(2026, 12, 1), None)

    def test_the_day_of_publication_begins_it(self):
        assert ending("JUD-03", date(2025, 1, 1), published_on="2025-02-01").until == date(2027, 1, 31)

    def test_an_adverse_record_without_publicity_is_used_five_years(self):
        found = ending("SAM-01", date(2024, 5, 1))

        assert found.until == date(2029, 4, 30)
        assert found.rule.id == "retention.adverse-record"

    def test_other_records_have_no_end_here(self):
        assert ending("SAM-01", date(2024, 5, 1), adverse=False).until is None

    def test_without_a_day_nothing_ends(self):
        assert ending(day=None).until is None

    def test_a_list_until_removal_has_no_day(self):
        assert ending("ENT-06", date(2024, 5, 1)).until is None

    @pytest.mark.parametrize("field", ["repaired_on", "removed_on"])
    def test_what_was_ended_is_over(self, field):
        found = ending()

        assert endings.is_over({field: TODAY.isoformat()}, found, on=TODAY)
        assert not endings.is_over({field: (TODAY + timedelta(days=1)).isoformat()}, found, on=TODAY)

    @pytest.mark.parametrize("status", ["repaired", "withdrawn"])
    def test_what_was_repaired_or_withdrawn_is_over(self, status):
        assert endings.is_over({"status": status}, ending(), on=TODAY)

    def test_a_masked_day_is_no_day(self):
        assert not endings.is_over({"removed_on": "2020-01"}, ending(), on=TODAY)

    @given(DAYS)
    def test_is_shown_on_its_last_day_and_not_on_the_next(self, day):
        found = ending(day=day, seriousness="general")

        assert not endings.is_over({}, found, on=found.until)
        assert endings.is_over({}, found, on=found.until + timedelta(days=1))

    def test_a_rule_of_another_time_does_not_count(self):
        early = endings.Ruling(pack=PACK, place="990121", on=date(2010, 1, 1))
        found = endings.ending_of(
            {}, item=CATALOGUE.items["BLK-01"], event_date=TODAY, by=early, adverse=True
        )
        assert found.until is None


class TestSections:
    @pytest.mark.parametrize(
        ("item", "values", "section"),
        [
            ("PEN-01", {}, "adverse"),
            ("TAX-03", {"cleared_on": "2026-11-01"}, "neutral"),
            ("TAX-03", {"cleared_on": "2026-12-01"}, "adverse"),
            ("TAX-03", {"cleared_on": "2026-10"}, "neutral"),
            ("TAX-03", {"cleared_on": "2026-11"}, "adverse"),
            ("TAX-01", {"grade": "A"}, "positive"),
            ("TAX-01", {"grade": "B"}, "neutral"),
            ("GUA-01", {"called": True}, "adverse"),
            ("GUA-01", {"called": False}, "neutral"),
            ("PEN-02", {"result_code": "1"}, "positive"),
            ("ENT-01", {}, "basic"),
            ("POL-01", {}, "neutral"),
        ],
    )
    def test_says_where_a_record_belongs(self, item, values, section):
        assert sections.section_of(item, values, on=TODAY) == section

    def test_every_field_named_is_in_the_catalogue(self):
        for code, names in sections.COLUMNS.items():
            assert set(names) <= {one.name for one in CATALOGUE.items[code].fields}, code
        for code, cases in sections.CASES.items():
            known = {one.name: one for one in CATALOGUE.items[code].fields}
            for case in cases:
                assert {case.field, *case.over} - {""} <= set(known)
                choices = known[case.field].choices if case.field else {}
                assert not choices or case.values <= set(choices)

    def test_an_item_without_columns_shows_its_first_fields_but_no_keys(self):
        names = [one.name for one in sections.columns(CATALOGUE.items["WAG-01"], section=Section.ADVERSE)]

        assert 0 < len(names) <= sections.MOST_COLUMNS
        assert not {"uscc", "name", "registration_number"} & set(names)


class TestContent:
    def test_puts_each_record_into_its_section(self):
        said = composed(
            content.Block(item="PEN-01", mode="OPEN", lines=(line("p", penalty_kind="fine"),)),
            content.Block(item="HON-01", mode="OPEN", lines=(line("h", title="x"),)),
            content.Block(item="POL-01", mode="OPEN", lines=(line("n", policy="y"),)),
        )

        assert in_section(said, "adverse") == ["p"]
        assert in_section(said, "positive") == ["h"]
        assert in_section(said, "neutral") == ["n"]
        assert said["counts"] == {"basic": 0, "adverse": 1, "positive": 1, "neutral": 1, "contested": 0}

    def test_what_is_over_stands_nowhere_and_is_not_counted(self):
        old = line("old", date(2020, 1, 1), seriousness="general")
        said = composed(content.Block(item="PEN-01", mode="OPEN", lines=(old,)))

        assert said["counts"]["adverse"] == 0
        assert b'"old"' not in canonical(said)

    def test_tells_the_rule_behind_every_end_with_its_status(self):
        said = composed(content.Block(item="PEN-01", mode="OPEN", lines=(line(seriousness="general"),)))

        assert [(one["id"], one["status"]) for one in said["rules"]] == [
            ("publicity.penalty.general.max", "official")
        ]

    def test_marks_what_is_contested(self):
        marked = content.Line(
            reference="m", event_date=TODAY, values={"title": "x"}, source="s", contested_since="2026-11-01"
        )
        newer = tuple(line(f"r{n}", TODAY + timedelta(days=1), title="x") for n in range(content.MOST_LINES))
        for lines in ((marked,), (marked, *newer)):
            said = composed(content.Block(item="HON-01", mode="OPEN", lines=lines))

            assert said["counts"]["contested"] == 1, "shown or only counted"

    def test_shows_the_newest_and_counts_the_rest(self):
        lines = tuple(line(f"r{n}", TODAY - timedelta(days=n), policy="x") for n in range(60))
        said = composed(content.Block(item="POL-01", mode="OPEN", lines=lines))
        block = said["sections"][2]["blocks"][0]

        assert (len(block["lines"]), block["total"]) == (content.MOST_LINES, 60)
        assert block["lines"][0]["reference"] == "r0"

    def test_is_canonical_whatever_is_held(self):
        held = line(policy="x", amount=2**60, granted_on={"from": 0, "to": None}, state=True)
        said = composed(
            content.Block(item="POL-01", mode="AUTH", lines=(held,), masked=("amount",)),
            evaluation=EVALUATION,
            withheld=("HPF-01", "GONE-99"),
        )

        assert canonical(said)
        assert said["withheld"][1]["label"]["en"] == "GONE-99"

    def test_names_an_unknown_source_by_its_code(self):
        odd = content.Line(reference="o", event_date=None, values={"policy": "x"}, source="gone")
        said = composed(content.Block(item="POL-01", mode="OPEN", lines=(odd,)))

        assert said["sections"][2]["blocks"][0]["sources"][0]["label"]["zh"] == "gone"

    def test_the_latest_registration_stands_alone(self):
        older, newer = line("a", date(2020, 1, 1), status="active"), line("b", TODAY, status="revoked")
        said = composed(content.Block(item="ENT-01", mode="OPEN", lines=(older, newer)))

        assert [one["reference"] for one in said["basic"]["lines"]] == ["b"]


class TestStates:
    def test_a_report_never_becomes_valid_again(self):
        for state in State:
            with pytest.raises(ReportStands):
                require_end(state=state, to=State.VALID)

    def test_a_valid_one_may_be_revoked(self):
        require_end(state=State.VALID, to=State.REVOKED)
