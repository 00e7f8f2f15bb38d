"""Expressions: what is understood, what is refused, and that Python and SQL agree on every answer."""

from datetime import date
from functools import cache

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scoring import random_systems
from tests.scoring.example import TODAY
from tests.scoring.random_systems import VALUES

from creditmesh.scoring.language import python, tree
from creditmesh.scoring.language.parsing import NotUnderstood, parse
from creditmesh.scoring.language.sql import Writer
from creditmesh.scoring.language.tree import Name, Type

NAMES = {
    "n1": Name("n1", Type.INTEGER, (-100, 100)),
    "n2": Name("n2", Type.INTEGER, (0, 10_000)),
    "n3": Name("n3", Type.INTEGER, (-5, 5)),
    "n4": Name("n4", Type.INTEGER, (0, 10**14)),
    "t1": Name("t1", Type.TEXT, choices=frozenset("abcd")),
    "t2": Name("t2", Type.TEXT),
    "d1": Name("d1", Type.DATE),
    "d2": Name("d2", Type.DATE),
    "b1": Name("b1", Type.TRUTH),
    "as_of": Name("as_of", Type.DATE),
}
ANY = random_systems.numbers() | random_systems.conditions() | random_systems.TEXTS
SQL_TYPES = {Type.INTEGER: "BIGINT", Type.TEXT: "VARCHAR", Type.DATE: "DATE", Type.TRUTH: "BOOLEAN"}


def answer(text: str, **values: object) -> object:
    """Return the value of an expression by Python, after checking that SQL says the same."""
    row = dict.fromkeys(NAMES) | {"as_of": TODAY} | values
    node = parse(text, names=NAMES)
    piece = python.value(node)
    found = eval(f"({piece.text}) if {python.every(piece.present)} else None", {"date": date, **row})  # noqa: S307
    columns = (
        ", ".join(f'$"{name}"::{SQL_TYPES[one.type]} AS "{name}"' for name, one in NAMES.items())
        .replace('$"', "$")
        .replace('"::', "::")
    )
    sql = Writer().value(node).sql(dialect="duckdb")
    assert engine().execute(f"SELECT {sql} FROM (SELECT {columns})", row).fetchall() == [(found,)]
    return found


@cache
def engine() -> duckdb.DuckDBPyConnection:
    """Return one connection for all expressions: opening it takes longer than an answer."""
    return duckdb.connect(config={"threads": 1})


