"""The node's own key: one file only its owner reads, made at first use; older public keys are kept beside it.

`node-key.pem` holds the private key, `node-keys.json` the public keys of before with the time they were retired,
so that what they signed stays provable. Both are replaced whole, under a lock, so every process of the node sees
the one key or the next, never half of it; a rotation is seen by running processes at their next signature.
"""

import fcntl
import functools
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from creditmesh.exchange.keys import Algorithm, PrivateKey, PublicKey
from creditmesh.kernel.errors import CreditmeshError

PRIVATE = 0o600
PUBLIC = 0o644
OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO

T = TypeVar("T")


class NodeKeyUnsafe(CreditmeshError):
    """The file of the node's key can be read by others, or is damaged."""

    code = "node-key-unsafe"


@dataclass(frozen=True)
class Published:
    """A public key of the node; retired ones still check what they once signed."""

    key: PublicKey
    retired_at: datetime | None = None

    @property
    def key_id(self) -> str:
        """Return the id under which signatures name the key: its thumbprint (RFC 7638)."""
        return self.key.thumbprint()

    def jwk(self) -> dict[str, str]:
        """Return the key as it is published."""
        retired = {} if self.retired_at is None else {"retired_at": self.retired_at.isoformat()}
        return {**self.key.jwk(), **retired}


@dataclass(frozen=True)
class Signer:
    """What the node signs with now, and all its public keys, the present one first."""

    key_id: str
    key: PrivateKey
    public_keys: tuple[Published, ...]

    def resolve(self, key_id: str) -> PublicKey | None:
        """Return a key of this node by its id, retired or not; None when it is none."""
        return next((one.key for one in self.public_keys if one.key_id == key_id), None)

    def jwks(self) -> list[dict[str, str]]:
        """Return all public keys as JWK, the present one first."""
        return [one.jwk() for one in self.public_keys]


@dataclass
class KeyFile:
    """The node's key in its data folder."""

    home: Path
    _seen: tuple[Any, Signer] | None = field(default=None, repr=False)

    def signer(self) -> Signer:
        """Return what the node signs with; the first call of all makes the key. Raises NodeKeyUnsafe."""
        state = self._state()
        if state is None:
            with self._alone():
                if self._state() is None:
                    self._write(self.private, PrivateKey.generate(Algorithm.ED25519).to_pem(), PRIVATE)
            state = self._state()
        if self._seen is None or self._seen[0] != state:
            self._seen = (state, self._read())
        return self._seen[1]

    def rotate(self, *, algorithm: Algorithm, at: datetime) -> Signer:
        """Replace the key by a new one and keep the old public key as retired; return the new signer."""
        new = PrivateKey.generate(algorithm)
        old = self.signer()
        with self._alone():
            old = self._read()
            retired = [Published(old.key.public, at), *old.public_keys[1:]]
            # The list first: a key that stands both here and in its own file is the present one, not retired.
            self._write(self.public, json.dumps({"keys": [one.jwk() for one in retired]}), PUBLIC)
            self._write(self.private, new.to_pem(), PRIVATE)
        return self.signer()

    @functools.cached_property
    def private(self) -> Path:
        """Return the file of the private key."""
        return self.home / "node-key.pem"

    @functools.cached_property
    def public(self) -> Path:
        """Return the file of the retired public keys."""
        return self.home / "node-keys.json"

    def _read(self) -> Signer:
        if self.private.stat().st_mode & OF_OTHERS:
            raise NodeKeyUnsafe(f"Others can read {self.private}: run chmod 600 on it, and rotate the key.")
        key = _checked(lambda: PrivateKey.from_pem(self.private.read_text("ascii")), self.private)
        retired = _checked(self._retired, self.public) if self.public.exists() else []
        present = Published(key.public)
        older = [one for one in retired if one.key_id != present.key_id]
        return Signer(present.key_id, key, (present, *older))

    def _retired(self) -> list[Published]:
        stated = json.loads(self.public.read_text("utf-8"))["keys"]
        return [
            Published(PublicKey.from_jwk(one), datetime.fromisoformat(one["retired_at"])) for one in stated
        ]

    def _state(self) -> Any:
        """Return what changes whenever one of the two files is replaced, None without a key."""
        try:
            private = self.private.stat()
        except FileNotFoundError:
            return None
        public = self.public.stat() if self.public.exists() else None
        return (
            private.st_ino,
            private.st_mtime_ns,
            private.st_mode,
            public and (public.st_ino, public.st_mtime_ns),
        )

    def _write(self, file: Path, text: str, mode: int) -> None:
        draft = file.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8"
        ) as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.home / "node-key.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _checked(read: Callable[[], T], file: Path) -> T:
    try:
        return read()
    except (ValueError, KeyError, TypeError, CreditmeshError):
        raise NodeKeyUnsafe(f"{file} is damaged: put back the copy you keep of it.") from None
