"""Distributions and lists of who stands where; regulators only."""

import csv
import io
from datetime import date
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from creditmesh.apps.evaluation.grading.operations import exporting
from creditmesh.apps.evaluation.grading.operations.exporting import Format
from creditmesh.apps.evaluation.grading.queries import distribution, runs, standings
from creditmesh.apps.evaluation.grading.queries.standings import Filters, Sort
from creditmesh.apps.evaluation.grading.rules import State
from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.rules import NotPermitted, SubjectRow

D1 = {
    "subject": "D1",
    "name": "青禾乳业",
    "score": 900,
    "grade": "D",
    "triggers": "serious_list",
    "region": "990121002",
}
C1 = {"subject": "C1", "name": "=cmd|calc", "score": 600, "grade": "C", "industry": "A0111"}
B1 = {"subject": "B1", "name": "河湾饭店", "score": 300_500, "grade": "B", "industry": None}
B2 = {
    "subject": "B2",
    "name": "河湾旅店",
    "score": 250_000,
    "grade": "B",
    "outcome": "insufficient",
    "coverage_bp": 1205,
}
A1 = {"subject": "A1", "name": "山口农机", "score": 100, "grade": "A", "region": "630102"}
X1 = {
    "subject": "X1",
    "name": "旧厂",
    "outcome": "excluded",
    "exclusions": "revoked",
    "coverage_bp": None,
    "region": None,
}
ALL = (D1, C1, B1, B2, A1, X1)


def subjects(page: standings.StandingPage) -> list[str]:
    return [one.subject for one in page.rows]


class TestWhoMaySeeGrades:
    def test_neither_the_operator_nor_a_bank_gets_any_result(self, keep_run, operator, bank) -> None:
        run = keep_run(*ALL)
        for viewer in (operator, bank):
            for ask in (
                lambda who=viewer: distribution.distribution(viewer=who, system="example"),
                lambda who=viewer: distribution.by_region(viewer=who, run=run.uuid),
                lambda who=viewer: distribution.by_industry(viewer=who, run=run.uuid),
                lambda who=viewer: distribution.movements(viewer=who, run=run.uuid),
                lambda who=viewer: standings.listing(viewer=who, system="example", filters=Filters()),
                lambda who=viewer: standings.newly_worst(viewer=who, system="example"),
            ):
                with pytest.raises(NotPermitted):
                    ask()

    def test_they_do_not_even_learn_whether_a_run_exists(self, keep_run, bank) -> None:
        with pytest.raises(NotPermitted):
            distribution.distribution(viewer=bank, run=uuid4())

    def test_what_everyone_may_see_of_a_run_has_no_grade(self, keep_run) -> None:
        told = runs.run(keep_run(*ALL).uuid)
        assert {
            name for name in vars(told) if "grade" in name or name in {"insufficient", "excluded"}
        } == set()


class TestTheLatestRun:
    def test_is_that_of_the_latest_day_not_the_one_asked_for_last(self, keep_run) -> None:
        newest = keep_run(A1, as_of=date(2026, 3, 1))
        keep_run(A1, as_of=date(2025, 12, 1))
        found = runs.latest_run(system="example")
        assert found is not None
        assert found.uuid == newest.uuid

    def test_is_none_before_the_first(self, db) -> None:
        assert runs.latest_run(system="example") is None

    def test_a_run_that_is_not_done_shows_no_results(self, keep_run, regulator) -> None:
        run = keep_run(A1, state=State.FAILED)
        with pytest.raises(runs.NoResultsYet, match="failed"):
            distribution.distribution(viewer=regulator, run=run.uuid)
        with pytest.raises(runs.NoResultsYet, match="Ask for a run"):
            distribution.distribution(viewer=regulator, system="example")

    def test_an_unknown_run_is_said_to_be_unknown(self, db, regulator) -> None:
        with pytest.raises(runs.UnknownRun, match="list of runs"):
            distribution.distribution(viewer=regulator, run=uuid4())


