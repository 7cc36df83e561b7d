"""From a path of the field catalogue to SQL: an expression and the joins it needs, for each type of subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Integer,
    Select,
    Text,
    cast,
    func,
    literal,
    null,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from core.errors import TaktasError, did_you_mean
from models import people
from models.columns import Moment, Money
from standards.catalogue import FIELDS, FieldType, fields_of
from standards.condition import Plain
from standards.service.standard import Dimension, Dimensions
from tasks.facts.computed import BY_NUMBER, BY_ROW, PEOPLE, AsOf
from tasks.facts.ground import GROUNDS, SAME_AS

Fact = Plain | tuple[str, ...] | None

LINKED_CODES = {
    "policy.product_line": ("product_line", "code"),
    "policy.product": ("product", "code"),
    "policy.insurer": ("insurer", "code"),
    "policy.programme": ("programme", "number"),
    "campaign.product_line": ("product_line", "code"),
}
"""Fields that show the code of a linked row."""

LINKED_PEOPLE = {
    "employee.manager": "manager_id",
    "campaign.owner": "owner_id",
    "interaction.employee": "employee_id",
}
"""Fields that name an employee by a column of their own row."""

DIMENSION_PATHS: dict[Dimension, tuple[str, ...]] = {
    Dimension.PRODUCT_LINE: ("product_line.code",),
    Dimension.CLIENT_KIND: ("client.kind",),
    Dimension.CLIENT_TIER: ("client.tier",),
    Dimension.CLIENT_STANDING: ("client.standing",),
    Dimension.INSURER: ("insurer.code",),
    Dimension.CHANNEL: ("policy.channel", "client.channel"),
    Dimension.CAMPAIGN: ("campaign.code",),
}
"""Where a task's dimensions come from: the first of the paths that has a value. The others follow from its step."""


_SQL_TYPES: dict[FieldType, Any] = {
    FieldType.TEXT: Text,
    FieldType.CODE: Text,
    FieldType.CODES: ARRAY(Text),
    FieldType.NUMBER: Integer,
    FieldType.MONEY: Money,
    FieldType.DATE: Date,
    FieldType.MOMENT: Moment,
    FieldType.YES_NO: Boolean,
    FieldType.PERSON: Text,
}


class FieldOutOfReach(TaktasError):
    """A path that cannot be followed from such a subject."""


class Reading:
    """What is asked about subjects of one type, as of one moment: expressions by path, and the joins they need.

    A reading is for one statement: ask for the expressions first, then select them from `source`.
    """

    def __init__(self, subject_type: str, as_of: datetime) -> None:
        """Raises: FieldOutOfReach for a type of subject there is not."""
        if subject_type not in GROUNDS:
            hint = did_you_mean(subject_type, GROUNDS) or "."
            raise FieldOutOfReach(f"No case can be about {subject_type!r}{hint} Subjects are {', '.join(GROUNDS)}.")
        self.subject_type = subject_type
        self.as_of = AsOf.of(as_of)
        self._ground = GROUNDS[subject_type]
        self._rows: dict[str, FromClause] = {self._ground.entity: self._ground.table.alias(subject_type)}
        self._people: dict[str, ColumnElement[Any]] = {}
        self.source: FromClause = self._rows[self._ground.entity]

    @property
    def subject_id(self) -> ColumnElement[int]:
        """The subject's own number."""
        return self._rows[self._ground.entity].c.id

    @property
    def client_id(self) -> ColumnElement[Any]:
        """The client the subject belongs to; NULL for one that belongs to none."""
        return self.id_of("client") if self.reaches("client") else cast(null(), BigInteger)

    def reaches(self, entity: str) -> bool:
        """Whether such an entity can be come to from the subject."""
        entity = SAME_AS.get(entity, entity)
        return entity == self._ground.entity or entity in self._ground.links

    def row(self, entity: str) -> FromClause:
        """The row of that entity, joined when it is first asked for. Raises: FieldOutOfReach."""
        entity = SAME_AS.get(entity, entity)
        if entity not in self._rows:
            if not self.reaches(entity):
                raise self._out_of_reach(entity)
            link = self._ground.links[entity]
            for needed in link.needs:
                self.row(needed)
            joined = link.table.alias(entity)
            self.source = self.source.outerjoin(joined, joined.c[link.on] == link.key(self._rows))
            self._rows[entity] = joined
        return self._rows[entity]

    def id_of(self, entity: str) -> ColumnElement[Any]:
        """The number of that entity's row, without joining it where a row before it knows. Raises: FieldOutOfReach."""
        entity = SAME_AS.get(entity, entity)
        link = self._ground.links.get(entity)
        if link is None or link.on != "id":
            return self.row(entity).c[link.on if link is not None else "id"]
        for needed in link.needs:
            self.row(needed)
        return link.key(self._rows)

    def value(self, path: str) -> ColumnElement[Any]:
        """The field's value, NULL where it has none; of a person the login. Raises: FieldOutOfReach."""
        return self._person_as("login", path) if self._is_person(path) else self._plain(path)

    def shown(self, path: str) -> ColumnElement[Any]:
        """The field's value as letters and titles show it: of a person the name. Raises: FieldOutOfReach."""
        return self._person_as("name", path) if self._is_person(path) else self._plain(path)

    def _is_person(self, path: str) -> bool:
        known = fields_of(self.subject_type)
        if path not in known:
            raise self._out_of_reach(path)
        return known[path].type is FieldType.PERSON

    def _person_as(self, column: str, path: str) -> ColumnElement[Any]:
        employee = people.employees.c
        return select(employee[column]).where(employee.id == self.person(path)).scalar_subquery()

    def _plain(self, path: str) -> ColumnElement[Any]:
        entity, _, name = path.partition(".")
        common = f"client.{name}" if entity in {"policyholder", "payer"} else path
        if entity in {"case", "member"}:
            return cast(null(), _SQL_TYPES[FIELDS[path].type])  # there is no case yet where subjects are read
        if common in BY_NUMBER:
            return BY_NUMBER[common](self.id_of(entity), self.as_of)
        if common in BY_ROW:
            return BY_ROW[common](self.row(entity), self.as_of)
        if path == "employee.team":
            return self._team(self.row(entity))
        linked = LINKED_CODES.get(path, (entity, name))
        return self.row(linked[0]).c[linked[1]]

    @staticmethod
    def _team(employee: FromClause) -> ColumnElement[Any]:
        team = people.teams.c
        return select(team.code).where(team.id == employee.c.team_id).scalar_subquery()

    def person(self, path: str) -> ColumnElement[Any]:
        """The number of the employee a field names, NULL where it names none. Raises: FieldOutOfReach."""
        entity, _, name = path.partition(".")
        common = f"client.{name}" if entity in {"policyholder", "payer"} else path
        if common in PEOPLE:
            return self._responsible(path, PEOPLE[common](self.id_of(entity), self.as_of))
        if path in LINKED_PEOPLE:
            return self.row(entity).c[LINKED_PEOPLE[path]]
        if path == "case.owner":
            return cast(null(), BigInteger)
        raise self._out_of_reach(path)

    def _responsible(self, path: str, query: Select[int]) -> ColumnElement[Any]:
        """Looked up once for each subject, however often the path is named."""
        if path not in self._people:
            found = query.lateral(path.replace(".", "_"))
            self.source = self.source.outerjoin(found, true())
            self._people[path] = found.c[0]
        return self._people[path]

    def dimensions(self) -> dict[Dimension, ColumnElement[str]]:
        """The dimensions that follow from the subject, '' where there is none."""
        return {dimension: self._first_known(paths) for dimension, paths in DIMENSION_PATHS.items()}

    def _first_known(self, paths: Sequence[str]) -> ColumnElement[str]:
        known = [self.value(path) for path in paths if self.reaches(path.partition(".")[0])]
        return func.coalesce(*known, literal("")) if known else literal("")

    def _out_of_reach(self, path: str) -> FieldOutOfReach:
        hint = did_you_mean(path, fields_of(self.subject_type)) or "."
        return FieldOutOfReach(f"A {self.subject_type} has no {path!r}{hint}")


