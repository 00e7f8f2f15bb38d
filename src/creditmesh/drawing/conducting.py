"""One draw from end to end: seed, objects, officers."""

from collections.abc import Callable, Sequence

from creditmesh.drawing.pools import InspectorPool, ObjectPool
from creditmesh.drawing.publication import Announcement, Outcome
from creditmesh.drawing.seeds import PublicHalf, seed
from creditmesh.drawing.selecting import Selection, select
from creditmesh.drawing.visits.officers import Visit, assign
from creditmesh.drawing.visits.recusal import Conflict
from creditmesh.kernel.errors import CreditmeshError


class PoolChanged(CreditmeshError):
    """A pool that is not the one committed to."""

    code = "draw-pool-changed"


def conduct(
    *,
    announcement: Announcement,
    secret: str,
    public: PublicHalf,
    pools: tuple[ObjectPool, InspectorPool],
    conflicts_among: Callable[[Sequence[str]], Sequence[Conflict]],
) -> Outcome:
    """Return what a draw comes to; `conflicts_among` says which pairs of the drawn objects must not meet.

    Raises `PoolChanged`, `BadSecret`, `CommitmentBroken`, `BadTerms`, `BadIdentifier`.
    """
    objects, inspectors = pools
    if objects.sha256 != announcement.objects_sha256 or inspectors.sha256 != announcement.inspectors_sha256:
        raise PoolChanged(
            "A pool was changed after it was committed to; give the task up and make a new one."
        )
    own = seed(secret=secret, committed=announcement.secret_sha256, public=public.value)
    selection = select(pool=objects, terms=announcement.terms, seed=own, task=announcement.task)
    found = tuple(conflicts_among([one.id for one in selection.drawn]))
    return Outcome(
        seed=own,
        selection=selection,
        conflicts=found,
        teams=assign(
            visits=visits_of(selection, objects),
            pool=inspectors,
            staffing=announcement.staffing,
            conflicts=found,
            seed=own,
            task=announcement.task,
        ),
    )


def visits_of(selection: Selection, objects: ObjectPool) -> tuple[Visit, ...]:
    """Return the visits of the drawn objects, in their turn."""
    wanted = {one.id for one in selection.drawn}
    pairs = zip(objects.columns.ids, objects.columns.regions, strict=True)
    regions = {name: region for name, region in pairs if name in wanted}
    return tuple(Visit(one.id, regions[one.id]) for one in selection.drawn)
