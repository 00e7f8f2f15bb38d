"""Check a creditmesh proof file without trusting the node that made it.

    python verify_proof.py PROOF.json [--keys keys.json] [--head heads.json] [--path consistency.json]

Needs Python 3.9 or newer and `pip install cryptography`; imports nothing of creditmesh and asks no network.
--keys: the node's keys, which you fetched yourself from https://NODE/.well-known/creditmesh/keys.json.
--head: signed tree heads from elsewhere (the parent node, a newspaper, /ledger/heads.json of an earlier visit).
--path: the node's /ledger/consistency.json?first=…&second=…, which leads from a kept head to that of the proof.
Ends with 0 when everything holds, 1 when something does not, 2 when used wrongly.
"""

from __future__ import annotations

import argparse
import base64
import functools
import hashlib
import json
import pathlib
import re
import sys
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

Json = dict[str, Any]
FORMAT = "creditmesh-proof/1"
SHA256_OID = "608648016503040201"
SIGNED_DATA_OID = "2a864886f70d010702"
TST_INFO_OID = "2a864886f70d0109100104"
# The curve of SM2 (GB/T 32918.5: prime, a, b, order, generator) and the signer's identity of GM/T 0009.
SM2_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
SM2_A = SM2_P - 3
SM2_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
SM2_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
SM2_X = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
SM2_Y = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
SM2_IDENTITY = b"1234567812345678"


class Broken(Exception):
    """Something does not hold; its arguments say what, in Chinese and in English."""


