"""What the register knows: entries, shareholders, changes, annual reports, listings, pledges, officers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from creditmesh.sample import words
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts.fact import Fact, Value, of, passed
from creditmesh.sample.world import Change, Enterprise, Person, World

_REASONS = {"revoked": ("not_operating", "unlawful_conduct"), "cancelled": ("fraudulent_registration",)}
_SIZES = {"large": "large", "medium": "medium", "small": "small", "micro": "micro"}


def entries(world: World, _: Chance) -> Iterator[Fact]:
    """Return ENT-01: the entry as first made and again at every change of it."""
    for one in world.enterprises:
        days = {one.established, *(change.on for change in one.changes if change.attribute)}
        for day in sorted(days):
            yield _entry(one, day)


def _entry(one: Enterprise, day: date) -> Fact:
    head = one.at("representative", day)
    status = str(one.at("status", day))
    return of(
        one,
        day,
        entity_type=one.entity_type,
        established_on=one.established,
        region=one.town,
        address=str(one.at("address", day)),
        industry=one.trade.industry,
        scope=one.trade.scope,
        registered_capital=_amount(one.at("capital", day)),
        paid_in_capital=min(one.paid_in, _amount(one.at("capital", day))),
        legal_representative=head.name if isinstance(head, Person) else "",
        legal_representative_id=head.id if isinstance(head, Person) else "",
        size_class=_SIZES[one.size],
        licensed_activity=bool(one.trade.marks & {"food", "danger"}),
        status=status,
        status_since=one.established if status == "active" else day,
        registration_authority=words.MARKET,
        approved_on=day,
    )


def _amount(value: object) -> int:
    return value if isinstance(value, int) else 0


def shareholders(world: World, chance: Chance) -> Iterator[Fact]:
    """Return ENT-02: who holds what; the list of a day is what has not gone by then."""
    for one in world.enterprises:
        moved = [change.on for change in one.changes if change.kind == "shareholders"]
        for number, holder in enumerate(one.holders):
            subscribed = one.capital * holder.share // 10_000
            values: dict[str, Value] = {
                "shareholder": holder.name,
                "holder_code": holder.code,
                "holder_id": holder.person.id if holder.person else None,
                "holder_kind": "natural_person" if holder.person else "enterprise",
                "share": holder.share,
                "subscribed": subscribed,
                "paid_in": subscribed * one.paid_in // one.capital,
                "contribution_form": "cash" if chance.happens(0.94) else "kind",
                "due_on": holder.since + timedelta(days=365 * 5),
                "recorded_on": holder.since,
            }
            leaves = moved[0] if moved and number == len(one.holders) - 1 else None
            yield replace(of(one, holder.since, **values), gone=leaves or one.ended_on)
            if leaves is not None:
                heir = chance.choice(world.enterprises).representative
                values |= {"shareholder": heir.name, "holder_id": heir.id, "holder_code": None}
                values |= {"holder_kind": "natural_person", "recorded_on": leaves}
                yield replace(of(one, leaves, **values), gone=one.ended_on)


def changes(world: World, chance: Chance) -> Iterator[Fact]:
    """Return ENT-03: what the register took note of."""
    for one in world.enterprises:
        for change in one.changes:
            yield _change(one, change, chance)


def _change(one: Enterprise, change: Change, chance: Chance) -> Fact:
    capital = change.attribute == "capital"
    reasons = _REASONS.get(str(change.after)) if change.attribute == "status" else None
    notice = change.kind == "simple_deregistration_notice"
    return of(
        one,
        change.on,
        change_number=change.number,
        change_kind=change.kind,
        before=None if capital else _words(change.before),
        after=None if capital else _words(change.after),
        capital_before=_amount(change.before) if capital else None,
        capital_after=_amount(change.after) if capital else None,
        revocation_reason=chance.choice(reasons) if reasons else None,
        changed_on=change.on,
        effective_until=change.on + timedelta(days=20) if notice else None,
        authority_name=words.MARKET,
    )


def _words(value: object) -> str | None:
    return value.name if isinstance(value, Person) else None if value is None else str(value)


def annual_reports(world: World, chance: Chance) -> Iterator[Fact]:
    """Return ENT-04: the report on each year, due by the end of June of the next."""
    for one in world.enterprises:
        for year in range(2021, world.until.year):
            due = date(year + 1, 6, 30)
            if one.established.year <= year and one.lives(due) and due < world.until:
                yield from _report(one, year, due, chance)


def _report(one: Enterprise, year: int, due: date, chance: Chance) -> Iterator[Fact]:
    late = any(
        listing.reason == "late_annual_report" and listing.listed_on.year == due.year
        for listing in one.listings
    )
    stress = one.stress(due)
    values: dict[str, Value] = {
        "year": year,
        "due_on": due,
        "operating_status": "operating" if chance.happens(0.97 - 0.2 * stress) else "closed",
        "contact_address": str(one.at("address", due)),
        "has_website": chance.happens(0.08),
        "invested_elsewhere": chance.happens(0.05),
        "share_transfer": any(
            change.kind == "shareholders" and change.on.year == year for change in one.changes
        ),
        "subscribed_total": _amount(one.at("capital", due)),
        "paid_in_total": min(one.paid_in, _amount(one.at("capital", due))),
        "guarantees_given": chance.happens(0.01 + 0.06 * stress),
    }
    submitted = chance.later(due, 20, 200) if late else chance.day(date(year + 1, 1, 5), due)
    if late:
        # A report that did not come is known all the same: the register knows that it was due.
        yield of(one, due + timedelta(days=15), year=year, due_on=due)
    if not late or chance.happens(0.5):
        yield of(
            one, submitted, **values, submitted_on=submitted, corrections=chance.count(0.05 + 0.8 * stress)
        )


def operating_data(world: World, chance: Chance) -> Iterator[Fact]:
    """Return ENT-05: the figures an enterprise may keep to itself, of those who handed them over."""
    for one in world.enterprises:
        if not chance.happens({"micro": 0.2, "small": 0.5}.get(one.size, 0.9)):
            continue
        for year in one.years:
            ends = date(year.year, 12, 31)
            handed_over = date(year.year + 1, 5, 20)
            if one.lives(ends) and handed_over < world.until:
                yield _figures(one, year.year, handed_over, chance)


def _figures(one: Enterprise, year: int, day: date, chance: Chance) -> Fact:
    ends = date(year, 12, 31)
    stress = one.stress(ends)
    revenue = round(one.revenue * chance.lognormvariate(-0.4 * stress, 0.2))
    assets = round(revenue * chance.lognormvariate(0, 0.4)) + one.paid_in
    liabilities = round(assets * min(0.25 + stress + chance.random() * 0.3, 1.4))
    profit = round(revenue * (0.07 - 0.25 * stress + chance.gauss(0, 0.03)))
    return of(
        one,
        day,
        year=year,
        year_end=ends,
        employees=max(1, round(one.employees * (1 - 0.3 * stress))),
        assets=assets,
        liabilities=liabilities,
        equity=assets - liabilities,
        revenue=revenue,
        main_revenue=round(revenue * 0.96),
        total_profit=profit,
        net_profit=round(profit * (0.8 if profit > 0 else 1)),
        tax_paid=max(0, round(revenue * 0.03)),
    )


def abnormal_listings(world: World, _: Chance) -> Iterator[Fact]:
    """Return ENT-06: stays on the list of abnormal operations, told again when they end."""
    for one in world.enterprises:
        for listing in one.listings:
            values: dict[str, Value] = {
                "listing_number": listing.number,
                "reason": listing.reason,
                "listed_on": listing.listed_on,
                "listing_authority": words.MARKET,
            }
            yield of(one, listing.listed_on, **values)
            removed = listing.removed_on and passed(listing.removed_on, world)
            if removed:
                values |= {"removed_on": removed, "removal_reason": "已履行公示义务或重新取得联系"}
                yield of(one, removed, **values, removal_authority=words.MARKET)


def pledges(world: World, chance: Chance) -> Iterator[Fact]:
    """Return ENT-07: pledged and frozen shares, mortgaged movables."""
    for one in world.enterprises:
        for year in one.years:
            if not chance.happens(0.004 + 0.05 * year.stress):
                continue
            day = chance.day(year.first, year.last)
            kind = chance.one({"chattel_mortgage": 5, "equity_pledge": 4, "equity_freeze": 12 * year.stress})
            ends = chance.later(day, 300, 1100)
            released = passed(ends, world) if chance.happens(0.8) else None
            values: dict[str, Value] = {
                "registration_number_of_right": f"QHDJ{day:%Y%m%d}{one.number:06d}",
                "right_kind": kind,
                "grantor": one.name_on(day),
                "holder": words.COURT if kind == "equity_freeze" else chance.choice(words.BANKS),
                "amount": max(one.capital // 2 // 10**6, 1) * 10**6,
                "asset": "机器设备一批" if kind == "chattel_mortgage" else None,
                "registered_on": day,
                "ends_on": ends,
            }
            yield of(one, day, **values, state="valid")
            if released:
                yield of(one, released, **values, state="released", released_on=released)


def officers(world: World, chance: Chance) -> Iterator[Fact]:
    """Return PER-01: who holds which office."""
    for one in world.enterprises:
        if one.entity_type == "individual_business":
            continue
        for person, position in one.officers:
            values: dict[str, Value] = {
                "person": person.name,
                "person_id": person.id,
                "position": position,
                "is_legal_representative": person is one.representative,
                "appointed_on": one.established,
            }
            yield of(one, one.established, **values)
            left = next((change.on for change in one.changes if change.kind == "personnel"), None)
            if left and position != one.officers[0][1] and chance.happens(0.6):
                yield of(one, left, **values, left_on=left)
