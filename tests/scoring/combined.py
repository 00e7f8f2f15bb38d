"""A professional system that takes the general one along, put together in whatever way a test says."""

from typing import Any

from tests.scoring.example import CATALOGUE

from creditmesh.catalogue.reading import parse
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.loading import checked
from creditmesh.scoring.plan import compile_plan
from creditmesh.scoring.targets.to_python import Scored, function

WORDS = "{zh: 字, en: words}"
GENERAL = """
    general:
      label: {zh: 通用, en: general}
      system: general
      scale: 1000
      direction: higher_is_worse
      grades: [A, B, C, D]
      missing: skip
"""
WEIGHTED = """
    - id: whole
      label: {zh: 综合, en: whole}
      weighted: {parts: [{of: general, weight: 5000, rescale: true}, {of: own, weight: 5000}]}
"""
TEXT = f"""
id: food
version: "1"
label: {{zh: 食品, en: food}}
owner: {WORDS}
purpose: risk_classification
lifecycle: draft
status: fictitious
source: made up
effective_from: 2026-01-01
direction: higher_is_worse
scale: 100
rounding: half_up
cut_offs: upper_inclusive
not_collected: skip
insufficient: {{}}
population: {{items: [TST-01]}}
features:
  still: {{label: {WORDS}, item: TST-02, take: sum, of: fine, bounds: {{lowest: 0, highest: 100}}}}
  moving: {{label: {WORDS}, item: TST-02, take: count}}
  listed: {{label: {WORDS}, item: TST-04, take: exists}}
triggers: [{{id: on_list, label: {WORDS}, when: listed, grade: D}}]
caps: [{{id: many, label: {WORDS}, when: moving >= 90, not_better_than: C}}]
exclusions: [{{id: gone, label: {WORDS}, when: moving == 99}}]
groups:
  - id: static
    label: {{zh: 静态, en: static}}
    weight: 4000
    indicators: [{{id: s, label: {WORDS}, weight: 10000, formula: still, missing: skip, reason: {WORDS}}}]
  - id: dynamic
    label: {{zh: 动态, en: dynamic}}
    weight: 6000
    indicators: [{{id: d, label: {WORDS}, weight: 10000, formula: moving, missing: skip, reason: {WORDS}}}]
adjustments: {{better: 1, worse: 1}}
grades:
  - {{symbol: A, label: {WORDS}, up_to: 30}}
  - {{symbol: B, label: {WORDS}, up_to: 45}}
  - {{symbol: C, label: {WORDS}, up_to: 60}}
  - {{symbol: D, label: {WORDS}}}
combination:
  own_label: {{zh: 食品, en: food}}
  parts:PARTS
  steps:STEPS
"""


def text(steps: str = WEIGHTED, parts: str = GENERAL) -> str:
    """Return the file."""
    return TEXT.replace("parts:PARTS", f"parts:{parts}").replace("steps:STEPS", f"steps:{steps}")


def food(steps: str = WEIGHTED, parts: str = GENERAL) -> System:
    """Return the system with these steps and parts."""
    return checked(parse(text(steps, parts), file="food.yml"), catalogue=CATALOGUE)


def row(**values: Any) -> dict[str, Any]:
    """Return the inputs of one enterprise, with nothing on record where nothing is said."""
    usual = {"still": 0, "moving": 0, "listed": False, "adjusted_steps": 0}
    usual |= {"part_general_score": None, "part_general_rank": None, "region": None, "industry": None}
    flags = {"tst_02_collected": True, "tst_04_collected": True}
    return {"as_of": None, "subject": "S", **usual, **flags, **values}


def scored(system: System, **values: Any) -> Scored:
    """Return what an enterprise gets."""
    return function(compile_plan(system))(row(**values))
