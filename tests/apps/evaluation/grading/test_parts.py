"""A system that takes the result of another along: which run of it, refused without one, the same when repeated."""

import shlex
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from tests.apps.evaluation.grading import small
from typer.main import get_command

from creditmesh.apps.evaluation.grading.models import Adjustment, RunPart
from creditmesh.apps.evaluation.grading.operations import adjusting, executing, replaying, requesting
from creditmesh.apps.evaluation.grading.queries import adjustments, detail, parts, standings
from creditmesh.apps.evaluation.grading.queries.standings import Filters
from creditmesh.apps.evaluation.grading.rules import AdjustmentState
from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties.rules import Actor, NotPermitted, Role
from creditmesh.cli.main import app

DAY = date(2026, 3, 1)
TODAY = date(2026, 3, 2)
GENERAL = small.SYSTEM.replace("id: small", "id: other")
COMBINED = (
    small.SYSTEM
    + """
adjustments: {better: 1, worse: 1}
combination:
  own_label: {zh: 专业, en: professional}
  parts:
    other:
      label: {zh: 通用, en: general}
      system: other
      scale: 1000
      direction: higher_is_worse
      grades: [A, B, C, D]
      missing: skip
  steps:
    - id: whole
      label: {zh: 综合, en: whole}
      weighted: {parts: [{of: other, weight: 5000}, {of: own, weight: 5000}]}
"""
)
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


@pytest.fixture
def node(tmp_path: Path):
    (tmp_path / "other.yml").write_text(GENERAL, encoding="utf-8")
    return small.small_node(tmp_path)


@pytest.fixture(autouse=True)
def everything_collected(monkeypatch) -> None:
    """The small node's records were landed without batches in the database."""
    monkeypatch.setattr(executing, "collected", lambda *, catalogue: [(code, "") for code in catalogue.items])


@pytest.fixture
def run(db, node, noon, regulator):
    """Run the combined system, or the one it takes along."""

    def running(system: str = "small", text: str = COMBINED, *, as_of: date = DAY):
        file = node.home / f"{system}.yml"
        file.write_text(GENERAL if system == "other" else text, encoding="utf-8")
        asked = requesting.request_run(
            system=system, as_of=as_of, by=regulator, node=node, at=noon, file=file
        )
        return executing.execute_run(run=asked.uuid, node=node, clock=lambda: noon)

    return running


def grades(viewer, run) -> dict[str, str]:
    page = standings.listing(viewer=viewer, run=run.uuid, filters=Filters())
    return {one.subject: one.grade for one in page.rows}


class TestARunWithAPart:
    def test_is_refused_while_the_other_system_has_no_result(self, run) -> None:
        with pytest.raises(parts.NoRunOfPart, match="classify other --as-of 2026-03-01") as refused:
            run()
        # what it tells to type is a command there is
        words = shlex.split(str(refused.value).partition("creditmesh ")[2])
        understood = get_command(app).commands[words[0]].make_context(words[0], words[1:]).params
        assert (understood["systems"], understood["as_of"].date()) == (["other"], date(2026, 3, 1))

    def test_takes_the_latest_of_that_day_or_before(self, run) -> None:
        early, wanted = run("other", as_of=DAY - timedelta(40)), run("other", as_of=DAY - timedelta(1))
        run("other", as_of=TODAY)
        made = run()

        assert [one.source.uuid for one in RunPart.objects.filter(run__uuid=made.uuid)] == [wanted.uuid]
        assert early.uuid != wanted.uuid

    def test_is_refused_when_the_other_was_run_as_something_else(self, run, node) -> None:
        run("other")
        (node.home / "other.yml").write_text(
            GENERAL.replace("symbol: D,", "symbol: E,")
            .replace("grade: D", "grade: E")
            .replace("['D']", "['E']"),
            encoding="utf-8",
        )
        with pytest.raises(parts.PartDiffers, match=r"Write `grades: \[A, B, C, D\]`"):
            run(text=COMBINED.replace("[A, B, C, D]", "[A, B, C, E]"))

    def test_can_be_repeated_bit_for_bit_and_explained(self, run, node, regulator, noon) -> None:
        other = run("other")
        made = run()
        again = replaying.replay_run(run=made.uuid, node=node, by=regulator, at=noon)
        seen = detail.detail(viewer=regulator, subject="E3", node=node, run=made.uuid)

        assert again.same
        assert [(one.name, one.run, one.system) for one in seen.parts] == [("other", other.uuid, "other")]
        [step] = seen.explanation.combined
        assert step.words.en.startswith("general 350 × 0.5 + professional 350 × 0.5 = 350")


