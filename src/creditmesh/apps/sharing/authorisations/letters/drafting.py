"""From what was asked for to the terms that are signed: narrower is allowed, wider is not."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from creditmesh.apps.sharing.authorisations.rules import (
    Authoriser,
    Grantee,
    Handler,
    Onward,
    Terms,
    narrowed,
)
from creditmesh.catalogue.model import Catalogue, Mode
from creditmesh.catalogue.purposes import EVALUATION, Purpose
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.periods import add_months

LATEST_START = timedelta(days=60)
REVOCATION_CHANNEL = "本平台“授权管理”页面随时撤回，立即生效；或联系平台运营机构 / the page “Authorisations” of this platform, at any time and at once"


class BeyondBounds(CreditmeshError):
    """More was asked for, or chosen, than the purpose or the request allows."""

    code = "beyond-bounds"


class LoanNotNamed(CreditmeshError):
    """The purpose is about a loan, and which one is not said."""

    code = "loan-not-named"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What an institution asks for, or an enterprise is willing to give. Months, days and counts are whole."""

    items: tuple[str, ...]
    modes: tuple[Mode, ...]
    raw_detail: bool = False
    data_months: int
    life_days: int
    max_queries: int
    per_day: int
    retention_months: int = 0
    reference: str = ""
    product: str = ""
    purpose_text: str = ""
    onward_to: tuple[str, ...] = ()
    joint_modelling: bool = False
    branches: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the enterprise makes of a request before it signs."""

    items: tuple[str, ...]
    raw_detail: bool = False
    data_months: int
    life_days: int
    max_queries: int
    per_day: int
    starts_on: date | None = None  # None: today
    clause_confirmed: bool = False


@dataclass(frozen=True, kw_only=True)
class Parties:
    """Who gives to whom, and who signs where."""

    authoriser: Authoriser
    handler: Handler
    grantee: Grantee
    node: str
    time_zone: str
    channel: str
    longest_months: int  # how long any authorisation may be valid


def check_wish(wish: Wish, *, purpose: Purpose, kind: str, catalogue: Catalogue) -> None:
    """Refuse with `BeyondBounds`, naming what goes too far, unless the purpose allows all of the wish.

    Raises `LoanNotNamed`, see `require_loan`.
    """
    require_loan(wish.reference, purpose=purpose)
    for wrong, sentence in _wrong(wish, purpose, kind, catalogue):
        if wrong:
            raise BeyondBounds(sentence)


def require_loan(reference: str, *, purpose: Purpose) -> None:
    """Refuse with `LoanNotNamed` an authorisation about a loan nobody could ever report as settled."""
    if purpose.needs_loan and not reference.strip():
        raise LoanNotNamed(
            "This purpose is about a loan: give its number as the reference, so that the authorisation ends with it."
        )


def allowed_items(purpose: Purpose, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the codes that may be authorised for a purpose; the public credit evaluation first."""
    codes = tuple(one.code for one in purpose.items_of(catalogue))
    return (EVALUATION, *codes) if purpose.evaluation else codes


def widest(purpose: Purpose, *, catalogue: Catalogue) -> Wish:
    """Return everything a purpose allows, without raw detail: what an enterprise narrows unasked."""
    bounds = purpose.bounds
    return Wish(
        items=allowed_items(purpose, catalogue),
        modes=tuple(one for one in purpose.modes if one != Mode.RAW),
        data_months=bounds.data_months,
        life_days=bounds.life_days,
        max_queries=bounds.max_queries,
        per_day=bounds.per_day,
        retention_months=bounds.retention_months,
    )


def within(wish: Wish, *, purpose: Purpose, catalogue: Catalogue) -> Wish:
    """Return as much of a wish as the purpose allows: its template may have changed since somebody asked."""
    bounds = purpose.bounds
    modes = tuple(one for one in wish.modes if one in purpose.modes)
    return replace(
        wish,
        items=narrowed(wish.items, allowed_items(purpose, catalogue)),
        modes=modes,
        raw_detail=wish.raw_detail and Mode.RAW in modes,
        data_months=min(wish.data_months, bounds.data_months),
        life_days=min(wish.life_days, bounds.life_days),
        max_queries=min(wish.max_queries, bounds.max_queries),
        per_day=min(wish.per_day, bounds.per_day, bounds.max_queries),
        retention_months=min(wish.retention_months, bounds.retention_months),
        onward_to=wish.onward_to if bounds.onward else (),
        joint_modelling=wish.joint_modelling and bounds.joint_modelling,
    )


