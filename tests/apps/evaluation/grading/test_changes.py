"""A run of changes: few subjects looked at, everyone's result equal bit for bit to that of a full run."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.apps.evaluation.grading import small

from creditmesh.apps.evaluation.grading.models import Run, RunChange
from creditmesh.apps.evaluation.grading.operations import executing, replaying, requesting
from creditmesh.apps.evaluation.grading.operations.changes import reaching
from creditmesh.apps.evaluation.grading.queries import detail, distribution, overlay, runs, standings
from creditmesh.apps.evaluation.grading.queries.standings import Filters, Sort
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.lake.marks import MarkRow
from creditmesh.lake.store import Lake

DAY = date(2026, 3, 1)
TODAY = date(2026, 3, 2)
MANY = [
    {
        "code": f"F{n:02}",
        "name": f"企业{n}",
        "region": f"99012100{n % 3 + 1}",
        "industry": "C1441",
        "legal_representative": f"人{n // 3}",
    }
    for n in range(24)
]


def penalty(code: str, number: str, kind: str = "fine", on: date = date(2026, 2, 1)) -> dict[str, Any]:
    return {"code": code, "number": number, "kind": kind, "fine": 1, "decided_on": on}


def with_many(lake: Lake) -> None:
    small.usual(lake)
    small.land(lake, small.REGISTER, MANY, seq=3)
    small.land(lake, small.PENALTIES, [penalty("F02", "N1", "revocation"), penalty("F09", "N2")], seq=4)


@pytest.fixture
def node(tmp_path: Path):
    return small.small_node(tmp_path, with_many)


@pytest.fixture(autouse=True)
def everything_collected(monkeypatch) -> None:
    monkeypatch.setattr(executing, "collected", lambda *, catalogue: [(code, "") for code in catalogue.items])
    monkeypatch.setattr(reaching, "_most", lambda before, on: 12)


@pytest.fixture
def run(db, node, noon, regulator) -> Callable[..., Run]:
    def running(
        *, as_of: date = DAY, text: str = small.SYSTEM, changes_only: bool = False, on: ThisNode = node
    ) -> Run:
        node = on
        file = small.system_file(node.home, text)
        asked = requesting.request_run(
            system="small",
            as_of=as_of,
            by=regulator,
            node=node,
            at=noon,
            file=file,
            changes_only=changes_only,
        )
        executing.execute_run(run=asked.uuid, node=node, clock=lambda: noon)
        return runs.stored(asked.uuid)

    return running


def listed(viewer, run: Run, **other: Any) -> list[tuple[str, str]]:
    """Return everyone in the order of the list, page by page."""
    found: list[tuple[str, str]] = []
    after = None
    while True:
        page = standings.listing(viewer=viewer, run=run.uuid, filters=Filters(), after=after, size=5, **other)
        found += [(one.subject, one.grade) for one in page.rows]
        after = page.following
        if after is None:
            assert len(found) == page.total
            return found


class TestARunOfChanges:
    def test_looks_at_the_changed_and_their_relations_and_says_of_everyone_what_a_full_run_says(
        self, run, node, regulator
    ) -> None:
        base = run()
        small.land(node.lake, small.PENALTIES, [penalty("F10", "N3", "revocation")], seq=5)
        made = run(changes_only=True)

        assert (made.base, made.amends, made.whole_because) == (base, base, "")
        assert overlay.changed(made, fresh=True) == ["F09", "F10", "F11"]
        assert made.evaluated == 3
        assert made.subjects == base.subjects
        assert dict(listed(regulator, made))["F10"] == "D"
        assert dict(listed(regulator, base))["F10"] == "A"
        assert made.digest == run().digest

    def test_lists_everyone_in_the_order_of_a_full_run(self, run, node, regulator) -> None:
        run()
        changes = [penalty("F10", "N3", "revocation"), penalty("F23", "N4"), penalty("F22", "N5")]
        small.land(node.lake, small.PENALTIES, changes, seq=5)
        made, full = run(changes_only=True), run()

        for sort in Sort:
            assert listed(regulator, made, sort=sort) == listed(regulator, full, sort=sort)
        every = [one.subject for one in standings.every(run=made, filters=Filters(), language="en")]
        assert every == [subject for subject, _ in listed(regulator, full)]
        told = [distribution.distribution(viewer=regulator, run=one.uuid) for one in (made, full)]
        assert told[0].grades == told[1].grades

    def test_builds_on_the_one_before_and_carries_its_changes_over(self, run, node, regulator) -> None:
        base = run()
        small.land(node.lake, small.PENALTIES, [penalty("F10", "N3", "revocation")], seq=5)
        first = run(changes_only=True)
        small.land(node.lake, small.PENALTIES, [penalty("F20", "N4", "revocation")], seq=6)
        second = run(changes_only=True)

        assert (second.base, second.amends) == (base, first)
        assert overlay.changed(second, fresh=True) == ["F18", "F19", "F20"]
        assert overlay.changed(second, fresh=False) == ["F09", "F10", "F11"]
        assert [dict(listed(regulator, second))[one] for one in ("F10", "F20")] == ["D", "D"]
        assert second.digest == run().digest

    def test_follows_a_mark_and_its_end(self, run, node, regulator, noon) -> None:
        def mark(seq: int, kind: str) -> None:
            row = MarkRow(
                seq=seq,
                uuid=str(seq),
                subject="F02",
                item="TST-02",
                key="N1",
                case="c",
                kind=kind,
                why="",
                by="",
                at=noon,
            )
            node.lake.mark([row])

        run()
        mark(1, "stopped")
        stopped = run(changes_only=True)
        mark(2, "")
        again = run(changes_only=True)

        assert dict(listed(regulator, stopped))["F02"] == "A"
        assert dict(listed(regulator, again))["F02"] == "D"
        assert stopped.evaluated == again.evaluated == 3

    def test_of_a_later_day_says_of_the_touched_what_a_full_run_of_that_day_says(self, run, node) -> None:
        base = run(as_of=TODAY - timedelta(30))
        small.land(node.lake, small.PENALTIES, [penalty("F10", "N3", "revocation")], seq=5)
        made, full = run(as_of=TODAY, changes_only=True), run(as_of=TODAY)

        for subject in overlay.changed(made, fresh=True):
            assert overlay.result(made, subject, node=node) == overlay.result(full, subject, node=node)
        assert overlay.result(made, "F00", node=node) == overlay.result(base, "F00", node=node)

    def test_can_be_computed_again_bit_for_bit(self, run, node, regulator, noon) -> None:
        run()
        small.land(node.lake, small.PENALTIES, [penalty("F10", "N3", "revocation")], seq=5)
        first = run(changes_only=True)
        small.land(node.lake, small.PENALTIES, [penalty("F20", "N4", "revocation")], seq=6)
        second = run(changes_only=True)

        for one in (first, second):
            assert replaying.replay_run(run=one.uuid, node=node, by=regulator, at=noon).same

    def test_with_nothing_new_looks_at_nobody(self, run) -> None:
        base = run()
        made = run(changes_only=True)
        assert (made.evaluated, made.digest) == (0, base.digest)

    def test_shows_the_page_of_a_subject_it_says_nothing_about(self, run, node, regulator) -> None:
        run()
        small.land(node.lake, small.PENALTIES, [penalty("F10", "N3", "revocation")], seq=5)
        made = run(changes_only=True)

        touched = detail.detail(viewer=regulator, subject="F10", node=node, run=made.uuid)
        other = detail.detail(viewer=regulator, subject="F02", node=node, run=made.uuid)
        assert (touched.standing.grade, len(touched.history)) == ("D", 2)
        assert (other.standing.grade, len(other.history)) == ("D", 1)
        assert touched.evidence[0].rows[0][1] == "N3"

    def test_forgets_who_left_the_population(self, run, node, regulator) -> None:
        text = small.SYSTEM.replace("{items: [TST-01]}", "{items: [TST-01], where: \"status != 'gone'\"}")
        run(text=text)
        small.land(node.lake, small.REGISTER, [{**MANY[4], "status": "gone"}], seq=5)
        made = run(text=text, changes_only=True)

        assert "F04" not in dict(listed(regulator, made))
        assert overlay.result(made, "F04", node=node) is None
        assert made.digest == run(text=text).digest


CODES = [one["code"] for one in MANY]
decisions = st.builds(
    penalty,
    st.sampled_from([*CODES, "E1", "E5", "Z9"]),
    st.sampled_from(["N1", "N2", *(f"K{n}" for n in range(4))]),
    st.sampled_from(["fine", "revocation", "warning"]),
    st.dates(date(2022, 1, 1), date(2026, 6, 1)),
)
moves = st.builds(
    lambda one, person, status: {**one, "legal_representative": person, "status": status},
    st.sampled_from(MANY),
    st.sampled_from([None, "人0", "人1", "人5", "王一"]),
    st.sampled_from([None, "deregistered"]),
)
stops = st.builds(
    dict, subject=st.sampled_from(["F02", "F09"]), kind=st.sampled_from(["stopped", "contested", ""])
)
landings = st.lists(
    st.lists(decisions, min_size=1, max_size=3, unique_by=lambda one: one["number"])
    | st.lists(moves, min_size=1, max_size=2, unique_by=lambda one: one["code"])
    | stops,
    min_size=1,
    max_size=2,
)
NEAR = (
    small.SYSTEM.replace(
        "    relations: [same_legal_rep]\n    where",
        "    relations: [same_legal_rep]\n    depth: 2\n    where",
    )
    .replace(
        "exclusions:",
        "  peers: {label: {zh: 数, en: n}, take: peers, relations: [same_legal_rep], worse: more}\nexclusions:",
        1,
    )
    .replace("    field: legal_representative\n", "    field: legal_representative\n    at_most: 3\n")
)


@pytest.mark.computed
class TestAnyChange:
    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
    @given(landed=landings)
    def test_gives_everyone_what_a_full_run_gives(
        self, run, tmp_path_factory, noon, landed, monkeypatch
    ) -> None:
        node = small.small_node(tmp_path_factory.mktemp("any"), with_many)
        monkeypatch.setattr(reaching, "_most", lambda before, on: 1000)
        with transaction.atomic():
            base = run(text=NEAR, on=node)
            for seq, rows in enumerate(landed, start=10):
                self.land(node, rows, seq, noon)
                made = run(text=NEAR, on=node, changes_only=True)
            full = run(text=NEAR, on=node)
            kept = set(overlay.changed(made))

            assert made.base == base
            assert made.digest == full.digest
            for subject in [*CODES, "E1", "E2", "E3", "E4", "E5"]:
                if subject not in kept:
                    assert overlay.result(base, subject, node=node) == overlay.result(
                        full, subject, node=node
                    )
            transaction.set_rollback(True)

    @staticmethod
    def land(node, rows, seq: int, noon) -> None:
        if isinstance(rows, dict):
            key = {"F02": "N1", "F09": "N2"}[rows["subject"]]
            node.lake.mark(
                [
                    MarkRow(
                        seq=seq,
                        uuid=str(seq),
                        item="TST-02",
                        key=key,
                        case="c",
                        why="",
                        by="",
                        at=noon,
                        **rows,
                    )
                ]
            )
            return
        small.land(node.lake, small.PENALTIES if "number" in rows[0] else small.REGISTER, rows, seq=seq)


class TestEveryoneIsLookedAtAfterAll:
    def test_when_nothing_was_run_before(self, run) -> None:
        assert run(changes_only=True).whole_because == "first"

    def test_when_the_file_is_another(self, run) -> None:
        run()
        text = small.SYSTEM.replace('version: "1"', 'version: "2"')
        assert run(text=text, changes_only=True).whole_because == "other-file"

    def test_when_a_later_day_was_run(self, run) -> None:
        run(as_of=TODAY)
        assert run(changes_only=True).whole_because == "later-day"

    def test_when_an_item_was_collected_for_the_first_time(self, run, monkeypatch) -> None:
        monkeypatch.setattr(executing, "collected", lambda *, catalogue: [("TST-01", "")])
        run()
        monkeypatch.setattr(executing, "collected", lambda *, catalogue: [("TST-01", ""), ("TST-02", "")])
        assert run(changes_only=True).whole_because == "newly-collected"

    def test_when_too_many_are_touched(self, run, node, monkeypatch) -> None:
        run()
        monkeypatch.undo()
        monkeypatch.setattr(executing, "collected", lambda *, catalogue: [("TST-01", ""), ("TST-02", "")])
        many = [penalty(one["code"], f"M{n}") for n, one in enumerate(MANY[:6])]
        small.land(node.lake, small.PENALTIES, many, seq=5)
        made = run(changes_only=True)
        assert (made.whole_because, made.base, made.evaluated) == ("too-many", None, made.subjects)
        assert not RunChange.objects.exists()
