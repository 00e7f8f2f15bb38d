"""Penalties and what surrounds them: inspections, orders, compulsion, serious lists."""

from collections.abc import Iterator
from datetime import date, timedelta

from creditmesh.sample import words
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts.fact import Fact, Value, of, passed
from creditmesh.sample.world import Enterprise, World

# source -> authority, abbreviation, what it punishes
_BODIES = {
    "qinghe-samr": (
        words.MARKET,
        "市监",
        ("未按规定明码标价", "销售不合格产品", "虚假宣传", "未查验供货者资质"),
    ),
    "qinghe-environment": (
        "示例市生态环境局青禾分局",
        "环",
        ("超标排放污染物", "未按排污许可证排放", "危险废物管理不规范"),
    ),
    "qinghe-emergency": ("青禾县应急管理局", "应急", ("未对从业人员进行安全培训", "未及时排查事故隐患")),
    "qinghe-agriculture": ("青禾县农业农村局", "农", ("经营假种子", "兽药使用记录不全")),
    "qinghe-hrss": ("青禾县人力资源和社会保障局", "人社", ("未依法签订劳动合同", "拖欠劳动者工资")),
    "qinghe-tax": (words.TAX, "税", ("未按期申报纳税", "未按规定开具发票")),
}
_BY_MARK = {"dirty": "qinghe-environment", "danger": "qinghe-emergency", "farm": "qinghe-agriculture"}
_KINDS = {
    "minor": {"warning": 6, "fine": 3, "criticism": 1},
    "general": {"fine": 8, "confiscation": 2},
    "serious": {
        "fine": 5,
        "shutdown_ordered": 2,
        "licence_revoked": 1,
        "licence_suspended": 2,
        "confiscation": 1,
    },
}


def penalties(world: World, chance: Chance) -> Iterator[Fact]:
    """Return PEN-01: penalties as the double publicity tells them, again when repaired."""
    for one in world.enterprises:
        for year in one.years:
            for number, day in enumerate(year.penalties):
                yield from _penalty(one, day, number, world, chance)


