"""The node's own settings, in a data folder of their own that is thrown away after the tests."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_home = tempfile.mkdtemp(prefix="creditmesh-tests-")
(Path(_home) / "static").mkdir()
atexit.register(shutil.rmtree, _home, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith("CREDITMESH_") and "_TEST_" not in name]:
    del os.environ[_name]
os.environ["CREDITMESH_HOME"] = _home
os.environ["CREDITMESH_CADENCE"] = "off"  # tests say themselves what runs
if _url := os.environ.get("CREDITMESH_TEST_DATABASE_URL"):
    os.environ["CREDITMESH_DATABASE_URL"] = _url

from creditmesh.web.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast: no real passwords here
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
# In memory: tests run in one process, and must not need the database to forget a lock-out.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
