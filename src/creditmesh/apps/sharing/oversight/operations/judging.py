"""Warn and suspend institutions whose inquiries have nothing behind them; a person lets them in again."""

from datetime import datetime

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import WORKER, Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.members.institutions.operations import noticing, suspending
from creditmesh.apps.members.institutions.rules.standing import Institution
from creditmesh.apps.sharing.oversight.models import Measure
from creditmesh.apps.sharing.oversight.queries import counting
from creditmesh.apps.sharing.oversight.rules import Act, Thresholds, next_act
from creditmesh.kernel.errors import CreditmeshError

NOTICE = "oversight.warned"
# In both languages: it is read on pages of either, and sent to the institution's address.
WHY = (
    "{m} 次到期查询中有 {n} 次（{share}）在 {d} 天内没有后续业务。 "
    "Nothing followed {n} of {m} due inquiries ({share}) within {d} days."
)


class NoReason(CreditmeshError):
    """An institution was to be resumed without a reason."""

    code = "no-reason"


class NotSuspended(CreditmeshError):
    """An institution that is not suspended was to be resumed."""

    code = "not-suspended"


def judge_all(*, node: ThisNode, at: datetime) -> dict[str, Act]:
    """Judge every institution and return what was done about which; doing it again changes nothing."""
    limits = counting.limits_of(node, at=at)
    done = {}
    for home in institutions.institutions():
        if not home.sandbox and (act := judge(home.code, limits=limits, at=at)) is not None:
            done[home.code] = act
    return done


@transaction.atomic
def judge(institution: str, *, limits: Thresholds, at: datetime) -> Act | None:
    """Warn or suspend one institution where its share of inquiries with nothing behind them asks for it."""
    institutions.row_of(institution, locked=True)
    home = institutions.institution(institution)
    _note_resumed_elsewhere(home, at=at)
    now = counting.standing(home, limits=limits, at=at)
    act = next_act(now.level, now.last, home, limits, at=at)
    if act is None:
        return None
    share = now.tally.share_bp or 0
    told = {"n": now.tally.nothing, "m": now.tally.judged, "share": f"{share / 100:.1f}%", "d": limits.days}
    why = WHY.format(**told)
    Measure.objects.create(
        institution=institution,
        act=act.value,
        at=at,
        by=WORKER.label,
        why=why,
        judged=now.tally.judged,
        nothing=now.tally.nothing,
        rule_pack=limits.version[:200],
    )
    if act is Act.SUSPENDED:
        suspending.suspend(institution=institution, why=why, by=WORKER, at=at)
    elif act is Act.WARNED:
        _warn(now, limits=limits, why=why, at=at)
    return act


def _warn(now: counting.Standing, *, limits: Thresholds, why: str, at: datetime) -> None:
    about = {
        "judged": now.tally.judged,
        "nothing_behind": now.tally.nothing,
        "share_bp": now.tally.share_bp,
        "suspended_from_bp": limits.suspend_bp,
        "days_left": limits.notice_days,
    }
    noticing.notify(institution=now.institution.code, kind=NOTICE, about=about, at=at)
    thing = Thing("institution", now.institution.code)
    audit.append(who=WORKER, act="oversight.warn", thing=thing, at=at, why=why)


@transaction.atomic
def resume(institution: str, *, why: str, by: Actor, at: datetime) -> None:
    """Let a suspended institution ask again: what was due until now is judged and closed by a person.

    Raises `NotPermitted`, `NoReason`, `NotSuspended`, `institutions.queries.UnknownInstitution`.
    """
    by.demand(Permission.MANAGE_INSTITUTIONS)
    if not why.strip():
        raise NoReason("Say why the institution may ask again: it reads it, and the ledger keeps it.")
    if not suspending.resume(institution=institution, why=why.strip(), by=by.who(), at=at):
        raise NotSuspended("This institution is not suspended: load the page again.")
    _resumed(institution, why=why.strip(), by=by.label, at=at)


def _note_resumed_elsewhere(home: Institution, *, at: datetime) -> None:
    """Take a resumption on the page of institutions for what it is: a person's decision."""
    latest = Measure.objects.filter(institution=home.code).order_by("-id").first()
    if home.active and latest is not None and latest.act == Act.SUSPENDED:
        _resumed(home.code, why="resumed by the operator", by=WORKER.label, at=at)


def _resumed(institution: str, *, why: str, by: str, at: datetime) -> None:
    Measure.objects.create(institution=institution, act=Act.RESUMED.value, at=at, by=by[:200], why=why[:500])
