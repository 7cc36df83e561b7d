"""What an outcome is called in a reader's language."""

from __future__ import annotations

from sqlalchemy import Connection

from tasks.handbooks import handbook
from tasks.record.rows import read_case, read_task

_FALLBACK = "en"


def outcome_label(db: Connection, task_id: int, code: str, language: str) -> str:
    """What the outcome of a task is called; its code in words where its step does not say."""
    task = read_task(db, task_id)
    words = code.replace("_", " ")
    if task.case_id is None or task.step is None:
        return words
    step = handbook.process_version(db, read_case(db, task.case_id).version_id).steps.get(task.step)
    labels = step.labels.get(code, {}) if step is not None else {}
    return labels.get(language) or labels.get(_FALLBACK) or words
