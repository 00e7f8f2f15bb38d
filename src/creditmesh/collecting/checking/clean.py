"""The checks as SQL, for texts that are clean: whatever these take, `judge` takes with the same value.

Everything here is arithmetic on columns. A text that is not clean gives NULL, and its row goes to the
second look, where `judge` sees each distinct text once.
"""

from collections.abc import Sequence

from creditmesh.catalogue.model import FieldDefinition, Kind
from creditmesh.collecting.checking import judge, scalars
from creditmesh.collecting.reading.rows import quoted
from creditmesh.kernel import industries, regions, uscc

TYPES = {
    Kind.INTEGER: "BIGINT",
    Kind.MONEY: "BIGINT",
    Kind.PERCENT: "BIGINT",
    Kind.DATE: "DATE",
    Kind.BOOLEAN: "BOOLEAN",
}
_DATE = r"[1-9][0-9]{3}(?:-[0-9]{1,2}-|/[0-9]{1,2}/)[0-9]{1,2}(?: [0-2][0-9]:[0-5][0-9]:[0-5][0-9])?"
_UNPRINTABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
SEPARATOR = "chr(31)"  # no clean text holds it
_EDGES = tuple(f"chr({ord(one)})" for one in judge.SPACES)


def sql_type(kind: Kind) -> str:
    """Return the DuckDB type a field of the kind is kept in."""
    return TYPES.get(kind, "VARCHAR")


def types_needed(kinds: set[Kind]) -> list[str]:
    """Return the statements that make the ENUM types the expressions look codes up in."""
    wanted = {Kind.REGION: ("region_code", regions.codes), Kind.INDUSTRY: ("industry_code", _industries)}
    return [
        f"CREATE TYPE {name} AS ENUM ({', '.join(map(quoted, codes()))})"
        for kind, (name, codes) in wanted.items()
        if kind in kinds
    ]


def value(field: FieldDefinition, c: str, *, familiar: Sequence[str] = ()) -> str:
    """Return SQL for the typed value of column `c`; NULL where the text is empty or not clean.

    `familiar` texts are known to be clean codes; a column that repeats a few of them is checked faster.
    """
    found = _VALUES[field.kind](field, c)
    if familiar:
        found = f"CASE WHEN {c} IN ({_listed(familiar)}) THEN {c} ELSE {found} END"
    if not field.empty_values:
        return found
    return f"CASE WHEN {c} IN ({_listed(field.empty_values)}) THEN NULL ELSE {found} END"


def is_clean(field: FieldDefinition, c: str, v: str, *, on: str, control: bool) -> str:
    """Return SQL, never NULL, for: the text needs no second look.

    `v` is the column that holds `value`, `on` the SQL literal of the day of delivery; `control` says that
    the file holds control characters somewhere, so that texts are searched for them.
    """
    conditions = [f"length({c}) <= {field.max_length}"]
    if field.kind is Kind.TEXT:
        starts = [f"NOT starts_with({c}, {one})" for one in _EDGES]
        ends = [f"NOT ends_with({c}, {one})" for one in _EDGES]
        conditions += [*starts, *ends, *_printable(c, control=control)]
    return _unless_empty(field, c, v, [*conditions, *_limits(field, v, on)])


def may_be_clean(field: FieldDefinition, c: str, v: str, *, on: str) -> str:
    """Return SQL like `is_clean` without what `texts_are_clean` checks for all texts of a row at once."""
    if field.kind is Kind.TEXT:
        return _unless_empty(field, c, v, [])
    return _unless_empty(field, c, v, [f"strlen({c}) <= {field.max_length}", *_limits(field, v, on)])


def joined(texts: list[str]) -> str:
    """Return SQL for the texts of a row as one, with a separator before, between and after them."""
    return f"concat({SEPARATOR}, concat_ws({', '.join([SEPARATOR, *texts])}), {SEPARATOR})"


def texts_are_clean(j: str, lengths: dict[str, int], *, control: bool) -> list[str]:
    """Return SQL conditions for the texts of a row, joined in column `j`: no spaces at the edges, not too long.

    A search through one text for all is far cheaper than trimming each. `lengths` has the longest text
    allowed by column.
    """
    edges = [f"NOT contains({j}, {SEPARATOR} || {one})" for one in _EDGES]
    edges += [f"NOT contains({j}, {one} || {SEPARATOR})" for one in _EDGES]
    # Bytes are counted at once and are never fewer than the characters.
    short = " AND ".join(f"coalesce(strlen({c}) <= {most}, TRUE)" for c, most in lengths.items())
    exact = " AND ".join(f"coalesce(length({c}) <= {most}, TRUE)" for c, most in lengths.items())
    parts = [one for text in ([j] if control else []) for one in _printable(text, control=control)]
    # The separators themselves are control characters and are taken out of the search.
    parts = [one.replace(j, f"replace({j}, {SEPARATOR}, '')") for one in parts]
    return [*edges, f"CASE WHEN {short} THEN TRUE ELSE {exact} END", *parts]


def _unless_empty(field: FieldDefinition, c: str, v: str, conditions: list[str]) -> str:
    fine = " AND ".join([f"{v} IS NOT NULL", *conditions])
    if field.required:
        return f"coalesce({fine}, FALSE)"
    empty = f" OR {c} IN ({_listed(field.empty_values)})" if field.empty_values else ""
    return f"coalesce(({fine}) OR {c} IS NULL{empty}, FALSE)"


def _limits(field: FieldDefinition, v: str, on: str) -> list[str]:
    bounds = [(">=", field.minimum), ("<=", field.maximum)]
    found = [f"{v} {sign} {bound}" for sign, bound in bounds if bound is not None]
    if field.earliest is not None:
        found.append(f"{v} >= DATE '{field.earliest}'")
    if field.not_in_future:
        found.append(f"{v} <= {on}")
    return found


