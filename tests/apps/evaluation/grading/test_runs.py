"""A run from the request to its standings: recorded, repeatable bit for bit, safe to interrupt."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from tests.apps.evaluation.grading import small

from creditmesh.apps.evaluation.grading.models import RiskStanding, Run, SystemFile
from creditmesh.apps.evaluation.grading.operations import (
    classifying,
    evaluating,
    executing,
    holding,
    replaying,
    requesting,
    results,
    writing,
)
from creditmesh.apps.evaluation.grading.queries import distribution, runs, standings, systems
from creditmesh.apps.evaluation.grading.queries.standings import Filters
from creditmesh.apps.evaluation.grading.rules import Stage, State, WrongState
from creditmesh.apps.ground.audit.models import Entry, Event
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, NotPermitted
from creditmesh.catalogue.reading import CatalogueRefused
from creditmesh.lake.store import Lake

DAY = date(2026, 3, 1)
HEAD, _, REST = small.SYSTEM.partition("population:")
OF_A_TABLE = f"""{HEAD}features:
  penalties: {{label: {{zh: 处罚次数, en: Penalties}}, column: penalties, type: integer, worse: more}}
groups:
  - id: regulatory
    label: {{zh: 监管信息, en: Regulatory information}}
    weight: 10000
    indicators:
      - id: penalty_count
        label: {{zh: 行政处罚, en: Penalties}}
        weight: 10000
        value: penalties
        bands: [{{up_to: 0, points: 0}}, {{points: 1000}}]
        missing: skip
        reason: {{zh: "受到{{value}}次行政处罚", en: "{{value}} penalties"}}
grades:{REST.rpartition("grades:")[2]}"""


@pytest.fixture
def node(tmp_path: Path):
    return small.small_node(tmp_path)


@pytest.fixture
def clock(noon) -> Callable[[], datetime]:
    return lambda: noon


@pytest.fixture(autouse=True)
def everything_collected(monkeypatch) -> None:
    """The small node's records were landed without batches in the database."""
    monkeypatch.setattr(executing, "collected", lambda *, catalogue: [(code, "") for code in catalogue.items])


@pytest.fixture
def ask(db, node, noon, regulator):
    """Ask for a run of the small system."""

    def asking(*, as_of: date = DAY, by=regulator, text: str = small.SYSTEM) -> runs.RunRow:
        file = small.system_file(node.home, text)
        return requesting.request_run(system="small", as_of=as_of, by=by, node=node, at=noon, file=file)

    return asking


@pytest.fixture
def execute(ask, node, clock):
    """Ask for a run and execute it."""

    def executed(**asked) -> runs.RunRow:
        return executing.execute_run(run=ask(**asked).uuid, node=node, clock=clock)

    return executed


def grades(viewer, run: runs.RunRow) -> dict[str, str]:
    page = standings.listing(viewer=viewer, run=run.uuid, filters=Filters())
    return {one.subject: one.grade or one.outcome for one in page.rows}


