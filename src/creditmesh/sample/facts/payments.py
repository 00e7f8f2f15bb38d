"""What enterprises pay month by month: insurance, housing fund, water, power, gas; and trade across borders."""

from collections.abc import Iterator
from datetime import date, timedelta

from creditmesh.sample import words
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts.fact import Fact, Recipe, Value, of, passed
from creditmesh.sample.world import Enterprise, World

_SINCE = date(2025, 7, 1)
_YEAR_BACK = date(2025, 10, 1)


def insurance(world: World, chance: Chance) -> Iterator[Fact]:
    """Return SOC-01: social insurance paid by quarter."""
    for one in world.enterprises:
        if not chance.happens(0.3 if one.size == "micro" else 0.9):
            continue
        kinds = ("pension", "medical") if one.size in ("medium", "large") else ("pension",)
        for starts, ends in world.quarters(one, _SINCE):
            stress = one.stress(ends)
            insured = max(1, round(one.employees * chance.uniform(0.6, 1.0) * (1 - 0.3 * stress)))
            paying = not chance.happens(0.3 * stress)
            for kind in kinds:
                base = insured * 3 * 430_000
                payable = base * (24 if kind == "pension" else 9) // 100
                yield of(
                    one,
                    ends + timedelta(days=10),
                    insurance=kind,
                    period_start=starts,
                    period_end=ends,
                    insured=insured,
                    base=base,
                    payable=payable,
                    paid=payable if paying else 0,
                    paid_on=ends + timedelta(days=chance.randint(1, 9)) if paying else None,
                    state="paying" if paying else "paused",
                )


def insurance_arrears(world: World, chance: Chance) -> Iterator[Fact]:
    """Return SOC-02: social insurance owed, and when it was cleared."""
    for one in world.enterprises:
        for year in one.years:
            if not chance.happens(0.003 + 0.16 * year.stress**1.5):
                continue
            day = chance.day(year.first, year.last)
            months = 1 + chance.count(1 + 8 * year.stress)
            values: dict[str, Value] = {
                "insurance": "pension",
                "period_end": day.replace(day=1) - timedelta(days=1),
                "balance": months * max(1, one.employees) * 103_200,
                "months": months,
                "persons": one.employees,
                "deferred": chance.happens(0.08),
                "counted_on": day,
            }
            yield of(one, day, **values)
            cleared = passed(chance.later(day, 20, 300), world)
            if cleared and chance.happens(0.85 - 0.5 * year.stress):
                yield of(one, cleared, **{**values, "balance": 0, "months": 0}, cleared_on=cleared)


def housing_fund(world: World, chance: Chance) -> Iterator[Fact]:
    """Return HPF-01: contributions by quarter of those who open an account."""
    for one in world.enterprises:
        if not chance.happens({"micro": 0.04, "small": 0.3}.get(one.size, 0.9)):
            continue
        for starts, ends in world.quarters(one, _SINCE):
            stress = one.stress(ends)
            depositors = max(1, round(one.employees * 0.7))
            behind = chance.happens(0.25 * stress)
            base = depositors * 3 * 450_000
            yield of(
                one,
                ends + timedelta(days=12),
                account_number=f"9901{one.number:08d}",
                period_start=starts,
                period_end=ends,
                depositors=depositors,
                base=base,
                rate=1000,
                paid=0 if behind else base // 5,
                paid_on=None if behind else ends + timedelta(days=8),
                paid_until=starts - timedelta(days=1) if behind else ends,
                state="arrears" if behind else "normal",
            )


def utility(kind: str) -> Recipe:
    """Return the recipe of UTL-01 (`water`), UTL-02 (`power`) or UTL-03 (`gas`): bills by quarter."""
    first, price, share = {
        "water": (date(2026, 1, 1), 420, 0.25),
        "power": (_SINCE, 72, 0.35),
        "gas": (_YEAR_BACK, 345, 0.06),
    }[kind]

    def bills(world: World, chance: Chance) -> Iterator[Fact]:
        for one in world.enterprises:
            if not chance.happens(share * (2.2 if "factory" in one.trade.marks else 1)):
                continue
            usage = one.employees * chance.uniform(20, 90) * (60 if kind == "power" else 1)
            for starts, ends in world.quarters(one, first):
                yield _bill(one, (starts, ends), max(1, round(usage)), price, chance)

    return bills