class TestAnAdjustment:
    @pytest.fixture
    def colleague(self) -> Actor:
        return Actor(user_id=8, label="周复核", organisation="reg", roles=frozenset({Role.REGULATOR}))

    @pytest.fixture
    def propose(self, run, node, noon, regulator):
        run("other")
        run()

        def proposing(**other):
            asked = {
                "system": "small",
                "subject": "E3",
                "steps": 1,
                "reason": "新的线索",
                "expires_on": date(2026, 9, 1),
            }
            return adjusting.propose(
                asked=adjustments.Asked(**(asked | other)), content=BytesIO(PDF), filename="证据.pdf", by=regulator,
                node=node, at=noon,
            )  # fmt: skip

        return proposing

    def test_moves_the_grade_of_later_runs_once_another_approved_it(
        self, propose, run, node, noon, regulator, colleague
    ) -> None:
        made = propose()
        before = grades(regulator, run())
        assert (made.state, made.name, made.file_name) == (AdjustmentState.PROPOSED, "山口农机", "证据.pdf")
        assert grades(regulator, run(as_of=TODAY)) == before
        approved = adjusting.approve(adjustment=made.uuid, by=colleague, at=noon)
        after = run(as_of=TODAY)

        assert approved.counts(TODAY)
        assert not approved.counts(DAY)
        assert (before["E3"], grades(regulator, after)["E3"]) == ("B", "C")
        adjusting.withdraw(adjustment=made.uuid, by=regulator, at=noon, why="线索不实")
        assert replaying.replay_run(run=after.uuid, node=node, by=regulator, at=noon).same
        seen = detail.detail(viewer=regulator, subject="E3", node=node, run=after.uuid)
        assert (seen.explanation.moved.words.en, seen.adjustment.uuid) == (
            "adjusted by people: 1 grade worse, B → C",
            made.uuid,
        )
        assert grades(regulator, run(as_of=TODAY)) == before
        assert [one.act for one in Entry.objects.filter(act__startswith="adjustment").order_by("id")] == [
            "adjustment.propose",
            "adjustment.approve",
            "adjustment.withdraw",
        ]

    def test_is_never_decided_by_who_proposed_it(self, propose, noon, regulator) -> None:
        made = propose()

        with pytest.raises(adjusting.SameHands):
            adjusting.approve(adjustment=made.uuid, by=regulator, at=noon)
        with pytest.raises(IntegrityError), transaction.atomic():
            Adjustment.objects.filter(uuid=made.uuid).update(state="approved", decided_by="user:7")
        with pytest.raises(IntegrityError), transaction.atomic():
            Adjustment.objects.filter(uuid=made.uuid).update(state="approved", decided_by="")

    @pytest.mark.parametrize(
        ("other", "error"),
        [
            ({"steps": 2}, adjusting.NotAdjustable),
            ({"steps": 0}, adjusting.NotAdjustable),
            ({"expires_on": date(2026, 9, 3)}, adjusting.WrongExpiry),
            ({"expires_on": TODAY}, adjusting.WrongExpiry),
            ({"subject": "E9"}, detail.UnknownStanding),
            ({"system": "other"}, adjusting.NotAdjustable),
            ({"reason": "  "}, adjusting.ReasonNeeded),
        ],
    )
    def test_is_refused(self, propose, other, error) -> None:
        with pytest.raises(error):
            propose(**other)

    def test_stands_alone_for_its_subject(self, propose, noon, colleague) -> None:
        made = propose()
        with pytest.raises(adjusting.AlreadyAdjusted):
            propose()
        adjusting.approve(adjustment=made.uuid, by=colleague, at=noon)
        with pytest.raises(adjusting.AlreadyAdjusted):
            propose()
        with pytest.raises(adjusting.AdjustmentClosed):
            adjusting.refuse(adjustment=made.uuid, by=colleague, at=noon, why="x")

    def test_is_refused_with_a_reason_and_then_over(self, propose, noon, regulator, colleague) -> None:
        made = propose()
        with pytest.raises(adjusting.ReasonNeeded):
            adjusting.refuse(adjustment=made.uuid, by=colleague, at=noon, why="")
        refused = adjusting.refuse(adjustment=made.uuid, by=colleague, at=noon, why="证据不足")

        assert (refused.state, refused.decision) == (AdjustmentState.REFUSED, "证据不足")
        with pytest.raises(adjusting.AdjustmentClosed):
            adjusting.withdraw(adjustment=made.uuid, by=regulator, at=noon, why="x")
        listed = adjustments.listing(
            viewer=regulator, system="small", subject="E3", state=AdjustmentState.REFUSED
        )
        assert [one.uuid for one in listed] == [made.uuid]

    def test_cannot_be_approved_after_its_end(self, propose, noon, colleague) -> None:
        made = propose()
        with pytest.raises(adjusting.WrongExpiry):
            adjusting.approve(adjustment=made.uuid, by=colleague, at=noon + timedelta(200))
        ended = adjusting.withdraw(adjustment=made.uuid, by=colleague, at=noon, why="改提")
        assert ended.state is AdjustmentState.WITHDRAWN
        assert not ended.counts(TODAY)

    def test_shows_its_evidence_to_those_who_may_see_it(self, propose, node, noon, colleague, bank) -> None:
        made = propose()
        opened = adjusting.open_evidence(made.uuid, by=colleague, node=node, at=noon)

        assert opened.path.read_bytes() == PDF
        opened.path.unlink()
        with pytest.raises(adjustments.UnknownAdjustment):
            adjusting.open_evidence(made.uuid, by=colleague, node=node, at=noon)
        with pytest.raises(NotPermitted):
            adjustments.one(made.uuid, viewer=bank)
        with pytest.raises(NotPermitted):
            adjustments.listing(viewer=bank)
