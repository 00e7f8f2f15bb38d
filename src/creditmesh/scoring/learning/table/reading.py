"""What each column of a table is for a learnt system: its type and scale, or why it is left out."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from creditmesh.scoring.definition.features import LARGEST_SCALE, ColumnType
from creditmesh.scoring.language.parsing import RESERVED
from creditmesh.scoring.learning.table.columns import (
    Arrow,
    Values,
    as_date,
    as_number,
    as_text,
    column_of,
    floats,
    values,
)

MOST_OF = 0.95  # of what is there must read as a number, or as a date, to count as one
FEWEST_ALIKE = 5  # rows with the same text before it says anything
MANY_DIFFERENT = 24
MOST_MONTHS = 720
LONGEST_NAME = 200
DOZEN = 12
DAY_OR_MONTH_FIRST = re.compile(r"\d{1,2}([/.-])\d{1,2}\1\d{4}( .*)?|\d{1,2}/\d{1,2}/\d{2}")
ROW_NUMBERS = re.compile(r"__index_level_\d+__|Unnamed: \d+")  # what pandas adds when it writes a table
FEWEST_NUMBERED = 50
MOST_DAYS = 6  # columns of days of which every two are set against each other
PREFIXES = ("points_", "value_", "held_", "key_", "sum_", "weight_", "coverage_", "is_", "top_", "covered_",
            "state_", "part_", "both_")  # fmt: skip
SQL_WORDS = {"learnt", "subject", "name", "region", "industry", "score", "grade", "outcome", "total", "bp", "own", "and",
             "or", "not", "in", "is", "if", "else", "for", "true", "false", "none", "from", "import", "class",
             "lambda", "with", "as", "def", "del", "try", "while", "pass", "return", "yield", "global", "assert",
             "break", "continue", "except", "finally", "raise", "nonlocal", "async", "await", "elif",
             "exclusions", "triggers", "caps", "coverage_bp"}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One thing to learn from: a column of the table, or what is computed from some (`reads`) by `expression`."""

    name: str
    id: str
    type: ColumnType
    scale: int
    values: Values
    expression: str
    label_zh: str
    label_en: str
    reads: tuple["Column", ...] = ()
    optional: bool = False  # learnt from only where it is found worth it


@dataclass(frozen=True)
class Note:
    """Something a reader of the system should know, and which column it is about."""

    column: str
    said: str
    zh: str


@dataclass(frozen=True)
class Inputs:
    """The columns that can be used, and notes on those that cannot."""

    columns: tuple[Column, ...]
    notes: tuple[Note, ...]


def inputs_of(table: pa.Table, *, leave: Collection[str], moment: Column | None = None) -> Inputs:
    """Return the usable columns of a table but those to leave out, with a note on each that is not usable."""
    columns: list[Column] = []
    notes: list[Note] = []
    days: list[Column] = []
    taken = reserved() | ({moment.id} if moment is not None else set())
    for name in table.column_names:
        if name in leave:
            continue
        problem = _misnamed(name, table)
        if problem is not None:
            notes.append(Note(name, *problem))
            continue
        array = column_of(table, name)
        type_ = type_of(array)
        if type_ is ColumnType.TEXT and day_or_month_first(array):
            notes.append(
                Note(
                    name,
                    "days written as 03/04/2019 may be of March or of April; left out: write 2019-04-03",
                    "日期写成03/04/2019，无法分辨日月，未使用；请写成2019-04-03",
                )
            )
            continue
        numbers = floats(array) if type_ is ColumnType.INTEGER else np.zeros(0)
        scale = _scale(numbers) if type_ is ColumnType.INTEGER else 1
        read = values(array, type_=type_, scale=scale)
        problem = _out_of_reach(numbers, read) or _unusable(read) or _numbered(read, scale)
        if problem is not None:
            notes.append(Note(name, *problem))
            continue
        plain = plain_column(name, identifier(name, taken), type_, scale, read)
        if type_ is ColumnType.DATE and moment is None:
            days.append(plain)
            continue
        columns += _made(plain, moment, taken)
    return Inputs((*columns, *_apart(days, taken)), (*notes, *_undated(days)))


