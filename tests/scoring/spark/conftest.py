"""One Spark for all tests: starting a Java machine costs more than all they do."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from creditmesh.scoring.targets.spark import cluster

# Compiled once over and run for seconds: the first stage of the compiler is enough.
FRUGAL = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xss4m",
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
}


def missing() -> str:
    """Say what Spark lacks here, or nothing."""
    if find_spec("pyspark") is None:
        return "needs pyspark: pip install 'creditmesh[spark]'"
    return "" if which("java") else "needs Java: apt-get install openjdk-17-jre-headless"


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    if missing():
        pytest.skip(missing())
    folder: Path = tmp_path_factory.mktemp("spark")
    settings = {
        **FRUGAL,
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    with cluster.opened(cluster.Cluster("local[2]", settings)) as opened:
        yield opened
