"""Compile the translations (.po) to what Django reads (.mo), where they are newer."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent.parent / "src" / "creditmesh" / "web" / "locale"


def main() -> None:
    """Write a .mo beside every .po that has changed since."""
    for source in LOCALE.glob("*/*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as text, target.open("wb") as binary:
            write_mo(binary, read_po(text))


if __name__ == "__main__":
    main()