def _printable(c: str, *, control: bool) -> list[str]:
    return [f"NOT regexp_matches({c}, '{_UNPRINTABLE}')"] if control else []


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(map(quoted, texts))


def _text(field: FieldDefinition, c: str) -> str:
    return c


def _when(pattern: str, c: str, then: str) -> str:
    return f"CASE WHEN regexp_full_match({c}, '{pattern}') THEN {then} END"


def _integer(field: FieldDefinition, c: str) -> str:
    return _when("-?[0-9]{1,18}", c, f"TRY_CAST({c} AS BIGINT)")


def _money(field: FieldDefinition, c: str) -> str:
    unit = field.unit or "元"
    if unit == "元":
        return _when(r"-?[0-9]{1,13}(\.[0-9]{1,2})?", c, _scaled(c, 100))
    if unit == "万元":
        return _when(r"-?[0-9]{1,9}(\.[0-9]{1,6})?", c, _scaled(c, 1_000_000))
    return "NULL::BIGINT"


def _percent(field: FieldDefinition, c: str) -> str:
    share = scalars.SHARES[field.unit or "%"]
    if share == 100:
        return _when(r"-?[0-9]{1,6}(\.[0-9]{1,2})?%?", c, _scaled(f"rtrim({c}, '%')", 100))
    if share == 10_000:
        return _when(r"-?[0-9]{1,4}(\.[0-9]{1,4})?", c, _scaled(c, 10_000))
    return "NULL::BIGINT"


def _scaled(c: str, factor: int) -> str:
    """A double is exact here: below 10**15 its error is far less than the half that rounding takes away."""
    return f"round(TRY_CAST({c} AS DOUBLE) * {factor})::BIGINT"


def _date(field: FieldDefinition, c: str) -> str:
    return (
        f"CASE WHEN regexp_full_match({c}, '{_DATE}') THEN TRY_CAST({c} AS DATE) "
        f"WHEN regexp_full_match({c}, '[1-9][0-9]{{7}}') THEN try_strptime({c}, '%Y%m%d')::DATE END"
    )


def _boolean(field: FieldDefinition, c: str) -> str:
    return f"CASE WHEN {c} IN ({_listed(scalars.YES)}) THEN TRUE WHEN {c} IN ({_listed(scalars.NO)}) THEN FALSE END"


def _choice(field: FieldDefinition, c: str) -> str:
    names = scalars.choices(field)
    same = tuple(text for text, code in names.items() if text == code)
    others = [(text, code) for text, code in names.items() if text != code]
    whens = [f"WHEN {c} IN ({_listed(same)}) THEN {c}"] if same else []
    whens += [f"WHEN {c} = {quoted(text)} THEN {quoted(code)}" for text, code in others]
    return f"CASE {' '.join(whens)} END" if whens else "NULL::VARCHAR"


def _uscc(field: FieldDefinition, c: str) -> str:
    """The check of GB 32100-2015 as one sum: body weights plus the check character itself make a multiple of 31."""
    weights = (*uscc.WEIGHTS, 1)
    total = " + ".join(
        f"instr('{uscc.ALPHABET}', substr({c}, {place}, 1)) * {weight}"
        for place, weight in enumerate(weights, start=1)
    )
    # instr counts from 1, values from 0.
    right = f"({total} - {sum(weights)}) % 31 = 0"
    return f"CASE WHEN regexp_full_match({c}, '[{uscc.ALPHABET}]{{18}}') AND {right} THEN {c} END"


_ONE_DIGIT = [(((rest + digit) % 10 or 10) * 2) % 11 for rest in range(11) for digit in range(10)]
_TWO_DIGITS = quoted(
    "".join(chr(ord("0") + _ONE_DIGIT[_ONE_DIGIT[one] * 10 + two]) for one in range(110) for two in range(10))
)


def _registration_number(field: FieldDefinition, c: str) -> str:
    """ISO 7064 modulo 11,10 as a walk through a table: the next rest by the rest so far and two digits.

    The table is a text, a character for a rest: DuckDB plans that in a third of the time of a list, and small files
    are planned for longer than they are read.
    """
    rest = "10"
    for place in range(1, 15, 2):
        rest = f"(ascii(substr({_TWO_DIGITS}, {rest} * 100 + substr({c}, {place}, 2)::INTEGER + 1, 1)) - 48)"
    right = f"(11 - {rest}) % 10 = {_digit(c, 15)}"
    return f"CASE WHEN regexp_full_match({c}, '[0-9]{{15}}') THEN CASE WHEN {right} THEN {c} END END"


def _digit(c: str, place: int) -> str:
    return f"(ascii(substr({c}, {place}, 1)) - 48)"


def _region(field: FieldDefinition, c: str) -> str:
    return f"TRY_CAST({c} AS region_code)::VARCHAR"


def _industry(field: FieldDefinition, c: str) -> str:
    return f"TRY_CAST({c} AS industry_code)::VARCHAR"


def _industries() -> tuple[str, ...]:
    return tuple(code for level in industries.LEVELS.values() for code in industries.codes(level))


_VALUES = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.MONEY: _money,
    Kind.PERCENT: _percent,
    Kind.DATE: _date,
    Kind.BOOLEAN: _boolean,
    Kind.CHOICE: _choice,
    Kind.USCC: _uscc,
    Kind.REGISTRATION_NUMBER: _registration_number,
    Kind.REGION: _region,
    Kind.INDUSTRY: _industry,
}
