"""A Spark cluster as this node uses it: found, opened with the settings results depend on, refused in plain words."""

import importlib
import logging
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from creditmesh.kernel.errors import CreditmeshError

Session = Any  # a SparkSession; its package is an optional one

# What results depend on, and what cannot be set otherwise.
BINDING = {
    "spark.sql.ansi.enabled": "true",  # a number that does not fit stops the run, as in DuckDB
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",  # ids of indicators may differ in nothing else
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",  # one calendar for all of history
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "true",
}
# What speed depends on; a cluster may know better.
USUAL = {
    # HotSpot never compiles longer methods, and wide CASE projections make them: three times slower without this.
    "spark.sql.codegen.hugeMethodLimit": "8000",
    # Thirty items join in one plan: told anew after each of its stages, it costs minutes to describe and nothing to run.
    "spark.sql.adaptive.enabled": "false",
    # Thirty small tables are asked for at once and made one after another; on a busy cluster the last waits longer than the
    # five minutes after which Spark gives up. Whether a run is still wanted is for its `beat` to say.
    "spark.sql.broadcastTimeout": "86400",
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.maxPlanStringLength": "10000",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "FATAL",
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
}
ALONE = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4", "spark.driver.host": "127.0.0.1"}
LOCAL = re.compile(r"local(\[(\d+|\*)(, ?\d+)?\])?")
STANDALONE = re.compile(r"spark://([^,/]+:\d+)(,[^,/]+:\d+)*")
OTHERS = ("yarn", "k8s://")
PATIENCE = 60.0  # seconds for the first worker to come
MASTER_PATIENCE = 5.0


class SparkUnavailable(CreditmeshError):
    """No Spark could be started or reached; nothing was computed."""

    code = "spark-unavailable"


class SparkFailed(CreditmeshError):
    """Spark gave up a computation after its own retries; nothing of it was kept."""

    code = "spark-failed"


@dataclass(frozen=True)
class Cluster:
    """Where Spark is: `local[2]`, `spark://host:7077`, `yarn` or `k8s://...`, with settings of its own."""

    master: str
    settings: Mapping[str, str] = field(default_factory=dict)
    patience: float = PATIENCE

    @property
    def is_local(self) -> bool:
        """Return whether all of it runs in one process of this machine."""
        return LOCAL.fullmatch(self.master) is not None


@contextmanager
def opened(cluster: Cluster) -> Iterator[Session]:
    """Yield a session on the cluster and give all its workers back afterwards.

    Raises `SparkUnavailable`.
    """
    session = started(cluster)
    try:
        yield session
    finally:
        session.stop()


def started(cluster: Cluster) -> Session:
    """Return a new session on the cluster. Raises `SparkUnavailable`."""
    _require_address(cluster.master)
    sql = _package("pyspark.sql")
    _require_java()
    logging.getLogger("py4j").setLevel(logging.WARNING)  # it tells of every connection it closes
    builder = sql.SparkSession.builder.master(cluster.master).appName("creditmesh classify")
    settings = {**USUAL, **(ALONE if cluster.is_local else {}), **cluster.settings, **BINDING}
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:
        raise SparkUnavailable(
            f"Spark could not be started at {cluster.master}: {first_line(error)}. "
            "See what Spark wrote above, and check its memory and its settings."
        ) from error
    try:
        _require_workers(session, cluster)
    except SparkUnavailable:
        session.stop()
        raise
    return session


def version() -> str:
    """Return the version of Spark that is installed. Raises `SparkUnavailable`."""
    return str(_package("pyspark").__version__)


def require(master: str) -> None:
    """Refuse an engine that cannot work from here: no package, no Java, no such master. Raises `SparkUnavailable`."""
    _require_address(master)
    _package("pyspark")
    _require_java()


def first_line(error: BaseException) -> str:
    """Return the first line of what Spark says of an error, without the class of the Java exception."""
    said = str(getattr(error, "java_exception", None) or error).strip() or type(error).__name__
    line = said.splitlines()[0]
    return re.sub(r"^(?:[a-zA-Z_$]\w*\.)+\w+: ", "", line)[:300].rstrip(".")


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise SparkUnavailable(
            "The engine spark needs the package pyspark: pip install 'creditmesh[spark]'."
        ) from error


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=None if home is None else f"{home}/bin") is None:
        raise SparkUnavailable(
            "The engine spark needs Java 17 or 21, and there is none here: apt-get install openjdk-17-jre-headless, "
            "or set JAVA_HOME."
        )


def _require_address(master: str) -> None:
    if LOCAL.fullmatch(master) or master.startswith(OTHERS):
        return
    if not STANDALONE.fullmatch(master):
        raise SparkUnavailable(
            f"'{master}' is no address of a Spark master: write spark://host:7077, local[2], yarn or k8s://https://host:443."
        )
    hosts = master.removeprefix("spark://").split(",")
    if not any(_answers(*one.rsplit(":", 1)) for one in hosts):
        raise SparkUnavailable(
            f"No Spark master answers at {master}. Start it (start-master.sh), or check the address and the firewall."
        )


def _answers(host: str, port: str) -> bool:
    try:
        with closing(socket.create_connection((host.strip("[]"), int(port)), MASTER_PATIENCE)):
            return True
    except OSError:
        return False


def _require_workers(session: Session, cluster: Cluster) -> None:
    """Wait for the first worker: without one Spark would wait for ever and say so to nobody."""
    context = session.sparkContext
    dynamic = context.getConf().get("spark.dynamicAllocation.enabled", "false") == "true"
    if cluster.is_local or dynamic:
        return
    until = time.monotonic() + cluster.patience
    while len(context._jsc.sc().statusTracker().getExecutorInfos()) < 2:  # the driver counts as one
        if time.monotonic() > until:
            raise SparkUnavailable(
                f"The Spark master at {cluster.master} gave no worker within {cluster.patience:.0f} seconds: start workers, "
                "free their cores, or ask for less memory (spark.executor.memory)."
            )
        time.sleep(0.2)
