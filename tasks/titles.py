"""What a task is called: rendered from its definition in the reader's language, many tasks in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.settings import settings
from models import work
from standards.catalogue import fields_of
from standards.lists import FALLBACK_LANGUAGE
from standards.merge import MergeText, neutral, parse_merge
from standards.process import Process
from tasks import handbook
from tasks.answering import answer_types, fact_of
from tasks.fields import Fact, facts_of_many
from tasks.members import member_name
from tasks.rows import TaskRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled:
    """A task as its title needs it: its own words, or the step of the case it stands for."""

    task_id: int
    title: str | None
    case_id: int | None
    version_id: int | None
    step: str | None
    member: str
    subject_type: str | None
    subject_id: int | None
    items: int


_Text = tuple[MergeText, Process | None]

_task, _case, _item, _answer = work.tasks.c, work.cases.c, work.task_items.c, work.answers.c
_FIRST_ITEM = (
    select(_item.case_id, _item.step, _item.member, func.count().over().label("item_count"))
    .where(_item.task_id == _task.id)
    .order_by(_item.id)
    .limit(1)
    .lateral("first_item")
)
_TITLED = (
    select(
        _task.id.label("task_id"),
        _task.title,
        _case.id.label("case_id"),
        _case.version_id,
        func.coalesce(_task.step, _FIRST_ITEM.c.step).label("step"),
        func.coalesce(func.nullif(_task.member, ""), _FIRST_ITEM.c.member, "").label("member"),
        func.coalesce(_case.subject_type, _task.subject_type).label("subject_type"),
        func.coalesce(_case.subject_id, _task.subject_id).label("subject_id"),
        func.coalesce(_FIRST_ITEM.c.item_count, 0).label("items"),
    )
    .select_from(work.tasks)
    .join(_FIRST_ITEM, _task.case_id.is_(None), isouter=True)
    .join(work.cases, _case.id == func.coalesce(_task.case_id, _FIRST_ITEM.c.case_id), isouter=True)
    .where(_task.id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
)
_ANSWERS = (
    select(_answer.case_id, _answer.name, _answer.value)
    .where(_answer.case_id == func.any(bindparam("ids", type_=ARRAY(BigInteger))), _answer.withdrawn_at.is_(None))
    .order_by(_answer.id)
)


def titles_of(db: Connection, task_ids: Sequence[int], language: str, at: datetime) -> dict[int, str]:
    """The titles of these tasks in that language, by number: few statements, however many tasks."""
    tasks = [Titled(**row) for row in db.execute(_TITLED, {"ids": list(task_ids)}).mappings()]
    texts = {one.task_id: _text_of(db, one, language) for one in tasks}
    facts = _facts(db, tasks, texts, at)
    return {one.task_id: _shown(texts[one.task_id][0], facts[one.task_id], one.items) for one in tasks}


def name_of(db: Connection, task: TaskRow, at: datetime) -> str:
    """A task in a sentence: `task 7 'Send offer'`."""
    title = titles_of(db, [task.id], settings().language, at).get(task.id, "")
    return f"task {task.id} '{title}'"


def _text_of(db: Connection, one: Titled, language: str) -> _Text:
    if one.version_id is None or one.step is None:
        return MergeText(parts=(neutral(one.title or ""),)), None
    process = handbook.process_version(db, one.version_id)
    step = process.steps.get(one.step)
    written = step.title if step else {}
    found = written.get(language) or written.get(FALLBACK_LANGUAGE) or next(iter(written.values()), "")
    name = (step.action if step and step.action else one.step).replace("_", " ")
    default = f"{name.capitalize()}: {{client.name}}" if "client.name" in fields_of(process.subject) else name
    return _parsed(found or default), process


@lru_cache(maxsize=2048)
def _parsed(written: str) -> MergeText:
    return parse_merge(written)


def _shown(text: MergeText, facts: Mapping[str, Fact], items: int) -> str:
    shown = text.render(facts)
    return f"{shown} (+{items - 1})" if items > 1 else shown


def _facts(
    db: Connection, tasks: Sequence[Titled], texts: Mapping[int, _Text], at: datetime
) -> dict[int, dict[str, Fact]]:
    by_type: dict[str, list[Titled]] = {}
    for one in tasks:
        if one.subject_type is not None and texts[one.task_id][0].fields:
            by_type.setdefault(one.subject_type, []).append(one)
    found: dict[int, dict[str, Fact]] = {one.task_id: {} for one in tasks}
    for subject_type, alike in by_type.items():
        paths = {path for one in alike for path in texts[one.task_id][0].fields if not path.startswith(_OWN)}
        ids = [one.subject_id for one in alike if one.subject_id is not None]
        read = facts_of_many(db, subject_type, ids, sorted(paths), at) if paths else {}
        for one in alike:
            found[one.task_id] |= read.get(one.subject_id or 0, {})
    _add_own(db, tasks, texts, found)
    return found


_OWN = ("case.", "member.")


def _add_own(
    db: Connection, tasks: Iterable[Titled], texts: Mapping[int, _Text], found: dict[int, dict[str, Fact]]
) -> None:
    """What hangs on the case and on the member of a list, not on the subject."""
    asking = [one for one in tasks if any(path.startswith(_OWN) for path in texts[one.task_id][0].fields)]
    answers = _answers(db, [one.case_id for one in asking if one.case_id is not None])
    for one in asking:
        process = texts[one.task_id][1]
        kinds = answer_types(process) if process else {}
        for path in texts[one.task_id][0].fields:
            name = path.partition(".")[2]
            if path == "member.name" and one.member:
                found[one.task_id][path] = member_name(db, one.member)
            elif path.startswith("case.") and name in answers.get(one.case_id or 0, {}):
                found[one.task_id][path] = fact_of(answers[one.case_id or 0][name], kinds.get(name))


def _answers(db: Connection, case_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for row in db.execute(_ANSWERS, {"ids": list(case_ids)}) if case_ids else ():
        found.setdefault(row.case_id, {})[row.name] = row.value
    return found
