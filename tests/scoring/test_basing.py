"""A file that says only what differs from a shipped system, and what is refused about it."""

import pytest

from creditmesh.catalogue import loading as lists
from creditmesh.catalogue.reading import CatalogueRefused, parse
from creditmesh.scoring import loading
from creditmesh.scoring.definition.basing import completed

HEAD = """\
id: ours
version: "1"
based_on: {system: general, version: "2026.1"}
label: {zh: 我们的, en: Ours}
"""
GENERAL = loading.load(loading.shipped()["general"]).definition


def ours(more: str = "", head: str = HEAD):
    """Return the definition of a file that starts from the general system."""
    return loading.checked(parse(head + more, file="ours.yml"), catalogue=lists.load()).definition


def refused(more: str = "", head: str = HEAD):
    """Return line and rule of everything wrong in such a file."""
    with pytest.raises(CatalogueRefused) as wrong:
        ours(more, head)
    return [(one.line, one.rule) for one in wrong.value.problems]


class TestAFileBasedOnAnother:
    def test_is_the_other_under_its_own_name(self):
        found = ours()

        assert (found.id, found.label.en, str(found.version)) == ("ours", "Ours", "1")
        assert found.based_on is not None
        assert found.based_on.system == "general"
        assert (found.groups, found.features, found.triggers) == (
            GENERAL.groups,
            GENERAL.features,
            GENERAL.triggers,
        )

    def test_adds_features_and_takes_some_out(self):
        found = ours(
            "features:\n"
            "  penalties: {label: {zh: 处罚, en: Penalties}, item: PEN-01, take: count}\n"
            "  branch_closures: {label: {zh: 分支, en: Branches}, item: ENT-03, take: count}\n"
        )

        assert set(found.features) - set(GENERAL.features) == {"penalties"}
        assert found.features["branch_closures"].within is None
        gone = ours("features: {suspended: null}\ngroups:\n  - {id: basic, weight: 10000}\n")
        assert set(GENERAL.features) - set(gone.features) == {"suspended"}

    def test_regroups_indicators_and_takes_the_rest_of_each_from_there(self):
        found = ours(
            "groups:\n"
            "  - id: one\n    label: {zh: 一, en: One}\n    weight: 6000\n"
            "    indicators: [{id: age, weight: 4000}, {id: scale, weight: 6000, lookup: "
            "{points: {large: 1, medium: 2, small: 3, micro: 4}}}]\n"
            "  - {id: associations, weight: 4000}\n"
        )
        was = {one.id: one for one in GENERAL.indicators}
        age, scale = found.groups[0].indicators

        assert (age.weight, age.bands, age.reason) == (4000, was["age"].bands, was["age"].reason)
        assert scale.lookup.points["micro"] == 4
        assert found.groups[1].indicators == GENERAL.groups[3].indicators

    def test_scores_an_indicator_in_a_way_of_its_own(self):
        found = ours(
            "groups:\n"
            "  - id: basic\n    weight: 10000\n"
            "    indicators: [{id: age, weight: 10000, linear: [{at: 0, points: 9}, {at: 900, points: 1}]}]\n"
        )

        assert found.groups[0].indicators[0].way == "linear"
        assert found.groups[0].indicators[0].value == "days(established)"

    def test_lists_the_triggers_it_keeps(self):
        found = ours("triggers:\n  - {id: fraud}\n  - {id: accident, label: {zh: 事故, en: Accidents}}\n")

        assert [one.id for one in found.triggers] == ["fraud", "accident"]
        assert found.triggers[1].label.en == "Accidents"
        assert found.triggers[1].when == "major_accident"

    def test_may_be_based_on_one_that_is_based_itself(self):
        shipped = loading.load(loading.shipped()["food-anhui"]).definition

        assert shipped.combination is not None
        assert "certified" in shipped.features
        assert "tier" in shipped.features

    def test_leaves_a_file_that_stands_alone_as_it_is(self):
        document = parse("id: alone\n", file="alone.yml")

        assert completed(document, find=lambda _: None) is document


class TestWhatIsRefused:
    def test_is_an_unknown_system(self):
        assert refused(head=HEAD.replace("system: general", "system: gone")) == [(3, "based-on-unknown")]

    def test_is_another_version_than_the_shipped_one(self):
        assert refused(head=HEAD.replace('"2026.1"', '"2025.9"')) == [(3, "based-on-version")]

    def test_is_a_chain_that_comes_back(self):
        documents = {
            name: parse(f'id: {name}\nversion: "1"\nbased_on: {{system: {other}, version: "1"}}\n', file=name)
            for name, other in (("a", "b"), ("b", "a"))
        }

        with pytest.raises(CatalogueRefused, match="leads back here"):
            completed(documents["a"], find=documents.get)

    @pytest.mark.parametrize(
        "more",
        ["groups: 5\n", "groups: [5]\n", "features: [1]\n", "triggers: {a: 1}\n", "caps: [x]\n",
         "groups: [{id: basic, indicators: 3}]\n"],
    )  # fmt: skip
    def test_is_a_wrong_shape_with_its_line(self, more):
        assert all(line == 5 for line, _ in refused(more))

    def test_in_what_is_inherited_is_told_at_the_line_that_says_from_where(self):
        assert refused("features: {branch_closures: null}\n") == [(3, "expression")]
