"""SM2 signatures with SM3 (GB/T 32918) through the system's OpenSSL; the wheels of cryptography have none.

The library is loaded at the first use; a machine without one says so plainly and everything else works.
Signatures are r || s, 32 bytes each; the signer's identity is the default of GM/T 0009.
"""

import ctypes
import ctypes.util
import functools
import weakref
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from creditmesh.kernel.errors import CreditmeshError

IDENTITY = b"1234567812345678"
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = bytes.fromhex(
    "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
    "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"
)
# SubjectPublicKeyInfo of an uncompressed point: id-ecPublicKey, curve 1.2.156.10197.1.301.
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
POINT_BYTES = 65


class NoSm2(CreditmeshError):
    """This machine has no OpenSSL library that knows SM2."""

    code = "sm2-missing"


class BadSm2Key(ValueError):
    """What was given is no SM2 key."""


class Key:
    """A key held by OpenSSL, freed with this object."""

    def __init__(self, address: int | None) -> None:
        self.address = ctypes.c_void_p(address)
        weakref.finalize(self, library().EVP_PKEY_free, self.address)


@functools.cache
def library() -> Any:
    """Return the system's libcrypto, checked for SM2; raise NoSm2 when there is none."""
    name = ctypes.util.find_library("crypto")
    try:
        found = ctypes.CDLL(name) if name else None
        for function in () if found is None else POINTERS:
            getattr(found, function).restype = ctypes.c_void_p
    except (OSError, AttributeError):
        found = None
    if found is None:
        raise NoSm2(
            "SM2 needs OpenSSL 3 on this machine (package libssl3 or openssl): install it, or use Ed25519."
        )
    return found


POINTERS = (
    "EVP_PKEY_CTX_new",
    "EVP_PKEY_CTX_new_from_name",
    "EVP_PKEY2PKCS8",
    "d2i_AutoPrivateKey",
    "d2i_PUBKEY",
)


def is_point(point: bytes) -> bool:
    """Return whether these bytes are an uncompressed point of the curve."""
    if len(point) != POINT_BYTES or point[0] != 4:
        return False
    x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    return x < P and y < P and (y * y - x * x * x - A * x - B) % P == 0


def message_digest(point: bytes, message: bytes) -> bytes:
    """Return e = SM3(Z || message), where Z binds identity, curve and public key (GB/T 32918.2, 5.5)."""
    bits = (8 * len(IDENTITY)).to_bytes(2, "big")
    z = _sm3(bits + IDENTITY + A.to_bytes(32, "big") + B.to_bytes(32, "big") + G + point[1:])
    return _sm3(z + message)


def public(point: bytes) -> Key:
    """Return the public key of a point, ready to verify."""
    return _decoded("d2i_PUBKEY", SPKI + point)


def private(der: bytes) -> Key:
    """Return a private key from PKCS #8; raise BadSm2Key when it is none of SM2."""
    key = _decoded("d2i_AutoPrivateKey", der)
    point_of(key)
    return key


def generate() -> Key:
    """Return a new private key."""
    crypto = library()
    context = ctypes.c_void_p(crypto.EVP_PKEY_CTX_new_from_name(None, b"SM2", None))
    made = ctypes.c_void_p()
    try:
        if (
            crypto.EVP_PKEY_keygen_init(context) != 1
            or crypto.EVP_PKEY_generate(context, ctypes.byref(made)) != 1
        ):
            raise NoSm2("The OpenSSL of this machine cannot make SM2 keys: use Ed25519, or another OpenSSL.")
    finally:
        crypto.EVP_PKEY_CTX_free(context)
    return Key(made.value)


def to_der(key: Key) -> bytes:
    """Return the PKCS #8 form of a private key."""
    crypto = library()
    info = ctypes.c_void_p(crypto.EVP_PKEY2PKCS8(key.address))
    try:
        return _encoded(crypto.i2d_PKCS8_PRIV_KEY_INFO, info)
    finally:
        crypto.PKCS8_PRIV_KEY_INFO_free(info)


def point_of(key: Key) -> bytes:
    """Return the public point of a key; raise BadSm2Key when the key is not of SM2."""
    found = _encoded(library().i2d_PUBKEY, key.address)
    if not found.startswith(SPKI):
        raise BadSm2Key("this key is not of SM2")
    return found[len(SPKI) :]


def sign_digest(key: Key, digest: bytes) -> bytes:
    """Return r || s over a digest e."""
    crypto = library()
    context = ctypes.c_void_p(crypto.EVP_PKEY_CTX_new(key.address, None))
    room = ctypes.create_string_buffer(80)
    length = ctypes.c_size_t(len(room))
    try:
        crypto.EVP_PKEY_sign_init(context)
        done = crypto.EVP_PKEY_sign(context, room, ctypes.byref(length), digest, ctypes.c_size_t(len(digest)))
    finally:
        crypto.EVP_PKEY_CTX_free(context)
    if done != 1:
        raise NoSm2("OpenSSL could not sign with this SM2 key: ask for a new one (creditmesh keys rotate).")
    r, s = decode_dss_signature(room.raw[: length.value])
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify_digest(key: Key, signature: bytes, digest: bytes) -> bool:
    """Return whether r || s is a signature over a digest e."""
    if len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < N and 0 < s < N):
        return False
    crypto, der = library(), encode_dss_signature(r, s)
    context = ctypes.c_void_p(crypto.EVP_PKEY_CTX_new(key.address, None))
    try:
        crypto.EVP_PKEY_verify_init(context)
        sizes = ctypes.c_size_t(len(der)), ctypes.c_size_t(len(digest))
        return bool(crypto.EVP_PKEY_verify(context, der, sizes[0], digest, sizes[1]) == 1)
    finally:
        crypto.EVP_PKEY_CTX_free(context)
        crypto.ERR_clear_error()


def _sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def _decoded(function: str, der: bytes) -> Key:
    start = ctypes.c_char_p(der)
    address = getattr(library(), function)(None, ctypes.byref(start), ctypes.c_long(len(der)))
    if not address:
        library().ERR_clear_error()
        raise BadSm2Key("this is no key that OpenSSL can read")
    return Key(address)


def _encoded(function: Any, thing: ctypes.c_void_p) -> bytes:
    room = ctypes.create_string_buffer(max(function(thing, None), 0))
    function(thing, ctypes.byref(ctypes.c_char_p(ctypes.addressof(room))))
    return room.raw
