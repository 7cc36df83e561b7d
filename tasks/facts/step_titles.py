"""What the steps of a process are called, in the short form kept beside a published version: lists read only that."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from models.upgrading import known_versions
from standards.merge import parse_merge

if TYPE_CHECKING:
    from standards.process import Process, Step

ShortForm = dict[str, Any]
"""`steps`: step -> title by language, and action; `answers`: question -> kind of its answer; `facts`: how fields of
the subject are read (see `reading_of`); `revision`: of which version of the tables that holds."""

OWN = ("case.", "member.")
"""Fields that hang on the case, or on the member of a list, not on the subject."""
_ABOUT_NOBODY = frozenset({"employee", "imported_case", "period"})
_MOMENT = datetime(1801, 2, 3, 4, 5, 6, 7, tzinfo=UTC)  # stands for the moment while a statement is built


def short_form(process: Process) -> ShortForm:
    """The short form of a process, for the present version of the tables."""
    steps: dict[str, dict[str, Any]] = {
        step.name: {"title": _titles(step, process.subject), "action": step.action}
        for step in process.steps.values()
        if step.action is not None
    }
    asked = [question for step in process.steps.values() for question in step.ask]
    asked += [
        question for step in process.steps.values() for outcome in step.outcomes.values() for question in outcome.ask
    ]
    written = {text for step in steps.values() for text in step["title"].values()}
    paths = {path for text in written for path in parse_merge(text).fields if not path.startswith(OWN)}
    return {
        "steps": steps,
        "answers": {question.name: question.type.value for question in asked},
        "facts": reading_of(process.subject, sorted(paths)),
        "revision": known_versions()[0],
    }


def _titles(step: Step, subject: str) -> dict[str, str]:
    """The titles as written; a step without any is called by its action and its client."""
    if step.title:
        return dict(step.title)
    words = (step.action or step.name).replace("_", " ").capitalize()
    return {"en": words if subject in _ABOUT_NOBODY else f"{words}: {{client.name}}"}


def reading_of(subject_type: str, paths: list[str]) -> dict[str, Any]:
    """How these fields are read for many subjects: a statement, and what its parameters stand for.

    A parameter is `[name, "moment" | "day" | "value", value]`; beside them the statement takes `ids`.
    """
    from sqlalchemy import BigInteger, bindparam, func, make_url, select
    from sqlalchemy.dialects.postgresql import ARRAY

    from tasks.facts.computed import AsOf
    from tasks.facts.fields import Reading

    reading = Reading(subject_type, _MOMENT)
    columns = [reading.shown(path).label(f"fact_{place}") for place, path in enumerate(paths)]
    wanted = reading.subject_id == func.any(bindparam("ids", type_=ARRAY(BigInteger)))
    statement = select(reading.subject_id, *columns).select_from(reading.source).where(wanted)
    compiled = statement.compile(dialect=make_url("postgresql+psycopg2://").get_dialect()())
    day = AsOf.of(_MOMENT).day
    parameters = [_parameter(name, value, day) for name, value in compiled.params.items() if name != "ids"]
    return {"paths": paths, "sql": str(compiled), "parameters": parameters}


def _parameter(name: str, value: Any, day: date) -> list[Any]:
    if value == _MOMENT:
        return [name, "moment", None]
    return [name, "day", None] if value == day else [name, "value", value]
