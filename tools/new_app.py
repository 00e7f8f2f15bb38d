"""Copy the rooms of an app: `just new-app GROUP NAME`."""

import sys
from pathlib import Path

ROOMS = {
    "rules": "What holds without a database: states, transitions, arithmetic.",
    "models": "Tables and their constraints.",
    "queries": "What is ...: reads, never writes.",
    "operations": "Do ...: one transaction per act.",
}


def main() -> None:
    """Make `src/creditmesh/apps/GROUP/NAME` with a docstring in every room."""
    group, name = sys.argv[1:3]
    folder = Path(__file__).parent.parent / "src" / "creditmesh" / "apps" / group / name
    (folder / "migrations").mkdir(parents=True)
    (folder / "__init__.py").write_text(f'"""{name}: say in one line what this app remembers."""\n')
    (folder / "migrations" / "__init__.py").write_text('"""Schema history."""\n')
    for room, purpose in ROOMS.items():
        (folder / f"{room}.py").write_text(f'"""{purpose}"""\n')
    (folder / "apps.py").write_text(
        '"""How Django finds this app."""\n\n'
        "from django.apps import AppConfig\n\n\n"
        f"class {name.title()}Config(AppConfig):\n"
        f'    """Place {name} among the installed apps."""\n\n'
        f'    name = "creditmesh.apps.{group}.{name}"\n'
        f'    label = "{name}"\n'
    )
    print(
        f"Made {folder}. Add 'creditmesh.apps.{group}.{name}' to INSTALLED_APPS and '{name}' to the ladder of its group."
    )


if __name__ == "__main__":
    main()
