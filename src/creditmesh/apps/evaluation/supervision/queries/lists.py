"""Lists as they are: items, objects, key units, inspectors. Inspectors' personal data only for who may see it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from creditmesh.apps.evaluation.supervision.models import CheckItem, Inspector, ObjectList, Special
from creditmesh.apps.evaluation.supervision.queries import sight
from creditmesh.apps.evaluation.supervision.rules.codes import VisitState
from creditmesh.apps.evaluation.supervision.rules.terms import lines
from creditmesh.apps.ground.parties.rules import Actor, Permission

MOST = 500


@dataclass(frozen=True, kw_only=True)
class ItemLine:
    """One check item. `ratio` in basis points, None as the grade says."""

    code: str
    unit: str
    name_zh: str
    name_en: str
    basis: str
    kind: str
    object_kind: str
    method: str
    joint_units: tuple[str, ...]
    specialties: tuple[str, ...]
    ratio: int | None
    special_equipment: bool
    withheld: bool
    list_version: str
    valid_from: date

    def name(self, language: str) -> str:
        """Return the name in a language, the Chinese one where there is no English one."""
        return self.name_zh if language.lower().startswith("zh") else self.name_en or self.name_zh


@dataclass(frozen=True, kw_only=True)
class ObjectListLine:
    """One list of objects."""

    uuid: UUID
    name: str
    unit: str
    kind: str
    grades: tuple[str, ...]
    public: bool
    objects: int
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class SpecialLine:
    """A key unit or an exemption."""

    number: int
    object: str
    key: bool
    exempt_until: date | None
    reason: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class InterestLine:
    """A tie an inspector declared."""

    kind: str
    object: str
    until: date | None


@dataclass(frozen=True, kw_only=True)
class InspectorLine:
    """An inspector as the own department sees it; for others name, certificate and ties are empty."""

    code: str
    name: str
    unit: str
    region: str
    certificate: str
    valid_to: date
    specialties: tuple[str, ...]
    duty: str
    state: str
    load: int
    interests: tuple[InterestLine, ...]
    expired: bool


def items(*, unit: str = "") -> list[ItemLine]:
    """Return the item lists in force; they are public by law (优化营商环境条例 art. 54)."""
    found = CheckItem.objects.filter(ended_on=None, **({"unit": unit} if unit else {}))
    return [
        ItemLine(
            code=one.code,
            unit=one.unit,
            name_zh=one.name_zh,
            name_en=one.name_en,
            basis=one.basis,
            kind=one.kind,
            object_kind=one.object_kind,
            method=one.method,
            joint_units=lines(one.joint_units),
            specialties=lines(one.specialties),
            ratio=one.default_ratio,
            special_equipment=one.special_equipment,
            withheld=one.withheld,
            list_version=one.list_version,
            valid_from=one.valid_from,
        )
        for one in found.order_by("unit", "code")
    ]


def object_lists(*, viewer: Actor) -> list[ObjectListLine]:
    """Return the lists of objects a viewer may see, newest first. Raises `NotPermitted`."""
    found = ObjectList.objects.annotate(size=Count("objects_listed"))
    if not sight.is_everywhere(viewer):
        found = found.filter(unit=viewer.organisation)
    return [
        ObjectListLine(
            uuid=one.uuid,
            name=one.name,
            unit=one.unit,
            kind=one.kind,
            grades=lines(one.grades),
            public=one.public,
            objects=one.size,
            made_at=one.made_at,
        )
        for one in found.order_by("-made_at", "-id")[:MOST]
    ]


def specials(*, viewer: Actor) -> list[SpecialLine]:
    """Return the key units and exemptions in force, newest first. Raises `NotPermitted`."""
    found = Special.objects.filter(ended_at=None)
    if not sight.is_everywhere(viewer):
        found = found.filter(unit=viewer.organisation)
    return [
        SpecialLine(
            number=one.pk,
            object=one.object,
            key=one.key,
            exempt_until=one.exempt_until,
            reason=one.reason,
            made_by=one.made_by,
            made_at=one.made_at,
        )
        for one in found.order_by("-made_at", "-id")[:MOST]
    ]


def inspectors(*, viewer: Actor, on: date) -> list[InspectorLine]:
    """Return the inspector pool: one's own department's with personal data, everywhere's without.

    An inspector sees the own line. Raises `NotPermitted`.
    """
    found: QuerySet[Inspector] = Inspector.objects.all()
    full = viewer.may(Permission.SUPERVISION_PLAN) or viewer.may(Permission.SUPERVISION_APPROVE)
    if not viewer.may(Permission.SEE_SUPERVISION):
        viewer.demand(Permission.SUPERVISION_INSPECT)
        found, full = found.filter(user_id=viewer.user_id or 0), True
    elif full or not sight.is_everywhere(viewer):
        found = found.filter(unit=viewer.organisation)
    open_ = Q(assignments__ended_at=None, assignments__visit__state=VisitState.PLANNED.value)
    rows = found.annotate(load=Count("assignments", filter=open_)).prefetch_related("interests")
    return [
        InspectorLine(
            code=one.code,
            name=one.name if full else "",
            unit=one.unit,
            region=one.region,
            certificate=one.certificate if full else "",
            valid_to=one.valid_to,
            specialties=lines(one.specialties),
            duty=one.duty,
            state=one.state,
            load=one.load,
            interests=tuple(
                InterestLine(kind=tie.kind, object=tie.object, until=tie.until) for tie in one.interests.all()
            )
            if full
            else (),
            expired=one.valid_to < on,
        )
        for one in rows.order_by("code")[:MOST]
    ]
