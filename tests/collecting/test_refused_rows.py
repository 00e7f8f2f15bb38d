"""The refused-rows file: safe to open in a spreadsheet, and good when it comes back mended."""

import csv
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.collecting.conftest import CODES, ROW, WRONG, Desk, accepted, refused

from creditmesh.collecting import written
from creditmesh.collecting.checking import first_look

BAD = {"决定日期": "昨天"}


def mended(desk: Desk, file: Path, change: dict[str, str]) -> bytes:
    """The file as a data officer sends it back: opened, changed in some columns, saved."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row | change for row in csv.DictReader(stream)]
    copy = desk.folder / "mended.csv"
    with copy.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return copy.read_bytes()


class TestTheRefusedFile:
    def test_keeps_the_senders_columns_and_adds_row_and_reason(self, desk: Desk) -> None:
        outcome = desk.deliver([ROW | {"_note": "own"} | BAD])

        (row,) = refused(outcome)
        assert list(row) == [*ROW, "_note", "_row", "_reason"]
        assert row["_note"] == "own"
        assert outcome.refused_file is not None
        assert outcome.refused_file.read_bytes().startswith(b"\xef\xbb\xbf")

    @pytest.mark.parametrize(
        "formula", ["=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "'=1", "''x", "'+1"]
    )
    def test_neutralises_what_a_spreadsheet_would_compute_and_takes_it_back_unchanged(
        self, desk: Desk, formula: str
    ) -> None:
        first = desk.deliver([ROW | {"名称": formula} | BAD])

        assert refused(first)[0]["名称"] == "'" + formula
        assert first.refused_file is not None
        (row,) = accepted(desk.deliver(mended(desk, first.refused_file, {"决定日期": "2026-01-05"})))
        assert row["name"] == formula.strip()

    @pytest.mark.parametrize("plain", ["-12.5", "+3", "'quoted'", "a=b"])
    def test_leaves_plain_numbers_and_texts_alone(self, desk: Desk, plain: str) -> None:
        outcome = desk.deliver([ROW | {"备注": plain} | BAD])

        assert refused(outcome)[0]["备注"] == plain

    def test_is_taken_whole_once_it_is_mended(self, desk: Desk) -> None:
        rows = [ROW | {"文书号": str(number)} | (BAD if number % 3 == 0 else {}) for number in range(30)]
        first = desk.deliver(rows)
        assert first.refused_file is not None

        second = desk.deliver(mended(desk, first.refused_file, {"决定日期": "2026-01-05"}))

        assert (second.received, second.accepted) == (10, 10)
        keys = {row["_key"] for row in accepted(first)} | {row["_key"] for row in accepted(second)}
        assert keys == {str(number) for number in range(30)}

    def test_goes_back_again_with_new_reasons_when_it_is_not(self, desk: Desk) -> None:
        first = desk.deliver([ROW | BAD])
        assert first.refused_file is not None

        second = desk.deliver(mended(desk, first.refused_file, {"代码": WRONG}))

        assert second.quarantined == 1
        assert list(refused(second)[0]) == [*ROW, "_row", "_reason"]
        assert "校验码错误" in refused(second)[0]["_reason"]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20))
def test_what_protects_a_cell_can_always_be_taken_back(text: str) -> None:
    with duckdb.connect() as connection:
        safe = connection.execute(
            f"SELECT {written._safe('c0')} FROM (SELECT ?::VARCHAR AS c0)", [text]
        ).fetchall()[0][0]
        back = connection.execute(
            f"SELECT {first_look.RESTORED.format(c='c0')} FROM (SELECT ?::VARCHAR AS c0)", [safe]
        ).fetchall()[0][0]

    assert back == text
    assert safe[:1] not in set("=@\t\r\n")


BROKEN = st.fixed_dictionaries(
    {},
    optional={
        "名称": st.just(""),
        "代码": st.sampled_from([WRONG, "x", "９１"]),
        "决定日期": st.sampled_from(["", "2026-13-01", "1900-01-01", "2099-01-01"]),
        "罚款金额": st.sampled_from(["许多", "1,2", "-5"]),
        "人数": st.sampled_from(["1.5", "几个"]),
    },
)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(BROKEN, min_size=1, max_size=8))
def test_nothing_is_lost_between_a_file_and_its_mended_rest(breaks: list[dict[str, str]]) -> None:
    whole = ROW | {"罚款金额": "1", "人数": "1"}
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        first = desk.deliver(
            [whole | broken | {"文书号": str(number)} for number, broken in enumerate(breaks)]
        )
        keys = [row["_key"] for row in accepted(first)]
        if first.refused_file is not None:
            good = {name: text for name, text in whole.items() if name != "文书号"} | {"代码": CODES[1]}
            keys += [row["_key"] for row in accepted(desk.deliver(mended(desk, first.refused_file, good)))]

    assert sorted(map(str, keys)) == sorted(str(number) for number in range(len(breaks)))
