"""The cadence: each live system in use once a month, a missed month once, and news followed at once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.apps.evaluation.grading import small
from tests.apps.evaluation.grading.test_parts import COMBINED, GENERAL

from creditmesh.apps.evaluation.grading import jobs
from creditmesh.apps.evaluation.grading.models import Adjustment, Run
from creditmesh.apps.evaluation.grading.operations import executing, requesting
from creditmesh.apps.evaluation.grading.operations.changes import cadence, following, reaching
from creditmesh.apps.evaluation.grading.queries import overlay, runs, systems
from creditmesh.apps.evaluation.grading.rules import AdjustmentState, State
from creditmesh.apps.ground.parties.rules import COMMAND_LINE

LIVE = {name: text.replace("lifecycle: draft", "lifecycle: live") for name, text in
        {"other": GENERAL, "small": COMBINED}.items()}  # fmt: skip
FEBRUARY = datetime(2026, 2, 10, 4, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.fixture
def node(tmp_path, monkeypatch):
    for name, text in LIVE.items():
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(systems, "valid", lambda name, *, on, home: home / f"{name}.yml")
    monkeypatch.setattr(executing, "collected", lambda *, catalogue: [(code, "") for code in catalogue.items])
    monkeypatch.setattr(reaching, "_most", lambda before, on: 4)
    return small.small_node(tmp_path)


@pytest.fixture
def run(db, node):
    def running(*names: str, at: datetime = FEBRUARY) -> list[runs.RunRow]:
        found = []
        for name in names:
            asked = requesting.request_run(system=name, as_of=at.date(), by=COMMAND_LINE, node=node, at=at)
            found.append(executing.execute_run(run=asked.uuid, node=node, clock=lambda: at))
        return found

    return running


def work(node, at: datetime, ask) -> list[Run]:
    """Ask and execute until nothing more is asked for, as the worker does; return the runs in order."""
    found = []
    while asked := ask(node=node, at=at):
        for uuid in asked:
            executing.execute_run(run=uuid, node=node, clock=lambda: at)
            found.append(runs.stored(uuid))
    return found


class TestTheMonth:
    def test_runs_every_system_in_use_once_parts_first(self, run, node) -> None:
        run("other", "small")
        assert cadence.keep(node=node, at=FEBRUARY) == ()

        made = work(node, MARCH, cadence.keep)
        assert [(one.system, one.as_of, one.due, one.base) for one in made] == [
            ("other", date(2026, 3, 1), date(2026, 3, 1), None),
            ("small", date(2026, 3, 1), date(2026, 3, 1), None),
        ]
        assert made[1].parts.get().source == made[0]
        assert cadence.keep(node=node, at=MARCH + timedelta(20)) == ()

    @pytest.mark.computed
    def test_catches_up_once_however_many_months_were_missed(self, run, node) -> None:
        run("other")
        may = datetime(2026, 5, 20, 4, tzinfo=UTC)
        assert [(one.as_of, one.due) for one in work(node, may, cadence.keep)] == [
            (date(2026, 5, 20), date(2026, 5, 1))
        ]

    @pytest.mark.computed
    def test_begins_at_its_hour(self, run, node) -> None:
        run("other")
        one = datetime(2026, 2, 28, 17, tzinfo=UTC)  # one in the morning of 1 March in China
        assert cadence.keep(node=node, at=one) == ()
        assert len(cadence.keep(node=node, at=one + timedelta(hours=1))) == 1

    def test_is_asked_for_once_by_several_workers(self, run, node, monkeypatch) -> None:
        run("other")
        assert len(cadence.keep(node=node, at=MARCH)) == 1
        monkeypatch.setattr(cadence, "_lacks", lambda system, due: True)  # read before the other wrote
        assert cadence.keep(node=node, at=MARCH) == ()
        assert cadence.keep(node=node, at=MARCH + timedelta(1)) == ()
        assert Run.objects.filter(due=date(2026, 3, 1)).count() == 1

    def test_tries_a_run_that_failed_three_times_at_most(self, run, node) -> None:
        run("other")
        for _ in range(3):
            [uuid] = cadence.keep(node=node, at=MARCH)
            Run.objects.filter(uuid=uuid).update(state=State.FAILED)
        assert cadence.keep(node=node, at=MARCH) == ()

    @pytest.mark.computed
    def test_leaves_out_systems_that_are_not_live_or_not_valid(self, run, node) -> None:
        run("other", "small")
        for name, text in {
            "other": LIVE["other"].replace("lifecycle: live", "lifecycle: retired"),
            "small": LIVE["small"].replace("2026-01-01", "2026-01-01\neffective_until: 2026-02-15"),
        }.items():
            (node.home / f"{name}.yml").write_text(text, encoding="utf-8")
        assert cadence.keep(node=node, at=MARCH) == ()


class TestNews:
    def test_of_a_trigger_runs_the_changes_of_the_part_and_of_what_takes_it_along(self, run, node) -> None:
        run("other", "small")
        assert following.follow(node=node, at=FEBRUARY) == ()
        decision = {
            "code": "E3",
            "number": "P9",
            "kind": "revocation",
            "fine": 1,
            "decided_on": date(2026, 2, 1),
        }
        small.land(node.lake, small.PENALTIES, [decision], seq=5)

        made = work(node, FEBRUARY, following.follow)
        latest = {name: runs.latest_stored(system=name) for name in ("other", "small")}
        assert {one.base is not None for one in made} == {True}
        assert {name: overlay.standing(one, "E3").grade for name, one in latest.items()} == {
            "other": "D",
            "small": "D",
        }
        [full] = run("small")
        assert full.digest == latest["small"].digest

    def test_of_what_decides_nothing_waits_for_the_month(self, run, node) -> None:
        (node.home / "other.yml").write_text(
            LIVE["other"].replace(
                "when: revoked_licence, grade: D", "when: \"status == 'revoked'\", grade: D"
            ),
            encoding="utf-8",
        )
        run("other")
        decision = {"code": "E3", "number": "P9", "kind": "fine", "fine": 1, "decided_on": date(2026, 2, 1)}
        small.land(node.lake, small.PENALTIES, [decision], seq=5)
        assert following.follow(node=node, at=FEBRUARY) == ()

    def test_of_an_adjustment_moves_its_subject_until_it_is_over(self, run, node) -> None:
        run("other", "small")
        made = runs.latest_stored(system="small")
        Adjustment.objects.create(
            uuid=made.uuid,
            system="small",
            subject="E5",
            steps=1,
            reason="x",
            run=made,
            file_name="x",
            file_type="x",
            file_size=1,
            file_sha256="0",
            state=AdjustmentState.APPROVED,
            proposed_by="1",
            decided_by="2",
            proposed_at=FEBRUARY,
            starts_on=FEBRUARY.date(),
            expires_on=FEBRUARY.date() + timedelta(3),
        )
        [begun] = work(node, FEBRUARY, following.follow)
        assert (overlay.standing(begun, "E5").grade, overlay.changed(begun, fresh=True)) == ("B", ["E5"])
        [ended] = work(node, FEBRUARY + timedelta(3), following.follow)
        assert overlay.standing(ended, "E5").grade == "A"

    def test_that_waits_becomes_a_full_run_when_one_is_asked_for(self, run, node) -> None:
        run("other")
        decision = {
            "code": "E3",
            "number": "P9",
            "kind": "revocation",
            "fine": 1,
            "decided_on": date(2026, 2, 1),
        }
        small.land(node.lake, small.PENALTIES, [decision], seq=5)
        [waiting] = following.follow(node=node, at=FEBRUARY)
        assert following.follow(node=node, at=FEBRUARY) == ()
        [full] = run("other")
        assert (full.uuid, full.base, full.changes_only) == (waiting, None, False)


class TestTheWorker:
    def test_does_both_unless_the_node_is_left_to_runs_by_hand(self, run, node, monkeypatch) -> None:
        monkeypatch.setattr(jobs, "_clock", lambda: MARCH)
        run("other")
        for by_itself, asked in ((False, 0), (True, 1)):
            monkeypatch.setattr(jobs, "this_node", lambda told=by_itself: replace(node, by_itself=told))
            assert jobs.keep_cadence.call() == asked
        assert jobs.follow_changes.call() == 0  # the run of the month waits, and will read it all