def _apart(days: Sequence[Column], taken: set[str]) -> list[Column]:
    """Return the days from each column of days to each later one: all they can say where nothing dates the rows."""
    made = [_days_between(one, other, taken) for one, other in combinations(days[:MOST_DAYS], 2)]
    return [one for one in made if _unusable(one.values) is None]


def _undated(days: Sequence[Column]) -> list[Note]:
    compared = [one.name for one in days[:MOST_DAYS]] if len(days) > 1 else []
    return [
        Note(one.name, "days are only set against other days, for want of a time column (--time)",
             "无时间列，仅与其他日期列比较天数")
        if one.name in compared
        else Note(one.name, "dates need a time column to be counted from; left out",
                  "日期须有时间列才能换算天数，未使用")
        for one in days
    ]  # fmt: skip


def reserved() -> set[str]:
    """Return the identifiers that no column may have."""
    return set(SQL_WORDS) | set(RESERVED)


def plain_column(name: str, id_: str, type_: ColumnType, scale: int, read: Values) -> Column:
    """Return a column of the table as it is."""
    return Column(name, id_, type_, scale, read, id_, name, name)


def _made(column: Column, moment: Column | None, taken: set[str]) -> list[Column]:
    """Return a column with what is computed from it; a date only as the days from it to the moment."""
    if column.type is ColumnType.DATE and moment is not None:
        return [_days_between(column, moment, taken)]
    return [column, *_remainders(column, taken)]


def _days_between(column: Column, moment: Column, taken: set[str]) -> Column:
    own, other = column.values, moment.values
    present = own.present & other.present
    days = np.where(present, other.known - own.known, 0)
    return Column(
        column.name, identifier(f"days_{column.id[:35]}", taken), ColumnType.INTEGER, 1,
        Values(ColumnType.INTEGER, days, present), f"days({column.id}, {moment.id})",
        f"{column.name}至{moment.name}的天数", f"Days from {column.name} to {moment.name}", (column, moment),
    )  # fmt: skip


def _remainders(column: Column, taken: set[str]) -> list[Column]:
    """Return what is left of whole counts after whole dozens: round terms and odd ones differ."""
    read = column.values
    known = read.known[read.present]
    if column.type is not ColumnType.INTEGER or column.scale != 1 or known.min() < 0 or known.max() > 10**6:
        return []
    if len(np.unique(known)) < MANY_DIFFERENT or known.max() > MOST_MONTHS:
        return []
    left = np.where(read.present, read.known % DOZEN, 0)
    return [
        Column(
            column.name, identifier(f"{column.id}_mod_{DOZEN}", taken), ColumnType.INTEGER, 1,
            Values(ColumnType.INTEGER, left, read.present),
            f"{column.id} - ratio({column.id}, {DOZEN}, 1) * {DOZEN}",
            f"{column.name}除以{DOZEN}的余数", f"Remainder of {column.name} divided by {DOZEN}", (column,),
        )
    ]  # fmt: skip


def type_of(array: Arrow) -> ColumnType:
    """Return what stands in a column, by its Arrow type or, of texts, by nearly all of its values."""
    kind = array.type
    if pa.types.is_boolean(kind):
        return ColumnType.TRUTH
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return ColumnType.INTEGER
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return ColumnType.DATE
    found = [text for one in array.dictionary_encode().dictionary.to_pylist() if (text := as_text(one))]
    if not found or any(re.fullmatch(r"0\d+", one) for one in found):
        return ColumnType.TEXT  # 03 is a code, not three
    numbers = sum(as_number(one) is not None for one in found)
    if numbers >= MOST_OF * len(found) and not all(re.fullmatch(r"(19|20)\d{6}", one) for one in found):
        return ColumnType.INTEGER
    dates = sum(as_date(one) is not None for one in found)
    return ColumnType.DATE if dates >= MOST_OF * len(found) else ColumnType.TEXT


