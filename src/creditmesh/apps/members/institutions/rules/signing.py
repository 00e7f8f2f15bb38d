"""What can be wrong with a request a program signed, said so that its engineer can mend it."""

from collections.abc import Mapping
from datetime import datetime

from creditmesh.exchange.messages import SignatureRefused, Why
from creditmesh.kernel.errors import CreditmeshError

SHORTEST_NONCE = 16
LARGEST_BODY = 1_000_000
"""Bytes of a request that programs may send; files have addresses of their own."""
CLOCK = frozenset({Why.TOO_OLD, Why.FROM_THE_FUTURE, Why.EXPIRED})


class TokenRefused(CreditmeshError):
    """The request brings no token, or one that is not in force."""

    code = "token-refused"

    def __init__(self) -> None:
        super().__init__(
            "Send a token that is in force: get one at /oauth/token with the program's id and secret, then "
            "send Authorization: Bearer <token>."
        )
        self.headers: Mapping[str, str] = {
            "WWW-Authenticate": 'Bearer realm="creditmesh", error="invalid_token"'
        }


class ScopeMissing(CreditmeshError):
    """The token does not allow what was asked for."""

    code = "scope-missing"

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"The token does not allow this ({wanted}): ask for the scope when getting the token, or have "
            "your institution give the program that scope."
        )
        self.headers: Mapping[str, str] = {
            "WWW-Authenticate": 'Bearer realm="creditmesh", error="insufficient_scope"'
        }
        self.members: Mapping[str, object] = {"wanted": wanted}


class RequestRefused(CreditmeshError):
    """The signature of a request is not good; the code of each ends with the reason."""

    code = "signature-refused"

    def __init__(self, refused: SignatureRefused, *, at: datetime) -> None:
        super().__init__(refused.sentence, code=f"signature-{refused.reason}")
        self.reason = refused.reason
        self.members: Mapping[str, object] = {"reason": refused.reason.value}
        if refused.reason in CLOCK:
            # What an engineer compares the own clock with.
            self.members = {**self.members, "server_time": int(at.timestamp())}


class Replayed(CreditmeshError):
    """The nonce was used before."""

    code = "signature-replayed"

    def __init__(self) -> None:
        super().__init__("This nonce was used before: send each request with a new nonce, signed anew.")


class NonceTooShort(CreditmeshError):
    """The nonce could be guessed or met again by chance."""

    code = "signature-nonce-too-short"

    def __init__(self) -> None:
        super().__init__(f"The nonce is too short: take {SHORTEST_NONCE} random characters or more.")


class SigningKeyEnded(CreditmeshError):
    """The key was revoked, or the program ended, while the request was under way."""

    code = "signing-key-ended"

    def __init__(self) -> None:
        super().__init__("The signing key was revoked or the program ended: sign with a key in force.")


class BodyTooLarge(CreditmeshError):
    """A program's request is larger than any it needs to send."""

    code = "body-too-large"

    def __init__(self) -> None:
        super().__init__(f"The request is larger than {LARGEST_BODY} bytes: send less at once.")
