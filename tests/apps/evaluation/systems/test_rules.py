"""Which days, whose eyes, what two files differ in, and a text changed in place."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.apps.evaluation.systems.conftest import APPROVER, EDITOR, STRANGER, SYSTEM

from creditmesh.apps.evaluation.systems.queries import versions
from creditmesh.apps.evaluation.systems.rules import comparing, editing, places, standing
from creditmesh.apps.evaluation.systems.rules.standing import Standing, State, Validity
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, NotPermitted
from creditmesh.catalogue.reading import parse

TEXT = """\
# what the file is about
id: small   # its id
label: {zh: 小型, en: "Small"}
long: >-
  one line
  and another
empty:
groups:
  - id: one
    bands:
      # bands rise
      - {up_to: 0, points: 0}
      - {up_to: 2, points: 500}  # two
      - {points: 1000}
    flow: [{at: 0, points: 0}, {at: 5, points: 9}]
  - id: two
"""


def day(number: int) -> date:
    return date(2026, 1, number)


def at(path, data):
    for step in path:
        data = data[step]
    return data


class TestDays:
    OWN = Validity(number=0, starts=day(1), ends=day(20))

    def test_of_the_past_out_of_order_or_outside_the_file_are_refused(self):
        for starts, ends in ((day(4), None), (day(9), day(9)), (day(9), None), (day(9), day(21))):
            with pytest.raises(standing.DaysRefused):
                standing.require_days(starts=starts, ends=ends, own=self.OWN, today=day(5))
        later = Validity(number=0, starts=day(10), ends=None)
        with pytest.raises(standing.DaysRefused, match="in force from 2026-01-10;"):
            standing.require_days(starts=day(9), ends=None, own=later, today=day(5))
        standing.require_days(starts=day(9), ends=day(20), own=self.OWN, today=day(5))

    def test_make_an_approved_version_scheduled_live_shadow_or_retired(self):
        validity = Validity(number=1, starts=day(5), ends=day(9))

        def said(on, shadow=False):
            return standing.standing(state=State.APPROVED, shadow=shadow, validity=validity, on=on)

        assert [said(day(n)) for n in (4, 5, 8, 9)] == [
            Standing.SCHEDULED,
            Standing.LIVE,
            Standing.LIVE,
            Standing.RETIRED,
        ]
        assert said(day(5), shadow=True) is Standing.SHADOW
        assert standing.standing(state=State.DECLINED, shadow=False, validity=None, on=day(1)) is (
            Standing.DECLINED
        )

    @given(some.lists(some.tuples(some.integers(1, 15), some.integers(1, 10)), max_size=6))
    def test_are_never_shared_by_two_versions_whatever_is_approved(self, wishes):
        approved: dict[int, Validity] = {}
        for number, (starts, length) in enumerate(wishes, start=1):
            new = Validity(number=number, starts=day(starts), ends=day(starts + length))
            try:
                ended = standing.ended_by(new=new, approved=approved.values())
            except standing.TwoValidAtOnce:
                continue
            for one in ended:
                approved[one] = Validity(number=one, starts=approved[one].starts, ends=new.starts)
            approved[number] = new
            for n in range(1, 31):
                assert sum(one.holds_on(day(n)) for one in approved.values()) <= 1


class TestEyes:
    def test_are_other_eyes_and_of_somebody_who_may(self):
        with pytest.raises(standing.SameEyes):
            standing.require_other_eyes(approver="user:1", hands=("user:2", "user:1"))
        standing.require_other_eyes(approver="user:3", hands=("user:2", "user:1"))
        for who in (EDITOR, STRANGER):
            with pytest.raises(NotPermitted):
                standing.require_approver(who)
        standing.require_approver(APPROVER)

    def test_tell_the_command_line_from_people(self):
        assert standing.identity(COMMAND_LINE) == "command line"
        assert standing.identity(EDITOR) == "user:1"


class TestATextChangedInPlace:
    def test_keeps_every_other_character(self):
        path = ("groups", 0, "bands", 1, "points")
        changed = editing.with_values(TEXT, {path: 700})
        assert changed == TEXT.replace("points: 500", "points: 700")

    def test_of_a_shipped_file_says_what_was_put_in_and_nothing_else(self):
        text = versions.shipped_version(SYSTEM).content.decode()
        known = [
            path for path, spot in places.spots(text).items() if spot.kind == "scalar" and path[-1] != "id"
        ]
        before = parse(text, file="x").data
        for path in known[:: len(known) // 15]:
            changed = editing.with_values(text, {path: "其他 value: #1"})
            after = parse(changed, file="x").data
            assert at(path, after) == "其他 value: #1"
            assert len(comparing.changes(before, after)) == 1

    @given(some.text(min_size=1).filter(lambda one: one.isprintable()))
    def test_takes_any_text_as_it_is(self, said):
        for path in (("id",), ("label", "zh"), ("label", "en"), ("long",), ("empty",)):
            assert at(path, parse(editing.with_values(TEXT, {path: said}), file="x").data) == said

    @pytest.mark.parametrize("value", [None, True, False, -3, "2026-01-01", "yes", "plain", 'say "so"'])
    def test_takes_every_kind_of_value(self, value):
        for path in (("id",), ("empty",), ("groups", 1, "weight"), ("groups", 0, "flow", 0, "more")):
            found = at(path[:-1], parse(editing.with_values(TEXT, {path: value}), file="x").data)
            assert found.get(path[-1]) == value

    def test_gains_and_loses_lines_of_a_table(self):
        for name in ("bands", "flow"):
            path = ("groups", 0, name)
            before = at(path, parse(TEXT, file="x").data)
            for n in range(len(before)):
                more = parse(editing.with_copy(TEXT, (*path, n)), file="x").data
                less = parse(editing.without_item(TEXT, (*path, n)), file="x").data
                assert at(path, more) == [*before[: n + 1], *before[n:]]
                assert at(path, less) == before[:n] + before[n + 1 :]
        assert "# bands rise" in editing.without_item(TEXT, ("groups", 0, "bands", 0))

    def test_is_refused_where_there_is_no_such_place(self):
        with pytest.raises(editing.CannotEdit):
            editing.with_values(TEXT, {("groups",): 1})
        with pytest.raises(editing.CannotEdit):
            editing.with_values(TEXT, {("nowhere", "x"): 1})
        with pytest.raises(editing.CannotEdit):
            editing.with_copy(TEXT, ("groups", 0, "bands", 9))
        with pytest.raises(editing.CannotEdit):
            editing.without_item("a: [{b: 1}]", ("a", 0))
        with pytest.raises(editing.CannotEdit):
            editing.with_values("a: [", {("a",): 1})

    def test_at_the_very_end_of_a_file_without_a_last_line_break(self):
        assert parse(editing.with_copy("a:\n  - 1\n  - 2", ("a", 1)), file="x").data == {"a": [1, 2, 2]}
        assert parse(editing.with_values("a: {}\nb: 1", {("a", "c"): 1, ("d",): 2}), file="x").data == {
            "a": {"c": 1},
            "b": 1,
            "d": 2,
        }
        assert places.spots("") == {}
        long = "a:\n  - x: >-\n      text\n  - x: 1\n"
        assert parse(editing.with_copy(long, ("a", 0)), file="x").data["a"] == [{"x": "text"}] * 2 + [
            {"x": 1}
        ]


class TestTwoFiles:
    def test_differ_in_values_under_their_headings(self):
        old = {"label": {"zh": "甲", "en": "A"}, "groups": [{"id": "g", "label": {"zh": "组"}, "weight": 1}]}
        new = {"label": {"zh": "甲", "en": "A"}, "groups": [{"id": "g", "label": {"zh": "组"}, "weight": 2}]}
        [found] = comparing.changes(old, new)
        assert (found.trail, found.field, found.before, found.after) == (
            (("甲", "A"), ("组", "")),
            ("weight",),
            "1",
            "2",
        )
        assert found.is_number
        assert comparing.changes(old, old) == ()

    def test_differ_in_what_is_new_or_gone(self):
        found = comparing.changes({"a": [1, {"b": None}], "c": True}, {"a": [1, {"b": False}], "d": [1, 2]})
        assert [(one.field, one.before, one.after) for one in found] == [
            (("a", "2", "b"), None, "false"),
            (("d",), None, "1; 2"),
            (("c",), "true", None),
        ]
        assert comparing.changes({}, {"e": {"f": None}})[0].after == "f: –"
        assert not found[0].is_number

    def test_differ_line_by_line(self):
        assert comparing.unified("a\nb\n", "a\nc\n", context=0) == ("@@ -2 +2 @@", "-b", "+c")
