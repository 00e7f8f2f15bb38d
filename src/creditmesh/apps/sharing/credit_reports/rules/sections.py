"""Which record stands in which section of a report, and which of its fields a reader needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from creditmesh.catalogue.model import FieldDefinition, Item


class Section(StrEnum):
    """The parts of a report that hold records, in order."""

    BASIC = "basic"
    ADVERSE = "adverse"
    POSITIVE = "positive"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Case:
    """A section for the records whose field has one of the values; without a field, for all.

    `over` names days that end it: an arrear that was cleared speaks against nobody any more.
    """

    section: Section
    field: str = ""
    values: frozenset[str] = frozenset()
    over: tuple[str, ...] = ()


def _adverse(field: str = "", *values: str, over: tuple[str, ...] = ()) -> Case:
    return Case(Section.ADVERSE, field, frozenset(values), over)


def _positive(field: str = "", *values: str, over: tuple[str, ...] = ()) -> Case:
    return Case(Section.POSITIVE, field, frozenset(values), over)


CASES: dict[str, tuple[Case, ...]] = {
    "ENT-01": (Case(Section.BASIC),),
    # adverse: first what excludes an enterprise from much, then what costs it
    "BLK-01": (_adverse(over=("removed_on",)),),
    "JUD-03": (_adverse(over=("removed_on",)),),
    "TAX-04": (_adverse(over=("removed_on",)),),
    "PEN-01": (_adverse(over=("repaired_on",)),),
    "ENT-06": (_adverse(over=("removed_on",)),),
    "JUD-02": (_adverse("status", "open", over=("closed_on",)),),
    "JUD-04": (_adverse(),),
    "COE-01": (_adverse(over=("lifted_on",)),),
    "TAX-03": (_adverse(over=("cleared_on",)),),
    "SOC-02": (_adverse(over=("cleared_on",)),),
    "WAG-01": (_adverse(over=("settled_on",)),),
    "PEN-02": (_adverse("result_code", "2", "3", "4", "5", "6", "8"), _positive("result_code", "1")),
    "SAM-01": (_adverse("result", "failed"), _positive("result", "passed")),
    "RCL-01": (_adverse("recall_kind", "ordered"),),
    "ACC-01": (_adverse("responsibility", "full", "main"),),
    "GUA-01": (_adverse("called", "true"),),
    # positive
    "TAX-01": (_positive("grade", "A"), _adverse("grade", "D")),
    "HON-01": (_positive(over=("revoked_on",)),),
    "QUA-01": (_adverse("status", "suspended", "revoked", "withdrawn"), _positive(over=("valid_until",))),
    "QUA-02": (_adverse("status", "suspended", "withdrawn"), _positive(over=("valid_until",))),
    "RND-01": (_positive("state", "valid", over=("valid_until",)),),
    "IPR-01": (_positive("state", "valid", over=("valid_until",)),),
    "ENV-01": (_adverse("rating", "red", "black"), _positive("rating", "green", "blue")),
    "CUS-01": (_adverse("level", "dishonest"), _positive("level", "advanced")),
}
"""The first case that fits decides; a record that none fits is neutral."""

ORDER: dict[str, int] = {code: place for place, code in enumerate(CASES)}

# What a reader of a report looks for, in this order; items that are not here show their first fields.
COLUMNS: dict[str, tuple[str, ...]] = {
    "ENT-02": ("shareholder", "holder_kind", "share", "subscribed", "paid_in", "recorded_on"),
    "ENT-03": ("change_kind", "before", "after", "changed_on", "authority_name"),
    "ENT-04": ("year", "submitted_on", "due_on", "operating_status", "subscribed_total", "paid_in_total"),
    "ENT-05": ("year", "employees", "assets", "liabilities", "revenue", "net_profit", "tax_paid"),
    "ENT-06": ("reason", "listed_on", "listing_authority", "listing_number"),
    "ENT-07": ("right_kind", "holder", "amount", "registered_on", "ends_on", "state"),
    "PER-01": ("person", "position", "appointed_on", "left_on"),
    "PEN-01": (
        "penalty_kind",
        "decision_number",
        "violation_type",
        "facts",
        "basis",
        "fine",
        "confiscated",
        "seriousness",
        "decided_on",
        "authority_name",
    ),
    "PEN-02": ("result_code", "check_item", "inspection_kind", "findings", "inspected_on", "authority_name"),
    "COE-01": ("measure", "decision_number", "cause", "amount", "decided_on", "ends_on", "authority_name"),
    "BLK-01": ("list_kind", "reason", "basis", "listed_on", "until", "authority_name"),
    "JUD-01": ("case_number", "role", "case_type", "cause", "outcome", "amount", "decided_on", "court"),
    "JUD-02": ("case_number", "amount", "unpaid", "filed_on", "basis_number", "court"),
    "JUD-03": ("measure", "case_number", "obligation", "fulfilment", "conduct", "published_on", "court"),
    "QUA-01": ("decision_name", "decision_number", "licence_kind", "valid_until", "authority_name"),
    "QUA-02": ("kind", "certificate_number", "standard", "issued_on", "valid_until", "issuer"),
    "HON-01": ("title", "honour_kind", "level", "awarded_on", "authority_name"),
    "RND-01": ("status_kind", "level", "certificate_number", "recognised_on", "valid_until"),
    "IPR-01": ("kind", "title", "ip_number", "granted_on", "valid_until"),
    "TAX-01": ("year", "grade", "assessed_on", "authority_name"),
    "TAX-02": ("tax_type", "period_end", "payable", "relief", "paid", "late_fee"),
    "TAX-03": ("tax_type", "balance", "counted_on", "authority_name"),
    "SOC-01": ("insurance", "period_end", "insured", "payable", "paid", "state"),
    "SAM-01": ("product", "result", "failed_items", "sampled_on", "authority_name"),
    "POL-01": ("support_kind", "policy", "amount", "granted_on", "authority_name"),
    "UTL-01": ("period_end", "billed", "paid", "overdue", "state"),
    "UTL-02": ("period_end", "billed", "paid", "overdue", "state"),
    "UTL-03": ("period_end", "billed", "paid", "overdue", "state"),
}
MOST_COLUMNS = 7
BASIC = (
    "uscc",
    "registration_number",
    "entity_type",
    "status",
    "legal_representative",
    "established_on",
    "registered_capital",
    "paid_in_capital",
    "size_class",
    "industry",
    "region",
    "registration_authority",
    "address",
    "scope",
)
# Keys of systems and pseudonyms of persons: of no use to a reader.
_NEVER = ("_id", "_code", "organisation_code", "tax_number", "institution_number", "remarks", "local_code")


def section_of(item: str, values: Mapping[str, object], *, on: date) -> Section:
    """Return where a record belongs on a day."""
    for case in CASES.get(item, ()):
        if case.field and _word(values.get(case.field)) not in case.values:
            continue
        if any(_passed(values.get(name), on) for name in case.over):
            return Section.NEUTRAL
        return case.section
    return Section.NEUTRAL


def columns(item: Item, *, section: Section) -> tuple[FieldDefinition, ...]:
    """Return the fields of an item that a report shows, in order."""
    named = BASIC if section is Section.BASIC else COLUMNS.get(item.code, ())
    known = {one.name: one for one in item.fields}
    if named:
        return tuple(known[name] for name in named if name in known)
    own = (item.subject.code, item.subject.name, item.subject.registration_number)
    others = (one for one in item.fields if one.name not in own and not one.name.endswith(_NEVER))
    return tuple(others)[:MOST_COLUMNS]


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _passed(value: object, on: date) -> bool:
    # A masked day is a month such as 2026-03: it has passed when all of it has.
    text = str(value or "")
    if len(text) == 7:
        return text < on.isoformat()[:7]
    return bool(text) and text <= on.isoformat()
