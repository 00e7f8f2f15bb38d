"""Inputs of one enterprise from its records in plain Python, with the same answers as the SQL of features.py.

For a look at one enterprise now: DuckDB takes longer to plan its statement than all of this to run. What relations say
needs other enterprises' records; it is given, as the last run found it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import CodeType
from typing import Any

from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.features import Feature, Take
from creditmesh.scoring.definition.loaded import (
    LARGE,
    System,
    collected_column,
    fields,
    inputs,
    items_read,
)
from creditmesh.scoring.language import python, tree
from creditmesh.scoring.language.parsing import parse
from creditmesh.scoring.language.tree import Type
from creditmesh.scoring.records.rows import BEGINNING, MILLI, fading, window_start

Row = Mapping[str, Any]
Holds = Callable[[Row], bool]
Value = Callable[[Sequence[Row], bool], Any]
Compiled = dict[tuple[str, str], CodeType]  # conditions by item and text


class ManyUnits(CreditmeshError):
    """A system scores units of an enterprise, so its records alone do not make one row."""

    code = "scores-units"


class FromRecords:
    """The features of a system as functions over rows, made once for a day.

    Whoever asks for several days of one system hands over the same `compiled`: conditions are then read once.
    """

    def __init__(self, system: System, *, as_of: date, compiled: Compiled | None = None) -> None:
        if system.definition.unit is not None:
            raise ManyUnits(
                f"'{system.id}' scores {system.definition.unit.label.en}: classify everyone instead."
            )
        self._system, self._as_of = system, as_of
        self._kinds = inputs(system)
        self._compiled: Compiled = {} if compiled is None else compiled
        self._counts = {code: self._counting(code) for code in items_read(system)}
        self._values = {
            name: (feature.item, self._value(name, feature))
            for name, feature in system.definition.features.items()
            if feature.item is not None
        }

    def inputs(
        self, records: Mapping[str, Sequence[Row]], *, about: Row, delivered: Mapping[str, bool], related: Row
    ) -> dict[str, Any]:
        """Return the inputs of one enterprise.

        `records` are its current rows by item, with `_event_date`, `_seq` and `_row`; `about` its subject, name,
        region and industry; `delivered` whether each item was ever delivered for its region; `related` the values
        of features over relations.
        """
        rows = {
            code: [row for row in records.get(code, ()) if holds(row)] for code, holds in self._counts.items()
        }
        there = {code: delivered.get(code, False) or bool(found) for code, found in rows.items()}
        values = {name: value(rows[item], there[item]) for name, (item, value) in self._values.items()}
        found: dict[str, Any] = {**about, "as_of": self._as_of}
        for name in self._system.definition.features:
            found[name] = values[name] if name in values else related[name]
        return found | {collected_column(code): held for code, held in there.items()}

    def _counting(self, code: str) -> Holds:
        """Return whether a row counts at all: it had happened by the day, and is not repaired or past."""
        as_of, records = self._as_of, self._system.definition.records.get(code)
        dated = self._system.items[code].event_date is not None
        counts = None if records is None else self._condition(code, records.counts_when)

        def holds(row: Row) -> bool:
            happened = row["_event_date"]
            known = not dated or happened is None or happened <= as_of
            return known and (counts is None or counts(row))

        return holds

    def _condition(self, code: str, text: str) -> Holds:
        key = (code, text)
        if key not in self._compiled:
            node = parse(text, names=fields(self._system.items[code]), wanted=Type.TRUTH)
            read = sorted(set(tree.names(node)) - {"as_of"})
            source = {"event_date": "_event_date"}
            lines = [f'{name} = _row["{source.get(name, name)}"]' for name in read]
            lines.append(f"return {python.condition(node)}")
            made = "def holds(_row):\n    " + "\n    ".join(lines)
            self._compiled[key] = compile(made, f"<{code} {text}>", "exec")
        known: dict[str, Any] = {"date": date, "as_of": self._as_of}
        # The text comes from our own tree, whose names are fields of the catalogue and whose texts are repr()s.
        exec(self._compiled[key], known)  # noqa: S102
        holds: Holds = known["holds"]
        return holds

    def _value(self, name: str, feature: Feature) -> Value:
        part, whole = self._chosen(feature)
        take, kind = feature.take, self._kinds[name]
        bounds = tree.limits(kind) if kind.type is Type.INTEGER else None
        found = self._found(feature)

        def value(rows: Sequence[Row], collected: bool) -> Any:
            if take is Take.EXISTS:
                return any(map(part, rows)) if collected else None
            if take is Take.SHARE:
                among = sum(map(whole, rows))
                return sum(map(part, rows)) * 10_000 // among if among else None
            told = found([row for row in rows if part(row)])
            if bounds is not None and told is not None:
                told = min(max(told, bounds[0]), bounds[1])
            if take in {Take.COUNT, Take.SUM, Take.DISTINCT} and bounds is not None:
                return (min(max(0, bounds[0]), bounds[1]) if told is None else told) if collected else None
            return told

        return value

    def _chosen(self, feature: Feature) -> tuple[Holds, Holds]:
        """Return which rows make up the value, and of a share which make up the whole."""
        code = str(feature.item)
        window = None if feature.within is None else window_start(self._as_of, feature.within)

        def every(*texts: str | None) -> Holds:
            conditions = [self._condition(code, text) for text in texts if text is not None]

            def holds(row: Row) -> bool:
                happened = row["_event_date"]
                inside = window is None or (happened is not None and happened > window)
                return inside and all(condition(row) for condition in conditions)

            return holds

        return every(feature.where, feature.among), every(feature.among)

    def _found(self, feature: Feature) -> Callable[[Sequence[Row]], Any]:
        of = feature.of or "_event_date"
        match feature.take:
            case Take.COUNT | Take.SUM:
                if feature.take is Take.COUNT and not feature.weigh and not feature.decay:
                    return len
                return self._summed(feature)
            case Take.LATEST:
                return lambda rows: max(_stated(rows, of), key=_order, default={of: None})[of]
            case Take.DISTINCT:
                return lambda rows: len({row[of] for row in _stated(rows, of)})
            case Take.MIN:
                return lambda rows: min((row[of] for row in _stated(rows, of)), default=None)
            case Take.DAYS_SINCE:
                as_of = self._as_of
                return lambda rows: min(((as_of - row[of]).days for row in _stated(rows, of)), default=None)
            case _:
                return lambda rows: max((row[of] for row in _stated(rows, of)), default=None)

    def _summed(self, feature: Feature) -> Callable[[Sequence[Row]], int | None]:
        amount = self._amount(feature)

        def summed(rows: Sequence[Row]) -> int | None:
            amounts = [one for one in map(amount, rows) if one is not None]
            return sum(amounts) if amounts else None

        return summed

    def _amount(self, feature: Feature) -> Callable[[Row], int | None]:
        """Return what one row adds: its amount, weighed by a field, faded by its age."""
        of, weigh, decay, as_of = feature.of, feature.weigh, feature.decay, self._as_of
        half = 0 if decay is None else decay.half_life.number * (12 if decay.half_life.unit == "years" else 1)
        weights = [] if decay is None else fading(half)

        def amount(row: Row) -> int | None:
            found = 1
            if feature.take is Take.SUM:
                if row[str(of)] is None:
                    return None
                found = min(max(row[str(of)], -LARGE), LARGE)
            if weigh is not None:
                found *= weigh.as_.get(row[weigh.by], weigh.otherwise)
            if decay is None:
                return found
            age = _months(row["_event_date"], as_of)
            if age is None or age >= len(weights):
                return None
            faded = found * weights[age]
            if feature.take is Take.COUNT:
                return faded
            return faded // MILLI if faded >= 0 else -(-faded // MILLI)

        return amount


def _months(happened: date | None, as_of: date) -> int | None:
    """Return the whole months from a day to another."""
    if happened is None:
        return None
    begun = happened.day > as_of.day
    return as_of.year * 12 + as_of.month - happened.year * 12 - happened.month - begun


def _stated(rows: Sequence[Row], of: str) -> list[Row]:
    return [row for row in rows if row[of] is not None]


def _order(row: Row) -> tuple[date, int, int]:
    return row["_event_date"] or BEGINNING, row["_seq"], row["_row"]
