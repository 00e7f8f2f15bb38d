"""The numbers of the rule pack that trials go by."""

from dataclasses import dataclass
from datetime import date

from creditmesh.apps.evaluation.trials.rules.trial import Limits
from creditmesh.catalogue import rule_packs


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What the rule pack says on a day."""

    limits: Limits
    weight_step: int  # percent
    sample: int
    months: int


def numbers(on: date) -> Numbers:
    """Return the numbers in force on a day; raises `UnknownRule`."""
    pack = rule_packs.load()

    def said(rule: str) -> int:
        return int(pack.rule(f"trials.{rule}", on=on).value)

    return Numbers(
        limits=Limits(smallest=said("smallest-cell"), unmarked=said("marked-cell")),
        weight_step=said("weight-step"),
        sample=said("sample"),
        months=said("months"),
    )
