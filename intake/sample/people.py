"""The people of the sample brokerage: twelve in three teams, good at different things, and away now and then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from intake.sample.dice import Dice

TEAMS = {"sales": "Private clients", "corporate": "Companies", "madrid": "Madrid desk"}
HEAD = "ona"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who works here. `on_time`, `success`: the shares of their work that is, on the whole, so."""

    login: str
    name: str
    language: str
    team: str
    joined_on: date
    on_time: float
    success: float
    is_lead: bool = False
    weekly_hours: int = 40
    calendar: str = ""
    substitute: str = ""

    @property
    def email(self) -> str:
        """At a domain nobody has."""
        return f"{self.login}@house.example"

    @property
    def manager(self) -> str:
        """The lead of the team; of a lead, the head of the house."""
        leads = {person.team: person.login for person in PEOPLE if person.is_lead}
        return "" if self.login == HEAD else HEAD if self.is_lead else leads[self.team]


PEOPLE = (
    Person(
        login="ona", name="Ona Čepulienė", language="en", team="sales", joined_on=date(2012, 3, 1),
        on_time=0.92, success=0.85, is_lead=True, substitute="rasa",
    ),
    Person(
        login="rasa", name="Rasa Žukauskaitė", language="lt", team="sales", joined_on=date(2016, 9, 5),
        on_time=0.95, success=0.88, substitute="egle",
    ),
    Person(
        login="egle", name="Eglė Ąžuolaitienė", language="lt", team="sales", joined_on=date(2018, 2, 12),
        on_time=0.86, success=0.83, weekly_hours=32, calendar="four_days", substitute="rasa",
    ),
    Person(
        login="tomas", name="Tomas Ylakis", language="lt", team="sales", joined_on=date(2021, 6, 1),
        on_time=0.74, success=0.76, calendar="late_shift", substitute="mindaugas",
    ),
    Person(
        login="mindaugas", name="Mindaugas Šatas", language="lt", team="sales", joined_on=date(2023, 10, 2),
        on_time=0.60, success=0.64, substitute="tomas",
    ),
    Person(
        login="jurgis", name="Jurgis Stankevičius", language="lt", team="corporate", joined_on=date(2013, 1, 7),
        on_time=0.90, success=0.90, is_lead=True, substitute="dalia",
    ),
    Person(
        login="dalia", name="Dalia Vaitkienė", language="lt", team="corporate", joined_on=date(2017, 4, 3),
        on_time=0.88, success=0.84, substitute="jurgis",
    ),
    Person(
        login="andrius", name="Andrius Lapėnas", language="en", team="corporate", joined_on=date(2020, 8, 17),
        on_time=0.70, success=0.82, substitute="viktorija",
    ),
    Person(
        login="viktorija", name="Viktorija Pociūtė", language="lt", team="corporate", joined_on=date(2024, 5, 6),
        on_time=0.82, success=0.72, substitute="andrius",
    ),
    Person(
        login="ines", name="Inés Núñez Cano", language="es", team="madrid", joined_on=date(2019, 1, 14),
        on_time=0.93, success=0.86, is_lead=True, calendar="spain", substitute="javier",
    ),
    Person(
        login="javier", name="Javier Ibáñez Luna", language="es", team="madrid", joined_on=date(2022, 3, 21),
        on_time=0.78, success=0.80, calendar="spain", substitute="ines",
    ),
    Person(
        login="lucia", name="Lucía Peña Güell", language="es", team="madrid", joined_on=date(2025, 2, 3),
        on_time=0.66, success=0.70, calendar="spain", substitute="javier",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """An absence of whole days, the last one included."""

    login: str
    first: date
    last: date
    kind: str


def absences(monday: date, dice: Dice) -> list[Away]:
    """A fortnight of holiday each in the half year behind, some sickness, and two people away this very week."""
    found = [
        Away(login="mindaugas", first=monday - timedelta(days=7), last=monday + timedelta(days=4), kind="holiday"),
        Away(login="javier", first=monday, last=monday + timedelta(days=1), kind="training"),
    ]
    for person in PEOPLE:
        own = dice.fork(f"away {person.login}")
        first = monday - timedelta(days=7 * own.between(4, 22))
        found.append(Away(login=person.login, first=first, last=first + timedelta(days=11), kind="holiday"))
        if own.chance(0.5):
            ill = monday - timedelta(days=7 * own.between(23, 25) - own.between(0, 3))
            found.append(Away(login=person.login, first=ill, last=ill + timedelta(days=2), kind="sickness"))
        ahead = monday + timedelta(days=7 * own.between(2, 9))
        found.append(Away(login=person.login, first=ahead, last=ahead + timedelta(days=4), kind="holiday"))
    return sorted(found, key=lambda away: (away.login, away.first))
