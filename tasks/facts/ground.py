"""How one comes from a subject to the rows its fields stand in: from the term to its policy, client and insurer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, FromClause, Integer, Select, cast, func, select, union_all
from sqlalchemy import column as named
from sqlalchemy import text as sql

from models import campaigns, contacts, contracts, history, parties, people, receivables
from tasks.record.cycle import CALENDAR

Rows = Mapping[str, FromClause]
Key = Callable[[Rows], ColumnElement[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One entity reached from others: its table, and the value its column `on` has there."""

    table: FromClause
    needs: tuple[str, ...]
    key: Key
    on: str = "id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A type of subject: its own table, the entity that is, and every other entity with the way to it."""

    table: FromClause
    entity: str
    links: Mapping[str, Link]


def _by(entity: str, column: str) -> Key:
    return lambda rows: rows[entity].c[column]


def _first_of(*places: tuple[str, str]) -> Key:
    return lambda rows: func.coalesce(*(rows[entity].c[column] for entity, column in places))


def _one(table: FromClause, entity: str, column: str) -> Link:
    return Link(table=table, needs=(entity,), key=_by(entity, column))


def _periods() -> FromClause:
    """Every year, quarter and month of two centuries, under the number its cycle has: there is no table of them."""
    return union_all(*(_periods_of(cycle) for cycle in CALENDAR)).subquery("periods")


def _periods_of(cycle: str) -> Select[*tuple[Any, ...]]:
    span = sql({"year": "interval '1 year'", "quarter": "interval '3 months'", "month": "interval '1 month'"}[cycle])
    series = func.generate_series(sql("timestamp '1950-01-01'"), sql("timestamp '2149-12-01'"), span)
    first = series.table_valued(named("first", DateTime)).render_derived().c.first
    year = func.date_part("year", first)
    number, shape = {
        "year": (year, "YYYY"),
        "quarter": (year * 10 + func.date_part("quarter", first), '"Q"Q YYYY'),
        "month": (year * 100 + func.date_part("month", first), "YYYY-MM"),
    }[cycle]
    return select(
        cast(number, Integer).label("id"),
        func.to_char(first, shape).label("name"),
        cast(first, Date).label("starts_on"),
        cast(first + span - sql("interval '1 day'"), Date).label("ends_on"),
    )


_OF_POLICY = {
    "product_line": _one(contracts.product_lines, "policy", "product_line_id"),
    "product": _one(contracts.products, "policy", "product_id"),
    "insurer": _one(contracts.insurers, "policy", "insurer_id"),
    "programme": _one(contracts.programmes, "policy", "programme_id"),
    "client": _one(parties.parties, "policy", "client_id"),
}
_OF_TERM = {"policy": _one(contracts.policies, "term", "policy_id")} | _OF_POLICY


def _client_of_either(entity: str, column: str) -> dict[str, Link]:
    """The client of the contract, else the party the subject itself names."""
    key = _first_of(("policy", "client_id"), (entity, column))
    return {"client": Link(table=parties.parties, needs=("policy", entity), key=key)}


def _with_term(entity: str) -> dict[str, Link]:
    return {"term": _one(contracts.terms, entity, "term_id")} | _OF_TERM


_INSURER_OF_RECEIVABLE = Link(
    table=contracts.insurers,
    needs=("policy", "receivable"),
    key=_first_of(("receivable", "insurer_id"), ("policy", "insurer_id")),
)
_RECEIVABLE = (
    _with_term("receivable")
    | _client_of_either("receivable", "payer_id")
    | {"payer": _one(parties.parties, "receivable", "payer_id"), "insurer": _INSURER_OF_RECEIVABLE}
)
_COMPLAINT = Link(table=contacts.complaints, needs=("interaction",), key=_by("interaction", "id"), on="interaction_id")
_INTERACTION = _with_term("interaction") | _client_of_either("interaction", "party_id") | {"complaint": _COMPLAINT}
_MEMBER = {
    "campaign": _one(campaigns.campaigns, "campaign_member", "campaign_id"),
    "product_line": _one(contracts.product_lines, "campaign", "product_line_id"),
    "client": _one(parties.parties, "campaign_member", "party_id"),
}
_PROGRAMME = {"client": _one(parties.parties, "programme", "client_id")}
_CLAIM = {"policy": _one(contracts.policies, "claim", "policy_id")} | _OF_POLICY
_ALERT = _with_term("alert") | _client_of_either("alert", "party_id")

GROUNDS: dict[str, Ground] = {
    "term": Ground(table=contracts.terms, entity="term", links=_OF_TERM),
    "policy": Ground(table=contracts.policies, entity="policy", links=_OF_POLICY),
    "client": Ground(table=parties.parties, entity="client", links={}),
    "programme": Ground(table=contracts.programmes, entity="programme", links=_PROGRAMME),
    "receivable": Ground(table=receivables.receivables, entity="receivable", links=_RECEIVABLE),
    "claim": Ground(table=contacts.claims, entity="claim", links=_CLAIM),
    "interaction": Ground(table=contacts.interactions, entity="interaction", links=_INTERACTION),
    "alert": Ground(table=contacts.alerts, entity="alert", links=_ALERT),
    "campaign_member": Ground(table=campaigns.campaign_members, entity="campaign_member", links=_MEMBER),
    "employee": Ground(table=people.employees, entity="employee", links={}),
    "period": Ground(table=_periods(), entity="period", links={}),
    "imported_case": Ground(table=history.imported_cases, entity="imported_case", links={}),
}

SAME_AS = {"policyholder": "client"}
"""Entities that are another one under a second name."""
