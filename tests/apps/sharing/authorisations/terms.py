"""Terms to decide on, without a database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from creditmesh.apps.sharing.authorisations.letters.drafting import allowed_items
from creditmesh.apps.sharing.authorisations.rules import (
    Ask,
    Authoriser,
    Grantee,
    Handler,
    Standing,
    State,
    Terms,
)
from creditmesh.catalogue import loading
from creditmesh.catalogue.model import Mode
from creditmesh.catalogue.purposes import Purpose
from creditmesh.kernel.periods import add_months

FIRST = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)  # noon in Shanghai
SUBJECT = "91990121MA00000002"


def terms(**stated: Any) -> Terms:
    """Terms of an authorisation to BANK, unless something else is stated."""
    usual: dict[str, Any] = {
        "uuid": UUID(int=1),
        "node": "青禾县信用信息平台",
        "purpose": "pre-loan",
        "purpose_version": "2026.1",
        "authoriser": Authoriser(code=SUBJECT, name="青禾县东兴食品加工有限公司"),
        "handler": Handler(name="赵东兴", capacity="enterprise_owner", account="user 1"),
        "grantee": Grantee(code="BANK", name="青禾农村商业银行"),
        "items": ("TAX-02", "SOC-01"),
        "modes": (Mode.AUTH, Mode.VERIFY),
        "data_from": add_months(FIRST, -24),
        "valid_from": FIRST,
        "valid_to": FIRST + timedelta(days=59),
        "time_zone": "Asia/Shanghai",
        "max_queries": 10,
        "per_day": 3,
        "retention_after_end_months": 6,
    }
    return Terms(**{**usual, **stated})


def standing(state: State = State.ACTIVE, *, of: Terms | None = None, **stated: Any) -> Standing:
    """How an authorisation stands."""
    return Standing(terms=of or terms(), state=state, **stated)


def ask(**stated: Any) -> Ask:
    """An inquiry that `terms()` carry, unless something else is stated."""
    usual: dict[str, Any] = {
        "subject": SUBJECT,
        "institution": "BANK",
        "items": ("TAX-02",),
        "mode": Mode.AUTH,
        "purpose": "pre-loan",
        "data_from": add_months(FIRST, -12),
    }
    return Ask(**{**usual, **stated})


def widest_terms(purpose: Purpose, *, raw: bool) -> Terms:
    """Terms as far as the bounds of a purpose allow."""
    bounds = purpose.bounds
    return terms(
        purpose=purpose.code,
        purpose_version=purpose.version,
        items=allowed_items(purpose, loading.load()),
        modes=tuple(one for one in purpose.modes if raw or one != Mode.RAW),
        raw_detail_explicit=raw,
        data_from=add_months(FIRST, -bounds.data_months),
        valid_to=FIRST + timedelta(days=bounds.life_days - 1),
        max_queries=bounds.max_queries,
        per_day=bounds.per_day,
        needs_loan=purpose.needs_loan,
    )
