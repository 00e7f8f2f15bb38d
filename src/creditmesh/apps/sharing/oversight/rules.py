"""What may follow an inquiry, when nothing has, and what that leads to."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from creditmesh.apps.members.institutions.rules.standing import Institution
from creditmesh.catalogue.model import Mode
from creditmesh.catalogue.rule_packs import Rule, RulePack
from creditmesh.kernel.errors import CreditmeshError

MODES = (Mode.AUTH, Mode.VERIFY, Mode.RAW)
"""Inquiries that rest on an authorisation; what is open to everyone needs no purpose proved afterwards."""

LONGEST_REFERENCE = 100


class Kind(StrEnum):
    """What followed an inquiry."""

    APPLIED = "applied"  # an application is under way
    GRANTED = "granted"
    DECLINED_BY_INSTITUTION = "declined-by-institution"
    DECLINED_BY_ENTERPRISE = "declined-by-enterprise"
    GUARANTEED = "guaranteed"
    INSURED = "insured"
    MONITORED = "monitored"  # a loan under way was looked after
    NO_BUSINESS = "no-business"
    ERROR = "error"  # asked by mistake


EMPTY = frozenset({Kind.NO_BUSINESS, Kind.ERROR})
"""Outcomes that say themselves that there was nothing behind an inquiry."""

NEED_REFERENCE = frozenset({Kind.MONITORED})
"""Outcomes that hold only with the number of the contract they are about."""


class Rest(StrEnum):
    """What an outcome rests on: the institution's word, or something that happened on the platform."""

    DECLARATION = "declaration"
    FACT = "fact"


class Level(StrEnum):
    """What the share of inquiries with nothing behind them leads to."""

    TOO_FEW = "too-few"  # to be judged
    FINE = "fine"
    WARNING = "warning"
    SUSPENSION = "suspension"


class Act(StrEnum):
    """What was done about an institution."""

    WARNED = "warned"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    CLEARED = "cleared"  # the share fell again after a warning


class WrongOutcome(CreditmeshError):
    """A declared outcome is none of the known ones, lacks its reference, or belongs to no such inquiry."""

    code = "wrong-outcome"


@dataclass(frozen=True, kw_only=True)
class Said:
    """An outcome as an institution declares it."""

    kind: Kind
    reference: str = ""  # number of the application, contract, guarantee or policy


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """When nothing behind an inquiry counts, and what it leads to; each with the rule it comes from."""

    rules: tuple[Rule, ...]
    version: str  # of the rule pack
    days: int  # in which an outcome is declared
    least: int  # inquiries that must be due before a share is judged
    warn_bp: int
    suspend_bp: int
    notice_days: int  # between a warning and a suspension
    window_months: int

    def due(self, asked_at: datetime) -> datetime:
        """Return until when an outcome is declared."""
        return asked_at + timedelta(days=self.days)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Inquiries counted by what followed them."""

    behind: int = 0  # something followed
    empty: int = 0  # the institution says nothing did
    overdue: int = 0  # nothing was declared in time
    waiting: int = 0  # there is still time

    @property
    def asked(self) -> int:
        """Return all inquiries."""
        return self.behind + self.empty + self.overdue + self.waiting

    @property
    def judged(self) -> int:
        """Return those of which it is known by now whether something followed."""
        return self.behind + self.empty + self.overdue

    @property
    def nothing(self) -> int:
        """Return those with nothing behind them."""
        return self.empty + self.overdue

    @property
    def share_bp(self) -> int | None:
        """Return the share with nothing behind them in basis points, None when none is due."""
        return self.nothing * 10_000 // self.judged if self.judged else None

    def plus(self, other: "Tally") -> "Tally":
        """Return both together."""
        return Tally(
            behind=self.behind + other.behind,
            empty=self.empty + other.empty,
            overdue=self.overdue + other.overdue,
            waiting=self.waiting + other.waiting,
        )


@dataclass(frozen=True, kw_only=True)
class Last:
    """The last act about an institution."""

    act: Act
    at: datetime


_RULES = {
    "days": "oversight.outcome.days",
    "least": "oversight.rate.least",
    "warn_bp": "oversight.rate.warn",
    "suspend_bp": "oversight.rate.suspend",
    "notice_days": "oversight.notice.days",
    "window_months": "oversight.window.months",
}


def thresholds(pack: RulePack, *, on: date, region: str) -> Thresholds:
    """Return the thresholds in force in a region on a day."""
    rules = {name: pack.rule(one, on=on, jurisdiction=region) for name, one in _RULES.items()}
    return Thresholds(
        rules=tuple(rules.values()),
        version=pack.version,
        **{name: int(rule.value) for name, rule in rules.items()},
    )


def level(tally: Tally, limits: Thresholds) -> Level:
    """Return what a tally leads to."""
    share = tally.share_bp
    if share is None or tally.judged < limits.least:
        return Level.TOO_FEW
    if share >= limits.suspend_bp:
        return Level.SUSPENSION
    return Level.WARNING if share >= limits.warn_bp else Level.FINE


def next_act(
    now: Level, last: Last | None, home: Institution, limits: Thresholds, *, at: datetime
) -> Act | None:
    """Return what to do about an institution; nobody is suspended without a warning that had time to act."""
    if not home.active:
        return None
    warned = last is not None and last.act is Act.WARNED
    if now not in {Level.WARNING, Level.SUSPENSION}:
        return Act.CLEARED if warned else None
    if last is None or not warned:
        return Act.WARNED
    waited = at - last.at >= timedelta(days=limits.notice_days)
    return Act.SUSPENDED if now is Level.SUSPENSION and waited else None


def said(kind: str, reference: str) -> Said:
    """Return a declared outcome; raise `WrongOutcome` when it is none or lacks its reference."""
    known = {one.value: one for one in Kind}.get(kind.strip())
    if known is None:
        raise WrongOutcome(f"“{kind[:40]}” is no outcome: take one of {', '.join(sorted(Kind))}.")
    told = reference.strip()
    if len(told) > LONGEST_REFERENCE:
        raise WrongOutcome(f"A reference has at most {LONGEST_REFERENCE} characters: shorten it.")
    if known in NEED_REFERENCE and not told:
        raise WrongOutcome("Monitoring needs the number of the loan it is about: add the reference.")
    return Said(kind=known, reference=told)
