"""What is checked before anything is kept: lists, terms, figures, steps, results. No database."""

from datetime import date

import pytest
from openpyxl import Workbook

from creditmesh.apps.evaluation.supervision.operations import reading_lists
from creditmesh.apps.evaluation.supervision.rules import states
from creditmesh.apps.evaluation.supervision.rules.codes import (
    FollowUpKind,
    Found,
    PlanState,
    TaskState,
    VisitState,
)
from creditmesh.apps.evaluation.supervision.rules.figures import figures
from creditmesh.apps.evaluation.supervision.rules.importing import ItemRow, ListRefused, rows_of
from creditmesh.apps.evaluation.supervision.rules.results import (
    BadResult,
    Stated,
    TooFewOfficers,
    disclose_by,
    follow_up_due,
    require_officers,
    require_result,
)
from creditmesh.apps.evaluation.supervision.rules.terms import (
    BadTaskTerms,
    column,
    lines,
    ratios_of,
    staffing_of,
    stated,
    terms_of,
)
from creditmesh.catalogue import rule_packs
from creditmesh.catalogue.reading import CatalogueRefused

DAY = date(2026, 3, 2)


def known(grades=("A", "B", "C", "D")):
    return figures(pack=rule_packs.load(), grades=grades, on=DAY, jurisdiction="990121")


class TestFigures:
    def test_come_from_the_packs_with_their_status(self):
        found = known()
        assert dict(found.ratios.by_grade) == {"A": 100, "B": 300, "C": 1000, "D": 3000}
        assert found.most_visits == {"A": 1, "B": 1, "C": 2}
        assert (found.officers, found.disclosure, found.equipment_recheck) == (2, 20, 10)
        shown = {one["id"]: one["status"] for one in found.shown()}
        assert shown["inspection.officers"] == "official"
        assert shown["sampling.cool-down"] == "default"

    def test_know_any_grades(self):
        assert known(("-",)).ratios.by_grade == {"-": 500}
        assert known(("A", "A+")).ratios.by_grade == {"A": 100, "A+": 100}
        assert known(("A", "B", "C", "D", "E")).ratios.by_grade["E"] == 5000

    @pytest.mark.parametrize(("first", "second"), [(300, 100), (0, 100)])
    def test_that_spare_the_worse_are_refused_when_the_pack_is_loaded(self, tmp_path, first, second):
        rule = "  - {{id: sampling.ratio.{}, value: {}, unit: basis_point, status: local, source_doc: x, label: {{zh: 甲, en: x}}}}\n"
        text = 'id: x\nversion: "1"\nlabel: {zh: 甲, en: x}\nrules:\n'
        (tmp_path / "x.yml").write_text(text + rule.format("A", first) + rule.format("B", second), "utf-8")
        with pytest.raises(CatalogueRefused, match=r"sampling\.ratio"):
            rule_packs.load(folder=tmp_path)


class TestTerms:
    def test_change_what_they_state_and_nothing_else(self):
        own = stated({"ratios": {"D": 5000}, "control": 3, "least_ratio": 200, "load": 7, "key_ratio": 6000})
        assert dict(ratios_of(own, known=known()).by_grade) == {"A": 200, "B": 300, "C": 1000, "D": 5000}
        found = terms_of(own, known=known())
        assert (found.control, found.reserve, found.ratios.key) == (3, 2000, 6000)
        people = staffing_of(own, known=known(), unit="a", joint=["b"], specialties=["x"], last=DAY)
        assert [(one.unit, one.officers) for one in people.needs] == [("a", 2), ("b", 1)]
        assert people.load == 7

    @pytest.mark.parametrize("values", [{"officers": 1}, {"budget": -1}, {"what": 1}], ids=str)
    def test_that_cannot_be_meant_are_refused(self, values):
        with pytest.raises(BadTaskTerms):
            stated(values)

    def test_name_grades_of_the_pool(self):
        with pytest.raises(BadTaskTerms):
            ratios_of(stated({"ratios": {"Z": 1}}), known=known())

    def test_spare_no_grade_by_a_total_too_small(self):
        with pytest.raises(BadTaskTerms, match="3 cannot reach each of the 4 grades"):
            terms_of(stated({"budget": 3}), known=known())
        assert terms_of(stated({"budget": 4}), known=known()).budget == 4

    def test_keep_codes_apart(self):
        assert lines(column([" a", "b", "a", ""])) == ("a", "b")
        assert column([]) == ""