class TestAnExpression:
    @pytest.mark.parametrize(
        ("text", "values", "expected"),
        [
            ("1 + 2 * 3", {}, 7),
            ("-n1 - 4", {"n1": 3}, -7),
            ("n1 + n2", {"n1": 3}, None),
            ("min(n1, 5, n2)", {"n1": 7, "n2": 9}, 5),
            ("max(n1, 5)", {}, None),
            ("days(d1)", {"d1": date(2026, 10, 30)}, 2),
            ("days(d1, d2)", {"d1": date(2024, 2, 28), "d2": date(2024, 3, 1)}, 2),
            ("ratio(n2, 3, 100)", {"n2": 2}, 66),
            ("ratio(n1, 3, 100)", {"n1": -2}, -66),
            ("ratio(n1, 3, 100)", {"n1": 2}, 66),
            ("ratio(n1, n3, 1)", {"n1": 2, "n3": 0}, None),
            ("ratio(n1, n3, 1)", {"n1": 2, "n3": -1}, None),
            ("or_else(n1, 4)", {}, 4),
            ("or_else(n1, n2)", {"n2": 8}, 8),
            ("or_else(n1, n2)", {}, None),
            ("or_else(n1, n2) + n3", {"n2": 8, "n3": 1}, 9),
            ("or_else(n1, n2) + n3", {"n3": 1}, None),
            ("or_else(ratio(n1, n3, 1), 9)", {"n1": 4, "n3": 0}, 9),
            ("prefix(t2, 2)", {"t2": "企业名"}, "企业"),
            ("n1 > 3", {"n1": 4}, True),
            ("n1 > 3", {}, False),
            ("not n1 > 3", {}, True),
            ("n1 != 3", {}, False),
            ("0 < n1 <= 3", {"n1": 3}, True),
            ("0 < n1 <= 3", {"n1": 0}, False),
            ("t1 in ['a', 'b']", {"t1": "b"}, True),
            ("t1 in ('a', 'b')", {}, False),
            ("t1 not in ['a', 'b']", {"t1": "c"}, True),
            ("t1 not in ['a', 'b']", {}, False),
            ("n1 is missing", {}, True),
            ("b1 is missing", {"b1": False}, False),
            ("ratio(n1, n3, 1) is missing", {"n1": 1, "n3": 0}, True),
            ("n1 is not missing", {"n1": 0}, True),
            ("as_of is missing", {}, False),
            ("b1", {"b1": True}, True),
            ("not b1", {}, True),
            ("b1 and n1 > 1 or t2 == 'x'", {"t2": "x"}, True),
            ("d1 >= date('2026-01-01')", {"d1": date(2026, 1, 1)}, True),
            ("true or b1", {}, True),
            ("not (b1 or false)", {}, True),
        ],
    )
    def test_means(self, text, values, expected):
        assert answer(text, **values) == expected

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("n1 +", "is not an expression"),
            ("n1 / 2", "divide with ratio"),
            ("n1 ** 2", "divide with ratio"),
            ("1.5", "not a whole number"),
            ("None", "not a whole number"),
            ("2 ** 3.0", "divide with ratio"),
            ("~n1", "may stand before a value"),
            ("n9", "is not known here"),
            ("__import__('os')", "there are only the functions"),
            ("n1.real", "not part of the language"),
            ("[n1]", "not part of the language"),
            ("lambda: 1", "not part of the language"),
            ("min(n1, key=n2)", "there are only the functions"),
            ("min(n1)", "two or more"),
            ("days()", "one or two dates"),
            ("days(n1)", "a date is wanted"),
            ("ratio(n1, n2)", "a whole number to multiply by"),
            ("ratio(n1, n2, n3)", "positive whole number"),
            ("ratio(n1, n2, 0)", "positive whole number"),
            ("or_else(n1)", "what stands for it"),
            ("or_else(n1, 'x')", "a number is wanted"),
            ("or_else(b1, b1)", "takes no condition"),
            ("or_else(t1, 'z')", "is no choice of t1"),
            ("prefix(t2)", "number of characters"),
            ("prefix(t2, true)", "number of characters"),
            ("prefix(t2, 0)", "1 to 100"),
            ("date('2026-13-01')", "such as '2024-07-01'"),
            ("date(n1)", "such as '2024-07-01'"),
            ("n1 == t1", "cannot be compared"),
            ("t1 < 'b'", "has no order"),
            ("b1 == true", "has no order"),
            ("t1 == 'z'", "is no choice of t1"),
            ("'z' == t1", "is no choice of t1"),
            ("t1 in ['a', 'z']", "is no choice of t1"),
            ("t1 in t2", "a list of values must stand"),
            ("t1 in []", "a list of values must stand"),
            ("b1 in [true]", "a list of values must stand"),
            ("n1 in [n2]", "written values only"),
            ("n1 is 3", "only 'missing' may stand"),
            ("(n1 > 2) is missing", "never missing"),
            ("n1 and b1", "true or false is wanted"),
            ("n4 * n4", "declare narrower `bounds`"),
            ("9999999999999999999", "declare narrower `bounds`"),
            ("9999999999 * 9999999999", "declare narrower `bounds`"),
            ("n1" + " + n1" * 20, "deeper than 12"),
            ("n1" + " + n1" * 200, "longer than"),
        ],
    )
    def test_is_refused_with_a_reason(self, text, why):
        with pytest.raises(NotUnderstood) as refused:
            parse(text, names=NAMES)

        assert why in refused.value.sentence

    def test_is_refused_when_it_is_of_another_type_than_wanted(self):
        with pytest.raises(NotUnderstood, match="true or false is wanted"):
            parse("n1 + 1", names=NAMES, wanted=Type.TRUTH)

    def test_knows_what_it_reads_and_what_it_computes_with(self):
        node = parse("ratio(n1, n2, 100) > 3 and days(d1) > n3 or t1 == 'a'", names=NAMES)

        assert tree.names(node) == ("n1", "n2", "d1", "as_of", "n3", "t1")
        assert tree.computes_with(node) == {"n1", "n2"}

    @pytest.mark.parametrize(
        ("text", "always"),
        [
            ("n3 > 5", False),
            ("n3 >= 6", False),
            ("n3 < -5", False),
            ("n3 <= -6", False),
            ("n3 == 6", False),
            ("3 != 3", False),
            ("n3 > 4", None),
            ("n3 == 5", None),
            ("not n3 > 5", True),
            ("not n3 > 4", None),
            ("n3 > 5 or b1", None),
            ("n3 > 5 and b1", False),
            ("not (n3 > 5) or b1", True),
            ("not (n3 > 5) and true", True),
            ("false", False),
            ("b1", None),
        ],
    )
    def test_is_settled_where_its_bounds_decide(self, text, always):
        assert tree.settled(parse(text, names=NAMES)) is always

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data(), text=ANY)
    def test_gives_the_same_in_python_and_in_sql(self, data, text):
        self.the_same(data, text)

    @pytest.mark.slow
    @settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data(), text=ANY)
    def test_of_many_kinds_does_too(self, data, text):
        self.the_same(data, text)

    def the_same(self, data, text):
        values = {}
        for name, one in NAMES.items():
            inside = st.integers(*one.bounds) if one.bounds else VALUES[one.type]
            values[name] = TODAY if name == "as_of" else data.draw(st.none() | inside)

        answer(text, **values)
