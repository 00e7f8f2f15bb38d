"""The unified social credit code of GB 32100-2015: check it, and explain what is wrong with one.

A code whose check character is wrong may still be a real one (domain.md §6.1), so there are two
modes: `strict` refuses it, `warn` takes it as it is and says so.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from creditmesh.kernel import organisation_code, regions
from creditmesh.kernel.errors import CreditmeshError

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
# Registering department and category as seen in use; a list to warn by, never to refuse by.
_IN_USE = "11 12 13 19 21 31 32 33 34 35 41 51 52 53 54 55 59 61 62 71 72 81 91 92 93 A1 G1 J1 N1 N2 N3 Y1"
CATEGORY_PREFIXES = frozenset(_IN_USE.split())
Mode = Literal["strict", "warn"]

_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_SHAPE = re.compile(f"[{ALPHABET}]{{18}}")
_NOISE = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff\-‐‑‒–—―−]+")


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a code, in words for the data officer; positions count from 1."""

    code: str
    zh: str
    en: str
    position: int | None = None
    refused_in: frozenset[Mode] = frozenset()  # empty: a remark, the code is taken in both modes

    def sentence(self, language: str) -> str:
        """Return the words for a language code such as `zh-hans` or `en`."""
        return self.zh if language.lower().startswith("zh") else self.en


class RefusedCode(CreditmeshError):
    """A text that cannot be taken as a USCC in the mode asked for; `problems` says why."""

    code = "uscc"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(" ".join(one.en for one in problems))
        self.problems = problems


@dataclass(frozen=True)
class Uscc:
    """A code that was taken, in its one spelling, with what is odd about it."""

    code: str
    remarks: tuple[Problem, ...] = ()

    @property
    def category(self) -> str:
        """Return the registering department and category, such as `91` for an enterprise."""
        return self.code[:2]

    @property
    def region(self) -> str:
        """Return the region of the authority that first issued the code, which may be long gone."""
        return self.code[2:8]

    @property
    def organisation_code(self) -> str:
        """Return the embedded organisation code, its own check character included."""
        return self.code[8:17]


_BOTH: frozenset[Mode] = frozenset({"strict", "warn"})
_STRICT: frozenset[Mode] = frozenset({"strict"})


def normalise(text: str) -> str:
    """Return the text in half-width capitals without spaces and hyphens.

    >>> normalise(" ９１６３０００0ma75-2x ")
    '91630000MA752X'
    """
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()


def check_character(body: str) -> str:
    """Return the 18th character for the first seventeen (GB 32100-2015).

    Raises `ValueError` for anything but seventeen letters of the alphabet.

    >>> check_character("91350100M000100Y4")
    '3'
    """
    if len(body) != 17 or not _VALUES.keys() >= set(body):
        raise ValueError(f"a code starts with seventeen of {ALPHABET}, not {body!r}")
    total = sum(weight * _VALUES[letter] for weight, letter in zip(WEIGHTS, body, strict=True))
    # A remainder of 0 gives '0'; code in the wild that leaves the outer modulo out crashes here.
    return ALPHABET[(31 - total % 31) % 31]


def is_valid(code: str) -> bool:
    """Return whether the text is, exactly as it stands, a code with the right check character.

    >>> is_valid("91350100M000100Y43"), is_valid("91350100m000100y43")
    (True, False)
    """
    return _SHAPE.fullmatch(code) is not None and check_character(code[:17]) == code[17]


def parse(text: str, *, mode: Mode) -> Uscc:
    """Return the code in its one spelling, with remarks; raise `RefusedCode` when the mode forbids it."""
    found = problems(text)
    refusals = tuple(one for one in found if mode in one.refused_in)
    if refusals:
        raise RefusedCode(refusals)
    return Uscc(normalise(text), found)


def problems(code: str, *, on: date | None = None) -> tuple[Problem, ...]:
    """Return everything wrong or odd about a code, refusals first; with `on` its region must be valid then.

    >>> [one.code for one in problems("91350211M0000XUF46")]
    ['check-character', 'last-character-suspect']
    """
    text = normalise(code)
    spelling = _spelling(code, text)
    shape = _shape(text)
    if shape:
        return (*shape, *spelling)
    return (*_check(text), *spelling, *_origin(text, on))


