"""Heads that were kept outside the ledger: what it is held against."""

import json
from collections.abc import Iterator
from typing import Any

from creditmesh.exchange.proofs import SignedHead
from creditmesh.kernel.errors import CreditmeshError


class UnreadableHeads(CreditmeshError):
    """A file that holds no tree heads."""

    code = "unreadable-heads"

    def __init__(self) -> None:
        super().__init__(
            "This file holds no tree heads: give heads.jsonl, heads.json, one head, or a proof file."
        )


def read_heads(text: str) -> list[SignedHead]:
    """Return the heads in a file: one or a list of them, lines of them, or those of a proof file.

    Raises `UnreadableHeads`.
    """
    try:
        found = list(_heads(_parsed(text)))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UnreadableHeads from None
    if not found:
        raise UnreadableHeads
    return found


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _heads(given: Any) -> Iterator[SignedHead]:
    if isinstance(given, list):
        for one in given:
            yield from _heads(one)
    elif "heads" in given:
        yield from _heads(given["heads"])
    elif "head" in given:  # a proof file, or a member of its `later`
        yield from _heads(given["head"])
        yield from _heads(given.get("later", []))
    else:
        document = given["document"]
        if not isinstance(document["size"], int) or len(bytes.fromhex(document["root"])) != 32:
            raise ValueError("not a head")
        yield SignedHead(document, str(given["signature"]))
