"""Write the requirement locks: every package by name and version, with no download address.

Run `just lock` after changing dependencies in pyproject.toml.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def resolved(*arguments: str) -> list[str]:
    """Return `name==version` lines for what pip would install in an empty environment."""
    report = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed",
         "--report", "-", *arguments],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    found = json.loads(report.stdout)["install"]
    pins = {one["metadata"]["name"].lower(): one["metadata"]["version"] for one in found}
    pins.pop("creditmesh", None)
    return [f"{name}=={version}" for name, version in sorted(pins.items())]


def main() -> None:
    """Resolve all sets and write them; that of Spark holds what comes on top of the first."""
    head = "# Written by `just lock` from pyproject.toml. Names and versions only."
    first: list[str] = []
    for lock, arguments in {
        "requirements.lock": ["."],
        "requirements-dev.lock": [".", "--group", "dev"],
        "requirements-spark.lock": [".[spark]"],
    }.items():
        pins = resolved(*arguments)
        first = first or pins
        if lock == "requirements-spark.lock":
            pins = [one for one in pins if one not in first]
        (ROOT / lock).write_text("\n".join([head, *pins]) + "\n", encoding="utf-8")
        print(f"{lock}: {len(pins)} packages")


if __name__ == "__main__":
    main()
