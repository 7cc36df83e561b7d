"""What was asked, beside every answer: which days, of whom, of what, and where the figures come from."""

from __future__ import annotations

from typing import Any

from reports.assignment import Question
from reports.split import Split

SNAPSHOT = "the figures kept by the nightly snapshot"
TASKS = "counted anew from the tasks"


def asked(question: Question, **more: Any) -> dict[str, Any]:
    """For a file: everything that says what its figures are about. `more` comes last."""
    return {
        "from": question.period.first,
        "to": question.period.last,
        "zone": question.period.zone,
        "as_of": question.as_of,
        "by": [by.value for by in question.by],
        "only": question.only_words,
        "of": whose(question) or "the whole house",
        "source": SNAPSHOT if question.is_of_snapshot else TASKS,
        **more,
    }


def whose(question: Question | Split) -> str:
    """Whose work it is, in words; nothing where it is everybody's."""
    if question.employee_ids is None:
        return ""
    others = len(question.employee_ids) - 1
    if others < 1:
        return "your own work"
    return (
        f"your own work and that of the {others} who answer to you"
        if others > 1
        else ("your own work and that of the one who answers to you")
    )


def limits(question: Question | Split) -> str:
    """A sentence for the head of a table; nothing where all the work of the house is in it."""
    only = [whose(question), question.only_words and f"where {question.only_words}"]
    told = ", ".join(text for text in only if text)
    return f"Only {told}." if told else ""


def source(question: Question) -> str:
    """Where the figures come from, as the head of a table has it; nothing where they are counted now."""
    return f", from {SNAPSHOT}" if question.is_of_snapshot else ""
