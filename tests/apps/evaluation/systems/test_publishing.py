"""Publishing a version: drafts, proposals, other eyes, days, going back."""

import hashlib
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from tests.apps.evaluation.systems.conftest import (
    APPROVER,
    COLLEAGUE,
    EDITOR,
    NOON,
    STRANGER,
    SYSTEM,
    TODAY,
    drafted,
    proposed,
    renamed,
)

from creditmesh.apps.evaluation.systems.models import Version
from creditmesh.apps.evaluation.systems.operations import approving, drafting, proposing, rolling_back
from creditmesh.apps.evaluation.systems.queries import checking, drafts, versions
from creditmesh.apps.evaluation.systems.rules import standing as rules
from creditmesh.apps.evaluation.systems.rules.standing import DraftState, Evidence, Standing
from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties.rules import NotPermitted
from creditmesh.kernel.errors import CreditmeshError

pytestmark = pytest.mark.django_db
SOON = TODAY + timedelta(days=10)


class TestBeforeAnythingIsPublished:
    def test_the_shipped_file_is_version_nought_and_live(self):
        live = versions.live(SYSTEM, TODAY)
        assert (live.number, live.system, live.effective_until) == (0, SYSTEM, None)
        assert live.content.startswith(b"#") or b"id:" in live.content

    def test_nothing_is_live_of_a_system_nobody_knows(self):
        assert versions.live("no-such-system", TODAY) is None


class TestADraft:
    def test_is_a_copy_of_what_is_live_with_its_cases(self):
        made = drafting.copy(system=SYSTEM, by=EDITOR, at=NOON, on=TODAY)
        assert made.content == versions.live(SYSTEM, TODAY).content
        assert made.cases == versions.shipped_cases(SYSTEM) != b""

    def test_of_two_who_edit_it_the_second_is_refused_and_nothing_is_lost(self):
        made = drafting.copy(system=SYSTEM, by=EDITOR, at=NOON, on=TODAY)
        mine, theirs = renamed(made, version="mine"), renamed(made, version="theirs")
        keep = {"draft": made.uuid, "revision": made.revision, "cases": made.cases, "at": NOON}
        drafting.save(content=mine, by=EDITOR, **keep)
        with pytest.raises(rules.ChangedMeanwhile, match="编制员甲 saved this draft after you opened it"):
            drafting.save(content=theirs, by=COLLEAGUE, **keep)
        assert drafts.draft(made.uuid).content == mine

    def test_saved_unchanged_stays_the_same_revision(self):
        made = drafting.copy(system=SYSTEM, by=EDITOR, at=NOON, on=TODAY)
        again = drafting.save(
            draft=made.uuid, revision=1, content=made.content, cases=made.cases, by=EDITOR, at=NOON
        )
        assert again.revision == 1

    def test_is_kept_even_when_it_does_not_load_but_not_proposed(self, catalogue):
        made = drafting.copy(system=SYSTEM, by=EDITOR, at=NOON, on=TODAY)
        broken = drafting.save(
            draft=made.uuid, revision=1, content=b"id: [", cases=made.cases, by=EDITOR, at=NOON
        )
        with pytest.raises(rules.NotSound, match=r"public-credit\.yml:2"):
            proposed(broken, catalogue)

    def test_put_away_is_open_no_more(self):
        made = drafting.copy(system=SYSTEM, by=EDITOR, at=NOON, on=TODAY)
        drafting.discard(draft=made.uuid, by=EDITOR, at=NOON)
        with pytest.raises(rules.NoLongerOpen):
            drafting.discard(draft=made.uuid, by=EDITOR, at=NOON)
        with pytest.raises(rules.NoLongerOpen):
            drafting.save(draft=made.uuid, revision=1, content=b"x", cases=b"", by=EDITOR, at=NOON)
        assert drafts.open_drafts() == []

    def test_is_no_larger_than_the_loader_reads(self):
        made = drafting.copy(system=SYSTEM, by=EDITOR, at=NOON, on=TODAY)
        with pytest.raises(drafting.DraftTooLarge):
            drafting.save(
                draft=made.uuid, revision=1, content=b"#" * 2_000_001, cases=b"", by=EDITOR, at=NOON
            )

    def test_may_be_brought_in_as_a_file(self):
        made = drafting.bring_in(system="learnt", content=b"id: learnt", cases=b"", by=EDITOR, at=NOON)
        assert (made.based_on, made.base_content) == (None, b"")

    @pytest.mark.parametrize("who", [APPROVER, STRANGER])
    def test_is_made_by_those_alone_who_may(self, who):
        with pytest.raises(NotPermitted):
            drafting.copy(system=SYSTEM, by=who, at=NOON, on=TODAY)

    def test_of_something_unknown_is_refused(self):
        with pytest.raises(versions.UnknownVersion):
            drafting.copy(system="no-such-system", by=EDITOR, at=NOON, on=TODAY)
        with pytest.raises(versions.UnknownVersion):
            drafting.copy(system=SYSTEM, by=EDITOR, at=NOON, on=TODAY, number=7)