class TestAskingForARun:
    def test_writes_it_down_keeps_the_file_and_announces_it(self, ask) -> None:
        run = ask()
        assert (run.state, run.system, run.version, run.progress) == (State.REQUESTED, "small", "1", 0)
        assert bytes(SystemFile.objects.get(sha256=run.sha256).content).decode() == small.SYSTEM
        event = Event.objects.get(name="run.requested")
        assert event.key == str(run.uuid)
        assert Entry.objects.get(act="run.request").object_key == str(run.uuid)

    def test_an_operator_may_and_a_bank_may_not(self, ask, operator, bank) -> None:
        ask(by=operator)
        with pytest.raises(NotPermitted):
            ask(by=bank, as_of=DAY - timedelta(days=1))

    def test_the_same_run_is_not_asked_for_twice(self, ask) -> None:
        ask()
        with pytest.raises(requesting.AlreadyUnderWay, match="wait for it"):
            ask()
        assert Run.objects.count() == 1

    @pytest.mark.parametrize("day", [date(2026, 3, 3), date(1999, 12, 31)])
    def test_a_day_that_cannot_be_is_refused(self, ask, day) -> None:
        with pytest.raises(requesting.NoSuchDay, match="2026-03-02"):
            ask(as_of=day)

    def test_an_unknown_system_is_refused_with_the_names_there_are(self, db, node, noon, regulator) -> None:
        with pytest.raises(systems.UnknownSystem, match="general"):
            requesting.request_run(system="../etc", as_of=DAY, by=regulator, node=node, at=noon)
        with pytest.raises(systems.UnknownSystem, match="Did you mean 'elevators'"):
            requesting.request_run(system="elevator", as_of=DAY, by=regulator, node=node, at=noon)

    def test_a_file_that_contradicts_itself_is_refused_with_its_line(self, ask) -> None:
        with pytest.raises(CatalogueRefused):
            ask(text=small.SYSTEM.replace("weight: 7000", "weight: 7001"))
        assert not Run.objects.exists()

    def test_a_system_that_scores_the_rows_of_a_table_is_refused(self, ask) -> None:
        with pytest.raises(
            requesting.NotOfRecords, match=r"'small' scores the rows of a table.*creditmesh score"
        ):
            ask(text=OF_A_TABLE)
        assert not Run.objects.exists()
        assert not SystemFile.objects.exists()

    def test_a_purpose_without_a_table_of_its_own_is_refused(self, ask) -> None:
        with pytest.raises(requesting.NoTableForPurpose, match="merchant_rating"):
            ask(text=small.SYSTEM.replace("purpose: risk_classification", "purpose: merchant_rating"))


class TestGivingUpARun:
    def test_ends_it_and_lets_another_be_asked_for(self, ask, regulator, noon) -> None:
        given_up = requesting.abandon_run(run=ask().uuid, by=regulator, at=noon)
        assert given_up.state is State.ABANDONED
        assert ask().state is State.REQUESTED

    def test_a_finished_one_cannot_be_given_up(self, execute, regulator, noon) -> None:
        with pytest.raises(WrongState):
            requesting.abandon_run(run=execute().uuid, by=regulator, at=noon)

    def test_a_worker_on_it_finds_its_work_refused(
        self, ask, node, clock, noon, regulator, monkeypatch
    ) -> None:
        run = ask()
        real = executing.evaluating.evaluate

        def given_up_meanwhile(**about):
            requesting.abandon_run(run=run.uuid, by=regulator, at=noon)
            return real(**about)

        monkeypatch.setattr(executing.evaluating, "evaluate", given_up_meanwhile)
        with pytest.raises(holding.LeaseLost):
            executing.execute_run(run=run.uuid, node=node, clock=clock)
        assert runs.run(run.uuid).state is State.ABANDONED
        assert not RiskStanding.objects.exists()


class TestExecuting:
    def test_gives_everyone_a_place_and_records_what_it_read(self, execute, regulator, node) -> None:
        run = execute()
        assert (run.state, run.stage, run.progress, run.subjects) == (State.DONE, Stage.FINISHED, 100, 5)
        assert grades(regulator, run) == {"E1": "D", "E2": "A", "E3": "B", "E4": "excluded", "E5": "A"}
        assert [(one.item, one.lake_version) for one in runs.tables(run.uuid)] == sorted(
            node.lake.versions().items()
        )
        assert len(run.digest) == 64
        assert "duckdb" in run.engine
        assert run.catalogue == ("test@1",)
        assert run.rule_pack
        found = distribution.distribution(viewer=regulator, run=run.uuid)
        assert (found.subjects, found.excluded, sum(one.subjects for one in found.grades)) == (5, 1, 4)

    def test_is_announced_and_in_the_ledger(self, execute) -> None:
        run = execute()
        assert Event.objects.get(name="run.done").key == str(run.uuid)
        assert Entry.objects.get(act="run.execute").outcome == "done"

    def test_keeps_the_result_in_the_lake_and_leaves_no_litter(self, execute, node) -> None:
        run = execute()
        row = node.lake.result("small", str(run.uuid), "E1")
        assert row is not None
        assert (row["grade"], row["triggers"]) == ("D", "licence_revoked")
        assert list((node.home / "runs").iterdir()) == []

    def test_grades_of_the_run_before_feed_the_next_one(self, execute, regulator) -> None:
        first = execute(as_of=date(2026, 2, 1))
        second = execute()
        assert second.previous == first.uuid
        assert grades(regulator, second)["E2"] == "B"  # its legal representative also runs E1, which was D
        moves = distribution.movements(viewer=regulator, run=second.uuid)
        assert ("A", "B", 1) in [(one.previous, one.grade, one.subjects) for one in moves]

    def test_a_run_of_an_earlier_day_does_not_look_at_a_later_one(self, execute) -> None:
        execute()
        assert execute(as_of=date(2026, 1, 15)).previous is None

    def test_a_run_that_has_ended_is_left_alone(self, execute, node, clock) -> None:
        run = execute()
        assert executing.execute_if_free(run=run.uuid, node=node, clock=clock) is None
        with pytest.raises(holding.RunTaken):
            executing.execute_run(run=run.uuid, node=node, clock=clock)

    def test_results_of_another_purpose_go_into_a_table_of_their_own(self, execute) -> None:
        execute(text=small.SYSTEM.replace("risk_classification", "public_credit_evaluation"))
        assert not RiskStanding.objects.exists()
        assert standings.STANDINGS["public_credit_evaluation"]._default_manager.count() == 5


