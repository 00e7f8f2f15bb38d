"""Static files under names that carry their content's hash, so that browsers may keep them for ever."""

import hashlib
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.management.commands.collectstatic import Command
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage


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
    call_command(Command(), interactive=False, verbosity=0, clear=root.is_dir())
    mark.write_text(wanted, encoding="ascii")
    return True


def _fingerprint() -> str:
    """Return a text that changes when a static file is added, dropped or changed."""
    found = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            found.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return found.hexdigest()
