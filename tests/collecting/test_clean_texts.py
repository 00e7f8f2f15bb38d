"""The vectorised checks agree with the ones that explain themselves, text by text."""

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collecting.conftest import CODES, FIELDS, ON, WRONG, an_item, field

from creditmesh.catalogue.model import FieldDefinition, Kind
from creditmesh.collecting.checking import clean
from creditmesh.collecting.checking.judge import judge
from creditmesh.collecting.checking.layout import Layout
from creditmesh.collecting.reading.headings import Column
from creditmesh.kernel import regions, registration_number, uscc

Engine = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with duckdb.connect(config={"threads": 1}) as connection:
        for statement in clean.types_needed({Kind.REGION, Kind.INDUSTRY}):
            connection.execute(statement)
        yield connection


MORE = (
    field("yuan", "元", Kind.MONEY, empty_values=("0", "-")),
    field("ratio", "比例", Kind.PERCENT, unit="比例"),
    field("must", "必填", Kind.INTEGER, required=True),
    field("short", "短", max_length=3, empty_values=("无",)),
)
BY_NAME = {one.name: one for one in (*FIELDS, *MORE)}

bodies = st.text(uscc.ALPHABET, min_size=17, max_size=17)
codes = st.one_of(
    bodies.map(lambda body: body + uscc.check_character(body)),
    st.text(uscc.ALPHABET + "IOSVZa", min_size=17, max_size=19),
    st.sampled_from([*CODES, WRONG]),
)
numbers = st.text("0123456789", min_size=14, max_size=14).flatmap(
    lambda body: st.sampled_from([body + registration_number.check_digit(body), body + "0", body])
)
days = st.one_of(
    st.dates(date(1, 1, 1), date(9999, 12, 31)).flatmap(
        lambda day: st.sampled_from(
            [str(day), f"{day.year}/{day.month}/{day.day}", day.strftime("%Y%m%d"), f"{day.year}-{day.month}/{day.day}",
             f"{day} 10:61:00", f"{day} 23:59:59", f"{day}T10:00:00", f"{day.year}年{day.month}月{day.day}日"]
        )
    ),
    st.from_regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", fullmatch=True),
    st.from_regex(r"[0-9]{8}", fullmatch=True),
    st.sampled_from(["epoch", "infinity", "2026-02-29", "2024-02-29", "2026-01-05 (BC)", str(ON), str(ON + timedelta(1))]),
)  # fmt: skip
amounts = st.one_of(
    st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{0,9})?", fullmatch=True),
    st.decimals(-(10**13), 10**13, places=6, allow_nan=False).map(str),
    st.sampled_from(
        ["1e3", "0x10", "1_000", "NaN", "+5", ".5", "5.", "1,000", "１２", "12%", "100.004%", "0.00005"]
    ),
)
edges = st.text(" \t\r\n\u3000\u00a0甲乙a=|'\"\x1f\x07", max_size=6)
texts = st.one_of(
    codes, numbers, days, amounts, edges,
    st.text(max_size=8),
    st.sampled_from(["是", "否", "1", "0", "true", "Y", "罚款", "fine", "01", "警告", "FINE", "无", "N/A", "-", "12人",
                     "630100", "63", "990121001", "110000000000", "C1391", "1391", "制造业", "C"]),
)  # fmt: skip


def seen(engine: Engine, definition: FieldDefinition, *texts: str | None) -> list[tuple[object, bool]]:
    """The values and the verdicts of the vectorised checks for some texts, in their order."""
    checked = clean.is_clean(definition, "c", "v", on=f"DATE '{ON}'", control=True)
    value = clean.value(definition, "c")
    return engine.execute(
        f"SELECT v, {checked} FROM (SELECT c, ({value})::{clean.sql_type(definition.kind)} AS v "
        "FROM (SELECT unnest(?::VARCHAR[]) AS c))",
        [list(texts)],
    ).fetchall()


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(BY_NAME)), st.lists(st.one_of(st.none(), texts), min_size=1, max_size=40))
def test_a_text_that_is_taken_for_clean_is_judged_the_same(
    engine: Engine, name: str, some: list[str | None]
) -> None:
    some = [text or None for text in some]
    found = seen(engine, BY_NAME[name], *some)

    for text, (value, is_clean) in zip(some, found, strict=True):
        if is_clean:
            verdict = judge(BY_NAME[name], text, on=ON)
            assert (verdict.refused, verdict.warning) == (None, None)
            assert verdict.value == value


class TestCleanTexts:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("code", CODES[0]), ("number", "110108000000016"), ("fine", "12.345678"), ("yuan", "1234.50"),
            ("decided", "2026-01-05"), ("decided", "2026/1/5"), ("decided", "20260105"), ("public", "是"),
            ("share", "12.5%"), ("share", "12.5"), ("ratio", "0.8333"), ("people", "12"), ("kind", "罚款"),
            ("region", "990121"), ("industry", "C1391"), ("remarks", "甲 乙"), ("remarks", "无"), ("short", "三个字"),
        ],
    )  # fmt: skip
    def test_need_no_second_look(self, engine: Engine, name: str, text: str) -> None:
        assert seen(engine, BY_NAME[name], text)[0][1]

    def test_of_codes_include_every_valid_one(self, engine: Engine) -> None:
        assert seen(engine, BY_NAME["code"], *CODES) == [(code, True) for code in CODES]

    def test_of_regions_are_those_of_the_kernel(self, engine: Engine) -> None:
        assert all(is_clean for _, is_clean in seen(engine, BY_NAME["region"], *regions.codes()))


def rows_of_texts() -> Iterator[st.SearchStrategy[str | None]]:
    for _ in range(len(FIELDS)):
        yield st.one_of(st.none(), texts.map(lambda text: text or None))


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(*rows_of_texts()), min_size=1, max_size=20))
def test_checking_all_texts_of_a_row_at_once_finds_what_checking_each_finds(
    engine: Engine, rows: list[tuple[str | None, ...]]
) -> None:
    columns = tuple(Column(one, place) for place, one in enumerate(FIELDS))
    layout = Layout(item=an_item(), columns=columns, width=len(FIELDS), on=ON, has_control=True)
    source = ", ".join(f"unnest(?::VARCHAR[]) AS c{place}" for place in range(len(FIELDS)))
    each = " AND ".join(condition for _, _, condition in layout.checks())
    at_once = " AND ".join(layout.quick_checks())

    found = engine.execute(
        f"SELECT {each}, {at_once} FROM (SELECT *, {', '.join(layout.values())}, {layout.texts()} AS _joined "
        f"FROM (SELECT {source}))",
        [list(column) for column in zip(*rows, strict=True)],
    ).fetchall()

    assert len(found) == len(rows)
    assert all(one == other for one, other in found)
