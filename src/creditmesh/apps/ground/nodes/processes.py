"""Which process works on something, and whether it surely no longer runs."""

import os
import platform
from pathlib import Path


def this_process() -> str:
    """Return the name of this process among all workers of the node: machine, number, time of its start."""
    return f"{platform.node()}:{os.getpid()}:{_started(os.getpid())}"


def is_dead(process: str) -> bool:
    """Tell whether a process of this machine no longer runs; of other machines nothing is known: False."""
    rest, _, started = process.rpartition(":")
    machine, _, number = rest.rpartition(":")
    if machine != platform.node() or not number.isdigit():
        return False
    return _started(int(number)) != started


def _started(number: int) -> str:
    # Numbers are used again, as in a container that was restarted; the time of the start tells them apart.
    try:
        told = Path(f"/proc/{number}/stat").read_text(encoding="utf-8")
    except OSError:
        return ""
    return told.rpartition(")")[2].split()[19]