class TestAProposal:
    def test_needs_a_simulation_of_exactly_its_bytes(self, catalogue):
        draft = drafted(version="2026.2")
        other = Evidence(simulation="x", sha256="0" * 64)
        for evidence in (None, other):
            with pytest.raises(rules.NotSimulated):
                proposing.propose(
                    draft=draft.uuid,
                    evidence=evidence,
                    why="x",
                    starts=TODAY,
                    by=EDITOR,
                    at=NOON,
                    catalogue=catalogue,
                )
        assert drafts.draft(draft.uuid).state is DraftState.OPEN

    def test_needs_a_reason(self, catalogue):
        with pytest.raises(rules.ReasonMissing):
            proposed(drafted(version="2026.2"), catalogue, why="  ")

    def test_needs_a_version_name_no_other_file_has(self, catalogue):
        shipped = versions.live(SYSTEM, TODAY)
        draft = drafted(version=shipped.version)
        changed = drafting.save(
            draft=draft.uuid, revision=draft.revision, content=draft.content + b"\n# other\n",
            cases=draft.cases, by=EDITOR, at=NOON,
        )  # fmt: skip
        with pytest.raises(rules.SameVersionName):
            proposed(changed, catalogue)

    def test_needs_cases_that_come_out(self, catalogue):
        draft = drafted(version="2026.2")
        without = drafting.save(
            draft=draft.uuid, revision=draft.revision, content=draft.content, cases=b"", by=EDITOR, at=NOON
        )
        with pytest.raises(rules.NotSound):
            proposed(without, catalogue)

    def test_cannot_be_valid_in_the_past(self, catalogue):
        with pytest.raises(rules.DaysRefused, match="in the past"):
            proposed(drafted(version="2026.2"), catalogue, starts=TODAY - timedelta(days=1))

    def test_closes_its_draft_until_it_is_declined(self, catalogue):
        draft = drafted(version="2026.2")
        version = proposed(draft, catalogue)
        with pytest.raises(rules.NoLongerOpen):
            proposed(draft, catalogue)
        told = approving.decline(version=version.uuid, by=APPROVER, at=NOON, why="理由不足")
        assert told.standing(TODAY) is Standing.DECLINED
        assert drafts.draft(draft.uuid).state is DraftState.OPEN

    def test_may_be_taken_back_once(self, catalogue):
        version = proposed(drafted(version="2026.2"), catalogue)
        assert proposing.withdraw(version=version.uuid, by=EDITOR, at=NOON).standing(TODAY) is (
            Standing.WITHDRAWN
        )
        with pytest.raises(rules.NoLongerOpen):
            proposing.withdraw(version=version.uuid, by=EDITOR, at=NOON)
        with pytest.raises(rules.NoLongerOpen):
            approving.approve(version=version.uuid, by=APPROVER, at=NOON)


