"""What Spark's event log says of a run: bytes moved, CPU inside tasks, and when tasks ran at all."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def told(events: Path) -> dict[str, Any]:
    """Return the sums over all tasks, and the seconds in which at least one of them ran."""
    read = written = cpu = lost = 0
    kinds: dict[str, int] = {}
    spans = []
    for one in _all(events):
        kind = one.get("Event")
        kinds[kind] = kinds.get(kind, 0) + 1
        lost += kind == "SparkListenerExecutorRemoved"
        if kind != "SparkListenerTaskEnd":
            continue
        spans.append((one["Task Info"]["Launch Time"], one["Task Info"]["Finish Time"]))
        metrics = one.get("Task Metrics")
        if metrics:
            cpu += metrics["Executor CPU Time"]
            moved = metrics["Shuffle Read Metrics"]
            read += moved["Remote Bytes Read"] + moved["Local Bytes Read"]
            written += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
    running = covered(spans)
    return {
        "seconds_with_tasks": round(running / 1000, 1),
        "tasks_at_once": round(sum(end - begin for begin, end in spans) / max(running, 1), 2),
        "jobs": kinds.get("SparkListenerJobStart", 0),
        "stages": kinds.get("SparkListenerStageCompleted", 0),
        "tasks": len(spans),
        "executor_cpu_seconds": round(cpu / 1e9, 1),
        "shuffle_read_bytes": read,
        "shuffle_written_bytes": written,
        "executors_lost": lost,
    }


def covered(spans: Iterable[tuple[int, int]]) -> int:
    """Return how much of the time line the spans cover, in their unit, each moment once."""
    total, reached = 0, 0
    for begin, end in sorted(spans):
        total += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return total


def stages_done(events: Path) -> int:
    """Return how many stages have come to their end so far."""
    return sum(one.read_text("utf-8").count("SparkListenerStageCompleted") for one in _files(events))


def _all(events: Path) -> Iterator[dict[str, Any]]:
    for file in _files(events):
        with file.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.startswith("{"))


def _files(events: Path) -> list[Path]:
    return [one for one in events.rglob("events_*") if one.is_file()]