def _penalty(one: Enterprise, day: date, number: int, world: World, chance: Chance) -> Iterator[Fact]:
    stress = one.stress(day)
    source = _source(one, chance)
    authority, letters, matters = _BODIES[source]
    grave = chance.one({"minor": 5, "general": 4, "serious": 0.2 + 3 * stress * stress})
    kind = chance.one(_KINDS[grave])
    yuan = {"minor": 1_200, "general": 12_000, "serious": 90_000}[grave]
    matter = chance.choice(matters)
    years = {"minor": 90, "general": 365, "serious": 365 * 3}[grave]
    values: dict[str, Value] = {
        "counterparty_kind": "individual_business"
        if one.entity_type == "individual_business"
        else "legal_person",
        "legal_representative": one.representative.name,
        "decision_number": f"青{letters}罚〔{day.year}〕{one.number:05d}{number}号",
        "violation_type": matter,
        "facts": f"当事人{matter}，事实清楚，证据确凿。",
        "basis": "《中华人民共和国行政处罚法》及相关法律法规",
        "penalty_kind": kind,
        "content": {"warning": "警告", "criticism": "通报批评"}.get(kind, "依法予以处罚"),
        "fine": chance.amount(yuan) if kind in ("fine", "confiscation", "shutdown_ordered") else None,
        "confiscated": chance.amount(yuan / 2) if kind == "confiscation" else None,
        "seriousness": grave,
        "decided_on": day,
        "publicity_until": day + timedelta(days=years),
        "authority_name": authority,
        "local_code": words.CODE,
        "source_unit": authority,
    }
    yield of(one, day, source, **values, status="valid")
    repaired = passed(chance.later(day, years // 3, years), world)
    if repaired and grave != "serious" and chance.happens(0.4 - 0.3 * stress):
        yield of(one, repaired, source, **values, status="repaired", repaired_on=repaired)


def _source(one: Enterprise, chance: Chance) -> str:
    wanted = [_BY_MARK[mark] for mark in sorted(one.trade.marks & _BY_MARK.keys())]
    if wanted and chance.happens(0.4):
        return chance.choice(wanted)
    return chance.one({"qinghe-samr": 75, "qinghe-hrss": 10, "qinghe-tax": 15})


def inspections(world: World, chance: Chance) -> Iterator[Fact]:
    """Return PEN-02: results of inspections; trouble is found where there is trouble."""
    for one in world.enterprises:
        for year in one.years:
            if not chance.happens(0.07 + 0.12 * year.stress):
                continue
            day = chance.day(year.first, year.last)
            result = _result(one, day, year.stress, chance)
            by = chance.later(day, 15, 40) if result in "58" else None
            done = chance.later(by, -10, 60) if by and chance.happens(0.95 - 0.7 * year.stress) else None
            values: dict[str, Value] = {
                "task_number": f"QHSSJ{year.year}{one.number % 12 + 1:02d}",
                "check_item": chance.choice(
                    ("登记事项检查", "公示信息检查", "产品质量监督检查", "食品安全检查")
                ),
                "subject_ref": f"{words.CODE}-{one.number:06d}",
                "inspection_kind": chance.one({"double_random": 8, "special": 2, "complaint": 1}),
                "method": "on_site" if chance.happens(0.8) else "documents",
                "result_code": result,
                "findings": None if result == "1" else "详见现场检查笔录",
                "inspected_on": day,
                "rectify_by": by,
                "authority_name": words.MARKET,
            }
            yield of(one, day, **values)
            known = done and passed(done, world)
            if known:
                yield of(one, known, **values, rectified_on=known, resolved_on=known)


def _result(one: Enterprise, day: date, stress: float, chance: Chance) -> str:
    lost = any(
        listing.reason == "unreachable" and listing.listed_on.year == day.year for listing in one.listings
    )
    if lost and chance.happens(0.8):
        return "4"
    return chance.one(
        {
            "1": 8,
            "5": 0.3 + 5 * stress,
            "2": 0.2 + stress,
            "3": 0.5 * stress,
            "6": 0.4 * stress,
            "7": 0.2,
            "8": stress,
        }
    )


def orders(world: World, chance: Chance) -> Iterator[Fact]:
    """Return REC-01: orders to put something right."""
    for one in world.enterprises:
        for year in one.years:
            if not chance.happens(0.01 + 0.14 * year.stress):
                continue
            day = chance.day(year.first, year.last)
            due = chance.later(day, 10, 30)
            source = "qinghe-emergency" if "danger" in one.trade.marks else "qinghe-samr"
            values: dict[str, Value] = {
                "order_number": f"青责改〔{day.year}〕{one.number:05d}号",
                "problem": chance.choice(
                    ("台账记录不全", "安全警示标志缺失", "标签标识不规范", "消防通道堵塞")
                ),
                "ordered_on": day,
                "due_on": due,
                "authority_name": _BODIES[source][0],
            }
            yield of(one, day, source, **values, outcome="pending")
            done = passed(chance.later(due, -5, 45), world)
            if done and chance.happens(0.95 - 0.5 * year.stress):
                yield of(one, done, source, **values, outcome="done", done_on=done)
            elif done:
                outcome = "refused" if chance.happens(year.stress) else "partly"
                yield of(one, done, source, **values, outcome=outcome)


def compulsion(world: World, chance: Chance) -> Iterator[Fact]:
    """Return COE-01: sealing, detaining, freezing."""
    for one in world.enterprises:
        for year in one.years:
            for day in year.penalties:
                if chance.happens(0.05 + 0.1 * year.stress):
                    yield from _measure(one, day, world, chance)


def _measure(one: Enterprise, day: date, world: World, chance: Chance) -> Iterator[Fact]:
    ends = chance.later(day, 20, 60)
    values: dict[str, Value] = {
        "decision_number": f"青强制〔{day.year}〕{one.number:05d}{day:%m%d}号",
        "measure": chance.one({"seal": 4, "detain": 4, "freeze": 1, "surcharge": 2}),
        "cause": "涉嫌违法行为",
        "amount": chance.amount(20_000),
        "decided_on": day,
        "ends_on": ends,
        "authority_name": words.MARKET,
    }
    yield of(one, day, **values)
    lifted = passed(ends, world)
    if lifted:
        yield of(one, lifted, **values, lifted_on=lifted)


def serious_lists(world: World, chance: Chance) -> Iterator[Fact]:
    """Return BLK-01: the lists of the seriously dishonest, three years long unless removed."""
    for one in world.enterprises:
        for year in one.years:
            if not chance.happens(0.035 * max(year.stress - 0.25, 0) + 0.08 * (len(year.penalties) > 2)):
                continue
            day = chance.day(year.first, year.last)
            kind = chance.one({"market_regulation": 8, "wage_arrears": 2, "work_safety": 1, "food_drug": 1})
            until = day + timedelta(days=365 * 3)
            values: dict[str, Value] = {
                "listing_number": f"青严失〔{day.year}〕{one.number:05d}号",
                "list_kind": kind,
                "reason": "受到较重行政处罚，性质恶劣、情节严重",
                "basis": "《市场监督管理严重违法失信名单管理办法》",
                "listed_on": day,
                "until": until,
                "authority_name": words.MARKET,
            }
            source = "qinghe-samr" if kind in ("market_regulation", "food_drug") else "qinghe-credit"
            yield of(one, day, source, **values)
            removed = passed(chance.later(day, 366, 900), world)
            if removed and chance.happens(0.25):
                yield of(one, removed, source, **values, removed_on=removed, removal_reason="信用修复")
