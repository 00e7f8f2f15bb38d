#!/usr/bin/env -S bash -c 'exec "$(dirname "$0")/../../.venv/bin/python" "$0" "$@"'
"""A run of changes on a node of many enterprises: what it costs to look again at the few that something new reaches.

    benchmarks/scoring/changes.py [--subjects 1000000] [--touched 10] [--rounds 3] [--system general] [--full]
                                  [--home DIR] [--json]

A fresh node holds invented records of every item the system reads and one full run. Each round lands a delivery of an
item behind a direct trigger, a row for each of so many enterprises, and runs what the worker would run: a run of changes, in a
process of its own. Told: seconds by the clock and of the processor, peak memory, whom it looked at. `--full` makes a full
run of the same records at the end and says whether it is equal bit for bit (digest over every column of everyone).
`--home` keeps the node for another time.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LISTS = "BLK-01"  # lists of serious dishonesty: whoever stands on one is in the worst class
ENDS = ("removed_on", "until")


def main() -> None:
    asked = _arguments()
    if asked.side:
        print(json.dumps(SIDES[asked.side](asked)))
        return
    if asked.home is not None:
        asked.home.mkdir(parents=True, exist_ok=True)
        report = _report(asked, asked.home)
    else:
        with tempfile.TemporaryDirectory(prefix="bench-changes-") as home:
            report = _report(asked, Path(home))
    print(json.dumps(report, indent=2) if asked.json else _table(report))
    if not all(one["changed"] for one in report["rounds"]):
        sys.exit("What was landed changed nobody: that is no proof of anything.")
    if report.get("equal") is False:
        sys.exit("A run of changes says another thing than a full run.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--subjects", type=int, default=1_000_000)
    parser.add_argument("--touched", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--system", default="general")
    parser.add_argument("--full", action="store_true", help="compare with a full run at the end")
    parser.add_argument("--home", type=Path, help="keep the node here, and take it from here if it is there")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--round", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def _report(asked: argparse.Namespace, home: Path) -> dict:
    kept = home / "bench-stage.json"
    if not kept.exists():
        kept.write_text(json.dumps(_in_its_own("stage", asked, home)), "utf-8")
    staged = json.loads(kept.read_text("utf-8"))
    report = {"system": asked.system, **staged, "rounds": []}
    for _ in range(asked.rounds):
        report["rounds"].append(_in_its_own("changes", asked, home))
    if asked.full:
        report["full"] = _in_its_own("full", asked, home)
        report["equal"] = report["full"]["digest"] == report["rounds"][-1]["digest"]
    return report


def _in_its_own(side: str, asked: argparse.Namespace, home: Path) -> dict:
    command = [sys.executable, __file__, "--side", side, "--home", str(home), "--system", asked.system]
    command += ["--subjects", str(asked.subjects), "--touched", str(asked.touched)]
    environment = {
        **os.environ,
        "CREDITMESH_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "creditmesh.web.settings",
    }
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-4000:])
    return json.loads(done.stdout.splitlines()[-1])


def _node():
    """Return the node without the items that no system here reads: so many views are made on every connection."""
    import django

    django.setup()
    from creditmesh.apps.ground.nodes.queries import this_node

    return this_node()


def _system(asked: argparse.Namespace):
    from creditmesh.scoring.loading import load, shipped

    return load(shipped()[asked.system])


def _stage(asked: argparse.Namespace) -> dict:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", skip_checks=True, verbosity=0)
    from tests.scoring.spark import made

    node, system, begun = _node(), _system(asked), time.monotonic()
    folder = node.home / "landing"
    folder.mkdir(exist_ok=True)
    rows = made.fill(node.lake, made.catalogue_of([system]), subjects=asked.subjects, folder=folder)
    filled = time.monotonic() - begun
    first = _run(asked, changes_only=False)
    return {"subjects": first["subjects"], "rows": rows, "fill_seconds": round(filled, 1), "first": first}


def _changes(asked: argparse.Namespace) -> dict:
    node = _node()
    _touch(asked, node, _system(asked))
    return _run(asked, changes_only=True)


def _touch(asked: argparse.Namespace, node, system) -> None:
    """Land one row for each of some enterprises, of an item behind a direct trigger."""
    import duckdb
    from tests.scoring.spark import made

    from creditmesh.apps.evaluation.grading.operations.changes.following import deciding_items

    deciding = deciding_items(system) - set(system.definition.population.items)
    code = LISTS if LISTS in deciding else min(deciding)
    item = system.items[code]
    seq, file = int(time.time()), node.home / "landing" / "touched.parquet"
    draft = file.with_name("draft.parquet")
    made._write(
        item, draft, first=seq * 100, many=asked.touched, subjects=asked.subjects, salt=seq, batch=1, of=True
    )  # fmt: skip
    whom = f"(hash(_key) % {asked.subjects})::BIGINT"
    # begun a month ago and not over: what is on record now decides by itself
    lately = [f"DATE '{made.TODAY}' - 30 AS {name}" for name in ("_event_date", item.event_date) if name]
    open_ = [f"NULL::DATE AS {one.name}" for one in item.fields if one.name in ENDS]
    named = f"printf('91%06d%010d', 630100 + {whom} % 40, {whom}) AS _subject"
    with duckdb.connect() as engine:
        engine.execute(
            f"COPY (SELECT * REPLACE ({', '.join([named, *lately, *open_])})"
            f" FROM read_parquet('{draft}')) TO '{file}' (FORMAT parquet)"
        )
    node.lake.land(item=item, batch=f"touched-{seq}", seq=seq, source="S1", accepted=file)


def _run(asked: argparse.Namespace, *, changes_only: bool) -> dict:
    from tests.scoring.spark import made

    from creditmesh.apps.evaluation.grading.operations import executing, requesting
    from creditmesh.apps.evaluation.grading.queries import runs
    from creditmesh.apps.ground.parties.rules import COMMAND_LINE

    node, system = _node(), _system(asked)
    pairs = made.collected(made.catalogue_of([system]))
    executing.collected = lambda *, catalogue: pairs  # records were landed without the batches that say so
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    earlier = runs.done(system=asked.system).first()
    before, begun = _spent(), time.monotonic()
    asked_for = requesting.request_run(
        system=asked.system, as_of=made.TODAY, by=COMMAND_LINE, node=node, at=at, changes_only=changes_only
    )
    done = executing.execute_run(run=asked_for.uuid, node=node, clock=lambda: datetime.now(UTC))
    seconds, processor = time.monotonic() - begun, _spent() - before
    stored = runs.stored(done.uuid)
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(processor, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "evaluated": stored.evaluated,
        "subjects": stored.subjects,
        "whole_because": stored.whole_because,
        "digest": stored.digest,
        "changed": earlier is not None and stored.digest != earlier.digest,
    }


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


SIDES = {
    "stage": _stage,
    "changes": _changes,
    "full": lambda asked: (_node(), _run(asked, changes_only=False))[1],
}


def _table(report: dict) -> str:
    lines = [f"{report['system']}: {report['subjects']:,} enterprises, {report['rows']:,} records"]
    told = [("the first full run", report["first"])]
    told += [(f"run of changes {nth}", one) for nth, one in enumerate(report["rounds"], start=1)]
    told += [("a full run again", report["full"])] if "full" in report else []
    for name, one in told:
        lines.append(
            f"  {name:20}{one['seconds']:>9.2f} s{one['cpu_seconds']:>9.2f} CPU s{one['peak_mb']:>7} MB peak"
            f"{one['evaluated']:>11,} looked at"
        )
    if "equal" in report:
        lines.append(f"  equal bit for bit to the full run: {'yes' if report['equal'] else 'NO'}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
