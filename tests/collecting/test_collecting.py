"""What happens to the rows of a delivered file."""

from datetime import date

import pytest
from tests.collecting.conftest import (
    CODES,
    ROW,
    SOURCE,
    WRONG,
    Desk,
    accepted,
    an_item,
    refused,
    rules,
    same_count,
)

from creditmesh.catalogue.model import Cadence, Check, Update
from creditmesh.collecting.reading.rows import UnreadableFile
from creditmesh.collecting.run import WrongSource


class TestAGoodFile:
    def test_becomes_typed_rows_with_key_subject_and_digest(self, desk: Desk) -> None:
        outcome = desk.deliver([ROW | {"罚款金额": "1.5", "类别": "罚款", "是否公示": "是", "比例": "12.5%"}])

        (row,) = accepted(outcome)
        assert (row["_key"], row["_subject"], row["_row"]) == (ROW["文书号"], CODES[0], 1)
        assert row["_event_date"] == row["decided"] == date(2026, 1, 5)
        assert (row["fine"], row["kind"], row["public"], row["share"]) == (1_500_000, "fine", True, 1250)
        assert row["_warnings"] is None
        assert isinstance(row["_digest"], int)
        assert outcome.quality.accuracy_bp == 10_000
        assert same_count(outcome)

    def test_has_the_columns_of_the_item_in_order_whatever_it_delivers(self, desk: Desk) -> None:
        (row,) = accepted(desk.deliver([ROW]))

        fields = [one.name for one in an_item().fields]
        assert list(row) == ["_key", "_subject", "_row", "_digest", "_event_date", "_warnings", *fields]

    def test_may_use_the_names_of_the_wild_and_columns_of_its_own(self, desk: Desk) -> None:
        row = {
            "CF_XDR_MC": "甲",
            "cf_xdr_shxym": CODES[0],
            "CF_WSH*": "1",
            "决定日期(必填)": "2026/1/5",
            "_note": "x",
        }

        assert desk.deliver([row]).accepted == 1

    def test_may_name_the_unit_in_the_heading(self, desk: Desk) -> None:
        (row,) = accepted(desk.deliver([ROW | {"罚款金额（元）": "1.5"}]))

        assert row["fine"] == 150

    @pytest.mark.parametrize(
        ("spelling", "fen"),
        [("1,234.5", 1_234_500_000), ("100万元", 100_000_000), ("１００", 100_000_000), ("50元", 5_000)],
    )
    def test_may_write_amounts_in_many_ways(self, desk: Desk, spelling: str, fen: int) -> None:
        (row,) = accepted(desk.deliver([ROW | {"罚款金额": spelling}]))

        assert row["fine"] == fen

    def test_may_carry_the_noise_of_floating_point(self, desk: Desk) -> None:
        outcome = desk.deliver(
            [ROW | {"罚款金额": "7.162999999999999"}, ROW | {"文书号": "2", "罚款金额": "1.5E2"}]
        )

        assert [row["fine"] for row in accepted(outcome)] == [7_163_000, 150_000_000]
        assert rules(outcome) == {("fine", "amount-rounded")}

    @pytest.mark.parametrize(
        "spelling",
        ["2026-01-05", "2026/1/5", "20260105", "2026年1月5日", "2026-01-05 10:30:00", "二〇二六年一月五日", "2026.1.5",
         "1767542400000", "２０２６－０１－０５"],
    )  # fmt: skip
    def test_may_write_days_in_many_ways(self, desk: Desk, spelling: str) -> None:
        (row,) = accepted(desk.deliver([ROW | {"决定日期": spelling}]))

        assert row["decided"] == date(2026, 1, 5)

    def test_keeps_line_breaks_commas_and_quotes_within_cells(self, desk: Desk) -> None:
        (row,) = accepted(desk.deliver([ROW | {"备注": '一,"二"\r\n三'}]))

        assert row["remarks"] == '一,"二"\r\n三'

    def test_numbers_its_rows_as_the_sender_counts_them(self, desk: Desk) -> None:
        rows = [
            ROW | {"文书号": str(number), "决定日期": "明天" if number == 3 else "2026-01-05"}
            for number in range(1, 6)
        ]

        outcome = desk.deliver(rows)

        assert [row["_row"] for row in accepted(outcome)] == [1, 2, 4, 5]
        assert [row["_row"] for row in refused(outcome)] == ["3"]

    def test_gives_the_same_when_collected_again(self, desk: Desk) -> None:
        rows = [ROW | {"文书号": str(number), "罚款金额": "3万元"} for number in range(50)]

        first, again = desk.deliver(rows), desk.deliver(rows)

        assert accepted(first) == accepted(again)
        assert first.file_sha256 == again.file_sha256


