"""Keep lists: items, objects, inspectors, key units, exemptions, declared interests."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.evaluation.supervision.models import (
    CheckItem,
    DeclaredInterest,
    Inspector,
    ListedObject,
    ObjectList,
    Special,
)
from creditmesh.apps.evaluation.supervision.rules.codes import InspectorState, ObjectKind
from creditmesh.apps.evaluation.supervision.rules.importing import (
    InspectorRow,
    ItemRow,
    ListRefused,
    ObjectRow,
    rows_of,
)
from creditmesh.apps.evaluation.supervision.rules.states import require_reason
from creditmesh.apps.evaluation.supervision.rules.terms import column
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.drawing.visits.recusal import Tie
from creditmesh.kernel.errors import CreditmeshError

UNGRADED = "-"


class UnknownInspector(CreditmeshError):
    """There is no inspector of that number in one's own department."""

    code = "unknown-inspector"


class UnknownSpecial(CreditmeshError):
    """There is no such key unit or exemption."""

    code = "unknown-special"


@transaction.atomic
def keep_items(
    *, rows: Sequence[Mapping[str, Any]], version: str, by: Actor, at: datetime
) -> tuple[int, int]:
    """Make these rows the department's item list; return how many it has and how many old ones ended.

    Items that are the same stay; changed and missing ones end today. Raises `NotPermitted`, `ListRefused`.
    """
    by.demand(Permission.SUPERVISION_PLAN)
    today = timezone.localdate(at)
    wanted = {one.code: one for one in rows_of(rows, ItemRow, key="code")}
    ended = 0
    for held in CheckItem.objects.filter(unit=by.organisation, ended_on=None).select_for_update():
        new = wanted.get(held.code)
        if new is not None and _columns(new) == {name: getattr(held, name) for name in _columns(new)}:
            del wanted[held.code]
            continue
        held.ended_on = today
        held.save(update_fields=["ended_on"])
        ended += 1
    CheckItem.objects.bulk_create(
        [
            CheckItem(
                code=one.code,
                unit=by.organisation,
                list_version=version[:40],
                valid_from=today,
                **_columns(one),
            )
            for one in wanted.values()
        ],
        batch_size=500,
    )
    _note(by, "items.keep", Thing("check-items", by.organisation), at, f"{version}: {len(rows)}")
    return len(rows), ended


def _columns(row: ItemRow) -> dict[str, Any]:
    return {
        "name_zh": row.name_zh,
        "name_en": row.name_en,
        "basis": row.basis,
        "kind": row.kind.value,
        "object_kind": row.object_kind.value,
        "method": row.method.value,
        "joint_units": column(row.joint_units),
        "specialties": column(row.specialties),
        "default_ratio": row.default_ratio,
        "special_equipment": row.special_equipment,
        "withheld": row.withheld,
    }


@transaction.atomic
def keep_objects(  # noqa: PLR0913 - a list has a name, a kind, grades and rows
    *,
    name: str,
    kind: ObjectKind,
    grades: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    by: Actor,
    at: datetime,
    public: bool = False,
) -> UUID:
    """Keep a list of devices, products, projects, acts or chosen enterprises, and return its id.

    `grades` from best to worst, none when the objects have none; `public` says that the grades are published
    anyway. Raises `NotPermitted`, `ListRefused`.
    """
    by.demand(Permission.SUPERVISION_PLAN)
    known = tuple(dict.fromkeys(one.strip() for one in grades if one.strip())) or (UNGRADED,)
    checked = rows_of(rows, ObjectRow, key="object")
    for number, one in enumerate(checked, start=1):
        if (one.grade or known[0]) not in known or (not one.grade and known != (UNGRADED,)):
            raise ListRefused(
                f"Row {number}: the grade '{one.grade}' is none of {', '.join(known)}. Nothing was kept."
            )
    made = ObjectList.objects.create(
        uuid=uuid4(),
        name=name.strip()[:200],
        unit=by.organisation,
        kind=kind.value,
        grades=column(known),
        public=public or known == (UNGRADED,),
        made_at=at,
    )
    ListedObject.objects.bulk_create(
        [
            ListedObject(
                list=made,
                object=one.object,
                name=one.name,
                subject=one.subject or (one.object if kind is ObjectKind.ENTERPRISE else ""),
                grade=one.grade or known[0],
                region=one.region,
            )
            for one in checked
        ],
        batch_size=1000,
    )
    _note(by, "objects.keep", Thing("object-list", str(made.uuid)), at, f"{made.name}: {len(checked)}")
    return made.uuid


