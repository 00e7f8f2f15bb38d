"""Tell by its content what a file of evidence is, and keep nothing of it but the document itself."""

import re
import struct
import zlib
from dataclasses import dataclass
from enum import StrEnum

from creditmesh.kernel.errors import CreditmeshError

LARGEST = 10 * 1024 * 1024
LONGEST_SIDE = 20_000  # pixels: a picture that unpacks to more is no scan of a letter

_PNG = b"\x89PNG\r\n\x1a\n"
_PDF = re.compile(rb"%PDF-[12]\.\d")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
# What a PDF can do besides being read; a letter of agency does none of it.
_ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|GoToE|ImportData)(?![A-Za-z])")
_OBJECT_STREAM = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
_ZIP_END = b"PK\x05\x06"
_UNPACKED = 4 * 1024 * 1024
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_RESTARTS = range(0xD0, 0xD8)
_ALONE = frozenset({0x01, *_RESTARTS})  # markers without a length
_START_OF_SCAN, _END_OF_PICTURE = 0xDA, 0xD9


class MediaType(StrEnum):
    """What evidence may be."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"


ENDINGS = {MediaType.PDF: ".pdf", MediaType.JPEG: ".jpg", MediaType.PNG: ".png"}


class UnfitFile(CreditmeshError):
    """A file is no PDF, JPEG or PNG, is broken, or does more than show a document."""

    code = "unfit-file"


@dataclass(frozen=True)
class Document:
    """What a file is, and the bytes that are kept."""

    media_type: MediaType
    content: bytes


def document_in(content: bytes) -> Document:
    """Return the document a file holds, whatever its name says; raise `UnfitFile`.

    What hangs behind the end of a picture is cut off: cameras append data there, and so do people who want
    one file to be two things.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return Document(MediaType.JPEG, content[: _end_of_jpeg(content)])
    if content.startswith(_PNG):
        return Document(MediaType.PNG, content[: _end_of_png(content)])
    if _PDF.match(content):
        _check_pdf(content)
        return Document(MediaType.PDF, content)
    raise UnfitFile("The file is none of PDF, JPEG and PNG: scan or photograph the document and send that.")


def _broken(kind: str) -> UnfitFile:
    return UnfitFile(f"The file begins as {kind} but is damaged or cut short: save it again and resend it.")


def _end_of_jpeg(content: bytes) -> int:
    """Return where the picture ends; every segment is walked, so that the length is the picture's own."""
    place, seen_frame = 2, False
    while (marker := _marker(content, place)) != _END_OF_PICTURE:
        if marker in _ALONE:
            place += 2
            continue
        (length,) = struct.unpack(">H", content[place + 2 : place + 4].ljust(2, b"\0"))
        if length < 2:
            raise _broken("JPEG")
        if marker in _FRAMES:
            _check_frame(content[place + 4 : place + 2 + length])
            seen_frame = True
        place += 2 + length
        if marker == _START_OF_SCAN:
            place = _end_of_scan(content, place)
    if not seen_frame:
        raise _broken("JPEG")
    return place + 2


def _marker(content: bytes, place: int) -> int:
    if content[place : place + 1] != b"\xff" or place + 1 >= len(content):
        raise _broken("JPEG")
    return content[place + 1]


def _check_frame(frame: bytes) -> None:
    if len(frame) < 5:
        raise _broken("JPEG")
    height, width = struct.unpack(">HH", frame[1:5])
    _check_sides(width, height)


def _end_of_scan(content: bytes, place: int) -> int:
    while (place := content.find(b"\xff", place)) >= 0:
        following = content[place + 1 : place + 2]
        if following and following[0] != 0 and following[0] not in _RESTARTS:
            return place
        place += 2
    raise _broken("JPEG")


def _end_of_png(content: bytes) -> int:
    place = len(_PNG)
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4])
        kind = content[place + 4 : place + 8]
        end = place + 12 + length
        body = content[place + 4 : end - 4]
        if end > len(content) or zlib.crc32(body) != int.from_bytes(content[end - 4 : end]):
            raise _broken("PNG")
        if (place == len(_PNG)) != (kind == b"IHDR"):
            raise _broken("PNG")
        if kind == b"IHDR":
            if length != 13:
                raise _broken("PNG")
            _check_sides(*struct.unpack(">II", body[4:12]))
        if kind == b"IEND":
            return end
        place = end
    raise _broken("PNG")


def _check_sides(width: int, height: int) -> None:
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        raise UnfitFile(f"The picture is larger than {LONGEST_SIDE} pixels on a side: scan it smaller.")


def _check_pdf(content: bytes) -> None:
    tail = content.rstrip(b"\0 \t\r\n")
    if not tail.endswith(b"%%EOF") or b"startxref" not in tail[-2048:]:
        raise _broken("PDF")
    if _ZIP_END in content[-70_000:]:
        raise UnfitFile("The file is a PDF and an archive at once: save the document again as PDF alone.")
    for text in (content, *_unpacked(content)):
        if _ACTIVE.search(_ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), text)):
            raise UnfitFile(
                "The PDF holds a script, a program or another file: print it to a new PDF and send that."
            )


def _unpacked(content: bytes) -> list[bytes]:
    """Return the object streams in plain, where names such as /JavaScript may hide."""
    found, room = [], _UNPACKED
    for start in _OBJECT_STREAM.finditer(content):
        try:
            plain = zlib.decompressobj().decompress(content[start.end() :], max(room, 1))
        except zlib.error:
            continue
        found.append(plain)
        room -= len(plain)
        if room <= 0:
            raise UnfitFile("The PDF unpacks to more than a letter holds: print it to a new PDF.")
    return found
