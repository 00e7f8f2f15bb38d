"""What pages show of what they are given."""

import json
import re

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from tests.web import town
from tests.web.conftest import signed_in

from creditmesh.apps.ground.records.models import Batch, ReviewCase
from creditmesh.web.portals.frame import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_town")]


def text(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


class TestARefusedFile:
    SENTENCE = "文件是空的；请填写。 The file is empty; fill it."

    @pytest.mark.parametrize(
        ("language", "shown", "hidden"),
        [("zh-hans", "文件是空的", "The file is empty"), ("en", "The file is empty", "文件是空的")],
    )
    def test_says_why_in_the_language_of_the_page(self, language, shown, hidden):
        batch = Batch.objects.get(state="refused")
        batch.refusal = self.SENTENCE
        batch.save()
        page = text(signed_in("operator", language=language), f"/batches/{batch.uuid}/")
        assert shown in page
        assert hidden not in page


class TestTheQualityPage:
    def test_has_a_heading_for_every_source(self, source):
        page = text(signed_in("operator"), "/quality/")
        assert page.count(f'id="source-{source}"') == 1


class TestARowToDecide:
    def test_shows_values_as_their_kind_is_written(self):
        case = ReviewCase.objects.get()
        case.values = json.dumps({"fine": 12_345_600, "decided_on": "2026-03-04", "penalty_kind": "warning"})
        case.save()
        page = text(signed_in("operator", language="zh-hans"), "/reviews/")
        assert "2026年3月4日" in page
        assert "2026-03-04" not in page
        assert "123,456" in page
        assert "警告" in page

    def test_is_not_called_unclear_once_it_is_decided(self):
        client = signed_in("operator")
        assert "<h1>Unclear subjects</h1>" in text(client, "/reviews/")
        assert "<h1>Unclear subjects</h1>" not in text(client, "/reviews/?state=tied")
        assert "<h1>Unclear subjects</h1>" not in text(client, "/reviews/?state=refused")


class TestTheRegulatorsFigures:
    def test_show_numbers_and_shares_in_the_table_either_way(self):
        client = signed_in("regulator")
        numbers, shares = (text(client, f"/regulator/{asked}") for asked in ("", "?figures=shares"))
        assert 'aria-current="true">Numbers' in numbers
        assert 'aria-current="true">Shares' in shares
        cell = re.compile(r'<td class="number">\d+<span class="sub">[\d.]+%</span>')
        assert cell.search(numbers)
        assert cell.findall(numbers) == cell.findall(shares)


class TestAList:
    def test_is_not_handed_out_without_a_reason(self):
        answer = signed_in("regulator").post(
            "/enterprises/export/?system=general&grade=A", {"form": "csv", "why": " "}
        )
        assert answer.status_code == 302
        assert answer["Location"] == "/enterprises/?system=general&grade=A"


class TestTheLedger:
    def test_speaks_chinese_of_whoever_is_not_a_person(self):
        page = text(signed_in("auditor", language="zh-hans"), "/ledger/")
        assert "命令行" in page
        assert "command line" not in page


class TestTheFrame:
    def test_marks_the_overview_on_pages_below_it_that_have_no_door_of_their_own(self):
        here = '<a href="/supervision/" aria-current="page"'
        planner = signed_in("planner")
        assert here in text(planner, "/supervision/")
        assert here in text(planner, "/supervision/items/")
        assert here not in text(planner, "/account/")

    @pytest.mark.parametrize("address", ["/devices/", "/evaluations/"])
    def test_leads_nobody_to_a_door_that_stays_shut(self, address):
        assert 'href="/runs/"' in text(signed_in("regulator"), address)
        assert 'href="/runs/"' not in text(signed_in("editor"), address)


class TestOneOfAKind:
    def test_is_told_in_the_singular(self):
        page = text(signed_in("regulator"), "/systems/")
        assert "1 direct trigger<" in page
        assert "1 direct triggers" not in page
        assert ">1 enterprise<" in text(signed_in("regulator"), f"/enterprises/?q={town.subject_key(0)}")
        assert "1 item, in force" in text(signed_in("operator"), "/catalogue/")

    @pytest.mark.parametrize(("language", "kind"), [("en", "Priority"), ("zh-hans", "重点")])
    def test_a_priority_check_item_is_no_key_of_a_cipher(self, language, kind):
        with translation.override(language):
            assert str(words.VOCABULARIES["item_kind"]["key"]) == kind


class TestAPageThatIsNotForTheRole:
    def test_names_no_code_of_a_permission(self):
        answer = signed_in("officer").get("/enterprises/")
        assert answer.status_code == 403
        assert "does not permit this" in answer.content.decode()
        assert "see_risk_classes" not in answer.content.decode()


class TestAnEvaluationInEnglish:
    def test_says_what_its_grades_mean(self):
        grades = [
            {"symbol": symbol, "label": label, "here": False}
            for symbol, label in (("差", "Poor"), ("优", "Excellent"))
        ]
        with translation.override("en"):
            assert "差 Poor · 优 Excellent" in render_to_string(
                "reports/scale.html", {"v": {"bands": grades}}
            )
