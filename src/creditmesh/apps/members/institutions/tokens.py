"""How tokens are given out: the parts that OAuth2's library asks us for. Only client credentials are known."""

import secrets
from typing import Any

from django.contrib.auth.hashers import make_password
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

from creditmesh.apps.members.institutions.models import Program
from creditmesh.apps.members.institutions.rules.scopes import Scope
from creditmesh.apps.members.institutions.rules.standing import State


class ScopesOfPrograms(BaseScopes):  # type: ignore[misc]
    """What the tokens of a program may allow: what its institution chose when it was made."""

    def get_all_scopes(self) -> dict[str, str]:
        """Return every scope."""
        return {one.value: one.value for one in Scope}

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *_args: object, **_kwargs: object
    ) -> list[str]:
        """Return the scopes a program may ask for."""
        del request
        known = Program.objects.filter(application=application).order_by("id").first()
        return known.scopes.split() if known else []

    def get_default_scopes(
        self, application: Any = None, request: Any = None, *_args: object, **_kwargs: object
    ) -> list[str]:
        """Return the scopes of a token for which none were named: all the program may have."""
        return self.get_available_scopes(application, request)


class Validator(OAuth2Validator):  # type: ignore[misc]
    """Gives no token to a program that was ended, nor to one of a suspended institution."""

    def authenticate_client(self, request: Any, *args: object, **kwargs: object) -> bool:
        """Return whether the program showed its secret and is in force."""
        if not super().authenticate_client(request, *args, **kwargs):
            if getattr(request, "client", None) is None:
                make_password(secrets.token_urlsafe())  # an unknown name takes as long as a wrong secret
            return False
        standing = Program.objects.filter(
            application=request.client, ended_at=None, institution__state=State.ACTIVE
        )
        return standing.exists()


def random_token(_request: object = None, refresh_token: bool = False) -> str:
    """Return a new token: 256 random bits, which say nothing about the program."""
    del refresh_token
    return secrets.token_urlsafe(32)
