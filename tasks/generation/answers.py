"""Questions and answers between the candidates in PostgreSQL and the rules in Python: distinct ones only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, func, insert, literal, select

from standards.service.standard import Dimensions
from tasks.generation.plan import Plan
from tasks.generation.seating import NOT_DEALT, Deal, Inquiry, Place, Seating
from tasks.generation.stage import BETWEEN, DIMENSIONS, NOBODY, Stage


def answer(db: Connection, plan: Plan, stage: Stage, seating: Seating) -> list[Deal]:
    """Ask for the distinct questions of the candidates that are not left out, and load the answers.

    Returns the deals that are to be made, in the order of their buckets. Raises: AmbiguousStandards, BeyondCalendar.
    """
    _load_combinations(db, plan, stage, seating)
    _load_desks(db, stage, seating)
    return _load_seats(db, plan, stage, seating)


def _load_combinations(db: Connection, plan: Plan, stage: Stage, seating: Seating) -> None:
    candidate, step = stage.candidates.c, plan.step
    found = db.execute(select(candidate.dimensions).where(candidate.reason.is_(None)).distinct()).scalars().all()
    known = {"action": step.action or "", "step": step.name} if step else {}
    wanted = {
        strung: Dimensions(
            process=plan.process.name, **known, **dict(zip(DIMENSIONS, strung.split(BETWEEN), strict=True))
        )
        for strung in found
    }
    seating.resolve(list(wanted.values()))
    rows: list[dict[str, Any]] = []
    for strung, dimensions in wanted.items():
        number, timing = seating.resolutions[dimensions]
        row = {"dimensions": strung, "product_line": dimensions.product_line, "insurer": dimensions.insurer}
        row |= {"resolution_id": number, "combination": len(rows), "timing": timing}
        rows.append(row | {"effort_minutes": max(seating.timings[timing].effort_minutes, 1)})
    load(db, stage.combinations, rows)


def _load_desks(db: Connection, stage: Stage, seating: Seating) -> None:
    load(db, stage.desks, [{"employee_id": it, "class": number} for it, number in seating.class_of.items()])


def _load_seats(db: Connection, plan: Plan, stage: Stage, seating: Seating) -> list[Deal]:
    names = [column.name for column in question_columns(plan, stage)]
    seats: list[dict[str, Any]] = []
    timers: list[dict[str, Any]] = []
    deals: dict[Deal, int] = {}
    for row in db.execute(_questions(plan, stage)):
        inquiry = _inquiry(plan, row)
        found = seating.place(inquiry)
        seat = dict(zip(names, row, strict=True)) | {"seat": len(seats)}
        if isinstance(found, Place):
            seat |= seating.row(len(seats), inquiry, found)
            timers += seating.timer_rows(len(seats), inquiry, found.clock)
        elif isinstance(found, Deal):
            seat |= {"bucket": deals.setdefault(found, len(deals)), "reason": NOT_DEALT}
        else:
            seat |= {"reason": found}
        seats.append(seat)
    load(db, stage.seats, seats)
    load(db, stage.timers, timers)
    return list(deals)


def _inquiry(plan: Plan, row: Any) -> Inquiry:
    owners, anchors = len(plan.roles), len(plan.anchors)
    return Inquiry(
        classes=tuple(row[:owners]),
        dealt_class=row[owners],
        anchors=tuple(row[owners + 1 : owners + 1 + anchors]),
        timing=row[-1],
    )


def question_columns(plan: Plan, stage: Stage) -> list[ColumnElement[Any]]:
    """The columns of the table of seats that make one distinct question."""
    seat = stage.seats.c
    classes = [seat[f"class_{place}"] for place in range(len(plan.roles))]
    anchors = [seat[f"anchor_{place}"] for place in range(len(plan.anchors))]
    return [*classes, seat.dealt_class, *anchors, seat.timing]


def _questions(plan: Plan, stage: Stage) -> Any:
    source, asked = asking(plan, stage)
    labelled = [it.label(f"asked_{place}") for place, it in enumerate(asked)]
    return select(*labelled).select_from(source).where(stage.candidates.c.reason.is_(None)).distinct()


def asking(plan: Plan, stage: Stage) -> tuple[FromClause, list[ColumnElement[Any]]]:
    """The candidates with their combination and the classes of their owners, and the columns of their question."""
    candidate, combination = stage.candidates, stage.combinations
    source: FromClause = candidate.join(combination, combination.c.dimensions == candidate.c.dimensions)
    asked: list[ColumnElement[Any]] = []
    for column in [*(f"owner_{place}" for place in range(len(plan.roles))), "dealt_id"]:
        if column == "dealt_id" and not plan.teams:
            asked.append(literal(NOBODY))
            continue
        desk = stage.desks.alias(f"desk_of_{column}")
        source = source.outerjoin(desk, desk.c.employee_id == candidate.c[column])
        asked.append(func.coalesce(desk.c["class"], NOBODY))
    asked += [candidate.c[f"anchor_{place}"] for place in range(len(plan.anchors))]
    return source, [*asked, combination.c.timing]


def with_seats(plan: Plan, stage: Stage) -> FromClause:
    """The candidates that are not left out, each with its combination and its seat."""
    source, asked = asking(plan, stage)
    answered = question_columns(plan, stage)
    return source.join(stage.seats, and_(*(each == known for each, known in zip(asked, answered, strict=True))))


def load(db: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    """Write answers into a table; rows may leave columns out."""
    if rows:
        names = [column.name for column in table.columns]
        db.execute(insert(table), [{name: row.get(name) for name in names} for row in rows])
