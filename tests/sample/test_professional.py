"""Food producers and devices of the county: the same ones to every recipe, and worse where there is neglect."""

from collections import Counter
from datetime import date

from creditmesh.kernel import uscc
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts import food
from creditmesh.sample.facts.equipment import devices, events


def rows(told, item):
    return told[item]


class TestFoodProducers:
    def test_are_the_same_in_every_item(self, told):
        licensed = {row["uscc"] for row in rows(told, "FOD-01")}
        assert licensed
        for item in ("FOD-02", "FOD-03", "FOD-04", "FOD-05", "FOD-06"):
            known = [row["uscc"] in licensed for row in rows(told, item)]
            assert sum(known) > 0.95 * len(known)  # codes are mistyped now and then

    def test_are_found_at_fault_the_more_the_harder_pressed(self, world):
        found = list(food.inspections(world, Chance.of(1, "x")))
        pressed = [one for one in found if one.about.stress(one.values["inspected_on"]) > 0.3]
        at_ease = [one for one in found if one.about.stress(one.values["inspected_on"]) < 0.1]

        def at_fault(group):
            bad = [one for one in group if one.values["result_code"] in ("not_compliant", "refused")]
            return len(bad) / len(group)

        assert at_fault(pressed) > 2 * at_fault(at_ease)


class TestDevices:
    def test_are_the_same_in_every_item(self, told):
        known = {row["device_code"] for row in rows(told, "SEQ-01")}
        for item in ("SEQ-02", "SEQ-03", "SEQ-04", "SEQ-05", "SEQ-06", "SEQ-08"):
            assert {row["device_code"] for row in rows(told, item)} <= known

    def test_have_codes_of_their_own(self, world):
        codes = Counter(one.code for one in devices.devices(world))
        assert max(codes.values()) == 1

    def test_that_lift_people_are_maintained_by_a_few_who_are_rated(self, world, told):
        keepers = {one.code for one in devices.maintainers(world)}
        assert 0 < len(keepers) <= devices.MAINTAINERS
        for one in devices.devices(world):
            assert (one.maintainer is not None) == one.lifts
            assert one.maintainer is None or one.maintainer.code in keepers
        assert {row["uscc"] for row in rows(told, "SEQ-07")} <= keepers
        assert all(uscc.is_valid(code) for code in keepers)

    def test_were_installed_before_they_were_registered(self, world):
        assert all(one.installed < one.registered < world.until for one in devices.devices(world))

    def test_that_are_neglected_fail_more(self, world):
        by_code = {one.code: one for one in devices.devices(world) if one.lifts}
        failures = Counter(
            one.values["device_code"]
            for one in events.faults(world, Chance.of(1, "x"))
            if one.values["device_code"] in by_code
        )
        ranked = sorted(by_code.values(), key=lambda one: one.neglect)
        half = len(ranked) // 2
        assert sum(failures[one.code] for one in ranked[half:]) > sum(
            failures[one.code] for one in ranked[:half]
        )

    def test_of_a_county_without_a_trade_that_maintains_have_nobody(self, world):
        alone = type(world)(world.seed, date(2026, 10, 31), [])
        assert devices.maintainers(alone) == []
        assert list(devices.devices(alone)) == []
