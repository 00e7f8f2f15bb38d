"""Signed HTTP messages: RFC 9421 signatures over RFC 9530 digests, in the one profile nodes and banks use.

A request covers its method, its address (whole, or authority, path and query), the digest of its body and its
Authorization; states created, expires, nonce and keyid; and carries the tag "creditmesh". An answer covers its
status and body and, with `req`, the same of the request and the request's own signature, so that no answer can
be moved to another question. There is exactly one signature; its algorithm is that of the key.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from creditmesh.exchange import fields
from creditmesh.exchange.fields import Component, Message, Request, Stated
from creditmesh.exchange.keys import Algorithm, PrivateKey, PublicKey
from creditmesh.kernel.errors import CreditmeshError

Resolve: TypeAlias = Callable[[str], PublicKey | None]

TAG = LABEL = "creditmesh"
WINDOW = 900  # seconds a clock may be wrong, and a message may travel
LONGEST_NONCE = 128
LONGEST_KEY_ID = 256
ALGORITHMS = {Algorithm.ED25519: "ed25519", Algorithm.ES256: "ecdsa-p256-sha256", Algorithm.SM2: "sm2-sm3"}
ADDRESS = ("@authority", "@path", "@query")
OF_URL = frozenset({"@target-uri", *ADDRESS})


class Why(StrEnum):
    """Why a message was refused."""

    MISSING = "missing"
    MALFORMED = "malformed"
    INCOMPLETE = "incomplete"
    UNKNOWN_KEY = "unknown-key"
    ALGORITHM = "algorithm"
    TOO_OLD = "too-old"
    FROM_THE_FUTURE = "from-the-future"
    EXPIRED = "expired"
    BAD_DIGEST = "bad-digest"
    BAD_SIGNATURE = "bad-signature"


SENTENCES = {
    Why.MISSING: "The message is not signed: send Signature-Input and Signature (RFC 9421).",
    Why.MALFORMED: "The signature fields cannot be read: one signature, in canonical form, one line each.",
    Why.INCOMPLETE: "The signature does not cover all it must: see how a bank connects for the list.",
    Why.UNKNOWN_KEY: "The key of the signature is not known or no longer valid: register it, or use the new one.",
    Why.ALGORITHM: "The signature names another algorithm than its key has: sign with the key's own.",
    Why.TOO_OLD: "The signature is too old: sign anew, and set the clock if it is wrong.",
    Why.FROM_THE_FUTURE: "The signature is from the future: set the clock.",
    Why.EXPIRED: "The signature has expired: sign anew.",
    Why.BAD_DIGEST: "The digest does not fit the body: the body was changed on the way, or not digested as sent.",
    Why.BAD_SIGNATURE: "The signature does not fit the message: sign exactly what is sent, with the key named.",
}


class SignatureRefused(CreditmeshError):
    """A message whose signature does not prove what it must; `reason` says why."""

    code = "signature-refused"

    def __init__(self, reason: Why) -> None:
        super().__init__(SENTENCES[reason], code=f"signature-{reason}")
        self.reason = reason


@dataclass(frozen=True)
class Response:
    """An answer as it was on the wire."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Signed:
    """What a good signature states; an answer has no nonce, and need not expire (0)."""

    keyid: str
    nonce: str
    created: int
    expires: int


def sign_request(
    request: Request, *, key: PrivateKey, keyid: str, created: int, expires: int, nonce: str
) -> dict[str, str]:
    """Return the headers to add: Content-Digest (when there is a body), Signature-Input, Signature.

    `created` and `expires` are seconds since 1970; a nonce is used once. ValueError for what cannot be signed.
    """
    added = {"content-digest": fields.content_digest(request.body)} if request.body else {}
    message = Message({**fields.lowered(request.headers), **added}, request.body, request)
    parameters = (
        f";created={created};expires={expires};nonce={fields.quoted(nonce)};keyid={fields.quoted(keyid)}"
    )
    return _sign(message, _request_cover(message), parameters, key)


def verify_request(request: Request, *, resolve: Resolve, now: int, window: int = WINDOW) -> Signed:
    """Return what a good signature states; raise SignatureRefused with the reason.

    The caller still has to refuse a nonce seen before: keep each until its `created` + `window` is past.
    """
    with _reading():
        message = Message(fields.lowered(request.headers), request.body, request)
        one = _stated(message)
        _check_cover(one, _request_cover(message))
        if "expires" not in one.numbers or not one.texts.get("nonce"):
            raise SignatureRefused(Why.INCOMPLETE)
        signed = fields.base(one.components, one.text, message)
    _check_time(one, now, window)
    return _verified(one, signed, message, resolve)


