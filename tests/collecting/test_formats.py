"""The same rows in every kind of file give the same batch."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.collecting.conftest import CODES, ROW, Desk, accepted, as_csv, refused, rules

from creditmesh.collecting.reading import workbooks
from creditmesh.collecting.reading.rows import UnreadableFile

ROWS = [
    ROW | {"罚款金额": "1.5", "是否公示": "是", "备注": "它说“好”，\n再见"},
    ROW | {"文书号": "2", "罚款金额": "", "是否公示": "否", "备注": ""},
    ROW | {"文书号": "3", "决定日期": "不是日期", "罚款金额": "3", "是否公示": "是", "备注": "x"},
]


def as_lines(rows: list[dict[str, str]]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def as_parquet(rows: list[dict[str, str]]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), stream)
    return stream.getvalue()


def as_workbook(rows: list[dict[str, str]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


WAYS: dict[str, Callable[[list[dict[str, str]]], bytes]] = {
    "utf-8": as_csv,
    "utf-8 with BOM": lambda rows: as_csv(rows, "utf-8-sig"),
    "gb18030": lambda rows: as_csv(rows, "gb18030"),
    "tabs": lambda rows: as_csv([{k: v.replace("\t", "") for k, v in row.items()} for row in rows]).replace(b",", b"\t"),
    "json lines": as_lines,
    "parquet": as_parquet,
    "xlsx": as_workbook,
}  # fmt: skip


class TestEveryKindOfFile:
    @pytest.mark.parametrize("way", WAYS)
    def test_gives_the_same_batch(self, desk: Desk, way: str) -> None:
        outcome = desk.deliver(WAYS[way](ROWS))

        assert accepted(outcome) == accepted(desk.deliver(as_csv(ROWS)))
        assert (outcome.received, outcome.quarantined) == (3, 1)
        assert refused(outcome)[0]["决定日期"] == "不是日期"
        assert refused(outcome)[0]["_row"] == "3"

    def test_in_gb18030_may_hold_its_letters_late_and_broken_rows_too(self, desk: Desk) -> None:
        ascii_rows = "".join(f"a,{CODES[0]},{number},2026-01-05\n" for number in range(4_000))
        content = (
            f"CF_XDR_MC,CF_XDR_SHXYM,CF_WSH,decided\n{ascii_rows}麦香,{CODES[0]},最后,2026-01-05\n短,1\n"
        )

        outcome = desk.deliver(content.encode("gb18030"))

        assert (outcome.accepted, outcome.quarantined) == (4_001, 1)
        assert accepted(outcome)[-1]["name"] == "麦香"

    def test_may_end_its_lines_in_any_way(self, desk: Desk) -> None:
        text = as_csv([ROW, ROW | {"文书号": "2"}]).decode()

        for end in ("\n", "\r", "\r\n"):
            assert desk.deliver(text.replace("\r\n", end).encode()).accepted == 2
        assert desk.deliver(text.replace("\r\n", "\n", 1).encode()).accepted == 2


class TestAWorkbook:
    def test_with_cells_that_have_types_reads_like_text(self, desk: Desk) -> None:
        book = openpyxl.Workbook()
        book.worksheets[0].append([*ROW, "罚款金额", "是否公示", "人数", "备注", None])
        book.worksheets[0].append(["甲", CODES[0], 7, date(2026, 1, 5), 1.5, True, 12.0, date(2026, 1, 6)])
        book.worksheets[0].append(
            [
                "甲",
                CODES[0],
                8,
                datetime(2026, 1, 5, 9, 30, tzinfo=UTC).replace(tzinfo=None),
                2,
                False,
                0,
                "=1+1",
            ]
        )

        first, second = accepted(desk.deliver(saved(book)))

        assert (first["document"], first["decided"], first["fine"]) == ("7", date(2026, 1, 5), 1_500_000)
        assert (first["public"], first["people"], first["remarks"]) == (True, 12, "2026-01-06")
        assert (second["decided"], second["public"]) == (date(2026, 1, 5), False)

    def test_that_spoilt_a_code_of_digits_is_refused_in_these_words(self, desk: Desk) -> None:
        book = openpyxl.Workbook()
        book.worksheets[0].append(list(ROW))
        book.worksheets[0].append(["甲", 911101066976941872, "1", "2026-01-05"])

        assert rules(desk.deliver(saved(book))) == {("code", "scientific-notation")}

    def test_is_read_from_its_first_visible_sheet(self, desk: Desk) -> None:
        book = openpyxl.Workbook()
        book.worksheets[0].append(["hidden"])
        book.worksheets[0].sheet_state = "hidden"
        sheet = book.create_sheet("data")
        sheet.append(list(ROW))
        sheet.append(list(ROW.values()))

        assert desk.deliver(saved(book)).accepted == 1

    def test_with_a_cell_beyond_the_headings_goes_back(self, desk: Desk) -> None:
        book = openpyxl.Workbook()
        book.worksheets[0].append(list(ROW))
        book.worksheets[0].append([*ROW.values(), "stray"])

        assert rules(desk.deliver(saved(book))) == {(None, "row-long")}

    def test_without_data_is_refused(self, desk: Desk) -> None:
        with pytest.raises(UnreadableFile) as refusal:
            desk.deliver(saved(openpyxl.Workbook()))
        assert refusal.value.code == "empty-file"

    def test_that_would_swell_when_unpacked_is_never_opened(
        self, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bomb = tmp_path / "bomb.xlsx"
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * (30 << 20))
        monkeypatch.setattr(workbooks.python_calamine, "load_workbook", lambda file: pytest.fail("opened"))

        with pytest.raises(UnreadableFile) as refusal:
            desk.deliver(bomb)
        assert refusal.value.code == "zip-bomb"


class TestJsonLines:
    def test_keep_numbers_exactly_as_written(self, desk: Desk) -> None:
        line = (
            json.dumps(ROW, ensure_ascii=False)[:-1]
            + ', "罚款金额": 0.123456, "人数": 12, "是否公示": true, "比例": null}'
        )

        (row,) = accepted(desk.deliver(line.encode()))

        assert (row["fine"], row["people"], row["public"], row["share"]) == (123_456, 12, True, None)

    @pytest.mark.parametrize(
        ("line", "rule"),
        [("[1, 2]", "row-json"), ("{broken", "row-json"), ('{"备注": {"a": 1}}', "row-nested")],
    )
    def test_that_are_no_flat_objects_go_back(self, desk: Desk, line: str, rule: str) -> None:
        outcome = desk.deliver(as_lines([ROW]) + b"\n\n" + line.encode())

        assert outcome.accepted == 1
        assert rules(outcome) == {(None, rule)}


class TestParquet:
    def test_with_types_reads_like_text(self, desk: Desk) -> None:
        table = pa.table(
            {
                "名称": ["甲", "乙"], "代码": [CODES[0], CODES[1]], "文书号": [7, 8],
                "决定日期": pa.array([date(2026, 1, 5), date(2026, 1, 6)]),
                "人数": pa.array([12.0, float("nan")]), "罚款金额": [1.25, None], "是否公示": [True, False],
            }
        )  # fmt: skip
        stream = io.BytesIO()
        pq.write_table(table, stream)

        first, second = accepted(desk.deliver(stream.getvalue()))

        assert (first["document"], first["people"], first["fine"], first["public"]) == (
            "7",
            12,
            1_250_000,
            True,
        )
        assert (second["people"], second["decided"]) == (None, date(2026, 1, 6))

    def test_with_nested_columns_is_refused(self, desk: Desk) -> None:
        stream = io.BytesIO()
        pq.write_table(pa.table({"名称": [["a", "b"]]}), stream)

        with pytest.raises(UnreadableFile) as refusal:
            desk.deliver(stream.getvalue())
        assert refusal.value.code == "nested"