def day_or_month_first(array: Arrow) -> bool:
    """Return whether nearly all texts of a column are days of which nobody can say where the month stands."""
    found = [text for one in array.dictionary_encode().dictionary.to_pylist() if (text := as_text(one))]
    return sum(DAY_OR_MONTH_FIRST.fullmatch(one) is not None for one in found) > MOST_OF * len(found)


def _scale(numbers: NDArray[np.float64]) -> int:
    """Return the power of ten that keeps apart what lies apart: whole numbers stay as they are."""
    known = numbers[np.isfinite(numbers)]
    if not len(known) or bool(np.all(known == np.floor(known))):
        return 1
    apart = np.unique(np.quantile(known, np.linspace(0, 1, 101), method="lower"))
    gap = float(np.min(np.diff(apart))) if len(apart) > 1 else 1.0
    spread = float(np.quantile(known, 0.95) - np.quantile(known, 0.05)) or gap
    fine = max(gap, spread / 10_000)  # four digits of the range of nearly all are enough
    scale = 10
    while scale < LARGEST_SCALE and fine * scale < 1:
        scale *= 10
    return scale


def _unusable(read: Values) -> tuple[str, str] | None:
    if not read.present.any():
        return "nothing is ever there; left out", "全部缺失，未使用"
    known = read.known[read.present]
    if read.type is not ColumnType.TEXT:
        if read.present.all() and bool(np.all(known == known[0])):
            return "always the same; left out", "取值恒定，未使用"
        return None
    different, counts = np.unique(known.astype(str), return_counts=True)
    if read.present.all() and len(different) == 1:
        return "always the same; left out", "取值恒定，未使用"
    if counts.max() < FEWEST_ALIKE and len(known) > FEWEST_ALIKE:
        return "nearly every row has its own text, as an id has; left out", "几乎每行不同（如编号），未使用"
    return None


def _misnamed(name: str, table: pa.Table) -> tuple[str, str] | None:
    if ROW_NUMBERS.fullmatch(name):
        return "numbers of rows that a program wrote; left out", "程序写入的行号，未使用"
    if not 0 < len(name.strip()) <= LONGEST_NAME or table.column_names.count(name) > 1:
        return "its name is empty, too long or not its own; left out", "列名为空、过长或重复，未使用"
    return None


def _out_of_reach(numbers: NDArray[np.float64], read: Values) -> tuple[str, str] | None:
    """Return what is wrong with numbers that differ, but not in what a system can hold of them."""
    known = read.known[read.present]
    if not len(numbers) or not len(known) or known.min() != known.max():
        return None
    if np.nanmin(numbers) == np.nanmax(numbers):
        return None
    return (
        "its numbers are too large or too fine to tell apart; left out: write them in another unit, or ids as text",
        "数值过大或过细，无法区分，未使用；请换用其他单位，编号请写成文本",
    )


def _numbered(read: Values, scale: int) -> tuple[str, str] | None:
    """Return what is wrong with whole numbers handed out one by one: by chance, so many would not all differ."""
    known = read.known[read.present]
    if read.type is not ColumnType.INTEGER or scale != 1 or len(known) < FEWEST_NUMBERED:
        return None
    if int(known.max()) - int(known.min()) > len(known) ** 2 / 20 or len(np.unique(known)) < len(known):
        return None
    return "every row has its own whole number, as an id has; left out", "每行数字各不相同（如编号），未使用"


def identifier(name: str, taken: set[str]) -> str:
    """Return a free identifier that resembles a column's name, and take it.

    >>> identifier("Loan Amount (CNY)", set()), identifier("注册资本", {"c1"})
    ('loan_amount_cny', 'c2')
    """
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40].strip("_")
    if not plain or not plain[0].isalpha() or plain.startswith(PREFIXES):
        plain = f"c_{plain}" if plain else "c"
    found, n = ("c1", 1) if plain == "c" else (plain, 1)
    while found in taken:
        n += 1
        found = f"c{n}" if plain == "c" else f"{plain}_{n}"
    taken.add(found)
    return found