class TestABadRow:
    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"名称": ""}, ("name", "required")),
            ({"代码": WRONG}, ("code", "uscc-check-character")),
            ({"代码": "9135"}, ("code", "uscc-length")),
            ({"代码": "9.1350E+17"}, ("code", "scientific-notation")),
            ({"注册号": "110108000000017"}, ("number", "registration-number-check")),
            ({"类别": "训诫"}, ("kind", "choice")),
            ({"罚款金额": "很多"}, ("fine", "amount")),
            ({"罚款金额": "751(万美元)"}, ("fine", "amount-currency")),
            ({"罚款金额": "-1"}, ("fine", "range")),
            ({"决定日期": "2026-02-30"}, ("decided", "date")),
            ({"决定日期": "1980-01-01"}, ("decided", "date-early")),
            ({"决定日期": "2026-03-03"}, ("decided", "date-future")),
            ({"是否公示": "也许"}, ("public", "boolean")),
            ({"比例": "一半"}, ("share", "percent")),
            ({"人数": "1.5"}, ("people", "integer")),
            ({"区划": "000001"}, ("region", "region")),
            ({"行业": "X99"}, ("industry", "industry")),
            ({"备注": "长" * 51}, ("remarks", "too-long")),
            ({"备注": "a\0b"}, ("remarks", "control-character")),
            ({"备注": "a\x07b"}, ("remarks", "control-character")),
        ],
    )
    def test_is_refused_with_its_field_and_rule(
        self, desk: Desk, change: dict[str, str], rule: tuple[str, str]
    ) -> None:
        outcome = desk.deliver([ROW, ROW | {"文书号": "2"} | change])

        assert (outcome.accepted, outcome.quarantined) == (1, 1)
        assert rules(outcome) == {rule}
        (reason,) = outcome.reasons
        assert reason.row == 2
        assert reason.sentence("zh-hans") != reason.sentence("en")
        assert reason.sentence_zh in refused(outcome)[0]["_reason"]

    def test_tells_every_reason_at_once(self, desk: Desk) -> None:
        outcome = desk.deliver([ROW | {"决定日期": "?", "罚款金额": "?", "人数": "?"}])

        assert {rule for _, rule in rules(outcome)} == {"date", "amount", "integer"}
        assert outcome.quarantined == 1

    def test_without_record_key_is_refused(self, desk: Desk) -> None:
        item = an_item(record_key=("region", "industry"))
        rows = [ROW | {"区划": "990121", "行业": "C1391"}, ROW | {"区划": "", "行业": ""}]

        outcome = desk.deliver(rows, item=item)

        assert rules(outcome) == {(None, "key-missing")}
        assert [row["_key"] for row in accepted(outcome)] == ["990121|C1391"]

    def test_that_is_blank_is_no_row(self, desk: Desk) -> None:
        outcome = desk.deliver([ROW, dict.fromkeys(ROW, ""), dict.fromkeys(ROW, "  ")])

        assert outcome.received == 1

    def test_that_is_far_too_large_is_refused_and_the_rest_is_not(self, desk: Desk) -> None:
        outcome = desk.deliver([ROW | {"备注": "x" * 10_000_000}, ROW | {"文书号": "2"}])

        assert (outcome.accepted, rules(outcome)) == (1, {("remarks", "too-long")})
        assert len(refused(outcome)[0]["备注"]) == 32_000

    @pytest.mark.parametrize(
        ("line", "rule"),
        [
            ("甲,{c},9", "row-short"),
            ("甲,{c},9,2026-01-05,多", "row-long"),
            ('甲,{c},"9"九,2026-01-05', "row-quotes"),
        ],
    )
    def test_of_another_shape_is_refused_and_the_rest_is_not(self, desk: Desk, line: str, rule: str) -> None:
        good = [f"甲,{CODES[0]},{number},2026-01-05" for number in range(4)]
        lines = [",".join(ROW), *good[:2], line.format(c=CODES[0]), *good[2:]]

        outcome = desk.deliver("\n".join(lines).encode())

        assert (outcome.accepted, outcome.quarantined) == (4, 1)
        assert rules(outcome) == {(None, rule)}
        assert [row["_row"] for row in accepted(outcome)] == [1, 2, 4, 5]


