"""The sandbox: invented enterprises that exist nowhere else, with records of every item."""

from datetime import date, timedelta

import pytest
from tests.apps.members.institutions.bank import open_bank

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, NotPermitted
from creditmesh.apps.members.institutions import queries, sandbox
from creditmesh.apps.members.institutions.operations import sandboxing
from creditmesh.catalogue.model import Kind
from creditmesh.exchange.keys import PrivateKey
from creditmesh.kernel import uscc

TODAY = date(2026, 11, 22)
GOOD, TROUBLED, EMPTY = sandbox.subjects()[:3]


def records(subject: sandbox.Subject, on: date = TODAY):
    catalogue = this_node().catalogue
    return sandbox.records(subject=subject.key, items=tuple(catalogue.items), catalogue=catalogue, on=on)


class TestTheEnterprisesOfTheSandbox:
    def test_have_codes_of_their_own_that_are_right(self):
        keys = [one.key for one in sandbox.subjects()]
        assert len(set(keys)) == sandbox.HOW_MANY
        assert [key for key in keys if uscc.problems(key) or key[2:8] != sandbox.REGION] == []

    @pytest.mark.django_db
    def test_are_on_no_register(self):
        assert parties.subjects(keys=[one.key for one in sandbox.subjects()]) == {}

    def test_are_counted_as_people_count(self):
        counted = [one.name.removeprefix("沙箱").split("号")[0] for one in sandbox.subjects()]
        assert counted[8:12] == ["九", "十", "十一", "十二"]
        assert counted[19] == "二十"

    def test_are_known_by_their_code_alone(self):
        assert sandbox.holds(GOOD.key)
        assert sandbox.subject(GOOD.key) == GOOD
        assert sandbox.subject("91990121MA00000002") is None
        assert not sandbox.holds("")

    def test_have_records_of_every_item_when_they_are_troubled(self):
        assert [item for item, held in records(TROUBLED).items() if not held] == []

    def test_have_nothing_adverse_when_they_are_good(self):
        catalogue = this_node().catalogue
        held = {item for item, rows in records(GOOD).items() if rows}
        assert held == {code for code, item in catalogue.items.items() if not sandbox.is_adverse(item)}

    def test_have_no_record_when_they_are_empty(self):
        assert {len(rows) for rows in records(EMPTY).values()} == {0}

    def test_and_whoever_is_outside_the_sandbox_has_none_here(self):
        catalogue = this_node().catalogue
        found = sandbox.records(
            subject="91990121MA00000002", items=("ENT-01",), catalogue=catalogue, on=TODAY
        )
        assert found == {"ENT-01": []}

    def test_have_values_as_the_catalogue_keeps_them(self):
        catalogue = this_node().catalogue
        wrong = []
        for item, rows in records(TROUBLED).items():
            for row in rows:
                for field in catalogue.items[item].fields:
                    value = row.values[field.name]
                    if value is None:
                        continue
                    fits = {
                        Kind.CHOICE: value in field.choices,
                        Kind.BOOLEAN: isinstance(value, bool),
                        Kind.DATE: not field.not_in_future or str(value) <= TODAY.isoformat(),
                        Kind.MONEY: isinstance(value, int) and value >= (field.minimum or 0),
                    }.get(field.kind, True)
                    if not fits:
                        wrong.append((item, field.name, value))
        assert wrong == []

    def test_answer_the_same_all_month_and_move_on_with_it(self):
        assert records(TROUBLED, date(2026, 11, 1)) == records(TROUBLED, date(2026, 11, 30))
        before, after = records(TROUBLED)["PEN-01"], records(TROUBLED, TODAY + timedelta(days=30))["PEN-01"]
        assert before[0].event_date < after[0].event_date


@pytest.mark.django_db
class TestASandbox:
    def test_is_ready_to_be_asked_as(self, noon):
        made = sandboxing.create(
            by=COMMAND_LINE, code="try-out", key=PrivateKey.generate(), public=None, at=noon
        )
        assert queries.institution("try-out").sandbox
        (key,) = queries.signing_keys(institution="try-out")
        assert (key.program, key.thumbprint, key.in_force(noon)) == (made.client, made.key, True)
        assert [one.kind for one in queries.inbox(institution="try-out").notices] == ["sandbox.ready"]

    def test_takes_the_engineers_own_key_and_more_programs(self, noon):
        for _ in range(2):
            public = PrivateKey.generate().public
            sandboxing.create(by=COMMAND_LINE, code="try-out", key=None, public=public, at=noon)
        assert len(queries.programs(institution="try-out")) == 2

    def test_never_becomes_of_a_real_institution(self, noon):
        open_bank("real")
        with pytest.raises(sandboxing.NotASandbox):
            sandboxing.create(by=COMMAND_LINE, code="real", key=PrivateKey.generate(), public=None, at=noon)

    def test_is_made_by_the_operator_alone(self, noon):
        clerk = open_bank("real").person
        with pytest.raises(NotPermitted):
            sandboxing.create(by=clerk, code="other", key=PrivateKey.generate(), public=None, at=noon)

    def test_tells_its_programs_that_they_are_in_it(self):
        assert open_bank("try-out", sandbox=True).get("/api/v1/institution").json()["sandbox"] is True
