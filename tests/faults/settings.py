"""The node's own settings, for processes that tests kill: their home is given, their database with it."""

from creditmesh.web.settings import *  # noqa: F403
