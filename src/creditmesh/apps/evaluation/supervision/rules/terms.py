"""What an officer states for one task, checked before anything is frozen."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from creditmesh.apps.evaluation.supervision.rules.figures import Figures
from creditmesh.drawing.selecting import Terms
from creditmesh.drawing.sizes import Ratios
from creditmesh.drawing.visits.officers import Need, Staffing
from creditmesh.kernel.errors import CreditmeshError

MOST_OFFICERS = 10


class BadTaskTerms(CreditmeshError):
    """Terms of a task that cannot be meant, or that the clamp forbids."""

    code = "bad-task-terms"


class Stated(BaseModel):
    """What a task sets itself; what it leaves out is as the rule pack says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ratios: dict[str, int] = Field(default_factory=dict)  # by grade, basis points; some or all grades
    least_ratio: int = Field(default=0, ge=0, le=10_000)  # of an item: lifts every grade to it
    key_ratio: int | None = Field(default=None, ge=0, le=10_000)
    budget: int = Field(default=0, ge=0, le=10_000_000)
    control: int | None = Field(default=None, ge=0, le=1_000_000)
    reserve: int | None = Field(default=None, ge=0, le=10_000)
    officers: int | None = Field(default=None, ge=2, le=MOST_OFFICERS)  # of the leading department
    joint_officers: int = Field(default=1, ge=1, le=MOST_OFFICERS)  # of each other
    experts: int = Field(default=0, ge=0, le=MOST_OFFICERS)
    load: int | None = Field(default=None, ge=1, le=10_000)


def stated(values: Mapping[str, Any]) -> Stated:
    """Return the terms a person or program stated; raise `BadTaskTerms`."""
    try:
        return Stated.model_validate(values)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadTaskTerms(f"The terms of the task are wrong at '{where}': {first['msg']}.") from wrong


def ratios_of(own: Stated, *, known: Figures) -> Ratios:
    """Return the ratios that hold for the task; raise `BadTaskTerms`, `BadRatios`."""
    usual = known.ratios
    strange = sorted(set(own.ratios) - set(usual.by_grade))
    if strange:
        raise BadTaskTerms(f"There is no grade {', '.join(strange)} in this pool; mend the ratios.")
    key = usual.key if own.key_ratio is None else own.key_ratio
    lifted = {grade: max(ratio, own.least_ratio) for grade, ratio in usual.by_grade.items()}
    return Ratios(by_grade={**lifted, **own.ratios}, key=key)


def terms_of(own: Stated, *, known: Figures) -> Terms:
    """Return how many are drawn; raise `BadTaskTerms`, `BadRatios`.

    A total that does not reach every grade would exempt some: domain facts, section 2.3.
    """
    ratios = ratios_of(own, known=known)
    if 0 < own.budget < len(ratios.by_grade):
        raise BadTaskTerms(
            f"A total of {own.budget} cannot reach each of the {len(ratios.by_grade)} grades: state "
            f"{len(ratios.by_grade)} at least, or no total; no grade is exempt from the draw."
        )
    return Terms(
        ratios=ratios,
        budget=own.budget,
        control=known.control if own.control is None else own.control,
        reserve=known.reserve if own.reserve is None else own.reserve,
    )


def staffing_of(
    own: Stated, *, known: Figures, unit: str, joint: Sequence[str], specialties: Sequence[str], last: date
) -> Staffing:
    """Return how teams are put together; raise `BadNeed`."""
    lead = Need(unit, own.officers or known.officers, tuple(sorted(specialties)), own.experts)
    others = [Need(one, own.joint_officers) for one in joint]
    return Staffing(
        needs=(lead, *others),
        valid_on=last,
        least=known.officers,
        load=own.load or known.load,
    )


def lines(text: str) -> tuple[str, ...]:
    """Return the lines of a column that holds several codes."""
    return tuple(one for one in text.split("\n") if one)


def column(codes: Sequence[str]) -> str:
    """Return several codes as one column, each between line ends so that one can be searched for.

    >>> column(["a", "b"]), lines(column(["a", "b"]))
    ('\\na\\nb\\n', ('a', 'b'))
    """
    kept = [one.strip() for one in codes if one.strip()]
    return "\n" + "\n".join(dict.fromkeys(kept)) + "\n" if kept else ""
