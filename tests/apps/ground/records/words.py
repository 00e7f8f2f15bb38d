"""The catalogue and the node that tests of records use; kept apart so that a killed subprocess can have them too."""

from datetime import date
from pathlib import Path

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.catalogue.model import (
    Cadence,
    Catalogue,
    Check,
    Describes,
    FieldDefinition,
    InfoClass,
    Item,
    Kind,
    Level,
    Mode,
    Sensitivity,
    SharingList,
    Source,
    Status,
    SubjectBy,
    Text,
    Update,
)
from creditmesh.kernel import uscc
from creditmesh.lake.store import Lake


def _text(words: str) -> Text:
    return Text(zh=words, en=words)


def _field(name: str, kind: Kind = Kind.TEXT, **more: object) -> FieldDefinition:
    return FieldDefinition(name=name, label=_text(name), kind=kind, **more)  # type: ignore[arg-type]


_CODE = _field("code", Kind.USCC, check=Check.STRICT)
_NAME = _field("name", max_length=100)


def item(code: str, *, update: Update, fields: tuple[FieldDefinition, ...], **more: object) -> Item:
    """Return an item that two sources may deliver."""
    return Item(
        code=code,
        class_code="TST",
        label=_text(code),
        authority=_text("department"),
        level=Level.LOCAL,
        status=Status.LOCAL,
        evidence="made for tests",
        update=update,
        fields=fields,
        modes=(Mode.AUTH,),
        sensitivity=Sensitivity.L1,
        cadence=Cadence.MONTHLY,
        deliver_within_days=30,
        **{"sources": ("market",), **more},  # type: ignore[arg-type]
    )


PENALTY_FIELDS = (
    _CODE,
    _NAME,
    _field("number", required=True),
    _field("fine", Kind.MONEY, unit="元"),
    _field("decided", Kind.DATE, not_in_future=True),
)
PEN = item(
    "PEN",
    update=Update.UPSERT,
    fields=PENALTY_FIELDS,
    record_key=("number",),
    subject=SubjectBy(code="code", name="name"),
    event_date="decided",
)
APP = item(
    "APP",
    update=Update.APPEND,
    fields=PENALTY_FIELDS,
    record_key=("number",),
    subject=SubjectBy(code="code", name="name"),
    event_date="decided",
)
LST = item(
    "LST",
    update=Update.REPLACE,
    fields=(_CODE, _field("level")),
    record_key=("code",),
    subject=SubjectBy(code="code"),
    sources=("market", "tax"),
)
REG = item(
    "REG",
    update=Update.UPSERT,
    fields=(_CODE, _NAME, _field("founded", Kind.DATE)),
    record_key=("code",),
    subject=SubjectBy(code="code"),
    describes=Describes(name="name", established="founded", region_of_code=True),
)
CATALOGUE = Catalogue(
    lists=(
        SharingList(
            id="test-list",
            version="1",
            status=Status.LOCAL,
            label=_text("test list"),
            origin="made for tests",
            effective_from=date(2026, 1, 1),
            classes=(InfoClass(code="TST", label=_text("tests")),),
            sources=(
                Source(code="market", label=_text("market"), regions=("990121",)),
                Source(code="tax", label=_text("tax"), regions=("990121",)),
            ),
            items=(PEN, APP, LST, REG),
        ),
    )
)


def code(number: int) -> str:
    """Return the valid USCC of the fictitious enterprise with that number."""
    body = f"91990121{number:09d}"
    return body + uscc.check_character(body)


def a_node(folder: Path) -> ThisNode:
    """Return a node whose home is a folder."""
    return ThisNode(
        name="test",
        region="990121",
        home=folder,
        lake=Lake(str(folder / "lake")),
        catalogue=CATALOGUE,
        demo=False,
        fictitious=True,
    )


def penalties(rows: list[tuple[int, str, str]], *, decided: str = "2026-01-05") -> str:
    """Return a penalty file: (enterprise, decision number, fine in yuan) a row."""
    lines = [f'{code(one)},企业{one},{number},"{fine}",{decided}' for one, number, fine in rows]
    return "\n".join(["code,name,number,fine,decided", *lines]) + "\n"
