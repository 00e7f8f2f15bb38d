"""What enterprises own and make: land and houses, patents and marks, research, farms."""

from collections.abc import Iterator
from datetime import date, timedelta

from creditmesh.sample import words
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts.fact import Fact, Value, of, passed
from creditmesh.sample.world import Enterprise, World


def real_estate(world: World, chance: Chance) -> Iterator[Fact]:
    """Return EST-01: land and houses."""
    for one in _owners(world):
        day = max(one.established, chance.day(date(2012, 1, 1), date(2024, 12, 31)))
        if not one.lives(day) or day > world.until:
            continue
        yield of(
            one,
            day,
            certificate_number=f"示（{day.year}）青禾县不动产权第{one.number:07d}号",
            unit_number=_unit(one),
            right_kind="land_and_house" if "factory" in one.trade.marks else "house",
            location=one.address,
            use="工业用地" if "factory" in one.trade.marks else "商业服务",
            area=chance.randint(60, 20_000),
            share=10_000,
            registered_on=day,
            ends_on=day + timedelta(days=365 * 40),
            state="current",
        )


def encumbrances(world: World, chance: Chance) -> Iterator[Fact]:
    """Return EST-02: mortgages, and seizures where there is trouble."""
    for one in _owners(world):
        for year in one.years:
            if not chance.happens(0.08 + 0.15 * year.stress):
                continue
            day = chance.day(year.first, year.last)
            kind = chance.one({"mortgage": 6, "maximum_mortgage": 4, "seizure": 12 * year.stress**1.5})
            ends = chance.later(day, 365, 1800)
            values: dict[str, Value] = {
                "registration_certificate": f"示（{day.year}）青禾县不动产证明第{one.number:07d}号",
                "unit_number": _unit(one),
                "encumbrance": kind,
                "holder": words.COURT if kind == "seizure" else chance.choice(words.BANKS),
                "amount": max(one.revenue // 3 // 10**6, 10) * 10**6,
                "registered_on": day,
                "ends_on": ends,
            }
            yield of(one, day, **values)
            released = passed(ends, world)
            if released:
                yield of(one, released, **values, released_on=released)


def _owners(world: World) -> Iterator[Enterprise]:
    return (one for one in world.enterprises if one.size != "micro" and one.number % 3 == 0)


def _unit(one: Enterprise) -> str:
    return f"{words.CODE}001001GB{one.number:05d}F00010001"


def inventions(world: World, chance: Chance) -> Iterator[Fact]:
    """Return IPR-01: patents, marks, software."""
    for one in world.enterprises:
        rate = 1.2 if "tech" in one.trade.marks else 0.4 if "factory" in one.trade.marks else 0.02
        for number in range(chance.count(rate * (0.5 if one.size == "micro" else 2))):
            day = chance.day(max(one.established, date(2017, 1, 1)), world.until)
            if not one.lives(day):
                continue
            kind = chance.one(
                {"utility_model": 5, "invention": 2, "design": 2, "trademark": 8, "software": 3}
            )
            lapsed = chance.happens(0.25 * one.stress(day))
            yield of(
                one,
                day,
                ip_number=f"QH{kind[:2].upper()}{one.number:06d}{number:02d}",
                kind=kind,
                title=f"一种{one.trade.words[0]}装置" if kind in ("utility_model", "invention") else None,
                granted_on=day,
                applied_on=day - timedelta(days=chance.randint(200, 900)),
                valid_until=day + timedelta(days=3650),
                state="lapsed" if lapsed else "valid",
                class_number=str(chance.randint(1, 45)),
            )


def invention_pledges(world: World, chance: Chance) -> Iterator[Fact]:
    """Return IPR-02: patents and marks pledged to a bank."""
    for one in world.enterprises:
        if not chance.happens(0.03 if "tech" in one.trade.marks else 0.002):
            continue
        day = chance.day(max(one.established, date(2022, 1, 1)), world.until)
        if not one.lives(day):
            continue
        ends = day + timedelta(days=365)
        yield of(
            one,
            day,
            pledge_number=f"Y{day.year}990{one.number:07d}",
            ip_number=f"QHUT{one.number:06d}00",
            kind="patent",
            pledgee=chance.choice(words.BANKS),
            amount=chance.choice((100, 200, 300, 500)) * 10**6,
            registered_on=day,
            ends_on=ends,
            released_on=None,
        )


def research(world: World, chance: Chance) -> Iterator[Fact]:
    """Return RND-02: spending on research and projects, by year."""
    for one in world.enterprises:
        if not chance.happens(0.35 if "tech" in one.trade.marks else 0.01):
            continue
        for year in one.years:
            told = date(year.year + 1, 5, 31)
            if not one.lives(told) or told > world.until:
                continue
            spend = round(one.revenue * chance.uniform(0.02, 0.12) * (1 - 0.5 * year.stress))
            yield of(
                one,
                told,
                year=year.year,
                project_number=f"RD{one.number:06d}{year.year}01",
                project=f"{one.trade.words[0]}关键技术研究（虚构）",
                level="own",
                spend=spend,
                deducted=spend,
                funding=0,
                staff=max(1, one.employees // 8),
                year_end=date(year.year, 12, 31),
                state="running",
            )


def farms(world: World, chance: Chance) -> Iterator[Fact]:
    """Return AGR-01: cooperatives, family farms and leading enterprises by quarter."""
    for one in world.enterprises:
        if "farm" not in one.trade.marks:
            continue
        kind = "cooperative" if one.entity_type == "farmer_cooperative" else "leading_enterprise"
        land = chance.randint(20, 3000)
        level = chance.one({"none": 8, "county": 3, "municipal": 1})
        for _, ends in world.quarters(one, date(2025, 1, 1)):
            stress = one.stress(ends)
            yield of(
                one,
                min(ends + timedelta(days=25), world.until),
                operator_kind=kind,
                level=level,
                quarter=f"{ends.year}Q{ends.month // 3}",
                counted_on=ends,
                manager=one.representative.name,
                main_products=one.trade.words[0],
                land_area=land,
                members=chance.randint(5, 200) if kind == "cooperative" else None,
                output=round(one.revenue / 4 * chance.lognormvariate(-0.4 * stress, 0.3)),
                subsidy=chance.choice((0, 0, 1, 2, 5)) * 10**6,
                insured=chance.happens(0.6),
            )
