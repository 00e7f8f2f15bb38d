"""Everything that can be set about a node, read once from the environment and from HOME/settings.env."""

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CREDITMESH_"


def home_folder() -> Path:
    """Return the node's data folder: CREDITMESH_HOME, or ~/.creditmesh."""
    return Path(os.environ.get("CREDITMESH_HOME") or "~/.creditmesh").expanduser().absolute()


class Config(BaseSettings):
    """One node's settings. The environment wins over HOME/settings.env, which wins over the defaults."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    home: Path = Field(default_factory=home_folder, description="The node's data folder.")
    database_url: str = Field(
        default="",
        description="`postgresql://user:password@host:port/name`; empty: SQLite in HOME/node.sqlite3.",
    )
    lake_url: str = Field(
        default="", description="Folder or object-store URL of the Delta tables; empty: HOME/lake."
    )
    catalogue_folder: Path | None = Field(
        default=None, description="Folder of local sharing lists on top of the shipped ones; empty: none."
    )
    node_name: str = Field(default="creditmesh", description="The node's name, as every page shows it.")
    node_region: str = Field(default="990000", description="Region code the node stands for (GB/T 2260).")
    demo: bool = Field(default=False, description="Mark every page as a demonstration.")
    fictitious: bool = Field(default=False, description="Mark every page as showing fictitious data.")
    host: str = Field(default="127.0.0.1", description="Address the server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the server listens on.")
    server_processes: int = Field(default=1, ge=1, le=64, description="Web processes.")
    server_threads: int = Field(
        default=8, ge=1, le=256, description="Requests each web process serves at once."
    )
    worker_count: int = Field(default=1, ge=1, le=64, description="Background workers `serve` starts.")
    allowed_hosts: tuple[str, ...] = Field(
        default=("localhost", "127.0.0.1", "[::1]"),
        description='Host names the node answers to, as a JSON list: `["node.example.cn"]`.',
    )
    trusted_origins: tuple[str, ...] = Field(
        default=(), description='Origins that may post forms, as a JSON list: `["https://node.example.cn"]`.'
    )
    https: bool = Field(default=False, description="The node is reached by https: secure cookies, redirect.")
    behind_proxy: bool = Field(
        default=False, description="Believe X-Forwarded-Proto and X-Forwarded-For of the one proxy in front."
    )
    hsts_seconds: int = Field(
        default=0, ge=0, description="How long browsers must insist on https; 0: not said."
    )
    language: Literal["zh-hans", "en"] = Field(
        default="zh-hans", description="Language of the pages at first."
    )
    time_zone: str = Field(default="Asia/Shanghai", description="Time zone in which days begin and end.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe messages to log."
    )
    debug: bool = Field(default=False, description="Show developers' error pages. Never on a real node.")
    upload_limit_mb: int = Field(default=4096, ge=1, description="Largest file that may be uploaded, in MB.")
    session_hours: int = Field(default=12, ge=1, le=24 * 14, description="Hours a sign-in lasts.")
    enterprise_check: str = Field(
        default="creditmesh.apps.members.enterprises.queries.register_check.MatchesTheRegister",
        description="Class that checks who claims an enterprise (`enterprises.rules.Check`).",
    )
    token_minutes: int = Field(
        default=15, ge=1, le=60, description="Minutes a token of an institution's program is valid."
    )
    callback_networks: tuple[str, ...] = Field(
        default=(),
        description='Private networks that institutions\' callbacks may lie in, as a JSON list: `["10.8.0.0/16"]`.',
    )
    tsa_url: str = Field(
        default="",
        description="Address of a time-stamping authority (RFC 3161) that stamps tree heads; empty: none.",
    )
    tsa_roots: Path | None = Field(
        default=None, description="PEM file of the root certificates of that authority."
    )
    engine: Literal["duckdb", "spark"] = Field(
        default="duckdb",
        description="What evaluates everyone: `duckdb` in this process, or `spark` on a cluster.",
    )
    cadence: Literal["monthly", "off"] = Field(
        default="monthly",
        description="Whether live systems run by themselves every month and after changes, or only when asked: `off`.",
    )
    spark_master: str = Field(
        default="local[2]",
        description="Address of the Spark cluster: `spark://host:7077`, `yarn`, `k8s://...`.",
    )
    spark_settings: dict[str, str] = Field(
        default_factory=dict,
        description='Settings for Spark, as a JSON object: `{"spark.executor.memory": "8g"}`.',
    )
    task_lease_seconds: int = Field(
        default=60, ge=5, description="Seconds of silence after which a worker counts as dead."
    )

    @field_validator("home", mode="after")
    @classmethod
    def _whole_path(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @cached_property
    def lake(self) -> str:
        """Return where the Delta tables are."""
        return self.lake_url or str(self.home / "lake")

    @cached_property
    def secret_key(self) -> str:
        """Return the key that signs cookies, made at first use and kept in HOME/secret-key.

        Without a data folder (a type checker loading the settings) the key is not kept.
        """
        file = self.home / "secret-key"
        if file.exists():
            return file.read_text(encoding="ascii").strip()
        key = secrets.token_urlsafe(48)
        return _kept(file, key) if self.home.is_dir() else key


def load() -> Config:
    """Return the settings of the node in CREDITMESH_HOME.

    Raises pydantic's `ValidationError`, which names each setting that is wrong.
    """
    return Config(_env_file=home_folder() / "settings.env", _env_file_encoding="utf-8")


def _kept(file: Path, key: str) -> str:
    # Written aside and linked, so that two processes starting at once agree on one complete key.
    draft = file.with_name(f"secret-key.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(key + "\n")
    try:
        os.link(draft, file)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    finally:
        draft.unlink()
    return key
