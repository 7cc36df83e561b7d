"""Letters to clients: the published text filled with what is so at sending, and with what must not drift since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from core.errors import TaktasError
from models import work
from notifications.outbox.states import Queued
from notifications.wording.writing import Content
from standards.catalogue import COLLECTIONS, FIELDS, FieldType
from standards.letters.letter import Letter, UsedFields, WhenUnknown
from standards.letters.rendering import render_letter
from standards.letters.template import read_template
from standards.lists import Lists
from tasks.desk.answering import answer_types, known_answers_of_many
from tasks.facts.fields import facts_of_many
from tasks.facts.members import members_of
from tasks.handbooks import handbook
from tasks.record.rows import CaseRow

_CASE_COLUMNS = [work.cases.c[name] for name in CaseRow.__slots__]


def letter_contents(db: Connection, letters: Sequence[Queued], *, at: datetime) -> dict[int, Content | Exception]:
    """Each letter as its receiver will read it, or why it cannot be written, by the number of its message.

    What letters of one kind read is fetched for all of them at once.
    """
    alike: dict[tuple[int, str, frozenset[str]], list[_Draft]] = {}
    found: dict[int, Content | Exception] = {}
    cases = _cases(db, letters)
    answers = known_answers_of_many(db, sorted(cases)) if cases else {}
    for message in letters:
        case = cases.get(message.case_id or 0)
        draft = _draft(db, message, case, answers[case.id] if case else {})
        if isinstance(draft, Exception):
            found[message.id] = draft
        else:
            kind = (message.letter_version_id or 0, _subject_of(message)[0], frozenset(draft.lasting))
            alike.setdefault(kind, []).append(draft)
    for (version, subject_type, _), drafts in alike.items():
        try:
            found |= _filled(db, version, subject_type, drafts, at=at)
        except TaktasError as refusal:
            found |= {draft.message.id: refusal for draft in drafts}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A letter to be filled; `lasting` is what was written down when it was caused."""

    message: Queued
    case: CaseRow | None
    lasting: dict[str, object]


def _draft(db: Connection, message: Queued, case: CaseRow | None, answers: Mapping[str, Any]) -> _Draft | Exception:
    try:
        return _Draft(message=message, case=case, lasting=_lasting(db, message, case, answers))
    except DBAPIError:
        raise
    except Exception as mistake:
        return mistake  # it concerns this receiver only; the others leave


def _filled(
    db: Connection, version: int, subject_type: str, drafts: Sequence[_Draft], *, at: datetime
) -> dict[int, Content | Exception]:
    """Letters of one version about subjects of one type. Raises: NotPublished, FieldOutOfReach."""
    letter, lists = handbook.letter_version(db, version).letter, handbook.lists(db)
    used = fields_used(letter)
    plain = sorted(path for path in used.fields if not path.startswith(("case.", "member.")))
    wanted = [path for path in plain if path not in drafts[0].lasting]
    ids = [_subject_of(draft.message)[1] for draft in drafts]
    read = facts_of_many(db, subject_type, ids, wanted, at)
    found: dict[int, Content | Exception] = {}
    for draft, subject_id in zip(drafts, ids, strict=True):
        known = {**read.get(subject_id, dict.fromkeys(wanted)), **_lists_of(db, draft, used, at)}
        found[draft.message.id] = _content(letter, known | draft.lasting, lists)
    return found


def _content(letter: Letter, known: Mapping[str, object], lists: Lists) -> Content | Exception:
    try:
        rendered = render_letter(letter, known, lists)
    except Exception as mistake:
        return mistake  # it concerns this receiver only; the others leave
    return Content(subject=rendered.subject, text=rendered.text, html=rendered.html)


def _lists_of(db: Connection, draft: _Draft, used: UsedFields, at: datetime) -> dict[str, object]:
    if draft.case is None:
        return {}
    return {path: _members(db, draft.case, path, names, at) for path, names in used.lists.items()}


def _subject_of(message: Queued) -> tuple[str, int]:
    if message.subject_type is None or message.subject_id is None:
        return "client", message.party_id or 0
    return message.subject_type, message.subject_id


def is_sent_again(db: Connection, letter_version_id: int | None) -> bool:
    """Whether a message may go out a second time when nobody knows if the first one arrived: reminders may."""
    if letter_version_id is None:
        return True
    return handbook.letter_version(db, letter_version_id).letter.settings.when_unknown is WhenUnknown.SEND_AGAIN


def fields_used(letter: Letter) -> UsedFields:
    """What all parts of the letter read together."""
    used = UsedFields()
    for source in letter.parts().values():
        used = used.joined(read_template(source)[0])
    return used


def _cases(db: Connection, letters: Sequence[Queued]) -> dict[int, CaseRow]:
    numbers = sorted({message.case_id for message in letters if message.case_id is not None})
    if not numbers:
        return {}
    found = db.execute(select(*_CASE_COLUMNS).where(work.cases.c.id == func.any(numbers)))
    return {case.id: case for case in (CaseRow(*row) for row in found)}


def _lasting(db: Connection, message: Queued, case: CaseRow | None, known: Mapping[str, Any]) -> dict[str, object]:
    """What was written down when the letter was caused, and the answers of its case, as values again."""
    if case is None:
        return {path: fact_again(path, value) for path, value in message.facts.items()}
    kept = {f"case.{name}": value for name, value in known.items()} | message.facts
    kinds = _kinds(db, case.version_id) if kept else {}
    told = {path: fact_again(path, value, kinds.get(path)) for path, value in kept.items()}
    return {"case.started_at": case.started_at} | told


def _kinds(db: Connection, version_id: int) -> dict[str, FieldType]:
    """What kind of field each answer of a process is."""
    types = answer_types(handbook.process_version(db, version_id))
    return {f"case.{name}": FieldType(kind.value) for name, kind in types.items()}


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
