"""What a signed message says in its header fields, read strictly: anything unusual is a ValueError.

Only the canonical spelling of structured fields (RFC 9651) is taken, with one signature in it, so that the text
of a field is its own serialisation and nothing has to be written again before a signature is checked.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

KEY = r"[a-z*][a-z0-9_.*-]{0,63}"
STRING = r'"(?:[ !#-\[\]-~]|\\["\\])*"'
COMPONENT = rf'"[!#-\[\]-~]+"(?:;[a-z]+(?:={STRING})?)*'
INTEGER = r"(?:0|[1-9][0-9]{0,14})"
INPUT = re.compile(rf"({KEY})=(\(((?:{COMPONENT}(?: {COMPONENT})*)?)\)((?:;{KEY}=(?:{INTEGER}|{STRING}))*))")
ONE_COMPONENT = re.compile(rf'"([!#-\[\]-~]+)"((?:;[a-z]+(?:={STRING})?)*)(?: |$)')
ONE_FLAG = re.compile(rf";([a-z]+)(?:=({STRING}))?")
ONE_PARAMETER = re.compile(rf";({KEY})=({INTEGER}|{STRING})")
SIGNATURE = re.compile(rf"({KEY})=:([A-Za-z0-9+/]*={{0,2}}):")
DIGEST = re.compile(rf"({KEY})=:([A-Za-z0-9+/]*={{0,2}}):(?:[ \t]*,[ \t]*(?=.)|$)")
URL = re.compile(r"(https?)://([A-Za-z0-9._~\-\[\]:]+)(/[!-\"$->@-~]*)?(?:\?([!-\"$-~]*))?")
VALUE = re.compile(r"[\t -~]*")
METHOD = re.compile(r"[A-Z]{1,20}")

LONGEST = 4096
PORTS = {"http": ":80", "https": ":443"}
DIGESTS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
NUMBERS = frozenset({"created", "expires"})
TEXTS = frozenset({"nonce", "keyid", "alg", "tag"})


@dataclass(frozen=True)
class Component:
    """One covered component: its name, whether it is of the request, of which member; and its own text."""

    name: str
    text: str
    of_request: bool = False
    member: str = ""

    @property
    def identity(self) -> tuple[str, bool, str]:
        """Return what must not be covered twice."""
        return self.name, self.of_request, self.member


@dataclass(frozen=True)
class Request:
    """A request as it was on the wire; the URL absolute, escapes untouched."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Message:
    """What components are taken from: a request, or an answer with the request it answers; fields in lower case."""

    headers: Mapping[str, str]
    body: bytes
    request: Request | None = None
    status: int = 0
    asked: "Message | None" = None


@dataclass(frozen=True)
class Stated:
    """The one signature of a message, as stated: the text it signs about itself, and what that text says."""

    label: str
    text: str
    components: tuple[Component, ...]
    numbers: Mapping[str, int]
    texts: Mapping[str, str]
    signature: bytes


