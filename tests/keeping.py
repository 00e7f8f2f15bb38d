"""What tests begin from, made once: for a module a node and its database as they were, for all workers a folder."""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from django.apps import apps
from django.db import transaction

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.lake.store import Lake

ROOT = Path(__file__).parent.parent


def made_once(name: str, make: Callable[[Path], None], *, place: Path) -> Path:
    """Return a folder within a place that the first of all workers fills: to be copied by whoever would change it."""
    made = place / name
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            making = place / f"{name}-making"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            make(making)
            making.rename(made)
    return made


def migrations() -> str:
    """Return what tells one state of all migrations from another, those of the packages included."""
    read = hashlib.sha256()
    for one in [ROOT / "requirements.lock", *sorted((ROOT / "src" / "creditmesh").rglob("migrations/*.py"))]:
        read.update(one.read_bytes())
    return read.hexdigest()[:16]


@dataclass
class KeptNode:
    """A node's home, which tests may change, and how it was when its making ended."""

    home: Path

    def node(self) -> ThisNode:
        """Return the node of this home, with a lake nobody has opened yet."""
        config = apps.get_app_config("nodes")
        return replace(config.this_node, home=self.home, lake=Lake(str(self.home / "lake")))

    def keep(self) -> None:
        """Remember the home as it is."""
        shutil.copytree(self.home, self._kept, dirs_exist_ok=False)

    def begin(self, patch: pytest.MonkeyPatch) -> ThisNode:
        """Make the home again what it was when it was kept, and the process's node that of this home."""
        shutil.rmtree(self.home)
        shutil.copytree(self._kept, self.home)
        fresh = self.node()
        patch.setattr(apps.get_app_config("nodes"), "this_node", fresh)
        return fresh

    @property
    def _kept(self) -> Path:
        return self.home.with_name("kept")


@contextmanager
def kept_rows() -> Iterator[None]:
    """Hold what is written into the database until the end, and undo it then; tests begin within it."""
    atomic = transaction.atomic()
    atomic._from_testcase = True
    with atomic:
        yield
        transaction.set_rollback(True)


@contextmanager
def kept_node(folder: Path) -> Iterator[KeptNode]:
    """Give a module a node of its own, and a database whose rows last as long as the module."""
    kept = KeptNode(folder / "home")
    kept.home.mkdir()
    with pytest.MonkeyPatch.context() as patch, kept_rows():
        patch.setattr(apps.get_app_config("nodes"), "this_node", kept.node())
        yield kept
