"""Settings of a node: from the environment, then from its folder, then sensible; each one documented."""

import stat
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsError

from creditmesh.web.serving import config

TABLE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CREDITMESH_HOME", str(tmp_path))
    return tmp_path


class TestSettings:
    def test_come_from_the_environment_then_the_folder_then_the_program(self, home, monkeypatch):
        (home / "settings.env").write_text(
            "CREDITMESH_PORT=8100\nCREDITMESH_NODE_NAME='青禾'\n", encoding="utf-8"
        )
        monkeypatch.setenv("CREDITMESH_PORT", "8200")
        found = config.load()

        assert (found.port, found.node_name, found.language) == (8200, "青禾", "zh-hans")
        assert found.home == home
        assert found.lake == str(home / "lake")

    @pytest.mark.parametrize(
        ("name", "value"),
        [("PORT", "99999"), ("LANGUAGE", "fr"), ("ALLOWED_HOSTS", "node.cn"), ("WORKER_COUNT", "-1")],
    )
    def test_that_are_wrong_are_named(self, home, monkeypatch, name, value):
        monkeypatch.setenv(f"CREDITMESH_{name}", value)
        with pytest.raises((ValidationError, SettingsError), match=f"(?i){name}"):
            config.load()

    def test_are_all_in_the_reference(self):
        text = TABLE.read_text(encoding="utf-8")
        for name, field in config.Config.model_fields.items():
            row = f"| `{config.PREFIX}{name.upper()}` |"
            assert row in text, f"{row} is missing in {TABLE.name}"
            assert field.description, name
            assert field.description in text, name


class TestTheSecretKey:
    def test_is_made_once_and_only_its_owner_can_read_it(self, home):
        key = config.load().secret_key

        assert len(key) > 50
        assert config.load().secret_key == key
        assert stat.S_IMODE((home / "secret-key").stat().st_mode) == 0o600
        assert [one.name for one in home.iterdir()] == ["secret-key"]

    def test_is_one_when_two_processes_make_it_at_once(self, home):
        first = config._kept(home / "secret-key", "a" * 64)
        second = config._kept(home / "secret-key", "b" * 64)
        assert first == second == "a" * 64

    def test_is_not_kept_where_there_is_no_node(self, tmp_path, monkeypatch):
        monkeypatch.setenv("CREDITMESH_HOME", str(tmp_path / "nowhere"))
        assert config.load().secret_key
        assert not (tmp_path / "nowhere").exists()


class TestWhatFollowsForDjango:
    def test_sqlite_waits_for_its_turn_and_writes_ahead(self):
        from creditmesh.web.settings import _database

        options = _database("")["OPTIONS"]
        assert options["transaction_mode"] == "IMMEDIATE"
        assert "journal_mode=WAL" in options["init_command"]

    def test_postgresql_is_named_by_its_address(self):
        from creditmesh.web.settings import _database

        found = _database("postgresql://mesh:p%40ss@db.cn:5433/node")
        assert (found["USER"], found["PASSWORD"], found["HOST"]) == ("mesh", "p@ss", "db.cn")
        assert (found["PORT"], found["NAME"]) == ("5433", "node")
        assert found["ENGINE"].endswith("postgresql")

    def test_uploads_go_to_disk_and_cookies_stay_with_the_browser(self, settings):
        assert settings.FILE_UPLOAD_HANDLERS == ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
        assert settings.SESSION_COOKIE_HTTPONLY
        assert settings.SESSION_COOKIE_SECURE is settings.CREDITMESH.https
        assert settings.DEBUG is False