def facts(db: Connection, subject_type: str, subject_id: int, paths: Iterable[str], as_of: datetime) -> dict[str, Fact]:
    """The values of these fields for one subject, None where it has none; of a person the name.

    What belongs to a case (`case.*`) is not read here. Raises: FieldOutOfReach.
    """
    wanted = tuple(paths)
    return facts_of_many(db, subject_type, [subject_id], wanted, as_of).get(subject_id, dict.fromkeys(wanted))


def facts_of_many(
    db: Connection, subject_type: str, subject_ids: Sequence[int], paths: Iterable[str], as_of: datetime
) -> dict[int, dict[str, Fact]]:
    """`facts` for several subjects in one statement, by their number; those that do not exist are left out."""
    reading = Reading(subject_type, as_of)
    wanted = tuple(dict.fromkeys(paths))
    columns = [reading.shown(path).label(f"field_{place}") for place, path in enumerate(wanted)]
    statement = select(reading.subject_id, *columns).select_from(reading.source)
    found = db.execute(statement.where(_among(reading.subject_id, subject_ids)))
    return {row[0]: dict(zip(wanted, map(_fact, row[1:]), strict=True)) for row in found}


def _among(number: ColumnElement[int], wanted: Sequence[int]) -> ColumnElement[bool]:
    return number == wanted[0] if len(wanted) == 1 else number == func.any(list(wanted))


def _fact(value: object) -> Fact:
    return tuple(value) if isinstance(value, list) else value  # type: ignore[return-value]  # the columns are typed


def people_of(
    db: Connection, subject_type: str, subject_id: int, paths: Iterable[str], as_of: datetime
) -> dict[str, int | None]:
    """The numbers of the employees these fields name, for one subject. Raises: FieldOutOfReach."""
    reading = Reading(subject_type, as_of)
    wanted = tuple(dict.fromkeys(paths))
    columns = [reading.person(path).label(f"person_{place}") for place, path in enumerate(wanted)]
    statement = select(reading.subject_id, *columns).select_from(reading.source)
    row = db.execute(statement.where(reading.subject_id == subject_id)).first()
    return dict(zip(wanted, row[1:], strict=True)) if row else dict.fromkeys(wanted)


def dimensions_of(
    db: Connection, subject_type: str, subject_id: int, *, action: str, process: str, step: str, as_of: datetime
) -> Dimensions:
    """The one value each dimension has for a task about that subject."""
    reading = Reading(subject_type, as_of)
    found = reading.dimensions()
    statement = select(*(column.label(name.value) for name, column in found.items())).select_from(reading.source)
    row = db.execute(statement.where(reading.subject_id == subject_id)).mappings().first()
    return Dimensions(action=action, process=process, step=step, **(row or {}))


def client_and_campaign(
    db: Connection, subject_type: str, subject_id: int, as_of: datetime
) -> tuple[int | None, int | None]:
    """The client a subject belongs to and the campaign it is part of, by number."""
    reading = Reading(subject_type, as_of)
    campaign = reading.id_of("campaign") if reading.reaches("campaign") else null()
    columns = (reading.client_id.label("client_id"), campaign.label("campaign_id"))
    statement = select(*columns).select_from(reading.source).where(reading.subject_id == subject_id)
    row = db.execute(statement).first()
    return (row.client_id, row.campaign_id) if row else (None, None)
