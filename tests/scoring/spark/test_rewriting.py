"""What Spark would answer differently is written differently; no Spark is needed to see it."""

import pytest
from sqlglot import exp

from creditmesh.scoring.language.building import at, column
from creditmesh.scoring.targets.spark.rewriting import text


def spark(query: object) -> str:
    return " ".join(text(query).split())


class TestSparkSql:
    @pytest.mark.parametrize(
        ("duckdb", "expected"),
        [
            ("SELECT a // b", "SELECT a DIV NULLIF(b, 0)"),
            ("SELECT a // 14", "SELECT a DIV 14"),
            ("SELECT date_diff('day', a, b)", "SELECT DATEDIFF(b, a)"),
            ("SELECT sum(x)", "SELECT SUM(CAST(x AS DECIMAL(38, 0)))"),
            ("SELECT arg_max(x, y)", "SELECT MAX_BY(x, y) FILTER(WHERE NOT x IS NULL)"),
            (
                "SELECT arg_max(x, y) FILTER (WHERE z)",
                "SELECT MAX_BY(x, y) FILTER(WHERE z AND NOT x IS NULL)",
            ),
            (
                "SELECT * FROM t WHERE (a, b) IN (SELECT (a, max(b)) FROM t GROUP BY a)",
                "SELECT * FROM t WHERE (a, b) IN ( SELECT a, MAX(b) FROM t GROUP BY a )",
            ),
            (
                "SELECT * FROM t WHERE (a, b) NOT IN (SELECT (a, b) FROM u)",
                "SELECT * FROM t WHERE NOT (a, b) IN ( SELECT a, b FROM u )",
            ),
            (
                "SELECT * FROM t WHERE k NOT IN (SELECT k FROM u WHERE c)",
                (
                    "SELECT * FROM t WHERE NOT EXISTS( SELECT 1 FROM ( SELECT k AS `_found` FROM u WHERE c ) AS _keys "
                    "WHERE `_keys`.`_found` = k )"
                ),
            ),
            ("SELECT * FROM t WHERE k NOT IN (1, 2)", "SELECT * FROM t WHERE NOT k IN (1, 2)"),
            (
                "SELECT *, b AS c FROM t QUALIFY row_number() OVER (PARTITION BY k ORDER BY s DESC) = 1",
                (
                    "SELECT * EXCEPT (`_w`), `c` FROM ( SELECT *, b AS c, ROW_NUMBER() OVER (PARTITION BY k ORDER BY s DESC) "
                    "AS `_w` FROM t ) AS _numbered WHERE `_w` = 1"
                ),
            ),
            (r"SELECT 'a\b''c'", r"SELECT 'a\\b\'c'"),
        ],
    )
    def test_says_what_duckdb_means(self, duckdb, expected):
        assert spark(duckdb) == expected

    def test_takes_an_element_outside_a_list_as_missing(self):
        query = exp.select(at(exp.Array(expressions=[exp.Literal.number(7)]), column("x")))

        assert spark(query) == "SELECT GET(ARRAY(7), CAST(( CAST(`x` AS BIGINT) ) AS INT) - 1)"

    def test_leaves_the_tree_it_was_given_as_it_was(self):
        query = exp.select(exp.Sum(this=column("x")))
        text(query)

        assert query.sql("duckdb") == 'SELECT SUM("x")'
