"""The ledger: it grows, it is read page by page, and nothing in it changes."""

import pytest
from django.db import DatabaseError, connection, transaction

from creditmesh.apps.ground.audit import operations, queries
from creditmesh.apps.ground.audit.models import Entry, Event, LedgerOnlyGrows
from creditmesh.apps.ground.audit.rules import Outcome, Thing, Who

pytestmark = pytest.mark.django_db
WHO = Who(label="Li Ming", user_id=7, organisation="tax", role="data_officer", request="r-1")


def append(noon, **changed):
    stated = {"who": WHO, "act": "batch.receive", "thing": Thing("batch", "17"), "at": noon, **changed}
    return operations.append(**stated)


class TestTheLedger:
    def test_keeps_who_did_what_and_why(self, noon):
        append(noon, why="monthly delivery")

        (line,) = queries.ledger_page().lines
        assert (line.user_label, line.act, line.object_kind, line.object_key) == (
            "Li Ming",
            "batch.receive",
            "batch",
            "17",
        )
        assert (line.why, line.outcome, line.request, line.at) == ("monthly delivery", "done", "r-1", noon)

    def test_cuts_a_label_that_is_longer_than_its_column(self, noon):
        entry = append(noon, who=Who(label="x" * 500))

        entry.refresh_from_db()
        assert entry.user_label == "x" * 200

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE audit_entry SET why = 'nothing happened'", "DELETE FROM audit_entry"],
    )
    def test_is_guarded_by_the_database_itself(self, noon, statement):
        append(noon, why="it happened")

        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            connection.cursor().execute(statement)
        assert Entry.objects.get().why == "it happened"

    def test_cannot_be_emptied_at_one_blow_on_postgresql(self, noon):
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has no TRUNCATE")
        append(noon)

        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            connection.cursor().execute("TRUNCATE audit_entry")

    def test_refuses_changes_through_its_rows(self, noon):
        entry = append(noon)
        entry.why = "something else"

        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            entry.save()
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            entry.delete()
        with pytest.raises(LedgerOnlyGrows):
            Entry.objects.filter(id=entry.id).update(why="something else")
        with pytest.raises(LedgerOnlyGrows):
            Entry.objects.all().delete()


class TestReadingTheLedger:
    def test_goes_backwards_page_by_page_without_a_gap(self, noon):
        made = [append(noon, act=f"act.{number}").id for number in range(7)]

        seen, before = [], None
        for _ in range(3):
            page = queries.ledger_page(before=before, size=3)
            seen += [line.id for line in page.lines]
            before = page.older
        assert seen == made[::-1]
        assert before is None

    def test_narrows_to_what_is_asked_for(self, noon):
        append(noon, act="batch.receive")
        append(noon, act="batch.land", outcome=Outcome.FAILED)
        append(noon, act="people.sign_in", who=Who(label="Zhang Wei"))

        def acts(**narrowed):
            return [one.act for one in queries.ledger_page(narrowed=queries.Filter(**narrowed)).lines]

        assert acts(act="batch.") == ["batch.land", "batch.receive"]
        assert acts(outcome=Outcome.FAILED) == ["batch.land"]
        assert acts(user="zhang") == ["people.sign_in"]
        assert acts(ends_at=noon) == []
        assert len(acts(starts_at=noon)) == 3
        assert queries.acts() == ("batch.land", "batch.receive", "people.sign_in")


class TestNews:
    def test_waits_until_it_is_marked_as_passed_on(self, noon):
        first = operations.announce(event="batch.landed", key="17", at=noon)
        second = operations.announce(event="batch.landed", key="18", at=noon)

        assert [one.key for one in queries.unhandled_events()] == ["17", "18"]
        assert operations.mark_handled(events=[first.id], at=noon) == 1
        assert operations.mark_handled(events=[first.id], at=noon) == 0
        assert [one.id for one in queries.unhandled_events()] == [second.id]

    def test_is_not_told_of_what_never_happened(self, noon):
        def fail_after_announcing():
            with transaction.atomic():
                operations.announce(event="batch.landed", key="17", at=noon)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_after_announcing()
        assert not Event.objects.exists()
