"""Licences, certificates, ratings, honours and support: what speaks for an enterprise, until it lapses."""

from collections.abc import Iterator
from datetime import date, timedelta

from creditmesh.sample import words
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts.fact import Fact, of
from creditmesh.sample.world import Enterprise, World

# mark of the trade -> licence, certificate, number, authority, source
_LICENCES = {
    "food": ("食品经营许可", "食品经营许可证", "JY", words.MARKET, "qinghe-samr"),
    "factory": ("工业产品生产许可", "生产许可证", "SC", words.MARKET, "qinghe-samr"),
    "dirty": ("排污许可", "排污许可证", "PW", "示例市生态环境局青禾分局", "qinghe-environment"),
    "danger": ("安全生产许可", "安全生产许可证", "AQ", "青禾县应急管理局", "qinghe-emergency"),
    "farm": ("动物防疫条件或种子经营许可", "农业许可证", "NY", "青禾县农业农村局", "qinghe-agriculture"),
    "build": ("建筑业企业资质许可", "资质证书", "JZ", "青禾县住房和城乡建设局", "qinghe-credit"),
}
_SYSTEMS = (
    "GB/T 19001-2016/ISO 9001:2015",
    "GB/T 24001-2016/ISO 14001:2015",
    "GB/T 45001-2020/ISO 45001:2018",
)


def licences(world: World, chance: Chance) -> Iterator[Fact]:
    """Return QUA-01: licences by trade, suspended or withdrawn now and then."""
    for one in world.enterprises:
        for mark, (name, certificate, letters, authority, source) in _LICENCES.items():
            if mark not in one.trade.marks or not chance.happens(0.55):
                continue
            day = max(chance.later(one.established, 5, 120), chance.day(date(2019, 1, 1), date(2024, 6, 30)))
            if not one.lives(day) or day >= world.until:
                continue
            number = f"{letters}{words.CODE}{one.number:06d}"
            yield _licence(one, day, (name, certificate, number, authority, source), "valid")
            stress = one.stress(world.until)
            if chance.happens(0.06 * stress):
                fate = chance.choice(("suspended", "revoked", "withdrawn"))
                seen = chance.day(max(day, date(2024, 1, 1)), world.until)
                yield _licence(one, day, (name, certificate, number, authority, source), fate, seen)


def _licence(
    one: Enterprise, day: date, licence: tuple[str, str, str, str, str], status: str, seen: date | None = None
) -> Fact:
    name, certificate, number, authority, source = licence
    return of(
        one,
        seen or day,
        source,
        counterparty_kind="individual_business"
        if one.entity_type == "individual_business"
        else "legal_person",
        legal_representative=one.representative.name,
        decision_name=f"{name}决定书",
        decision_number=f"青许〔{day.year}〕{number}号",
        licence_kind="general",
        certificate_name=certificate,
        certificate_number=number,
        content=one.trade.scope,
        decided_on=day,
        valid_from=day,
        valid_until=day + timedelta(days=365 * 5),
        authority_name=authority,
        status=status,
        local_code=words.CODE,
        source_unit=authority,
    )


def certificates(world: World, chance: Chance) -> Iterator[Fact]:
    """Return QUA-02: management systems, products and trades certified."""
    for one in world.enterprises:
        likely = {"micro": 0.01, "small": 0.12, "medium": 0.6}.get(one.size, 0.85)
        if not chance.happens(likely):
            continue
        for number, standard in enumerate(_SYSTEMS[: chance.randint(1, 3)]):
            day = max(chance.day(date(2021, 6, 1), world.until), one.established)
            if one.lives(day):
                gone = chance.happens(0.3 * one.stress(day))
                yield of(
                    one,
                    day,
                    certificate_number=f"QH{day:%y}Q{one.number:05d}R{number}",
                    kind="management_system",
                    standard=standard,
                    coverage=one.trade.scope,
                    issuer="示例质量认证中心有限公司",
                    issued_on=day,
                    valid_until=day + timedelta(days=365 * 3),
                    status="suspended" if gone else "valid",
                )


