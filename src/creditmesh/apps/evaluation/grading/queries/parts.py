"""Results of other systems that a run takes along: which run of each, and whether it is what the file says."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from creditmesh.apps.evaluation.grading.models import Run, RunPart
from creditmesh.apps.evaluation.grading.queries import runs, systems
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.checks.across import differences
from creditmesh.scoring.definition.combination import PartOf
from creditmesh.scoring.definition.loaded import System


class NoRunOfPart(CreditmeshError):
    """A system takes along the result of another that no finished run has given yet."""

    code = "no-run-of-part"


class PartDiffers(CreditmeshError):
    """The other system is not, in the run that would be taken, what the file says it is."""

    code = "part-differs"


@dataclass(frozen=True, kw_only=True)
class PartRow:
    """The run of another system whose results a run took along."""

    name: str
    system: str
    run: UUID
    as_of: date
    version: str


def chosen(system: System, *, as_of: date, node: ThisNode) -> dict[str, Run]:
    """Return the latest finished run of each part as of a day or before.

    Raises `NoRunOfPart`, `PartDiffers`.
    """
    combination = system.definition.combination
    return {
        name: _run_of(system.id, part, as_of, node)
        for name, part in ({} if combination is None else combination.parts).items()
    }


def of_run(run: Run) -> tuple[PartRow, ...]:
    """Return which runs a run took along, in the order of their names."""
    found = RunPart.objects.filter(run=run).select_related("source").order_by("name")
    return tuple(
        PartRow(
            name=one.name,
            system=one.source.system,
            run=one.source.uuid,
            as_of=one.source.as_of,
            version=one.source.version,
        )
        for one in found
    )


def _run_of(system: str, part: PartOf, as_of: date, node: ThisNode) -> Run:
    found = runs.done(system=part.system).filter(as_of__lte=as_of).first()
    if found is None:
        raise NoRunOfPart(
            f"'{system}' takes the results of '{part.system}' along, and no run of '{part.system}' as of {as_of} or"
            f" before has ended. Run it first: creditmesh classify {part.system} --as-of {as_of}"
        )
    theirs = systems.archived(found.file_id, home=node.home, catalogue=node.catalogue).definition
    wrong = [sentence for _, sentence in differences(part, theirs)]
    if wrong:
        raise PartDiffers(
            f"'{system}' describes '{part.system}' otherwise than run {found.uuid} of it was: {' '.join(wrong)}"
        )
    return found
