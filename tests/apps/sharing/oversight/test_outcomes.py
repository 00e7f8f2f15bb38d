"""What followed an inquiry: declared by the institution, proved by facts, counted, judged."""

from datetime import timedelta

import pytest
from tests.apps.sharing.oversight.conftest import MILL

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.audit.rules import WORKER
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, NotPermitted
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.members.institutions.operations import suspending
from creditmesh.apps.sharing.disclosure.rules.questions import UnknownInquiry
from creditmesh.apps.sharing.oversight.models import Declaration, Followed
from creditmesh.apps.sharing.oversight.operations import declaring, exporting, facts, judging
from creditmesh.apps.sharing.oversight.operations.facts import Happened
from creditmesh.apps.sharing.oversight.queries import counting, lines
from creditmesh.apps.sharing.oversight.rules import Act, Kind, Level, Rest, WrongOutcome

pytestmark = pytest.mark.django_db


def happened(region, *, kind=Kind.GRANTED, reference="L-1", days=0, institution="north"):
    fact = Happened(
        source="financing",
        reference=reference,
        kind=kind,
        institution=institution,
        subject=MILL,
        occurred_at=region.at + timedelta(days=days),
    )
    return facts.record(fact, by=WORKER, node=region.node, at=region.at)


class TestADeclaration:
    def test_stands_behind_its_inquiry_and_is_written_down(self, region, bank):
        (inquiry,) = region.asked(bank)
        region.says(bank, inquiry)
        assert region.standing(bank).tally.behind == 1
        (entry,) = [one for one in ledger.ledger_page().lines if one.act == "outcome.declare"]
        assert (entry.object_key, entry.why) == (str(inquiry), "applied")

    def test_may_be_changed_and_the_latest_counts(self, region, bank):
        (inquiry,) = region.asked(bank)
        for kind in (Kind.APPLIED, Kind.APPLIED, Kind.NO_BUSINESS):
            region.says(bank, inquiry, kind)
        assert region.standing(bank).tally.empty == 1
        assert Declaration.objects.count() == 2

    def test_is_not_changed_without_end(self, region, bank):
        (inquiry,) = region.asked(bank)
        for number in range(declaring.MOST_DECLARATIONS):
            region.says(bank, inquiry, reference=str(number))
        with pytest.raises(WrongOutcome, match="too often"):
            region.says(bank, inquiry, reference="more")

    def test_for_another_bank_is_refused_as_if_there_were_none(self, region, bank, other):
        (inquiry,) = region.asked(bank)
        with pytest.raises(UnknownInquiry):
            region.says(other, inquiry)
        with pytest.raises(NotPermitted):
            region.says(COMMAND_LINE, inquiry)

    @pytest.mark.parametrize("asked", [{"outcome": "refused"}, {"mode": "OPEN"}, {"mode": "GOV"}])
    def test_is_for_answered_inquiries_on_an_authorisation(self, region, bank, asked):
        (inquiry,) = region.asked(bank, **asked)
        with pytest.raises(WrongOutcome):
            region.says(bank, inquiry)


class TestAFact:
    def test_stands_behind_the_inquiries_that_came_before_it(self, region, bank, other):
        (before,) = region.asked(bank, ago=10)
        region.asked(bank, ago=91)
        region.asked(bank, ago=-1)
        region.asked(bank, subject="91X")
        region.asked(other)
        assert happened(region) == 1
        assert {row.inquiry: row.rest for row in Followed.objects.all()} == {before: Rest.FACT}

    def test_told_twice_counts_once(self, region, bank):
        region.asked(bank)
        assert (happened(region), happened(region)) == (1, 0)

    def test_stands_above_what_was_declared_before_and_after(self, region, bank):
        (inquiry,) = region.asked(bank)
        region.says(bank, inquiry, Kind.NO_BUSINESS)
        happened(region)
        region.says(bank, inquiry, Kind.ERROR)
        row = Followed.objects.get()
        assert (row.kind, row.reference, row.rest) == (Kind.GRANTED, "L-1", Rest.FACT)
        assert Declaration.objects.count() == 2


