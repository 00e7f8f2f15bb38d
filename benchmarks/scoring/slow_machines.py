"""Worker processes as slow machines of their own: each in a control group that gives it a share of one core and no more.

On a machine of few cores more workers show nothing as long as all of them wait for the same cores. With a fifth of a core
each, four leave the driver what it needs, and what the fifth does not suffice for is waited for, as on a slow machine.
Linux only; version 1 of control groups (`cpu.cfs_quota_us`) and version 2 (`cpu.max`), by whoever may write there.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PERIOD = 100_000  # microseconds; the kernel's own
LEAST = 0.01  # of a core; the kernel allows no smaller quota in this period
AHEAD = (
    10  # times the share of other groups: a machine of one's own does not wait for what else runs on this one
)
FIRST, SECOND = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
SECONDS_TO_DIE = 30
REFUSED = (
    "--cpu-per-worker needs Linux, the right to make control groups (root), and the cpu controller: neither "
    f"{FIRST} (version 1) nor {SECOND} (version 2) could be written here: {{0}}."
)


@dataclass(frozen=True)
class SlowMachine:
    """A control group with a quota."""

    folder: Path

    def command(self, command: list[str]) -> list[str]:
        """Return the command that enters the group and becomes the other one; what that one starts stays inside."""
        return ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self.folder / "cgroup.procs"), *command]

    def told(self) -> dict[str, int]:
        """Return what the kernel counted: periods in which something ran, and those in which the quota was used up."""
        lines = (self.folder / "cpu.stat").read_text("ascii").splitlines()
        counted = {name: int(value) for name, value in (line.split() for line in lines)}
        return {name: counted[name] for name in ("nr_periods", "nr_throttled")}


@contextmanager
def slow_machines(many: int, share: float | None) -> Iterator[list[SlowMachine | None]]:
    """Yield so many groups, or None so many times if no share is asked for, and remove them with all that is inside."""
    if share is None:
        yield [None] * many
        return
    made: list[SlowMachine] = []
    try:
        for nth in range(many):
            name = f"bench-spark-{os.getpid()}-{nth}"
            made.append(_made(name, int(max(share, LEAST) * PERIOD)))
        yield [*made]
    finally:
        for one in made:
            _remove(one.folder)


def _made(name: str, quota: int) -> SlowMachine:
    parent = FIRST if FIRST.is_dir() else SECOND
    folder = parent / name
    try:
        if parent is SECOND:
            (parent / "cgroup.subtree_control").write_text("+cpu", "ascii")
        folder.mkdir()
        if parent is SECOND:
            (folder / "cpu.max").write_text(f"{quota} {PERIOD}", "ascii")
            (folder / "cpu.weight").write_text(str(AHEAD * 100), "ascii")
        else:
            (folder / "cpu.cfs_period_us").write_text(str(PERIOD), "ascii")
            (folder / "cpu.cfs_quota_us").write_text(str(quota), "ascii")
            (folder / "cpu.shares").write_text(str(AHEAD * 1024), "ascii")
    except OSError as error:
        if folder.is_dir():
            folder.rmdir()
        sys.exit(REFUSED.format(error))
    return SlowMachine(folder)


def _remove(folder: Path) -> None:
    """Remove a group once it is empty; what still runs in it after a while is killed, for it is ours."""
    until = time.monotonic() + SECONDS_TO_DIE
    while (inside := (folder / "cgroup.procs").read_text("ascii").split()) and time.monotonic() < until + 5:
        if time.monotonic() > until:
            for process in inside:
                os.kill(int(process), signal.SIGKILL)
        time.sleep(0.2)
    folder.rmdir()
