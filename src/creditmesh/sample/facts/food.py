"""Food producers: licences by category, inspections, samples, certificates, penalties, own checks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from creditmesh.sample import words
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts.fact import Fact, Value, of, passed
from creditmesh.sample.world import Enterprise, World, Year

# industry -> category of food, risk tier
_CATEGORIES = {
    "C1311": ("粮食加工品", "I"),
    "C1331": ("食用油、油脂及其制品", "II"),
    "C1353": ("肉制品", "IV"),
    "C1371": ("蔬菜制品", "II"),
    "C1411": ("糕点", "III"),
    "C1432": ("速冻食品", "III"),
    "C1512": ("酒类", "II"),
}
_VIOLATIONS = {"record": 4, "label": 4, "hygiene": 4, "unsafe_food": 1}
_INTENDED = {"illegal_additive": 2, "false_material": 2, "refusal": 1}


@dataclass(frozen=True, slots=True)
class _Producer:
    one: Enterprise
    licensed: date
    category: str
    tier: str
    special: bool
    vulnerable: bool


def _producers(world: World) -> Iterator[_Producer]:
    """Yield the licensed producers, the same ones to every recipe."""
    chance = Chance.of(world.seed, "food producers")
    for one in world.enterprises:
        if not {"food", "factory"} <= one.trade.marks:
            continue
        category, tier = _CATEGORIES[one.trade.industry]
        special, vulnerable = chance.happens(0.04), chance.happens(0.08)
        licensed = max(chance.later(one.established, 10, 90), date(2021, 1, 4))
        if one.lives(licensed) and licensed < world.until:
            yield _Producer(
                one,
                licensed,
                "特殊膳食食品" if special else category,
                "IV" if special else tier,
                special,
                vulnerable,
            )


def _years(producer: _Producer) -> Iterator[Year]:
    return (year for year in producer.one.years if year.last > producer.licensed)


def licences(world: World, chance: Chance) -> Iterator[Fact]:
    """Return FOD-01: what each producer may make, lost now and then by those in trouble."""
    for producer in _producers(world):
        values: dict[str, Value] = {
            "licence_number": f"SC{words.CODE}{producer.one.number:06d}",
            "operation": "production",
            "category": producer.category,
            "tier": producer.tier,
            "special_food": producer.special,
            "vulnerable_consumers": producer.vulnerable,
            "categories": chance.one({1: 6, 2: 3, 3: 1, 5: 0.3}),
            "decided_on": producer.licensed,
            "valid_until": producer.licensed + timedelta(days=365 * 7),
            "authority_name": words.MARKET,
        }
        yield of(producer.one, producer.licensed, **values, state="valid")
        if chance.happens(0.05 * producer.one.stress(world.until)):
            seen = chance.day(max(producer.licensed, date(2025, 1, 1)), world.until)
            yield of(producer.one, seen, **values, state=chance.choice(("suspended", "revoked")))


def inspections(world: World, chance: Chance) -> Iterator[Fact]:
    """Return FOD-02: what inspectors found, the more the harder pressed the producer."""
    for producer in _producers(world):
        for year in _years(producer):
            for number in range(chance.count(0.8)):
                day = chance.day(max(year.first, producer.licensed), year.last)
                yield from _inspection(producer.one, day, number, world, chance)


def _inspection(one: Enterprise, day: date, number: int, world: World, chance: Chance) -> Iterator[Fact]:
    stress = one.stress(day)
    key, general = chance.count(1.6 * stress**1.5), chance.count(0.3 + 6 * stress)
    result = "not_compliant" if key else "basically_compliant" if general else "compliant"
    by = chance.later(day, 10, 30) if general or key else None
    done = passed(chance.later(by, -5, 40), world) if by and chance.happens(0.97 - 0.6 * stress) else None
    values: dict[str, Value] = {
        "inspection_number": f"QHSP{day:%Y%m%d}{one.number:06d}{number}",
        "inspection_kind": chance.one({"daily": 6, "double_random": 2, "unannounced": 1, "complaint": 0.5}),
        "result_code": "refused" if chance.happens(0.02 * stress) else result,
        "items_checked": chance.choice((32, 38, 45, 54)),
        "key_failures": key,
        "general_failures": general,
        "full_items": chance.happens(0.6),
        "inspected_on": day,
        "rectify_by": by,
        "authority_name": words.MARKET,
    }
    yield of(one, day, **values)
    if done:
        yield of(one, done, **values, rectified_on=done)


def samples(world: World, chance: Chance) -> Iterator[Fact]:
    """Return FOD-03: samples of their food, failed more often by those in trouble."""
    kinds = {"microbe": 4, "additive": 3, "quality": 3, "label": 2, "pesticide": 1, "heavy_metal": 0.5}
    for producer in _producers(world):
        for year in _years(producer):
            for number in range(chance.count(1.0)):
                day = chance.day(max(year.first, producer.licensed), year.last)
                published = day + timedelta(days=chance.randint(30, 60))
                failed = chance.happens(0.01 + 0.3 * year.stress**1.3)
                if published > world.until:
                    continue
                yield of(
                    producer.one,
                    published,
                    sample_number=f"QHSPCY{day:%Y%m%d}{producer.one.number:06d}{number}",
                    product=f"{producer.category}（虚构）",
                    place=chance.one({"production": 6, "circulation": 3, "online": 1}),
                    result="failed" if failed else "passed",
                    failure_kind=chance.one(kinds) if failed else None,
                    sampled_on=day,
                    published_on=published,
                    authority_name=words.MARKET,
                )


def certificates(world: World, chance: Chance) -> Iterator[Fact]:
    """Return FOD-04: GMP, HACCP and the like, held by the larger and the sound."""
    for producer in _producers(world):
        likely = {"micro": 0.03, "small": 0.25, "medium": 0.7}.get(producer.one.size, 0.9)
        for kind in ("haccp", "gmp", "green"):
            day = max(producer.licensed, chance.day(date(2023, 1, 5), world.until))
            sound = 1 - producer.one.stress(day)
            if chance.happens(likely * sound**2) and producer.one.lives(day) and day < world.until:
                yield of(
                    producer.one,
                    day,
                    certificate_number=f"QH{kind.upper()}{day:%y}{producer.one.number:05d}",
                    kind=kind,
                    issuer="示例质量认证中心有限公司",
                    issued_on=day,
                    valid_until=day + timedelta(days=365 * 3),
                    state="withdrawn" if chance.happens(0.1 * (1 - sound)) else "valid",
                )


def penalties(world: World, chance: Chance) -> Iterator[Fact]:
    """Return FOD-05: penalties under the food law, few of them for what was intended."""
    for producer in _producers(world):
        for year in _years(producer):
            for number in range(chance.count(0.01 + 0.7 * year.stress**2)):
                day = chance.day(max(year.first, producer.licensed), year.last)
                intended = chance.happens(0.05 + 0.4 * year.stress)
                yield of(
                    producer.one,
                    day,
                    decision_number=f"青食罚〔{day.year}〕{producer.one.number:05d}{number}号",
                    violation=chance.one(_INTENDED if intended else _VIOLATIONS),
                    intentional=intended,
                    to_the_person=intended and chance.happens(0.5),
                    fine=chance.amount(50_000 if intended else 6_000),
                    production_suspended=intended and chance.happens(0.4),
                    decided_on=day,
                    publicity_until=day + timedelta(days=365 * (3 if intended else 1)),
                    authority_name=words.MARKET,
                )


def own_checks(world: World, chance: Chance) -> Iterator[Fact]:
    """Return FOD-06: who watches over food safety in the house, reported once a year."""
    for producer in _producers(world):
        for year in _years(producer):
            day = date(year.year, 12, 10)
            if not year.first <= day <= year.last:
                continue
            sound = 1 - year.stress
            yield of(
                producer.one,
                day,
                year=year.year,
                safety_director=chance.happens(0.5 + 0.5 * sound),
                safety_officer=chance.happens(0.8 + 0.2 * sound),
                staff_pass_rate=min(10_000, round(10_000 * chance.betavariate(12 * sound + 3, 1.2))),
                self_report=chance.happens(0.45 + 0.55 * sound),
                traceability=chance.happens(0.4 + 0.55 * sound),
                reported_on=day,
            )