def sign_response(
    response: Response, request: Request, *, key: PrivateKey, keyid: str, created: int
) -> dict[str, str]:
    """Return the headers to add to an answer, bound to the request it answers: digest and signature."""
    message = _answer(response, request, {"content-digest": fields.content_digest(response.body)})
    return _sign(message, _answer_cover(message), f";created={created};keyid={fields.quoted(keyid)}", key)


def verify_response(
    response: Response, request: Request, *, resolve: Resolve, now: int, window: int = WINDOW
) -> Signed:
    """Return what an answer's good signature states; raise SignatureRefused when it is not of this request."""
    with _reading():
        message = _answer(response, request, {})
        one = _stated(message)
        _check_cover(one, _answer_cover(message))
        signed = fields.base(one.components, one.text, message)
    _check_time(one, now, window)
    return _verified(one, signed, message, resolve)


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except KeyError:
        raise SignatureRefused(Why.INCOMPLETE) from None
    except ValueError:
        raise SignatureRefused(Why.MALFORMED) from None


def _answer(response: Response, request: Request, added: Mapping[str, str]) -> Message:
    asked = Message(fields.lowered(request.headers), request.body, request)
    return Message({**fields.lowered(response.headers), **added}, response.body, None, response.status, asked)


def _request_cover(message: Message) -> list[Component]:
    names = ["@method", *ADDRESS]
    if message.body or "content-digest" in message.headers:
        names.append("content-digest")
    if "authorization" in message.headers:
        names.append("authorization")
    return [Component(name, f'"{name}"') for name in names]


def _answer_cover(message: Message) -> list[Component]:
    asked = message.asked
    names = ["@method", *ADDRESS] + (
        ["content-digest"] if asked and "content-digest" in asked.headers else []
    )
    cover = [Component("@status", '"@status"'), Component("content-digest", '"content-digest"')]
    cover += [Component(name, f'"{name}";req', of_request=True) for name in names]
    if asked and "signature" in asked.headers:
        label, _ = fields.signature_member(fields.plain(asked.headers["signature"]))
        cover.append(Component("signature", f'"signature";req;key="{label}"', of_request=True, member=label))
    return cover


def _sign(message: Message, cover: list[Component], parameters: str, key: PrivateKey) -> dict[str, str]:
    text = f"({' '.join(one.text for one in cover)}){parameters};tag={fields.quoted(TAG)}"
    signature = key.sign(fields.base(cover, text, message))
    digest = message.headers.get("content-digest")
    added = {"Content-Digest": digest} if digest else {}
    return {
        **added,
        "Signature-Input": f"{LABEL}={text}",
        "Signature": f"{LABEL}={fields.byte_sequence(signature)}",
    }


def _stated(message: Message) -> Stated:
    if "signature" not in message.headers and "signature-input" not in message.headers:
        raise SignatureRefused(Why.MISSING)
    return fields.stated(
        fields.plain(message.headers.get("signature-input", "")),
        fields.plain(message.headers.get("signature", "")),
    )


def _check_cover(one: Stated, needed: list[Component]) -> None:
    covered = {component.identity for component in one.components}
    for component in needed:
        whole = ("@target-uri", component.of_request, "")
        if component.identity not in covered and not (component.name in ADDRESS and whole in covered):
            raise SignatureRefused(Why.INCOMPLETE)
    if one.texts.get("tag") != TAG or "created" not in one.numbers or not one.texts.get("keyid"):
        raise SignatureRefused(Why.INCOMPLETE)
    if len(one.texts["keyid"]) > LONGEST_KEY_ID or len(one.texts.get("nonce", "")) > LONGEST_NONCE:
        raise ValueError("too long a name")


def _check_time(one: Stated, now: int, window: int) -> None:
    created = one.numbers["created"]
    if created > now + window:
        raise SignatureRefused(Why.FROM_THE_FUTURE)
    if created < now - window:
        raise SignatureRefused(Why.TOO_OLD)
    if one.numbers.get("expires", now) < now:
        raise SignatureRefused(Why.EXPIRED)


def _verified(one: Stated, signed: bytes, message: Message, resolve: Resolve) -> Signed:
    key = resolve(one.texts["keyid"])
    if key is None:
        raise SignatureRefused(Why.UNKNOWN_KEY)
    if one.texts.get("alg", ALGORITHMS[key.algorithm]) != ALGORITHMS[key.algorithm]:
        raise SignatureRefused(Why.ALGORITHM)
    digest = message.headers.get("content-digest")
    if digest is not None and not fields.digest_fits(fields.plain(digest), message.body):
        raise SignatureRefused(Why.BAD_DIGEST)
    if not key.verify(one.signature, signed):
        raise SignatureRefused(Why.BAD_SIGNATURE)
    texts, numbers = one.texts, one.numbers
    return Signed(texts["keyid"], texts.get("nonce", ""), numbers["created"], numbers.get("expires", 0))
