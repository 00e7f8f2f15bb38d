"""A process knows its own name, and whether another of this machine has ended."""

import os
import platform
import subprocess
import sys

import pytest

from creditmesh.apps.ground.nodes import processes


class TestWhoIsDead:
    def test_not_this_process(self) -> None:
        assert not processes.is_dead(processes.this_process())

    def test_a_process_that_ended(self) -> None:
        code = "from creditmesh.apps.ground.nodes.processes import this_process; print(this_process())"
        name = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        assert name
        assert processes.is_dead(name)

    def test_an_earlier_process_of_the_same_number(self) -> None:
        assert processes.is_dead(f"{platform.node()}:{os.getpid()}:1")

    @pytest.mark.parametrize("name", ["elsewhere:1:1", f"{platform.node()}:nonsense:1", "", "nonsense"])
    def test_nothing_is_known_of_others(self, name: str) -> None:
        assert not processes.is_dead(name)