def _spelling(code: str, text: str) -> tuple[Problem, ...]:
    if code == text:
        return ()
    if code.upper() == text:
        return (
            Problem(
                "lower-case", "代码含小写字母，已按大写处理。", "Lower-case letters were read as capitals."
            ),
        )
    return (
        Problem(
            "spaces",
            "代码含空格、连字符或全角字符，已去除或转换。",
            "Spaces, hyphens or full-width letters were removed or converted.",
        ),
    )


def _shape(text: str) -> tuple[Problem, ...]:
    found = [
        Problem(
            "letter",
            f"第{place}位“{letter}”不是代码允许的字符（不使用 I、O、S、V、Z）。",
            f"Character {place}, {letter!r}, is not allowed in a code (I, O, S, V and Z are never used).",
            place,
            _BOTH,
        )
        for place, letter in enumerate(text, start=1)
        if letter not in _VALUES
    ]
    if len(text) != 18:
        hint_zh, hint_en = _length_hint(text)
        found.insert(
            0,
            Problem(
                "length",
                f"统一社会信用代码应为18位，此处为{len(text)}位{hint_zh}。",
                f"A code has 18 characters, this has {len(text)}{hint_en}.",
                None,
                _BOTH,
            ),
        )
    return tuple(found)


def _length_hint(text: str) -> tuple[str, str]:
    if len(text) == 15 and text.isdigit():
        return "，可能是15位工商注册号", "; it may be a 15-digit registration number"
    if len(text) == 9:
        return "，可能是组织机构代码", "; it may be an organisation code"
    return "", ""


def _check(text: str) -> tuple[Problem, ...]:
    expected = check_character(text[:17])
    inner = organisation_code.is_valid(text[8:17])
    if text[17] == expected:
        return () if inner else (_INNER_ONLY,)
    wrong = Problem(
        "check-character",
        f"校验码错误：第18位为“{text[17]}”，按前17位应为“{expected}”。",
        f"The check character is wrong: the first 17 call for {expected!r}, the last is {text[17]!r}.",
        18,
        _STRICT,
    )
    return (wrong, _LAST_SUSPECT if inner else _BODY_SUSPECT)


_INNER_ONLY = Problem(
    "organisation-code",
    "第9至17位的组织机构代码校验不符，但整体校验正确；真实代码中也有此情况，予以接受。",
    "The organisation code in characters 9 to 17 fails its own check while the whole passes; "
    "some real codes are like that, so it is taken.",
    17,
)
_LAST_SUSPECT = Problem(
    "last-character-suspect",
    "第9至17位的组织机构代码自身校验正确，错误多半在第18位或前8位。",
    "The organisation code in characters 9 to 17 is right in itself, "
    "so probably the last character or one of the first eight is mistyped.",
    18,
)
_BODY_SUSPECT = Problem(
    "body-suspect",
    "第9至17位的组织机构代码校验也不符，错误多半在第9至17位。",
    "The organisation code fails its own check too, so probably one of characters 9 to 17 is mistyped.",
    9,
)


def _origin(text: str, on: date | None) -> tuple[Problem, ...]:
    found = []
    if text[:2] not in CATEGORY_PREFIXES:
        found.append(
            Problem(
                "category",
                f"登记管理部门与机构类别“{text[:2]}”未见使用，请核对。",
                f"No registering department and category {text[:2]!r} is in use as far as we know; please check.",
                1,
            )
        )
    if not regions.is_known(text[2:8], on=on):
        found.append(
            Problem(
                "region",
                f"登记机关行政区划“{text[2:8]}”不在区划代码表中（开发区代码除外），请核对。",
                f"The region {text[2:8]!r} is in no revision of the region codes; "
                "some development zones use such codes, please check.",
                3,
            )
        )
    return tuple(found)
