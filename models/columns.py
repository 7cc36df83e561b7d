"""The few kinds of columns every table is made of, and the naming of constraints."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Identity,
    MetaData,
    Numeric,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = JSONB(none_as_null=True)


class Moment(TypeDecorator[datetime]):
    """An instant: stored and returned in UTC; a moment without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: a moment needs one")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None


class Money(TypeDecorator[Decimal]):
    """An amount to the cent; its currency stands in the column beside it. Floats are refused."""

    impl = Numeric(16, 2)
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Decimal | int | None:
        if isinstance(value, float):
            raise TypeError(f"{value!r} is a float: money is Decimal")
        return value


def identity() -> Column[int]:
    """The table's own number."""
    return Column("id", BigInteger, Identity(), primary_key=True)


def link(
    name: str, target: str, *, nullable: bool = False, index: bool = False, ondelete: str | None = None
) -> Column[int]:
    """A foreign key to `target` ("table" means "table.id")."""
    return Column(name, BigInteger, ForeignKey(f"{target}.id", ondelete=ondelete), nullable=nullable, index=index)


def number(name: str, *, nullable: bool = True) -> Column[int]:
    """The id of a row elsewhere, without a foreign key (the reason stands in docs/decisions)."""
    return Column(name, BigInteger, nullable=nullable)


def text(name: str, *, nullable: bool = False, **kwargs: Any) -> Column[str]:
    """Text of any length."""
    return Column(name, Text, nullable=nullable, **kwargs)


def moment(name: str, *, nullable: bool = True, **kwargs: Any) -> Column[datetime]:
    """An instant in UTC."""
    return Column(name, Moment, nullable=nullable, **kwargs)


def money(name: str, *, nullable: bool = True) -> Column[Decimal]:
    """An amount in the currency of its row."""
    return Column(name, Money, nullable=nullable)


def coded(column: str, codes: type[StrEnum], *, or_null: bool = False) -> CheckConstraint:
    """The promise that a column holds only codes of the list."""
    listed = ", ".join(f"'{code.value}'" for code in codes)
    allowed = f"{column} IN ({listed})"
    return CheckConstraint(f"{column} IS NULL OR {allowed}" if or_null else allowed, name=f"{column}_code")


def not_before(first: str, second: str) -> CheckConstraint:
    """The promise that a dated row does not end before it begins."""
    return CheckConstraint(f"{second} IS NULL OR {second} >= {first}", name=f"{second}_not_before_{first}")
