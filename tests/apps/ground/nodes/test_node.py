"""This node: put together at start, with an identity that stays."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.apps import apps

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.nodes import operations, queries
from creditmesh.apps.ground.parties.rules import COMMAND_LINE

pytestmark = pytest.mark.django_db
BY = COMMAND_LINE.who()


class TestThisNode:
    def test_is_put_together_from_the_settings(self, settings):
        node = queries.this_node()
        assert node.home == settings.CREDITMESH.home
        assert node.name == settings.CREDITMESH.node_name
        assert "PEN-01" in node.catalogue.items

    def test_of_the_sample_region_is_marked_as_fictitious(self):
        assert queries.this_node().region.startswith("99")
        assert queries.this_node().fictitious

    def test_is_the_tests_own_when_a_test_asks_for_it(self, node, tmp_path):
        assert queries.this_node() is node
        assert node.home.is_relative_to(tmp_path)

    def test_has_the_roots_of_its_time_stamps_when_their_file_is_there(self, node, tmp_path):
        roots = tmp_path / "roots.pem"
        stamped = replace(node, tsa_roots=roots)
        assert (node.stamp_roots, stamped.stamp_roots) == ((), ())
        roots.write_text("PEM", encoding="utf-8")
        assert stamped.stamp_roots == ("PEM",)

    def test_with_a_catalogue_that_contradicts_itself_does_not_start(self, tmp_path, settings, capsys):
        (tmp_path / "local.yml").write_text("id: local\nversion: '1'\nnonsense: true\n", encoding="utf-8")
        settings.CREDITMESH = settings.CREDITMESH.model_copy(update={"catalogue_folder": tmp_path})
        with pytest.raises(SystemExit) as stopped:
            apps.get_app_config("nodes").ready()

        assert stopped.value.code == 1
        assert "local.yml:" in capsys.readouterr().err


class TestTheIdentity:
    def test_is_given_once_and_follows_the_name(self, node, noon):
        assert queries.identity() is None
        first = operations.establish(node=node, by=BY, at=noon)
        again = operations.establish(node=replace(node, name="青禾"), by=BY, at=noon)
        operations.establish(node=replace(node, name="青禾"), by=BY, at=noon)

        assert first == again
        found = queries.identity()
        assert found is not None
        assert (found.id, found.name) == (first, "青禾")
        assert [one.act for one in ledger.ledger_page().lines] == ["node.rename", "node.establish"]


class TestWorkers:
    def test_are_alive_while_they_beat(self, noon):
        operations.beat(worker="a", at=noon)
        operations.beat(worker="b", at=noon)
        operations.beat(worker="a", at=noon + timedelta(seconds=50))

        later = noon + timedelta(seconds=70)
        assert operations.forget_silent(at=later, lease=timedelta(seconds=60)) == 1
        assert queries.live_workers() == {"a": noon + timedelta(seconds=50)}
        operations.leave(worker="a")
        assert queries.live_workers() == {}
