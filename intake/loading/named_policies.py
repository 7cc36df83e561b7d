"""Rows that name a policy by its number, and perhaps its insurer: which policy is meant, and which of its terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from intake.loading.cargo import Loading
from models.contracts import insurers, policies, terms


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPolicy:
    """A policy's number is unique with one insurer only, so a row may have to name the insurer in `insurer_path`."""

    loading: Loading
    insurer_path: str

    @property
    def _insurer(self) -> ColumnElement[Any]:
        column: ColumnElement[Any] = self.loading.staged.c[self.insurer_path.replace(".", "_")]
        return column

    def is_it(self) -> ColumnElement[bool]:
        """Whether a policy is the one a row names."""
        of_insurer = exists(select(1).where(insurers.c.id == policies.c.insurer_id, insurers.c.code == self._insurer))
        number = self.loading.staged.c.policy_number
        return and_(policies.c.number == number, or_(self._insurer.is_(None), of_insurer))

    def refuse_unclear(self) -> None:
        """Rows whose policy is not there, or may be one of several, do not go in."""
        staged = self.loading.staged
        self.loading.refuse_unknown(
            "policy_number", policies.c.number, "policy with the number", "Import policies first."
        )
        fitting = (
            select(staged.c.row, func.count(policies.c.id).label("policies"))
            .select_from(staged.outerjoin(policies, self.is_it()))
            .where(staged.c.policy_number.is_not(None))
            .group_by(staged.c.row)
            .subquery("fitting")
        )
        query = select(fitting).where(fitting.c.policies != 1).order_by(fitting.c.row)
        many = f"several insurers have a policy of that number; bring {self.insurer_path}"
        none = "that insurer has no policy of that number"
        rows = self.loading.db.execute(query).all()
        self.loading.refuse({row: many if count else none for row, count in rows}, "policy_number")

    def term_on(self, day: ColumnElement[Any]) -> ColumnElement[Any]:
        """The term in force on that day, else the newest of the policy."""
        covers = and_(terms.c.starts_on <= day, terms.c.expires_on >= day)
        return (
            select(terms.c.id)
            .select_from(terms.join(policies, policies.c.id == terms.c.policy_id))
            .where(self.is_it())
            .order_by(func.coalesce(covers, False).desc(), terms.c.sequence.desc())
            .limit(1)
            .correlate(self.loading.staged)
            .scalar_subquery()
        )
