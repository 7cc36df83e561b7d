"""What a field, a subject, a list of members and a happening are, before any of them is named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LANGUAGES = ("en", "lt", "es")
"""The languages every label of the product is written in."""

Labels = dict[str, str]


class FieldType(StrEnum):
    """What kind of value a field holds; it decides which comparisons make sense."""

    TEXT = "text"
    CODE = "code"  # one of a list
    CODES = "codes"  # several of a list
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    MOMENT = "moment"
    YES_NO = "yes_no"
    PERSON = "person"  # somebody who works here

    @property
    def is_anchor(self) -> bool:
        """Whether time can be counted from such a field."""
        return self in {FieldType.DATE, FieldType.MOMENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One named fact. `codes` are those taktas itself knows; `code_list` names the list that holds their labels.

    A code list without `codes` is the house's own: in its lists file, or (insurers, product lines …) in its book.
    `is_computed` tells apart what is worked out from other rows from what stands in a column of its name.
    """

    path: str
    type: FieldType
    labels: Labels
    is_personal: bool = False
    is_settable: bool = False
    is_computed: bool = False
    codes: tuple[str, ...] = ()
    code_list: str = ""

    @property
    def entity(self) -> str:
        """The part of the path before the dot."""
        return self.path.partition(".")[0]

    @property
    def name(self) -> str:
        """The part of the path after the dot."""
        return self.path.partition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A kind of thing with fields; `subject` is the type of subject it is, when a case can be about it."""

    name: str
    labels: Labels
    subject: str | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a case can be about: which entities its fields may come from, and which cycles it can have."""

    type: str
    reaches: tuple[str, ...]
    cycles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A list that hangs on an entity; `member` is the subject type of its members, None when no case can be about one.

    A campaign's members, for example: one task or one sub-process for each.
    """

    path: str
    member: str | None
    labels: Labels

    @property
    def entity(self) -> str:
        """What the list hangs on."""
        return self.path.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class HappeningKind:
    """Something that can befall a subject of one of the given types; no type means any."""

    kind: str
    subjects: tuple[str, ...]
    labels: Labels


def labels_of(english: str, lithuanian: str, spanish: str) -> Labels:
    """One label in every language of the product."""
    return dict(zip(LANGUAGES, (english, lithuanian, spanish), strict=True))


Row = tuple[str, FieldType, str, str, str] | tuple[str, FieldType, str, str, str, dict[str, object]]


def entity_of(name: str, subject: str | None, labels: Labels, rows: Iterable[Row]) -> Entity:
    """An entity from rows of name, type, label in each language and, where there are any, further facts."""
    fields = tuple(_field(name, row) for row in rows)
    return Entity(name=name, labels=labels, subject=subject, fields=fields)


def _field(entity: str, row: Row) -> Field:
    name, kind, english, lithuanian, spanish = row[:5]
    more = row[5] if len(row) == 6 else {}
    return Field(path=f"{entity}.{name}", type=kind, labels=labels_of(english, lithuanian, spanish), **more)  # type: ignore[arg-type]  # the facts of a row are named after the fields of Field


def renamed(entity: Entity, name: str, labels: Labels) -> Entity:
    """The same kind of thing in another role: the payer is a party like the client."""
    fields = tuple(
        Field(
            path=f"{name}.{field.name}",
            type=field.type,
            labels=field.labels,
            is_personal=field.is_personal,
            is_settable=field.is_settable,
            is_computed=field.is_computed,
            codes=field.codes,
            code_list=field.code_list,
        )
        for field in entity.fields
    )
    return Entity(name=name, labels=labels, subject=entity.subject, fields=fields)
