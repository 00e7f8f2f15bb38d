"""Words about institutions: their programs, keys, limits and notices."""

from django.utils.functional import Promise

SENTENCES: dict[str, Promise | str] = {}
"""What was refused, by the code of the error, for Chinese pages."""

ACTS: dict[str, Promise | str] = {}
"""What was done, by the act the ledger names."""
