"""What a task is called: rendered from its definition in the reader's language, many tasks in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from core.clock import zone
from core.settings import settings
from models.upgrading import known_versions
from standards.merge import MergeText, neutral, parse_merge
from tasks.facts.step_titles import OWN, ShortForm

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tasks.record.rows import TaskRow

_FALLBACK = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled:
    """A task as its title needs it: its own words, or the step of the case it stands for."""

    task_id: int
    title: str | None
    case_id: int | None
    version_id: int | None
    step: str | None
    member: str
    subject_id: int | None
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """The tasks whose titles are wanted, with their texts and the short forms of their processes."""

    tasks: Sequence[Titled]
    texts: Mapping[int, MergeText]
    forms: Mapping[int, ShortForm]

    def asking(self, own: bool) -> list[Titled]:
        """The tasks whose titles show fields of the case itself, or else of its subject."""
        return [
            one for one in self.tasks if any(path.startswith(OWN) == own for path in self.texts[one.task_id].fields)
        ]


_TITLED = """
SELECT tasks.id AS task_id, tasks.title, cases.id AS case_id, cases.version_id,
       coalesce(tasks.step, first_item.step) AS step,
       coalesce(nullif(tasks.member, ''), first_item.member, '') AS member,
       coalesce(cases.subject_id, tasks.subject_id) AS subject_id,
       coalesce(first_item.items, 0) AS items
FROM tasks
LEFT JOIN LATERAL (
    SELECT case_id, step, member, count(*) OVER () AS items
    FROM task_items WHERE task_id = tasks.id ORDER BY id LIMIT 1
) AS first_item ON tasks.case_id IS NULL
LEFT JOIN cases ON cases.id = coalesce(tasks.case_id, first_item.case_id)
WHERE tasks.id = ANY(%(ids)s)
"""
_ANSWERS = """
SELECT case_id, name, value FROM answers WHERE case_id = ANY(%(ids)s) AND withdrawn_at IS NULL ORDER BY id
"""
_FORMS = "SELECT id, titles FROM process_versions WHERE id = ANY(%(ids)s)"


def titles_of(db: Connection, task_ids: Sequence[int], language: str, at: datetime) -> dict[int, str]:
    """The titles of these tasks in that language, by number: few statements, however many tasks."""
    tasks = [Titled(**row._asdict()) for row in db.exec_driver_sql(_TITLED, {"ids": list(task_ids)}).all()]
    forms = _short_forms(db, {one.version_id for one in tasks if one.version_id is not None})
    texts = {one.task_id: _text_of(one, forms, language) for one in tasks}
    batch = _Batch(tasks=tasks, texts=texts, forms=forms)
    facts: dict[int, dict[str, Any]] = {one.task_id: {} for one in tasks}
    _add_facts(db, batch, facts, at)
    _add_own(db, batch, facts)
    return {one.task_id: _shown(texts[one.task_id], facts[one.task_id], one.items) for one in tasks}


def name_of(db: Connection, task: TaskRow, at: datetime) -> str:
    """A task in a sentence: `task 7 'Send offer'`."""
    title = titles_of(db, [task.id], settings().language, at).get(task.id, "")
    return f"task {task.id} '{title}'"


def _short_forms(db: Connection, version_ids: Iterable[int]) -> dict[int, ShortForm]:
    ids = sorted(version_ids)
    rows = db.exec_driver_sql(_FORMS, {"ids": ids}).all() if ids else []
    return {row.id: _form(db, row.id, row.titles) for row in rows}


def _form(db: Connection, version_id: int, kept: ShortForm | None) -> ShortForm:
    """The short form kept with a version; made anew when there is none, or the tables have changed since."""
    if kept is not None and kept["revision"] == known_versions()[0]:
        return kept
    from tasks.facts.step_titles import short_form
    from tasks.handbooks.handbook import process_version  # late: reading a definition takes longer than showing a list

    return short_form(process_version(db, version_id))


def _text_of(one: Titled, forms: Mapping[int, ShortForm], language: str) -> MergeText:
    if one.version_id is None or one.step is None:
        return MergeText(parts=(neutral(one.title or ""),))
    step = forms[one.version_id]["steps"].get(one.step, {})
    written = step.get("title", {})
    return _parsed(written.get(language) or written.get(_FALLBACK) or next(iter(written.values()), one.step))


@lru_cache(maxsize=2048)
def _parsed(written: str) -> MergeText:
    return parse_merge(written)


def _shown(text: MergeText, facts: Mapping[str, Any], items: int) -> str:
    shown = text.render(facts)
    return f"{shown} (+{items - 1})" if items > 1 else shown


def _add_facts(db: Connection, batch: _Batch, found: dict[int, dict[str, Any]], at: datetime) -> None:
    """Fields of the subjects: one statement for each version among the tasks."""
    by_version: dict[int, list[Titled]] = {}
    for one in batch.asking(own=False):
        if one.version_id is not None:
            by_version.setdefault(one.version_id, []).append(one)
    for version_id, alike in by_version.items():
        how = batch.forms[version_id]["facts"]
        subjects = _read(db, how, sorted({one.subject_id or 0 for one in alike}), at)
        for one in alike:
            found[one.task_id] |= subjects.get(one.subject_id or 0, {})


def _read(db: Connection, how: Mapping[str, Any], ids: list[int], at: datetime) -> dict[int, dict[str, Any]]:
    known = {"moment": at, "day": at.astimezone(zone(settings().zone)).date()}
    parameters = {name: known.get(kind, value) for name, kind, value in how["parameters"]}
    rows = db.exec_driver_sql(how["sql"], parameters | {"ids": ids})
    return {row[0]: dict(zip(how["paths"], row[1:], strict=True)) for row in rows.all()}


def _add_own(db: Connection, batch: _Batch, found: dict[int, dict[str, Any]]) -> None:
    """What hangs on the case and on the member of a list."""
    asking = batch.asking(own=True)
    answers = _answers(db, [one.case_id for one in asking if one.case_id is not None])
    for one in asking:
        kinds = batch.forms[one.version_id]["answers"] if one.version_id is not None else {}
        for path in batch.texts[one.task_id].fields:
            if path.startswith(OWN):
                found[one.task_id][path] = _own(db, path, one, answers.get(one.case_id or 0, {}), kinds)


def _own(db: Connection, path: str, one: Titled, answers: Mapping[str, Any], kinds: Mapping[str, str]) -> Any:
    from tasks.facts.members import member_name
    from tasks.facts.stored_answers import fact_of_kind

    name = path.partition(".")[2]
    if path == "member.name":
        return member_name(db, one.member) if one.member else None
    return fact_of_kind(answers[name], kinds.get(name)) if name in answers else None


def _answers(db: Connection, case_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for row in db.exec_driver_sql(_ANSWERS, {"ids": list(case_ids)}).all() if case_ids else ():
        found.setdefault(row.case_id, {})[row.name] = row.value
    return found
