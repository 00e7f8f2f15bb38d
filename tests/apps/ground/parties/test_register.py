"""The register of subjects: taken in at once, found by code and by any part of a name."""

from datetime import date

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from creditmesh.apps.ground.parties import name_search, operations, queries
from creditmesh.apps.ground.parties.models import CreditSubject
from creditmesh.apps.ground.parties.rules import SubjectRow
from creditmesh.kernel.names import normalise_name

pytestmark = pytest.mark.django_db

NAMES = {
    "91630000MA75000001": "青海麦香（集团）有限公司",
    "91630000MA75000002": "青海麦香商贸有限公司",
    "91630100MA75000003": "西宁麦香商贸有限公司",
    "R:630100000000018": "麦香商贸",
    "P:5f3a": "",
    "91370100MA75000005": "济南100%纯果汁_饮料有限公司",
    "91370100MA75000006": "ABC Trading (Shanghai) Co., Ltd",
}


def register(names=NAMES, **known):
    rows = [SubjectRow(key=key, name=name, **known) for key, name in names.items()]
    return operations.register_subjects(rows=rows)


def found(text, **paging):
    return [one.key[-3:] for one in queries.subjects_named(text=text, **paging)]


class TestTakingSubjectsIn:
    def test_keeps_what_an_item_says_of_them(self):
        row = SubjectRow(
            key="91630000MA75000001",
            name="青海麦香（集团）有限公司",
            registration_number="630000100000017",
            region="630000",
            industry="C1461",
            entity_type="有限责任公司",
            established_date=date(2015, 3, 2),
            status="存续",
        )
        assert operations.register_subjects(rows=[row]) == 1

        line = queries.subject(key=row.key)
        assert {name: getattr(line, name) for name in row.__dataclass_fields__} == {
            name: getattr(row, name) for name in row.__dataclass_fields__
        }
        assert line.scheme == "uscc"

    def test_lets_a_later_row_change_what_it_says_and_keep_what_it_does_not(self):
        register(region="630000", established_date=date(2015, 3, 2))
        operations.register_subjects(
            rows=[SubjectRow(key="91630000MA75000001", name="青海新名食品有限公司", status="注销")]
        )

        line = queries.subject(key="91630000MA75000001")
        assert (line.name, line.status) == ("青海新名食品有限公司", "注销")
        assert (line.region, line.established_date) == ("630000", date(2015, 3, 2))
        assert found("新名") == ["001"]
        assert "001" not in found("麦香")

    def test_counts_the_later_of_two_rows_with_one_key(self):
        rows = [SubjectRow(key="K", name="旧名有限公司"), SubjectRow(key="K", name="新名有限公司")]
        assert operations.register_subjects(rows=rows) == 2
        assert queries.subject(key="K").name == "新名有限公司"

    def test_taken_in_again_changes_nothing(self):
        register()
        before = list(CreditSubject.objects.order_by("key").values())
        register()
        assert list(CreditSubject.objects.order_by("key").values()) == before

    def test_works_in_portions(self, monkeypatch):
        monkeypatch.setattr("creditmesh.apps.ground.parties.register._AT_ONCE", 2)
        assert register() == len(NAMES) == queries.subject_count()

    def test_is_all_or_nothing(self):
        def broken():
            yield SubjectRow(key="K", name="一")
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            operations.register_subjects(rows=broken())
        assert queries.subject_count() == 0

    def test_unknown_subjects_are_said_to_be_unknown(self):
        with pytest.raises(queries.UnknownSubject, match="check the code"):
            queries.subject(key="nobody")


class TestSearching:
    @pytest.fixture(autouse=True)
    def _registered(self):
        register()

    def test_finds_equal_names_first_then_beginnings_then_parts(self):
        assert found("麦香商贸") == ["018", "002", "003"]
        assert found("青海麦香") == ["001", "002"]

    def test_needs_only_two_letters(self):
        assert set(found("商贸")) == {"018", "002", "003"}
        assert found("纯果") == ["005"]

    @pytest.mark.parametrize(
        "text", ["麦香（集团）", "麦香(集团)", " 麦香 集团", "麦香集团有限公司", "（集团）"]
    )
    def test_does_not_mind_brackets_width_and_spaces(self, text):
        assert found(text) == ["001"]

    @pytest.mark.parametrize("text", ["abc trading", "ABC", "ading(Sh", "Ｓｈａｎｇｈａｉ"])
    def test_does_not_mind_capitals(self, text):
        assert found(text) == ["006"]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("9163", ["001", "002", "003"]), ("91630100ma", ["003"]), ("R:63", ["018"]), ("p:5f", [])],
    )
    def test_finds_codes_by_their_beginning(self, text, expected):
        assert found(text) == expected

    def test_finds_a_registration_number_without_its_mark(self):
        operations.register_subjects(
            rows=[SubjectRow(key="R:630100000000018", registration_number="630100000000018")]
        )
        assert found("6301000000") == ["018"]

    def test_finds_one_letter_only_at_the_beginning(self):
        assert found("麦") == ["018"]
        assert found("香") == []

    @pytest.mark.parametrize("text", ["", "   ", "（）", '"', "香麦", "' OR 1=1", "%", "_", "NEAR(", "*"])
    def test_finds_nothing_where_there_is_nothing(self, text):
        assert found(text) == []

    def test_takes_signs_of_the_query_language_as_letters(self):
        assert found("济南100%") == ["005"]
        assert found("汁_饮料") == ["005"]

    def test_pages_without_repeating_or_losing_one(self):
        names = {f"91{number:016d}": f"分页{number % 3}商行" for number in range(20)}
        register(names)
        whole = found("商行", limit=50)

        assert len(whole) == len(set(whole)) == 20
        pieces = [one for offset in range(0, 20, 6) for one in found("商行", limit=6, offset=offset)]
        assert pieces == whole

    def test_is_answered_by_indexes(self):
        register({f"91{number:016d}": f"索引{number}商行" for number in range(3000)})
        for text in ("索引1", "引12", "9100", "商行"):
            for stage in name_search.stages(text, vendor=connection.vendor):
                plan = _plan(stage)
                assert "Seq Scan" not in plan, plan
                assert not any(line.startswith("SCAN parties_creditsubject") for line in plan.splitlines()), (
                    plan
                )


def _plan(stage):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE parties_creditsubject")
            cursor.execute("SET LOCAL enable_seqscan = off")  # so few rows do not need an index otherwise
            cursor.execute(f"EXPLAIN {stage.sql}", [*stage.parameters, 20])
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {stage.sql}", [*stage.parameters, 20])
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


LETTERS = st.text(alphabet="麦香青海（集团）有限公司A1 ", min_size=1, max_size=8)


class SearchingIsHonest(TestCase):
    @given(names=st.lists(LETTERS, min_size=1, max_size=8), data=st.data())
    @settings(max_examples=60, deadline=None)
    def test_every_part_of_a_name_finds_it_and_nothing_else_is_found(self, names, data):
        register({f"K{number:02d}": name for number, name in enumerate(names)})
        name = data.draw(st.sampled_from(names))
        letters = [one for one in normalise_name(name) if one.isalnum()]
        start = data.draw(st.integers(0, len(letters)))
        part = "".join(letters[start : start + data.draw(st.integers(2, 6))])

        keys = {one.key for one in queries.subjects_named(text=part, limit=100)}
        if len(part) >= 2:
            expected = {
                f"K{number:02d}"
                for number, one in enumerate(names)
                if part in "".join(letter for letter in normalise_name(one) if letter.isalnum())
                or f"K{number:02d}".startswith(part)
            }
            assert keys == expected