def lowered(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the fields by lower-case name; ValueError when two differ only by case."""
    found = {name.lower(): value for name, value in headers.items()}
    if len(found) != len(headers):
        raise ValueError("a header field stands twice")
    return found


def plain(value: str) -> str:
    """Return a field's value without outer blanks; ValueError for line breaks, controls and non-ASCII."""
    if not VALUE.fullmatch(value):
        raise ValueError("a header field holds more than one line, or other than ASCII")
    return value.strip(" \t")


def method(name: str) -> str:
    """Return the method; ValueError unless it is a word in capitals."""
    if not METHOD.fullmatch(name):
        raise ValueError("a method is a word in capitals")
    return name


def stated(signature_input: str, signature: str) -> Stated:
    """Return the one signature that the two fields state together."""
    if len(signature_input) > LONGEST or len(signature) > LONGEST:
        raise ValueError("the signature fields are too long")
    head = INPUT.fullmatch(signature_input)
    label, data = signature_member(signature)
    if head is None or head[1] != label:
        raise ValueError("there must be exactly one signature, and in canonical form")
    numbers: dict[str, int] = {}
    texts: dict[str, str] = {}
    for name, value in ONE_PARAMETER.findall(head[4]):
        if name in numbers or name in texts or (name in NUMBERS) == value.startswith('"'):
            raise ValueError(f"the parameter {name} stands twice, or is of the wrong kind")
        if name in NUMBERS:
            numbers[name] = int(value)
        elif name in TEXTS:
            texts[name] = _unquoted(value)
        else:
            raise ValueError(f"the parameter {name} is not known")
    return Stated(label, head[2], _components(head[3]), numbers, texts, data)


def signature_member(signature: str) -> tuple[str, bytes]:
    """Return label and bytes of a Signature field that holds one signature."""
    found = SIGNATURE.fullmatch(signature)
    if found is None:
        raise ValueError("there must be exactly one signature")
    return found[1], _bytes(found[2])


def quoted(text: str) -> str:
    """Return a text as string of a structured field."""
    if not VALUE.fullmatch(text) or "\t" in text:
        raise ValueError("a parameter must be printable ASCII")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def byte_sequence(data: bytes) -> str:
    """Return bytes as byte sequence of a structured field."""
    return f":{base64.b64encode(data).decode()}:"


def content_digest(body: bytes) -> str:
    """Return the Content-Digest of a body (RFC 9530)."""
    return f"sha-256={byte_sequence(hashlib.sha256(body).digest())}"


def digest_fits(field: str, body: bytes) -> bool:
    """Return whether every digest of a Content-Digest that can be checked fits, and there is one."""
    if len(field) > LONGEST:
        return False
    seen: set[str] = set()
    known, at = 0, 0
    while at < len(field):
        found = DIGEST.match(field, at)
        if found is None or found[1] in seen:
            return False
        seen.add(found[1])
        if found[1] in DIGESTS:
            known += 1
            if base64.b64encode(DIGESTS[found[1]](body).digest()).decode() != found[2]:
                return False
        at = found.end()
    return known > 0


def url_part(name: str, url: str) -> str:
    """Return one derived component of an absolute URL (RFC 9421, 2.2), spelt as on the wire."""
    found = URL.fullmatch(url)
    if found is None or len(url) > LONGEST:
        raise ValueError("not an absolute http address")
    scheme, authority, path, query = found.groups()
    if name == "@target-uri":
        return url
    if name == "@authority":
        return authority.lower().removesuffix(PORTS[scheme])
    if name == "@path":
        return path or "/"
    if name == "@query":
        return f"?{query or ''}"
    raise ValueError(f"{name} is not understood")


def base(components: Sequence[Component], text: str, message: Message) -> bytes:
    """Return the bytes a signature is over (RFC 9421, 2.5); KeyError for a field that is not there."""
    lines = [f"{one.text}: {_value(one, message)}" for one in components]
    lines.append(f'"@signature-params": {text}')
    return "\n".join(lines).encode("ascii")


def _value(one: Component, message: Message) -> str:
    source = message.asked if one.of_request else message
    if source is None:
        raise ValueError("only an answer covers parts of a request")
    if one.member:
        label, data = signature_member(plain(source.headers[one.name]))
        if one.name != "signature" or label != one.member:
            raise ValueError("there is no such member, or members of this field are not understood")
        return byte_sequence(data)
    if one.name.startswith("@"):
        return _derived(one.name, source)
    return plain(source.headers[one.name])


def _derived(name: str, source: Message) -> str:
    if source.request is None:
        if name != "@status":
            raise ValueError("an answer has a status, and neither method nor address")
        return str(source.status)
    return method(source.request.method) if name == "@method" else url_part(name, source.request.url)


@lru_cache(maxsize=1024)
def _components(text: str) -> tuple[Component, ...]:
    found = []
    for one in ONE_COMPONENT.finditer(text):
        of_request, member = False, ""
        for flag, value in ONE_FLAG.findall(one[2]):
            if flag == "req" and not value and not of_request:
                of_request = True
            elif flag == "key" and value and not member:
                member = _unquoted(value)
            else:
                raise ValueError(f"the flag {flag} is not understood")
        found.append(Component(one[1], f'"{one[1]}"{one[2]}', of_request, member))
    if len({one.identity for one in found}) != len(found):
        raise ValueError("a component is covered twice")
    return tuple(found)


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1])


def _bytes(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 with stray bits")
    return data