class TestTheDistribution:
    def test_counts_every_subject_once_by_grade(self, keep_run, regulator) -> None:
        keep_run(*ALL)
        found = distribution.distribution(viewer=regulator, system="example")
        assert [(one.grade, one.subjects, one.share_bp) for one in found.grades] == [
            ("A", 1, 2000),
            ("B", 2, 4000),
            ("C", 1, 2000),
            ("D", 1, 2000),
        ]
        assert (found.subjects, found.graded, found.insufficient, found.excluded) == (6, 5, 1, 1)

    def test_by_region_names_towns_of_the_sample_county_and_keeps_the_unknown(
        self, keep_run, regulator
    ) -> None:
        keep_run(*ALL)
        table = distribution.by_region(viewer=regulator, system="example")
        assert {one.key: one.counts for one in table.rows} == {
            "990121001": (0, 2, 1, 0),
            "990121002": (0, 0, 0, 1),
            "630102": (1, 0, 0, 0),
            "unknown": (0, 0, 0, 0),
        }
        labels = {one.key: one.label for one in table.rows}
        assert "虚构" in labels["990121001"] or labels["990121001"] != "990121001"
        assert labels["unknown"] == "未知地区"
        assert {one.key: one.worst_share_bp for one in table.rows}["990121002"] == 10_000

    def test_by_industry_goes_by_section(self, keep_run, regulator) -> None:
        keep_run(*ALL)
        table = distribution.by_industry(viewer=regulator, system="example", language="en")
        assert {one.key: one.subjects for one in table.rows} == {"C": 4, "A": 1, "unknown": 1}
        assert next(one.label for one in table.rows if one.key == "unknown") == "Unknown industry"

    def test_an_empty_run_has_no_shares(self, keep_run, regulator) -> None:
        keep_run()
        found = distribution.distribution(viewer=regulator, system="example")
        assert [one.share_bp for one in found.grades] == [0, 0, 0, 0]


class TestMovements:
    def test_tell_who_went_where_with_the_worst_change_first(self, keep_run, regulator) -> None:
        keep_run(D1 | {"grade": "A"}, C1 | {"grade": "B"}, B1, A1 | {"grade": "B"}, as_of=date(2026, 2, 1))
        keep_run(*ALL)
        moves = distribution.movements(viewer=regulator, system="example")
        assert [(one.previous, one.grade, one.subjects, one.steps) for one in moves] == [
            ("A", "D", 1, 3),
            ("B", "C", 1, 1),
            ("B", "B", 1, 0),
            ("B", "A", 1, -1),
            ("", "", 1, None),
            ("", "B", 1, None),
        ]

    @pytest.mark.parametrize(
        ("moved", "expected"), [("worse", ["D1", "C1"]), ("better", ["A1"]), ("newly_worst", ["D1"])]
    )
    def test_lists_can_be_narrowed_to_them(self, keep_run, regulator, moved, expected) -> None:
        keep_run(D1 | {"grade": "A"}, C1 | {"grade": "B"}, B1, A1 | {"grade": "B"}, as_of=date(2026, 2, 1))
        keep_run(*ALL)
        page = standings.listing(viewer=regulator, system="example", filters=Filters(moved=moved))
        assert subjects(page) == expected
        assert page.total == len(expected)

    def test_nobody_is_newly_worst_in_the_first_run(self, keep_run, regulator) -> None:
        keep_run(*ALL)
        page = standings.newly_worst(viewer=regulator, system="example")
        assert (subjects(page), page.total) == ([], 0)


class TestLists:
    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            (Filters(), ["D1", "C1", "B1", "B2", "A1", "X1"]),
            (Filters(grade="B"), ["B1", "B2"]),
            (Filters(region="99"), ["D1", "C1", "B1", "B2"]),
            (Filters(region="990121002"), ["D1"]),
            (Filters(region="unknown"), ["X1"]),
            (Filters(section="A"), ["C1"]),
            (Filters(outcome="insufficient"), ["B2"]),
            (Filters(outcome="excluded"), ["X1"]),
            (Filters(grade="B", section="C", region="9901"), ["B2"]),
            (Filters(grade="no such grade"), []),
        ],
    )
    def test_filters_narrow_rows_and_count_alike(self, keep_run, regulator, filters, expected) -> None:
        keep_run(*ALL)
        page = standings.listing(viewer=regulator, system="example", filters=filters)
        assert subjects(page) == expected
        assert (page.total, page.total_is_exact) == (len(expected), True)

    def test_a_name_or_a_code_finds_subjects(self, keep_run, regulator) -> None:
        keep_run(*ALL)
        parties.register_subjects(rows=[SubjectRow(key=one["subject"], name=one["name"]) for one in ALL])
        found = standings.listing(viewer=regulator, system="example", filters=Filters(text="河湾"))
        assert (subjects(found), found.total) == (["B1", "B2"], 2)
        assert subjects(
            standings.listing(viewer=regulator, system="example", filters=Filters(text="A1"))
        ) == ["A1"]

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            (Sort.WORST_FIRST, ["D1", "C1", "B1", "B2", "A1", "X1"]),
            (Sort.BEST_FIRST, ["X1", "A1", "B2", "B1", "C1", "D1"]),
            (Sort.SUBJECT, ["A1", "B1", "B2", "C1", "D1", "X1"]),
        ],
    )
    def test_pages_follow_each_other_without_gap_or_repetition(
        self, keep_run, regulator, sort, expected
    ) -> None:
        keep_run(*ALL)
        seen: list[str] = []
        after: str | None = None
        while True:
            page = standings.listing(
                viewer=regulator, system="example", filters=Filters(), sort=sort, after=after, size=2
            )
            seen += subjects(page)
            after = page.following
            if after is None:
                break
        assert seen == expected

    def test_a_nonsense_position_starts_at_the_beginning(self, keep_run, regulator) -> None:
        keep_run(*ALL)
        page = standings.listing(
            viewer=regulator, system="example", filters=Filters(), after="; DROP", size=1
        )
        assert subjects(page) == ["D1"]

    def test_the_number_of_questions_to_the_database_does_not_grow_with_the_rows(
        self, keep_run, regulator, django_assert_max_num_queries
    ) -> None:
        keep_run(*({"subject": f"S{number}", "score": number, "grade": "B"} for number in range(150)))
        with django_assert_max_num_queries(4):
            page = standings.listing(viewer=regulator, system="example", filters=Filters(grade="B"), size=100)
        assert len(page.rows) == 100

    def test_a_row_carries_what_a_page_shows(self, keep_run, regulator) -> None:
        keep_run(D1)
        (row,) = standings.listing(viewer=regulator, system="example", filters=Filters()).rows
        assert (row.triggers, row.reasons, row.section, row.place) == (
            ("serious_list",),
            ("penalties",),
            "C",
            1,
        )


