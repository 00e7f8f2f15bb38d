"""What all steps of the staged SQL know of a plan."""

from sqlglot import exp

from creditmesh.scoring.language import tree
from creditmesh.scoring.language.building import column, every
from creditmesh.scoring.language.sql import Writer
from creditmesh.scoring.plan import Measure, Plan, Table

Columns = dict[str, exp.Expr]


class Context:
    """A plan with its parts by id, the names its values go by, and what may be NULL."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.levels = {one.id: one for one in (*plan.sub_groups, *plan.groups)}
        self.measures = {one.id: one for one in plan.measures}
        self.held = frozenset(one.name.name for one in plan.inputs if one.held and one.name.bounds)
        self.write = Writer(self.input, wide=self.held)
        self.lacking = self._lacking()

    def input(self, name: str) -> exp.Expr:
        """Return the column of an input, inside its bounds where that matters."""
        return column(f"held_{name}" if name in self.held else name)

    def measured(self, one: Measure) -> exp.Expr:
        """Return the column that holds a measure's value."""
        if isinstance(one.value, tree.Name) and not is_computed(one):
            return self.write.name(one.value.name)
        return column(f"value_{one.id}")

    def _lacking(self) -> frozenset[str]:
        """Return the ids whose points may be NULL: a level's when nothing that weighs is sure to be there."""
        lacking = {one.id for one in self.plan.measures if one.may_lack}
        for level in (*self.levels.values(), self.plan.total):
            if not any(weight for member, weight in level.members if member not in lacking):
                lacking.add(level.id)
        return frozenset(lacking)


def is_computed(one: Measure) -> bool:
    """Return whether a measure's value is more than one input as it is."""
    partial = isinstance(one.points, Table) and one.points.otherwise is None
    return partial or not isinstance(one.value, tree.Name)


def collected(one: Measure) -> exp.Expr:
    """Return whether all items behind a measure were collected."""
    return every(*(column(name) for name in one.collected))
