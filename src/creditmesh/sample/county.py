"""The sample region: a county that does not exist, with the files its departments would deliver.

Real Chinese sets may hardly ever be redistributed, so the project ships this instead. Every code lies
in the invented region 990121, every name is made up, and the same seed gives the same bytes.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from creditmesh.catalogue.model import Catalogue, Item
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.sample import founding, living
from creditmesh.sample.chance import Chance
from creditmesh.sample.delivering import Delivery, Desk
from creditmesh.sample.facts.recipes import RECIPES
from creditmesh.sample.world import FIRST_YEAR, World

SEED = 20260401
ENTERPRISES = 20_000
UNTIL = date(2026, 10, 31)
PREFIX = "9901"


class CountyRefused(CreditmeshError):
    """A county that cannot be made as asked for."""

    code = "sample"


def generate(
    *,
    folder: Path,
    catalogue: Catalogue,
    seed: int = SEED,
    enterprises: int = ENTERPRISES,
    until: date = UNTIL,
) -> list[Delivery]:
    """Write the county's deliveries into the folder and return them in the order of delivery.

    Every item that a department of the county delivers and that a recipe is known for is covered. Days
    run from 2022 to `until`. Raises `CountyRefused` for fewer than 10 enterprises, for a day before
    2023, or when the catalogue knows no department of the county.
    """
    if enterprises < 10 or until.year <= FIRST_YEAR:
        raise CountyRefused("The sample needs at least 10 enterprises and a day after 2022.")
    sources = _sources(catalogue)
    if not sources:
        raise CountyRefused(
            f"The catalogue names no source with the region {PREFIX}; load the list of the sample county too."
        )
    folder.mkdir(parents=True, exist_ok=True)
    world = county(seed=seed, enterprises=enterprises, until=until)
    made = [one for item, codes in sources for one in _deliveries(world, item, codes, folder)]
    return sorted(made, key=lambda one: (one.on, _order(one.item), one.item, one.source, one.file.name))


def county(*, seed: int = SEED, enterprises: int = ENTERPRISES, until: date = UNTIL) -> World:
    """Return the county itself, for tests and back-tests that need to see behind the files."""
    return living.live(
        seed=seed, enterprises=founding.found(seed=seed, count=enterprises, until=until), until=until
    )


def _order(item: str) -> int:
    # Entries of the register first: they make the subjects that all else is about.
    return 0 if item == "ENT-01" else 1


def _sources(catalogue: Catalogue) -> list[tuple[Item, list[str]]]:
    ours = {code for code, one in catalogue.sources.items() if _speaks(one.regions)}
    found = [(item, [code for code in item.sources if code in ours]) for item in catalogue.items.values()]
    return [(item, codes) for item, codes in found if codes and item.code in RECIPES]


def _speaks(regions: tuple[str, ...]) -> bool:
    return any(region.startswith(PREFIX) for region in regions)


def _deliveries(world: World, item: Item, codes: list[str], folder: Path) -> Iterator[Delivery]:
    desks = {
        code: Desk(item, code, folder, world.until, Chance.of(world.seed, f"{item.code} from {code}"))
        for code in codes
    }
    for fact in RECIPES[item.code](world, Chance.of(world.seed, item.code)):
        # A department that the catalogue does not let deliver the item leaves it to the first that may.
        desks.get(fact.source, desks[codes[0]]).facts.append(fact)
    for desk in desks.values():
        yield from desk.deliver()