class TestACodeWithAWrongCheckCharacter:
    def test_is_taken_with_a_warning_where_the_field_says_warn(self, desk: Desk) -> None:
        outcome = desk.deliver([ROW | {"处罚机关代码": WRONG}, ROW | {"文书号": "2"}])

        assert (outcome.accepted, outcome.warned, outcome.quality.accuracy_bp) == (2, 1, 5_000)
        assert accepted(outcome)[0]["_warnings"] == "authority_code:uscc-check-character"
        assert accepted(outcome)[0]["authority_code"] == WRONG
        assert [one.refused for one in outcome.reasons] == [False]

    def test_is_mended_when_only_its_spelling_is_odd(self, desk: Desk) -> None:
        outcome = desk.deliver([ROW | {"代码": f" {CODES[0].lower()[:8]}-{CODES[0][8:]} "}])

        assert accepted(outcome)[0]["_subject"] == CODES[0]
        assert accepted(outcome)[0]["_warnings"] == "code:uscc-spelling"

    def test_gives_way_to_an_old_registration_number_in_its_place(self, desk: Desk) -> None:
        fields = tuple(
            one.model_copy(update={"check": Check.WARN}) if one.name == "code" else one
            for one in an_item().fields
        )
        outcome = desk.deliver(
            [ROW | {"代码": "110108000000016"}, ROW | {"代码": "3209231100626", "文书号": "2"}],
            item=an_item(fields=fields),
        )

        assert accepted(outcome)[0]["_subject"] == "R:110108000000016"
        assert outcome.unresolved == 1


class TestARowWithoutACode:
    def test_is_attributed_by_name_and_registration_number(self, desk: Desk) -> None:
        asked = []

        def resolve(pairs: object) -> list[str | None]:
            asked.append(pairs)
            return [CODES[1]]

        outcome = desk.deliver([ROW | {"代码": "", "名称": "麦香（集团） 公司"}], resolve=resolve)

        assert asked == [[("麦香(集团)公司", None)]]
        assert accepted(outcome)[0]["_subject"] == CODES[1]

    def test_is_its_registration_number_when_the_register_knows_no_better(self, desk: Desk) -> None:
        outcome = desk.deliver([ROW | {"代码": "", "注册号": "110108000000016"}])

        assert accepted(outcome)[0]["_subject"] == "R:110108000000016"

    def test_waits_for_review_when_nobody_knows_it(self, desk: Desk) -> None:
        outcome = desk.deliver([ROW, ROW | {"代码": "", "文书号": "2"}])

        assert (outcome.accepted, outcome.unresolved) == (1, 1)
        assert outcome.unresolved_file is not None
        assert outcome.unresolved_file.exists()
        assert same_count(outcome)

    def test_is_refused_when_it_names_nobody_at_all(self, desk: Desk) -> None:
        fields = tuple(
            one.model_copy(update={"required": False}) if one.name == "name" else one
            for one in an_item().fields
        )
        outcome = desk.deliver(
            [ROW, ROW | {"代码": "", "名称": "", "文书号": "2"}], item=an_item(fields=fields)
        )

        assert rules(outcome) == {(None, "no-subject")}


class TestTheSameKeyTwice:
    def test_with_the_same_contents_is_a_duplicate(self, desk: Desk) -> None:
        outcome = desk.deliver([ROW, ROW | {"决定日期": "2026年1月5日"}, ROW])

        assert (outcome.accepted, outcome.duplicates, outcome.quarantined) == (1, 2, 0)
        assert accepted(outcome)[0]["_row"] == 1

    def test_with_other_contents_is_a_conflict_that_goes_back(self, desk: Desk) -> None:
        outcome = desk.deliver([ROW, ROW | {"罚款金额": "2"}])

        assert (outcome.accepted, outcome.quarantined) == (1, 1)
        assert rules(outcome) == {(None, "key-conflict")}
        assert refused(outcome)[0]["罚款金额"] == "2"

    @pytest.mark.parametrize("update", [Update.UPSERT, Update.REPLACE])
    def test_means_that_the_last_row_counts_where_rows_replace_each_other(
        self, desk: Desk, update: Update
    ) -> None:
        outcome = desk.deliver([ROW | {"罚款金额": "1"}, ROW | {"罚款金额": "二元"}, ROW | {"罚款金额": "3"}],
                               item=an_item(update=update))  # fmt: skip

        assert (outcome.accepted, outcome.duplicates, outcome.quarantined) == (1, 1, 1)
        assert accepted(outcome)[0]["fine"] == 3_000_000


