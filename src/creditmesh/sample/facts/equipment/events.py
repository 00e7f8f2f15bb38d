"""What happened to each device: inspections, services, faults, accidents, orders."""

from collections.abc import Iterator
from datetime import date, timedelta

from creditmesh.sample import words
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts.equipment.devices import Device, devices
from creditmesh.sample.facts.fact import Fact, Value, of, passed
from creditmesh.sample.world import World

SERVICES = 8  # the last half-monthly services are told of, not those of ten years
_CONCLUSIONS = ("passed", "passed_after_repair", "monitored", "failed")
_BLAME = {"full": 1, "main": 2, "secondary": 3, "none": 2, "pending": 1}


def inspections(world: World, chance: Chance) -> Iterator[Fact]:
    """Return SEQ-02: periodic inspections of the last years, put off by the careless."""
    for device in devices(world):
        every = 365 if device.lifts else 730
        day = max(device.registered, chance.day(date(2023, 10, 1), date(2024, 9, 30)))
        for number in range(3):
            if day > world.until or not device.user.lives(day):
                break
            weights = (12, 0.4 + 4 * device.neglect, 0.2 + 3 * device.neglect, 0.05 + 1.5 * device.neglect)
            until = day + timedelta(days=every)
            yield of(
                device.user,
                day,
                report_number=f"QHTJ{device.code}{number}",
                **device.about(),
                inspection_kind="periodic",
                conclusion=chance.one(dict(zip(_CONCLUSIONS, weights, strict=True))),
                inspected_on=day,
                valid_until=until,
                agency="示例特种设备检验研究院（虚构）",
            )
            late = chance.happens(0.02 + 0.6 * device.neglect)
            day = until + timedelta(days=chance.randint(10, 120) if late else -chance.randint(0, 15))


def services(world: World, chance: Chance) -> Iterator[Fact]:
    """Return SEQ-03: the last half-monthly services of every elevator, some late, some never done."""
    for device in devices(world):
        if not device.lifts or not device.user.lives(world.until):
            continue
        for number in range(SERVICES):
            due = world.until - timedelta(days=15 * (SERVICES - number) - 5)
            if due < device.registered:
                continue
            late = chance.happens(0.03 + 0.5 * device.neglect)
            done = passed(
                due + timedelta(days=chance.randint(2, 25) if late else -chance.randint(0, 3)), world
            )
            if late and chance.happens(0.3):
                done = None
            yield of(
                device.user,
                done or passed(due + timedelta(days=26), world) or world.until,
                **device.about(),
                due_on=due,
                done_on=done,
                service_kind="half_month",
                parts_due=chance.count(0.8 * device.neglect),
                maintenance_code=device.maintainer.code if device.maintainer else None,
            )


def faults(world: World, chance: Chance) -> Iterator[Fact]:
    """Return SEQ-04: people shut in and elevators standing still."""
    for device in devices(world):
        aged = (world.until - device.installed).days / 7_000
        for year in device.years():
            rate = (0.05 + 1.6 * device.neglect**1.4 + 0.15 * aged) * (1 if device.lifts else 0.2)
            for number in range(chance.count(rate)):
                day = chance.day(max(year.first, device.registered), year.last)
                shut_in = device.lifts and chance.happens(0.35)
                yield of(
                    device.user,
                    day,
                    event_number=f"QHGZ{day:%Y%m%d}{device.code}{number}",
                    **device.about(),
                    event_kind="entrapment" if shut_in else "fault",
                    part=chance.one({"door": 5, "control": 3, "traction": 1, "safety": 1, "other": 1}),
                    repeated=chance.happens(0.5 * device.neglect),
                    rescue_minutes=chance.randint(8, 45) if shut_in else None,
                    happened_on=day,
                )


def accidents(world: World, chance: Chance) -> Iterator[Fact]:
    """Return SEQ-05: accidents, rare, and who answers for them."""
    for device in devices(world):
        for year in device.years():
            if not chance.happens(0.003 + 0.04 * device.neglect**1.5):
                continue
            day = chance.day(max(year.first, device.registered), year.last)
            yield of(
                device.user,
                day,
                accident_number=f"QHTSSG{day:%Y%m%d}{device.code}",
                **device.about(),
                severity=chance.one({"general": 30, "larger": 1}),
                responsibility=chance.one(_BLAME),
                maintenance_responsibility=chance.one(_BLAME) if device.maintainer else None,
                deaths=0,
                injured=chance.randint(1, 3),
                happened_on=day,
                authority_name=words.MARKET,
            )


def orders(world: World, chance: Chance) -> Iterator[Fact]:
    """Return SEQ-08: safety instructions and penalties for a device."""
    reasons = {"overdue_inspection": 4, "no_maintenance": 3, "defect": 2, "no_officer": 1, "other": 1}
    for device in devices(world):
        for year in device.years():
            if chance.happens(0.01 + 0.35 * device.neglect**1.3):
                day = chance.day(max(year.first, device.registered), year.last)
                yield from _order(device, day, chance.one(reasons), world, chance)


def _order(device: Device, day: date, reason: str, world: World, chance: Chance) -> Iterator[Fact]:
    fined = chance.happens(0.15 + 0.4 * device.neglect)
    values: dict[str, Value] = {
        "order_number": f"青特令〔{day.year}〕{device.code[-8:]}号",
        **device.about(),
        "order_kind": "penalty" if fined else "instruction",
        "reason": reason,
        "fine": chance.amount(15_000) if fined else None,
        "ordered_on": day,
        "due_on": day + timedelta(days=30),
        "authority_name": words.MARKET,
    }
    yield of(device.user, day, **values)
    done = passed(chance.later(day, 5, 60), world)
    if done and chance.happens(0.97 - 0.5 * device.neglect):
        yield of(device.user, done, **values, done_on=done)
