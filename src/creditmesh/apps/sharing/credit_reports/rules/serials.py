"""Serial numbers of reports: typed from paper without mistakes, and never guessed."""

import secrets
from datetime import date

# Crockford's alphabet: no I, L, O, U, which paper confuses.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM = 16  # characters of five bits: 80 bits nobody guesses
PREFIX = "CR"
LONGEST = 60
_MEANT = str.maketrans("OIL", "011")


def new(*, on: date) -> str:
    """Return a serial that was never given out: the year, 80 random bits, a check character."""
    return _written(f"{on.year:04d}" + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM)))


def read(text: str) -> str | None:
    """Return a serial as it is kept, whatever case, blanks and dashes it was typed with; None for what is none.

    >>> read(" cr 2026 0000 0000 0000 0000 p"), read("CR-2026-0000-0000-0000-0000-1")
    ('CR-2026-0000-0000-0000-0000-P', None)
    """
    plain = "".join(one for one in text[:LONGEST].upper() if one.isalnum())
    body = plain.removeprefix(PREFIX).translate(_MEANT)
    if len(body) != 4 + RANDOM + 1 or not (body[:4].isascii() and body[:4].isdigit()):
        return None
    if any(one not in ALPHABET for one in body):
        return None
    written = _written(body[:-1])
    return written if written[-1] == body[-1] else None


def _written(body: str) -> str:
    groups = [body[start : start + 4] for start in range(0, len(body), 4)]
    return "-".join((PREFIX, *groups, _check(body)))


def _check(body: str) -> str:
    # Odd factors are coprime to 32, so that every single wrong character is found.
    total = sum((2 * place + 1) * ALPHABET.index(one) for place, one in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]
