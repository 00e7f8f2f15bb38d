"""Fail when a part that must be covered to the last branch is not: kernel, scoring, drawing, exchange, all rules."""

import json
import sys
from pathlib import Path

PARTS = ("kernel", "scoring", "drawing", "exchange")
WHOLE = tuple(f"src/creditmesh/{part}/" for part in PARTS)

APART = ("src/creditmesh/scoring/targets/spark/",)  # runs in a process of its own, beside a Java machine


def must_be_whole(name: str) -> bool:
    """Tell whether a file belongs to the parts with 100 % branch coverage."""
    return (
        (name.startswith(WHOLE) and not name.startswith(APART))
        or name.endswith("/rules.py")
        or "/rules/" in name
    )


def main() -> int:
    """Print every gap and return 1 when there is one."""
    files = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["files"]
    gaps = 0
    # A file no test ever imported does not appear in the report at all.
    every = (str(path) for path in Path("src").rglob("*.py") if path.stat().st_size)
    for name in sorted(one for one in every if must_be_whole(one) and not one.endswith("__init__.py")):
        found = files.get(name, {"missing_lines": "all", "missing_branches": []})
        lines = found["missing_lines"]
        branches = found.get("missing_branches", [])
        if lines or branches:
            gaps += 1
            print(f"{name}: lines {lines} branches {branches}")
    print(f"{gaps} files with gaps" if gaps else f"no gap in {', '.join(PARTS)} and all rules")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main())
