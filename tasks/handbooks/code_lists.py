"""The codes a question may be answered with: written in the process, kept as a list of the house, or in its book."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, select

from models import contracts, definitions, people
from standards.process import Question
from tasks.handbooks import handbook

_IN_THE_BOOK = {
    "insurers": contracts.insurers.c.code,
    "product_lines": contracts.product_lines.c.code,
    "products": contracts.products.c.code,
    "teams": people.teams.c.code,
    "processes": definitions.processes.c.name,
}
"""Lists that nobody writes down, because the book has them."""


def with_choices(db: Connection, questions: Iterable[Question]) -> tuple[Question, ...]:
    """The questions with every code they may be answered with."""
    return tuple(
        replace(question, choices=codes_of(db, question.code_list)) if question.code_list else question
        for question in questions
    )


def codes_of(db: Connection, name: str) -> tuple[str, ...]:
    """The codes of a list: those the house keeps under that name and those in its book, each once."""
    kept = handbook.lists(db).codes(name)
    column = _IN_THE_BOOK.get(name)
    booked = db.execute(select(column).order_by(column)).scalars().all() if column is not None else ()
    return tuple(dict.fromkeys((*booked, *kept)))
