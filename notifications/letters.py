"""Letters to clients: the published text filled with what is so at sending, and with what must not drift since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from models import work
from notifications.states import Queued
from notifications.writing import Content
from standards.catalogue import COLLECTIONS, FIELDS, FieldType
from standards.letters.letter import Letter, UsedFields, WhenUnknown
from standards.letters.rendering import render_letter
from standards.letters.template import read_template
from tasks.desk.answering import answer_types, known_answers
from tasks.facts.fields import facts, facts_of_many
from tasks.facts.members import members_of
from tasks.handbooks import handbook
from tasks.record.rows import CaseRow

_CASE_COLUMNS = [work.cases.c[name] for name in CaseRow.__slots__]


def letter_content(db: Connection, message: Queued, *, at: datetime) -> Content:
    """The letter as its receiver will read it. Raises: NotPublished, LetterNotRendered, FieldOutOfReach."""
    published = handbook.letter_version(db, message.letter_version_id or 0)
    rendered = render_letter(published.letter, letter_facts(db, message, published.letter, at=at), handbook.lists(db))
    return Content(subject=rendered.subject, text=rendered.text, html=rendered.html)


def is_sent_again(db: Connection, letter_version_id: int | None) -> bool:
    """Whether a message may go out a second time when nobody knows if the first one arrived: reminders may."""
    if letter_version_id is None:
        return True
    return handbook.letter_version(db, letter_version_id).letter.settings.when_unknown is WhenUnknown.SEND_AGAIN


def letter_facts(db: Connection, message: Queued, letter: Letter, *, at: datetime) -> dict[str, object]:
    """Path -> value of every field the letter reads; amounts and dates are those of the day it was caused."""
    used = fields_used(letter)
    case = _case(db, message.case_id)
    lasting = _lasting(db, message, case)
    plain = [path for path in used.fields if not path.startswith(("case.", "member.")) and path not in lasting]
    found: dict[str, object] = dict(_subject_facts(db, message, plain, at))
    for path, names in used.lists.items():
        if case is not None:
            found[path] = _members(db, case, path, names, at)
    return found | lasting


def fields_used(letter: Letter) -> UsedFields:
    """What all parts of the letter read together."""
    used = UsedFields()
    for source in letter.parts().values():
        used = used.joined(read_template(source)[0])
    return used


def _subject_facts(db: Connection, message: Queued, paths: Iterable[str], at: datetime) -> Mapping[str, object]:
    if message.subject_type is None or message.subject_id is None:
        return facts(db, "client", message.party_id or 0, paths, at)
    return facts(db, message.subject_type, message.subject_id, paths, at)


def _case(db: Connection, case_id: int | None) -> CaseRow | None:
    found = db.execute(select(*_CASE_COLUMNS).where(work.cases.c.id == case_id)).first() if case_id else None
    return CaseRow(*found) if found else None


def _lasting(db: Connection, message: Queued, case: CaseRow | None) -> dict[str, object]:
    """What was written down when the letter was caused, and the answers of its case, as values again."""
    if case is None:
        return {path: fact_again(path, value) for path, value in message.facts.items()}
    types = answer_types(handbook.process_version(db, case.version_id))
    answers = {f"case.{name}": value for name, value in known_answers(db, case.id).items()}
    kinds = {f"case.{name}": FieldType(kind.value) for name, kind in types.items()}
    told = {path: fact_again(path, value, kinds.get(path)) for path, value in (answers | message.facts).items()}
    return {"case.started_at": case.started_at} | told


def fact_again(path: str, value: Any, kind: FieldType | None = None) -> object:
    """A stored fact as the value it was: amounts as Decimal, dates as dates."""
    known = kind or (FIELDS[path].type if path in FIELDS else None)
    if known is FieldType.MONEY:
        return Decimal(value["amount"] if isinstance(value, dict) else str(value))
    if known is FieldType.DATE and isinstance(value, str):
        return date.fromisoformat(value)
    if known is FieldType.MOMENT and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value


def _members(
    db: Connection, case: CaseRow, path: str, names: Iterable[str], at: datetime
) -> tuple[dict[str, object], ...]:
    """The members of a list with the fields the letter reads of each."""
    kind = COLLECTIONS[path].member
    if kind is None:
        return ()
    ids = [int(member.partition(":")[2]) for member in members_of(db, case, path, None, at)]
    if not ids:
        return ()
    told = facts_of_many(db, kind, ids, [f"{kind}.{name}" for name in names], at)
    return tuple({name: told[number][f"{kind}.{name}"] for name in names} for number in ids if number in told)
