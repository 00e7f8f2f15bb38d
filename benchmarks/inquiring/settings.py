"""The node's settings with one more address: the bare endpoint that the benchmark compares with."""

from creditmesh.web.settings import *  # noqa: F403

ROOT_URLCONF = "inquiring.urls"
CREDITMESH_SHORT = (*CREDITMESH_SHORT, "/api/v1/bare")  # noqa: F405 (the same frame for both)
