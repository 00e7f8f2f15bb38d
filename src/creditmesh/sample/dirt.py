"""The dirt of real files: what kinds there are, how common each was measured to be, and how it is made.

The measurements are of public sets of real registrations and departmental lists that may not be shipped;
`measured` names each. A kind nobody could measure says so.
"""

from dataclasses import dataclass

from creditmesh.kernel import uscc
from creditmesh.sample.chance import Chance


@dataclass(frozen=True)
class Dirt:
    """A kind of dirt and the share of rows (or of what `measured` says) that carry it."""

    share: float
    measured: str


# In the register itself, codes are nearly always right.
WRONG_CHECK = Dirt(192 / 2_994_683, "registrations 1978-2019: 192 of 2,994,683 codes fail the check")
WRONG_INNER_CHECK = Dirt(189 / 2_994_491, "registrations: 189 of 2,994,491 good codes, inner check wrong")
LOWER_CASE = Dirt(49 / 96_723, "registrations of one province: 49 of 96,723 codes in lower case")
# Departments that copied the code by hand are worse.
OLD_NUMBER = Dirt(24 / 5_226, "list of class-A taxpayers 2018: 24 of 5,226 still state a 15-digit number")
MISTYPED_CODE = Dirt(
    4 / 5_226, "list of class-A taxpayers 2018: 2 broken 18-digit and 2 other numbers of 5,226"
)
NO_USABLE_CODE = Dirt(
    532 / 3_002_664, "registrations: 497 codes of 13 characters, 29 of other lengths, 6 empty of 3,002,664"
)
SPACED_CODE = Dirt(0.0005, "not measured (none seen); set as common as lower case")
REPEATED_KEY = Dirt(250 / 5_226, "list of class-A taxpayers 2018: 250 of 5,226 rows repeat an identifier")
OTHER_NAME = Dirt(76 / 2_437, "linked taxpayers: 76 of 2,437 names differ from the register's")
BRACKETED = Dirt(6_848 / 329_078, "national sample: 6,848 of 329,078 names hold brackets")
HALF_BRACKETS = Dirt(5_292 / 6_848, "national sample: 5,292 of 6,848 bracketed names use half-width ones")
SPACED_NAME = Dirt(35 / 329_078, "national sample: 35 of 329,078 names hold a space")
# The older system of the register.
TYPE_NOT_STATED = Dirt(0.89, "registrations: the type is N/A in 89 % of rows")
CAPITAL_NOT_STATED = Dirt(11_245 / 96_723, "one province: 11,235 N/A and 10 '-' of 96,723 capitals")
FOREIGN_CURRENCY = Dirt(39 / 24_642, "one province: 39 of 24,642 stated capitals in another currency")
# Courts.
REPEATED_ROW = Dirt(64 / 1_308, "judgments of one city: 64 of 1,308 rows stand there twice")
NO_DATE = Dirt(23 / 1_308, "judgments of one city: 23 of 1,308 without a date")
NUMERAL_DATE = Dirt(1_285 / 1_308, "judgments of one city: every stated date in Chinese numerals")
# Deliveries.
REPEATED_IN_REGISTER = Dirt(19 / 329_078, "national sample: 19 of 329,078 rows stand there twice")
LATE = Dirt(0.02, "not measured; part of the rows held back for the late batch")

# Spellings of stated capitals, national sample and Qinghai, by count; {} is a grouped number of 万元.
CAPITAL_SPELLINGS = {
    "{}(万元人民币)": 137_757,
    "{}(万元)": 42_894,
    "{}(万)": 36_472,
    "{}万人民币": 16_240,
    "{}万元人民币": 6_801,
    "{}(万人民币元)": 6_337,
    "{}（万元）": 1_857,
    "{}万元": 1_666,
    "{}()": 1_285,
    "{}(万元(人民币))": 810,
    "{}万人民币元": 653,
    "{}( 万人民币元)": 194,
    "{}万": 80,
    "{}(万元（人民币）)": 7,
}
FOREIGN_SPELLINGS = {
    "{}(万美元)": 3_011,
    "{}(万香港元)": 362,
    "{}(万港币)": 272,
    "{}万美元": 116,
    "{}(万日元)": 61,
}
# Not dirt but a measure too: our own assumption of a county's sizes.
SIZE_SHARES = {"micro": 78, "small": 19, "medium": 2.6, "large": 0.4}


def code(chance: Chance, right: str, *, in_register: bool) -> str:
    """Return the code as a department may write it: mostly right."""
    if chance.happens((WRONG_CHECK if in_register else MISTYPED_CODE).share):
        return mistyped(chance, right)
    if chance.happens(LOWER_CASE.share):
        return right.lower()
    if chance.happens(SPACED_CODE.share):
        return f"{right[:8]} {right[8:]}"
    return right


def mistyped(chance: Chance, right: str) -> str:
    """Return the code with one of its characters from the ninth on mistyped, so that its check fails."""
    place = chance.randrange(8, 18)
    wrong = chance.choice([letter for letter in uscc.ALPHABET if letter != right[place]])
    return right[:place] + wrong + right[place + 1 :]


def name(chance: Chance, right: str, former: str, *, in_register: bool) -> str:
    """Return the name as it may be written: brackets, a space; elsewhere a former or everyday name."""
    if not in_register and chance.happens(OTHER_NAME.share):
        return former if former != right else everyday(right)
    if "（" in right and chance.happens(HALF_BRACKETS.share):
        right = right.replace("（", "(").replace("）", ")")
    if chance.happens(SPACED_NAME.share):
        return f"{right[:3]} {right[3:]}"
    return right


def everyday(right: str) -> str:
    """Return what people call the enterprise: without brackets, a word shorter or longer."""
    if "（" in right:
        return right.replace("（", "").replace("）", "")
    long, short = "有限责任公司", "有限公司"
    if long in right:
        return right.replace(long, short)
    return right.replace(short, long) if short in right else right.removeprefix("青禾县")


def capital(chance: Chance, fen: int) -> str:
    """Return a stated capital in one of the measured spellings, or N/A where it is not stated."""
    if chance.happens(CAPITAL_NOT_STATED.share):
        return "" if chance.happens(0.999) else "-"
    foreign = chance.happens(FOREIGN_CURRENCY.share)
    spelling = chance.one(FOREIGN_SPELLINGS if foreign else CAPITAL_SPELLINGS)
    return spelling.format(ten_thousands(fen, grouped=True))


def ten_thousands(fen: int, *, grouped: bool) -> str:
    """Return an amount in 万元 as a plain or grouped number without needless decimals."""
    whole, rest = divmod(abs(fen), 10**6)
    decimals = f".{rest:06d}".rstrip("0").rstrip(".")
    return f"{'-' if fen < 0 else ''}{whole:{',' if grouped else ''}}{decimals}"
