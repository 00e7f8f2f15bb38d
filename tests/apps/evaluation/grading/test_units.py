"""Devices are graded one by one, and told to those they belong to by the worst and the mean."""

from datetime import date
from pathlib import Path

import pytest
from tests.apps.evaluation.grading import small

from creditmesh.apps.evaluation.grading.operations import executing, replaying, requesting
from creditmesh.apps.evaluation.grading.queries import detail, standings, units
from creditmesh.apps.evaluation.grading.queries.standings import Filters
from creditmesh.apps.ground.parties.rules import NotPermitted

DAY = date(2026, 3, 1)
LIFTS = """
unit:
  label: {zh: 台, en: device}
  key: number
  belongs_to:
    user: {label: {zh: 使用单位, en: user}}
    kind: {label: {zh: 类别, en: kind}, field: kind}
  items: {TST-01: {through: user}}
population: {items: [TST-02]}
"""
TEXT = (
    small.SYSTEM.replace("population: {items: [TST-01]}\n", LIFTS)
    .replace("item: TST-02, take: count, within: 36 months, worse: more", "item: TST-02, take: sum, of: fine, worse: more")
    .replace("bands: [{up_to: 0, points: 0}, {up_to: 2, points: 500}, {points: 1000}]", "linear: [{at: 0, points: 0}, {at: 1000000, points: 1000}]")
)  # fmt: skip


@pytest.fixture
def node(tmp_path: Path):
    return small.small_node(tmp_path)


@pytest.fixture
def run(db, node, noon, regulator, monkeypatch):
    monkeypatch.setattr(executing, "collected", lambda *, catalogue: [(code, "") for code in catalogue.items])
    file = small.system_file(node.home, TEXT)
    asked = requesting.request_run(system="small", as_of=DAY, by=regulator, node=node, at=noon, file=file)
    return executing.execute_run(run=asked.uuid, node=node, clock=lambda: noon)


class TestARunOverDevices:
    def test_grades_each_device(self, run, regulator) -> None:
        page = standings.listing(viewer=regulator, run=run.uuid, filters=Filters())

        assert {one.subject: (one.grade, one.score) for one in page.rows} == {
            "D:P1": ("D", 350_000),
            "D:P2": ("A", 70_000),
            "D:P3": ("A", 140_000),
        }

    def test_tells_who_they_belong_to_the_worst_and_the_mean(self, run, regulator, bank) -> None:
        [worst, other] = units.totals(viewer=regulator, system="small", tie="user")

        assert (worst.enterprise, worst.units, worst.worst_grade) == ("E1", 1, "D")
        assert (other.enterprise, other.units, other.scored) == ("E3", 2, 2)
        assert (other.worst_score, other.mean_score, other.worst_grade) == (140_000, 105_000, "A")
        assert [
            one.enterprise for one in units.totals(viewer=regulator, system="small", enterprise="fine")
        ] == ["fine"]
        with pytest.raises(NotPermitted):
            units.totals(viewer=bank, system="small")

    def test_is_repeated_and_explained_with_its_records(self, run, node, regulator, noon) -> None:
        seen = detail.detail(viewer=regulator, subject="D:P2", node=node, run=run.uuid)

        assert replaying.replay_run(run=run.uuid, node=node, by=regulator, at=noon).same
        [fines] = [one for one in seen.evidence if one.feature == "penalties"]
        assert (fines.total, fines.rows[0][1]) == (1, "P2")
