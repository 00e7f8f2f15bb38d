"""The items of the example system, and a small world of records to run it on."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb

from creditmesh.catalogue.model import Catalogue, Item, Kind
from creditmesh.catalogue.reading import parse
from creditmesh.scoring import evaluate
from creditmesh.scoring.definition.loaded import System, table
from creditmesh.scoring.loading import checked, load, shipped
from creditmesh.scoring.plan import Plan, compile_plan
from creditmesh.scoring.records import features
from creditmesh.scoring.targets.to_python import Scored, function

FILE = Path(__file__).parent / "example.yml"
TODAY = date(2026, 11, 1)
DATES = {
    "TST-01": None,
    "TST-02": "decided_on",
    "TST-03": None,
    "TST-04": "sampled_on",
    "TST-05": "listed_on",
}
SQL = {
    Kind.INTEGER: "BIGINT",
    Kind.MONEY: "BIGINT",
    Kind.PERCENT: "BIGINT",
    Kind.DATE: "DATE",
    Kind.BOOLEAN: "BOOLEAN",
}


def _choice(*values: str) -> dict[str, Any]:
    return {"kind": "choice", "choices": {value: {"zh": value, "en": value} for value in values}}


TEXT: dict[str, Any] = {}
DAY = {"kind": "date"}
MONEY = {"kind": "money", "minimum": 0}
FIELDS: dict[str, dict[str, dict[str, Any]]] = {
    "TST-01": {
        "name": TEXT,
        "region": {"kind": "region"},
        "industry": {"kind": "industry"},
        "status": _choice("active", "deregistered", "revoked"),
        "established_date": DAY,
        "subscribed_capital": MONEY,
        "paid_in_capital": MONEY,
        "legal_representative_id": TEXT,
    },
    "TST-02": {
        "decided_on": DAY,
        "kind": _choice("warning", "fine", "revocation"),
        "fine": MONEY,
        "repaired": {"kind": "boolean"},
        "publicity_ends": DAY,
    },
    "TST-03": {"holder_code": TEXT, "share": {"kind": "percent", "minimum": 0, "maximum": 10_000}},
    "TST-04": {"sampled_on": DAY, "result": _choice("passed", "failed", "void")},
    "TST-05": {"listed_on": DAY, "removed_on": DAY},
}


def item(code: str, fields: Mapping[str, Mapping[str, Any]], event_date: str | None) -> Item:
    """Return an item with a code and these fields."""
    words = {"zh": code, "en": code}
    described = {"name": "name", "region": "region", "industry": "industry"} if "region" in fields else None
    return Item.model_validate(
        {
            "code": code, "class_code": "TST", "label": words, "authority": words, "level": "local",
            "status": "fictitious", "evidence": "none", "update": "append", "record_key": ["code"],
            "subject": {"code": "code"}, "modes": ["OPEN"], "sensitivity": "L1", "cadence": "daily",
            "deliver_within_days": 1, "event_date": event_date, "describes": described,
            "fields": [{"name": name, "label": words, **one} for name, one in {"code": TEXT, **fields}.items()],
        }
    )  # fmt: skip


ITEMS = {code: item(code, fields, DATES[code]) for code, fields in FIELDS.items()}
CATALOGUE = Catalogue.model_construct(lists=(SimpleNamespace(items=tuple(ITEMS.values())),))


@cache
def example() -> System:
    """Return the example system, read once."""
    return load(FILE, catalogue=CATALOGUE)


@cache
def compiled(name: str) -> tuple[System, Plan, Callable[[Mapping[str, object]], Scored]]:
    """Return a shipped system or the example, its plan and its function, made once for all tests of a process."""
    system = example() if name == "example" else load(shipped()[name])
    plan = compile_plan(system)
    return system, plan, function(plan)


class World:
    """A DuckDB connection that shows the records of a test as the lake would."""

    def __init__(
        self, items: Mapping[str, Item] = ITEMS, *, collected: Iterable[tuple[str, str]] | None = None
    ) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        self.items = items
        for one in items.values():
            columns = ", ".join(f'"{field.name}" {SQL.get(field.kind, "VARCHAR")}' for field in one.fields)
            self.connection.execute(
                f"CREATE TABLE {table(one.code)} (_key VARCHAR, _subject VARCHAR, _row BIGINT, _event_date DATE,"
                f" _seq BIGINT, {columns})"
            )
        self.connection.execute("CREATE TABLE _collected (item VARCHAR, region_prefix VARCHAR)")
        for code, prefix in collected if collected is not None else [(code, "") for code in items]:
            self.connection.execute("INSERT INTO _collected VALUES (?, ?)", [code, prefix])
        self.rows = 0

    def record(self, code: str, subject: str, **values: object) -> None:
        """Land one row of an item about a subject, later than all rows before."""
        self.rows += 1
        happened = values.get(self.items[code].event_date or "")
        names = ["_key", "_subject", "_row", "_event_date", "_seq", "code", *values]
        row = [f"{subject}|{self.rows}", subject, self.rows, happened, self.rows, subject, *values.values()]
        quoted = ", ".join(f'"{name}"' for name in names)
        self.connection.execute(
            f"INSERT INTO {table(code)} ({quoted}) VALUES ({', '.join('?' * len(row))})", row
        )

    def enterprise(self, subject: str, **values: object) -> None:
        """Register an enterprise with what is not said filled in."""
        usual = {
            "name": f"企业{subject}",
            "region": "630100",
            "industry": "C",
            "status": "active",
            "established_date": date(2010, 1, 1),
        }
        self.record("TST-01", subject, **{**usual, **values})

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a statement as dicts."""
        found = self.connection.execute(sql)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def with_features(text: str, extra: str = "") -> System:
    """Return the example with more features, and more at its end."""
    whole = FILE.read_text(encoding="utf-8").replace("\nfeatures:\n", f"\nfeatures:\n{text}\n") + extra
    return checked(parse(whole, file="more.yml"), catalogue=CATALOGUE)


def feature(name: str, rest: str) -> str:
    """Return one more feature as text."""
    return f"  {name}: {{label: {{zh: x, en: x}}, {rest}}}"


def inputs(world: World, system: System | None = None, *, as_of: date = TODAY) -> dict[str, dict[str, Any]]:
    """Return the inputs of every subject."""
    world.connection.execute(evaluate.NOTHING)
    rows = world.query(features.statement(system or example(), as_of=as_of))
    return {row["subject"]: row for row in rows}
