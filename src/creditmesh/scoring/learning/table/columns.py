"""Columns of a table as whole numbers, texts, dates and truths: read the same way when learning and when scoring."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from math import isnan
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.definition.loaded import LARGE

Arrow = Any  # an Arrow array, whose stubs ask for the type of its items
ABSENT = {"", "na", "n/a", "nan", "null", "none", "#n/a", "nat"}
EPOCH = date(1970, 1, 1)
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d-%b-%y",
         "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y年%m月%d日", "%Y.%m.%d")  # fmt: skip
THOUSANDS = re.compile(r"[+-]?[1-9１-９]\d{0,2}(,\d{3})+(\.\d*)?")
YES, NO = {"true", "yes", "1", "y", "t", "是"}, {"false", "no", "0", "n", "f", "否"}


class NoSuchColumn(CreditmeshError):
    """A column that is asked for does not stand in the table."""

    code = "no-such-column"


@dataclass(frozen=True)
class Values:
    """The values of a column; where not `present` the value is 0 or '' and means nothing.

    `known` is int64: the number times its scale, or days since 1970 of a date, or 0 and 1; a text is an object.
    """

    type: ColumnType
    known: NDArray[Any]
    present: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.present)

    def taken(self, rows: NDArray[Any]) -> "Values":
        """Return the values of some rows."""
        return Values(self.type, self.known[rows], self.present[rows])

    def arrow(self) -> Arrow:
        """Return the values as an Arrow array with nulls."""
        gone = ~self.present
        if self.type is ColumnType.TEXT:
            return pa.array(self.known, pa.string(), mask=gone)
        if self.type is ColumnType.TRUTH:
            return pa.array(self.known.astype(bool), pa.bool_(), mask=gone)
        numbers = pa.array(self.known, pa.int64(), mask=gone)
        return numbers.cast(pa.int32()).cast(pa.date32()) if self.type is ColumnType.DATE else numbers


def column_of(table: pa.Table, name: str) -> Arrow:
    """Return a column of a table as one array; raise `NoSuchColumn`."""
    places = table.schema.get_all_field_indices(name)
    if not places:  # a table from elsewhere may hold the same name with blanks around it, or without
        places = [n for n, one in enumerate(table.column_names) if one.strip() == name.strip()]
    if len(places) != 1:
        known = ", ".join(table.column_names[:40])
        what = "no column" if not places else f"{len(places)} columns"
        raise NoSuchColumn(f"The table has {what} '{name}'; it has: {known}. Each name must stand once.")
    found = table.column(places[0]).combine_chunks()
    return _simple(found.cast(found.type.value_type) if isinstance(found.type, pa.DictionaryType) else found)


def _simple(array: Arrow) -> Arrow:
    """Return an array as it is if its values are numbers, days, truths or texts, else as the texts of its values."""
    kind = array.type
    tests = (
        pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_date,
        pa.types.is_timestamp, pa.types.is_string,
    )  # fmt: skip
    if any(test(kind) for test in tests):
        return array
    return pa.array([None if one is None else str(one) for one in array.to_pylist()], pa.string())


def values(array: Arrow, *, type_: ColumnType, scale: int = 1) -> Values:
    """Return an array as values of one type; what does not read as such is absent."""
    if type_ is ColumnType.INTEGER:
        return _numbers(array, scale)
    convert: Callable[[Any], Any] = {
        ColumnType.TEXT: as_text,
        ColumnType.DATE: _days,
        ColumnType.TRUTH: _truth,
    }[type_]
    read = _by_unique(array, convert)
    present = np.array([one is not None for one in read], dtype=bool)
    if type_ is ColumnType.TEXT:
        return Values(type_, np.array([one or "" for one in read], dtype=object), present)
    return Values(type_, np.array([one or 0 for one in read], dtype=np.int64), present)


def _numbers(array: Arrow, scale: int) -> Values:
    numbers = floats(array)
    present = ~np.isnan(numbers)
    # half up, and inside what the expressions of a system can hold
    scaled = np.floor(np.where(present, np.clip(numbers, -1e15, 1e15), 0.0) * scale + 0.5)
    return Values(ColumnType.INTEGER, np.clip(scaled, -LARGE, LARGE).astype(np.int64), present)


def floats(array: Arrow) -> NDArray[np.float64]:
    """Return an array as floating-point numbers, NaN where there is none."""
    kind = array.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        array = array.cast(pa.float64(), safe=False)
        kind = array.type
    if pa.types.is_floating(kind):
        return np.asarray(array.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    return np.array(
        [np.nan if one is None else one for one in _by_unique(array, as_number)], dtype=np.float64
    )


def _by_unique(array: Arrow, convert: Callable[[Any], Any]) -> list[Any]:
    """Convert each different value once."""
    coded = array.dictionary_encode()
    made = [*map(convert, coded.dictionary.to_pylist()), None]
    return [made[-1 if code is None else code] for code in coded.indices.to_pylist()]


def as_number(value: object) -> float | None:
    """Return a text as a number, None when it is none.

    Commas between thousands, a comma for the decimal point, a sign of money before, a per cent sign behind and
    full-width digits do no harm.

    >>> as_number("1,234.5"), as_number("12,5"), as_number(" 13.49%"), as_number("¥3,000"), as_number("x")
    (1234.5, 12.5, 13.49, 3000.0, None)
    """
    if not isinstance(value, str):
        return None
    text = value.strip().removesuffix("%").lstrip("¥￥$€").strip()
    if "," in text:
        text = text.replace(",", "") if THOUSANDS.fullmatch(text) else text.replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return None
    return None if isnan(number) else number


def as_text(value: object) -> str | None:
    """Return a value as text without blanks around it, None when there is none."""
    if isinstance(value, float):
        value = None if isnan(value) else int(value) if value.is_integer() else value
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else str(value).replace("\x00", "").strip()
    return None if text.lower() in ABSENT else text


def as_date(value: object) -> date | None:
    """Return a value as a date, None when it is none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()[:19].replace("T", " ") if isinstance(value, str) else ""
    for form in DATES if text[:1].isdigit() else ():
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def unread(array: Arrow, found: Values) -> int:
    """Return how many values of an array are there, but were not read as the type of what was found in it."""
    if found.type is ColumnType.TEXT or bool(found.present.all()):
        return 0
    rest = array.filter(pa.array(~found.present))
    return sum(one is not None for one in _by_unique(rest, as_text))


def _days(value: object) -> int | None:
    day = as_date(value)
    return None if day is None else (day - EPOCH).days


def _truth(value: object) -> int | None:
    text = (as_text(value) or "").lower()
    return 1 if text in YES else 0 if text in NO else None
