"""The 15-digit registration number of GS 15-2006, older than the USCC: region, sequence, check digit."""

import re

_SHAPE = re.compile(r"[0-9]{15}")


def check_digit(body: str) -> str:
    """Return the 15th digit for the first fourteen (ISO 7064 modulo 11,10).

    Raises `ValueError` for anything but fourteen digits.

    >>> check_digit("31011560098553")
    '3'
    """
    if len(body) != 14 or not body.isascii() or not body.isdigit():
        raise ValueError(f"a registration number starts with fourteen digits, not {body!r}")
    rest = 10
    for digit in body:
        rest = (((rest + int(digit)) % 10 or 10) * 2) % 11
    return str((11 - rest) % 10)


def is_valid(number: str) -> bool:
    """Return whether the text is fifteen digits and the last one fits.

    >>> is_valid("110108000000016"), is_valid("310115600985535")
    (True, False)
    """
    return _SHAPE.fullmatch(number) is not None and check_digit(number[:14]) == number[14]


def region_of(number: str) -> str:
    """Return the code of the authority's region, the first six digits.

    >>> region_of("310115600985533")
    '310115'
    """
    return number[:6]