class TestAFileThatCannotBeTaken:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "empty-file"),
            (b" \r\n ", "empty-file"),
            ("名称,代码,文书号,决定日期\n".encode(), "empty-file"),
            ("名称,代码,文书号\n甲,,1\n".encode(), "missing-columns"),
            ("名称,代码,文书号,决定日期,罚金额\n甲,,1,2026-01-05,1\n".encode(), "unknown-columns"),
            ("名称,名称,代码,文书号,决定日期\n甲,甲,,1,2026-01-05\n".encode(), "repeated-heading"),
            ("名称,CF_XDR_MC,代码,文书号,决定日期\n甲,甲,,1,2026-01-05\n".encode(), "repeated-heading"),
            ("名称,,代码,文书号,决定日期\n甲,甲,,1,2026-01-05\n".encode(), "blank-heading"),
            ("名称,代码,文书号,决定日期\n甲,,1,2026-01-05\n".encode("utf-16"), "encoding"),
            ("名称,代码,文书号,决定日期\n甲,,1,2026-01-05\n".encode() + b"\xff\xfe\xfd\n", "encoding"),
            ('名称,代码,文书号,决定日期\n甲,,"1,2026-01-05\n乙,,2,2026-01-05\n'.encode(), "quotes"),
            (b'[{"name": 1}]', "json-array"),
            (b'{"a": \n{"b"\n', "empty-file"),
            (b"PAR1 but not really", "parquet"),
            (b"PK\x03\x04 but not really", "workbook"),
        ],
    )
    def test_is_refused_with_a_sentence(self, desk: Desk, content: bytes, code: str) -> None:
        with pytest.raises(UnreadableFile) as refusal:
            desk.deliver(content)

        assert refusal.value.code == code
        assert refusal.value.zh
        assert refusal.value.en in refusal.value.sentence

    def test_is_told_the_nearest_known_heading(self, desk: Desk) -> None:
        with pytest.raises(UnreadableFile, match=r"“罚金额”（是否为“罚款金额”？）"):
            desk.deliver([ROW | {"罚金额": "1"}])

    def test_that_is_not_the_sources_to_deliver_is_refused(self, desk: Desk) -> None:
        with pytest.raises(WrongSource, match=SOURCE.code):
            desk.deliver([ROW], item=an_item(sources=("somebody-else",)))

    def test_needs_a_column_that_says_whom_it_is_about(self, desk: Desk) -> None:
        item = an_item(subject={"pseudonym": "remarks"})

        with pytest.raises(UnreadableFile) as refusal:
            desk.deliver([ROW], item=item)
        assert refusal.value.code == "missing-columns"
        (row,) = accepted(desk.deliver([ROW | {"备注": "3ad93e06"}], item=item))
        assert row["_subject"] == "P:3ad93e06"


class TestQuality:
    def test_counts_cells_weeks_and_days(self, desk: Desk) -> None:
        days = ["2026-02-27", "2026-01-05", "2026-01-06", "2026-01-20"]
        outcome = desk.deliver(
            [ROW | {"文书号": str(number), "决定日期": day} for number, day in enumerate(days)]
        )

        quality = outcome.quality
        assert (outcome.earliest_event, outcome.latest_event) == (date(2026, 1, 5), date(2026, 2, 27))
        assert quality.completeness_bp == 2_857  # four of fourteen fields
        assert quality.continuity_bp == 3_750  # three of eight weeks
        assert quality.timeliness_bp == 2_500  # one of four within seven days

    def test_counts_working_weekdays_of_a_daily_item(self, desk: Desk) -> None:
        days = ["2026-01-09", "2026-01-12"]  # Friday and Monday
        rows = [ROW | {"文书号": day, "决定日期": day} for day in days]

        assert desk.deliver(rows, item=an_item(cadence=Cadence.DAILY)).quality.continuity_bp == 10_000

    def test_cannot_measure_what_is_not_there(self, desk: Desk) -> None:
        item = an_item(event_date=None, cadence=Cadence.ON_REQUEST)

        quality = desk.deliver([ROW], item=item).quality

        assert (quality.continuity_bp, quality.timeliness_bp) == (None, None)
