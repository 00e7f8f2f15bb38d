"""What the tax office knows: grades, payments, arrears, major cases, invoices."""

from collections.abc import Iterator
from datetime import date, timedelta

from creditmesh.sample import words
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts.fact import Fact, Value, of, passed
from creditmesh.sample.world import Enterprise, World

# Detailed payments are handed over for the last quarters only, as departments do.
_SINCE = date(2025, 4, 1)
_LIMITS = ((0.1, "A"), (0.36, "B"), (0.62, "C"))


def grades(world: World, chance: Chance) -> Iterator[Fact]:
    """Return TAX-01: the grade of each year, published in April of the next."""
    for one in world.enterprises:
        if one.entity_type == "individual_business":
            continue
        for year in one.years:
            day = chance.day(date(year.year + 1, 4, 10), date(year.year + 1, 4, 28))
            if one.lives(day) and day < world.until:
                yield _grade(one, year.year, day, year.stress, chance)


def _grade(one: Enterprise, year: int, day: date, stress: float, chance: Chance) -> Fact:
    points = stress + chance.gauss(0, 0.08)
    grade = next((letter for limit, letter in _LIMITS if points < limit), "D")
    if one.established.year >= year and grade in "AB":
        grade = "M"
    floor, top = {"A": (90, 100), "B": (70, 89), "M": (70, 89), "C": (40, 69), "D": (5, 39)}[grade]
    return of(
        one,
        day,
        year=year,
        grade=grade,
        score=chance.randint(floor, top),
        direct=grade == "D" and chance.happens(0.3),
        assessed_on=day,
        authority_name=words.TAX,
    )


def payments(world: World, chance: Chance) -> Iterator[Fact]:
    """Return TAX-02: tax paid by quarter, late at times."""
    for one in world.enterprises:
        if not chance.happens(0.25 if one.size == "micro" else 0.8):
            continue
        for starts, ends in world.quarters(one, _SINCE):
            stress = one.stress(ends)
            taxable = round(one.revenue / 4 * chance.lognormvariate(-0.3 * stress, 0.3))
            payable = taxable * 3 // 100
            due = ends + timedelta(days=15)
            paid_on = (
                chance.later(due, -10, 0) if chance.happens(0.98 - 0.5 * stress) else chance.later(due, 5, 80)
            )
            known = passed(paid_on, world)
            if known:
                yield of(
                    one,
                    known,
                    tax_type="value_added",
                    period_start=starts,
                    period_end=ends,
                    taxable=taxable,
                    payable=payable,
                    relief=payable // 4 if one.size == "micro" else 0,
                    paid=payable - (payable // 4 if one.size == "micro" else 0),
                    late_fee=payable * (known - due).days // 2000 if known > due else 0,
                    due_on=due,
                    paid_on=known,
                )


def arrears(world: World, chance: Chance) -> Iterator[Fact]:
    """Return TAX-03: tax owed, and when it was cleared."""
    for one in world.enterprises:
        for year in one.years:
            if not chance.happens(0.004 + 0.2 * year.stress**1.6):
                continue
            day = chance.day(year.first, year.last)
            ends = day.replace(day=1) - timedelta(days=1)
            values: dict[str, Value] = {
                "tax_type": chance.one({"value_added": 6, "corporate_income": 3, "land_use": 1}),
                "period_end": ends,
                "balance": chance.amount(40_000, spread=1.2),
                "new_arrears": None,
                "counted_on": day,
                "announced": chance.happens(0.6),
                "authority_name": words.TAX,
            }
            yield of(one, day, **values)
            cleared = passed(chance.later(day, 30, 400), world)
            if cleared and chance.happens(0.8 - 0.5 * year.stress):
                yield of(one, cleared, **{**values, "balance": 0}, cleared_on=cleared)


def major_cases(world: World, chance: Chance) -> Iterator[Fact]:
    """Return TAX-04: major violations."""
    for one in world.enterprises:
        for year in one.years:
            if chance.happens(0.012 * max(year.stress - 0.2, 0)):
                day = chance.day(year.first, year.last)
                amount = chance.amount(1_500_000)
                yield of(
                    one,
                    day,
                    case_number=f"青税稽罚〔{day.year}〕{one.number:05d}号",
                    case_kind=chance.one({"evasion": 4, "false_invoices": 4, "missing": 2}),
                    facts="（虚构）采取虚假申报手段少缴税款",
                    tax_amount=amount,
                    fine=amount // 2,
                    decided_on=day,
                    published_on=day,
                    authority_name=words.TAX,
                )


def invoices(world: World, chance: Chance) -> Iterator[Fact]:
    """Return TAX-05: invoices by quarter, and taxpayers who cannot be found."""
    for one in world.enterprises:
        if not chance.happens(0.15 if one.size == "micro" else 0.6):
            continue
        for starts, ends in world.quarters(one, date(2025, 10, 1)):
            stress = one.stress(ends)
            lost = chance.happens(0.12 * stress * stress)
            sold = round(one.revenue / 4 * chance.lognormvariate(-0.4 * stress, 0.3))
            yield of(
                one,
                min(ends + timedelta(days=20), world.until),
                period_start=starts,
                period_end=ends,
                invoices=max(1, sold // 3_000_000),
                invoiced=sold,
                received=round(sold * chance.uniform(0.5, 0.95)),
                red_invoices=chance.count(0.5 + 4 * stress),
                void_invoices=chance.count(0.5 + 3 * stress),
                top_customer_share=chance.randint(2000, 9500),
                taxpayer_state="abnormal" if lost else "normal",
                abnormal_since=ends if lost else None,
            )
