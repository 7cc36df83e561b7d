"""Who the people of a log are: employees by login, by the names the mapping gives, or former ones made for the log."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, update

from core.clock import zone
from core.sorting import sort_key
from intake.history.history_mapping import HistoryMapping, Strangers
from models.people import employees, organisations
from tasks.handbooks.calendars import calendar_of

HOUSE = "house"
LONGEST_LOGIN = 200


class Staff:
    """Resource -> employee. Former employees are made as they are met; `leave` says when they left."""

    def __init__(self, db: Connection, mapping: HistoryMapping, *, at: datetime, language: str, may_write: bool):
        self._db, self._mapping, self._at, self._language = db, mapping, at, language
        self._may_write = may_write
        self._zone: ZoneInfo = zone(mapping.formats.zone)
        self._known: dict[str, int] = dict(db.execute(select(employees.c.login, employees.c.id)).all())
        self._calendars: dict[int | None, int] = {}
        self.made: dict[str, int] = {}
        self._seen: dict[int, tuple[date, date]] = {}

    def trouble(self, resource: str) -> str | None:
        """Why an event by that resource cannot go in."""
        if self._login(resource) in self._known or self._mapping.strangers is Strangers.MAKE_FORMER:
            return None
        return (
            f"nobody here has the login {self._login(resource)!r}; name them under employees: names, "
            "or say employees: {unknown: make former}"
        )

    def _login(self, resource: str) -> str:
        return (self._mapping.logins.get(resource) or resource.strip() or resource)[:LONGEST_LOGIN]

    def employee(self, resource: str | None, at: datetime) -> int | None:
        """Whose event it is, who worked here at that moment; None where the log names nobody."""
        if resource is None:
            return None
        login = self._login(resource)
        number = self._known.get(login)
        if number is None:
            number = self._known[login] = self.made[login] = self._make(login, resource)
        if login in self.made:
            day = at.astimezone(self._zone).date()
            first, last = self._seen.get(number, (day, day))
            self._seen[number] = min(first, day), max(last, day)
        return number

    def _make(self, login: str, resource: str) -> int:
        if not self._may_write:
            return -1 - len(self.made)
        name = resource.strip() or resource
        left = self._at.astimezone(self._zone).date() - timedelta(days=1)
        row = {
            "organisation_id": self._house(),
            "login": login,
            "name": name,
            "sort_key": sort_key(name, self._language),
            "language": self._language,
            "left_on": left,
        }
        return int(self._db.execute(insert(employees).values(row).returning(employees.c.id)).scalar_one())

    def _house(self) -> int:
        found = self._db.scalar(select(organisations.c.id).where(organisations.c.kind == HOUSE).order_by("id").limit(1))
        if found is not None:
            return int(found)
        row = insert(organisations).values(code=HOUSE, name="House", kind=HOUSE).returning(organisations.c.id)
        return int(self._db.execute(row).scalar_one())

    def calendar(self, employee_id: int | None) -> int:
        """The version of the calendar somebody's working time is told by."""
        found = self._calendars.get(employee_id)
        if found is None:
            is_made = employee_id in self.made.values()
            asked = None if is_made else employee_id
            found = self._calendars[employee_id] = calendar_of(self._db, employee_id=asked)[0]
        return found

    def leave(self) -> None:
        """Write when those who were made joined and left: with their first and last event."""
        yesterday = self._at.astimezone(self._zone).date() - timedelta(days=1)
        for number, (first, last) in self._seen.items():
            left = min(last, yesterday)
            values = {"joined_on": min(first, left), "left_on": left}
            self._db.execute(update(employees).where(employees.c.id == number).values(values))
