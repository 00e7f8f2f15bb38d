"""What the court knows: judgments, enforcement, dishonest debtors, bankruptcy."""

from collections.abc import Iterator
from datetime import date, timedelta

from creditmesh.sample import words
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts.fact import Fact, Value, of, passed
from creditmesh.sample.world import Enterprise, World

_CAUSES = (
    "买卖合同纠纷",
    "民间借贷纠纷",
    "金融借款合同纠纷",
    "建设工程合同纠纷",
    "劳动争议",
    "产品责任纠纷",
    "租赁合同纠纷",
)


def judgments(world: World, chance: Chance) -> Iterator[Fact]:
    """Return JUD-01: judgments, lost more often by those in trouble; convictions very rarely."""
    for one in world.enterprises:
        for year in one.years:
            for number in range(chance.count(0.04 + 0.7 * year.stress**1.5)):
                yield _judgment(one, chance.day(year.first, year.last), number, chance)
            if chance.happens(0.006 * max(year.stress - 0.3, 0)):
                yield _conviction(one, chance.day(year.first, year.last))


def _judgment(one: Enterprise, day: date, number: int, chance: Chance) -> Fact:
    stress = one.stress(day)
    sued = chance.happens(0.3 + 0.6 * stress)
    won = {"won": 5, "partly_lost": 1} if not sued else {"lost": 1 + 6 * stress, "partly_lost": 1, "won": 1.5}
    return of(
        one,
        day,
        case_number=f"（{day.year}）青禾民初{one.number:05d}{number}号",
        party=one.name_on(day),
        role="defendant" if sued else "plaintiff",
        case_type="civil",
        document_type=chance.one({"judgment": 6, "ruling": 2, "mediation": 2}),
        cause=chance.choice(_CAUSES),
        outcome=chance.one({**won, "withdrawn": 1}),
        product_safety_offence=False,
        amount=chance.amount(80_000, spread=1.2),
        decided_on=day,
        court=words.COURT,
    )


def _conviction(one: Enterprise, day: date) -> Fact:
    food = "food" in one.trade.marks
    return of(
        one,
        day,
        case_number=f"（{day.year}）青禾刑初{one.number:05d}号",
        party=one.name_on(day),
        role="accused",
        case_type="criminal",
        document_type="judgment",
        cause="生产、销售不符合安全标准的食品罪" if food else "虚开发票罪",
        outcome="convicted",
        product_safety_offence=food,
        decided_on=day,
        court=words.COURT,
    )


def enforcement(world: World, _: Chance) -> Iterator[Fact]:
    """Return JUD-02: cases in enforcement, told again when they end."""
    for one, day, values, ends, status in _cases(world):
        yield of(one, day, **values, status="open")
        if ends:
            yield of(one, ends, **values, status=status, closed_on=ends)


def dishonest(world: World, chance: Chance) -> Iterator[Fact]:
    """Return JUD-03: debtors called dishonest, and limits on their spending, from unpaid cases."""
    for one, day, case, ends, status in _cases(world):
        published = passed(chance.later(day, 30, 200), world)
        if published is None or (ends and ends < published) or not chance.happens(0.45):
            continue
        values: dict[str, Value] = {
            "case_number": case["case_number"],
            "legal_representative": one.representative.name,
            "measure": "dishonest" if chance.happens(0.55) else "consumption_limit",
            "basis_number": case["basis_number"],
            "basis_unit": words.COURT,
            "obligation": "支付所欠款项及利息",
            "fulfilment": "none" if chance.happens(0.8) else "partly",
            "conduct": "有履行能力而拒不履行生效法律文书确定义务",
            "filed_on": day,
            "published_on": published,
            "court": words.COURT,
        }
        yield of(one, published, **values)
        removed = ends if status == "fulfilled" else None
        if removed:
            yield of(one, removed, **{**values, "fulfilment": "fully"}, removed_on=removed)


def _cases(world: World) -> Iterator[tuple[Enterprise, date, dict[str, Value], date | None, str]]:
    # Both items tell of the same cases, so both draw them from one stream.
    chance = Chance.of(world.seed, "cases")
    for one in world.enterprises:
        for year in one.years:
            if not chance.happens(0.004 + 0.22 * year.stress**1.7):
                continue
            day = chance.day(year.first, year.last)
            owed = chance.amount(150_000, spread=1.2)
            ends = (
                passed(chance.later(day, 60, 700), world) if chance.happens(0.8 - 0.5 * year.stress) else None
            )
            status = chance.one({"fulfilled": 5, "settled": 2, "ended": 1 + 6 * year.stress})
            values: dict[str, Value] = {
                "case_number": f"（{day.year}）青禾执{one.number:05d}号",
                "amount": owed,
                "unpaid": owed if ends is None or status == "ended" else 0,
                "filed_on": day,
                "basis_number": f"（{day.year}）青禾民初{one.number:05d}0号",
                "court": words.COURT,
            }
            yield one, day, values, ends, status


def bankruptcies(world: World, chance: Chance) -> Iterator[Fact]:
    """Return JUD-04: those in liquidation, and a few more that the court turned away."""
    for one in world.enterprises:
        broke = next((change.on for change in one.changes if change.after == "liquidating"), None)
        stress = one.stress(world.until)
        if broke is None and not chance.happens(0.004 * stress):
            continue
        day = broke or chance.day(date(2023, 1, 1), world.until)
        if broke is None and not one.lives(day):
            continue
        values: dict[str, Value] = {
            "case_number": f"（{day.year}）示例破申{one.number:05d}号",
            "procedure": chance.one({"liquidation": 6, "restructuring": 3, "settlement": 1}),
            "administrator": "示例清算事务所（虚构）",
            "claims": max(one.capital * 2 // 10**6, 1) * 10**6,
            "court": words.CITY_COURT,
        }
        yield of(one, day, **values, stage="applied", stage_on=day)
        heard = passed(day + timedelta(days=40), world)
        if heard:
            stage = "accepted" if broke else "rejected"
            yield of(one, heard, **values, stage=stage, stage_on=heard, accepted_on=heard if broke else None)
