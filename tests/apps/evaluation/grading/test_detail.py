"""One subject's page: points, reasons, the records behind them, history; every look is in the ledger."""

import json
from datetime import date

import pytest
from tests.apps.evaluation.grading import small

from creditmesh.apps.evaluation.grading.operations import executing, requesting, viewing
from creditmesh.apps.evaluation.grading.queries import detail
from creditmesh.apps.evaluation.grading.rules import Outcome
from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties.rules import NotPermitted


@pytest.fixture
def node(tmp_path, monkeypatch):
    monkeypatch.setattr(executing, "collected", lambda *, catalogue: [(code, "") for code in catalogue.items])
    return small.small_node(tmp_path)


@pytest.fixture
def run(db, node, noon, regulator):
    """Execute the small system as of a day."""

    def executed(as_of: date = date(2026, 3, 1)):
        asked = requesting.request_run(
            system="small", as_of=as_of, by=regulator, node=node, at=noon, file=small.system_file(node.home)
        )
        return executing.execute_run(run=asked.uuid, node=node, clock=lambda: noon)

    return executed


@pytest.fixture
def look(node, noon, regulator):
    def looking(subject: str, *, viewer=regulator, why: str = "inspection 12"):
        return viewing.view_subject(
            viewer=viewer, subject=subject, node=node, at=noon, system="small", why=why
        )

    return looking


class TestASubjectsDetail:
    def test_explains_the_points_down_to_the_records(self, run, look) -> None:
        run()
        seen = look("E3")
        assert (seen.standing.grade, seen.standing.score, seen.explanation.score) == ("B", 350_000, 350_000)
        assert seen.explanation.reasons[0].id == "penalty_count"
        assert seen.explanation.reasons[0].improve.en == "Comply with the decisions"
        assert seen.explanation.differs == ()
        (penalties,) = [one for one in seen.evidence if one.feature == "penalties"]
        number = [column.name for column in penalties.columns].index("number")
        assert [row[number] for row in penalties.rows] == ["P3", "P2"]
        assert penalties.total == 2

    def test_shows_the_record_that_triggered_a_grade(self, run, look) -> None:
        run()
        seen = look("E1")
        assert [one.id for one in seen.explanation.decided] == ["licence_revoked"]
        (trigger,) = [one for one in seen.evidence if one.feature == "revoked_licence"]
        assert trigger.total == 1
        assert "P1" in trigger.rows[0]

    def test_shows_what_excluded_a_subject(self, run, look) -> None:
        run()
        seen = look("E4")
        assert (seen.standing.outcome, seen.standing.triggers) == (Outcome.EXCLUDED, ("deregistered",))
        (status,) = [one for one in seen.evidence if one.feature == "status"]
        assert "deregistered" in status.rows[0]

    def test_shows_records_as_the_run_read_them_not_as_they_are_now(self, run, look, node) -> None:
        run()
        more = small.DECISIONS[1] | {"number": "P9", "decided_on": date(2026, 2, 1)}
        small.land(node.lake, small.PENALTIES, [more], seq=3)
        (penalties,) = [one for one in look("E3").evidence if one.feature == "penalties"]
        assert penalties.total == 2

    def test_hides_personal_data_a_point_does_not_need(self, run, look) -> None:
        run()
        (tie,) = [one for one in look("E1").evidence if one.feature == "related_bad"]
        hidden = [place for place, column in enumerate(tie.columns) if column.hidden]
        assert [tie.columns[place].name for place in hidden] == ["legal_representative"]
        assert [row[place] for row in tie.rows for place in hidden] == [detail.HIDDEN]

    def test_shows_at_most_twenty_records_and_counts_the_rest(self, run, look, node) -> None:
        many = [small.DECISIONS[1] | {"number": f"Q{number:02}"} for number in range(30)]
        small.land(node.lake, small.PENALTIES, many, seq=3)
        run()
        (penalties,) = [one for one in look("E3").evidence if one.feature == "penalties"]
        assert (len(penalties.rows), penalties.total) == (detail.MOST_RECORDS, 32)

    def test_tells_how_it_stood_before(self, run, look) -> None:
        run(date(2025, 11, 15))
        run(date(2026, 2, 1))
        run()
        assert [(one.as_of.isoformat(), one.grade) for one in look("E2").history] == [
            ("2025-11-15", "A"),
            ("2026-02-01", "A"),
            ("2026-03-01", "B"),
        ]

    def test_an_unknown_subject_is_said_to_be_unknown(self, run, look) -> None:
        run()
        with pytest.raises(detail.UnknownStanding, match="name or code"):
            look("E99")

    def test_becomes_plain_data_in_one_language(self, run, look) -> None:
        run()
        told = viewing.as_plain_data(look("E3"), language="en")
        text = json.dumps(told, ensure_ascii=False)
        assert told["standing"]["grade"] == "B"
        assert told["explanation"]["reasons"][0]["sentence"] == "2 penalties"
        assert "行政处罚" not in text


class TestTheLedger:
    def test_says_who_looked_at_whom_and_why(self, run, look) -> None:
        done = run()
        look("E3")
        entry = Entry.objects.get(act="standing.view")
        assert (entry.user_label, entry.object_kind, entry.object_key) == ("林监管", "subject", "E3")
        assert entry.why == f"inspection 12 [small, run {done.uuid}]"

    def test_nobody_else_gets_to_look(self, run, look, operator, bank) -> None:
        run()
        for viewer in (operator, bank):
            with pytest.raises(NotPermitted):
                look("E3", viewer=viewer)
        assert not Entry.objects.filter(act="standing.view").exists()
