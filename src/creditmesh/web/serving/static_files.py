"""Static files under names that carry their content's hash, so that browsers may keep them for ever."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.management.commands.collectstatic import Command
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

UNUSED = ["django_htmx"]  # brings every version of htmx; pages load the one of `assets`


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrite addresses inside style sheets, but leave alone the source maps that libraries only mention."""

    patterns = (
        (
            "*.css",
            tuple(
                pattern
                for kind, group in CompressedManifestStaticFilesStorage.patterns
                if kind == "*.css"
                for pattern in group
                if "sourceMappingURL" not in str(pattern)
            ),
        ),
    )

    def compress_files(self, paths: Iterable[str]) -> Iterable[tuple[str, str]]:
        """Compress what pages ask for; under their plain names files serve the page of a broken node alone."""
        asked = set(self.hashed_files.values())
        return super().compress_files([one for one in paths if one in asked])  # type: ignore[no-any-return]


def collect(*, root: Path) -> bool:
    """Bring the files in `root` up to date and return whether there was anything to do."""
    mark = root.with_name("static.mark")
    wanted = _fingerprint()
    if (
        mark.is_file()
        and mark.read_text(encoding="ascii") == wanted
        and (root / "staticfiles.json").is_file()
    ):
        return False
    call_command(Command(), interactive=False, verbosity=0, clear=root.is_dir(), ignore_patterns=UNUSED)
    mark.write_text(wanted, encoding="ascii")
    return True


def _fingerprint() -> str:
    """Return a text that changes when a static file is added, dropped or changed."""
    found = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(UNUSED):
            stat = Path(storage.path(name)).stat()
            found.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return found.hexdigest()
