"""What a person calls a subject: by policy number and client, never by taktas's own number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, any_, bindparam, func, select

from models import campaigns, contacts, contracts, definitions, history, parties, people, receivables, work
from tasks.facts.ground import GROUNDS

_Query = Select[*tuple[Any, ...]]
Subject = tuple[str, int]
"""Type and number."""


@dataclass(frozen=True, slots=True)
class SubjectName:
    """What a subject is called, and whose it is; `client` is empty where it is nobody's."""

    what: str
    client: str = ""

    def __str__(self) -> str:
        """Both: `policy P-1 to 2026-03-31, Ona Žukė`."""
        return f"{self.what}, {self.client}" if self.client else self.what


@dataclass(frozen=True, slots=True)
class _Naming:
    """How one type of subject is asked for (`id`, what its name is made of, and `client`) and called."""

    query: _Query
    call: Callable[[Any], str]


def names_of(db: Connection, subjects: Iterable[Subject]) -> dict[Subject, SubjectName]:
    """Each subject's name, one question for each type; what is not in the book is named as such."""
    wanted: dict[str, list[int]] = {}
    for kind, number in subjects:
        wanted.setdefault(kind, []).append(number)
    return {
        (kind, number): found.get(number, SubjectName(f"{_spoken(kind)} #{number} (not in the book)"))
        for kind, numbers in wanted.items()
        for found in (_named(db, kind, numbers),)
        for number in numbers
    }


def _named(db: Connection, kind: str, numbers: list[int]) -> Mapping[int, SubjectName]:
    naming = _NAMINGS.get(kind)
    if naming is None:
        return {}
    rows = db.execute(naming.query, {"ids": sorted(set(numbers))})
    return {row.id: SubjectName(naming.call(row), getattr(row, "client", None) or "") for row in rows}


def _spoken(word: str) -> str:
    return word.replace("_", " ")


def _of(*facts: object) -> str:
    return ", ".join(str(fact) for fact in facts if fact)


def _claim(row: Row[Any]) -> str:
    return _of(f"claim {row.number}", f"policy {row.policy}")


def _contact(row: Row[Any]) -> str:
    called = f"{_spoken(row.kind)} {row.number}" if row.number else _spoken(row.kind)
    return _of(called, f"{row.at:%Y-%m-%d}", row.policy and f"policy {row.policy}")


def _alert(row: Row[Any]) -> str:
    until = f"to {row.ends_on}" if row.ends_on else f"from {row.starts_on}"
    return _of(f"{_spoken(row.type)} {until}", row.policy and f"policy {row.policy}")


def _invoice(row: Row[Any]) -> str:
    called = _spoken(row.kind) if row.kind == "credit_note" else "invoice"
    return _of(f"{called} {row.number} of {row.issuer}", f"due {row.due_on}")


def _ids(column: Any) -> Any:
    return column == any_(bindparam("ids"))


_party, _policy, _term = parties.parties.c, contracts.policies.c, contracts.terms.c
_CLIENT = _party.name.label("client")


def _with_contract(table: Any, *columns: Any) -> _Query:
    """Of a table whose rows name a party, a term, or both: with the number of the policy and the client's name."""
    holder = parties.parties.alias("holder")
    return (
        select(table.c.id, *columns, _policy.number.label("policy"))
        .add_columns(func.coalesce(_party.name, holder.c.name).label("client"))
        .select_from(
            table.outerjoin(parties.parties, _party.id == table.c.party_id)
            .outerjoin(contracts.terms, _term.id == table.c.term_id)
            .outerjoin(contracts.policies, _policy.id == _term.policy_id)
            .outerjoin(holder, holder.c.id == _policy.client_id)
        )
        .where(_ids(table.c.id))
    )


_claims, _invoices, _contacts, _alerts = (
    contacts.claims,
    receivables.receivables,
    contacts.interactions,
    contacts.alerts,
)
_members, _programmes = campaigns.campaign_members, contracts.programmes
_imported = history.imported_cases
_period = GROUNDS["period"].table

_NAMINGS: dict[str, _Naming] = {
    "term": _Naming(
        select(_term.id, _policy.number, _term.expires_on, _CLIENT)
        .select_from(contracts.terms.join(contracts.policies).join(parties.parties, _party.id == _policy.client_id))
        .where(_ids(_term.id)),
        lambda row: f"policy {row.number} to {row.expires_on}",
    ),
    "policy": _Naming(
        select(_policy.id, _policy.number, _CLIENT)
        .join(parties.parties, _party.id == _policy.client_id)
        .where(_ids(_policy.id)),
        lambda row: f"policy {row.number}",
    ),
    "client": _Naming(
        select(_party.id, _party.number, _CLIENT).where(_ids(_party.id)),
        lambda row: f"client {row.number}",
    ),
    "programme": _Naming(
        select(*(_programmes.c[name] for name in ("id", "number", "kind", "name")), _CLIENT)
        .join(parties.parties, _party.id == _programmes.c.client_id)
        .where(_ids(_programmes.c.id)),
        lambda row: f"{_spoken(row.kind)} {row.number} {row.name}",
    ),
    "receivable": _Naming(
        select(
            *(_invoices.c[name] for name in ("id", "number", "issuer", "kind", "due_on")),
            _CLIENT,
        )
        .join(parties.parties, _party.id == _invoices.c.payer_id)
        .where(_ids(_invoices.c.id)),
        _invoice,
    ),
    "claim": _Naming(
        select(_claims.c.id, _claims.c.number, _policy.number.label("policy"), _CLIENT)
        .select_from(
            _claims.join(contracts.policies, _policy.id == _claims.c.policy_id).join(
                parties.parties, _party.id == _policy.client_id
            )
        )
        .where(_ids(_claims.c.id)),
        _claim,
    ),
    "interaction": _Naming(_with_contract(_contacts, _contacts.c.number, _contacts.c.kind, _contacts.c.at), _contact),
    "alert": _Naming(_with_contract(_alerts, _alerts.c.type, _alerts.c.starts_on, _alerts.c.ends_on), _alert),
    "campaign_member": _Naming(
        select(_members.c.id, campaigns.campaigns.c.code, _CLIENT)
        .select_from(
            _members.join(campaigns.campaigns, campaigns.campaigns.c.id == _members.c.campaign_id).join(
                parties.parties, _party.id == _members.c.party_id
            )
        )
        .where(_ids(_members.c.id)),
        lambda row: f"campaign {row.code}",
    ),
    "employee": _Naming(
        select(people.employees.c.id, people.employees.c.login, people.employees.c.name).where(
            _ids(people.employees.c.id)
        ),
        lambda row: f"{row.name} ({row.login})",
    ),
    "imported_case": _Naming(
        select(_imported.c.id, _imported.c.number).where(_ids(_imported.c.id)),
        lambda row: f"imported case {row.number}",
    ),
    "period": _Naming(select(_period.c.id, _period.c.name).where(_ids(_period.c.id)), lambda row: f"period {row.name}"),
    "case": _Naming(
        select(work.cases.c.id, definitions.processes.c.name)
        .join(definitions.processes, definitions.processes.c.id == work.cases.c.process_id)
        .where(_ids(work.cases.c.id)),
        lambda row: f"case {row.id}, {_spoken(row.name)}",
    ),
}
