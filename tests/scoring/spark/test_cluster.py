"""What can be wrong with a cluster is said in a sentence, before anything is computed."""

import socket
from contextlib import closing
from types import SimpleNamespace

import pytest

from creditmesh.scoring.targets.spark import cluster
from creditmesh.scoring.targets.spark.cluster import Cluster, SparkUnavailable


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class TestACluster:
    @pytest.mark.parametrize(
        "master", ["spark://", "local[x]", "mesos://h:1", "host:7077", "spark://h:1,", "local[0"]
    )
    def test_that_is_no_address_is_refused(self, master):
        with pytest.raises(SparkUnavailable, match="no address of a Spark master"):
            cluster.require(master)

    def test_whose_master_does_not_answer_is_refused(self):
        with pytest.raises(SparkUnavailable, match="No Spark master answers"):
            cluster.require(f"spark://127.0.0.1:{free_port()}")

    def test_without_java_is_refused(self, monkeypatch):
        monkeypatch.setattr(cluster, "_package", lambda name: None)
        monkeypatch.setenv("JAVA_HOME", "/nowhere")

        with pytest.raises(SparkUnavailable, match="needs Java 17"):
            cluster.require("local[2]")

    def test_without_the_package_is_refused(self):
        with pytest.raises(SparkUnavailable, match=r"creditmesh\[spark\]"):
            cluster._package("no_such_package_as_this")

    def test_that_gives_no_worker_is_given_up(self):
        nobody = SimpleNamespace(statusTracker=lambda: SimpleNamespace(getExecutorInfos=lambda: [1]))
        context = SimpleNamespace(
            getConf=dict, _jsc=SimpleNamespace(sc=lambda: nobody)
        )  # getConf().get as of a dict

        with pytest.raises(SparkUnavailable, match="gave no worker within 0 seconds"):
            cluster._require_workers(
                SimpleNamespace(sparkContext=context), Cluster("spark://h:1", patience=0.1)
            )

    def test_tells_errors_of_java_in_one_line(self):
        error = ValueError("org.apache.spark.SparkException: Job aborted.\n\tat somewhere")

        assert cluster.first_line(error) == "Job aborted"