class TestAnApproval:
    def test_makes_the_version_live_and_ends_the_one_before(self, catalogue):
        first = approving.approve(
            version=proposed(drafted(version="2026.2"), catalogue).uuid, by=APPROVER, at=NOON
        )
        second = proposed(drafted(version="2026.3"), catalogue, starts=SOON)
        approving.approve(version=second.uuid, by=APPROVER, at=NOON)
        assert versions.live(SYSTEM, TODAY - timedelta(days=1)).effective_until == TODAY
        assert [versions.live(SYSTEM, on).version for on in (TODAY, SOON)] == ["2026.2", "2026.3"]
        assert versions.version(first.uuid).effective_until == SOON
        assert versions.version(first.uuid).standing(SOON) is Standing.RETIRED
        assert versions.version(second.uuid).standing(TODAY) is Standing.SCHEDULED

    def test_by_a_hand_that_wrote_or_changed_it_is_refused(self, catalogue):
        both = drafted(version="2026.2", by=COLLEAGUE)
        version = proposed(both, catalogue)
        with pytest.raises(rules.SameEyes):
            approving.approve(version=version.uuid, by=COLLEAGUE, at=NOON)
        touched = drafted(version="2026.3")
        touched = drafting.save(
            draft=touched.uuid, revision=touched.revision, content=touched.content + b"\n# \xe6\x94\xb9\n",
            cases=touched.cases, by=COLLEAGUE, at=NOON,
        )  # fmt: skip
        with pytest.raises(rules.SameEyes):
            approving.approve(version=proposed(touched, catalogue).uuid, by=COLLEAGUE, at=NOON)

    def test_by_the_same_hand_is_refused_by_the_database_too(self, catalogue):
        version = proposed(drafted(version="2026.2"), catalogue)
        row = Version.objects.filter(uuid=version.uuid)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(state="approved", decided_by="user:1", effective_from=TODAY)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(state="approved", decided_by="", effective_from=TODAY)

    def test_of_two_on_the_same_days_is_refused_by_rule_and_by_the_database(self, catalogue):
        later = proposed(drafted(version="2026.2"), catalogue, starts=SOON)
        approving.approve(version=later.uuid, by=APPROVER, at=NOON)
        sooner = proposed(drafted(version="2026.3"), catalogue)
        with pytest.raises(rules.TwoValidAtOnce, match=f"approved to start on {SOON}"):
            approving.approve(version=sooner.uuid, by=APPROVER, at=NOON)
        with pytest.raises(IntegrityError), transaction.atomic():
            Version.objects.filter(uuid=sooner.uuid).update(
                state="approved", decided_by="user:3", effective_from=SOON, effective_until=date(2027, 6, 1)
            )

    def test_of_two_from_one_day_the_one_approved_last_counts_everywhere(self, catalogue):
        first, second = (proposed(drafted(version=name), catalogue) for name in ("2026.2", "2026.3"))
        for one in (second, first):
            approving.approve(version=one.uuid, by=APPROVER, at=NOON)
        assert versions.live(SYSTEM, TODAY).sha256 == first.sha256
        assert versions.published(TODAY) == {SYSTEM: first.sha256}

    def test_leaves_a_gap_when_the_last_version_ends(self, catalogue):
        version = proposed(drafted(version="2026.2"), catalogue, ends=SOON)
        approving.approve(version=version.uuid, by=APPROVER, at=NOON)
        assert versions.live(SYSTEM, SOON) is None
        assert SYSTEM in versions.names()

    def test_of_a_shadow_ends_nothing_and_decides_nothing(self, catalogue):
        version = proposed(drafted(version="2026.2"), catalogue, shadow=True)
        told = approving.approve(version=version.uuid, by=APPROVER, at=NOON)
        assert told.standing(TODAY) is Standing.SHADOW
        assert versions.live(SYSTEM, TODAY).number == 0
        assert [one.uuid for one in versions.shadows(SYSTEM, TODAY)] == [version.uuid]

    def test_late_starts_today_and_never_before(self, catalogue):
        version = proposed(drafted(version="2026.2"), catalogue)
        late = NOON + timedelta(days=5)
        told = approving.approve(version=version.uuid, by=APPROVER, at=late)
        assert told.effective_from == TODAY + timedelta(days=5)

    def test_that_comes_after_its_last_day_is_refused_and_ends_nothing(self, catalogue):
        approving.approve(version=proposed(drafted(version="2026.2"), catalogue).uuid, by=APPROVER, at=NOON)
        version = proposed(drafted(version="2026.3"), catalogue, ends=SOON)
        for late in (10, 11):
            with pytest.raises(rules.DaysRefused, match="must end after that day"):
                approving.approve(version=version.uuid, by=APPROVER, at=NOON + timedelta(days=late))
        assert versions.live(SYSTEM, SOON).version == "2026.2"

    def test_stands_in_the_ledger_with_the_hash_of_the_bytes(self, catalogue):
        version = proposed(drafted(version="2026.2"), catalogue)
        approving.approve(version=version.uuid, by=APPROVER, at=NOON)
        acts = [one.act for one in Entry.objects.order_by("id")]
        assert acts == ["system.draft", "system.edit", "system.propose", "system.approve"]
        assert version.sha256 in Entry.objects.order_by("-id")[0].details

    def test_never_changes_the_bytes(self, catalogue):
        version = proposed(drafted(version="2026.2"), catalogue)
        with pytest.raises(IntegrityError), transaction.atomic():
            Version.objects.filter(uuid=version.uuid).update(content=b"other")


