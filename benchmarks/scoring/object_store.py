#!/usr/bin/env -S bash -c 'exec "$(dirname "$0")/../../.venv/bin/python" "$0" "$@"'
"""The lake on a store that speaks S3, as a node uses it: land, classify, keep results, four writers at once.

    benchmarks/scoring/object_store.py [--subjects 2000] [--scratch FOLDER]

Starts moto's server (Apache-2.0) from a venv made for it under a temporary folder, so that it is none of our requirements;
says so and stops where pip cannot fetch it. The same records land in the store and in a local folder; both are classified
and every value compared. Then four threads append to one Delta table at the same time: the store must answer conditional
puts, or commits would be lost. Seconds say nothing of a real store; the answers do.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
WRITERS, APPENDS = 4, 10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--subjects", type=int, default=2_000)
    parser.add_argument("--scratch", help="folder for the work files; default: the system's")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        print(json.dumps(_work(asked.subjects, Path(asked.side)), indent=2))
        return
    with tempfile.TemporaryDirectory(prefix="bench-store-", dir=asked.scratch) as scratch:
        folder = Path(scratch)
        server, address = _server(folder)
        told = {"AWS_ENDPOINT_URL": address, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}
        told |= {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
        try:
            put = urllib.request.Request(f"{address}/lake", method="PUT")  # noqa: S310 - our own server
            urllib.request.urlopen(put).close()  # noqa: S310
            command = [sys.executable, __file__, "--subjects", str(asked.subjects), "--side", scratch]
            done = subprocess.run(command, env={**os.environ, **told}, check=False).returncode
        finally:
            server.terminate()
            server.wait(10)
    sys.exit(done)


def _server(folder: Path) -> tuple[subprocess.Popen, str]:
    venv = folder / "moto"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, capture_output=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "moto[s3,server]"]
    if subprocess.run(pip, capture_output=True, check=False).returncode:
        sys.exit("pip could not install moto here, so there is no store to try.")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with (folder / "moto.log").open("wb") as log:
        command = [str(venv / "bin" / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(command, stdout=log, stderr=log)
    for _ in range(300):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return server, f"http://127.0.0.1:{port}"
        time.sleep(0.2)
    sys.exit("moto's server did not start.")


def _work(subjects: int, folder: Path) -> dict[str, object]:
    from tests.scoring.example import example
    from tests.scoring.spark import made

    from creditmesh.lake.store import Lake

    system = example()
    catalogue = made.catalogue_of([system])
    places = {"store": Lake("s3://lake/node"), "folder": Lake(str(folder / "lake"))}
    report: dict[str, object] = {}
    for name, lake in places.items():
        (folder / name).mkdir()
        started = time.monotonic()
        report["rows"] = made.fill(lake, catalogue, subjects=subjects, folder=folder / name)
        landed = time.monotonic()
        report["evaluated"] = _classified(lake, catalogue, system, folder / f"{name}.parquet")
        report[name] = {
            "land_seconds": round(landed - started, 1),
            "classify_seconds": round(time.monotonic() - landed, 1),
        }
    lake = places["store"]
    lake.keep_results(system=system.id, run="one", file=folder / "store.parquet")
    lake.copy_results(system=system.id, run="one", to=folder / "kept.parquet")
    report["differing"] = {name: _differing(folder, name) for name in ("store", "kept")}
    report["files_fewer_after_compacting"] = sum(lake.compact(item) for item in catalogue.items.values())
    report["appends_of_four_at_once"] = _appended()
    return report


def _classified(lake, catalogue, system, out: Path) -> int:
    from tests.scoring.spark import made

    from creditmesh.scoring import evaluate

    with lake.connection(catalogue=catalogue, collected=made.collected(catalogue)) as connection:
        return evaluate.run(connection, system=system, as_of=made.TODAY, out=out).subjects


def _differing(folder: Path, name: str) -> int:
    import duckdb

    one, other = (f"FROM read_parquet('{folder / side}.parquet')" for side in (name, "folder"))
    with duckdb.connect() as connection:
        [(rows,)] = connection.execute(
            f"SELECT count(*) FROM (({one} EXCEPT {other}) UNION ALL ({other} EXCEPT {one}))"
        ).fetchall()
    return rows


def _appended() -> dict[str, int]:
    import pyarrow as pa
    from deltalake import DeltaTable, write_deltalake

    options = {name: told for name, told in os.environ.items() if name.startswith("AWS_")}

    def append(writer: int) -> None:
        for nth in range(APPENDS):
            rows = pa.table({"writer": [writer], "nth": [nth]})
            write_deltalake("s3://lake/at_once", rows, mode="append", storage_options=options)

    append(-1)
    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(append, range(WRITERS)))
    table = DeltaTable("s3://lake/at_once", storage_options=options)
    return {"asked": (WRITERS + 1) * APPENDS, "found": len(table.file_uris()), "version": table.version()}


if __name__ == "__main__":
    main()
