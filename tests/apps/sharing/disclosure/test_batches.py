"""Lists of inquiries: each line decided for itself, answered once, taken up again after a death."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.apps.sharing.disclosure.county import EAST, NORTH, Town

from creditmesh.apps.ground.audit.models import Entry, Event
from creditmesh.apps.ground.parties.models import Membership
from creditmesh.apps.sharing.authorisations.operations import withdrawing
from creditmesh.apps.sharing.disclosure.models import Inquiry, InquiryLine
from creditmesh.apps.sharing.disclosure.operations import batches
from creditmesh.apps.sharing.disclosure.operations.settling import DOOR
from creditmesh.apps.sharing.disclosure.queries import lists, places
from creditmesh.apps.sharing.disclosure.rules.batches import (
    ListOfAnother,
    ListTooLong,
    ResultsExpired,
    UnknownInquiryBatch,
)
from creditmesh.catalogue.model import Mode


def handed_in(town: Town, *lines, at, by=None, mode=Mode.AUTH):
    asked = tuple(
        batches.AskedLine(subject=subject, authorisation=uuid, items=("TAX-02",)) for subject, uuid in lines
    )
    return batches.hand_in(
        by or town.bank, batches.AskedBatch(mode=mode, purpose="pre-loan", lines=asked), at=at
    )


class TestAList:
    def test_is_answered_line_by_line_and_some_lines_are_refused(self, town: Town, at) -> None:
        uuid = handed_in(town, (EAST, town.granted()), (NORTH, uuid4()), (EAST, town.granted()), at=at)
        assert Event.objects.filter(name="inquiry-batch.received", key=str(uuid)).exists()
        assert batches.run(uuid, clock=lambda: at) == 3
        state = lists.batch(uuid=uuid, institution="BANK")
        assert (state.state, state.answered, state.refused, state.progress) == ("done", 2, 1, 100)
        told = places.with_places(lists.results(uuid=uuid, by=town.bank, at=at))
        assert [(one["state"], one["refusal"]) for one in told] == [
            ("answered", ""), ("refused", "not-authorised"), ("answered", ""),
        ]  # fmt: skip
        assert told[0]["answer"]["blocks"][0]["records"]
        entry = Entry.objects.get(uuid=told[0]["ledger"]["entry"])
        assert json.loads(entry.details)["answer_digest"] == told[0]["answer_digest"]

    def test_goes_on_after_a_death_and_answers_no_line_twice(self, town: Town, at, monkeypatch) -> None:
        monkeypatch.setattr(batches, "CHUNK", 2)
        uuid = handed_in(town, *[(EAST, town.granted()) for _ in range(5)], at=at)
        original, left = DOOR.submit_all, [1]

        def dying(intents):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return original(intents)

        monkeypatch.setattr(DOOR, "submit_all", dying)
        with pytest.raises(KeyboardInterrupt):
            batches.run(uuid, clock=lambda: at)
        assert Inquiry.objects.count() == 2
        monkeypatch.setattr(DOOR, "submit_all", original)
        assert batches.unfinished() == [uuid]
        assert batches.run(uuid, clock=lambda: at) == 3
        assert batches.run(uuid, clock=lambda: at) == 0
        assert Inquiry.objects.count() == 5
        assert len({one.inquiry for one in InquiryLine.objects.all()}) == 5

    def test_stops_where_another_worker_was_faster(self, town: Town, at, monkeypatch) -> None:
        uuid = handed_in(town, (EAST, town.granted()), at=at)
        original = batches._intent

        def overtaken(*args, **kwargs):
            made = original(*args, **kwargs)
            InquiryLine.objects.update(state="answered", answer="{}")
            return made

        monkeypatch.setattr(batches, "_intent", overtaken)
        assert batches.run(uuid, clock=lambda: at) == 0
        assert Inquiry.objects.count() == 0

    def test_refuses_every_line_when_who_handed_it_in_has_left(self, town: Town, at) -> None:
        uuid = handed_in(town, (EAST, town.granted()), at=at)
        Membership.objects.filter(user_id=town.bank.user_id).update(ends_at=at)
        batches.run(uuid, clock=lambda: at)
        (line,) = lists.results(uuid=uuid, by=town.bank, at=at)
        assert (line.state, line.refusal) == ("refused", "no-right-to-inquire")

    def test_is_seen_by_its_institution_alone_and_for_some_days(self, town: Town, at) -> None:
        uuid = handed_in(town, (EAST, town.granted()), at=at)
        batches.run(uuid, clock=lambda: at)
        with pytest.raises(UnknownInquiryBatch):
            lists.batch(uuid=uuid, institution="RIVAL")
        later = at + timedelta(days=8)
        with pytest.raises(ResultsExpired):
            lists.results(uuid=uuid, by=town.bank, at=later)
        assert batches.forget_answers(at=at) == 0
        assert batches.forget_answers(at=later) == 1

    def test_hands_out_no_answer_whose_authorisation_was_withdrawn_meanwhile(self, town: Town, at) -> None:
        left, kept = town.granted(), town.granted()
        uuid = handed_in(town, (EAST, left), (EAST, kept), at=at)
        batches.run(uuid, clock=lambda: at)
        withdrawing.withdraw(left, by=town.owner, at=at)

        told = places.with_places(lists.results(uuid=uuid, by=town.bank, at=at))

        assert [(one["state"], one["refusal"], bool(one["answer"])) for one in told] == [
            ("answered", "withdrawn", False), ("answered", "", True),
        ]  # fmt: skip
        assert all(one["ledger"] for one in told)

    @pytest.mark.parametrize("mode", [Mode.AUTH, Mode.RAW])
    def test_for_raw_detail_is_read_by_whoever_asked_alone(self, town: Town, at, mode) -> None:
        asked = (EAST, town.granted(modes=("AUTH", "RAW"), raw_detail_explicit=True))
        colleague = replace(town.bank, user_id=987)
        program, another = town.program(), replace(town.program(), client="client-2")
        lists_of = {who: handed_in(town, asked, at=at, by=who, mode=mode) for who in (town.bank, program)}

        for who, uuid in lists_of.items():
            for reader in (town.bank, colleague, program, another):
                if reader == who or mode is Mode.AUTH:
                    assert lists.results(uuid=uuid, by=reader, at=at)
                else:
                    with pytest.raises(ListOfAnother):
                        lists.results(uuid=uuid, by=reader, at=at)

    def test_has_at_most_as_many_lines_as_the_rule_pack_says(self, town: Town, at) -> None:
        for lines in ([], [(EAST, uuid4())] * 1001):
            with pytest.raises(ListTooLong):
                handed_in(town, *lines, at=at)