@transaction.atomic
def mark_special(
    *, object_: str, reason: str, by: Actor, at: datetime, exempt_until: date | None = None
) -> int:
    """Make an object a key unit, or exempt until a day; return the number of the mark.

    Raises `NotPermitted`, `ReasonMissing`.
    """
    by.demand(Permission.SUPERVISION_PLAN)
    made = Special.objects.create(
        unit=by.organisation,
        object=object_.strip()[:80],
        key=exempt_until is None,
        exempt_until=exempt_until,
        reason=require_reason(reason),
        made_by=by.who().label[:200],
        made_at=at,
    )
    act = "object.key" if made.key else "object.exempt"
    _note(by, act, Thing("object", made.object), at, made.reason)
    return made.pk


@transaction.atomic
def end_special(*, number: int, by: Actor, at: datetime) -> None:
    """End such a mark of one's own department. Raises `NotPermitted`, `UnknownSpecial`."""
    by.demand(Permission.SUPERVISION_PLAN)
    found = Special.objects.filter(pk=number, unit=by.organisation, ended_at=None).first()
    if found is None:
        raise UnknownSpecial("There is no such key unit or exemption; look it up in the list.")
    found.ended_at = at
    found.save(update_fields=["ended_at"])
    _note(by, "object.unmark", Thing("object", found.object), at, "")


@transaction.atomic
def keep_inspectors(*, rows: Sequence[Mapping[str, Any]], by: Actor, at: datetime) -> int:
    """Add or renew inspectors of one's own department by their numbers; return how many.

    Raises `NotPermitted`, `ListRefused`, `UnknownUser`.
    """
    by.demand(Permission.SUPERVISION_PLAN)
    for number, one in enumerate(rows_of(rows, InspectorRow, key="code"), start=1):
        held = Inspector.objects.filter(code=one.code).first()
        if (held is not None and held.unit != by.organisation) or one.unit not in {"", by.organisation}:
            raise ListRefused(f"Row {number}: '{one.code}' belongs to another department. Nothing was kept.")
        row = held or Inspector(code=one.code, unit=by.organisation)
        row.name, row.region, row.certificate = one.name, one.region, one.certificate
        row.valid_to, row.specialties, row.duty = one.valid_to, column(one.specialties), one.duty.value
        if one.username:
            row.user_id = parties.user(username=one.username).pk
        row.save()
    _note(by, "inspectors.keep", Thing("inspectors", by.organisation), at, str(len(rows)))
    return len(rows)


@transaction.atomic
def set_inspector_state(*, code: str, state: InspectorState, by: Actor, at: datetime) -> None:
    """Say whether an inspector can be drawn. Raises `NotPermitted`, `UnknownInspector`."""
    by.demand(Permission.SUPERVISION_PLAN)
    row = _inspector(code, by)
    row.state = state.value
    row.save(update_fields=["state"])
    _note(by, "inspector.state", Thing("inspector", code), at, state.value)


@transaction.atomic
def declare_interest(
    *, code: str, kind: Tie, object_: str, by: Actor, at: datetime, until: date | None = None
) -> None:
    """Write down a tie of an inspector to an object: by the department, or by the inspector.

    Raises `NotPermitted`, `UnknownInspector`.
    """
    if not by.may(Permission.SUPERVISION_PLAN):
        by.demand(Permission.SUPERVISION_INSPECT)
    DeclaredInterest.objects.create(
        inspector=_inspector(code, by),
        kind=kind.value,
        object=object_.strip()[:80],
        until=until,
        declared_by=by.who().label[:200],
        declared_at=at,
    )
    # Which object it is, is personal: the ledger says only that something was declared.
    _note(by, "inspector.declare", Thing("inspector", code), at, kind.value)


def _inspector(code: str, by: Actor) -> Inspector:
    found = Inspector.objects.filter(code=code, unit=by.organisation).first()
    if found is None or (not by.may(Permission.SUPERVISION_PLAN) and found.user_id != by.user_id):
        raise UnknownInspector(
            "There is no such inspector in your department; look the number up in the pool."
        )
    return found


def _note(by: Actor, act: str, thing: Thing, at: datetime, why: str) -> None:
    audit.append(who=by.who(), act=f"supervision.{act}", thing=thing, at=at, why=why)
