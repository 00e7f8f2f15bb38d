"""The web server and the worker processes beside it."""

import logging
import os
import subprocess
import sys
import threading
import time
from typing import Protocol

from granian import Granian
from granian.constants import Interfaces

TARGET = "creditmesh.web.serving.wsgi:application"
_PATIENCE_SECONDS = 25.0  # for the task under way when the node is stopped; it goes on at the next start

logger = logging.getLogger(__name__)


class Server(Protocol):
    """Something that serves until it is told to stop."""

    def serve(self) -> None:
        """Serve."""


def web_server(*, host: str, port: int, processes: int, threads: int) -> Server:
    """Return the server, ready to serve until SIGINT or SIGTERM."""
    return Granian(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        websockets=False,
        process_name=None,
    )


class Workers:
    """Worker processes: one that dies is started again, after a pause that grows while they keep dying."""

    def __init__(self, *, count: int) -> None:
        self._count = count
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the workers."""
        for number in range(self._count):
            thread = threading.Thread(target=self._keep_one, name=f"worker-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Tell the workers to finish the task under way, and wait for them a while."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=_PATIENCE_SECONDS + 5)

    def _keep_one(self) -> None:
        pause = 1.0
        while not self._stopping.is_set():
            started = time.monotonic()
            code = self._run_one()
            if self._stopping.is_set():
                return
            logger.error("A background worker ended with %s; another one is started", code)
            pause = 1.0 if time.monotonic() - started > 60 else min(pause * 2, 60.0)
            self._stopping.wait(pause)

    def _run_one(self) -> int:
        # A session of its own: Ctrl+C reaches the server alone, which then tells the worker once.
        process = subprocess.Popen(
            [sys.executable, "-m", "django", "work", "--with-parent"],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "creditmesh.web.settings"},
            start_new_session=True,
        )
        while process.poll() is None:
            if self._stopping.wait(0.2):
                process.terminate()
                try:
                    return process.wait(timeout=_PATIENCE_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
        return process.wait()
