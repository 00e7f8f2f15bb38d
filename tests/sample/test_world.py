"""The county behind the files: valid codes, invented names, ties, and a past that says something."""

import re
from collections import Counter
from datetime import date

from creditmesh.kernel import industries, organisation_code, regions, registration_number, uscc
from creditmesh.sample import dirt, words
from creditmesh.sample.trades import TRADES


class TestTheEnterprises:
    def test_have_valid_codes_of_the_invented_region(self, world):
        codes = [one.code for one in world.enterprises]
        assert len(set(codes)) == len(codes)
        assert all(uscc.is_valid(code) for code in codes)
        assert {code[2:8] for code in codes} == {regions.SAMPLE_COUNTY}
        wrong_inside = sum(not organisation_code.is_valid(code[8:17]) for code in codes)
        assert wrong_inside <= 3 + 10 * len(codes) * dirt.WRONG_INNER_CHECK.share

    def test_have_older_numbers_when_they_are_older(self, world):
        for one in world.enterprises:
            if one.established < date(2015, 10, 1):
                assert registration_number.is_valid(one.registration_number)
            else:
                assert one.registration_number is None

    def test_say_in_their_names_where_they_are_from(self, world):
        names = [one.name for one in world.enterprises]
        assert len(set(names)) == len(names)
        assert all(words.COUNTY in name for name in names)

    def test_lie_in_the_twelve_towns(self, world):
        assert {one.town for one in world.enterprises} == set(regions.children(regions.SAMPLE_COUNTY))
        for code, name in words.TOWNS.items():
            assert regions.name(code) == f"{name}（虚构）"

    def test_have_industries_of_the_standard(self):
        assert all(industries.level_of(trade.industry) == "class" for trade in TRADES)

    def test_change_and_end(self, world):
        ends = Counter(one.at("status", world.until) for one in world.enterprises)
        assert {"active", "deregistered", "revoked", "suspended", "moved_out"} <= ends.keys()
        assert 0.75 < ends["active"] / len(world.enterprises) < 0.95
        kinds = Counter(change.kind for one in world.enterprises for change in one.changes)
        assert {
            "name",
            "address",
            "legal_representative",
            "capital_reduction",
            "shareholders",
        } <= kinds.keys()
        for one in world.enterprises:
            assert all(one.ended_on is None or change.on <= one.ended_on for change in one.changes)


class TestThePeople:
    def test_are_pseudonyms(self, world):
        people = [person for one in world.enterprises for person, _ in one.officers]
        assert all(re.fullmatch(r"P990121-\d{6}", person.id) for person in people)
        assert all(re.fullmatch(f"[{words.SURNAMES}]某..", person.name) for person in people)


class TestTheTies:
    def test_are_shared_heads_holders_and_addresses(self, world):
        heads = Counter(one.representative.id for one in world.enterprises)
        addresses = Counter(one.address for one in world.enterprises)
        corporate = [holder for one in world.enterprises for holder in one.holders if holder.code]
        assert max(heads.values()) >= 3
        assert max(addresses.values()) >= 3
        assert 0.02 < len(corporate) / len(world.enterprises) < 0.15
        assert {holder.code for holder in corporate} <= {one.code for one in world.enterprises}

    def test_hold_the_whole_of_each_company(self, world):
        assert all(sum(holder.share for holder in one.holders) in (0, 10_000) for one in world.enterprises)


def penalised(one, *years):
    return any(year.penalties for year in one.years if year.year in years)


class TestThePast:
    def test_says_something_about_the_future(self, world):
        living = [one for one in world.enterprises if one.year(2026) and one.year(2023)]
        before = [one for one in living if penalised(one, 2023, 2024, 2025)]
        clean = [one for one in living if not penalised(one, 2023, 2024, 2025)]
        rate = sum(penalised(one, 2026) for one in before) / len(before)
        assert rate > 2 * sum(penalised(one, 2026) for one in clean) / len(clean)

    def test_of_the_weak_is_worse_in_every_respect(self, world):
        by_weakness = sorted(world.enterprises, key=lambda one: one.weakness)
        sound, weak = by_weakness[:500], by_weakness[-500:]
        for bad in (
            lambda one: any(year.penalties for year in one.years),
            lambda one: bool(one.listings),
            lambda one: one.at("status", world.until) == "revoked",
        ):
            assert sum(map(bad, weak)) > 2 * sum(map(bad, sound))

    def test_is_not_destiny(self, world):
        weak = sorted(world.enterprises, key=lambda one: one.weakness)[-300:]
        assert any(not any(year.penalties for year in one.years) for one in weak)
