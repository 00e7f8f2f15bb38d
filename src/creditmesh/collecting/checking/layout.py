"""The columns of a batch as SQL: typed values, record key, subject, digest, in one place for all stages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from creditmesh.catalogue.model import FieldDefinition, Item, Kind
from creditmesh.collecting.checking import clean
from creditmesh.collecting.reading.headings import Column


@dataclass(frozen=True)
class Layout:
    """How the columns c0, c1, ... of a file become the fields v0, v1, ... of an item."""

    item: Item
    columns: tuple[Column, ...]
    width: int
    on: date
    has_control: bool
    familiar: Mapping[int, Sequence[str]] = field(default_factory=dict)  # clean codes often met, by place

    @property
    def numbers(self) -> dict[str, int]:
        """Return the number of each field of the item by its name."""
        return {one.name: number for number, one in enumerate(self.item.fields)}

    def cells(self) -> list[str]:
        """Return the raw columns."""
        return [f"c{i}" for i in range(self.width)]

    def values(self) -> list[str]:
        """Return `expression AS vN` for every field of the item; NULL for fields the file does not have."""
        places = {column.field.name: column for column in self.columns}
        found = []
        for number, one in enumerate(self.item.fields):
            column = places.get(one.name)
            made = "NULL"
            if column:
                seen = self.familiar.get(column.place, ())
                made = clean.value(column.field, f"c{column.place}", familiar=seen)
            found.append(f"({made})::{clean.sql_type(one.kind)} AS v{number}")
        return found

    def checks(self) -> list[tuple[Column, int, str]]:
        """Return each column with the number of its field and the condition that its text is clean."""
        on = f"DATE '{self.on}'"
        return [
            (
                column,
                number := self.numbers[column.field.name],
                clean.is_clean(
                    column.field, f"c{column.place}", f"v{number}", on=on, control=self.has_control
                ),
            )
            for column in self.columns
        ]

    def quick_checks(self) -> list[str]:
        """Return conditions that hold together exactly when all of `checks` hold; `_joined` is `texts()`."""
        on = f"DATE '{self.on}'"
        found = [
            clean.may_be_clean(column.field, f"c{column.place}", f"v{number}", on=on)
            for column, number, _ in self.checks()
        ]
        lengths = {f"c{one.place}": one.field.max_length for one in self._texts()}
        if lengths:
            found += clean.texts_are_clean("_joined", lengths, control=self.has_control)
        return found

    def texts(self) -> str:
        """Return SQL for all texts of a row joined into one."""
        columns = [f"c{one.place}" for one in self._texts()]
        return clean.joined(columns) if columns else "NULL"

    def _texts(self) -> list[Column]:
        return [one for one in self.columns if one.field.kind is Kind.TEXT]

    def key(self) -> str:
        """Return SQL for the record key: canonical values joined by '|', which is escaped within texts."""
        parts = [
            f"coalesce({_key_part(self.item.field(name), self._v(name))}, '')"
            for name in self.item.record_key
        ]
        return parts[0] if len(parts) == 1 else f"concat_ws('|', {', '.join(parts)})"

    def has_key(self) -> str:
        """Return SQL for: at least one value of the record key is stated."""
        return "(" + " OR ".join(f"{self._v(name)} IS NOT NULL" for name in self.item.record_key) + ")"

    def subject(self) -> str:
        """Return SQL for the subject key that the row itself gives, or NULL.

        A registration number in place of a code (taken in warn mode) is one; an old number of 13 digits is not.
        """
        by, found = self.item.subject, []
        if by.code:
            v = self._v(by.code)
            found.append(f"CASE WHEN strlen({v}) = 18 THEN {v} WHEN strlen({v}) = 15 THEN 'R:' || {v} END")
        if by.pseudonym:
            found.append(f"'P:' || {self._v(by.pseudonym)}")
        return f"coalesce({', '.join(found)})" if found else "NULL::VARCHAR"

    def name(self) -> str:
        """Return SQL for the subject's name as delivered."""
        return self._v(self.item.subject.name) if self.item.subject.name else "NULL::VARCHAR"

    def registration_number(self) -> str:
        """Return SQL for the subject's registration number."""
        by = self.item.subject.registration_number
        return self._v(by) if by else "NULL::VARCHAR"

    def event_date(self) -> str:
        """Return SQL for the day of the event."""
        return self._v(self.item.event_date) if self.item.event_date else "NULL::DATE"

    def digest(self) -> str:
        """Return SQL for 64 bits that are equal for equal typed values, as a signed number.

        DuckDB's own hash, a tenth of the cost of an MD5. It may change with DuckDB's version; the lake notes
        which one a table was written with and compares the values themselves when it is another.
        """
        values = ", ".join(f"v{number}" for number in range(len(self.item.fields)))
        return f"(hash({values})::HUGEINT - 9223372036854775808)::BIGINT"

    def named_values(self) -> str:
        """Return the fields under their names."""
        return ", ".join(f'v{number} AS "{one.name}"' for number, one in enumerate(self.item.fields))

    def _v(self, name: str) -> str:
        return f"v{self.numbers[name]}"


def _key_part(definition: FieldDefinition, v: str) -> str:
    if definition.kind is Kind.TEXT:
        return rf"replace({v}, '|', '\|')"
    return v if clean.sql_type(definition.kind) == "VARCHAR" else f"{v}::VARCHAR"
