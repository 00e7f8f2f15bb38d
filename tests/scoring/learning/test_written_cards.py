"""Cards of systems that experts wrote: what the file says, with the status of every number, and what stands beside it."""

import re
from pathlib import Path

import pytest
from tests.scoring.example import example

from creditmesh.catalogue.model import Status
from creditmesh.catalogue.reading import CatalogueRefused
from creditmesh.scoring import loading
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Sourced
from creditmesh.scoring.learning.watching import cards, notes, written

ROOT = Path(__file__).parents[3]
EVIDENCE = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
SHIPPED = sorted(loading.shipped())


@pytest.fixture(scope="module")
def systems() -> dict[str, System]:
    return {name: loading.load(file) for name, file in loading.shipped().items()}


def noted(name: str) -> notes.Notes:
    found = notes.beside(loading.shipped()[name])
    assert found is not None
    return found


class TestEveryShippedSystem:
    @pytest.mark.parametrize("name", SHIPPED)
    def test_has_a_card_that_says_all_a_card_must(self, name: str, systems: dict[str, System]) -> None:
        definition = systems[name].definition

        card = written.card(systems[name], noted(name))
        said = cards.told(card)

        assert all(f"| {one.label.zh} | {one.label.en} |" in said for one in definition.indicators)
        assert all(f"`{one}`" in said for one in definition.features)
        assert all(
            one.label.zh in said for one in (*definition.triggers, *definition.caps, *definition.exclusions)
        )
        for words in (definition.owner, noted(name).cut_offs, *noted(name).limits):
            assert f"{words.zh} / {words.en}" in said
        assert f"{definition.effective_from} …" in said
        assert ("regulators only" in said) is definition.purpose.regulators_only
        assert "界限由来 / How the limits were set: 未说明" not in said

    @pytest.mark.parametrize("name", SHIPPED)
    def test_gives_no_number_a_better_status_than_its_file(
        self, name: str, systems: dict[str, System]
    ) -> None:
        definition = systems[name].definition
        stated = {definition.status.value} | {
            one.value for one in statuses([*definition.groups, *definition.grades, *definition.triggers])
        }
        if definition.combination:
            stated |= {one.value for one in statuses([definition.combination])}

        card = written.card(systems[name], noted(name))

        told = {status for by in card["numbers"].values() for status in by}
        assert told <= stated
        assert Status.DEFAULT.value in told

    @pytest.mark.parametrize("name", SHIPPED)
    def test_repeats_only_figures_that_the_evidence_prints(self, name: str) -> None:
        for one in noted(name).measured:
            assert one.auc in EVIDENCE
            assert f"{one.rows:,}" in EVIDENCE
            assert one.share_bad in EVIDENCE
            command = re.search(r"benchmarks/evidence (\w+)", one.source)
            assert command is not None
            assert command[1] in EVIDENCE

    def test_of_a_recalled_number_says_recalled(self, systems: dict[str, System]) -> None:
        card = written.card(systems["food-production-2016"], noted("food-production-2016"))
        assert card["numbers"]["cut_offs"] == {"recalled": 3}
        assert card["numbers"]["weights"]["recalled"] == 2
        assert "- A 风险低 / Low risk: ≤ 30 (recalled)" in cards.told(card)

    def test_that_no_data_were_at_hand_for_says_so(self, systems: dict[str, System]) -> None:
        said = cards.told(written.card(systems["elevators"], noted("elevators")))
        assert "Not tried on real data" in said
        assert "Not tried on real data" not in cards.told(written.card(systems["general"], noted("general")))

    def test_is_not_taken_for_a_system_because_of_what_stands_beside_it(self) -> None:
        assert not [name for name in SHIPPED if "." in name]


class TestACard:
    def test_of_an_own_file_says_what_is_not_known(self) -> None:
        card = written.card(example())
        said = cards.told(card)
        assert card["measured"] == []
        assert card["cut_offs"] is None
        assert "not said" in said
        assert "Not tried on real data" in said
        assert "Triggers, caps, exclusions" not in cards.told({**card, "rules": []})

    def test_tells_the_nearest_status_of_each_number(self) -> None:
        definition = example().definition
        group = definition.groups[0].model_copy(update={"status": Status.OFFICIAL})
        changed = definition.model_copy(update={"groups": (group, *definition.groups[1:])})

        told = written.card(System(changed, example().items))["groups"]

        assert told[0]["status"] == "official"
        own = [one.status for one in group.every_indicator]
        assert [one["status"] for one in told[0]["indicators"]] == [
            (status or Status.OFFICIAL).value for status in own
        ]
        assert "official" not in {one["status"] for after in told[1:] for one in after["indicators"]}

    def test_of_a_system_that_takes_others_in_names_them(self, systems: dict[str, System]) -> None:
        card = written.card(systems["integrated-supervision"])
        assert set(card["parts"]) >= {"general", "elevators"}
        assert "general" in cards.told(card)

    def test_reads_what_stands_beside_its_file(self, tmp_path: Path) -> None:
        file = tmp_path / "own.yml"
        assert notes.beside(file) is None
        file.with_suffix(".card.yml").write_text("cut_offs: {zh: 甲, en: a}\n", encoding="utf-8")
        found = notes.beside(file)
        assert found is not None
        assert found.cut_offs.zh == "甲"
        file.with_suffix(".card.yml").write_text("cut_offs: {zh: 甲}\n", encoding="utf-8")
        with pytest.raises(CatalogueRefused, match=r"own\.card\.yml:1"):
            notes.beside(file)


def statuses(parts: list[Sourced]) -> set[Status]:
    """Return every status anywhere in parts of a file."""
    found = set()
    for part in parts:
        text = part.model_dump_json()
        found |= {Status(one) for one in re.findall(r'"status":"(\w+)"', text)}
    return found
