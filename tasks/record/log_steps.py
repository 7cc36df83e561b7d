"""The process behind imported cases: one step for each activity of the logs, nothing in it starts by itself."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.actor import Actor
from core.errors import TaktasError
from models.definitions import processes
from models.history import logs
from models.work import cases
from standards.lists import is_code
from standards.merge import neutral
from standards.parsing import process_of
from tasks.handbooks import handbook
from tasks.handbooks.edition import Edition, WrittenProcess
from tasks.handbooks.publishing import publish

SUBJECT = "imported_case"
OPEN_END = "imported"
"""How a case ended where nothing says more: counted neither as success nor as failure."""
UNPUBLISHED = 0
"""The version of cases written before the last activity of their log is known."""
MOST_ACTIVITIES = 1_000
_LONGEST_CODE, _LONGEST_TITLE = 60, 200
_SUCCESS = {True: "true", False: "false", None: "not counted"}

Ends = Mapping[str, bool | None]


class ProcessNotForHistory(TaktasError):
    """A log would be imported into a process of the house's own work, or into none."""


class TooManyActivities(TaktasError):
    """What a log calls activities are not activities."""


class Steps:
    """Activity -> step. An activity keeps its step in every log of the process."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self.named = dict(known)
        self._taken = set(self.named.values())

    def step(self, activity: str) -> str:
        """The step of an activity, new where it was not met before. Raises: TooManyActivities."""
        known = self.named.get(activity)
        return known if known is not None else self._new(activity)

    def _new(self, activity: str) -> str:
        if len(self.named) >= MOST_ACTIVITIES:
            raise TooManyActivities(
                f"The log has more than {MOST_ACTIVITIES:,} different activities, the last {activity[:80]!r}. "
                "Nothing was imported. Look whether the column of activities is the right one."
            )
        code = next(each for each in _codes(activity) if each not in self._taken)
        self.named[activity] = code
        self._taken.add(code)
        return code


def _codes(activity: str) -> Iterator[str]:
    """Codes an activity could have: its words in plain letters, then with a number."""
    plain = unicodedata.normalize("NFKD", activity).encode("ascii", "ignore").decode().lower()
    code = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_LONGEST_CODE]
    code = code if is_code(code) else f"activity_{code}".rstrip("_")
    yield code
    number = 1
    while number := number + 1:
        yield f"{code}_{number}"


def process_number(db: Connection, name: str, *, may_write: bool) -> int | None:
    """The process of that name; None where a dry run would make it. Raises: ProcessNotForHistory."""
    if not is_code(name):
        raise ProcessNotForHistory(
            f"Imported cases need a process of their own, and {name!r} cannot be its name. Use small letters, digits "
            "and underscores, a letter first: --process loans_2012."
        )
    found = db.execute(select(processes.c.id, processes.c.subject).where(processes.c.name == name)).first()
    if found is not None and found.subject != SUBJECT:
        raise ProcessNotForHistory(
            f"The process {name} is work of this house, about a {found.subject}; history of another system does not "
            "belong among its cases. Give it a process of its own: --process NAME."
        )
    if found is not None or not may_write:
        return found.id if found is not None else None
    row = upsert(processes).values(name=name, subject=SUBJECT).on_conflict_do_nothing()
    db.execute(row)
    return int(db.execute(select(processes.c.id).where(processes.c.name == name)).scalar_one())


def known_steps(db: Connection, process_id: int | None) -> Steps:
    """The steps that earlier logs of the process have."""
    found = db.scalars(select(logs.c.header["activities"]).where(logs.c.process_id == process_id).order_by(logs.c.id))
    return Steps({activity: step for named in found for activity, step in (named or {}).items()})


def activities_of(db: Connection) -> dict[str, str]:
    """Step -> the activity it stands for, of all imported processes."""
    found = db.scalars(select(logs.c.header["activities"]).order_by(logs.c.id))
    return {step: activity for named in found for activity, step in (named or {}).items()}


def publish_steps(
    db: Connection, actor: Actor, *, name: str, title: str, steps: Steps, ends: Ends, at: datetime
) -> None:
    """Publish the process with all its activities, and put the cases that wait for it under its newest version."""
    before = db.scalars(select(processes.c.id).where(processes.c.name == name)).one()
    earlier = {it.process.name: it.process for it in handbook.current_processes(db)}.get(name)
    known: Ends = {code: end.success for code, end in earlier.ends.items()} if earlier else {}
    called = title or next(iter(earlier.title.values() if earlier else ()), "") or name.replace("_", " ").capitalize()
    source = _source(name, called, steps, {OPEN_END: None, **known, **ends})
    publish(db, actor, Edition(processes=(WrittenProcess(process=process_of(source), source=source),)), at)
    version_id = handbook.current(db, name).version_id
    waiting = (cases.c.process_id == before, cases.c.version_id == UNPUBLISHED)
    db.execute(update(cases).where(cases.c.subject_type == SUBJECT, *waiting).values(version_id=version_id))


def _source(name: str, title: str, steps: Steps, ends: Ends) -> str:
    """The definition as people can read it: `taktas standards show` prints it."""
    named = sorted(steps.named.items(), key=lambda each: each[1]) or [("Work", "work")]
    lines = [
        f"# Work done elsewhere, as event logs tell it. Nothing starts here by itself.\nprocess: {name}",
        f"title: {_quoted(title)}\nsubject: {SUBJECT}\nstart:\n  by hand: true",
        f"begin: [{', '.join(step for _, step in named)}]\nsteps:",
    ]
    for activity, step in named:
        lines += [f"  {step}:\n    action: {step}\n    title: {_quoted(activity)}"]
        lines += [f"    outcomes:\n      done: {{end: {OPEN_END}}}"]
    lines += ["ends:", *(f"  {code}: {{success: {_SUCCESS[success]}}}" for code, success in ends.items())]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A title in YAML; braces are not fields."""
    plain = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in neutral(text))
    return json.dumps((plain.strip()[:_LONGEST_TITLE] or "?").replace("{", "{{").replace("}", "}}"), ensure_ascii=False)