class TestSteps:
    def test_that_cannot_follow_are_refused(self):
        with pytest.raises(states.WrongStep):
            states.require_plan_step(state=PlanState.APPROVED, to=PlanState.DRAFT)
        with pytest.raises(states.WrongStep):
            states.require_task_step(state=TaskState.DRAWN, to=TaskState.ABANDONED)
        with pytest.raises(states.WrongStep):
            states.require_visit_step(state=VisitState.DONE, to=VisitState.REPLACED)
        states.require_plan_step(state=PlanState.DRAFT, to=PlanState.PROPOSED)
        states.require_task_step(state=TaskState.DRAFT, to=TaskState.COMMITTED)
        states.require_visit_step(state=VisitState.PLANNED, to=VisitState.DONE)

    def test_need_other_eyes_days_and_reasons(self):
        with pytest.raises(states.SameEyes):
            states.require_other_eyes(first="a", second="a")
        for first, last in ((date(2026, 3, 3), DAY), (date(2026, 1, 1), date(2026, 3, 1))):
            with pytest.raises(states.BadWindow):
                states.require_window(first=first, last=last, on=DAY)
        states.require_window(first=DAY, last=DAY, on=DAY)
        with pytest.raises(states.ReasonMissing):
            states.require_reason("  ")

    def test_of_follow_ups_are_due_as_stated(self):
        asked = {"special_equipment": True, "inspected_on": DAY, "recheck_days": 10}
        assert follow_up_due(kind=FollowUpKind.CASE_FILING, stated=None, **asked) is None
        assert follow_up_due(kind=FollowUpKind.RECTIFICATION, stated=None, **asked) == date(2026, 3, 16)


class TestALists:
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
    def test_is_read_from_csv(self, encoding):
        content = 'code,name_zh,specialties\nA,食品,"food，lifts"\n'.encode(encoding)
        (row,) = rows_of(reading_lists.rows(content, filename="x.CSV"), ItemRow, key="code")
        assert (row.name_zh, row.specialties) == ("食品", ("food", "lifts"))

    def test_is_read_from_yaml_and_excel(self, tmp_path):
        yaml = "rows:\n  - {code: A, name_zh: 食品, default_ratio: 500, specialties: [food]}\n"
        (row,) = rows_of(reading_lists.rows(yaml.encode(), filename="x.yml"), ItemRow, key="code")
        assert (row.default_ratio, row.specialties) == (500, ("food",))
        book = Workbook()
        book.active.append(["code", "name_zh", "default_ratio"])
        book.active.append(["A", "食品", 500])
        book.save(tmp_path / "x.xlsx")
        content = (tmp_path / "x.xlsx").read_bytes()
        (row,) = rows_of(reading_lists.rows(content, filename="x.xlsx"), ItemRow, key="code")
        assert row.default_ratio == 500

    @pytest.mark.parametrize(
        ("content", "name"),
        [
            (b"x", "x.pdf"),
            (b"a: [", "x.yml"),
            (b"a: 1", "x.yml"),
            (b"\xff\xfe\xfa\xff", "x.csv"),
            (b"a,b\n1\n", "x.csv"),
            (b"a,b\n1,2,3\n", "x.csv"),
            (b"no workbook", "x.xlsx"),
        ],
        ids=str,
    )
    def test_that_cannot_be_read_is_refused(self, content, name):
        with pytest.raises(ListRefused):
            reading_lists.rows(content, filename=name)

    @pytest.mark.parametrize(
        "rows",
        [
            [],
            [{"code": "A"}],
            [{"code": "A", "name_zh": "甲"}] * 2,
            [{"code": "A|B", "name_zh": "甲"}],
            [{"x": 1}],
        ],
        ids=str,
    )
    def test_with_a_bad_row_is_refused_whole(self, rows):
        with pytest.raises(ListRefused):
            rows_of(rows, ItemRow, key="code")

    def test_may_leave_a_cell_empty(self):
        (row,) = rows_of([{"code": "A", "name_zh": "甲", "default_ratio": ""}], ItemRow, key="code")
        assert row.default_ratio is None


class TestAResult:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"item": "other"},
            {"inspected_on": date(2026, 3, 1)},
            {"inspected_on": date(2026, 3, 4)},
            {"findings": " "},
            {"findings": "长" * 2001},
            {"rectify_by": None},
            {"rectify_by": date(2026, 3, 1)},
        ],
        ids=str,
    )
    def test_says_what_can_be_meant(self, wrong):
        said = {"item": "a", "code": Found.ORDERED_TO_CORRECT, "inspected_on": date(2026, 3, 2)}
        said |= {"findings": "标签", "rectify_by": date(2026, 3, 20)}
        days = {"drawn_on": date(2026, 3, 2), "today": date(2026, 3, 3)}
        require_result(Stated(**said), items=("a",), **days)
        with pytest.raises(BadResult):
            require_result(Stated(**said | wrong), items=("a",), **days)

    def test_is_of_two_officers_and_published_in_time(self):
        require_officers(officers=2, least=2)
        with pytest.raises(TooFewOfficers):
            require_officers(officers=1, least=2)
        assert disclose_by(inspected_on=date(2026, 3, 2), days=20) == date(2026, 3, 30)

    def test_needs_other_eyes_and_a_reason(self):
        states.require_other_eyes(first="a", second="b")
        assert states.require_reason(" why ") == "why"
        with pytest.raises(states.ReasonMissing):
            states.require_reason(" ")
