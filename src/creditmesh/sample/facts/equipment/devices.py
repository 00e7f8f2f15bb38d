"""The devices of the county: who uses them where, who maintains them, how they are looked after."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from creditmesh.sample import words
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts.fact import Fact, Value, of
from creditmesh.sample.world import Enterprise, World, Year

MAINTAINING = "E4910"  # the trade that maintains elevators, and how many of it do
MAINTAINERS = 6
# industry -> where its elevators stand
_LIFTS: Mapping[str, Mapping[str, float]] = {
    "H6110": {"hotel": 8, "scenic_spot": 1},
    "F5211": {"mall": 8, "station": 1},
    "F5212": {"mall": 1},
    "K7020": {"residence": 14, "office": 4, "hospital": 1, "school": 1, "stadium": 0.5},
    "K7010": {"residence": 3, "office": 2},
    "P8391": {"school": 3, "kindergarten": 1},
    "R9011": {"park": 1, "exhibition_hall": 1},
}
_LIKELY = {"K7020": 0.7, "H6110": 0.35, "F5212": 0.15, "P8391": 0.25}
_OTHERS = {
    "boiler": ("steam", "hot_water"),
    "pressure_vessel": ("fixed_vessel", "mobile_vessel"),
    "crane": ("bridge", "tower"),
    "vehicle": ("forklift",),
}


@dataclass(frozen=True, slots=True)
class Device:
    """One device; `neglect` runs from 0 to 1 and drives what befalls it."""

    user: Enterprise
    code: str
    kind: str
    type: str
    place: str
    installed: date
    registered: date
    maintainer: Enterprise | None
    neglect: float
    load: int
    floors: int

    @property
    def lifts(self) -> bool:
        """Return whether it is an elevator."""
        return self.kind == "elevator"

    def years(self) -> Iterator[Year]:
        """Yield the years of the user in which the device was there."""
        return (year for year in self.user.years if year.last > self.registered)

    def about(self) -> dict[str, Value]:
        """Return what every record of the device says of it."""
        return {"device_code": self.code}


def maintainers(world: World) -> list[Enterprise]:
    """Return the enterprises that maintain elevators, at most six, the oldest of the trade that live."""
    trade = [one for one in world.enterprises if one.trade.industry == MAINTAINING and one.lives(world.until)]
    return [one for one in trade if one.established < date(2022, 1, 1)][:MAINTAINERS]


def devices(world: World) -> Iterator[Device]:
    """Yield every device, the same ones to every recipe."""
    chance = Chance.of(world.seed, "devices")
    keepers = maintainers(world)
    for one in world.enterprises:
        for number, (kind, type_, place) in enumerate(_of(one, chance)):
            installed = chance.day(date(2004, 3, 1), date(2024, 6, 30))
            registered = max(installed + timedelta(days=25), one.established + timedelta(days=30))
            keeper = chance.choice(keepers) if keepers else None
            careless = keeper.weakness if keeper and kind == "elevator" else one.weakness
            noise = chance.gauss(0, 0.06)
            if one.lives(registered) and registered < world.until:
                yield Device(
                    one,
                    f"{_LETTERS[kind]}{words.CODE}{one.number:06d}{number:02d}",
                    kind,
                    type_,
                    place,
                    installed,
                    registered,
                    keeper if kind == "elevator" else None,
                    min(max(0.6 * one.stress(world.until) + 0.4 * careless + noise, 0.0), 1.0),
                    chance.choice((630, 800, 1000, 1600, 3000)),
                    chance.choice((3, 6, 11, 18, 26, 33)),
                )


_LETTERS = {"elevator": "3", "boiler": "1", "pressure_vessel": "2", "crane": "4", "vehicle": "5"}


def _of(one: Enterprise, chance: Chance) -> Iterator[tuple[str, str, str]]:
    places = _LIFTS.get(one.trade.industry)
    larger = one.size in ("medium", "large")
    if places and chance.happens(1.0 if larger else _LIKELY.get(one.trade.industry, 0.03)):
        place = chance.one(places)
        for _ in range(chance.randint(1, 8 if larger else 3)):
            flat = place in ("mall", "station") and chance.happens(0.5)
            yield "elevator", "escalator" if flat else "passenger", place
    elif "factory" in one.trade.marks and chance.happens(0.8 if larger else 0.15):
        if chance.happens(0.4):
            yield "elevator", "goods", "factory"
        kind = chance.one({"boiler": 3, "pressure_vessel": 3, "crane": 3, "vehicle": 2})
        yield kind, chance.choice(_OTHERS[kind]), "factory"


def register(world: World, chance: Chance) -> Iterator[Fact]:
    """Return SEQ-01: the register of devices, some of them stopped."""
    for device in devices(world):
        keeper = device.maintainer
        yield of(
            device.user,
            device.registered,
            **device.about(),
            certificate_number=f"梯青{device.code[-8:]}（虚构）"
            if device.lifts
            else f"青{device.code[-8:]}（虚构）",
            device_kind=device.kind,
            device_type=device.type,
            rated_load=device.load,
            rated_speed=1_750 if device.lifts else None,
            floors=device.floors if device.lifts else None,
            installed_on=device.installed,
            registered_on=device.registered,
            design_life=15 if device.lifts else 20,
            place=device.place,
            address=f"{device.user.address}（虚构）",
            region=device.user.town,
            maintenance_code=keeper.code if keeper else None,
            maintenance_name=keeper.name if keeper else None,
            state="stopped" if chance.happens(0.02) else "in_use",
            authority_name=words.MARKET,
        )


def management(world: World, chance: Chance) -> Iterator[Fact]:
    """Return SEQ-06: whether somebody answers for the device, and is insured."""
    for device in devices(world):
        day = max(device.registered, date(2025, 9, 1))
        if not device.user.lives(day) or day >= world.until:
            continue
        insured = chance.happens(0.95 - 0.6 * device.neglect)
        officer = chance.happens(0.99 - 0.5 * device.neglect)
        yield of(
            device.user,
            day,
            **device.about(),
            safety_officer=officer,
            officer_until=chance.later(day, 200, 1_400) if officer else None,
            emergency_line=chance.happens(0.98 - 0.4 * device.neglect),
            insured_until=chance.later(day, 330, 720) if insured else None,
            reported_on=day,
        )


def ratings(world: World, chance: Chance) -> Iterator[Fact]:
    """Return SEQ-07: what the county thinks of those who maintain, year by year."""
    for one in maintainers(world):
        for year in range(2022, world.until.year):
            stress = one.stress(date(year, 12, 31)) + chance.gauss(0, 0.08)
            limits = ((0.08, "excellent"), (0.25, "good"), (0.55, "passed"))
            day = date(year + 1, 2, 20)
            if day < world.until:
                yield of(
                    one,
                    day,
                    year=year,
                    rating=next((word for limit, word in limits if stress < limit), "failed"),
                    blacklisted=stress > 0.8,
                    devices=None,
                    rated_on=day,
                    authority_name=words.MARKET,
                )