class TestAFile:
    def test_declares_many_and_names_what_failed(self, region, bank, other):
        mine, unknown = region.asked(bank, 4), region.asked(other)
        rows = [
            f"{mine[0]},granted,L-1",
            f"{mine[1]},贷后监测,L-2",
            f"{mine[2]},,",
            f"{mine[3]},monitored,",
            f"{unknown[0]},granted,",
            "=1+1,granted,",
        ]
        text = "查询编号,结果,业务编号\n" + "\n".join(rows)
        taken = declaring.declare_file(text.encode("gb18030"), by=bank, at=region.at)
        assert (taken.taken, [one.number for one in taken.failed]) == (2, [5, 6, 7])
        assert [one.refusal.code for one in taken.failed] == [
            "wrong-outcome",
            "unknown-inquiry",
            "unknown-inquiry",
        ]

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"a,b\n1,2\n",
            b"\xff\xfe\x00\x01\xff",
            b'inquiry,outcome\n"open',
            b"x" * (2 * 1024 * 1024 + 1),
            b"inquiry,outcome\n" + b"a,\n" * 5001,
        ],
        ids=["empty", "columns", "bytes", "quote", "large", "long"],
    )
    def test_that_cannot_be_read_is_refused_whole(self, region, bank, content):
        with pytest.raises(declaring.UnreadableOutcomes):
            declaring.declare_file(content, by=bank, at=region.at)

    def test_goes_out_to_fill_in_and_comes_back(self, region, bank):
        region.asked(bank, 3, subject="=cmd|calc")
        text = exporting.to_fill_in(by=bank, limits=region.limits, at=region.at)
        assert "'=cmd|calc" in text
        filled = text.replace(",,,", ",no-business,,")
        assert declaring.declare_file(filled.encode(), by=bank, at=region.at).taken == 3
        assert region.standing(bank).tally.empty == 3


class TestTheReport:
    def test_tells_waiting_from_overdue_on_the_day(self, region, bank):
        region.asked(bank, ago=90)
        region.asked(bank, ago=91)
        tally = region.standing(bank).tally
        assert (tally.waiting, tally.overdue) == (1, 1)

    def test_leaves_out_what_needs_no_purpose(self, region, bank):
        region.asked(bank, mode="OPEN", ago=100)
        region.asked(bank, outcome="refused", ago=100)
        region.asked(bank, sandbox=True, ago=100)
        region.asked(bank, ago=400)
        assert region.standing(bank).tally.asked == 0

    def test_is_by_person_and_program(self, region, bank):
        li = region.person("north", user_id=7, label="李")
        renamed = region.person("north", user_id=7, label="李明")
        program = region.person("north", label="贷款系统", client="abc")
        region.asked(li, 2, ago=100)
        region.asked(renamed, 1, ago=100)
        region.asked(program, 1)
        users = counting.by_user(
            "north", limits=region.limits, since=region.at - timedelta(days=365), at=region.at
        )
        assert [(one.client, one.tally.overdue, one.tally.waiting) for one in users] == [
            ("", 3, 0),
            ("abc", 0, 1),
        ]

    def test_shows_how_long_they_wait(self, region, bank):
        for ago in (1, 30, 45, 75, 100, 200):
            region.asked(bank, ago=ago)
        since = region.at - timedelta(days=365)
        assert counting.ages("north", since=since, at=region.at) == (1, 2, 1, 2)

    def test_lists_those_with_nothing_behind_oldest_first(self, region, bank):
        (empty,) = region.asked(bank, ago=5)
        region.says(bank, empty, Kind.ERROR)
        region.asked(bank, ago=3)
        (old,) = region.asked(bank, ago=120)
        page = lines.nothing_behind(
            "north", limits=region.limits, since=region.at - timedelta(days=365), at=region.at
        )
        assert [(one.uuid, one.overdue, one.kind) for one in page.lines] == [
            (old, True, None),
            (empty, False, Kind.ERROR),
        ]

    def test_asks_the_database_as_often_for_many_as_for_few(self, region, bank, count_queries):
        region.asked(bank, 200, ago=100)
        with count_queries(8):
            counting.standings(node=region.node, at=region.at)

    def test_is_taken_along_with_a_reason(self, region, bank):
        region.asked(bank, ago=100)
        with pytest.raises(exporting.WhyMissing):
            exporting.nothing_behind("north", by=COMMAND_LINE, why=" ", limits=region.limits, at=region.at)
        text = exporting.nothing_behind(
            "north", by=COMMAND_LINE, why="检查", limits=region.limits, at=region.at
        )
        assert len(text.splitlines()) == 2
        with pytest.raises(NotPermitted):
            exporting.nothing_behind("north", by=bank, why="x", limits=region.limits, at=region.at)