class TestExports:
    def taken(self, viewer, noon, form=Format.CSV, **filters) -> bytes:
        export = exporting.export_list(
            viewer=viewer,
            system="example",
            filters=Filters(**filters),
            form=form,
            why="monthly plan",
            at=noon,
        )
        return b"".join(export.pieces)

    def test_a_csv_opens_in_excel_and_runs_no_formula(self, keep_run, regulator, noon) -> None:
        keep_run(*ALL)
        text = self.taken(regulator, noon).decode("utf-8")
        assert text.startswith("\ufeff")
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
        assert rows[0][1] == "主体代码"
        assert [row[1] for row in rows[1:]] == ["D1", "C1", "B1", "B2", "A1", "X1"]
        assert rows[2][2] == "'=cmd|calc"
        assert (rows[3][6], rows[4][7], rows[6][6]) == ("300.500", "12.05", "")

    def test_an_excel_file_holds_text_not_formulas(self, keep_run, regulator, noon, tmp_path) -> None:
        keep_run(*ALL)
        path = tmp_path / "list.xlsx"
        path.write_bytes(self.taken(regulator, noon, form=Format.EXCEL, grade="C"))
        book = load_workbook(path)
        rows = list(book.active.iter_rows(values_only=True))
        assert [row[2] for row in rows[1:]] == ["'=cmd|calc"]
        assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
        book.close()

    def test_every_export_is_in_the_ledger_with_its_reason(self, keep_run, regulator, noon) -> None:
        run = keep_run(*ALL)
        self.taken(regulator, noon, grade="B")
        entry = Entry.objects.get(act="standing.export")
        assert (entry.user_label, entry.object_key) == ("林监管", str(run.uuid))
        assert entry.why == "monthly plan [csv, 2 rows, grade=B]"

    def test_nobody_else_gets_a_file_or_an_entry(self, keep_run, operator, noon) -> None:
        keep_run(*ALL)
        with pytest.raises(NotPermitted):
            self.taken(operator, noon)
        assert not Entry.objects.filter(act="standing.export").exists()

    def test_a_list_too_long_for_a_sheet_is_refused_with_a_way_out(
        self, keep_run, regulator, noon, monkeypatch
    ) -> None:
        keep_run(*ALL)
        monkeypatch.setattr(exporting, "MOST_SHEET_ROWS", 5)
        with pytest.raises(exporting.TooLong, match="take it as CSV"):
            self.taken(regulator, noon, form=Format.EXCEL)

    def test_a_long_list_comes_in_pieces(self, keep_run, regulator, noon, monkeypatch) -> None:
        monkeypatch.setattr(exporting, "PIECE", 500)
        monkeypatch.setattr(standings, "EXPORT_CHUNK", 7)
        keep_run(*({"subject": f"S{number:03}", "score": number, "grade": "B"} for number in range(50)))
        export = exporting.export_list(
            viewer=regulator, system="example", filters=Filters(), form=Format.CSV, why="", at=noon
        )
        pieces = list(export.pieces)
        assert len(pieces) > 3
        assert len(b"".join(pieces).decode().strip().splitlines()) == 51
