"""Every text of the pages that is meant to be translated, found in the code and the templates."""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

WEB = Path(__file__).parents[2] / "src" / "creditmesh" / "web"
LOCALE = WEB / "locale"
KEYWORDS: dict[str, tuple[object, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
Message = str | tuple[str, str]


def in_code() -> Iterator[tuple[Path, Message]]:
    """Yield every text of the Python files."""
    for path in sorted(WEB.rglob("*.py")):
        with path.open("rb") as file:
            for _, message, _, _ in extract("python", file, keywords=KEYWORDS):
                yield path, _plain(message)


def in_templates() -> Iterator[tuple[Path, Message]]:
    """Yield every text of the templates."""
    for path in sorted((WEB / "templates").rglob("*.html")):
        code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        for _, message, _, _ in extract("python", io.BytesIO(code.encode()), keywords=KEYWORDS):
            yield path, _plain(message)


def chinese() -> Catalog:
    """Return the Chinese words as the files have them, every portal's together."""
    whole = Catalog(locale="zh_Hans")
    for path in sorted(LOCALE.glob("*/zh_Hans/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_Hans"):
                if message.id:
                    whole[message.id] = message
    return whole


def _plain(message: object) -> Message:
    if isinstance(message, list | tuple):
        parts = [str(part) for part in message if part is not None]
        return (parts[0], parts[1]) if len(parts) > 1 else parts[0]
    return str(message)