class Report:
    """What was found, line by line."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []

    def _note(self, mark: str, chinese: str, english: str) -> None:
        self.lines.append((mark, chinese, english))

    proved = functools.partialmethod(_note, "[OK]")
    open = functools.partialmethod(_note, "[--]")
    broken = functools.partialmethod(_note, "[!!]")

    def holds(self) -> bool:
        """Return whether nothing is broken."""
        return all(mark != "[!!]" for mark, _, _ in self.lines)

    def text(self) -> str:
        """Return all lines, each in both languages."""
        return "".join(f"{mark} {chinese}\n     {english}\n" for mark, chinese, english in self.lines)


def canonical(value: Any) -> bytes:
    """Return canonical JSON (RFC 8785) of anything but fractions, of which the ledger has none."""
    return _text(value).encode("utf-8")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_text(str(name))}:{_text(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_text(one) for one in value) + "]"
    if isinstance(value, float):
        raise TypeError("fractions are not expected in a ledger")
    return json.dumps(value, ensure_ascii=False)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node of the tree (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from_path(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes | None:
    """Return the root that an inclusion path leads to (RFC 9162, 2.1.3.2), None when it cannot be one."""
    if not 0 <= index < size:
        return None
    number, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if number % 2 or number == last:
            found = node_hash(sibling, found)
            while number % 2 == 0 and number != 0:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        number, last = number >> 1, last >> 1
    return found if last == 0 else None


def roots_from_path(first: int, second: int, root: bytes, path: list[bytes]) -> tuple[bytes, bytes] | None:
    """Return both roots that a consistency path leads to (RFC 9162, 2.1.4.2), None when it cannot be one."""
    if first == second > 0:
        return None if path else (root, root)
    steps = [root, *path] if first & (first - 1) == 0 else list(path)
    if not 0 < first < second or not steps:
        return None
    number, last = first - 1, second - 1
    while number % 2:
        number, last = number >> 1, last >> 1
    older = newer = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if number % 2 or number == last:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while number % 2 == 0 and number != 0:
                number, last = number >> 1, last >> 1
        else:
            newer = node_hash(newer, step)
        number, last = number >> 1, last >> 1
    return (older, newer) if last == 0 else None


def from_base64url(text: str) -> bytes:
    """Return the bytes of base64url without padding."""
    if not re.fullmatch("[A-Za-z0-9_-]*", text):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed_by(signature: str, payload: bytes, keys: list[Json]) -> str:
    """Return the id of the key that made a detached JWS (RFC 7797) over the payload; raise Broken."""
    first, last = signature.split("..")
    header = json.loads(from_base64url(first))
    if header.get("crit") != ["b64"] or header.get("b64") is not False:
        raise Broken("签名格式无法识别。", "The form of the signature is not understood.")
    jwk = next((key for key in keys if key.get("kid") == header.get("kid")), None)
    if jwk is None:
        raise Broken(
            f"树头由密钥 {header.get('kid')} 签名，但所给的密钥中没有它。",
            f"The head is signed by key {header.get('kid')}, which is not among the keys given.",
        )
    try:
        _check(jwk, header.get("alg"), from_base64url(last), first.encode() + b"." + payload)
    except InvalidSignature:
        raise Broken("树头的签名不成立。", "The signature of the head does not hold.") from None
    return str(jwk["kid"])


def _check(jwk: Json, algorithm: Any, signature: bytes, message: bytes) -> None:
    # The key decides which algorithm is meant; what the header says must only agree with it.
    kind = (jwk.get("kty"), jwk.get("crv"))
    if kind == ("OKP", "Ed25519") and algorithm in ("Ed25519", "EdDSA"):
        ed25519.Ed25519PublicKey.from_public_bytes(from_base64url(jwk["x"])).verify(signature, message)
    elif kind == ("EC", "P-256") and algorithm == "ES256" and len(signature) == 64:
        point = b"\x04" + from_base64url(jwk["x"]) + from_base64url(jwk["y"])
        halves = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        key.verify(utils.encode_dss_signature(*halves), message, ec.ECDSA(hashes.SHA256()))
    elif kind == ("EC", "SM2") and algorithm == "SM2SM3":
        if not sm2_holds(from_base64url(jwk["x"]), from_base64url(jwk["y"]), signature, message):
            raise InvalidSignature
    else:
        raise Broken(
            f"本脚本不能核验算法 {algorithm} 的签名。", f"This script cannot check signatures of {algorithm}."
        )


def sm2_holds(x: bytes, y: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether r || s is an SM2 signature with SM3 over the message (GB/T 32918.2, 7.1)."""
    key = int.from_bytes(x, "big"), int.from_bytes(y, "big")
    on_curve = (key[1] ** 2 - key[0] ** 3 - SM2_A * key[0] - SM2_B) % SM2_P == 0 and max(key) < SM2_P
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    in_range = 0 < r < SM2_N and 0 < s < SM2_N and (r + s) % SM2_N != 0
    if (len(x), len(y), len(signature)) != (32, 32, 64) or not on_curve or not in_range:
        return False
    bound = b"".join(one.to_bytes(32, "big") for one in (SM2_A, SM2_B, SM2_X, SM2_Y, *key))
    who = sm3((8 * len(SM2_IDENTITY)).to_bytes(2, "big") + SM2_IDENTITY + bound)
    found = sm2_sum(sm2_times(s, (SM2_X, SM2_Y)), sm2_times((r + s) % SM2_N, key))
    return found is not None and (int.from_bytes(sm3(who + message), "big") + found[0]) % SM2_N == r


def sm2_times(times: int, point: tuple[int, int]) -> tuple[int, int] | None:
    """Return a multiple of a point of the curve; None is the point at infinity."""
    found: tuple[int, int] | None = None
    for bit in f"{times:b}":
        found = sm2_sum(found, found)
        if bit == "1":
            found = sm2_sum(found, point)
    return found


