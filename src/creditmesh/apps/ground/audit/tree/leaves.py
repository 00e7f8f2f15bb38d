"""The leaf hash of an entry, many thousand times a second."""

from hashlib import sha256
from json.encoder import encode_basestring

from creditmesh.apps.ground.audit.rules import Written, body
from creditmesh.exchange.canonical import canonical
from creditmesh.exchange.commitments import commit
from creditmesh.exchange.merkle import leaf_hash


def leaf_of(row: Written, salt: bytes) -> bytes:
    """Return the hash of `commitments.commit` of a body, at less than half its cost.

    Raises `NotCanonical` for text or details that JSON cannot say.
    """
    fields = body(row)
    names = sorted(fields)
    if not "".join(names).isascii():
        return commit(fields, salt=salt).leaf
    parts = []
    for name in names:
        value = fields[name]
        try:
            text = encode_basestring(value).encode() if type(value) is str else canonical(value)
        except UnicodeEncodeError:
            return commit(fields, salt=salt).leaf  # refuses in words
        own = sha256(salt + name.encode()).digest()
        parts.append(f'{encode_basestring(name)}:"{sha256(own + text).hexdigest()}"')
    return leaf_hash(f"{{{','.join(parts)}}}".encode())
