"""Public test vectors, where they are at hand; tests that need them skip when they are not."""

import json
from pathlib import Path
from typing import Any

import pytest

CONFORMANCE = Path(__file__).resolve().parents[3] / "shared" / "data" / "conformance"


def folder(name: str) -> Path:
    """Return the folder of a collection, or skip the test."""
    found = CONFORMANCE / name
    if not found.is_dir():
        pytest.skip(f"the public test vectors {name} are not at hand (../shared/data/conformance)")
    return found


def wycheproof(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return every (group, test) of a Wycheproof file, or skip the test."""
    found = json.loads((folder("wycheproof") / "testvectors_v1" / f"{name}_test.json").read_text("utf-8"))
    return [(group, one) for group in found["testGroups"] for one in group["tests"]]