def _bill(one: Enterprise, quarter: tuple[date, date], usage: int, price: int, chance: Chance) -> Fact:
    starts, ends = quarter
    stress = one.stress(ends)
    volume = max(1, round(usage * chance.lognormvariate(-0.4 * stress, 0.25)))
    billed = volume * price
    owing = chance.happens(0.01 + 0.3 * stress * stress)
    return of(
        one,
        ends + timedelta(days=15),
        account_number=f"QH{price}{one.number:07d}",
        address=one.address,
        period_start=starts,
        period_end=ends,
        volume=volume,
        billed=billed,
        paid=0 if owing else billed,
        overdue=billed if owing else 0,
        due_on=ends + timedelta(days=15),
        paid_on=None if owing else ends + timedelta(days=chance.randint(2, 14)),
        state="cut_off" if owing and chance.happens(0.1) else "normal",
    )


def customs_filings(world: World, chance: Chance) -> Iterator[Fact]:
    """Return CUS-01: filing and level at the customs."""
    for one in _traders(world):
        level = (
            "dishonest" if one.stress(world.until) > 0.6 else "advanced" if one.size == "large" else "filed"
        )
        filed = max(one.established, date(2018, 4, 20))
        since = max(filed, chance.day(date(2022, 1, 1), world.until)) if level != "filed" else filed
        if since <= world.until:
            yield of(
                one,
                since,
                customs_code=f"9901{one.number:06d}",
                business_kind="consignee",
                level=level,
                filed_on=filed,
                level_since=since,
                state="valid",
                customs_office="示例海关驻青禾办事处",
            )


def cross_border_trade(world: World, chance: Chance) -> Iterator[Fact]:
    """Return CUS-02: value of exports and imports by quarter."""
    for one in _traders(world):
        for starts, ends in world.quarters(one, date(2024, 1, 1)):
            stress = one.stress(ends)
            for direction in ("export", "import")[: 1 + chance.happens(0.3)]:
                value = round(one.revenue / 10 * chance.lognormvariate(-0.5 * stress, 0.4))
                yield of(
                    one,
                    min(ends + timedelta(days=18), world.until),
                    direction=direction,
                    period_start=starts,
                    period_end=ends,
                    value=value,
                    declarations=1 + value // 50_000_000,
                    main_country=chance.choice(("越南", "德国", "日本", "巴西", "肯尼亚")),
                    main_goods=f"{one.trade.words[0]}产品",
                    duties=value // 12 if direction == "import" else 0,
                )


def _traders(world: World) -> Iterator[Enterprise]:
    for one in world.enterprises:
        if "export" in one.trade.marks and one.entity_type != "individual_business" and one.number % 5 < 2:
            yield one


def guarantees(world: World, chance: Chance) -> Iterator[Fact]:
    """Return GUA-01: guarantees given for others, called where the other is in trouble."""
    for one in world.enterprises:
        for year in one.years:
            if not chance.happens(0.008 + 0.03 * year.stress):
                continue
            principal = chance.choice(world.enterprises)
            day = chance.day(year.first, year.last)
            amount = max(one.capital // 3 // 10**6, 1) * 10**6
            called = chance.happens(0.02 + 0.4 * principal.weakness**2)
            yield of(
                one,
                day,
                contract_number=f"QHDB{day:%Y%m%d}{one.number:06d}",
                principal=principal.name_on(day),
                principal_code=principal.code,
                creditor=chance.choice(words.BANKS),
                amount=amount,
                outstanding=amount // chance.choice((1, 2, 4)),
                guarantee_kind=chance.one({"joint": 7, "general": 1, "mortgage": 2, "pledge": 1}),
                starts_on=day,
                ends_on=day + timedelta(days=365 * chance.randint(1, 3)),
                called=called,
            )
