"""Recording the renewed cover: the next term of the policy, or the first of the policy that replaces it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, literal, or_, select

from core.errors import TaktasError
from models import contracts
from models.contracts import Placed, Stage
from standards.process import Step
from tasks.advancing.course import Course, Enter, Take
from tasks.advancing.history import Place
from tasks.advancing.next_term import dates_after
from tasks.beat import happening
from tasks.facts.case_facts import answers_of, forget, read
from tasks.facts.members import entity_id

_AMOUNTS = ("premium_net", "premium_tax", "premium_levies", "premium_gross")


class NoTermToRenew(TaktasError):
    """A case that is about no term cannot record the next one."""


class TermAlreadyRenewed(TaktasError):
    """There is a next term already."""


def come_to_record(course: Course, step: Step, place: Place, _entering: Enter) -> None:
    """Write the next term, bound now, and go on. Raises: NoTermToRenew, TermAlreadyRenewed, UnknownInsurer."""
    term_id = record_next_term(course, step.records, place)
    forget(course)
    course.note("step.passed", place, term_id=term_id)
    course.agenda.append(Take(place, step.goes_on))


def record_next_term(course: Course, records: Mapping[str, str], place: Place) -> int:
    """Write the next term from facts of this case; what it is not told is as in the term before. Returns its number."""
    old = _old_term(course)
    told = _told(course, records, place)
    policy_id = _policy(course, old, told)
    new_id: int = course.db.execute(
        insert(contracts.terms).values(_row(course, old, told, policy_id)).returning(contracts.terms.c.id)
    ).scalar_one()
    starts_on = told.get("starts_on") or dates_after(old.starts_on, old.expires_on)[0]
    _carry_over(course.db, old.id, new_id, starts_on)
    happening.report(
        course.db,
        kind="term.bound",
        subject_type="term",
        subject_id=new_id,
        at=course.at,
        key=f"term.bound:{new_id}",
        data={"renewed_term_id": old.id, "case_id": course.case.id},
    )
    return new_id


def _old_term(course: Course) -> Row[Any]:
    case = course.case
    term_id = entity_id(course.db, case.subject_type, case.subject_id, "term", course.at)
    old = course.db.execute(_TERM, {"term_id": term_id}).first()
    if old is None:
        raise NoTermToRenew(
            f"Case {case.id} cannot record a next term, because it is about no term. "
            f"Take the step out of {course.process.name}, or start the process for a term."
        )
    if course.db.execute(_NEXT, {"term_id": old.id}).scalar() is not None:
        raise TermAlreadyRenewed(
            f"Case {case.id} cannot record the next term of policy {old.number}, because there is one already. "
            "Look at the policy; if this case is the mistake, void it."
        )
    return old


def _told(course: Course, records: Mapping[str, str], place: Place) -> dict[str, Any]:
    facts = read(course, records.values(), place.member)
    told = {name: facts[path] for name, path in records.items() if facts[path] is not None}
    if "currency" not in told:
        told |= _currency_given(course, records)
    return told


def _currency_given(course: Course, records: Mapping[str, str]) -> dict[str, Any]:
    """The currency in which an answered amount was given."""
    for name in _AMOUNTS:
        answer = answers_of(course).get(records.get(name, "").removeprefix("case."))
        if isinstance(answer, dict):
            return {"currency": answer["currency"]}
    return {}


def _policy(course: Course, old: Row[Any], told: Mapping[str, Any]) -> int:
    """The policy of the next term: the same, or that of the number and insurer it was told."""
    number = told.get("policy_number") or old.number
    insurer_id = _insurer(course.db, told["insurer"]) if told.get("insurer") else old.insurer_id
    if (number, insurer_id) == (old.number, old.insurer_id):
        policy_id: int = old.policy_id
        return policy_id
    known = course.db.execute(_POLICY, {"number": number, "insurer_id": insurer_id}).scalar()
    if known is not None:
        return int(known)
    row = {
        "client_id": old.client_id,
        "insurer_id": insurer_id,
        "product_line_id": old.product_line_id,
        "product_id": old.product_id if insurer_id == old.insurer_id else None,
        "programme_id": old.programme_id,
        "channel": old.channel,
        "number": number,
        "first_started_on": told.get("starts_on") or dates_after(old.starts_on, old.expires_on)[0],
    }
    created: int = course.db.execute(
        insert(contracts.policies).values(row).returning(contracts.policies.c.id)
    ).scalar_one()
    return created


class UnknownInsurer(TaktasError):
    """An insurer's code that the book does not have."""


def _insurer(db: Connection, code: str) -> int:
    found = db.execute(select(contracts.insurers.c.id).where(contracts.insurers.c.code == code)).scalar()
    if found is None:
        raise UnknownInsurer(f"The book has no insurer {code!r}. Import it first, or choose one it has.")
    return int(found)


def _row(course: Course, old: Row[Any], told: Mapping[str, Any], policy_id: int) -> dict[str, Any]:
    starts_on, expires_on = dates_after(old.starts_on, old.expires_on)
    amounts = (
        {name: told.get(name) for name in _AMOUNTS}
        if _names_a_premium(told)
        else {n: getattr(old, n) for n in _AMOUNTS}
    )
    return {
        "policy_id": policy_id,
        "sequence": course.db.execute(_SEQUENCE, {"policy_id": policy_id}).scalar_one(),
        "starts_on": told.get("starts_on", starts_on),
        "expires_on": told.get("expires_on", expires_on),
        "placed": Placed.BY_US.value,
        "renews": old.renews,
        "renewed_term_id": old.id,
        "stage": Stage.BOUND.value,
        "accepted_at": course.at,
        "bound_at": course.at,
        **amounts,
        "premium_period": told.get("premium_period", old.premium_period or "term"),
        "currency": told.get("currency", old.currency),
        "instalments": told.get("instalments", old.instalments),
    }


def _names_a_premium(told: Mapping[str, Any]) -> bool:
    return any(isinstance(told.get(name), Decimal) for name in _AMOUNTS)


def _carry_over(db: Connection, old_id: int, new_id: int, starts_on: date) -> None:
    """People in their roles and insured objects go on into the next term, but those whose time is over."""
    for table, until in ((contracts.party_roles, "until"), (contracts.insured_objects, "covered_to")):
        kept = [c for c in table.c if c.name not in {"id", "term_id", "insured_object_id", until}]
        rows = select(literal(new_id), *kept).where(
            table.c.term_id == old_id, or_(table.c[until].is_(None), table.c[until] >= starts_on)
        )
        db.execute(insert(table).from_select(["term_id", *(c.name for c in kept)], rows))


_term, _policy_of = contracts.terms, contracts.policies
_TERM = (
    select(
        _term,
        *(
            _policy_of.c[name]
            for name in (
                "number",
                "client_id",
                "insurer_id",
                "product_line_id",
                "product_id",
                "programme_id",
                "channel",
            )
        ),
    )
    .join_from(_term, _policy_of, _policy_of.c.id == _term.c.policy_id)
    .where(_term.c.id == bindparam("term_id"))
    .with_for_update(of=_term)  # of two cases that renew one term, the second sees the first one's
)
_NEXT = select(_term.c.id).where(_term.c.renewed_term_id == bindparam("term_id")).limit(1)
_SEQUENCE = select(func.coalesce(func.max(_term.c.sequence), 0) + 1).where(_term.c.policy_id == bindparam("policy_id"))
_POLICY = select(_policy_of.c.id).where(
    _policy_of.c.number == bindparam("number"), _policy_of.c.insurer_id == bindparam("insurer_id")
)
