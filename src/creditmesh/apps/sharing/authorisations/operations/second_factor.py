"""The second factor at signing: a code of the authenticator app, right, fresh, and used once."""

from datetime import datetime, timedelta

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db import IntegrityError, transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.sharing.authorisations.models import SignatureAttempt
from creditmesh.kernel.errors import CreditmeshError

MOST_WRONG = 5
WITHIN = timedelta(minutes=15)


class NoSecondFactor(CreditmeshError):
    """The signer's account has no authenticator app."""

    code = "no-second-factor"


class WrongSecondFactor(CreditmeshError):
    """The code was wrong, too old, or used before."""

    code = "wrong-second-factor"


class SecondFactorLocked(CreditmeshError):
    """Too many wrong codes."""

    code = "second-factor-locked"


def confirm(code: str, *, by: Actor, what: Thing, at: datetime) -> None:
    """Take a code of the actor's authenticator app, once.

    Commits what was tried, right or wrong, so call it outside a transaction that may be rolled back. Raises
    `NoSecondFactor`, `SecondFactorLocked` after five wrong codes in a quarter of an hour, and
    `WrongSecondFactor`; wrong ones are in the ledger.
    """
    if by.user_id is None:
        raise NoSecondFactor("Only a person with an authenticator app can do this: sign in as one.")
    right = _attempt(code, user=by.user_id, by=by, what=what, at=at)
    if not right:
        raise WrongSecondFactor(
            "The code is wrong, too old, or was used already: wait for the next one and type that."
        )


@transaction.atomic
def _attempt(code: str, *, user: int, by: Actor, what: Thing, at: datetime) -> bool:
    # The lock makes attempts of one person queue up, so that many at once are no way around the limit.
    rows = Authenticator.objects.select_for_update().filter(user_id=user, type=Authenticator.Type.TOTP)
    authenticator = rows.order_by("id").first()
    if authenticator is None:
        raise NoSecondFactor("Signing needs an authenticator app: set it up under your account, then sign.")
    wrong = SignatureAttempt.objects.filter(user_id=user, counter=None, at__gt=at - WITHIN).count()
    if wrong >= MOST_WRONG:
        raise SecondFactorLocked("Too many wrong codes: wait a quarter of an hour, then try again.")
    counter = _counter(authenticator, code, at=at)
    # Marked where the sign-in marks its codes, so that neither takes one the other has taken.
    fresh = counter is not None and TOTP(authenticator)._mark_code_used(code)
    if counter is not None and fresh and _first_use(user, counter, at=at):
        return True
    SignatureAttempt.objects.create(user_id=user, at=at)
    audit.append(who=by.who(), act="authorisation.second-factor", thing=what, at=at, outcome=Outcome.REFUSED)
    return False


def _counter(authenticator: Authenticator, code: str, *, at: datetime) -> int | None:
    secret = decrypt(authenticator.data["secret"])
    now = int(at.timestamp()) // app_settings.TOTP_PERIOD
    around = range(now - app_settings.TOTP_TOLERANCE, now + app_settings.TOTP_TOLERANCE + 1)
    return next((one for one in around if format_hotp_value(hotp_value(secret, one)) == code), None)


def _first_use(user: int, counter: int, *, at: datetime) -> bool:
    try:
        with transaction.atomic():
            SignatureAttempt.objects.create(user_id=user, at=at, counter=counter)
    except IntegrityError:
        return False
    return True