def terms_of(
    wish: Wish,
    choice: Choice,
    *,
    uuid: UUID,
    parties: Parties,
    purpose: Purpose,
    at: datetime,
) -> Terms:
    """Return the terms to sign; raise `BeyondBounds` when the choice goes beyond the wish."""
    today = at.astimezone(ZoneInfo(parties.time_zone)).date()
    starts = choice.starts_on or today
    _check_choice(wish, choice, starts=starts, today=today)
    raw = wish.raw_detail and choice.raw_detail
    modes = tuple(one for one in wish.modes if one != Mode.RAW or raw)
    if not modes:
        raise BeyondBounds("Nothing would be given: allow raw detail, which alone is asked for, or decline.")
    ends = min(starts + timedelta(days=choice.life_days), add_months(starts, parties.longest_months))
    return Terms(
        uuid=uuid,
        node=parties.node,
        purpose=purpose.code,
        purpose_version=purpose.version,
        purpose_text=wish.purpose_text,
        authoriser=parties.authoriser,
        handler=parties.handler,
        grantee=parties.grantee,
        items=narrowed(wish.items, choice.items),
        modes=modes,
        raw_detail_explicit=raw,
        reference=wish.reference,
        product=wish.product,
        data_from=add_months(today, -choice.data_months),
        valid_from=starts,
        valid_to=ends - timedelta(days=1),
        time_zone=parties.time_zone,
        max_queries=choice.max_queries,
        per_day=choice.per_day,
        needs_loan=purpose.needs_loan,
        onward_transfer=Onward.NAMED if wish.onward_to else Onward.NONE,
        onward_to=wish.onward_to,
        joint_modelling=wish.joint_modelling,
        retention_after_end_months=wish.retention_months,
        revocation_channel=REVOCATION_CHANNEL,
        conspicuous_clause_confirmed=choice.clause_confirmed,
        channel=parties.channel,
        prepared_at=at.astimezone(ZoneInfo(parties.time_zone)).isoformat(timespec="seconds"),
    )


def _wrong(wish: Wish, purpose: Purpose, kind: str, catalogue: Catalogue) -> list[tuple[bool, str]]:
    bounds = purpose.bounds
    extra = sorted(set(wish.items) - set(allowed_items(purpose, catalogue)))
    modes = sorted(set(wish.modes) - set(purpose.modes))
    return [
        (
            kind not in purpose.institution_kinds,
            f"An institution of your kind cannot ask for “{purpose.code}”: choose another purpose.",
        ),
        (not wish.items, "Name at least one item: an authorisation gives only what it names."),
        (bool(extra), f"The purpose does not cover {', '.join(extra)}: leave that out."),
        (not wish.modes, "Name at least one mode: AUTH, VERIFY or RAW."),
        (bool(modes), f"The purpose does not allow the mode {', '.join(modes)}: leave that out."),
        (
            (Mode.RAW in wish.modes) != wish.raw_detail,
            "Raw detail is asked for by naming the mode RAW and saying raw_detail, both or neither.",
        ),
        (bool(wish.onward_to) and not bounds.onward, "The purpose does not allow passing the data on."),
        (wish.joint_modelling and not bounds.joint_modelling, "The purpose does not allow joint modelling."),
        (
            bool(_too_much(wish, bounds.model_dump())),
            f"Too much for this purpose: {', '.join(_too_much(wish, bounds.model_dump()))}.",
        ),
        (
            wish.per_day > wish.max_queries,
            "More queries in a day than in the whole life: correct one of the two.",
        ),
    ]


def _too_much(wish: Wish, bounds: dict[str, int]) -> list[str]:
    named = ("data_months", "life_days", "max_queries", "per_day", "retention_months")
    return [f"{name} at most {bounds[name]}" for name in named if not _fits(wish, name, bounds[name])]


def _fits(wish: Wish, name: str, most: int) -> bool:
    least = 0 if name == "retention_months" else 1
    asked: int = getattr(wish, name)
    return least <= asked <= most


def _check_choice(wish: Wish, choice: Choice, *, starts: date, today: date) -> None:
    wider = [
        name
        for name in ("data_months", "life_days", "max_queries", "per_day")
        if not 1 <= getattr(choice, name) <= getattr(wish, name)
    ]
    if wider:
        raise BeyondBounds(f"More than was asked for, or nothing: correct {', '.join(wider)}.")
    if not choice.items or not set(choice.items) <= set(wish.items):
        raise BeyondBounds("Choose at least one item, and only among those asked for.")
    if not today <= starts <= today + LATEST_START:
        raise BeyondBounds(f"The first day must lie between today and {LATEST_START.days} days from now.")
    if choice.per_day > choice.max_queries:
        raise BeyondBounds("More queries in a day than in the whole life: correct one of the two.")
