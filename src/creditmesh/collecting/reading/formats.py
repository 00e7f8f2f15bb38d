"""What kind of file was delivered, told by its content, and its fingerprint."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from creditmesh.collecting.reading.rows import UnreadableFile

CHUNK = 1 << 20
# Control characters but tab and line ends; no byte of a UTF-8 or GB18030 letter is among them.
UNPRINTABLE = bytes({*range(32), 127} - {9, 10, 13})
OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1")


class Format(StrEnum):
    """The kinds of file that are read."""

    CSV = "csv"
    WORKBOOK = "workbook"
    LINES = "json-lines"
    PARQUET = "parquet"


@dataclass(frozen=True)
class Fingerprint:
    """The SHA-256 of a file's bytes, and whether control characters are among them."""

    sha256: str
    has_control: bool


def fingerprint(file: Path) -> Fingerprint:
    """Return the hash of the file and whether it holds control characters, in one pass."""
    digest = hashlib.sha256()
    has_control = False
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            has_control = has_control or len(chunk.translate(None, UNPRINTABLE)) < len(chunk)
    return Fingerprint(digest.hexdigest(), has_control)


def format_of(file: Path) -> Format:
    """Return the kind of the file by its first bytes; raise `UnreadableFile` when it is empty or a JSON array."""
    with file.open("rb") as stream:
        start = stream.read(4096)
    if not start.strip():
        raise UnreadableFile(
            "文件是空的；请检查导出后重新报送。",
            "The file is empty; check the export and send it again.",
            code="empty-file",
        )
    if start.startswith(b"PAR1"):
        return Format.PARQUET
    if start.startswith((b"PK\x03\x04", OLD_EXCEL)):
        return Format.WORKBOOK
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"["):
        raise UnreadableFile(
            "这是一个JSON数组；请改为JSON Lines（每行一个对象）后重新报送。",
            "This is a JSON array; write JSON lines, one object per line, and send it again.",
            code="json-array",
        )
    return Format.LINES if text.startswith(b"{") else Format.CSV
