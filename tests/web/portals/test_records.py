"""Records behind the points are shown once, with everything that stands on them."""

from dataclasses import replace

from creditmesh.apps.evaluation.grading.queries.detail import Evidence
from creditmesh.catalogue.model import Text
from creditmesh.scoring.explain import Branch
from creditmesh.scoring.records.lineage import Lineage
from creditmesh.web.portals.regulator.records import record_sets


def words(english):
    return Text(zh=english, en=english)


def evidence(feature, *, rows=((1,),), item="PEN-01"):
    return Evidence(
        feature=feature,
        label=words(f"input {feature}"),
        item=item,
        item_label=words(item),
        filter="",
        window=None,
        relation=None,
        columns=(),
        rows=rows,
        total=len(rows),
    )


def indicator(name, *features):
    return Branch(
        id=name,
        kind="indicator",
        label=words(name),
        weight=1,
        share=1,
        points=1,
        contribution=1,
        coverage=1,
        origin=None,  # type: ignore[arg-type]
        lineage=tuple(
            Lineage(
                feature=one,
                label=words(one),
                take="count",
                item="PEN-01",
                item_label=words("PEN-01"),
                view="pen_01",
                predicate="true",
                filter="",
                window=None,
            )
            for one in features
        ),
    )


def told(texts):
    return [one.en for one in texts]


class TestTheSameRecords:
    def test_are_shown_once_with_every_indicator_that_reads_them(self):
        group = replace(
            indicator("group"), kind="group", parts=(indicator("fines", "a"), indicator("sums", "b", "a"))
        )
        (found,) = record_sets(evidence=[evidence("a"), evidence("b")], branches=[group])
        assert told(found.inputs) == ["input a", "input b"]
        assert told(found.indicators) == ["fines", "sums"]

    def test_are_not_those_of_another_item_or_other_rows(self):
        several = [evidence("a"), evidence("b", item="ABN-01"), evidence("c", rows=((2,),))]
        assert len(record_sets(evidence=several, branches=[])) == 3

    def test_say_what_was_looked_for_only_when_all_looked_for_it(self):
        fines, all_of_them = replace(evidence("a"), filter="fine > 0"), evidence("b")
        (alone,) = record_sets(evidence=[fines], branches=[])
        (together,) = record_sets(evidence=[fines, all_of_them], branches=[])
        assert (alone.filter, together.filter) == ("fine > 0", "")

    def test_are_never_nothing_found_twice(self):
        nothing = [evidence("a", rows=()), evidence("b", rows=())]
        assert [told(one.inputs) for one in record_sets(evidence=nothing, branches=[])] == [
            ["input a"],
            ["input b"],
        ]