class TestThresholds:
    def test_warn_then_suspend_then_a_person_decides(self, region, bank):
        region.asked(bank, 20, ago=100)
        assert region.judged() == {"north": Act.WARNED}
        assert region.judged(days=13) == {}
        assert region.judged(days=1) == {"north": Act.SUSPENDED}
        assert not institutions.institution("north").active
        assert region.judged(days=1) == {}
        kinds = [one.kind for one in institutions.inbox(institution="north").notices]
        assert kinds == ["institution.suspended", "oversight.warned"]

        judging.resume("north", why="补报材料已核实", by=COMMAND_LINE, at=region.at)
        assert institutions.institution("north").active
        assert region.judged(days=30) == {}
        assert region.standing(bank).level is Level.TOO_FEW
        assert [one.act for one in counting.measures("north")] == [Act.RESUMED, Act.SUSPENDED, Act.WARNED]

    def test_leave_alone_who_declares_after_the_warning(self, region, bank):
        inquiries = region.asked(bank, 20, ago=100)
        region.judged()
        for inquiry in inquiries:
            region.says(bank, inquiry)
        assert region.judged(days=14) == {"north": Act.CLEARED}
        assert region.judged(days=1) == {}

    def test_leave_alone_what_a_person_has_decided_on(self, region, bank):
        for inquiry in region.asked(bank, 20, ago=1):
            region.says(bank, inquiry, Kind.NO_BUSINESS)
        region.judged()
        assert region.judged(days=14) == {"north": Act.SUSPENDED}
        judging.resume("north", why="已经整改", by=COMMAND_LINE, at=region.at)

        assert region.judged(days=1) == {}
        assert region.standing(bank).tally.judged == 0
        region.says(bank, region.asked(bank)[0], Kind.NO_BUSINESS)
        assert region.standing(bank).tally.nothing == 1

    def test_pass_over_sandboxes(self, region):
        tried = region.bank("sandbox", sandbox=True)
        region.asked(tried, 50, ago=100)
        assert region.judged() == {}
        assert counting.standings(node=region.node, at=region.at) == ()

    def test_take_a_resumption_elsewhere_for_a_persons_decision(self, region, bank):
        region.asked(bank, 20, ago=100)
        region.judged()
        region.judged(days=14)
        suspending.resume(institution="north", why="x", by=COMMAND_LINE.who(), at=region.at)
        assert region.judged(days=1) == {}
        assert institutions.institution("north").active

    def test_are_lifted_by_those_who_may_with_a_reason(self, region, bank):
        with pytest.raises(judging.NotSuspended):
            judging.resume("north", why="x", by=COMMAND_LINE, at=region.at)
        with pytest.raises(judging.NoReason):
            judging.resume("north", why=" ", by=COMMAND_LINE, at=region.at)
        with pytest.raises(NotPermitted):
            judging.resume("north", why="x", by=bank, at=region.at)