class TestWhenARunFails:
    @pytest.mark.parametrize(
        ("error", "said"),
        [
            (OSError(28, "No space left on device"), "Make room"),
            (RuntimeError("boom"), "error of the program: boom"),
            (runs.NoResultsYet("Come back later."), "Come back later."),
        ],
    )
    def test_it_says_why_and_nothing_is_shown(self, ask, node, clock, monkeypatch, error, said) -> None:
        run = ask()

        def broken(**_about):
            raise error

        monkeypatch.setattr(executing.evaluating, "evaluate", broken)
        with pytest.raises(type(error)):
            executing.execute_run(run=run.uuid, node=node, clock=clock)
        failed = runs.run(run.uuid)
        assert failed.state is State.FAILED
        assert said in failed.failure
        assert Entry.objects.get(act="run.execute").outcome == "failed"
        assert list((node.home / "runs").iterdir()) == []

    def test_another_can_be_asked_for(self, ask, node, clock, monkeypatch, execute) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(node.lake.__class__, "keep_results", lambda *_a, **_k: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                executing.execute_run(run=ask().uuid, node=node, clock=clock)
        assert execute().state is State.DONE


class TestAWorkerThatIsInterrupted:
    @pytest.mark.parametrize("broken", ["keep", "write", "cells"])
    def test_is_followed_by_one_that_reaches_the_same_result(
        self, ask, node, noon, regulator, monkeypatch, broken
    ) -> None:
        run = ask()
        places = {
            "keep": (executing.amending, "full_digest"),
            "write": (writing, "insert"),
            "cells": (executing, "_write_cells"),
        }

        class Killed(BaseException):
            """Nobody catches this, as nobody catches SIGKILL."""

        def killed(**_about):
            raise Killed

        monkeypatch.setattr(executing.results, "CHUNK", 2)
        with monkeypatch.context() as patched:
            patched.setattr(*places[broken], killed if broken != "cells" else lambda *_a: killed())
            with pytest.raises(Killed):
                executing.execute_run(run=run.uuid, node=node, clock=lambda: noon)
        assert runs.run(run.uuid).state is State.RUNNING
        small.land(node.lake, small.PENALTIES, [small.DECISIONS[1] | {"kind": "revocation"}], seq=3)

        late = executing.execute_run(run=run.uuid, node=node, clock=lambda: noon + timedelta(hours=1))

        assert (late.state, late.attempt, late.subjects) == (State.DONE, 2, 5)
        assert grades(regulator, late)["E3"] == "B"  # what landed meanwhile is not in it
        assert RiskStanding.objects.count() == 5
        assert distribution.distribution(viewer=regulator, run=run.uuid).subjects == 5
        assert replaying.replay_run(run=run.uuid, node=node, by=regulator, at=noon).same


class TestReplaying:
    def test_finds_every_column_of_every_row_equal(self, execute, node, regulator, noon) -> None:
        execute(as_of=date(2026, 2, 1))
        run = execute()
        small.land(node.lake, small.PENALTIES, [small.DECISIONS[1] | {"kind": "revocation"}], seq=3)
        small.system_file(node.home, small.SYSTEM.replace("points: 500", "points: 900"))

        replay = replaying.replay_run(run=run.uuid, node=node, by=regulator, at=noon)

        assert replay.same
        assert (replay.rows_differing, replay.differences, replay.subjects_recomputed) == (0, (), 5)
        assert replay.digest_recorded == replay.digest_kept == replay.digest_recomputed == run.digest
        assert Entry.objects.get(act="run.replay").outcome == "done"

    def test_says_what_differs_when_a_kept_result_was_tampered_with(
        self, execute, node, regulator, noon
    ) -> None:
        run = execute()
        (kept,) = node.lake.results_file("small", str(run.uuid))
        with results.connection(folder=str(node.home)) as engine:
            engine.execute(f"CREATE TABLE t AS FROM '{kept}'")
            engine.execute("UPDATE t SET grade = 'A' WHERE subject = 'E1'")
            engine.execute(f"COPY t TO '{kept}' (FORMAT parquet)")

        replay = replaying.replay_run(run=run.uuid, node=node, by=regulator, at=noon)

        assert not replay.same
        assert replay.digest_recorded == replay.digest_recomputed != replay.digest_kept
        assert [(one.subject, one.column, one.recorded, one.recomputed) for one in replay.differences] == [
            ("E1", "grade", "A", "D")
        ]
        assert Entry.objects.get(act="run.replay").outcome == "failed"

    def test_an_archived_file_that_was_changed_is_not_used(self, execute, node, regulator, noon) -> None:
        run = execute()
        copy = node.home / "systems" / f"{run.sha256}.yml"
        copy.write_text("id: forged", encoding="utf-8")
        assert replaying.replay_run(run=run.uuid, node=node, by=regulator, at=noon).same
        copy.unlink()
        SystemFile.objects.update(content=b"id: forged")
        with pytest.raises(systems.FileChanged, match="restore it"):
            replaying.replay_run(run=run.uuid, node=node, by=regulator, at=noon)

    def test_says_so_when_a_result_it_needs_is_lost(self, execute, node, regulator, noon) -> None:
        first = execute(as_of=date(2026, 2, 1))
        run = execute()
        for path in node.lake.results_file("small", str(first.uuid)):
            Path(path).unlink()
        with pytest.raises(evaluating.ResultsGone, match=str(first.uuid)):
            replaying.replay_run(run=run.uuid, node=node, by=regulator, at=noon)

    def test_works_where_the_lake_is_no_folder(self, execute, node, regulator, noon, monkeypatch) -> None:
        remote = Lake(f"file://{node.lake.place.root}", options={})
        assert not remote.place.is_local
        monkeypatch.setattr(node.lake, "place", remote.place)
        execute(as_of=date(2026, 2, 1))
        run = execute()
        assert grades(regulator, run)["E2"] == "B"
        assert replaying.replay_run(run=run.uuid, node=node, by=regulator, at=noon).same

    def test_is_only_for_runs_that_are_done_and_those_who_conduct_them(
        self, ask, node, regulator, bank, noon
    ) -> None:
        run = ask()
        with pytest.raises(runs.NoResultsYet):
            replaying.replay_run(run=run.uuid, node=node, by=regulator, at=noon)
        with pytest.raises(NotPermitted):
            replaying.replay_run(run=run.uuid, node=node, by=bank, at=noon)
        with pytest.raises(runs.UnknownRun):
            replaying.replay_run(run=uuid4(), node=node, by=regulator, at=noon)


class TestClassifyingFromTheCommandLine:
    def test_tells_the_run_the_grades_and_the_seconds(self, db, node, clock) -> None:
        told = classifying.classify(
            system="small",
            as_of=DAY,
            by=COMMAND_LINE,
            node=node,
            clock=clock,
            file=small.system_file(node.home),
        )
        assert told["grades"] == {"A": 2, "B": 1, "C": 0, "D": 1}
        assert (told["subjects"], told["excluded"], told["as_of"]) == (5, 1, "2026-03-01")
        assert told["seconds"] >= 0
        assert runs.run(told["run"]).state is State.DONE

    def test_takes_up_a_run_that_waits_already(self, ask, node, clock) -> None:
        waiting = ask()
        told = classifying.classify(system="small", as_of=DAY, by=COMMAND_LINE, node=node, clock=clock)
        assert told["run"] == str(waiting.uuid)
