"""How people sign in: no self sign-up; every sign-in and every failure is in the ledger."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Bind allauth to the node."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: accounts are made by the operator."""
        return False
