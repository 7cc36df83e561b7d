"""The book of the sample brokerage: two thousand clients and six thousand policies, spread over a year of expiries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from intake.sample.dice import Dice
from intake.sample.names import Name, firm, lithuanian, spanish
from intake.sample.people import HEAD, PEOPLE
from standards.working_time.local_time import shift_date

BEHIND = 137  # days: terms that ended longer ago have no part in the half year of history
COMPANIES = 0.27
SPANIARDS = 0.24

INSURERS = {
    "baltijos": ("Baltijos skydas", "LT"),
    "gintaro": ("Gintaro garantas", "LT"),
    "nemuno": ("Nemuno draudimo namai", "LT"),
    "meseta": ("Meseta Seguros", "ES"),
    "cantabria": ("Seguros del Cantábrico", "ES"),
}
LINES = {
    "motor": {"en": "Motor", "lt": "Transporto priemonių draudimas", "es": "Automóviles"},
    "property": {"en": "Property", "lt": "Turto draudimas", "es": "Hogar y propiedad"},
    "liability": {"en": "Liability", "lt": "Civilinės atsakomybės draudimas", "es": "Responsabilidad civil"},
    "travel": {"en": "Travel", "lt": "Kelionių draudimas", "es": "Viaje"},
    "health": {"en": "Health", "lt": "Sveikatos draudimas", "es": "Salud"},
    "life": {"en": "Life", "lt": "Gyvybės draudimas", "es": "Vida"},
    "cargo": {"en": "Cargo", "lt": "Krovinių draudimas", "es": "Mercancías"},
}
PREMIUMS = {
    "motor": (90, 620),
    "property": (60, 900),
    "liability": (120, 2_400),
    "travel": (15, 140),
    "health": (180, 1_600),
    "life": (240, 1_200),
    "cargo": (300, 4_800),
}
OF_PERSONS = (("motor", 44), ("property", 26), ("travel", 9), ("health", 8), ("life", 6), ("liability", 7))
OF_FIRMS = (("motor", 38), ("property", 24), ("liability", 18), ("cargo", 11), ("health", 9))
TIERS = (("standard", 92), ("vip", 8))
LITHUANIAN_TOWNS = ("Vilnius", "Kaunas", "Klaipėda", "Šiauliai", "Panevėžys", "Utena", "Ignalina", "Žagarė")
SPANISH_TOWNS = ("Madrid", "Ávila", "Logroño", "Alcalá de Henares", "Cáceres", "Móstoles")
PLATE_LETTERS = "ABCDEFGHJKLMNPRSTUVZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is of everything."""

    clients: int = 2_000
    policies: int = 6_000
    fleets: int = 40
    households: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client of the sample brokerage. `owner`: the login of the account manager, empty for a few."""

    number: str
    name: Name
    is_firm: bool
    is_spanish: bool
    region: str
    tier: str
    owner: str
    agrees: bool
    has_mandate: bool

    @property
    def email(self) -> str:
        """At a domain nobody has; every twelfth client has none."""
        return "" if int(self.number[1:]) % 12 == 0 else f"{self.number.lower()}@client.example"

    @property
    def phone(self) -> str:
        """A number nobody has."""
        prefix = "+34 600 00" if self.is_spanish else "+370 600 0"
        return f"{prefix}{int(self.number[1:]):04}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy with the term the story is about: the one that ends on `expires_on`."""

    number: str
    client: Client
    insurer: str
    line: str
    programme: str
    expires_on: date
    placed: str
    renews: str
    premium: int  # cents
    is_estimated: bool = False
    label: str = ""
    plate: str = ""

    @property
    def starts_on(self) -> date:
        """A year before it ends."""
        return shift_date(self.expires_on, months=-12)

    @property
    def is_worked(self) -> bool:
        """Whether the renewal process takes it."""
        return self.placed == "by_us" and self.renews == "by_offer" and bool(self.client.owner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Everything the sample brokerage has on its book."""

    monday: date
    clients: tuple[Client, ...]
    policies: tuple[Policy, ...]
    programmes: dict[str, tuple[str, str]] = field(default_factory=dict)  # number -> kind and name


def write_book(monday: date, dice: Dice, size: Size) -> Book:
    """The book as it stands on that Monday."""
    clients = tuple(_client(number, dice.fork(f"client {number}")) for number in range(1, size.clients + 1))
    programmes = _programmes(clients, size, dice.fork("programmes"))
    thrown = dice.fork("policies")
    holders = [client for client in clients for _ in range(_how_many(client, programmes, thrown))]
    while len(holders) < size.policies:
        holders.append(thrown.one_of(clients))
    policies = tuple(
        _policy(number, client, programmes, monday, thrown)
        for number, client in enumerate(holders[: size.policies], start=1)
    )
    named = {number: (kind, client.name.family or client.name.whole) for client, (number, kind) in programmes.items()}
    return Book(monday=monday, clients=clients, policies=policies, programmes=named)


def _client(number: int, dice: Dice) -> Client:
    is_firm, is_spanish = dice.chance(COMPANIES), dice.chance(SPANIARDS)
    name = firm(dice, is_spanish=is_spanish) if is_firm else spanish(dice) if is_spanish else lithuanian(dice)
    team = "madrid" if is_spanish else "corporate" if is_firm else "sales"
    owners = [
        (person.login, person.weekly_hours // (8 if person.login == HEAD else 1))
        for person in PEOPLE
        if person.team == team
    ]
    return Client(
        number=f"C{number:04}",
        name=name,
        is_firm=is_firm,
        is_spanish=is_spanish,
        region=dice.one_of(SPANISH_TOWNS if is_spanish else LITHUANIAN_TOWNS),
        tier=dice.weighted(TIERS),
        owner="" if dice.chance(0.01) else dice.weighted(owners),
        agrees=dice.chance(0.6),
        has_mandate=dice.chance(0.97),
    )


def _programmes(clients: tuple[Client, ...], size: Size, dice: Dice) -> dict[Client, tuple[str, str]]:
    """Fleets and households, each of one client."""
    found: dict[Client, tuple[str, str]] = {}
    for is_firm, letter, kind, count in ((True, "F", "fleet", size.fleets), (False, "H", "household", size.households)):
        possible = [client for client in clients if client.is_firm is is_firm]
        while sum(one == kind for _, one in found.values()) < count:
            found.setdefault(dice.one_of(possible), (f"{letter}{len(found) + 1:03}", kind))
    return found


def _how_many(client: Client, programmes: dict[Client, tuple[str, str]], dice: Dice) -> int:
    if client in programmes:
        return dice.between(6, 16) if client.is_firm else dice.between(3, 5)
    return dice.weighted(((1, 30), (2, 30), (3, 22), (4, 12), (5, 6))) if client.is_firm else dice.between(1, 4)


def _policy(number: int, client: Client, programmes: dict[Client, tuple[str, str]], monday: date, dice: Dice) -> Policy:
    line = dice.weighted(OF_FIRMS if client.is_firm else OF_PERSONS)
    programme, kind = programmes.get(client, ("", ""))
    if (kind, line) not in {("fleet", "motor"), ("household", "motor"), ("household", "property")}:
        programme = ""
    insurer = dice.weighted(_insurers(client))
    # The policies of a fleet or a household end together, none of them in the half year behind.
    day = Dice(int(client.number[1:])).between(BEHIND + 39, 364) if programme else dice.between(0, 364)
    placed = "elsewhere" if not programme and dice.chance(0.12) else "by_us"
    least, most = PREMIUMS[line]
    return Policy(
        number=f"{insurer[0].upper()}{number:06}",
        client=client,
        insurer=insurer,
        line=line,
        programme=programme,
        expires_on=monday + timedelta(days=day - BEHIND),
        placed=placed,
        renews=_renews(line, dice),
        premium=dice.between(least * 100, most * 100) * (3 if client.is_firm else 1),
        is_estimated=placed == "elsewhere" and dice.chance(0.4),
        label=_label(client, line),
        plate=_plate(client, dice) if line == "motor" else "",
    )


def _insurers(client: Client) -> tuple[tuple[str, int], ...]:
    if client.is_spanish:
        return (("meseta", 6), ("cantabria", 5), ("baltijos", 1))
    return (("baltijos", 5), ("gintaro", 4), ("nemuno", 3))


def _renews(line: str, dice: Dice) -> str:
    if line == "travel":
        return "no"
    return "automatically" if line in {"life", "health"} and dice.chance(0.5) else "by_offer"


def _label(client: Client, line: str) -> str:
    return {"property": client.region, "cargo": "Cargo"}.get(line, "")


def _plate(client: Client, dice: Dice) -> str:
    letters = "".join(dice.one_of(PLATE_LETTERS) for _ in range(3))
    return f"{dice.between(1, 9999):04} {letters}" if client.is_spanish else f"{letters} {dice.between(1, 999):03}"
