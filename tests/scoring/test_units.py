"""A lift is scored as a lift, and told to those it belongs to."""

from datetime import date

import pytest
from tests.scoring.example import TODAY, World, item

from creditmesh.catalogue.model import Catalogue
from creditmesh.catalogue.reading import CatalogueRefused, parse
from creditmesh.scoring import evaluate
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.loading import checked

WORDS = "{zh: 字, en: words}"
TEXT = f"""
id: lifts
version: "1"
label: {WORDS}
owner: {WORDS}
purpose: risk_classification
lifecycle: draft
status: fictitious
source: made up
effective_from: 2026-01-01
direction: higher_is_worse
scale: 100
rounding: half_up
cut_offs: upper_inclusive
not_collected: skip
insufficient: {{}}
unit:
  label: {{zh: 电梯, en: lift}}
  key: device
  name: place
  region: region
  belongs_to:
    user: {{label: {WORDS}}}
    maintenance: {{label: {WORDS}, field: maintainer}}
  items:
    LFT-02: {{key: device}}
    LFT-03: {{through: maintenance}}
population: {{items: [LFT-01]}}
features:
  built: {{label: {WORDS}, item: LFT-01, take: latest, of: built_on}}
  faults: {{label: {WORDS}, item: LFT-02, take: count, where: "kind == 'trapped'"}}
  blacklisted: {{label: {WORDS}, item: LFT-03, take: exists}}
triggers: [{{id: blacklist, label: {WORDS}, when: blacklisted, grade: C}}]
groups:
  - id: all
    label: {WORDS}
    weight: 10000
    indicators:
      - {{id: age, label: {WORDS}, weight: 5000, value: days(built), missing: worst, reason: {WORDS},
          bands: [{{up_to: 3650, points: 0}}, {{points: 100}}]}}
      - {{id: trapped, label: {WORDS}, weight: 5000, value: faults, missing: skip, reason: {WORDS},
          per_event: {{points: 10, cap: 100}}}}
grades:
  - {{symbol: A, label: {WORDS}, up_to: 30}}
  - {{symbol: B, label: {WORDS}, up_to: 60}}
  - {{symbol: C, label: {WORDS}}}
"""
DATE = {"kind": "date"}
ITEMS = {
    "LFT-01": item(
        "LFT-01",
        {
            "device": {},
            "place": {},
            "region": {},
            "industry": {},
            "name": {},
            "maintainer": {},
            "built_on": DATE,
        },
        None,
    ),
    "LFT-02": item("LFT-02", {"device": {}, "kind": {}, "happened_on": DATE}, "happened_on"),
    "LFT-03": item("LFT-03", {"reason": {}}, None),
}
CATALOGUE = Catalogue.model_construct(lists=(type("L", (), {"items": tuple(ITEMS.values())}),))


def lifts(old: str = "", new: str = "") -> System:
    assert old in TEXT
    return checked(parse(TEXT.replace(old, new) if old else TEXT, file="lifts.yml"), catalogue=CATALOGUE)


@pytest.fixture
def world() -> World:
    world = World(ITEMS)
    for device, user, maintainer, built in (
        ("L1", "MALL", "GOOD", date(2024, 1, 1)),
        ("L2", "MALL", "BAD", date(2001, 1, 1)),
        ("L3", "FLATS", "GOOD", None),
    ):
        world.record(
            "LFT-01",
            user,
            device=device,
            place=f"{device}号",
            region="630100",
            maintainer=maintainer,
            built_on=built,
        )
    for device in ("L2", "L2", "L3", None):
        world.record("LFT-02", "MALL", device=device, kind="trapped", happened_on=date(2026, 1, 1))
    world.record("LFT-03", "BAD", reason="falsified service")
    return world


class TestALift:
    @pytest.fixture
    def rows(self, world, tmp_path):
        out = tmp_path / "out.parquet"
        evaluate.run(world.connection, system=lifts(), as_of=TODAY, out=out)
        return {row["subject"]: row for row in world.query(f"FROM read_parquet('{out}')")}

    def test_is_known_by_its_code(self, rows):
        assert sorted(rows) == ["D:L1", "D:L2", "D:L3"]
        assert (rows["D:L1"]["name"], rows["D:L1"]["region"]) == ("L1号", "630100")

    def test_is_scored_by_what_is_on_record_about_it(self, rows):
        assert [rows[f"D:L{n}"]["faults"] for n in (1, 2, 3)] == [0, 2, 1]
        assert [rows[f"D:L{n}"]["score"] for n in (1, 2, 3)] == [0, 60_000, 55_000]

    def test_answers_for_who_maintains_it(self, rows):
        assert [rows[f"D:L{n}"]["grade"] for n in (1, 2, 3)] == ["A", "C", "B"]
        assert [rows[f"D:L{n}"]["triggers"] for n in (1, 2, 3)] == [None, "blacklist", None]

    def test_says_whom_it_belongs_to(self, rows):
        told = [(row["belongs_user"], row["belongs_maintenance"]) for _, row in sorted(rows.items())]

        assert told == [("MALL", "GOOD"), ("MALL", "BAD"), ("FLATS", "GOOD")]


class TestAUnit:
    @pytest.mark.parametrize(
        ("old", "new", "rule", "says"),
        [
            ("  key: device\n", "  key: devise\n", "unknown-field", "Did you mean 'device'?"),
            ("field: maintainer", "field: maintained", "unknown-field", "Did you mean 'maintainer'?"),
            ("LFT-02: {key: device}", "LFT-02: {key: lift}", "unknown-field", "no field lift"),
            ("through: maintenance", "through: maintainance", "unknown-tie", "Did you mean 'maintenance'?"),
            ("    LFT-03: {through: maintenance}\n", "", "unit", "how LFT-03 finds the unit"),
            ("LFT-02: {key: device}", "LFT-02: {}", "shape-value-error", "not both"),
            ("items: [LFT-01]", "items: [LFT-01, LFT-02]", "unit", "come from one item"),
            ("    LFT-03: {", "    LFT-33: {key: x}\n    LFT-03: {", "unknown-item", "Did you mean 'LFT-03'?"),
        ],
    )  # fmt: skip
    def test_is_refused(self, old, new, rule, says):
        with pytest.raises(CatalogueRefused) as refused:
            lifts(old, new)

        assert any(one.rule == rule and says in one.sentence for one in refused.value.problems)
