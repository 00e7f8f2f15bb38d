"""What a back-test may look for after its day: a short list, and any other item of the catalogue."""

from functools import cache
from pathlib import Path

from pydantic import Field

from creditmesh.apps.evaluation.trials.rules.trial import TrialRefused
from creditmesh.catalogue.model import Catalogue, Part, Text
from creditmesh.catalogue.reading import read, validated
from creditmesh.scoring.definition.loaded import fields
from creditmesh.scoring.language.parsing import NotUnderstood, parse
from creditmesh.scoring.language.tree import Type

FILE = Path(__file__).parents[1] / "outcomes.yml"


class Outcome(Part):
    """One thing that may follow: rows of an item, all or those that satisfy an expression."""

    id: str
    label: Text
    item: str
    where: str | None = Field(default=None, max_length=400)


class Outcomes(Part):
    """The list."""

    outcomes: tuple[Outcome, ...]


@cache
def shipped() -> tuple[Outcome, ...]:
    """Return the outcomes of the list."""
    return validated(read(FILE), Outcomes).outcomes


def offered(catalogue: Catalogue) -> tuple[Outcome, ...]:
    """Return those of the list whose item the node's catalogue knows."""
    return tuple(one for one in shipped() if one.item in catalogue.items)


def chosen(*, outcome: str, where: str, catalogue: Catalogue) -> Outcome:
    """Return the outcome somebody asks for, by its id or by the code of an item; raise `TrialRefused`."""
    known = {one.id: one for one in offered(catalogue)}
    if outcome in known and not where.strip():
        return known[outcome]
    item = known[outcome].item if outcome in known else outcome
    if item not in catalogue.items:
        raise TrialRefused(f"There is no item '{item}' in the catalogue to look for.")
    wanted = where.strip()
    if wanted:
        names = {name: one for name, one in fields(catalogue.items[item]).items() if name != "as_of"}
        try:
            parse(wanted, names=names, wanted=Type.TRUTH)
        except NotUnderstood as wrong:
            raise TrialRefused(f"The filter is not understood: {wrong.sentence}") from wrong
    label = known[outcome].label if outcome in known else catalogue.items[item].label
    return Outcome(id=outcome[:60], label=label, item=item, where=wanted or None)
