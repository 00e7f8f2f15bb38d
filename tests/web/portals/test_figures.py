"""A figure in numbers and in shares: the table tells both, the picture shows what was asked for."""

from hypothesis import given
from hypothesis import strategies as st

from creditmesh.web.portals.frame.charts import Chart, Kind, Series

COUNTS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=8)


def figure(counts, *, as_shares):
    return Chart(
        key="regions",
        title="By region",
        category_label="Region",
        kind=Kind.STACKED,
        with_shares=True,
        as_shares=as_shares,
        categories=tuple(f"town {place}" for place in range(len(counts))),
        series=tuple(
            Series(name=name, values=tuple(row[nth] for row in counts)) for nth, name in enumerate("AD")
        ),
    )


class TestAFigureInShares:
    @given(COUNTS)
    def test_keeps_the_counts_in_its_table(self, counts):
        for row, stated in zip(figure(counts, as_shares=True).rows, counts, strict=True):
            assert row.values == stated
            assert tuple(value for value, _ in row.cells) == stated

    @given(COUNTS)
    def test_fills_every_bar_that_holds_anything(self, counts):
        for row, stated in zip(figure(counts, as_shares=True).rows, counts, strict=True):
            whole = sum(piece.width for piece in row.pieces)
            assert abs(whole - (100 if sum(stated) else 0)) < 0.05

    def test_gives_the_script_percentages_up_to_a_hundred(self):
        drawing = figure([(3, 1), (0, 0)], as_shares=True).drawing
        assert (drawing["unit"], drawing["maximum"]) == ("%", 100)
        assert [one["values"] for one in drawing["series"]] == [[75.0, 0.0], [25.0, 0.0]]


class TestAFigureInNumbers:
    def test_tells_shares_in_its_table_only(self):
        chart = figure([(3, 1)], as_shares=False)
        assert [one["values"] for one in chart.drawing["series"]] == [[3], [1]]
        assert chart.rows[0].cells == ((3, 75.0), (1, 25.0))