def sm2_sum(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return the sum of two points of the curve; None is the point at infinity."""
    if one is None or other is None:
        return one or other
    if one[0] == other[0] and (one[1] + other[1]) % SM2_P == 0:
        return None
    if one == other:
        slope = (3 * one[0] ** 2 + SM2_A) * pow(2 * one[1], -1, SM2_P)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, SM2_P)
    x = (slope**2 - one[0] - other[0]) % SM2_P
    return x, (slope * (one[0] - x) - one[1]) % SM2_P


def sm3(data: bytes) -> bytes:
    """Return the SM3 digest (GB/T 32905)."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def check_entry(proof: Json, report: Report) -> None:
    """Check the fields shown, the leaf, and its place in the tree."""
    entry = proof["entry"]
    for name, one in entry["shown"].items():
        found = hashlib.sha256(bytes.fromhex(one["salt"]) + canonical(one["value"])).hexdigest()
        if found != entry["fields"][name]:
            raise Broken(
                f"字段 {name} 与账本的承诺不符。", f"The field {name} is not what the ledger committed to."
            )
    shown = "; ".join(f"{name}={_text(one['value'])}" for name, one in sorted(entry["shown"].items()))
    report.proved(
        f"所示字段与账本的承诺一致：{shown}", f"The fields shown are those the ledger committed to: {shown}"
    )
    if hidden := len(entry["fields"]) - len(entry["shown"]):
        report.open(f"另有 {hidden} 个字段只给出摘要。", f"Of {hidden} more fields only digests are given.")
    leaf = hashlib.sha256(b"\x00" + canonical(entry["fields"])).digest()
    document = proof["head"]["document"]
    path = [bytes.fromhex(one) for one in proof["inclusion"]]
    root = root_from_path(proof["position"], document["size"], leaf, path)
    if leaf.hex() != proof["leaf"] or root is None or root.hex() != document["root"]:
        raise Broken(
            "该记录不在证明所称的账本位置。", "The entry does not stand in the ledger where the proof says."
        )
    report.proved(
        f"该记录是账本的第 {proof['position'] + 1} 条，当时账本共 {document['size']} 条。",
        f"The entry is number {proof['position'] + 1} of the ledger, which then had {document['size']} entries.",
    )


def check_head(head: Json, keys: list[Json], report: Report) -> None:
    """Check the signature of a tree head."""
    document = head["document"]
    kid = signed_by(head["signature"], canonical(document), keys)
    report.proved(
        f"账本 {document['log']} 在 {document['at']} 的树头由密钥 {kid} 签名。",
        f"The head of the ledger {document['log']} at {document['at']} is signed by the key {kid}.",
    )


def check_grown(proof: Json, other: Json, keys: list[Json], report: Report) -> None:
    """Check that the ledger of the proof and that of another head are one ledger that only grew."""
    other_head = other.get("head", other)
    check_head(other_head, keys, report)
    older, newer = sorted(
        (proof["head"]["document"], other_head["document"]), key=lambda one: int(one["size"])
    )
    path = [bytes.fromhex(one) for one in other.get("consistency", [])]
    first_root, second_root = bytes.fromhex(older["root"]), bytes.fromhex(newer["root"])
    found = roots_from_path(older["size"], newer["size"], first_root, path)
    if older["log"] != newer["log"] or found != (first_root, second_root):
        raise Broken(
            "两个树头不属于同一个只增不改的账本，或缺少一致性路径。",
            "The two heads are not of one ledger that only grew, or the consistency path is missing.",
        )
    report.proved(
        f"账本从 {older['size']} 条到 {newer['size']} 条只有增加，没有改动。",
        f"From {older['size']} to {newer['size']} entries the ledger only grew; nothing was changed.",
    )


def check_kept(proof: Json, kept: Json, path: Any, keys: list[Json], report: Report) -> None:
    """Hold heads that were kept, one or the list of heads.json, against that of the proof, as far as can be."""
    if "head" in kept:
        return check_grown(proof, kept, keys, report)
    size = proof["head"]["document"]["size"]
    pairs = {tuple(sorted((one["document"]["size"], size))): one for one in kept.get("heads", [kept])}
    led = {(size, size): [], **({(path["first"], path["second"]): path["consistency"]} if path else {})}
    for pair in pairs.keys() & led.keys():
        check_grown(proof, {"head": pairs[pair], "consistency": led[pair]}, keys, report)
    if not pairs.keys() & led.keys():
        address = "/ledger/consistency.json?first={}&second={}".format(*max(pairs))
        report.open(
            f"所给的树头条数不同，尚未比对：请用 --path 加入从平台取得的 {address} 。",
            f"The heads given are of other sizes and were not compared: fetch {address} and add it by --path.",
        )
    return None


def elements(data: bytes) -> list[tuple[int, bytes]]:
    """Return tag and content of the DER elements that stand one after the other."""
    found, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            more = length & 0x7F
            length, at = int.from_bytes(data[at : at + more], "big"), at + more
        if at + length > len(data):
            raise ValueError("DER is cut off")
        found.append((tag, data[at : at + length]))
        at += length
    return found


def check_stamp(token: bytes, payload: bytes, report: Report) -> None:
    """Check that a time stamp (RFC 3161) is over the head; its own signature needs the authority's roots."""
    response = elements(elements(token)[0][1])
    kind, wrapped = elements(response[1][1])
    signed = elements(elements(wrapped[1])[0][1])
    content_type, content = elements(signed[2][1])
    info = elements(elements(elements(content[1])[0][1])[0][1])
    imprint = elements(info[2][1])
    same_kind = (kind[1].hex(), content_type[1].hex()) == (SIGNED_DATA_OID, TST_INFO_OID)
    if not same_kind or elements(imprint[0][1])[0][1].hex() != SHA256_OID:
        raise Broken("时间戳的格式无法识别。", "The form of the time stamp is not understood.")
    if imprint[1][1] != hashlib.sha256(payload).digest():
        raise Broken("时间戳不是针对这个树头的。", "The time stamp is over something else than this head.")
    at = info[4][1].decode("ascii")
    report.proved(f"时间戳针对这个树头，所载时间 {at}。", f"The time stamp is over this head and says {at}.")
    report.open(
        "时间戳机构自身的签名未在此核验：请取出 token，用 openssl ts -verify 和该机构的根证书核验。",
        "The authority's own signature is not checked here: take out the token and use openssl ts -verify with "
        "the root certificate of the authority.",
    )


def check(proof: Json, keys: Json | None, head: Json | None, path: Json | None = None) -> Report:
    """Return what a proof proves and what not."""
    report = Report()
    try:
        _check_all(proof, proof["keys"] if keys is None else keys["keys"], report)
        if head is not None:
            check_kept(proof, head, path, proof["keys"] if keys is None else keys["keys"], report)
    except Broken as problem:
        report.broken(*problem.args)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError):
        report.broken("文件已损坏或不完整。", "A file is damaged or incomplete.")
    if keys is None:
        report.open(
            "密钥取自证明文件本身：请自行从平台获取密钥，并用 --keys 再核验一次。",
            "The keys are those inside the proof file: fetch the node's keys yourself and run again with --keys.",
        )
    if head is None:
        report.open(
            "未与别处取得的树头比对：平台可能给别人看另一本账；可用 --head 比对。",
            "Not compared with a head from elsewhere: the node could show others another ledger; see --head.",
        )
    report.open(
        "证明的是账本写了什么，不是所写内容本身属实。",
        "Proved is what the ledger says, not that what it says is true.",
    )
    return report


