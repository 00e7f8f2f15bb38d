"""Plain statements: as many rows as are given, in their order, whatever their number."""

import pytest
from django.db import DatabaseError, connection
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.apps.ground.audit import statements

INTO = "INSERT INTO audit_leaf (position, entry_id) VALUES"


@given(st.integers(0, 5_000))
def test_the_statements_of_many_rows_hold_them_all_and_are_few_kinds(count: int) -> None:
    sizes = statements._sizes(count)
    assert sum(sizes) == count
    assert set(sizes) <= {1, 2, 4, 8, 16}


@pytest.mark.django_db
class TestInsert:
    @pytest.mark.parametrize("count", [0, 1, 37])
    def test_writes_every_row_in_order(self, count: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE given (id integer, word text)")
        rows = [(number, f"{number}%s") for number in range(count)]
        statements.insert("INSERT INTO given (id, word) VALUES", rows)
        assert statements.rows("SELECT id, word FROM given ORDER BY id") == rows

    def test_says_what_the_database_refuses_as_any_statement_does(self) -> None:
        with pytest.raises(DatabaseError):
            statements.insert("INSERT INTO nowhere (id) VALUES", [(1,)])
