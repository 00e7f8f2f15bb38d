"""Whom a run evaluates, and whom it finds related to whom."""

import pytest
from tests.scoring.example import (
    CATALOGUE,
    FILE,
    ITEMS,
    TODAY,
    World,
    example,
    feature,
    inputs,
    with_features,
)

from creditmesh.catalogue.reading import parse
from creditmesh.scoring import loading
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.records import features

A, B, C, D = (letter * 18 for letter in "ABCD")


class TestThePopulation:
    def test_has_every_subject_of_its_items_once_with_its_latest_name(self):
        world = World()
        world.enterprise(A, name="旧名")
        world.enterprise(A, name="新名", region="630200")
        world.enterprise(B, industry=None)
        found = inputs(world)

        assert set(found) == {A, B}
        assert (found[A]["name"], found[A]["region"], found[B]["industry"]) == ("新名", "630200", None)

    def test_may_be_joined_from_items_that_do_not_describe_subjects(self):
        text = FILE.read_text(encoding="utf-8").replace("{items: [TST-01]}", "{items: [TST-02, TST-01]}")
        world = World()
        world.enterprise(A, name="甲")
        world.record("TST-02", B, decided_on=TODAY)
        found = inputs(world, loading.checked(parse(text, file="x"), catalogue=CATALOGUE))

        assert (found[A]["name"], found[B]["name"]) == ("甲", None)

    @pytest.mark.parametrize(
        ("subjects", "expected"),
        [
            ("any", {A, "R:630100000000001", "P:xyz"}),
            ("code", {A}),
            ("registration", {"R:630100000000001"}),
            ("pseudonym", {"P:xyz"}),
        ],
    )
    def test_may_be_narrowed_to_a_form_of_subject_key(self, subjects, expected):
        text = FILE.read_text(encoding="utf-8").replace(
            "{items: [TST-01]}", f"{{items: [TST-01], subjects: {subjects}}}"
        )
        world = World()
        for key in (A, "R:630100000000001", "P:xyz"):
            world.enterprise(key)

        assert set(inputs(world, loading.checked(parse(text, file="x"), catalogue=CATALOGUE))) == expected

    def test_may_be_narrowed_by_the_records_and_by_the_inputs(self):
        text = FILE.read_text(encoding="utf-8").replace(
            "{items: [TST-01]}", "{items: [TST-01], where: industry == 'C'}"
        )
        text = text.replace("\nexclusions:", "\napplies_when: penalties_12m > 0\nexclusions:")
        world = World()
        world.enterprise(A)
        world.enterprise(B, industry="F")
        world.enterprise(C)
        for subject in (B, C):
            world.record("TST-02", subject, decided_on=TODAY, kind="fine")

        assert set(inputs(world, loading.checked(parse(text, file="x"), catalogue=CATALOGUE))) == {C}

    def test_takes_a_fixed_region_from_the_catalogue(self):
        described = ITEMS["TST-01"].describes.model_copy(
            update={"region": None, "fixed_region": "370100", "industry": None}
        )
        item = ITEMS["TST-01"].model_copy(update={"describes": described})
        system = System(example().definition, {**ITEMS, "TST-01": item})
        world = World()
        world.enterprise(A)

        assert (inputs(world, system)[A]["region"], inputs(world, system)[A]["industry"]) == ("370100", None)


class TestRelatedEnterprises:
    def test_share_a_legal_representative_or_a_holder(self):
        world = World()
        world.enterprise(A, legal_representative_id="p1")
        world.enterprise(B, legal_representative_id="p1")
        world.enterprise(C)
        world.record("TST-03", B, holder_code="H", share=2500)
        world.record("TST-03", C, holder_code="H", share=2499)
        world.record("TST-05", B, listed_on=TODAY)
        found = inputs(world)

        assert [found[one]["same_legal_rep_count"] for one in (A, B, C)] == [1, 1, 0]
        assert [found[one]["related_bad_share"] for one in (A, B, C)] == [10_000, 0, None]

    def test_are_found_two_steps_away_and_not_three(self):
        world = World()
        world.enterprise(A, legal_representative_id="p1")
        world.enterprise(B, legal_representative_id="p1")
        world.enterprise(C)
        world.enterprise(D, legal_representative_id="p2")
        world.record("TST-03", C, holder_code=B, share=10_000)
        world.record("TST-03", D, holder_code=C, share=10_000)
        world.record("TST-05", D, listed_on=TODAY)
        found = inputs(world)

        assert [found[one]["related_bad_share"] for one in (A, B, C, D)] == [0, 3333, 3333, 0]

    def test_are_not_tied_by_a_value_that_too_many_share(self):
        text = FILE.read_text(encoding="utf-8").replace(
            "    field: legal_representative_id", "    field: legal_representative_id\n    at_most: 2"
        )
        system = loading.checked(parse(text, file="x"), catalogue=CATALOGUE)
        world = World()
        for subject in (A, B, C):
            world.enterprise(subject, legal_representative_id="agent")

        assert [
            (one["same_legal_rep_count"], one["related_bad_share"]) for one in inputs(world, system).values()
        ] == [(2, None)] * 3

    def test_are_judged_by_their_grade_in_the_run_before(self):
        world = World()
        world.enterprise(A, legal_representative_id="p1")
        world.enterprise(B, legal_representative_id="p1")
        world.connection.execute(f"CREATE TABLE _previous AS SELECT '{B}' AS subject, 'D' AS grade")
        rows = world.query(features.statement(example(), as_of=TODAY))

        assert {row["subject"]: row["related_bad_share"] for row in rows} == {A: 10_000, B: 0}

    def test_can_be_counted_and_taken_one_step_away(self):
        text = "\n".join(
            [
                feature("near", "take: related_count, relations: [common_holder]"),
                feature(
                    "near_listed", "take: related_count, relations: [common_holder], where: on_serious_list"
                ),
                feature("tied", "take: peers, relations: [same_legal_rep, common_holder]"),
            ]
        )
        world = World(collected=[("TST-01", ""), ("TST-03", "63")])
        world.enterprise(A)
        world.enterprise(B)
        world.enterprise(C, region="640000")
        world.record("TST-03", A, holder_code=B, share=9000)
        world.record("TST-05", B, listed_on=TODAY)
        found = inputs(world, with_features(text))

        assert [(found[one]["near"], found[one]["near_listed"], found[one]["tied"]) for one in (A, B)] == [
            (1, 1, 1),
            (1, 0, 1),
        ]
        assert (found[C]["near"], found[C]["tied"]) == (None, None)