def _check_all(proof: Json, keys: list[Json], report: Report) -> None:
    if proof["format"] != FORMAT:
        raise Broken("不认识这种证明格式。", "The format of this proof is not known to this script.")
    check_entry(proof, report)
    check_head(proof["head"], keys, report)
    for later in proof.get("later", []):
        check_grown(proof, later, keys, report)
    for stamp in proof.get("stamps", []):
        check_stamp(base64.b64decode(stamp["token"]), canonical(proof["head"]["document"]), report)


def main(arguments: list[str] | None = None) -> int:
    """Read the files, print the report, return the exit code."""
    parser = argparse.ArgumentParser(description="核验 creditmesh 证明文件 / Check a creditmesh proof file")
    parser.add_argument("proof", help="PROOF.json")
    parser.add_argument("--keys", help="keys.json of the node / 节点公布的密钥")
    parser.add_argument("--head", help="heads.json or one head from elsewhere / 从别处取得的树头")
    parser.add_argument("--path", help="consistency.json of the node / 从平台取得的一致性路径")
    given = parser.parse_args(arguments)
    try:
        proof, keys, head, path = (
            json.loads(pathlib.Path(one).read_text("utf-8")) if one else None
            for one in (given.proof, given.keys, given.head, given.path)
        )
    except (OSError, ValueError, RecursionError) as problem:
        sys.stdout.write(f"[!!] 文件无法读取 / A file cannot be read: {problem}\n")
        return 1
    report = check(proof or {}, keys, head, path)
    verdict = "结论：成立 / Result: it holds" if report.holds() else "结论：不成立 / Result: it does not hold"
    sys.stdout.write(f"{report.text()}{verdict}\n")
    return 0 if report.holds() else 1


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.exit(main())
