"""Names of enterprises in the one spelling in which they are compared and searched."""

import itertools
import re
import unicodedata

_OPENING = "[{〔【〖「『《〈<"
_CLOSING = "]}〕】〗」』》〉>"
_DOTS = "•‧∙⋅・"
_UNIFIED = str.maketrans(
    _OPENING + _CLOSING + _DOTS, "(" * len(_OPENING) + ")" * len(_CLOSING) + "·" * len(_DOTS)
)
_SPACE = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff]+")
_NOT_SEARCHED = re.compile(r"[\W_]+")


def normalise_name(text: str) -> str:
    """Return the name with one kind of brackets and width, capitals, and without any space.

    Two spellings of one name become equal; nothing is dropped that tells two names apart.

    >>> normalise_name("青禾县 麦香（集团）有限公司ab")
    '青禾县麦香(集团)有限公司AB'
    """
    # Capitals and lost spaces can make letters that NFKC would write otherwise, so until nothing changes.
    while (once := _pass(text)) != text:
        text = once
    return text


def _pass(text: str) -> str:
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).translate(_UNIFIED).upper()


def name_grams(text: str) -> str:
    """Return the pairs of neighbouring letters of a name, joined by spaces, for the search index.

    Punctuation is skipped, so a search may leave brackets out. A single letter stands for itself.

    >>> name_grams("麦香(集团)")
    '麦香 香集 集团'
    >>> name_grams("麦")
    '麦'
    """
    letters = _NOT_SEARCHED.sub("", normalise_name(text))
    if len(letters) < 2:
        return letters
    return " ".join(one + two for one, two in itertools.pairwise(letters))
