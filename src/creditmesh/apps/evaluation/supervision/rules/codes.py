"""The words of supervision: kinds, states, result codes."""

from enum import StrEnum


class ItemKind(StrEnum):
    """How strictly the share drawn is limited (notice on double random of 2019)."""

    GENERAL = "general"
    KEY = "key"  # safety, quality, public interest: no upper limit


class ObjectKind(StrEnum):
    """What is inspected."""

    ENTERPRISE = "enterprise"
    DEVICE = "device"
    PRODUCT = "product"
    PROJECT = "project"
    ACT = "act"


class Method(StrEnum):
    """How it is inspected; the codes of item PEN-02."""

    ON_SITE = "on_site"
    DOCUMENTS = "documents"
    ONLINE = "online"
    ENTRUSTED = "entrusted"


class InspectorState(StrEnum):
    """Whether an inspector can be drawn."""

    ACTIVE = "active"
    AWAY = "away"
    LEFT = "left"


class PlanState(StrEnum):
    """Where a yearly plan stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"


class TaskState(StrEnum):
    """Where a task stands."""

    DRAFT = "draft"
    COMMITTED = "committed"  # pools frozen, commitment published
    DRAWN = "drawn"
    ASSIGNED = "assigned"  # teams sent; inspections under way
    DONE = "done"  # every visit has a result or a reason
    ABANDONED = "abandoned"


class VisitState(StrEnum):
    """Where a visit stands."""

    PLANNED = "planned"
    UNSTAFFED = "unstaffed"  # no team was found
    DONE = "done"
    REPLACED = "replaced"


class Decision(StrEnum):
    """What became of a request for recusal."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"


class Found(StrEnum):
    """Result codes in common use (domain facts, section 3; the numbers are those of item PEN-02)."""

    NOTHING = "1"
    NOT_PUBLISHED = "2"
    FALSE_PUBLICATION = "3"
    UNREACHABLE = "4"
    ORDERED_TO_CORRECT = "5"
    REFUSED_INSPECTION = "6"
    NO_SUCH_ACTIVITY = "7"
    PENDING = "8"


FINDINGS = frozenset(
    {
        Found.NOT_PUBLISHED,
        Found.FALSE_PUBLICATION,
        Found.UNREACHABLE,
        Found.ORDERED_TO_CORRECT,
        Found.REFUSED_INSPECTION,
        Found.PENDING,
    }
)
"""Codes that say that something is wrong."""


class FollowUpKind(StrEnum):
    """What follows a finding."""

    ABNORMAL_LISTING = "abnormal_listing"
    CASE_FILING = "case_filing"
    RECTIFICATION = "rectification"
    TRANSFER = "transfer"


class FollowUpState(StrEnum):
    """Whether a follow-up is settled."""

    OPEN = "open"
    SETTLED = "settled"


class Substitution(StrEnum):
    """Why an object is replaced by the next in reserve."""

    DEREGISTERED = "deregistered"
    MOVED = "moved"
    NOT_IN_BUSINESS = "not_in_business"
    DOUBLE = "double"  # the same object under another number
