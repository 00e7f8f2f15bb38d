"""Set up the county: codes, names, people, addresses, shareholders."""

from datetime import date, timedelta

from creditmesh.kernel import organisation_code, registration_number, uscc
from creditmesh.sample import dirt, words
from creditmesh.sample.chance import Chance
from creditmesh.sample.trades import TRADES, Trade
from creditmesh.sample.world import Enterprise, Holder, Person

_CATEGORIES = {"farmer_cooperative": "93", "individual_business": "92"}
_SIZES = {"micro": (1, 9), "small": (10, 99), "medium": (100, 420), "large": (500, 1800)}
_POSITIONS = ("supervisor", "manager", "finance_officer", "director")
_EARLIEST = date(1996, 1, 1)


def found(*, seed: int, count: int, until: date) -> list[Enterprise]:
    """Return so many enterprises as they were set up, oldest first."""
    chance = Chance.of(seed, "founding")
    people = _people(chance, max(8, count * 4 // 5))
    codes, names = _Codes(chance), _Names(chance)
    days = sorted(_established(chance, until) for _ in range(count))
    made: list[Enterprise] = []
    for number, day in enumerate(days):
        enterprise = _enterprise(chance, number, day, _representative(chance, people, made))
        enterprise.code = codes.next(enterprise.entity_type)
        enterprise.name = names.next(enterprise)
        _officers(chance, enterprise, people)
        _holders(chance, enterprise, made, people)
        made.append(enterprise)
    return made


def _people(chance: Chance, count: int) -> list[Person]:
    return [
        Person(
            f"P{words.CODE}-{number:06d}",
            f"{chance.choice(words.SURNAMES)}某{chance.choice(words.GIVEN)}{chance.choice(words.GIVEN)}",
            chance.betavariate(1.3, 6),
        )
        for number in range(count)
    ]


def _established(chance: Chance, until: date) -> date:
    # Most enterprises of a county are young: the age is roughly exponential with a mean of seven years.
    age = timedelta(days=int(chance.expovariate(1 / 2500)))
    return max(_EARLIEST, until - timedelta(days=20) - age)


def _representative(chance: Chance, people: list[Person], made: list[Enterprise]) -> Person:
    # One in seven is headed by somebody who heads another one already.
    return chance.choice(made).representative if made and chance.happens(1 / 7) else chance.choice(people)


def _enterprise(chance: Chance, number: int, day: date, head: Person) -> Enterprise:
    kind = chance.one(words.FORM_WEIGHTS)
    trade = _trade(chance, kind)
    size = "micro" if kind == "individual_business" else chance.one(dirt.SIZE_SHARES)
    employees = chance.randint(*_SIZES[size])
    capital = _capital(chance, size)
    # Most are sound, one in fourteen is rotten.
    own = chance.betavariate(5, 3.5) if chance.happens(0.07) else chance.betavariate(1.3, 7)
    weakness = min(0.75 * own + 0.25 * head.weakness, 1.0)
    town, address, shared = _address(chance)
    return Enterprise(
        number=number,
        code="",
        registration_number=_older_number(chance) if day < date(2015, 10, 1) else None,
        name="",
        entity_type=kind,
        established=day,
        town=town,
        address=address,
        trade=trade,
        capital=capital,
        paid_in=min(capital, round(capital * chance.betavariate(1.1, 1.3) / 10**6) * 10**6),
        representative=head,
        weakness=min(weakness + 0.06 * shared, 1.0),
        size=size,
        employees=employees,
        revenue=employees * chance.amount(120_000),
    )


def _trade(chance: Chance, kind: str) -> Trade:
    return chance.one({one: one.share for one in TRADES if _fits(one, kind)})


def _fits(trade: Trade, kind: str) -> bool:
    if kind == "farmer_cooperative":
        return "farm" in trade.marks
    if kind == "individual_business":
        return bool(trade.marks & {"retail", "food"}) and "factory" not in trade.marks
    return True


def _capital(chance: Chance, size: str) -> int:
    wan = {
        "micro": (3, 5, 10, 20, 30, 50, 50, 100, 100, 200),
        "small": (50, 100, 200, 300, 500, 500, 800, 1000),
        "medium": (1000, 2000, 3000, 5000, 8000),
        "large": (5000, 10_000, 20_000, 50_000),
    }[size]
    return chance.choice(wan) * 10**6 + (chance.randrange(10**6) // 100 * 100 if chance.happens(0.03) else 0)


def _address(chance: Chance) -> tuple[str, str, bool]:
    town = chance.one(words.TOWN_WEIGHTS)
    place = f"{words.COUNTY}{words.TOWNS[town]}"
    if chance.happens(0.12):
        # One address, many licences: a few rooms of the business parks house hundreds.
        return town, f"{place}{chance.choice(words.PARKS)}{chance.randint(1, 12)}号", True
    return (
        town,
        f"{place}{chance.choice(words.STREETS)}{chance.randint(1, 999)}号{chance.randint(1, 30)}室",
        False,
    )


def _older_number(chance: Chance) -> str:
    body = f"{words.CODE}{chance.digits(8)}"
    return body + registration_number.check_digit(body)


class _Codes:
    """Give every enterprise a code of its own, check characters and all."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._given: set[str] = set()

    def next(self, entity_type: str) -> str:
        """Return a new code; a measured few carry an inner check that is wrong, as real ones do."""
        while True:
            inner = "MA" + "".join(self._chance.choices(uscc.ALPHABET, k=6))
            check = organisation_code.check_character(inner)
            if self._chance.happens(dirt.WRONG_INNER_CHECK.share):
                check = "0" if check != "0" else "1"
            body = _CATEGORIES.get(entity_type, "91") + words.CODE + inner + check
            if body not in self._given:
                self._given.add(body)
                return body + uscc.check_character(body)


class _Names:
    """Give every enterprise a name of its own that says where it is from."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._given: set[str] = set()

    def next(self, enterprise: Enterprise) -> str:
        """Return a new name, some with the county in brackets."""
        while (name := self._name(enterprise)) in self._given:
            pass
        self._given.add(name)
        return name

    def _name(self, enterprise: Enterprise) -> str:
        chance = self._chance
        brand = (
            chance.choice(words.BRAND_FIRST)
            + chance.choice(words.BRAND_SECOND)
            + chance.choice(words.BRAND_THIRD)
        )
        trade = chance.choice(enterprise.trade.words)
        form = chance.choice(words.LEGAL_FORMS[enterprise.entity_type])
        if enterprise.entity_type in ("individual_business", "farmer_cooperative"):
            return f"{words.COUNTY}{words.TOWNS[enterprise.town]}{brand}{trade}{form}"
        if chance.happens(dirt.BRACKETED.share):
            return f"{brand}（{words.COUNTY}）{trade}{form}"
        return f"{words.COUNTY}{brand}{trade}{form}"


def _officers(chance: Chance, enterprise: Enterprise, people: list[Person]) -> None:
    head = "chairman" if enterprise.size in ("medium", "large") else "executive_director"
    enterprise.officers.append((enterprise.representative, head))
    for position in _POSITIONS[: 1 + (enterprise.size != "micro") * 2]:
        enterprise.officers.append((chance.choice(people), position))


def _holders(chance: Chance, enterprise: Enterprise, made: list[Enterprise], people: list[Person]) -> None:
    if enterprise.entity_type in ("individual_business", "branch", "farmer_cooperative"):
        return
    shares = _shares(chance, enterprise.entity_type)
    for number, share in enumerate(shares):
        if number == 0 and made and chance.happens(0.07):
            parent = chance.choice(made)
            enterprise.holders.append(Holder(parent.name, share, enterprise.established, code=parent.code))
            # Trouble runs in families of enterprises.
            enterprise.weakness = min(0.7 * enterprise.weakness + 0.4 * parent.weakness, 1.0)
        else:
            person = enterprise.representative if number == 0 else chance.choice(people)
            enterprise.holders.append(Holder(person.name, share, enterprise.established, person=person))


def _shares(chance: Chance, entity_type: str) -> tuple[int, ...]:
    if entity_type == "sole_proprietorship" or chance.happens(0.45):
        return (10_000,)
    first = chance.choice((9000, 8000, 7000, 6000, 5100, 5000))
    if chance.happens(0.3):
        second = (10_000 - first) // 2
        return (first, second, 10_000 - first - second)
    return (first, 10_000 - first)
