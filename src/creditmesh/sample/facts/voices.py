"""What others say of an enterprise: complaints, recalls, samples, accidents, wages, the press."""

from collections.abc import Iterator
from datetime import date, timedelta

from creditmesh.sample import words
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts.fact import Fact, Value, of, passed
from creditmesh.sample.world import Enterprise, World

_SELLING = frozenset({"retail", "food", "factory", "build"})


def complaints(world: World, chance: Chance) -> Iterator[Fact]:
    """Return CMP-01: complaints and reports, more against sellers and those in trouble."""
    for one in world.enterprises:
        selling = bool(one.trade.marks & _SELLING)
        for year in one.years:
            rate = (0.05 + 1.1 * year.stress**1.5) * (1 if selling else 0.3)
            for number in range(chance.count(rate)):
                yield _complaint(one, chance.day(year.first, year.last), number, chance)


def _complaint(one: Enterprise, day: date, number: int, chance: Chance) -> Fact:
    stress = one.stress(day)
    report = chance.happens(0.25)
    results = (
        {"substantiated": 0.2 + stress, "unfounded": 1}
        if report
        else {
            "settled": 6,
            "mediation_failed": 1 + stress,
            "mediation_refused": 0.3 + 3 * stress,
            "withdrawn": 1,
        }
    )
    return of(
        one,
        day,
        complaint_number=f"12315-{day:%Y%m%d}-{one.number:06d}{number}",
        complaint_kind="report" if report else "complaint",
        matter=chance.one(
            {"quality": 4, "after_sale": 3, "contract": 2, "price": 1, "advertising": 1, "other": 1}
        ),
        received_on=day,
        accepted=True,
        result=chance.one(results),
        recovered=chance.amount(300) if not report and chance.happens(0.4) else None,
        handled_on=None,
        authority_name=words.MARKET,
    )


def samples(world: World, chance: Chance) -> Iterator[Fact]:
    """Return SAM-01: samples of products, failed more often by those in trouble."""
    for one in world.enterprises:
        rate = 0.5 if "factory" in one.trade.marks else 0.12 if "food" in one.trade.marks else 0.0
        for year in one.years:
            for number in range(chance.count(rate)):
                day = chance.day(year.first, year.last)
                failed = chance.happens(0.015 + 0.25 * year.stress)
                published = day + timedelta(days=chance.randint(30, 70))
                if published > world.until:
                    continue
                yield of(
                    one,
                    published,
                    sample_number=f"QHCY{day:%Y%m%d}{one.number:06d}{number}",
                    product=f"{one.trade.words[0]}产品",
                    sampling_kind="supervision" if chance.happens(0.85) else "risk_monitoring",
                    place="production" if "factory" in one.trade.marks else "circulation",
                    result="failed" if failed else "passed",
                    failed_items=chance.choice(("标签", "菌落总数", "强度", "含量")) if failed else None,
                    sampled_on=day,
                    published_on=published,
                    authority_name=words.MARKET,
                )


def recalls(world: World, chance: Chance) -> Iterator[Fact]:
    """Return RCL-01: recalls of products, rare."""
    for one in world.enterprises:
        if "factory" not in one.trade.marks:
            continue
        for year in one.years:
            if chance.happens(0.002 + 0.03 * year.stress):
                day = chance.day(year.first, year.last)
                yield of(
                    one,
                    day,
                    recall_number=f"QHZH{day.year}{one.number:06d}",
                    product_kind="food" if "food" in one.trade.marks else "consumer_goods",
                    product=f"{one.trade.words[0]}产品",
                    recall_kind="ordered" if chance.happens(year.stress) else "voluntary",
                    units=chance.randint(20, 5000),
                    defect="存在不符合标准的情形",
                    announced_on=day,
                    authority_name=words.MARKET,
                )


def accidents(world: World, chance: Chance) -> Iterator[Fact]:
    """Return ACC-01: accidents in the dangerous trades."""
    for one in world.enterprises:
        for year in one.years:
            rate = (0.002 + 0.02 * year.stress) * (1 if "danger" in one.trade.marks else 0.1)
            if not chance.happens(rate):
                continue
            day = chance.day(year.first, year.last)
            severity = chance.one({"general": 90, "larger": 8, "major": 2})
            yield of(
                one,
                day,
                accident_number=f"QHSG{day:%Y%m%d}{one.number:06d}",
                accident_kind="fire" if chance.happens(0.2) else "work_safety",
                severity=severity,
                responsibility=chance.one({"full": 2, "main": 4, "secondary": 2, "none": 1, "pending": 1}),
                deaths={"general": 0, "larger": 3, "major": 10}[severity],
                injured=chance.randint(0, 3),
                loss=chance.amount(300_000),
                happened_on=day,
                authority_name="青禾县应急管理局",
            )


def wages(world: World, chance: Chance) -> Iterator[Fact]:
    """Return WAG-01: labour cases, most of them wages owed, most of them settled."""
    for one in world.enterprises:
        for year in one.years:
            rate = 0.001 + 0.05 * year.stress**1.5
            if not chance.happens(rate * (2 if "build" in one.trade.marks else 1)):
                continue
            day = chance.day(year.first, year.last)
            migrant = "build" in one.trade.marks
            values: dict[str, Value] = {
                "case_number": f"QHLD{day:%Y%m%d}{one.number:06d}",
                "matter": "migrant_wage_arrears" if migrant else "wage_arrears",
                "workers": chance.randint(1, max(2, one.employees)),
                "amount": chance.amount(60_000),
                "found_on": day,
                "authority_name": "青禾县人力资源和社会保障局",
            }
            yield of(one, day, **values, state="open")
            settled = passed(chance.later(day, 20, 300), world)
            if settled and chance.happens(0.85 - 0.5 * year.stress):
                yield of(one, settled, **values, state="settled", settled_on=settled)


def opinions(world: World, chance: Chance) -> Iterator[Fact]:
    """Return OPI-01: what was published about an enterprise."""
    for one in world.enterprises:
        loud = {"micro": 0.004, "small": 0.02, "medium": 0.2}.get(one.size, 0.8)
        for year in one.years:
            for number in range(chance.count(loud + 0.15 * year.stress**2)):
                day = chance.day(year.first, year.last)
                tone = chance.one(
                    {"negative": 0.2 + 3 * year.stress, "neutral": 1, "positive": 1 - year.stress}
                )
                yield of(
                    one,
                    day,
                    report_number=f"QHYQ{day:%Y%m%d}{one.number:06d}{number}",
                    tone=tone,
                    topic=chance.one({"quality": 3, "finance": 2, "labour": 2, "safety": 1, "other": 2}),
                    severity=chance.one({"low": 6, "medium": 3, "high": 4 * year.stress}),
                    verified=chance.happens(0.7),
                    summary="（虚构）网络平台发布的相关信息",
                    medium="青禾融媒（虚构）",
                    published_on=day,
                )
