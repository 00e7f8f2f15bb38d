"""The nine-character organisation code of GB 11714, embedded in positions 9 to 17 of a USCC."""

import re

WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_SHAPE = re.compile(r"[0-9A-Z]{8}[0-9X]")


def check_character(body: str) -> str:
    """Return the ninth character that belongs to the first eight (GB 11714: 11 minus the sum modulo 11).

    Raises `ValueError` for anything but eight digits and capital letters.

    >>> check_character("10162374")
    '1'
    """
    if len(body) != 8 or not body.isascii() or not body.isalnum() or body != body.upper():
        raise ValueError(f"an organisation code starts with eight digits or capital letters, not {body!r}")
    total = sum(weight * int(letter, 36) for weight, letter in zip(WEIGHTS, body, strict=True))
    return "0123456789X0"[11 - total % 11]


def is_valid(code: str) -> bool:
    """Return whether the ninth character fits the other eight.

    >>> is_valid("101623741"), is_valid("101623742")
    (True, False)
    """
    return _SHAPE.fullmatch(code) is not None and check_character(code[:8]) == code[8]
