"""The numbers of the rule packs that a draw rests on, with the status of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from creditmesh.catalogue.rule_packs import Rule, RulePack, UnknownRule
from creditmesh.drawing.sizes import Ratios

FIGURES = {
    "cool_down": "sampling.cool-down",
    "key_ratio": "sampling.ratio.key",
    "control": "sampling.control",
    "reserve": "sampling.reserve",
    "officers": "inspection.officers",
    "load": "inspection.load",
    "employee_years": "inspection.recusal.former-employee",
    "rotation": "inspection.rotation",
    "disclosure": "publish.inspection-result",
    "equipment_recheck": "inspection.special-equipment.recheck",
}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What holds on a day in a region. Ratios are basis points, `disclosure` and `equipment_recheck` working days."""

    ratios: Ratios
    most_visits: dict[str, int]
    cool_down: int  # calendar days
    control: int
    reserve: int
    officers: int
    load: int
    employee_years: int
    rotation: bool
    disclosure: int
    equipment_recheck: int
    rules: tuple[Rule, ...]  # where each comes from, and how sure we are of it

    def shown(self) -> list[dict[str, Any]]:
        """Return the rules as pages and files show them, with source and status."""
        return [
            {
                "id": one.id,
                "value": one.value,
                "unit": one.unit,
                "source": one.source_doc,
                "article": one.source_article or "",
                "status": one.status.value,
                "zh": one.label.zh,
                "en": one.label.en,
            }
            for one in self.rules
        ]


def figures(*, pack: RulePack, grades: Sequence[str], on: date, jurisdiction: str) -> Figures:
    """Return the figures in force.

    A grade the packs know no ratio for gets that of the next better one. Raises `UnknownRule`, `BadRatios`.
    """
    rules: list[Rule] = []

    def number(rule_id: str) -> int:
        found = pack.rule(rule_id, on=on, jurisdiction=jurisdiction)
        rules.append(found)
        return int(found.value)

    ratios: dict[str, int] = {}
    visits: dict[str, int] = {}
    before: int | None = None
    for grade in grades:
        try:
            before = number(f"sampling.ratio.{grade}")
        except UnknownRule:
            before = before if before is not None else number("sampling.ratio.ungraded")
        ratios[grade] = before
        if pack.knows(f"sampling.visits.{grade}"):
            visits[grade] = number(f"sampling.visits.{grade}")
    found = {name: number(rule_id) for name, rule_id in FIGURES.items()}
    return Figures(
        ratios=Ratios(by_grade=ratios, key=found.pop("key_ratio")),
        most_visits=visits,
        rotation=bool(found.pop("rotation")),
        rules=tuple(rules),
        **found,
    )