class TestASystemOfOthers:
    def publish(self, system, content):
        Version.objects.create(
            uuid=uuid4(), system=system, number=1, name="2026.9", content=content,
            sha256=hashlib.sha256(content).hexdigest(), state="approved", author="user:1",
            proposed_by="user:1", decided_by="user:3", proposed_at=NOON, wanted_from=TODAY,
            effective_from=TODAY,
        )  # fmt: skip

    def rules(self, content, catalogue):
        name = "integrated-supervision"
        found = checking.check(system=name, content=content, cases=b"", catalogue=catalogue, on=TODAY)
        return {one.rule for one in found.problems}

    def test_is_held_against_the_parts_as_they_are_valid_here(self, catalogue):
        shipped = versions.shipped_version("integrated-supervision").content
        general = versions.shipped_version("general").content
        wider = shipped.replace(b"scale: 1000", b"scale: 2000", 1)
        assert (self.rules(shipped, catalogue), self.rules(wider, catalogue)) == (set(), {"part-differs"})
        self.publish("general", general.replace(b"scale: 1000", b"scale: 2000", 1))
        assert (self.rules(shipped, catalogue), self.rules(wider, catalogue)) == ({"part-differs"}, set())

    def test_may_have_a_part_that_only_this_node_has(self, catalogue):
        shipped = versions.shipped_version("integrated-supervision").content
        own = shipped.replace(b"system: food-production-2016", b"system: own-food", 1)
        assert self.rules(own, catalogue) == {"unknown-system"}
        food = versions.shipped_version("food-production-2016").content
        self.publish("own-food", food.replace(b"id: food-production-2016", b"id: own-food", 1))
        assert self.rules(own, catalogue) == set()


class TestRollingBack:
    def test_brings_the_earlier_bytes_back_with_other_eyes(self, catalogue):
        shipped = versions.live(SYSTEM, TODAY)
        approving.approve(version=proposed(drafted(version="2026.2"), catalogue).uuid, by=APPROVER, at=NOON)
        back = rolling_back.roll_back(system=SYSTEM, to=0, why="新版有误", by=EDITOR, at=NOON)
        assert versions.live(SYSTEM, TODAY).version == "2026.2"
        with pytest.raises(CreditmeshError):
            approving.approve(version=back.uuid, by=EDITOR, at=NOON)
        approving.approve(version=back.uuid, by=APPROVER, at=NOON)
        live = versions.live(SYSTEM, TODAY)
        assert (live.sha256, live.number) == (shipped.sha256, 2)
        again = rolling_back.roll_back(system=SYSTEM, to=1, why="仍用新版", by=EDITOR, at=NOON, starts=SOON)
        assert again.name == "2026.2"

    def test_ends_when_the_file_gone_back_to_says_so(self, catalogue):
        draft = drafted(version="2026.2")
        content = draft.text.replace("effective_until: null", f"effective_until: {SOON}").encode()
        short = drafting.save(
            draft=draft.uuid, revision=draft.revision, content=content, cases=draft.cases, by=EDITOR, at=NOON
        )
        for one in (proposed(short, catalogue, ends=SOON), proposed(drafted(version="2026.3"), catalogue)):
            approving.approve(version=one.uuid, by=APPROVER, at=NOON)
        back = rolling_back.roll_back(system=SYSTEM, to=1, why="新版有误", by=EDITOR, at=NOON)
        approving.approve(version=back.uuid, by=APPROVER, at=NOON)
        live = versions.live(SYSTEM, TODAY)
        assert (live.version, live.effective_until) == ("2026.2", SOON)
        assert versions.live(SYSTEM, SOON) is None
        with pytest.raises(rules.DaysRefused):
            rolling_back.roll_back(system=SYSTEM, to=1, why="x", by=EDITOR, at=NOON, starts=SOON)

    def test_needs_a_reason_and_something_to_go_back_to(self):
        with pytest.raises(rules.ReasonMissing):
            rolling_back.roll_back(system=SYSTEM, to=0, why="", by=EDITOR, at=NOON)
        with pytest.raises(rules.NoLongerOpen):
            rolling_back.roll_back(system=SYSTEM, to=0, why="x", by=EDITOR, at=NOON)
        with pytest.raises(rules.DaysRefused):
            rolling_back.roll_back(
                system=SYSTEM, to=0, why="x", by=EDITOR, at=NOON, starts=TODAY - timedelta(days=1)
            )
        with pytest.raises(versions.UnknownVersion):
            rolling_back.roll_back(system=SYSTEM, to=5, why="x", by=EDITOR, at=NOON)
        with pytest.raises(versions.UnknownVersion):
            rolling_back.roll_back(system="no-such", to=0, why="x", by=EDITOR, at=NOON)
