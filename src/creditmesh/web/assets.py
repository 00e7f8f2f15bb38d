"""Copy the few front-end files our pages load out of node_modules, and compile the translations; at set-up."""

import re
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HERE = Path(__file__).parent
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


def compile_translations() -> list[Path]:
    """Compile every translation beside its source and return the files made."""
    made = []
    for source in sorted((HERE / "locale").rglob("*.po")):
        target = source.with_suffix(".mo")
        with source.open("rb") as read, target.open("wb") as out:
            write_mo(out, read_po(read, locale=source.parts[-3]))
        made.append(target)
    return made


def main() -> None:
    """Do both; the folder with node_modules is the argument, else the current one."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd()
    copy_vendor(folder / "node_modules")
    compile_translations()


if __name__ == "__main__":
    main()
