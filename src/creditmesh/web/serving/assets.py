"""Copy the few front-end files our pages load out of node_modules, at set-up."""

import re
import sys
from pathlib import Path

HERE = Path(__file__).parents[1]
VENDOR = HERE / "static" / "vendor"
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
    "echarts/dist/echarts.common.min.js": "echarts.min.js",
    "echarts/LICENSE": "echarts.LICENSE.txt",
    "echarts/NOTICE": "echarts.NOTICE.txt",
}
# Source maps are not shipped, and the hashing static storage refuses a reference to a missing file.
MAP = re.compile(r"(/\*#|//#) sourceMappingURL=[^\n]*\n?")


def copy_vendor(modules: Path) -> list[Path]:
    """Copy the front-end files out of a node_modules folder and return where they went.

    Raises `FileNotFoundError` when npm has not fetched them.
    """
    VENDOR.mkdir(parents=True, exist_ok=True)
    made = []
    for source, name in FILES.items():
        text = (modules / source).read_text(encoding="utf-8")
        target = VENDOR / name
        target.write_text(MAP.sub("", text), encoding="utf-8")
        made.append(target)
    return made


def main() -> None:
    """Copy them from the node_modules of the folder given as argument, else of the current one."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd()
    copy_vendor(folder / "node_modules")


if __name__ == "__main__":
    main()
