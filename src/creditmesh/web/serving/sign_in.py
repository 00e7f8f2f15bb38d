"""How people sign in: no self sign-up, a lock-out per user name, and every attempt in the ledger."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import NOBODY, Outcome, Thing, Who
from creditmesh.web.access import actor_of, open_to_all


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Bind allauth to the node."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: accounts are made by the operator."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse after too many failures."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            _write_down(request, NOBODY, "people.lock_out", _named(credentials), Outcome.REFUSED)
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write a failure down, without the password."""
        _write_down(request, NOBODY, "people.sign_in", _named(credentials), Outcome.REFUSED)

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign the user in and write it down."""
        super().login(request, user)
        _write_down(request, actor_of(request).who(), "people.sign_in", user.get_username(), Outcome.ALLOWED)

    def logout(self, request: HttpRequest) -> None:
        """Sign the user out and write it down."""
        _write_down(request, actor_of(request).who(), "people.sign_out", request.user.get_username())
        super().logout(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth would count each host name of the node apart, and so allow five attempts for each.
        return _named(credentials).lower()


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Keep the secrets of second factors encrypted, so that a copy of the database does not give them away."""

    def encrypt(self, text: str) -> str:
        """Return the text encrypted with a key made of the node's own."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the text again."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


@open_to_all
def closed(_request: HttpRequest) -> HttpResponse:
    """Answer that there is nothing: sign-up and whatever needs electronic mail."""
    raise Http404


def _cipher() -> Fernet:
    key = hashlib.sha256(f"second factors {settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _named(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username", ""))[:150]


def _write_down(
    request: HttpRequest, who: Who, act: str, username: str, outcome: Outcome = Outcome.DONE
) -> None:
    address = str(request.META.get("REMOTE_ADDR", ""))
    thing = Thing("user", username)
    audit.append(
        who=who,
        act=act,
        thing=thing,
        at=timezone.now(),
        why=f"from {address}" if address else "",
        outcome=outcome,
    )