def environment(world: World, chance: Chance) -> Iterator[Fact]:
    """Return ENV-01: pollution permits, and each year's colour for those who have one."""
    for one in world.enterprises:
        if "dirty" not in one.trade.marks:
            continue
        day = max(one.established, date(2020, 9, 1))
        key = one.size in ("medium", "large")
        yield of(
            one,
            day,
            record_kind="permit" if key else "registration",
            document_number=f"{one.code}001{'P' if key else 'W'}",
            decided_on=day,
            valid_until=day + timedelta(days=365 * 5),
            management="key" if key else "registration",
            state="valid",
            authority_name="示例市生态环境局青禾分局",
        )
        for year in one.years:
            rated = date(year.year + 1, 3, 20)
            if (key or chance.happens(0.4)) and one.lives(rated) and rated < world.until:
                yield _colour(one, year.year, rated, year.stress, chance)


def _colour(one: Enterprise, year: int, day: date, stress: float, chance: Chance) -> Fact:
    points = stress + chance.gauss(0, 0.08)
    limits = ((0.08, "green"), (0.3, "blue"), (0.5, "yellow"), (0.75, "red"))
    return of(
        one,
        day,
        record_kind="rating",
        document_number=f"青环评价〔{year}〕{one.number:05d}号",
        rating=next((colour for limit, colour in limits if points < limit), "black"),
        year=year,
        decided_on=day,
        authority_name="示例市生态环境局青禾分局",
    )


def technology(world: World, chance: Chance) -> Iterator[Fact]:
    """Return RND-01: technology status, lost at times."""
    for one in world.enterprises:
        if not chance.happens(0.16 if "tech" in one.trade.marks else 0.004):
            continue
        kind = chance.one({"technology_sme": 60, "innovative_sme": 15, "high_tech": 18, "specialised_new": 7})
        day = chance.day(date(2022, 3, 1), world.until)
        if not one.lives(day):
            continue
        number = f"QHKJ{day.year}{one.number:06d}"
        ends = day + timedelta(days=365 * (1 if kind == "technology_sme" else 3))
        lost = chance.happens(0.4 * one.stress(day))
        yield of(
            one,
            day,
            certificate_number=number,
            status_kind=kind,
            level="provincial",
            recognised_on=day,
            valid_until=ends,
            batch=f"{day.year}年第{day.month // 7 + 1}批",
            state="cancelled" if lost else "valid",
            authority_name="示例省科学技术厅",
        )


def honours(world: World, chance: Chance) -> Iterator[Fact]:
    """Return HON-01: honours, hardly ever for those in trouble."""
    kinds = {
        "contract_keeping": 40,
        "commitment_kept": 25,
        "consumer_trust": 20,
        "advanced_unit": 10,
        "quality_award": 5,
    }
    for one in world.enterprises:
        for year in one.years:
            if chance.happens(0.018 * (1 - year.stress) ** 6):
                day = chance.day(year.first, year.last)
                kind = chance.one(kinds)
                source = "qinghe-samr" if kind in ("contract_keeping", "quality_award") else "qinghe-credit"
                yield of(
                    one,
                    day,
                    source,
                    document_number=f"青表〔{day.year}〕{one.number:05d}号",
                    honour_kind=kind,
                    title="青禾县县长质量奖" if kind == "quality_award" else None,
                    level="county",
                    awarded_on=day,
                    valid_until=day + timedelta(days=365 * 3),
                    authority_name="青禾县人民政府" if kind == "quality_award" else words.MARKET,
                )


def support(world: World, chance: Chance) -> Iterator[Fact]:
    """Return POL-01: subsidies, interest paid, awards."""
    kinds = {"subsidy": 40, "interest_subsidy": 25, "award": 20, "tax_relief": 15}
    bodies = {
        "qinghe-science": "青禾县工业信息化和科学技术局",
        "qinghe-finance": "青禾县财政局",
        "qinghe-credit": "青禾县发展和改革局",
    }
    for one in world.enterprises:
        for year in one.years:
            if chance.happens(0.012 if "tech" not in one.trade.marks else 0.04):
                day = chance.day(year.first, year.last)
                source = chance.choice(list(bodies))
                yield of(
                    one,
                    day,
                    source,
                    grant_number=f"青拨〔{day.year}〕{one.number:05d}号",
                    support_kind=chance.one(kinds),
                    policy=f"青禾县{day.year}年支持中小微企业发展专项资金",
                    amount=chance.choice((1, 2, 3, 5, 8, 10, 20, 50)) * 10**6,
                    granted_on=day,
                    state="granted",
                    authority_name=bodies[source],
                )
